"""List cells parsed once per distinct text, and the lists laid end to end for fast look-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.tables.cells import EMPTY_LIST, split_items
from matcher.tables.items import Cut, cut, one_piece

Ints = np.ndarray[Any, np.dtype[np.int64]]
Dates = np.ndarray[Any, np.dtype[np.datetime64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

UNKNOWN = -1


def distinct_cells(column: pd.Series[Any]) -> tuple[Ints, list[str]]:
    """The index of each row's text among the distinct ones (-1 unknown), and these."""
    ids, texts = pd.factorize(column)
    return ids.astype(np.int64), [str(text) for text in texts]


def list_cells(column: pd.Series[Any]) -> tuple[Ints, Cut]:
    """The index of each row's list among the distinct ones (-1 unknown), and these cut; `none` has no item."""
    coded = one_piece(column).cast(pa.large_string()).dictionary_encode()
    empty = pc.equal(coded.dictionary, EMPTY_LIST)
    cells = cut(pc.if_else(empty, pa.scalar(None, pa.large_string()), coded.dictionary))
    return np.asarray(pc.fill_null(coded.indices, -1), np.int64), cells


def cell_items(text: str) -> list[str]:
    """The items of a canonical list cell; `none` has none."""
    return [] if text == EMPTY_LIST else split_items(text)


def holding(column: pd.Series[Any], item: str) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Whether each row's list holds an item: 1 yes, 0 no, -1 unknown."""
    cells, texts = distinct_cells(column)
    return np.array([*(item in cell_items(text) for text in texts), -1], np.int8)[cells]


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

    @classmethod
    def grouped(cls, owners: Ints, values: Ints, count: int) -> tuple[Lists, Ints]:
        """`count` lists from pairs (owner, value), owners rising: each value once, in the order it first comes, and
        for each pair its place in the result."""
        keys = owners * (int(values.max(initial=0)) + 1) + values
        _distinct, first, place = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        kept = first[order]
        starts = np.searchsorted(owners[kept], np.arange(count + 1))
        return cls(starts.astype(np.int64), values[kept]), rank[place]

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


def holders(lists: Lists) -> Callable[[int], Ints]:
    """A look-up from a value to the lists (sorted) that hold it."""
    order = np.argsort(lists.values, kind="stable")
    owners, values = lists.owners()[order], lists.values[order]

    def look_up(value: int) -> Ints:
        low, high = np.searchsorted(values, [value, value + 1])
        return owners[low:high]

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
