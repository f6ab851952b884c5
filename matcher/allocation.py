"""From scores to lists: the best of each position, and at most M lists for each person when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.resolve.cells import Ints

RESERVE = 10  # how many times the people asked are kept for each position when lists are limited
LEAST_RESERVE = 200


def tie_order(available: np.ndarray[Any, np.dtype[np.datetime64]], ids: pd.Series[Any]) -> Ints:
    """Each person's place when scores are equal: earlier `available` first (empty last), then id as text."""
    days = available.astype("datetime64[D]").astype(np.int64)
    days = np.where(np.isnat(available), np.iinfo(np.int64).max, days)
    by_id = np.argsort(np.argsort(ids.to_numpy(dtype=object), kind="stable"), kind="stable")
    place = np.empty(len(days), np.int64)
    place[np.lexsort((by_id, days))] = np.arange(len(days))
    return place


def best(raw: Ints, ties: Ints, count: int) -> Ints:
    """Positions of the `count` best in `raw`, best first; equal scores by `ties`, the smaller first."""
    key = raw * np.int64(1 << 32) - ties
    if len(key) > count:
        chosen = np.argpartition(-key, count)[:count]
        return chosen[np.argsort(-key[chosen], kind="stable")]
    return np.argsort(-key, kind="stable")


def reserve(asked: int, limited: bool) -> int:
    """How many people to keep for a position before lists are limited."""
    return max(LEAST_RESERVE, RESERVE * asked) if limited else asked


@dataclass(frozen=True)
class Ranked:
    """The people kept for one position, best first: rows of the people table, and points.

    Points are raw scores above the least the scorecard can give, so that a longer list is never worth less.
    `levels` are the level numbers [features, people] they come from.
    """

    rows: Ints
    points: Ints
    levels: np.ndarray[Any, np.dtype[np.int8]]


def allocate(ranked: Sequence[Ranked], asked: Sequence[int], limit: int | None) -> list[Ints]:
    """For each position, which of its ranked people to list (indices into `ranked[i].rows`, in order).

    Without `limit` the first `asked[i]`. With it, nobody is on more than `limit` lists, and the total of the points
    is the greatest possible on the people kept: a transport problem, whose linear programme has a whole-number
    optimum. The solver is deterministic; positions and people come to it in an order that files do not change.
    """
    if limit is None:
        return [np.arange(min(count, len(one.rows))) for one, count in zip(ranked, asked, strict=True)]
    sizes = [len(one.rows) for one in ranked]
    if not sum(sizes):
        return [np.zeros(0, np.int64) for _one in ranked]
    owner = np.repeat(np.arange(len(ranked)), sizes)
    person = np.concatenate([one.rows for one in ranked])
    place = np.concatenate([np.arange(size) for size in sizes])
    gains = 1.0 + np.concatenate([one.points for one in ranked])
    taken = _solve(owner, person, gains, np.asarray(asked), limit)
    return [place[taken & (owner == i)] for i in range(len(ranked))]


def _solve(
    owner: Ints, person: Ints, gains: np.ndarray[Any, np.dtype[np.float64]], asked: Ints, limit: int
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which pairs to list: at most `asked` a position and `limit` a person, each pair at most once, most gains."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix, vstack

    column, people = pd.factorize(person)  # numbered as they come, whatever their place in the file
    ones, edges = np.ones(len(owner)), np.arange(len(owner))
    per_position = coo_matrix((ones, (owner, edges)), shape=(len(asked), len(owner)))
    per_person = coo_matrix((ones, (column, edges)), shape=(len(people), len(owner)))
    solve: Any = linprog
    result = solve(
        -gains,
        A_ub=vstack([per_position, per_person]).tocsr(),
        b_ub=np.concatenate([asked, np.full(len(people), limit)]),
        bounds=(0, 1),
        method="highs-ds",
    )
    if result.x is None:
        raise RuntimeError(f"HiGHS stopped without a solution: {result.message}")
    return np.asarray(result.x > 0.5)
