"""A small market, and feedback drawn at random, shared by the tests of learning."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matcher.features import FEATURES
from models.signals import Feedback
from models.simulation import Market, simulate


@pytest.fixture(scope="session")
def market() -> Market:
    """Seventy positions with outcomes, six to measure on."""
    return simulate(102, 70, people=400, tests=6)


@pytest.fixture(scope="session")
def draw() -> Callable[..., Feedback]:
    """A maker of feedback: random levels, answers that follow `points` (one number per feature) or chance alone."""

    def make(seed: int, positions: int = 12, each: int = 9, points: float = 0.0) -> Feedback:
        random = np.random.default_rng(seed)
        count = positions * each
        levels = np.stack([random.integers(0, len(f.levels), count) for f in FEATURES.values()]).astype(np.int8)
        best = sum((line == 0).astype(float) for line in levels[:9])
        wish = list(FEATURES).index("wish")
        merit = points * (best - 2 + 2 * (levels[wish] <= 1)) + random.logistic(size=count)
        passed = np.where(merit > 0, 1 + (merit > 1) + (merit > 2), 0).astype(np.int64)
        group = np.repeat(np.arange(positions), each)
        ranked = random.random(count) < 0.4
        return Feedback(
            position=group,
            person=random.integers(0, 50, count),
            group=group,
            passed=passed,
            failed=(passed == 0) & (random.random(count) < 0.8),
            excused=np.zeros(count, bool),
            added=random.random(count) < 0.1,
            picked=np.zeros(count, np.int64),
            rank=np.tile(np.arange(1, each + 1), positions).astype(float),
            human=np.where(ranked, random.integers(1, 5, count), np.nan),
            day=np.datetime64("2026-01-01", "D") + group.astype("timedelta64[D]"),
            levels=levels,
        )

    return make
