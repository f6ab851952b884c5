"""A table made ready: every field cleaned once per distinct value, and kept as numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.duplicates.model import Field, Kind, Plan

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
UNKNOWN = -1


@dataclass(frozen=True)
class Column:
    """Cleaned values of a field: `codes[row]` is a place in `texts`, or UNKNOWN."""

    texts: Texts
    codes: Ints


@dataclass(frozen=True)
class Records:
    """The rows of a table in an order of their own: that of their contents, so the table's does not matter.

    `rows` are the rows of the table; `places` holds what PLACE fields are compared by: commune, postal code, town and
    département as four columns.
    """

    rows: Ints
    columns: dict[str, Column]
    places: dict[str, tuple[Column, ...]]

    def __len__(self) -> int:
        return len(self.rows)


def records(table: pd.DataFrame, plan: Plan) -> Records:
    """The fields of `table` made ready. Columns that are absent are unknown."""
    texts: dict[str, Texts] = {}
    places: dict[str, list[Texts]] = {}
    for one in plan.fields:
        if one.kind is Kind.PLACE:
            places[one.name] = _place(table, one)
            texts[one.name] = _first(places[one.name][:3])
        else:
            texts[one.name] = _first([_cleaned(table, name, one.clean) for name in one.columns])
    keys = np.asarray(table[plan.key].astype(str), object) if plan.key in table else np.full(len(table), "", object)
    order = np.lexsort([pd.factorize(values, sort=True)[0] for values in (keys, *reversed(list(texts.values())))])
    columns = _encoded({name: values[order] for name, values in texts.items()}, plan.fields)
    ready = {name: tuple(_encode([part[order]])[0] for part in parts) for name, parts in places.items()}
    return Records(order.astype(np.int64), columns, ready)


def _first(candidates: Sequence[Texts]) -> Texts:
    """Row by row, the first text that is filled."""
    chosen = candidates[0]
    for other in candidates[1:]:
        chosen = np.where(chosen == "", other, chosen)
    return chosen


def _cleaned(table: pd.DataFrame, name: str, clean: Callable[[str], str]) -> Texts:
    if name not in table:
        return np.full(len(table), "", object)
    codes, values = pd.factorize(_as_text(table[name]))
    made = np.array([*(clean(str(value)) for value in values), ""], object)
    return np.asarray(made[codes], object)


def _as_text(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.Series(column.dt.strftime("%Y%m%d"))
    return column


def _place(table: pd.DataFrame, one: Field) -> list[Texts]:
    """Commune, postal code, town, département."""
    commune, postal, town = (_cleaned(table, name, one.clean) for name in one.columns)
    return [commune, postal, town, _department(_first([commune, postal]))]


def _department(codes: Texts) -> Texts:
    return np.array([code[:3] if code[:2] in ("97", "98") else code[:2] for code in codes], object)


def _encoded(texts: dict[str, Texts], fields: Sequence[Field]) -> dict[str, Column]:
    """Fields that are sometimes swapped share one list of texts, so that their codes compare."""
    made: dict[str, Column] = {}
    for one in fields:
        if one.name not in made:
            names = [one.name] if one.swap is None else [one.name, one.swap]
            made.update(zip(names, _encode([texts[name] for name in names]), strict=True))
    return made


def _encode(several: Sequence[Texts]) -> list[Column]:
    codes, values = pd.factorize(np.concatenate(several), sort=True)
    codes, values = codes.astype(np.int64), np.asarray(values, object)
    if len(values) and values[0] == "":
        codes, values = codes - 1, values[1:]
    cuts = np.cumsum([len(one) for one in several])[:-1]
    return [Column(values, part) for part in np.split(codes, cuts)]
