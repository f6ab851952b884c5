"""Canonical tables drawn at random, for round trips and twins."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from matcher.schema import Column, Kind, TableSpec
from matcher.tables import coerce
from tests.tables.files import TODAY

# Letters of every kind, separators, quotes and formula signs; no characters that XML or UTF-8 cannot hold.
ALPHABET = string.ascii_letters + string.digits + " ;,\t'\"=+-@.:/()éÈçœÎ’–€😀\u00a0\n"
TEXTS = st.text(ALPHABET, min_size=1, max_size=15)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
NUMBERS = st.floats(0, 1, allow_subnormal=False) | st.integers(0, 8)


def cell_of(column: Column) -> st.SearchStrategy[Any]:
    """Cells that the column takes, unknown among them."""
    words = sorted(set((column.words or {}).values()))
    item = st.sampled_from(words) if words else st.text(ALPHABET + "&", min_size=1, max_size=8)
    dated = st.tuples(item, DAYS).map(lambda pair: f"{pair[0].replace('@', '')}x@{pair[1].isoformat()}")
    if words:
        dated = st.tuples(item, DAYS).map(lambda pair: f"{pair[0]}@{pair[1].isoformat()}")
    weighted = st.tuples(item, st.integers(0, 600) | st.floats(0, 600)).map(
        lambda pair: f"{pair[0].replace(':', '')}x:{pair[1]}"
    )
    low, high = column.low or 0, min(column.high or 1000, 1000)
    by_kind: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: TEXTS,
        Kind.CODE: st.text(string.digits + "AB", min_size=1, max_size=6) | TEXTS,
        Kind.CHOICE: st.sampled_from(words or [""]),
        Kind.DATE: DAYS.map(date.isoformat) | st.sampled_from([*column.special, None]),
        Kind.TRI: st.booleans(),
        Kind.NUMBER: st.floats(low, high, allow_subnormal=False),
        Kind.RATE: st.floats(0, 1, allow_subnormal=False),
        Kind.INTEGER: st.integers(int(low), int(high)),
        Kind.LEVEL: st.integers(0, 8),
        Kind.LIST: st.lists(item, max_size=3).map(list) | st.just(["none"]),
        Kind.DATED_LIST: st.lists(dated | item, max_size=3),
        Kind.WEIGHTED_LIST: st.lists(weighted, max_size=3),
    }
    return st.none() | by_kind[column.kind]


@st.composite
def tables(draw: st.DrawFn, spec: TableSpec, *, most: int = 4, width: int = 6) -> pd.DataFrame:
    """Canonical tables: whatever `coerce` makes of random cells in a few columns, without the rows it rejects."""
    required = [column for column in spec.columns if column.required or column.name == spec.key]
    some = draw(st.lists(st.sampled_from(spec.columns), min_size=1, max_size=width, unique_by=lambda c: c.name))
    cells = st.fixed_dictionaries({column.name: cell_of(column) for column in [*required, *some]})
    rows = draw(st.lists(cells, min_size=1, max_size=most))
    for i, row in enumerate(rows):
        row.update({column.name: f"{i}{row[column.name] or ''}" for column in required})
    return coerce(spec, pd.DataFrame(rows, dtype=object), today=TODAY).table
