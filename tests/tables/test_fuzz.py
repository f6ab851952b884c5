"""Whatever the bytes, only a ClausematchError escapes."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.errors import ClausematchError
from matcher.schema import CANDIDATES, TABLES, TableSpec
from matcher.tables import Import, read_records, read_table
from matcher.tables.formats import parse_raw
from matcher.tables.reading import from_raw
from matcher.tables.writing import WRITERS
from tests.tables.files import TODAY

FORMATS = ("csv", "xlsx", "json", "parquet", "csv.gz")
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["oui", "non", "RSA|ASS", "SST@2027-01-01", "F1703:18", "2026-03-31", "31/03/2026", "12,5", "=1", ""]
    ),
)


def attempt(content: bytes, name: str, spec: TableSpec = CANDIDATES) -> None:
    """Read, and accept a refusal in words; anything else fails the test."""
    with contextlib.suppress(ClausematchError):
        check(from_raw(spec, parse_raw(content, name), today=TODAY))


def check(found: Import) -> None:
    assert len(found.rows) == len(found.table) == len(found.aside) or found.aside.empty
    assert found.rejected["message"].str.len().min() > 0 or found.rejected.empty


@lru_cache
def sample(form: str) -> bytes:
    """A small valid file of each format."""
    folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path.cwd()
    table = pd.DataFrame(
        {
            "candidate_id": [f"P{i}" for i in range(20)],
            "city": ["Évry", None] * 10,
            "birth_date": pd.array(["1990-01-01", None] * 10, dtype="datetime64[s]"),
            "qpv": pd.array([True, None] * 10, dtype="boolean"),
            "wage_min": [12.5, None] * 10,
        }
    )
    suffix = f".{form.split('.')[0]}"
    path = folder / f".clausematch-fuzz{suffix}"
    try:
        WRITERS[suffix](table, path)
        content = path.read_bytes()
    finally:
        path.unlink(missing_ok=True)
    return gzip.compress(content) if form.endswith(".gz") else content


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.json", "a"]), st.sampled_from(list(TABLES.values())))
def test_random_bytes(content: bytes, name: str, spec: TableSpec) -> None:
    attempt(content, name, spec)


@given(
    st.sampled_from(
        [b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"[", b'{"a":']
    ),
    st.binary(max_size=200),
)
def test_random_bytes_after_a_known_start(start: bytes, rest: bytes) -> None:
    attempt(start + rest, "a")


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_valid_files_with_some_bytes_changed(form: str, data: st.DataObject) -> None:
    content = bytearray(sample(form))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(1, len(content))) :]
    attempt(bytes(content), f"a.{form}")


@given(
    st.lists(st.sampled_from([*CANDIDATES.names, "x", ""]), min_size=1, max_size=6),
    st.lists(st.lists(CELLS, max_size=7), max_size=5),
    st.sampled_from(";,\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_messy_csv(headers: list[str], rows: list[list[str]], separator: str, end: str) -> None:
    text = end.join(separator.join(row) for row in [["candidate_id", *headers], *rows])
    attempt(text.encode("utf-8", errors="replace"), "a.csv")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CANDIDATES.names, "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json(data: object) -> None:
    attempt(json.dumps(data).encode(), "a.json")


@given(st.lists(st.dictionaries(st.sampled_from([*CANDIDATES.names, "x"]), JSON, max_size=4), max_size=4))
def test_any_records(records: list[dict[str, object]]) -> None:
    try:
        found = read_records(CANDIDATES, list(records), "a", today=TODAY)
    except ClausematchError:
        return
    assert found.read == len(records)


def test_the_samples_themselves_are_read(tmp_path: Path) -> None:
    for form in FORMATS:
        path = tmp_path / f"p.{form}"
        path.write_bytes(sample(form))
        found = read_table(CANDIDATES, path, today=date(2026, 1, 1))
        assert len(found.table) == 20
        assert not found.warnings
    assert io.BytesIO(sample("csv")).read(3) == b"\xef\xbb\xbf"
