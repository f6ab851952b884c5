"""People's facts as arrays, prepared once and evaluated as often as needed.

Three-valued levels are int8: 0 no, 1 unknown, 2 yes, so that "and" is a minimum and "or" a maximum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.eligibility.dates import Day
from matcher.rules.vocabulary import fact_table
from matcher.tables.items import cut, one_piece

NO, UNKNOWN, YES = np.int8(0), np.int8(1), np.int8(2)
Levels = NDArray[np.int8]
Flags = NDArray[np.bool_]
UNDATED = np.datetime64("NaT", "D")
EMPTY_LIST = "none"


@dataclass(frozen=True, eq=False)
class Words:
    """A text column: distinct values and, for each row, the rank of its own (-1 when empty)."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]
    _answers: dict[frozenset[str], Levels] = field(default_factory=dict)  # by value, shared by those of some rows

    @cached_property
    def empty(self) -> Flags:
        """Where the cell is empty."""
        return self.codes < 0

    def holding(self, items: Iterable[str], when_empty: np.int8) -> Levels:
        """Whether each row's list holds one of `items`; a non-empty list is complete."""
        wanted = frozenset(items)
        if wanted not in self._answers:
            held = [YES if wanted.intersection(value.split("|")) else NO for value in self.values]
            self._answers[wanted] = np.array([*held, UNKNOWN], dtype=np.int8)
        answers = self._answers[wanted]
        return np.where(self.codes < 0, when_empty, answers[self.codes])

    def take(self, rows: NDArray[Any]) -> Words:
        """The same for some rows."""
        return Words(self.codes[rows], self.values, self._answers)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Proofs seen, one triple per proof: its row (ascending), the rank of its code, its day (NaT: undated)."""

    size: int
    codes: tuple[str, ...]
    rows: NDArray[np.int64]
    code: NDArray[np.int16]
    days: NDArray[np.datetime64]

    @cached_property
    def _by_code(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.datetime64]]]:
        order = np.argsort(self.code, kind="stable")
        bounds = np.searchsorted(self.code[order], np.arange(len(self.codes) + 1))
        return {
            name: (self.rows[order[low:high]], self.days[order[low:high]])
            for name, low, high in zip(self.codes, bounds[:-1], bounds[1:], strict=True)
        }

    def seen(self, code: str, first: Day | None, on: Day, *, undated: bool) -> Flags:
        """Rows with that proof seen by `on`, and not before `first`; undated ones count when told so.

        Both are one day for everybody, or an array with a day for each row.
        """
        flags = np.zeros(self.size, dtype=bool)
        rows, days = self._by_code.get(code, (None, None))
        if rows is not None and days is not None:
            good = days <= np.broadcast_to(on, self.size)[rows]
            if first is not None:
                good &= days >= np.broadcast_to(first, self.size)[rows]
            if undated:
                good |= np.isnat(days)
            flags[rows[good]] = True
        return flags

    def take(self, rows: NDArray[Any]) -> Evidence:
        """The same for some rows."""
        wanted = np.arange(self.size)[rows]
        low = np.searchsorted(self.rows, wanted, "left")
        count = np.searchsorted(self.rows, wanted, "right") - low
        ends = np.cumsum(count)
        picked = np.arange(count.sum()) + np.repeat(low - ends + count, count)
        return Evidence(
            len(wanted),
            self.codes,
            np.repeat(np.arange(len(wanted)), count),
            self.code[picked],
            self.days[picked],
        )


@dataclass(frozen=True, eq=False)
class Facts:
    """What rules read about people, as arrays of equal length. Build with `facts`."""

    size: int
    ids: pd.Series[Any]
    tri: dict[str, Levels]
    dates: dict[str, NDArray[np.datetime64]]
    numbers: dict[str, NDArray[np.float64]]
    words: dict[str, Words]
    evidence: Evidence

    def __len__(self) -> int:
        return self.size

    @cached_property
    def _empty(self) -> dict[str, Flags]:
        return {}

    def empty(self, name: str) -> Flags:
        """Where that fact is not known."""
        if name not in self._empty:
            if name in self.tri:
                flags = self.tri[name] == UNKNOWN
            elif name in self.dates:
                flags = np.isnat(self.dates[name])
            elif name in self.numbers:
                flags = np.isnan(self.numbers[name])
            else:
                flags = self.words[name].empty
            self._empty[name] = flags
        return self._empty[name]

    def take(self, rows: NDArray[Any]) -> Facts:
        """The facts of some rows (positions or a mask), in that order."""
        places = np.arange(self.size)[rows]
        return Facts(
            size=len(places),
            ids=self.ids.take(places).reset_index(drop=True),
            tri={name: values[rows] for name, values in self.tri.items()},
            dates={name: values[rows] for name, values in self.dates.items()},
            numbers={name: values[rows] for name, values in self.numbers.items()},
            words={name: values.take(rows) for name, values in self.words.items()},
            evidence=self.evidence.take(rows),
        )


def facts(candidates: pd.DataFrame) -> Facts:
    """Prepare the canonical table of candidates; a column that is not there is unknown for everyone.

    Reads `candidate_id` and the columns of role E (and `birth_date`), nothing else.
    """
    size = len(candidates)
    tri: dict[str, Levels] = {}
    dates: dict[str, NDArray[np.datetime64]] = {}
    numbers: dict[str, NDArray[np.float64]] = {}
    words: dict[str, Words] = {}
    for fact in fact_table().facts:
        column = candidates.get(fact.name)
        if fact.kind == "tri":
            tri[fact.name] = _tri(column, size)
        elif fact.kind == "date":
            dates[fact.name] = _dates(column, size)
        elif fact.kind == "number":
            numbers[fact.name] = (
                np.full(size, np.nan, np.float64)
                if column is None
                else column.to_numpy(dtype=np.float64, na_value=np.nan)
            )
        else:
            words[fact.name] = _words(column, size)
    ids = candidates["candidate_id"] if "candidate_id" in candidates else pd.Series([pd.NA] * size, dtype="str")
    proofs = _evidence(candidates.get("evidence"), size)
    return Facts(size, ids.reset_index(drop=True), tri, dates, numbers, words, proofs)


def _tri(column: pd.Series[Any] | None, size: int) -> Levels:
    if column is None:
        return np.full(size, UNKNOWN, dtype=np.int8)
    ranks = column.astype("boolean").to_numpy(dtype=np.int8, na_value=-1)
    return np.array([NO, YES, UNKNOWN], dtype=np.int8)[ranks]  # -1 takes the last one


def _dates(column: pd.Series[Any] | None, size: int) -> NDArray[np.datetime64]:
    if column is None:
        return np.full(size, UNDATED, dtype="datetime64[D]")
    values = column if column.dtype.kind == "M" else column.astype("datetime64[s]")
    return values.to_numpy().astype("datetime64[D]")


def _words(column: pd.Series[Any] | None, size: int) -> Words:
    if column is None:
        return Words(np.full(size, -1, dtype=np.int32), ())
    coded = one_piece(column).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Words(codes, tuple(coded.dictionary.to_pylist()))


def _evidence(column: pd.Series[Any] | None, size: int) -> Evidence:
    if column is None:
        return _proofs(size, np.empty(0, np.int64), (), np.empty(0, np.int64))
    cells = cut(one_piece(column))
    return _proofs(size, cells.owners(), tuple(cells.words), cells.items)


def _proofs(size: int, rows: NDArray[np.int64], items: tuple[str, ...], ranks: NDArray[Any]) -> Evidence:
    """The proofs of dictionary-encoded items such as `attestation_rsa@2026-10-02`."""
    parts = [item.partition("@") for item in items]
    codes = tuple(sorted({code for code, _at, _day in parts if code and code != EMPTY_LIST}))
    place = {code: rank for rank, code in enumerate(codes)}
    code = np.array([place.get(name, -1) for name, _at, _day in parts], dtype=np.int16)
    days = np.array([np.datetime64(day, "D") if day else UNDATED for _code, _at, day in parts], "datetime64[D]")
    kept = code[ranks] >= 0 if len(ranks) else np.empty(0, dtype=bool)
    ranks = ranks[kept].astype(np.int64)
    return Evidence(size, codes, rows[kept], code[ranks], days[ranks])
