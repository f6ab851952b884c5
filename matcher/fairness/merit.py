"""Exposure at equal merit: what each person received, and what the people like them received on average.

The exposure of a place is 1 ÷ log2(1 + rank) (Järvelin and Kekäläinen, 2002). Merit-based fairness asks that it
follow merit and not the group (Singh and Joachims, KDD 2018; Biega, Gummadi and Weikum, SIGIR 2018: over many lists,
not one). Here merit is a stratum: the same raw score, or the same fit of occupation, for the same position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.engine import Engine
from matcher.features import FEATURES
from matcher.resolve.cells import Ints
from matcher.resolve.people import Floats

EQUAL_SCORE, EQUAL_JOB = "equal_score", "equal_job"
JOB_FEATURES = ("wish", "practice")
# People times positions looked at: enough for intervals, and the report stays fast on the largest files.
MOST_COMPARED = 2_000_000


@dataclass(frozen=True)
class Merit:
    """For each person [n]: the exposure received, and the mean exposure of the same strata (see `expected`)."""

    observed: Floats
    expected: Floats


@dataclass(frozen=True)
class Merits:
    """Merit by name, measured on `positions` of the run's positions."""

    by_name: Mapping[str, Merit]
    positions: int


def rank_weight(count: int) -> Floats:
    """The exposure of the first `count` ranks."""
    weights: Floats = 1 / np.log2(1 + np.arange(1, count + 1))
    return weights


def expected(exposure: Floats, stratum: Ints) -> Floats:
    """For each pair the mean exposure of its stratum."""
    _names, place = np.unique(stratum, return_inverse=True)
    means: Floats = np.bincount(place, exposure) / np.bincount(place)
    return means[place]


def evenly(count: int, most: int) -> Ints:
    """At most `most` of `count` numbers, evenly spaced."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, max(most, 1)).astype(np.int64))


def compared_positions(positions: int, people: int, most: int = MOST_COMPARED) -> Ints:
    """Positions looked at: all, or as many as `most` pairs of people and positions allow (ten at least)."""
    return evenly(positions, max(10, most // max(people, 1)))


def equal_merits(engine: Engine, listed: Sequence[Ints]) -> Merits:
    """What each person of the engine received on the lists, against people of the same position and score, and of
    the same position, wish and practice. Pools are the people whom no filter sets aside."""
    size = len(engine.candidates)
    found = {name: (np.zeros(size), np.zeros(size)) for name in (EQUAL_SCORE, EQUAL_JOB)}
    chosen = compared_positions(len(engine.positions), size)
    names = list(FEATURES)
    for i in chosen.tolist():
        best = engine.rank(i, size).best
        if not len(best.rows) or not len(listed[i]):
            continue
        exposure = np.zeros(size)
        exposure[listed[i]] = rank_weight(len(listed[i]))
        seen = exposure[best.rows]
        first, second = (best.levels[names.index(name)].astype(np.int64) for name in JOB_FEATURES)
        strata = {EQUAL_SCORE: engine.card.raw(best.levels), EQUAL_JOB: 100 * first + second}
        for name, stratum in strata.items():
            observed, hoped = found[name]
            observed[best.rows] += seen
            hoped[best.rows] += expected(seen, stratum)
    return Merits({name: Merit(*both) for name, both in found.items()}, len(chosen))
