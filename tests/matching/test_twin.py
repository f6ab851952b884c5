"""The engine against the slow, obvious matcher: filters, levels, scores, lists."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.engine import WORTH_CUTTING
from matcher.features import FEATURES, level_names
from matcher.pipeline import Match
from tests.matching import tables
from tests.matching.conftest import Samples
from tests.matching.tables import ON, PEOPLE, POSITION, made
from tests.matching.twin import CARD, FILTERS, Row, SlowMatcher, people_of, place_of, positions_of


def same(result: Match, slow: SlowMatcher, people: list[Row], positions: list[Row], top: int = 10) -> None:
    """Every answer of a run equals the slow matcher's, pair by pair."""
    engine = result.engine
    for position in positions:
        i = engine.positions["position_id"].tolist().index(position["position_id"])
        numbers = engine.levels(i, np.arange(len(people)))
        for row, person in enumerate(people):
            assert level_names(numbers[:, row]) == slow.levels(person, position)
        assert engine.card.raw(numbers).tolist() == [slow.raw(person, position) for person in people]
        if not place_of(position):
            assert position["position_id"] not in set(result.shortlists["position_id"])
            continue
        filters = Counter(slow.first_filter(person, position) for person in people)
        mine = result.exclusions["position_id"] == position["position_id"]
        counted = dict(result.exclusions.loc[mine, ["filter", "people"]].to_numpy().tolist())
        assert counted == {name: filters[name] for name in FILTERS if filters[name]}
        ranking = slow.ranking(people, position)
        assert filters[None] + sum(counted.values()) == len(people)
        wanted = int(position["asked"] or top)
        assert tables.listed(result, position["position_id"]) == [p["candidate_id"] for p in ranking[:wanted]]
        for person, score in zip(ranking, scores(result, position["position_id"]), strict=False):
            assert score == slow_score(slow.raw(person, position))


def scores(result: Match, position_id: str) -> list[float]:
    return result.shortlists.loc[result.shortlists["position_id"] == position_id, "score"].tolist()


def slow_score(raw: int) -> float:
    """The contract's formula over what the scorecard can give (a neutral level gives nothing)."""
    least = CARD["base"] + sum(min(0, *points.values()) for points in CARD["points"].values())
    most = CARD["base"] + sum(max(0, *points.values()) for points in CARD["points"].values())
    return round(100 * (raw - least) / (most - least), 1)


def test_the_features_are_those_of_the_expert_card() -> None:
    assert list(FEATURES) == list(CARD["points"])


def test_samples(samples: Samples) -> None:
    chosen = samples.people.iloc[::2].reset_index(drop=True)
    people, positions = people_of(chosen), positions_of(samples.positions)
    same(made(chosen, samples.positions), SlowMatcher(ON), people, positions)


def test_samples_under_other_options(samples: Samples) -> None:
    chosen, jobs = samples.people.iloc[::7].reset_index(drop=True), samples.positions.iloc[::3]
    options: dict[str, Any] = {
        "rules": "charte-91-2018",
        "complete": ("certificates", "skills"),
        "assume_no": ("qpv", "benefits", "pass_iae_until"),
    }
    with_options = made(chosen, jobs, top=3, **options)
    same(with_options, SlowMatcher(ON, **options), people_of(chosen), positions_of(jobs), top=3)


tables_of_anything = st.tuples(st.lists(PEOPLE, min_size=1, max_size=12), st.lists(POSITION, min_size=1, max_size=3))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables_of_anything, st.sampled_from([(), ("certificates",), ("certificates", "skills")]))
def test_random_tables(rows: tuple[list[Any], list[Any]], complete: tuple[str, ...]) -> None:
    people, jobs = tables.people(*rows[0]), tables.positions(*rows[1])
    result = made(people, jobs, top=3, complete=complete)
    same(result, SlowMatcher(ON, complete=complete), people_of(people), positions_of(jobs), top=3)


def test_people_looked_at_one_by_one(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    straight = made(samples.people, samples.positions)
    monkeypatch.setattr("matcher.facets.MANY", 0)
    alone = made(samples.people, samples.positions)
    assert {view.alone for view in alone.engine.views} == {True, False}
    assert not any(view.alone for view in straight.engine.views)
    pd.testing.assert_frame_equal(straight.shortlists, alone.shortlists)
    pd.testing.assert_frame_equal(straight.contributions, alone.contributions)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_people_dropped_on_the_way_are_not_among_the_best(samples: Samples, count: int) -> None:
    engine = made(samples.people, samples.positions).engine
    dropped = 0
    for i in range(len(engine.jobs)):
        rows = engine.passing(i).rows
        raw = engine.card.raw(engine.levels(i, rows))
        order = sorted(range(len(rows)), key=lambda k: (-raw[k], engine.ties[rows[k]]))[:count]
        best, points = engine.best(i, rows, count)
        assert best.tolist() == rows[order].tolist()
        assert points.tolist() == raw[order].tolist()
        dropped += len(rows) > WORTH_CUTTING * count
    assert dropped


@settings(max_examples=8, deadline=None)
@given(tables_of_anything, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: tuple[list[Any], list[Any]], random: Any) -> None:
    people, jobs = tables.people(*rows[0]), tables.positions(*rows[1])
    order, turned = list(range(len(people))), list(range(len(jobs)))
    random.shuffle(order)
    random.shuffle(turned)
    for limit in (None, 1):
        first = made(people, jobs, top=2, max_per_candidate=limit)
        second = made(people.iloc[order], jobs.iloc[turned], top=2, max_per_candidate=limit)
        pd.testing.assert_frame_equal(first.shortlists, second.shortlists)
        pd.testing.assert_frame_equal(first.contributions, second.contributions)
        pd.testing.assert_frame_equal(first.exclusions, second.exclusions)
        pd.testing.assert_frame_equal(first.unfilled, second.unfilled)


@pytest.mark.parametrize("limit", [None, 1, 3])
def test_shuffled_samples_give_the_same_lists(samples: Samples, limit: int | None) -> None:
    straight = made(samples.people, samples.positions, max_per_candidate=limit)
    people = samples.people.sample(frac=1, random_state=4)
    jobs = samples.positions.sample(frac=1, random_state=4)
    shuffled = made(people, jobs, max_per_candidate=limit)
    pd.testing.assert_frame_equal(straight.shortlists, shuffled.shortlists)


def test_one_person_alone_is_the_same_as_in_a_batch(samples: Samples) -> None:
    jobs = samples.positions.iloc[::4].assign(asked=float("nan"))
    batch = made(samples.people, jobs, top=1000)
    for row in range(0, len(samples.people), 90):
        alone = made(samples.people.iloc[[row]], jobs, top=1000)
        mine = batch.shortlists["candidate_id"] == samples.people["candidate_id"].iloc[row]
        assert len(alone.shortlists) == mine.sum()
        pd.testing.assert_frame_equal(
            alone.shortlists.drop(columns="rank"),
            batch.shortlists[mine].drop(columns="rank").reset_index(drop=True),
        )
