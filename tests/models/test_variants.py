"""Other markets: each habit changes what it says and nothing else, and learning takes what is written, no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.features import FEATURES
from matcher.schema import CANDIDATES
from matcher.scoring import load_scorecard
from models.fit import observe
from models.learning import too_little
from models.selection import comparisons
from models.signals import Feedback, check_outcomes, read_feedback
from models.simulation import Habits, Market, _hidden_points, simulate
from models.variants import (
    VARIANTS,
    by_employer,
    decisions_only,
    orders_only,
    picks_only,
    stages_only,
    summary,
    unranked,
)

ON = date(2026, 9, 1)
ROOT = Path(__file__).parents[2]


def feedback(market: Market, written: Callable[[pd.DataFrame], pd.DataFrame]) -> Feedback:
    table = check_outcomes(written(market.outcomes), market.candidates, market.positions, ON).table
    return read_feedback(table, market.engine)


def test_every_variant_is_specified() -> None:
    page = (ROOT / "models/SIMULATION.md").read_text(encoding="utf-8")
    assert [name for name in VARIANTS if f"`{name}`" not in page] == []


def test_the_usual_habits_are_the_usual_market() -> None:
    usual = simulate(4, 3, people=120, tests=2)
    said = simulate(4, 3, people=120, tests=2, habits=Habits())
    pd.testing.assert_frame_equal(usual.outcomes, said.outcomes)


def test_weights_and_signs_of_a_market() -> None:
    card, names = load_scorecard(), list(FEATURES)
    plain, other = (
        _hidden_points(card, np.random.default_rng(5), habits)
        for habits in (Habits(), Habits(weights={"distance": 5.0}, reversed=("practice",)))
    )
    for name, before, after in zip(names, plain, other, strict=True):
        factor = {"distance": 5.0, "practice": -1.0}.get(name, 1.0)
        assert after.tolist() == pytest.approx((factor * before).tolist())


def test_people_shown_excused_and_unknown() -> None:
    usual, few, excused, unknown = (
        simulate(4, 8, people=150, tests=2, habits=habits)
        for habits in (Habits(), Habits(shown=3), Habits(excused=1.0), Habits(unknown=0.4))
    )
    assert few.outcomes["shown_rank"].max() == 3
    assert usual.outcomes["shown_rank"].max() > 3
    assert not excused.outcomes["decision"].eq("accepted").any()
    for name in ("occupations", "licences", "wage_min", "french_level"):
        assert unknown.candidates[name].isna().mean() > usual.candidates[name].isna().mean() + 0.15, name
    matching = set(CANDIDATES.with_role("M")) - {"commune"}
    others = [name for name in usual.candidates.columns if name not in matching]
    pd.testing.assert_frame_equal(unknown.candidates[others], usual.candidates[others])


def test_who_decides_and_what_rank_was_shown_change_nothing_that_is_explicit(market: Market) -> None:
    plain = feedback(market, lambda table: table)
    for written in (by_employer, unranked):
        other = feedback(market, written)
        assert other.passed.tolist() == plain.passed.tolist()
        assert other.failed.tolist() == plain.failed.tolist()
        assert other.explicit.tolist() == plain.explicit.tolist()


def test_decisions_without_stages_speak_of_the_first_gate_alone(market: Market) -> None:
    found = observe(feedback(market, decisions_only))
    assert set((found.intercept[found.answer == 1] % 4).tolist()) == {0}
    assert 0.0 in found.answer[found.intercept % 4 == 0].tolist()


def test_stages_without_decisions_speak_of_the_later_gates_alone(market: Market) -> None:
    told = feedback(market, stages_only)
    found = observe(told)
    assert 0 not in (found.intercept % 4).tolist(), "being retained without a word is not an answer"
    interview = found.answer[found.intercept % 4 == 1]
    assert {0.0, 1.0} == set(interview.tolist()), "shortlisted, and left there while another was met"
    assert (told.picked[told.passed > 0] == 1).all()
    assert too_little(told) == ""


def test_an_order_given_by_people_is_enough(market: Market) -> None:
    told = feedback(market, orders_only)
    assert not told.explicit.any()
    pairs = comparisons(told, observe(told))
    assert len(pairs.group) > 30
    assert (told.human[pairs.better] < told.human[pairs.worse]).all()
    assert (told.group[pairs.better] == told.group[pairs.worse]).all()
    assert too_little(told) == ""


def test_an_order_is_not_compared_where_people_also_decided(market: Market) -> None:
    told = feedback(market, lambda table: table)
    seen = observe(told)
    decided = comparisons(told, seen)
    by_order = set(zip(seen.better.tolist(), seen.worse.tolist(), strict=True))
    alone = set(told.group[seen.better].tolist()) - set(told.group[np.flatnonzero(told.failed)].tolist())
    ordered = {
        int(told.group[b]) for b, w in zip(decided.better, decided.worse, strict=True) if (int(b), int(w)) in by_order
    }
    assert ordered - alone <= set(told.group[told.passed > 1].tolist())


def test_choices_that_nobody_wrote_down_do_not_teach_alone(market: Market) -> None:
    reason = too_little(feedback(market, picks_only))
    assert "ne feraient que réapprendre l'ordre montré" in reason
    assert "choix que personne n'a écrits" in reason


def test_the_summary_has_a_line_per_variant() -> None:
    sizes = {"30": {"learned": 0.8}, "100": {"learned": 0.85}}
    one = {"variant": "usual", "seed": 1, "prior": 0.7, "ceiling": 0.9, "unbounded": 0.91, "sizes": sizes}
    text = summary([one, {**one, "seed": 2, "prior": 0.8}])
    assert "| `usual` | 2 | 0.750 | 0.800 | 0.850 | 0.900 | 0.910 |" in text
