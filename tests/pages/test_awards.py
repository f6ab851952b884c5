"""The facilitator's contracts: notices looked at with every hypothesis, changed, accepted, followed; feasibility."""

from __future__ import annotations

import gzip
import html
import re
from typing import Any

import pytest

from tests.pages.conftest import Site, Visitor
from tests.service.lists import World
from tests.service.support import ROOT

NOTICES = (ROOT / "data_samples" / "awards.json").read_bytes()
TABLE = "award_id;objet;montant;code cpv;notifié le;durée mois;lieu;clause sociale\n"
ROW = "A1;Gros oeuvre d'une école;1000000;45223220;2026-10-01;24;91100;Clause sociale\n"


def text(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def where(page: Any) -> str:
    return str(page.url.path)


@pytest.fixture
def facilitator(site: Site) -> Visitor:
    return site.visitor("facilitator")


def send(visitor: Visitor, content: bytes | str, name: str = "contrats.csv", **fields: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return visitor.send("/notices", files={"file": (name, raw, "application/octet-stream")}, **fields)


def typed(page: Any) -> dict[str, Any]:
    """Every field of the form as it stands, as a browser would send it back."""
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]+>", page.text):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        name = found.get("name")
        if name in (None, "csrf", "back", "language") or (found.get("type") == "checkbox" and "checked" not in tag):
            continue
        fields.setdefault(html.unescape(name), []).append(html.unescape(found.get("value", "")))
    return fields


def test_every_term_of_the_hours_is_shown(facilitator: Visitor) -> None:
    said = text(send(facilitator, TABLE + ROW))
    assert "1 ouvrent des postes" in said
    assert "part de main-d'œuvre : 50,0" in said
    assert "taux d'insertion : 5,0" in said
    assert "plancher de la charte" in said
    assert "coût horaire : 30,00 €, valeur par défaut" in said
    assert "833 h" in said
    assert facilitator.page("/awards").text.count("/awards/A1") == 0


def test_a_change_is_computed_again_then_saved(facilitator: Visitor) -> None:
    page = send(facilitator, TABLE + ROW)
    fields = typed(page)
    work = next(name for name in fields if name.startswith("work-"))
    places = next(name for name in fields if name.startswith("openings-"))
    again = facilitator.send(
        where(page), **{**fields, "insertion_rate-0": "10", work: "conducteur d'engins", places: "7"}, then="again"
    )
    assert "Recalculé" in again.text
    assert "1 667 h" in text(again).replace("\u202f", " ").replace("\xa0", " ")
    assert "donné par la notice" in text(again)
    done = facilitator.send(where(page), **typed(again), then="accept")
    assert where(done).startswith("/awards/")
    assert where(done) == "/awards/A1"
    said = text(done)
    assert "Contrats et postes enregistrés" in said
    assert "conducteur d'engins" in said
    assert "0 sur 7" in said
    assert "dues" in said
    assert "A1" in facilitator.page("/awards").text


def test_what_cannot_be_read_is_told_beside_what_was_typed(facilitator: Visitor) -> None:
    page = send(facilitator, TABLE + ROW)
    bad = facilitator.send(where(page), **{**typed(page), "hours-0": "beaucoup"}, then="accept")
    assert bad.status_code == 422
    assert "ce n'est pas un nombre : beaucoup" in text(bad)
    assert 'value="beaucoup"' in bad.text
    assert "A1" not in facilitator.page("/awards").text


def test_a_contract_left_out_is_not_saved(facilitator: Visitor) -> None:
    page = send(facilitator, TABLE + ROW + ROW.replace("A1;Gros oeuvre d'une école", "A2;Peinture d'une crèche"))
    fields = typed(page)
    del fields["keep-0"]
    facilitator.send(where(page), **fields, then="accept")
    found = facilitator.page("/awards").text
    assert "/awards/A2" in found
    assert "/awards/A1" not in found


@pytest.mark.parametrize("packed", [False, True])
def test_published_notices_are_read_as_the_command_reads_them(facilitator: Visitor, packed: bool) -> None:
    page = send(facilitator, gzip.compress(NOTICES) if packed else NOTICES, "decp.json.gz" if packed else "decp.json")
    assert page.status_code == 200
    said = text(page)
    assert "accord-cadre : plafond" in said
    aside = facilitator.page(f"{where(page)}?show=aside")
    assert aside.status_code == 200
    done = facilitator.send(where(page), **typed(page), then="accept")
    assert "/positions" in done.text or done.status_code == 200
    assert facilitator.page("/awards").text.count('scope="row"') > 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vide.json", b"", "est vide"),
        ("page.xml", b"<marches/>", "XML"),
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0", "n'est ni un CSV"),
        ("bombe.json.gz", gzip.compress(b" " * (140 << 20)), "démesuré"),
        ("casse.json", b'{"marches": [', "illisible"),
    ],
)
def test_what_is_no_notice_is_refused_in_words(facilitator: Visitor, name: str, content: bytes, words: str) -> None:
    page = send(facilitator, content, name)
    assert page.status_code == 422
    assert words in html.unescape(page.text)


