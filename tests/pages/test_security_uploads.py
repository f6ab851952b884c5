"""Files made to hurt, sent by the pages: each is refused in words, nothing of it runs, nothing is kept."""

from __future__ import annotations

import html
import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from service.store import tables as t
from tests.pages.conftest import Site, Visitor
from tests.service.databases import served, settings_for

HTML = {"Accept": "text/html"}
SECRET = "CONTENT-OF-A-FILE-OF-THE-SERVER"
UPLOADS = ("/imports", "/notices")  # every page that takes a file
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def visitor(sqlite_template: Path, tmp_path: Path) -> Iterator[Visitor]:
    """A facilitator who also follows people, on a server that takes ten rows."""
    path = tmp_path / "uploads.db"
    shutil.copyfile(sqlite_template, path)
    with served(settings_for(f"sqlite:///{path}", max_rows=10)) as api:
        one = Site(api).visitor(("adviser", "facilitator"))
        yield one
        with api.store.read() as connection:
            for table in (t.drafts, t.people, t.positions, t.awards):
                assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0, table.name


def workbook(*rows: tuple[str, ...]) -> bytes:
    made = io.BytesIO()
    book = openpyxl.Workbook()
    for row in rows or (("identifiant", "nom"), ("P1", "Martin")):
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with other words in one of its parts."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as whole,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for part in whole.namelist():
            data = whole.read(part)
            assert part != name or old in data
            other.writestr(part, data.replace(old, new, 1) if part == name else data)
    return made.getvalue()


def send(visitor: Visitor, path: str, content: bytes, name: str) -> Any:
    return visitor.send(path, files={"file": (name, content, "text/csv")}, kind="candidates")


def test_files_of_another_kind_whatever_their_name_are_refused(visitor: Visitor) -> None:
    pictures = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1"
    program = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + b"\0" * 64 + b"PE\0\0"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("../../outside.csv", "identifiant\nP1\n")
    files = {
        "photo.csv": pictures[0],
        "photo.json": pictures[1],
        "outil.exe": program,
        "outil.csv": program,
        "binaire.csv": b"\x7fELF\2\1\1" + b"\0" * 60,
        "texte.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        "vieux.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        "archive.csv": archive.getvalue(),
        "archive.xlsx": archive.getvalue(),
        "table.parquet": b"PAR1" + bytes(64) + b"PAR1",
        "page.csv": b"<!doctype html><html><script>alert(1)</script></html>",
    }
    for path in UPLOADS:
        for name, content in files.items():
            assert_refused(send(visitor, path, content, name), (path, name))


def assert_refused(page: Any, where: object) -> None:
    """The same page again, with what is wrong and what to do."""
    assert page.status_code in (413, 422), (where, page.status_code)
    found = re.search(r'class="refused" role="alert".*?</div>', page.text, re.S)
    assert found is not None, where
    words = html.unescape(re.sub(r"<[^>]+>", " ", found[0]))
    assert len(words.split()) > 8, (where, words)
    assert "<script>alert" not in page.text, where
    assert "Traceback" not in page.text, where


def test_a_workbook_that_swells_is_refused_before_it_is_unpacked(visitor: Visitor) -> None:
    spaces = b" " * (130 << 20)
    bomb = changed(workbook(), SHEET, b"</sheetData>", spaces + b"</sheetData>")
    assert len(bomb) < 1 << 20
    for path in UPLOADS:
        page = send(visitor, path, bomb, "bombe.xlsx")
        assert_refused(page, path)
        assert "démesuré une fois décompressé" in page.text


def test_entities_of_a_workbook_read_no_file_and_do_not_multiply(visitor: Visitor, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    declared = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y SYSTEM "http://127.0.0.1:9/">]>'
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    multiplied = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>'
    for prolog, entity in ((declared, b"&x;"), (declared, b"&y;"), (multiplied, b"&a9;")):
        for part, old in (("xl/sharedStrings.xml", b"<t>Martin"), (SHEET, b"<sheetData>")):
            new = old + entity if part != SHEET else entity + old
            book = changed(changed(workbook(), part, old, new), part, b"<", prolog.encode() + b"<")
            for path in UPLOADS:
                page = send(visitor, path, book, "entites.xlsx")
                assert SECRET not in page.text, (path, part)
                assert "haha" not in page.text, (path, part)
                assert page.status_code in (200, 422), (path, part)
                if page.status_code == 200:
                    visitor.send(f"{page.url.path}/leave")


def test_too_many_rows_columns_or_levels_are_refused(visitor: Visitor) -> None:
    rows = b"identifiant;objet\n" + b"".join(b"A%d;x\n" % n for n in range(11))
    wide = (";".join(f"c{n}" for n in range(2001)) + "\n" + ";" * 2000 + "\n").encode()
    far = changed(workbook(), SHEET, b'r="A1"', b'r="XFD1048576"')
    files = {
        "lignes.csv": (rows, "plus de 10 lignes"),
        "colonnes.csv": (wide, "plus de 2000 colonnes"),
        "loin.xlsx": (far, "c'est trop pour un classeur"),
        "profond.json": (b"[" * 200_000 + b"]" * 200_000, ""),
        "objet.json": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, ""),
        "nombre.json": (b'[{"identifiant": ' + b"9" * 100_000 + b"}]", ""),
    }
    for path in UPLOADS:
        for name, (content, words) in files.items():
            page = send(visitor, path, content, name)
            assert_refused(page, (path, name))
            assert words in html.unescape(page.text), (path, name)


def test_a_file_of_100_mb_is_refused_announced_or_not(visitor: Visitor) -> None:
    piece = b"x" * (1 << 20)

    def parts() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + visitor.csrf.encode()
        yield b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _again in range(100):
            yield piece

    headers: Mapping[str, str] = {**HTML, "Content-Type": "multipart/form-data; boundary=b"}
    for path in UPLOADS:
        announced = visitor.client.post(path, content=piece * 100, headers=headers)
        flowing = visitor.client.post(path, content=parts(), headers=headers)
        for answer in (announced, flowing):
            assert answer.status_code == 413, path
            assert "dépasse" in answer.text
            assert "À qui le tour" in answer.text
    assert visitor.page("/imports").status_code == 200


def test_the_name_of_a_file_is_only_words(visitor: Visitor) -> None:
    names = ("../../etc/passwd.csv", "C:\\windows\\a.csv", "<script>alert(1)</script>.csv", "a\x00b.csv", "é" * 3000)
    for path in UPLOADS:
        for name in names:
            page = send(visitor, path, b"\x89PNG\r\n\x1a\n\0", name)
            assert page.status_code in (400, 422), (path, name)
            assert "etc/passwd" not in page.text
            assert "windows" not in page.text
            assert "<script>alert" not in page.text
            assert page.text.count("é") < 1000
