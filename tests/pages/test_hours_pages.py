"""Hours of a contract: typed, read page by page (the log says so), or sent in a file that is looked at first."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.pages.conftest import Site, Visitor
from tests.pages.places import facilitator, words
from tests.service.databases import siret_of
from tests.service.lists import SITE, World
from tests.service.walk import Walk

MONTH = "2026-10"
HEADERS = "contrat;référence;entreprise;modalité;mois;heures\n"


@pytest.fixture
def walk(site: Site) -> Walk:
    return Walk(World(site.api))


@pytest.fixture
def visitor(site: Site, walk: Walk) -> Visitor:
    return facilitator(site)


def person(walk: Walk, name: str = "P4") -> str:
    return walk.references["A", name]


def line(walk: Walk, hours: object, *, award: str = "M1", name: str = "P4", month: str = MONTH) -> str:
    return f"{award};{person(walk, name)};{siret_of(SITE)};direct;{month};{hours}\n"


def send(visitor: Visitor, content: str, **fields: str) -> Any:
    return visitor.send(
        "/imports", files={"file": ("heures.csv", content.encode(), "text/csv")}, kind="hours", **fields
    )


def text(page: Any) -> str:
    return html.unescape(words(page.text))


def entered(visitor: Visitor) -> list[Any]:
    return list(visitor.page("/awards/M1/hours").text.split("Heures enregistrées, le dernier mois")[1:])


def typed(walk: Walk, *hours: object) -> dict[str, list[Any]]:
    return {
        "candidate_id": [person(walk)] * len(hours),
        "employer": [f"E{place}" for place in range(len(hours))],
        "mode": ["direct"] * len(hours),
        "month": [MONTH] * len(hours),
        "hours": [str(one) for one in hours],
    }


def test_typed_lines_are_kept_all_or_none(visitor: Visitor, walk: Walk) -> None:
    refused = visitor.send("/awards/M1/hours", **typed(walk, 10, 500))
    assert refused.status_code == 422
    assert "la personne aurait plus de 208 heures" in text(refused)
    assert 'value="500"' in refused.text
    assert "Aucune heure enregistrée" in text(visitor.page("/awards/M1/hours"))
    done = visitor.send("/awards/M1/hours", **typed(walk, 10, 50))
    assert "Enregistré." in text(done)
    assert person(walk) in text(done)
    assert "60 faites" in text(done)
    assert "Heures faites depuis le début, et attendues" in text(done)
    assert re.search(r"10/2026 60 60 \d+", text(done))


def test_each_look_at_the_hours_is_in_the_log(visitor: Visitor, walk: Walk) -> None:
    visitor.page("/awards/M1/hours")
    assert walk.world.log(action="hours.see") == []  # nobody to see yet
    visitor.send("/awards/M1/hours", **typed(walk, 10))  # the page that follows shows them
    assert [entry["object"] for entry in walk.world.log(action="hours.see")] == ["award:M1"]
    visitor.page("/awards/M1/hours")
    [_one, entry] = walk.world.log(action="hours.see")
    assert len(entry["subjects"]) == 1


def test_hours_are_read_page_by_page(visitor: Visitor, walk: Walk) -> None:
    rows = [
        {"award_id": "M1", "candidate_id": person(walk), "employer": f"E{n:02}", "mode": "direct", "month": MONTH,
         "hours": 1}
        for n in range(60)
    ]  # fmt: skip
    assert walk.world.facilitator.put("/api/v1/hours", json={"hours": rows}).json()["created"] == 60
    first = visitor.page("/awards/M1/hours")
    assert len(re.findall(r">E\d\d<", first.text)) == 50
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = visitor.page(html.unescape(following[1]))
    assert len(re.findall(r">E\d\d<", second.text)) == 10
    assert "Revenir au début" in second.text
    assert 'rel="next"' not in second.text
    wrong = visitor.page("/awards/M1/hours?cursor=faux")
    assert wrong.status_code == 422
    assert "cursor" in text(wrong)


def test_another_s_contract_shows_nothing(site: Site, visitor: Visitor, walk: Walk) -> None:
    visitor.send("/awards/M1/hours", **typed(walk, 10))
    other = site.visitor("facilitator", "G")
    assert other.page("/awards/M1/hours").status_code == 404
    refused = send(other, HEADERS + line(walk, 5))
    assert "aucun de vos contrats" in text(refused)
    assert "0 à créer" in text(refused)
    assert site.visitor("adviser", "A").page("/awards/M1/hours").status_code == 403


def test_a_file_of_hours_is_looked_at_before_it_is_kept(visitor: Visitor, walk: Walk) -> None:
    page = send(
        visitor,
        HEADERS + line(walk, 100) + line(walk, "douze") + line(walk, 5, award="NULLE") + line(walk, 3, month="mai"),
    )
    said = text(page)
    assert "1 à créer" in said
    assert "3 à corriger" in said
    assert "aucun de vos contrats ne porte cet identifiant" in said
    assert "mois illisible ; l'écrire AAAA-MM" in said
    assert f"{person(walk)} · {MONTH} · M1" in said
    assert "Une case vide efface" not in said
    assert entered(visitor) == []
    done = visitor.send(f"{page.url.path}/accept")
    assert "Import terminé" in text(done)
    assert "100" in entered(visitor)[0]
    file = visitor.client.get(f"{page.url.path}/rejected").text
    assert len(file.splitlines()) == 4
    assert "douze" in file
    again = text(send(visitor, HEADERS + line(walk, 100) + line(walk, 90, name="P3")))
    assert "1 déjà à jour" in again
    assert "1 à créer" in again
    assert "1 à changer" in text(send(visitor, HEADERS + line(walk, 90)))


def test_a_file_without_a_contract_is_for_the_one_it_was_sent_from(visitor: Visitor, walk: Walk) -> None:
    content = f"référence;entreprise;modalité;mois;heures\n{person(walk)};E;direct;{MONTH};7\n"
    assert "La colonne « contrat » est absente" in text(send(visitor, content))
    start = visitor.page("/imports?kind=hours&award_id=M1")
    assert 'value="hours" checked' in start.text
    assert "seront celles du contrat M1" in text(start)
    page = send(visitor, content, award_id="M1")
    assert "1 à créer" in text(page)
    assert "Une ligne sans contrat est prise pour le contrat M1" in text(page)
    visitor.send(f"{page.url.path}/accept")
    assert "7" in entered(visitor)[0]


def test_columns_of_hours_are_matched_and_remembered(visitor: Visitor, walk: Walk) -> None:
    content = HEADERS.replace("référence", "qui").replace("heures", "nombre") + line(walk, 4)
    page = send(visitor, content)
    assert "Rien ne peut être enregistré" in text(page)
    columns = ["award_id", "candidate_id", "employer", "mode", "month", "hours"]
    changed = visitor.send(f"{page.url.path}/columns", column=columns)
    assert "1 à créer" in text(changed)
    visitor.send(f"{page.url.path}/accept")
    again = send(visitor, content)
    assert "comme la dernière fois" in text(again)
    assert "1 déjà à jour" in text(again)


def test_formulas_in_refused_rows_stay_text(visitor: Visitor, walk: Walk) -> None:
    page = send(visitor, HEADERS + f"M1;{person(walk)};=cmd|' /C calc'!A0;direct;demain;3\n")
    file = visitor.client.get(f"{page.url.path}/rejected")
    assert "'=cmd" in file.text
    assert ";=cmd" not in file.text


def test_an_adviser_sends_no_hours(site: Site, walk: Walk) -> None:
    adviser = site.visitor("adviser", "A")
    assert 'value="hours"' not in adviser.page("/imports").text
    assert "rôle ne permet pas" in text(send(adviser, HEADERS + line(walk, 5)))