def test_only_a_facilitator_and_only_of_that_organisation(site: Site, facilitator: Visitor) -> None:
    page = send(facilitator, TABLE + ROW)
    facilitator.send(where(page), **typed(page), then="accept")
    other = site.visitor("facilitator", "B")
    assert other.page("/awards/A1").status_code == 404
    assert "A1" not in other.page("/awards").text
    for role in ("adviser", "contractor", "auditor", "admin"):
        visitor = site.visitor(role)
        for path in ("/awards", "/notices", "/awards/A1", "/feasibility"):
            assert visitor.page(path).status_code == 403, (role, path)


def test_feasibility_counts_who_could_and_hides_the_few(site: Site) -> None:
    world = World(site.api).fill()
    world.put(
        world.adviser,
        "candidates",
        [
            {
                "candidate_id": f"F{n}",
                "commune": "91228",
                "occupations": "F1703",
                "benefits": ["RSA"],
                "jobseeker": True,
            }
            for n in range(12)
        ]
        + [{"candidate_id": f"K{n}", "commune": "91228", "occupations": "K2204"} for n in range(3)],
    )
    visitor = site.visitor("facilitator")
    said = text(visitor.page("/feasibility?works=F1703,K2204&place=91228&amount=1000000&object=Gros+oeuvre"))
    assert "Les heures que la clause donnerait" in said
    assert "833 h" in said
    assert "moins de 5" in said
    assert "réaliste" in said
    assert "F1703" in said
    empty = text(visitor.page("/feasibility?works=F1703"))
    assert "Lieu : un code postal" in empty
    assert visitor.page("/feasibility?object=%3Cscript%3Ealert(1)&place=91").text.count("<script>alert") == 0


def test_a_contract_without_a_position_is_given_one(facilitator: Visitor) -> None:
    small = ROW.replace("1000000", "20000")
    assert small != ROW
    page = send(facilitator, TABLE + small)
    assert "1 suivis, sans poste" in text(page)
    assert "Ouvrir un poste quand même" in text(page)
    fields = {**typed(page), "work-new-0": "F1703", "openings-new-0": "0"}
    wrong = facilitator.send(where(page), **fields, then="accept")
    assert "un nombre entier de places, à partir de 1" in text(wrong)
    fields = {**typed(page), "work-new-0": "F1703", "openings-new-0": "2"}
    done = facilitator.send(where(page), **fields, then="accept")
    assert where(done) == "/awards/A1"
    assert "/positions/A1-P1" in done.text
    again = send(facilitator, TABLE + small)
    refused = facilitator.send(where(again), **{**typed(again), "work-new-0": "F1703"}, then="accept")
    assert "A1-P1 : ce contrat a déjà ce poste." in text(refused)


def test_a_contract_of_any_name_has_its_page(facilitator: Visitor) -> None:
    for name in ("import", "new"):
        page = send(facilitator, TABLE + ROW.replace("A1", name))
        done = facilitator.send(where(page), **typed(page), then="accept")
        assert where(done) == f"/awards/{name}"
        assert "833 h" in text(done)
