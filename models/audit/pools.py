"""The pairs that a scorecard orders: for each position the people whom no filter sets aside, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.engine import Engine
from matcher.fairness.merit import compared_positions
from matcher.features import FEATURES, Levels

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# People times positions looked at; beyond, positions are taken evenly.
MOST_PAIRS = 4_000_000


@dataclass(frozen=True)
class Pairs:
    """n pairs: rows of the engine's positions and candidates, level numbers [features, n], raw scores, and the place
    in the pool, from 1 (first) down to 0 (last)."""

    position: Ints
    person: Ints
    levels: Levels
    raw: Ints
    place: Floats

    def __len__(self) -> int:
        return len(self.position)

    def take(self, chosen: npt.NDArray[np.generic]) -> Pairs:
        """Some pairs."""
        return Pairs(
            self.position[chosen], self.person[chosen], self.levels[:, chosen], self.raw[chosen], self.place[chosen]
        )


def read_pairs(engine: Engine) -> Pairs:
    """The pairs of the pools of the engine's positions (all of them, up to MOST_PAIRS looked at)."""
    size = len(engine.candidates)
    positions, people, levels = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [_none()]
    places: list[Floats] = [np.zeros(0)]
    for i in compared_positions(len(engine.jobs), size, MOST_PAIRS).tolist():
        best = engine.rank(i, size).best
        positions.append(np.full(len(best.rows), i))
        people.append(best.rows)
        levels.append(best.levels)
        places.append(np.linspace(1.0, 0.0, len(best.rows)) if len(best.rows) > 1 else np.ones(len(best.rows)))
    numbers = np.concatenate(levels, axis=1)
    return Pairs(
        np.concatenate(positions), np.concatenate(people), numbers, engine.card.raw(numbers), np.concatenate(places)
    )


def _none() -> Levels:
    return np.zeros((len(FEATURES), 0), np.int8)


def lists(engine: Engine) -> Sequence[Ints]:
    """For each position the rows of the people it would list, best first."""
    return [engine.rank(i, engine.asked(i)).best.rows for i in range(len(engine.jobs))]
