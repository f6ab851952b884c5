"""The rows of a table as they are stored: one JSON object each, `{column: canonical value}`, unknown ones left out.

Texts, codes and lists are texts (`RSA|ASS`, `none` for the known empty list), three-valued facts true or false,
days `YYYY-MM-DD` or their words (`permanent`, `none`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from matcher.schema import Kind, TableSpec
from matcher.tables.cells import EMPTY_LIST
from matcher.vocabulary import NEVER, PERMANENT

Array = np.ndarray[Any, np.dtype[Any]]
LISTS = (Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST)
_NUMBERS = (Kind.NUMBER, Kind.RATE, Kind.INTEGER, Kind.LEVEL)
_SMALLEST_BLOCK = 1 << 24
_WORDS = {"permanent": PERMANENT, "none": NEVER}


def facts_of(spec: TableSpec, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row of a canonical table as its facts."""
    if frame.empty:
        return []
    columns = [_written(column.kind, frame[column.name]) for column in spec.columns]
    return [
        {name: value for name, value in zip(spec.names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    ]


def _written(kind: Kind, values: pd.Series[Any]) -> list[Any]:
    """A canonical column as JSON values, None when unknown; whole numbers without decimals."""
    if kind in _NUMBERS:
        numbers = values.to_numpy(np.float64).tolist()
        return [None if one != one else int(one) if one.is_integer() else one for one in numbers]
    if kind is not Kind.DATE:
        return [None if one is pd.NA or one != one else one for one in values.array.tolist()]
    days, places = np.unique(values.to_numpy("datetime64[D]"), return_inverse=True)
    special = {day: word for word, day in _WORDS.items()}
    texts = [
        None if np.isnat(day) else special.get(day, text)
        for day, text in zip(days, np.datetime_as_string(days).tolist(), strict=True)
    ]
    return [texts[place] for place in places.tolist()]


def frame_of(spec: TableSpec, bodies: Sequence[bytes]) -> pd.DataFrame:
    """The canonical table of facts written as JSON, one text per row; the types are those of `matcher.tables`."""
    schema = pa.schema([(column.name, _arrow_type(column.kind)) for column in spec.columns])
    table = schema.empty_table()
    if bodies:
        block = max(_SMALLEST_BLOCK, 2 * max(map(len, bodies)))
        parse = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        text = pa.py_buffer(b"\n".join(bodies) + b"\n")
        table = pj.read_json(pa.BufferReader(text), pj.ReadOptions(block_size=block), parse)
    return pd.DataFrame({column.name: _canonical(column.kind, table[column.name]) for column in spec.columns})


def _arrow_type(kind: Kind) -> pa.DataType:
    if kind is Kind.TRI:
        return pa.bool_()
    return pa.float64() if kind in _NUMBERS else pa.string()


def _canonical(kind: Kind, values: pa.ChunkedArray) -> Any:
    if kind is Kind.TRI:
        truth = np.array(pc.fill_null(values, False), bool)
        return pd.arrays.BooleanArray(truth, np.array(pc.is_null(values), bool))
    if kind in _NUMBERS:
        return np.array(pc.fill_null(values, np.nan), np.float64)
    if kind is Kind.DATE:
        return _days(values)
    texts = values.cast(pa.large_string())
    return pd.StringDtype(na_value=np.nan).__from_arrow__(texts)  # type: ignore[attr-defined]  # not in the stubs


def _days(values: pa.ChunkedArray) -> Array:
    """Each distinct day is read once."""
    whole = values.dictionary_encode().unify_dictionaries()
    words = whole.chunk(0).dictionary.to_pylist() if whole.num_chunks else []
    days = np.array([*(_WORDS.get(word, word) for word in words), None], dtype="datetime64[s]")
    places = [np.asarray(pc.fill_null(chunk.indices, -1)) for chunk in whole.chunks]
    found: Array = days[np.concatenate([np.empty(0, np.int64), *places])]
    return found


def laid_over(new: pd.DataFrame, stored: pd.DataFrame, given: Mapping[str, Array]) -> pd.DataFrame:
    """`new` where a row gives the column, `stored` elsewhere; the tables have the same rows and columns."""
    columns: dict[str, Any] = {}
    for name in new.columns:
        mask = given[name]
        if mask.all() or not mask.any():
            columns[name] = (new if mask.all() else stored)[name].array
        else:
            columns[name] = new[name].where(mask, stored[name]).array
    return pd.DataFrame(columns)


def differing_columns(first: pd.DataFrame, second: pd.DataFrame, rows: Array) -> dict[int, list[str]]:
    """Place → the columns that do not say the same in both tables, for the rows that are True; unknown and unknown
    are the same. Rows that say the same in every column are not there."""
    found: dict[int, list[str]] = {}
    for name in first.columns:
        a, b = first[name], second[name]
        if not a.equals(b):
            same = ((a == b).fillna(False) | (a.isna() & b.isna())).to_numpy(bool)
            for place in np.flatnonzero(rows & ~same).tolist():
                found.setdefault(place, []).append(name)
    return found


def open_facts(spec: TableSpec, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the API shows them: every column, lists as lists, unknown as null."""
    found: dict[str, Any] = {}
    for column in spec.columns:
        value = facts.get(column.name)
        if column.kind in LISTS and value is not None:
            value = [] if value == EMPTY_LIST else value.split("|")
        found[column.name] = value
    return found
