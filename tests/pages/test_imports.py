"""Files of people and positions: looked at before anything is saved, columns matched, rows refused, accepted."""

from __future__ import annotations

import gzip
import html
import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.clock import now
from service.store import drafts
from service.store import tables as t
from tests.pages.conftest import Site, Visitor

FILE = (
    "identifiant;nom;prénom;né(e) le;Métier voulu\nP1;Martin;Zoé;01/02/1990;maçon\nP2;Diallo;Awa;31/31/1990;D1106\n"
)


@pytest.fixture
def adviser(site: Site) -> Visitor:
    return site.visitor("adviser")


def send(visitor: Visitor, content: bytes | str, name: str = "gens.csv", kind: str = "candidates") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return visitor.send("/imports", files={"file": (name, raw, "text/csv")}, kind=kind)


def text(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def people(visitor: Visitor) -> str:
    return visitor.page("/people").text


def where(page: Any) -> str:
    return str(page.url.path)


def test_nothing_is_saved_before_it_is_accepted(adviser: Visitor) -> None:
    page = send(adviser, FILE)
    assert page.status_code == 200, page.text
    said = text(page)
    assert "Ce que devient chaque ligne" in said
    assert "1 à créer" in said
    assert "1 à corriger" in said
    assert "birth_date : date illisible" in said or "birth_date" in said
    assert ">P1<" not in people(adviser)
    done = adviser.send(f"{where(page)}/accept")
    assert "Import terminé" in text(done)
    assert ">P1<" in people(adviser)
    again = send(adviser, FILE.split("P2")[0])
    assert "1 déjà à jour" in text(again)
    assert "disabled" in again.text


def test_refused_rows_come_back_safe_for_a_spreadsheet(adviser: Visitor) -> None:
    page = send(adviser, "identifiant;nom;né le\nP1;=cmd|' /C calc'!A0;pas une date\n")
    file = adviser.client.get(f"{where(page)}/rejected")
    assert "attachment" in file.headers["content-disposition"]
    assert "'=cmd" in file.text
    assert ";=cmd" not in file.text
    assert "pas une date" in file.text


def test_columns_are_proposed_changed_and_remembered(site: Site, adviser: Visitor) -> None:
    content = "identifiant;Nom de famile;Truc\nP1;Martin;Zoé\n"
    page = send(adviser, content)
    assert "nom ressemblant : à vérifier" in page.text
    assert "nom non reconnu" in page.text
    changed = adviser.send(f"{where(page)}/columns", column=["candidate_id", "last_name", "first_name"])
    assert "Colonnes changées" in changed.text
    adviser.send(f"{where(page)}/accept")
    assert "Zoé Martin" in people(adviser)
    again = send(adviser, content)
    assert "comme la dernière fois" in again.text
    assert "1 déjà à jour" in text(again)
    other = send(site.visitor("adviser", "B"), content)
    assert "comme la dernière fois" not in other.text


def test_an_empty_cell_leaves_what_was_known_unless_asked(adviser: Visitor) -> None:
    for content in ("identifiant;nom;prénom\nP1;Martin;Zoé\n", "identifiant;nom;prénom\nP1;Martin;\n"):
        page = send(adviser, content)
        adviser.send(f"{where(page)}/accept")
    assert "Zoé Martin" in people(adviser)
    page = send(adviser, "identifiant;nom;prénom\nP1;Martin;\n")
    chosen = ["candidate_id", "last_name", "first_name"]
    adviser.send(f"{where(page)}/columns", column=chosen, empties="yes")
    adviser.send(f"{where(page)}/accept")
    assert "Zoé Martin" not in people(adviser)


def test_a_row_that_may_be_somebody_already_there_is_told(adviser: Visitor) -> None:
    names = [
        f"A{n};Nom{n};Prénom{n};{1 + n % 28:02}/0{1 + n % 9}/19{60 + n % 40};06 00 00 {n:02} 00" for n in range(60)
    ]
    page = send(adviser, "identifiant;nom;prénom;date de naissance;téléphone\n" + "\n".join(names) + "\n")
    adviser.send(f"{where(page)}/accept")
    page = send(
        adviser, "identifiant;nom;prénom;date de naissance;téléphone\nN1;Nom7;Prénom7;08/08/1967;06 00 00 07 00\n"
    )
    assert "1 peut-être déjà là sous un autre identifiant" in text(page)
    assert "Peut-être A7" in text(page)


def test_a_facilitator_sends_positions_and_no_people(site: Site) -> None:
    facilitator = site.visitor("facilitator")
    start = facilitator.page("/imports").text
    assert 'value="positions"' in start
    assert 'value="candidates"' not in start
    assert "rôle ne permet pas" in send(facilitator, FILE).text
    page = send(facilitator, "position_id;intitulé;commune\nJ1;maçon;91228\n", "postes.csv", "positions")
    facilitator.send(f"{where(page)}/accept")
    assert "maçon" in facilitator.page("/positions").text


@pytest.mark.parametrize("role", ["contractor", "auditor", "admin"])
def test_others_send_nothing(site: Site, role: str) -> None:
    visitor = site.visitor(role)
    assert visitor.page("/imports").status_code == 403
    assert send(visitor, FILE).status_code == 403


def test_a_draft_is_for_its_sender_sealed_and_for_an_hour(site: Site, adviser: Visitor) -> None:
    page = send(adviser, FILE)
    assert site.visitor(("adviser", "admin")).page(where(page)).status_code == 404
    assert site.visitor("adviser", "B").page(where(page)).status_code == 404
    with site.api.store.read() as connection:
        row = connection.execute(select(t.drafts)).one()
    assert b"Martin" not in row.body
    with site.api.store.alter() as connection:
        drafts.purge(connection, now() + timedelta(minutes=61))
    assert adviser.page(where(page)).status_code == 404
    other = send(adviser, FILE)
    adviser.send(f"{where(other)}/leave")
    assert adviser.page(where(other)).status_code == 404


def test_drafts_of_one_person_are_few(site: Site, adviser: Visitor) -> None:
    for _time in range(drafts.MOST_OF_ONE + 2):
        send(adviser, FILE)
    with site.api.store.read() as connection:
        assert len(connection.execute(select(t.drafts.c.draft_id)).all()) == drafts.MOST_OF_ONE


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"\0" * (200 << 20))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vide.csv", b"", "est vide"),
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0", "n'est ni un CSV"),
        ("sans.csv", b";;;\n1;2;3;4\n", "en-têtes"),
        ("bombe.gz", gzip.compress(b"\0" * (140 << 20)), "démesuré"),
        ("abime.xlsx", b"PK\x03\x04rien", "classeur XLSX"),
        ("nir.csv", b"identifiant;numero de securite sociale\nP1;1\n", "sécurité sociale"),
        ("inconnu.csv", b"a;b\n1;2\n", "est absente"),
    ],
)
def test_what_is_no_table_is_refused_in_words(adviser: Visitor, name: str, content: bytes, words: str) -> None:
    page = send(adviser, content, name)
    assert words in html.unescape(page.text)
    assert page.status_code in (200, 422)


