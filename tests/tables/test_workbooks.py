"""XLSX files as spreadsheets write them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pytest
import xlsxwriter

from matcher.errors import UnreadableFile
from matcher.schema import POSITIONS
from matcher.tables import Import
from tests.tables.files import cell, read, rejected


def workbook(*sheets: list[list[Any]], top: int = 0, left: int = 0) -> bytes:
    book = openpyxl.Workbook()
    for i, rows in enumerate(sheets):
        sheet = book.active if i == 0 else book.create_sheet(f"Feuille {i + 1}")
        assert sheet is not None
        for r, row in enumerate(rows, 1 + top):
            for c, value in enumerate(row, 1 + left):
                if value is not None:
                    sheet.cell(r, c, value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read_book(folder: Path, content: bytes, **options: Any) -> Import:
    return read(folder, content, "personnes.xlsx", **options)


def test_the_types_of_a_spreadsheet(tmp_path: Path) -> None:
    content = workbook(
        [
            ["Identifiant", "Code postal", "Code INSEE", "Date de naissance", "QPV", "RQTH", "Niveau", "wage_min"],
            [7.0, 91228.0, 1004.0, date(1990, 5, 1), True, "Non", 3.0, 12.5],
            ["007", "01000", "2A004", date(1991, 6, 2), False, 1, "bac", 12],
        ]
    )
    found = read_book(tmp_path, content)
    assert found.rejected.empty
    assert found.table["candidate_id"].tolist() == ["7", "007"]
    assert found.table["postal_code"].tolist() == ["91228", "01000"]
    assert found.table["commune"].tolist() == ["01004", "2A004"]
    assert found.table["birth_date"].tolist() == [pd.Timestamp("1990-05-01"), pd.Timestamp("1991-06-02")]
    assert found.table["qpv"].tolist() == [True, False]
    assert found.table["disability"].tolist() == [False, True]
    assert found.table["qualification_level"].tolist() == [3, 4]
    assert found.table["wage_min"].tolist() == [12.5, 12]


def test_a_siret_typed_as_a_number(tmp_path: Path) -> None:
    content = workbook([["position_id", "siret"], ["1", 78467169500087.0], ["2", 78467169500087]])
    assert read_book(tmp_path, content, spec=POSITIONS).table["siret"].tolist() == ["78467169500087"] * 2


def test_a_date_left_as_a_number_says_what_to_do(tmp_path: Path) -> None:
    found = read_book(tmp_path, workbook([["candidate_id", "available_from"], ["P1", 46112]]))
    assert rejected(found) == [
        (2, "available_from", "46112", "nombre au lieu d'une date ; mettre la colonne au format Date dans le tableur")
    ]


def test_the_1904_calendar(tmp_path: Path) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["candidate_id", "available_from"])
        sheet.write(1, 0, "P1")
        sheet.write_datetime(1, 1, date(2026, 3, 31), book.add_format({"num_format": "dd/mm/yyyy"}))
    assert cell(read_book(tmp_path, content.getvalue()), "available_from") == pd.Timestamp("2026-03-31")


def test_empty_rows_and_columns_before_and_within(tmp_path: Path) -> None:
    content = workbook([["candidate_id", None, "city"], ["P1", None, "a"], [], ["P2", None, "b"]], top=3, left=2)
    found = read_book(tmp_path, content)
    assert found.rows.tolist() == [5, 7]
    assert found.table["city"].tolist() == ["a", "b"]
    assert not found.warnings


def test_cells_under_no_header_are_kept_aside_and_reported(tmp_path: Path) -> None:
    found = read_book(tmp_path, workbook([["candidate_id", None], ["P1", "oubli"]]))
    assert found.aside.iloc[0].tolist() == ["oubli"]
    assert "colonnes non reconnues" in found.warnings[0]


def test_the_first_sheet_that_holds_anything(tmp_path: Path) -> None:
    found = read_book(tmp_path, workbook([], [["candidate_id"], ["P1"]], [["candidate_id"], ["P2"]]))
    assert found.table["candidate_id"].tolist() == ["P1"]
    assert found.warnings == ("personnes.xlsx : plusieurs feuilles ; seule « Feuille 2 » a été lue",)


def test_a_chart_sheet_is_no_table(tmp_path: Path) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        chart = book.add_chart({"type": "line"})
        book.add_chartsheet().set_chart(chart)
        sheet = book.add_worksheet("Données")
        sheet.write_column(0, 0, ["candidate_id", "P1"])
        chart.add_series({"values": "=Données!$A$1:$A$2"})
    assert read_book(tmp_path, content.getvalue()).table["candidate_id"].tolist() == ["P1"]


def test_formulas_give_their_value_and_errors_are_told(tmp_path: Path) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["candidate_id", "city", "wage_min"])
        sheet.write_row(1, 0, ["P1", "Évry"])
        sheet.write_formula(1, 2, "=6*2", None, 12)
        sheet.write(2, 0, "P2")
        sheet.write_formula(2, 1, "=VLOOKUP(1,A1,9)", None, "#REF!")
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
    found = read_book(tmp_path, content.getvalue())
    assert found.table["wage_min"].tolist()[0] == 12
    assert cell(found, "city", 1) is None
    assert found.warnings == ("personnes.xlsx : 2 formule(s) en erreur (#N/A, #REF!…), lues comme des cases vides",)


@pytest.mark.parametrize("sheets", [[[]], [[[""]]], [[["  "]]]])
def test_an_empty_workbook(tmp_path: Path, sheets: list[list[list[Any]]]) -> None:
    with pytest.raises(UnreadableFile, match=r"est vide|la ligne d'en-têtes est vide"):
        read_book(tmp_path, workbook(*sheets))


def test_a_zip_renamed(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("note.txt", "bonjour")
    with pytest.raises(UnreadableFile, match=r"personnes.xlsx n'est pas un classeur XLSX lisible. L'ouvrir dans"):
        read_book(tmp_path, content.getvalue())


def _with_sheet(xml: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["candidate_id"], ["P1"]]))) as source,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.namelist():
            sheet = entry.startswith("xl/worksheets/sheet")
            target.writestr(entry, xml if sheet else source.read(entry))
    return content.getvalue()


_SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b"%s</sheetData></worksheet>"
)


def test_two_cells_far_apart_do_not_fill_the_memory(tmp_path: Path) -> None:
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(UnreadableFile, match=r"1048576 lignes et 16384 colonnes.*cellules égarées"):
        read_book(tmp_path, _with_sheet(_SHEET % cells))


def test_an_archive_that_lies_about_its_size(tmp_path: Path) -> None:
    content = bytearray(_with_sheet(_SHEET % (b"<row>" + b" " * 5_000_000 + b"</row>")))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = next(e.file_size for e in archive.infolist() if e.filename.startswith("xl/worksheets/sheet"))
    content = content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    with pytest.raises(UnreadableFile, match="n'est pas un classeur XLSX lisible"):
        read_book(tmp_path, bytes(content))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/workbook.xml", "")
        for i in range(30):
            archive.writestr(f"xl/worksheets/sheet{i}.xml", "")
    data = bytearray(content.getvalue())
    for start in range(len(data) - 4):
        if data[start : start + 4] == b"PK\x01\x02":  # each entry of the central directory
            data[start + 24 : start + 28] = (100 << 20).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="dépasse 1 Gio une fois décompressé"):
        read_book(tmp_path, bytes(data))


def test_an_old_or_protected_workbook(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"ancien classeur .xls ou un fichier protégé.*au format .xlsx"):
        read_book(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
