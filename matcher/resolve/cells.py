"""List cells parsed once per distinct text, and the lists laid end to end for fast look-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.tables.cells import EMPTY_LIST, split_items

Ints = np.ndarray[Any, np.dtype[np.int64]]
Dates = np.ndarray[Any, np.dtype[np.datetime64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

UNKNOWN = -1


def distinct_cells(column: pd.Series[Any]) -> tuple[Ints, list[str]]:
    """The index of each row's text among the distinct ones (-1 unknown), and these."""
    ids, texts = pd.factorize(column)
    return ids.astype(np.int64), [str(text) for text in texts]


def cell_items(text: str) -> list[str]:
    """The items of a canonical list cell; `none` has none."""
    return [] if text == EMPTY_LIST else split_items(text)


@dataclass(frozen=True)
class Lists:
    """One list of numbers per distinct cell: `values[starts[i]:starts[i + 1]]` is the list of cell i."""

    starts: Ints
    values: Ints

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Lists:
        lengths = np.fromiter((len(items) for items in lists), np.int64, len(lists))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(starts, np.fromiter((item for items in lists for item in items), np.int64, int(starts[-1])))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def owners(self) -> Ints:
        """The list that each value belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def best(self, scores: np.ndarray[Any, Any], empty: int) -> np.ndarray[Any, Any]:
        """The greatest of `scores` (one per value) in each list; `empty` where there is none."""
        result = np.full(len(self), empty, scores.dtype)
        filled = np.flatnonzero(np.diff(self.starts))
        if len(filled):
            result[filled] = np.maximum.reduceat(scores, self.starts[filled])
        return result


def holders(ids: Ints, lists: Lists) -> Callable[[int], Ints]:
    """A look-up from a value to the rows (sorted) whose list holds it. `ids` gives each row's list (-1 none)."""
    known = np.flatnonzero(ids >= 0)
    lengths = np.diff(lists.starts)[ids[known]]
    rows = np.repeat(known, lengths)
    offsets = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    values = lists.values[np.repeat(lists.starts[ids[known]], lengths) + offsets]
    order = np.argsort(values, kind="stable")
    rows, values = rows[order], values[order]

    def look_up(value: int) -> Ints:
        low, high = np.searchsorted(values, [value, value + 1])
        return rows[low:high]

    return look_up


def flags(
    column: pd.Series[Any], words: Sequence[str], implied: Callable[[str], Sequence[str]]
) -> tuple[Ints, Bools]:
    """A list column over a closed vocabulary as bits (bit i is `words[i]`), and where it is known."""
    ids, texts = distinct_cells(column)
    position = {word: i for i, word in enumerate(words)}
    bits = [
        sum(1 << position[word] for word in {w for item in cell_items(text) for w in (item, *implied(item))})
        for text in texts
    ]
    return np.array([*bits, 0], np.int64)[ids], ids >= 0


def no_more(_word: str) -> Sequence[str]:
    """A word that implies nothing else."""
    return ()
