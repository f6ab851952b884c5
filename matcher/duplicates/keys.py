"""What puts two records in one block: a few views of their fields, and the pairs they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.duplicates import cleaning
from matcher.duplicates.model import Key, Pass, Plan
from matcher.duplicates.records import UNKNOWN, Ints, Records

PREFIX = 3
SHORTEST_WORD = 3
TOGETHER = "together"
"""The view of two fields whose sounds count in whichever order they are written."""
MOST_TEXTS = 1 << 31


def _first_word(text: str) -> str:
    return next((word for word in text.split() if len(word) >= SHORTEST_WORD), text)


def _last_word(text: str) -> str:
    return next((word for word in reversed(text.split()) if len(word) >= SHORTEST_WORD), text)


def _unordered(text: str) -> str:
    """A date whose day and month may be exchanged: both writings give one key."""
    return text[:4] + "".join(sorted((text[4:6], text[6:8])))


VIEWS: dict[str, tuple[Callable[[str], str], ...]] = {
    "exact": (cleaning.squeezed,),
    "sound": (cleaning.sound,),
    "sounds": (lambda text: cleaning.sound(_first_word(text)), lambda text: cleaning.sound(_last_word(text))),
    "start": (lambda text: text[:PREFIX],),
    "unordered": (_unordered,),
    "year": (lambda text: text[:4],),
    "day": (lambda text: text[4:],),
    "local": (lambda text: text.rpartition("@")[0],),
}
"""Each view gives one or more variants of a value; two records meet when they share a variant."""


def candidate_pairs(data: Records, plan: Plan, side: NDArray[np.bool_] | None = None) -> Ints:
    """Distinct pairs of places in `data` that some pass brings together, as `low × len(data) + high`, sorted.

    With `side`, only pairs across it. At most Σ (rows × variants × window) over the passes.
    """
    views = _Views(data)
    made = [np.empty(0, np.int64)]
    for one in plan.passes:
        made.extend(_neighbours(data, one, *_blocks(views, one), side))
    return _distinct(np.concatenate(made))


def _distinct(values: Ints) -> Ints:
    """Sorted, each once."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values


def _neighbours(data: Records, one: Pass, rows: Ints, blocks: Ints, side: NDArray[np.bool_] | None) -> Iterator[Ints]:
    # Codes are sorted as their texts, unknown first.
    sort = np.lexsort((rows, *(data.columns[name].codes[rows] for name in reversed(one.order)), blocks))
    rows, blocks = rows[sort], blocks[sort]
    for lag in range(1, one.window + 1):
        together = np.flatnonzero(blocks[lag:] == blocks[:-lag])
        if not len(together):
            break
        left, right = rows[together], rows[together + lag]
        if side is not None:
            across = side[left] != side[right]
            left, right = left[across], right[across]
        yield np.minimum(left, right) * len(data) + np.maximum(left, right)


def _blocks(views: _Views, one: Pass) -> tuple[Ints, Ints]:
    """Rows and the number of their block; a row with several variants stands in several blocks, in each once."""
    rows, blocks = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for variants in product(*(views.variants(key) for key in one.keys)):
        block, known = np.zeros(len(variants[0]), np.int64), np.ones(len(variants[0]), bool)
        for codes in variants:
            known &= codes >= 0
            block = block * MOST_TEXTS + codes
        places = np.flatnonzero(known)
        rows.append(places)
        blocks.append(block[places])
    block = pd.factorize(np.concatenate(blocks))[0].astype(np.int64)
    size = max(len(views.data), 1)
    once = _distinct(block * size + np.concatenate(rows))
    return once % size, once // size


class _Views:
    """Views of fields as numbers, each made once; a text has the same number in all of them."""

    def __init__(self, data: Records) -> None:
        self.data = data
        self.numbers: dict[str, int] = {}
        self.made: dict[Key, list[Ints]] = {}

    def variants(self, key: Key) -> list[Ints]:
        """Each variant of each row as a number; -1 is unknown."""
        if key not in self.made:
            self.made[key] = list(self._variants(key))
        return self.made[key]

    def _variants(self, key: Key) -> Iterator[Ints]:
        if key.view == TOGETHER:
            first, second = (self._numbered(name, cleaning.sound) for name in key.fields)
            low, high = np.minimum(first, second), np.maximum(first, second)
            codes = pd.factorize(low * MOST_TEXTS + high)[0].astype(np.int64)
            yield np.where(low >= 0, codes, UNKNOWN)
            return
        for name in key.fields:
            for view in VIEWS[key.view]:
                yield self._numbered(name, view)

    def _numbered(self, name: str, view: Callable[[str], str]) -> Ints:
        column = self.data.columns[name]
        texts = map(view, column.texts)
        codes = [self.numbers.setdefault(text, len(self.numbers)) if text else UNKNOWN for text in texts]
        return np.array([*codes, UNKNOWN], np.int64)[column.codes]
