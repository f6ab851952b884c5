"""The lines of strengths and concerns against the slow way of making them."""

from __future__ import annotations

import numpy as np

from matcher.features import FEATURES, UNKNOWN
from matcher.scoring import Scorecard, load_scorecard
from matcher.wording import SHOWN, phrase, summaries


def slow(numbers: list[int], card: Scorecard) -> tuple[str, str]:
    """Levels that give points, most first; those that take some, then the unknown, most at stake first."""
    named = [(name, FEATURES[name].levels[number]) for name, number in zip(FEATURES, numbers, strict=True)]
    points = {name: card.of(name, level) for name, level in named}
    stake = {name: max(0, *card.points[name].values()) - min(0, *card.points[name].values()) for name in FEATURES}
    good = sorted((pair for pair in named if points[pair[0]] > 0), key=lambda pair: -points[pair[0]])
    bad = sorted((pair for pair in named if points[pair[0]] < 0), key=lambda pair: points[pair[0]])
    unknown = sorted((pair for pair in named if pair[1] == UNKNOWN), key=lambda pair: -stake[pair[0]])
    strengths, concerns = (
        " ; ".join(phrase(name, level) for name, level in pairs[:SHOWN]) for pairs in (good, [*bad, *unknown])
    )
    return strengths, concerns


def test_lines_are_those_of_the_slow_way() -> None:
    card, draw = load_scorecard(), np.random.default_rng(5)
    levels = np.stack([draw.integers(0, len(f.levels), 400) for f in FEATURES.values()]).astype(np.int8)
    strengths, concerns = summaries(levels, card)
    assert [slow(column, card) for column in levels.T.tolist()] == list(zip(strengths, concerns, strict=True))


def test_nobody_has_no_line() -> None:
    assert summaries(np.zeros((len(FEATURES), 0), np.int8), load_scorecard()) == ([], [])
