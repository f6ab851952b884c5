"""List cells cut at their bars all at once, each distinct item named once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Cut:
    """Lists of items laid end to end: those of cell i are `words[j]` for j in `items[starts[i]:starts[i + 1]]`."""

    starts: Ints
    items: Ints
    words: list[str]

    def owners(self) -> Ints:
        """The cell that each item belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def whole(self, good: Bools) -> Bools:
        """For each cell whether all its items are good (`good` has one value per word) and none comes twice."""
        owners = self.owners()
        bad = ~good[self.items]
        pairs = np.sort(owners * max(len(self.words), 1) + self.items)
        again = pairs[1:][pairs[1:] == pairs[:-1]] // max(len(self.words), 1)
        result = np.ones(len(self.starts) - 1, bool)
        result[owners[bad]] = False
        result[again] = False
        return result


def one_piece(column: pd.Series[Any]) -> pa.Array:
    """A text column as an Arrow array in one piece; anything missing is null."""
    values = pa.array(column, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        values = values.cast(pa.large_string())
    return values


def cut(texts: pa.Array) -> Cut:
    """Texts cut at every bar, as written: nothing trimmed, nothing left out. A missing text has no item."""
    lists = pc.split_pattern(texts, "|")
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), np.int64)
    coded = lists.flatten().dictionary_encode()
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return Cut(starts, np.asarray(coded.indices, np.int64), coded.dictionary.to_pylist())
