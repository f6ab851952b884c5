"""The best people of each position over parts. Merging merged parts gives what merging them all at once does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.resolve.cells import Ints


@dataclass(frozen=True)
class Edges:
    """Pairs kept: the position's number, the person's number among everybody, points."""

    owner: Ints
    row: Ints
    points: Ints

    def __len__(self) -> int:
        return len(self.owner)

    def of(self, i: int) -> slice:
        """Where the pairs of position i stand, once merged."""
        low, high = np.searchsorted(self.owner, [i, i + 1])
        return slice(int(low), int(high))


def merged(parts: Sequence[Edges], counts: Ints, ties: Ints) -> Edges:
    """For each position its `counts` best: higher points first, then the smaller of `ties`; positions in order."""
    none = np.zeros(0, np.int64)
    owner, row, points = (
        np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in ("owner", "row", "points")
    )
    order = np.lexsort((ties[row], -points, owner))
    owner, row, points = owner[order], row[order], points[order]
    rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
    kept = rank < counts[owner]
    return Edges(owner[kept], row[kept], points[kept])
