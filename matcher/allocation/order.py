"""The order within one position: points, then ties; and how many people to keep before lists are limited."""

from __future__ import annotations

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

    Points are raw scores above the least the scorecard can give. `levels` are the level numbers [features, people]
    they come from.
    """

    rows: Ints
    points: Ints
    levels: np.ndarray[Any, np.dtype[np.int8]]
