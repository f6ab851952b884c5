"""From probable pairs to people: groups in one table, one partner at most between two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.duplicates.records import Ints

Floats = NDArray[np.float64]
LARGEST = 2000


def groups(size: int, left: Ints, right: Ints) -> Ints:
    """The number of the group of each of `size` records, those joined by a chain of pairs being one."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def exclusive(left: Ints, right: Ints, odds: Floats) -> Floats:
    """Probability of each pair when a record has one partner at most: its odds against no partner and the others'.

    `odds` are those of being partners against having none. Symmetric in both tables.
    """
    ofleft = np.bincount(left, odds)[left]
    ofright = np.bincount(right, odds)[right]
    return np.asarray(odds / (1.0 + ofleft + ofright - odds), np.float64)


def one_to_one(left: Ints, right: Ints, gain: Floats) -> NDArray[np.bool_]:
    """Which pairs to keep so that nobody has two partners and the sum of `gain` (above 0) is the greatest.

    Chains of more than LARGEST records are settled best pair first.
    """
    kept = np.zeros(len(left), bool)
    if not len(left):
        return kept
    low = int(left.max()) + 1
    group = groups(low + int(right.max()) + 1, left, right + low)[left]
    order = np.argsort(group, kind="stable")
    for pairs in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        kept[pairs[_settled(left[pairs], right[pairs], gain[pairs])]] = True
    return kept


def _settled(left: Ints, right: Ints, gain: Floats) -> Ints:
    if len(left) == 1:
        return np.zeros(1, np.int64)
    rows, a = np.unique(left, return_inverse=True)
    columns, b = np.unique(right, return_inverse=True)
    if len(rows) + len(columns) > LARGEST:
        return _greedy(left, right, gain)
    from scipy.optimize import linear_sum_assignment  # slow to import, and seldom needed

    table = np.zeros((len(rows), len(columns)))
    place = np.full(table.shape, -1, np.int64)
    table[a, b], place[a, b] = gain, np.arange(len(left))
    chosen = place[linear_sum_assignment(table, maximize=True)]
    return np.asarray(chosen[chosen >= 0], np.int64)


def _greedy(left: Ints, right: Ints, gain: Floats) -> Ints:
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    kept = []
    for pair in np.lexsort((right, left, -gain)):
        one, other = int(left[pair]), int(right[pair])
        if one not in taken_left and other not in taken_right:
            taken_left.add(one)
            taken_right.add(other)
            kept.append(int(pair))
    return np.array(kept, np.int64)