def test_a_workbook_that_swells_is_refused(adviser: Visitor) -> None:
    page = send(adviser, bomb(), "bombe.xlsx")
    assert page.status_code == 422
    assert 'class="refused"' in page.text


def test_a_file_that_is_too_large_or_absent_is_refused(adviser: Visitor) -> None:
    assert send(adviser, b"x" * (33 << 20)).status_code == 413
    page = adviser.send("/imports", kind="candidates")
    assert page.status_code == 422
    assert "Aucun fichier choisi" in page.text


def test_words_of_a_file_are_never_marks(adviser: Visitor) -> None:
    script = "<script>alert(1)</script>"
    page = send(adviser, f"identifiant;{script};né le\nP{script};{script};{script}\n", f"{script}.csv")
    assert script not in page.text


def test_what_a_row_changes_is_named_and_its_values_can_be_seen(site: Site, adviser: Visitor) -> None:
    adviser.send(f"{where(send(adviser, FILE))}/accept")
    page = send(adviser, FILE.replace("Zoé", "Zora").replace("01/02/1990", "02/02/1990"))
    said = text(page)
    assert "Change : prénom, date de naissance." in said
    assert "Zoé →" not in said
    opened = text(adviser.page(f"{where(page)}?row=2"))
    assert "Zoé → Zora" in opened
    assert "1990-02-01 → 02/02/1990" in opened
    with site.api.store.read() as connection:
        seen = connection.execute(select(t.log).where(t.log.c.action == "people.see")).all()
    assert len(seen) == 1
    assert "→" not in text(adviser.page(f"{where(page)}?row=3")), "nothing of that row changes"
    done = adviser.send(f"{where(page)}/accept")
    assert "Change :" not in text(done)
