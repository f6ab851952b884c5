"""The vectorised reader against a slow and obvious one: the csv module, row by row, cell by cell."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.schema import CANDIDATES
from matcher.tables.cells import BadCell, parser
from matcher.tables.columns import clean
from matcher.tables.formats import parse_raw
from matcher.tables.reading import from_raw
from tests.tables.files import TODAY

HEADERS = ("candidate_id", "city", "qpv", "benefits", "wage_min", "birth_date", "certificates", "qualification_level")
WORDS = st.sampled_from(
    ["", " ", "oui", "NON", "peut-être", "RSA|ass", "aucun", "RSA|aucun", "12,5", "1 000", "-1", "x", "31/02/2026",
     "01/02/2003", "2030-01-01", "SST@2027-01-01", "SST@", "CAP", "4", "9", "A", "B", "B ", "Évry", "'=1",
     "a\nb", "a\r\nb"]
)  # fmt: skip
IDS = st.sampled_from(["A", "B", " A", "C", "D", "E", "F", "G", ""])


def slow(text: str) -> tuple[dict[int, dict[str, Any]], list[tuple[int, str, str]]]:
    """Row number → canonical cells, and the rejected rows as (row, column, message)."""
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    kept: dict[int, dict[str, Any]] = {}
    rejected: list[tuple[int, str, str]] = []
    first: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(HEADERS):
            message = f"{len(line)} cellules au lieu de {len(HEADERS)} ; vérifier les séparateurs et les guillemets"
            rejected.append((number, "", message))
            continue
        row: dict[str, Any] = {}
        problem: tuple[str, str] | None = None
        for column in CANDIDATES.columns:
            if column.name not in HEADERS:
                continue
            word = clean(line[HEADERS.index(column.name)], guarded=True)
            try:
                value = parser(column)(word) if word else None
                row[column.name] = None if value == "" else value
            except BadCell as error:
                problem = problem or (column.name, str(error))
        born = row.get("birth_date")
        if problem is None and born is not None and born > TODAY:
            problem = ("birth_date", "date de naissance dans le futur ; vérifier l'année")
        name = row.get("candidate_id")
        if problem is None and name is None:
            problem = ("candidate_id", "identifiant manquant ; en donner un à chaque ligne")
        if problem is None and name in first:
            again = f"identifiant déjà donné à la ligne {first[name]} ; chaque identifiant ne sert qu'une fois"
            problem = ("candidate_id", again)
        if problem is not None:
            rejected.append((number, *problem))
            continue
        first[str(name)] = number
        kept[number] = row
    return kept, rejected


def _plain(value: Any) -> Any:
    """A cell of the fast table as the slow reader gives it."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return bool(value) if isinstance(value, bool | np.bool_) else value


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(IDS, *[WORDS] * (len(HEADERS) - 1)).map(list) | st.lists(WORDS, max_size=3), max_size=8))
def test_the_fast_reader_says_what_the_slow_one_says(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([HEADERS, *rows])
    text = out.getvalue()
    found = from_raw(CANDIDATES, parse_raw(text.encode(), "p.csv"), today=TODAY)
    kept, rejected = slow(text)
    assert found.rows.tolist() == list(kept)
    for place, row in enumerate(kept.values()):
        fast = {name: _plain(found.table[name].iloc[place]) for name in row}
        assert fast == row
    assert list(found.rejected[["row", "column", "message"]].itertuples(index=False, name=None)) == rejected
