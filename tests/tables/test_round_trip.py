"""A canonical table written and read back is the same table, whatever the format and whatever the text."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from matcher.schema import CANDIDATES, TABLES
from matcher.tables import coerce, json_records, read_records, read_table, write_table
from tests.tables.files import TODAY
from tests.tables.made import tables

FORMS = ("csv", "xlsx", "json", "parquet")
STARTS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "'", "''", "'=", "＝", "＠", "\t=", "'\t="])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", list(TABLES))
@settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_any_table(form: str, name: str, data: st.DataObject) -> None:
    spec = TABLES[name]
    table = data.draw(tables(spec))
    if not len(table):
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"t.{form}"
        write_table(table, path)
        found = read_table(spec, path, today=TODAY)
    assert found.rejected.empty
    pd.testing.assert_frame_equal(found.table, table)


@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
@given(tables(CANDIDATES))
def test_records(table: pd.DataFrame) -> None:
    found = read_records(CANDIDATES, json_records(table), "p", today=TODAY)
    pd.testing.assert_frame_equal(found.table, table)


@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
@given(tables(CANDIDATES))
def test_a_canonical_table_stays_as_it_is(table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(coerce(CANDIDATES, table, today=TODAY).table, table)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(STARTS, st.text("ab1=+-@'\"; \t", max_size=6)).map("".join), min_size=1, max_size=5))
def test_no_cell_starts_a_formula_and_each_comes_back(cells: list[str]) -> None:
    frame = pd.DataFrame({"candidate_id": [f"P{i}" for i in range(len(cells))], "skills": cells}).astype("str")
    wanted = coerce(CANDIDATES, frame).table["skills"]
    with TemporaryDirectory() as folder:
        for form in FORMS:
            path = Path(folder) / f"t.{form}"
            write_table(frame, path)
            got = read_table(CANDIDATES, path, today=TODAY).table["skills"]
            assert got.equals(wanted), form
        rows = list(
            csv.reader(io.StringIO((Path(folder) / "t.csv").read_text("utf-8-sig"), newline=""), delimiter=";")
        )
        assert len(rows) == len(cells) + 1
        assert not any(cell[:1] in set("=+-@\t\r\n＝＋－＠") for row in rows for cell in row if cell)


def test_formulas_in_a_workbook_are_plain_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=1": ["=1+1", '=HYPERLINK("http://a")', "http://a", "{=1}", "-2"]})
    path = tmp_path / "t.xlsx"
    write_table(frame, path)
    book = CalamineWorkbook.from_path(path)
    sheet = book.get_sheet_by_name(book.sheet_names[0]).to_python()
    assert [row[0] for row in sheet] == ["=1", *frame["=1"]]
    import zipfile

    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml
    assert b"hyperlink" not in xml


def test_headers_are_neutralised_too(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(pd.DataFrame({"=cmd()": ["a"]}), path)
    assert path.read_text("utf-8-sig").splitlines()[0] == "'=cmd()"


def test_numbers_are_left_alone_and_unknown_is_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    frame = pd.DataFrame(
        {
            "a": [-1.0, 2.5, None],
            "b": pd.array([True, False, None], dtype="boolean"),
            "c": pd.array(["01", "-5", None], dtype="str"),
            "d": pd.array(["9999-12-31", "0001-01-01", None], dtype="datetime64[s]"),
            "e": [1e300, -3, 0.1],
        }
    )
    write_table(frame, path)
    assert path.read_bytes() == (b"\xef\xbb\xbfa;b;c;d;e\n-1;yes;01;permanent;1e+300\n2.5;no;'-5;none;-3\n;;;;0.1\n")
