"""Scorecards as vectors. The order and the signs of levels become simple bounds: sums of steps that are not negative.

The levels of a feature that the parent scorecard makes positive climb from zero, the others go down from zero:

    points(best) = step + … + step(lowest positive level);  points(worst) = −(step + … )

Neutral levels are worth nothing and have no step. With every step ≥ 0 no order or sign can be broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.features import FEATURES, Levels
from matcher.scoring import Scorecard, load_scorecard

Floats = npt.NDArray[np.float64]

LEVELS: tuple[tuple[str, str], ...] = tuple(
    (name, level) for name, feature in FEATURES.items() for level in feature.order
)


@dataclass(frozen=True)
class Design:
    """What a parent scorecard fixes: its points per level [L], in the order of LEVELS, and their signs.

    A level that the parent puts at zero takes the side where the expert scorecard has it.
    """

    prior: Floats
    positive: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, card: Scorecard) -> Design:
        prior, expert = (
            np.array([one.of(name, level) for name, level in LEVELS], np.float64) for one in (card, load_scorecard())
        )
        return cls(prior, (prior > 0) | ((prior == 0) & (expert > 0)))

    @cached_property
    def steps(self) -> Floats:
        """Matrix [L, L] from steps to points: points = steps @ step sizes."""
        matrix = np.zeros((len(LEVELS), len(LEVELS)))
        place = 0
        for feature in FEATURES.values():
            size = len(feature.order)
            own = np.arange(place, place + size)
            positive = int(np.count_nonzero(self.positive[own]))
            for k in range(positive):  # each level holds its own step and those of the positive levels below
                matrix[place + k, own[k:positive]] = 1.0
            for k in range(positive, size):
                matrix[place + k, own[positive : k + 1]] = -1.0
            place += size
        return matrix

    def size_of(self, points: Floats) -> Floats:
        """The step sizes that give these points."""
        sizes: Floats = np.linalg.solve(self.steps, points).astype(np.float64)
        return sizes


def indicators(levels: Levels) -> Floats:
    """Level numbers [features, n] → 0/1 matrix [n, L]; a neutral level is a row of zeros for its feature."""
    columns = []
    for feature, numbers in zip(FEATURES.values(), levels, strict=True):
        columns.append(numbers[:, None] == np.arange(len(feature.order))[None])
    matrix: Floats = np.concatenate(columns, axis=1).astype(np.float64)
    return matrix


def as_points(values: npt.NDArray[np.generic]) -> Mapping[str, dict[str, int]]:
    """A vector [L] as a scorecard's points. Rounding to whole numbers is monotone: the order is kept."""
    points: dict[str, dict[str, int]] = {}
    for (name, level), value in zip(LEVELS, np.rint(values).astype(int).tolist(), strict=True):
        points.setdefault(name, {})[level] = value
    return points
