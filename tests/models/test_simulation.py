"""The simulated market: reproducible, biased as it says, measured on positions without outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.features import FEATURES
from matcher.scoring import load_scorecard
from models.experiments import interval, run_seed, summary
from models.simulation import SHOWN, Market, _hidden_points, simulate


def test_the_same_seed_gives_the_same_market() -> None:
    short, again = (simulate(4, 3, people=120, tests=2) for _time in range(2))
    pd.testing.assert_frame_equal(short.outcomes, again.outcomes)
    assert [q.merit.tolist() for q in short.tests] == [q.merit.tolist() for q in again.tests]
    assert set(short.first(2)["position_id"]) < set(short.outcomes["position_id"])
    other = simulate(5, 3, people=120, tests=2)
    assert not other.outcomes.equals(short.outcomes)


def test_hidden_points_keep_the_experts_order_and_signs() -> None:
    card = load_scorecard()
    for seed in range(20):
        tables = _hidden_points(card, np.random.default_rng(seed))
        for (name, feature), table in zip(FEATURES.items(), tables, strict=True):
            assert table.tolist()[: len(feature.order)] == sorted(table[: len(feature.order)], reverse=True)
            for level, value in zip(feature.order, table, strict=False):
                assert value * card.of(name, level) >= 0
            assert not table[len(feature.order) :].any()


def test_what_is_shown_is_the_experts_list_and_what_is_added_is_not(market: Market) -> None:
    shown = market.outcomes[market.outcomes["listed_by"] == "model"]
    assert shown.groupby("position_id").size().max() == SHOWN
    first = shown[shown["position_id"] == shown["position_id"].iloc[0]].sort_values("shown_rank")
    assert first["shown_score"].is_monotonic_decreasing
    assert market.outcomes.loc[market.outcomes["listed_by"] == "adviser", "shown_rank"].isna().all()


def test_low_ranks_are_looked_at_less(market: Market) -> None:
    table = market.outcomes[market.outcomes["listed_by"] == "model"]
    silent = table["decision"].isna() & (table["stage"] == "proposed")
    assert silent[table["shown_rank"] <= 2].mean() + 0.2 < silent[table["shown_rank"] >= 10].mean()


def test_measuring_positions_have_no_outcome_and_grades_follow_merit(market: Market) -> None:
    names = {market.engine.jobs[query.position].position_id for query in market.tests}
    assert names.isdisjoint(market.outcomes["position_id"])
    for query in market.tests:
        order = np.argsort(query.merit)
        assert (np.diff(query.relevance[order]) >= 0).all()
        assert query.relevance.max(initial=0) <= 4


def test_an_experiment_runs_and_its_summary_has_every_row() -> None:
    result = run_seed(3, [4, 8], people=150, tests=6)
    text = summary([result, {**result, "seed": 4}])
    for label in ("grille apprise", "grille d'expert", "règle 6/3/2", "TF-IDF", "concurrent additif", "hasard"):
        assert f"| {label} |" in text
    assert 0 < result["random"] < result["ceiling"] <= 1


def test_student_interval() -> None:
    mean, low, high = interval([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert round(high - mean, 3) == round(mean - low, 3) == 2.484
