"""Reproducible draws: named streams of uniform numbers, turned into facts by inverse distribution.

Only ``Generator.random`` of PCG64 is used, and every other law is derived from it with comparisons, additions and
linear interpolation: the same seed gives the same bytes on any machine, whatever numpy's own samplers become.
Each named stream is independent: adding a column to the samples leaves the others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]
T = TypeVar("T")


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())])))


def cumulative(weights: Sequence[float] | Floats) -> Floats:
    """Cumulative shares of `weights`; the last one is exactly 1."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    shares: Floats = total / total[-1]
    return shares


class Draws:
    """Vectors of `n` draws; each method takes the name of its stream."""

    def __init__(self, seed: int, n: int) -> None:
        self.seed = seed
        self.n = n

    def uniform(self, name: str) -> Floats:
        """Numbers in [0, 1)."""
        return _stream(self.seed, name).random(self.n)

    def chance(self, name: str, probability: float | npt.NDArray[np.floating[Any]]) -> Bools:
        """True with the given probability (one for all, or one per row)."""
        drawn: Bools = self.uniform(name) < probability
        return drawn

    def pick(self, name: str, weights: Sequence[float] | Floats) -> Ints:
        """An index of `weights`, drawn in their proportion."""
        found: Ints = np.searchsorted(cumulative(weights), self.uniform(name), side="right").astype(np.int64)
        return found

    def pick_by(self, name: str, group: Ints, weights: Floats) -> Ints:
        """An index of `weights[group]` for each row; `weights` has one line per group."""
        lines = np.stack([cumulative(line) for line in weights])
        offset = np.arange(len(lines), dtype=np.float64)[:, None]
        found = np.searchsorted((lines + offset).ravel(), group + self.uniform(name), side="right")
        width = lines.shape[1]
        index: Ints = np.clip(found - group * width, 0, width - 1).astype(np.int64)
        return index

    def curve(self, name: str, points: Sequence[tuple[float, float]]) -> Floats:
        """Values of a distribution given by (cumulative share, value) points, linear between them."""
        shares, values = zip(*points, strict=True)
        drawn: Floats = np.interp(self.uniform(name), shares, values)
        return drawn

    def days(self, name: str, points: Sequence[tuple[float, float]]) -> Ints:
        """`curve` rounded down to whole days."""
        return np.floor(self.curve(name, points)).astype(np.int64)


class Dice:
    """One draw at a time, for the small tables (positions, notices) and for the disorder of the CSV files."""

    def __init__(self, seed: int, name: str) -> None:
        self._numbers = _stream(seed, name)

    def uniform(self) -> float:
        """A number in [0, 1)."""
        return float(self._numbers.random())

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.uniform() < probability

    def whole(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of `items`, equally or by `weights`."""
        if weights is None:
            return items[self.whole(0, len(items) - 1)]
        return items[int(np.searchsorted(cumulative(weights), self.uniform(), side="right"))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` distinct items at most, in their given order."""
        left = list(range(len(items)))
        kept = [left.pop(self.whole(0, len(left) - 1)) for _ in range(min(count, len(left)))]
        return [items[i] for i in sorted(kept)]

    def day(self, start: date, low: int, high: int) -> date:
        """A date from `low` to `high` days after `start`."""
        return start + timedelta(days=self.whole(low, high))
