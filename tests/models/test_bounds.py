"""What the bounds hold back: found where outcomes go against the expert, silent where they do not."""

from __future__ import annotations

import numpy as np

from matcher.features import FEATURES
from matcher.scoring import load_scorecard
from models.bounds import breaking, contradicted
from models.cards import diff_markdown
from models.design import Design
from models.picks import summary
from models.selection import select
from models.signals import Feedback

CARD = load_scorecard()
DESIGN = Design.of(CARD)


def decided(positions: int, sign: float) -> Feedback:
    """Random levels; people are retained for their practice (sign > 0), or for having none (sign < 0)."""
    random = np.random.default_rng(3)
    count = positions * 12
    levels = np.stack([random.integers(0, len(f.levels), count) for f in FEATURES.values()]).astype(np.int8)
    practice = list(FEATURES).index("practice")
    merit = sign * np.array(CARD.tables[practice])[levels[practice]] / 8 + random.logistic(size=count)
    passed = (merit > 0.5 * sign).astype(np.int64)
    group = np.repeat(np.arange(positions), 12)
    plain, empty = np.zeros(count, bool), np.full(count, np.nan)
    return Feedback(
        position=group,
        person=np.arange(count),
        group=group,
        passed=passed,
        failed=passed == 0,
        excused=plain,
        added=plain,
        picked=np.zeros(count, np.int64),
        rank=empty,
        human=empty,
        day=np.full(count, np.datetime64("2026-01-01", "D")),
        levels=levels,
    )


def test_a_market_against_the_expert_is_told() -> None:
    against = decided(60, -1.0)
    found = contradicted(against, DESIGN, select(against, DESIGN))
    assert "practice" in found.features
    assert found.sure
    text = diff_markdown(CARD.points, CARD.points, found.figures())
    assert "Les suites contredisent le sens commun sur" in text
    assert "ces points s'arrêtent à zéro, ou à égalité" in text


def test_a_market_with_the_expert_is_not() -> None:
    agreeing = decided(60, 1.0)
    found = contradicted(agreeing, DESIGN, select(agreeing, DESIGN))
    assert not found.sure
    assert "contredisent" not in diff_markdown(CARD.points, CARD.points, found.figures())


def test_breaking_needs_a_clear_wrong_side_or_order() -> None:
    points = DESIGN.prior.copy()
    assert breaking(points, DESIGN) == ()
    first = next(iter(FEATURES))
    slightly, order, side = points.copy(), points.copy(), points.copy()
    slightly[1] = points[0] + 2.5
    order[1] = points[0] + 3.5
    side[: len(FEATURES[first].order)] = -4.0
    assert breaking(slightly, DESIGN) == ()
    assert breaking(order, DESIGN) == (first,)
    assert breaking(side, DESIGN) == (first,)


def test_the_table_of_implicit_choices() -> None:
    sizes = {"30": {"naive": 0.70, "weighted": 0.72, "explicit": 0.8}}
    text = summary([{"seed": 1, "prior": 0.7, "sizes": sizes}, {"seed": 2, "prior": 0.7, "sizes": sizes}])
    assert "| choix implicites, tels quels | +0.000 [+0.000 ; +0.000] |" in text
    assert "| décisions écrites | +0.100 [+0.100 ; +0.100] |" in text
