"""Rows ↔ canonical tables: the dtypes of each column's kind, and plain Python values back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from matcher.schema import Kind, TableSpec

_NUMBERS = (Kind.NUMBER, Kind.RATE, Kind.INTEGER, Kind.LEVEL)
Row = Mapping[str, Any]


def canonical(spec: TableSpec, rows: Sequence[Row]) -> dict[str, Any]:
    """One array per column of `spec`, unknown where a row has no such key or None."""
    return {column.name: array([row.get(column.name) for row in rows], column.kind) for column in spec.columns}


def array(values: Sequence[Any], kind: Kind) -> Any:
    """`values` (None = unknown) in the dtype of `kind`."""
    if kind in _NUMBERS:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    if kind is Kind.DATE:
        return np.array([np.datetime64("NaT") if value is None else value for value in values], "datetime64[s]")
    return pd.array(list(values), dtype="boolean" if kind is Kind.TRI else "str")


def text(value: Any) -> str | None:
    """A cell as text, None when unknown."""
    return value if isinstance(value, str) and value else None


def number(value: Any) -> float | None:
    """A cell as a number, None when unknown."""
    if value is None or value is pd.NA or not isinstance(value, int | float | np.number) or value != value:
        return None
    return float(value)


def day(value: Any) -> date | None:
    """A cell as a date, None when unknown."""
    return value.date() if isinstance(value, pd.Timestamp) else None


def flag(value: Any) -> bool:
    """True only for a known yes."""
    return value is not pd.NA and value is not None and bool(value == True)  # noqa: E712 - True, 1 and numpy's own True alike
