"""Rates by group, their intervals, what is hidden, and how places are shared."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from matcher.fairness import (
    DIMENSIONS,
    MIN_GROUP,
    age_bands,
    charter_aims,
    eligible_pool,
    exposure_summary,
    fairness,
    gini,
    group_codes,
    hidden,
    list_places,
    ratio_interval,
    selection_rates,
    wilson,
)
from matcher.front import Matcher
from matcher.schema import CANDIDATES
from matcher.tables import coerce

ON = date(2026, 9, 1)
DATES = {"start_date": "2026-10-01", "end_date": "2026-12-31"}
counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def people(**columns: list[object]) -> pd.DataFrame:
    rows = max(len(values) for values in columns.values())
    table = {"candidate_id": [f"P{i:03d}" for i in range(rows)], **columns}
    found = coerce(CANDIDATES, pd.DataFrame(table))
    assert not len(found.rejected)
    return found.table


@given(counts)
def test_wilson_is_the_textbook_interval(count: tuple[int, int]) -> None:
    k, n = count
    low, high = wilson([k], [n])
    known = binomtest(k, n).proportion_ci(method="wilson")
    assert low[0] == pytest.approx(known.low, abs=1e-9)
    assert high[0] == pytest.approx(known.high, abs=1e-9)
    assert low[0] <= k / n <= high[0]


def test_wilson_without_trials_is_unknown() -> None:
    low, high = wilson([0], [0])
    assert math.isnan(low[0])
    assert math.isnan(high[0])


def ratio_of(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    sides = []
    for k, n in (first, second):
        low, high = wilson([k], [n])
        sides.append((np.array([k / n]), low, high))
    low, high = ratio_interval(*sides)
    return float(low[0]), float(high[0])


@given(counts, counts)
def test_the_ratio_lies_within_its_interval(first: tuple[int, int], second: tuple[int, int]) -> None:
    low, high = ratio_of(first, second)
    assert 0 <= low <= high
    if second[0]:
        ratio = (first[0] / first[1]) / (second[0] / second[1])
        assert low <= ratio * (1 + 1e-9)
        assert ratio <= high * (1 + 1e-9)
    else:
        assert math.isinf(high)


@given(counts, counts)
def test_swapping_the_two_rates_inverts_the_interval(first: tuple[int, int], second: tuple[int, int]) -> None:
    low, high = ratio_of(first, second)
    other_low, other_high = ratio_of(second, first)
    if low > 0:
        assert other_high == pytest.approx(1 / low, rel=1e-6)
    if not math.isinf(high):
        assert other_low == pytest.approx(1 / high, rel=1e-6)


def test_the_ratio_interval_covers_the_truth_about_95_times_in_100() -> None:
    random = np.random.default_rng(7)
    a, b = random.binomial(60, 0.3, 4000), random.binomial(90, 0.2, 4000)
    low, high = ratio_interval((a / 60, *wilson(a, np.full(4000, 60))), (b / 90, *wilson(b, np.full(4000, 90))))
    assert 0.94 < np.mean((low <= 1.5) & (high >= 1.5)) < 0.97


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_nothing_small_is_shown_nor_can_be_subtracted(sizes: list[int]) -> None:
    mask = hidden(np.array(sizes))
    shown = [size for size, out in zip(sizes, mask, strict=True) if not out]
    out = [size for size, is_out in zip(sizes, mask, strict=True) if is_out]
    assert all(size >= MIN_GROUP for size in shown)
    assert not out or not shown or (len(out) > 1 and sum(out) >= MIN_GROUP)
    if all(size >= MIN_GROUP for size in sizes):
        assert not out


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    assert hidden(np.array([100, 3, 12, 40])).tolist() == [False, True, True, False]
    assert hidden(np.array([100, 2, 1, 40])).tolist() == [False, True, True, True]
    assert hidden(np.array([100, 3, 2, 40])).tolist() == [False, True, True, False]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30))
def test_gini_is_half_the_relative_mean_difference(values: list[int]) -> None:
    if not sum(values):
        assert math.isnan(gini(values))
        return
    differences = sum(abs(a - b) for a in values for b in values)
    slow = differences / (2 * len(values) ** 2 * (sum(values) / len(values)))
    assert gini(values) == pytest.approx(slow, abs=1e-12)


def test_list_places_weigh_ranks() -> None:
    places, exposure = list_places([np.array([2, 0]), np.array([2]), np.zeros(0, np.int64)], 4)
    assert places.tolist() == [1, 0, 2, 0]
    assert exposure.tolist() == pytest.approx([1 / math.log2(3), 0, 2, 0])


def test_age_bands_change_on_birthdays() -> None:
    births = ["2000-09-01", "2000-09-02", "1976-09-01", "1976-09-02", "NaT"]
    assert age_bands(np.array(births, "datetime64[D]"), ON).tolist() == [
        "26_49",
        "under_26",
        "50_over",
        "26_49",
        "unknown",
    ]
    leap = np.array(["2000-02-29"], "datetime64[D]")
    assert age_bands(leap, date(2026, 2, 27)).tolist() == ["under_26"]
    assert age_bands(leap, date(2026, 2, 28)).tolist() == ["26_49"]


def test_group_codes_keep_unknown_apart() -> None:
    table = people(
        sex=["F", "X", None, "M", "F"],
        benefits=["RSA|ASS", "none", None, "AAH", "ARE"],
        disability=["no", "yes", "yes", None, None],
        disability_until=[None, "2026-08-31", "2026-09-01", None, None],
        qpv=["yes", "no", None, "no", "no"],
    )
    groups = group_codes(table, ON)
    assert groups["sex"].tolist() == ["F", "X", "unknown", "M", "F"]
    assert groups["rsa"].tolist() == ["yes", "no", "unknown", "no", "no"]
    # Out of date; then valid on its last day; then AAH; then not said, with benefits that are known.
    assert groups["disability"].tolist() == ["no", "no", "yes", "yes", "unknown"]
    assert groups["qpv"].tolist() == ["yes", "no", "unknown", "no", "no"]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(10, 120))
def test_rates_equal_plain_counting(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    groups = pd.DataFrame({name: random.choice(list(d.groups), count) for name, d in DIMENSIONS.items()}, dtype="str")
    pool = random.random(count) < 0.8
    places = np.where(pool, random.integers(0, 3, count), 0)
    rates = selection_rates(groups, pool, places, places * 0.5)
    for row in rates.itertuples():
        members = [i for i in range(count) if groups[row.dimension][i] == row.group]
        eligible = [i for i in members if pool[i]]
        listed = [i for i in eligible if places[i]]
        if row.hidden:
            assert math.isnan(row.eligible)
            assert math.isnan(row.people)
            continue
        assert (row.people, row.eligible, row.listed) == (len(members), len(eligible), len(listed))
        assert row.rate == pytest.approx(len(listed) / len(eligible))
        assert row.places == sum(places[i] for i in members)
        others = [i for i in range(count) if pool[i] and i not in members]
        rest = sum(1 for i in others if places[i]) / len(others) if others else math.nan
        assert row.ratio == pytest.approx(row.rate / rest if rest else math.nan, nan_ok=True)
    for name in DIMENSIONS:
        small = [g for g in DIMENSIONS[name].groups if 0 < (pool & (groups[name] == g)).sum() < MIN_GROUP]
        hidden_groups = rates[(rates["dimension"] == name) & rates["hidden"]]["group"].tolist()
        assert set(small) <= set(hidden_groups)


def test_aims_are_not_said_for_a_hidden_group() -> None:
    groups = group_codes(people(sex=["F"] * 3 + ["M"] * 20, benefits=["RSA"] * 10 + ["none"] * 13), ON)
    pool, places = np.ones(23, bool), np.array([1, 0] * 11 + [1])
    women, rsa, qpv = charter_aims(selection_rates(groups, pool, places, places * 1.0), exposure_summary(places))
    assert math.isnan(women.share_listed)
    assert rsa.listed == 5
    assert rsa.share_listed == pytest.approx(5 / 12)
    assert rsa.share_pool == pytest.approx(10 / 23)
    assert qpv.listed == 0


def test_the_pool_leaves_out_objections_and_lost_rights_to_work() -> None:
    table = people(
        commune=["91228"] * 8,
        benefits=["RSA", "RSA", "RSA", "none", "RSA", "RSA", None, "RSA"],
        jobseeker=["yes", "yes", "yes", "no", "yes", "yes", "yes", "yes"],
        disability=["no"] * 8,
        programmes=["none"] * 8,
        pass_iae_until=["none"] * 8,
        qpv=["no"] * 8,
        refugee=["no"] * 8,
        birth_date=["1990-01-01"] * 8,
        qualification_level=["5"] * 8,
        jobseeker_since=["2026-06-01"] * 8,
        objection=["yes", None, None, None, None, None, None, None],
        right_to_work_until=[None, "2026-08-31", "2026-09-01", None, "permanent", "none", None, None],
    )
    positions = pd.DataFrame({"position_id": ["A"], "title": ["maçon"], "commune": ["91228"], **DATES})
    result = Matcher().match(table, positions, on=ON)
    assert eligible_pool(result.engine).tolist() == [False, False, True, False, True, False, True, True]
    found = fairness(result)
    assert found.exposure.pool == 4
    assert found.exposure.listed == 4
    assert found.exposure.never == 0
    assert found.exposure.coverage == 1
    assert found.exposure.gini == 0
    assert found.exposure.most == 1
    assert found.rates["hidden"].all()  # four people: nothing may be shown


def test_a_position_of_unknown_place_makes_nobody_eligible() -> None:
    table = people(benefits=["RSA"], jobseeker=["yes"])
    result = Matcher().match(table, pd.DataFrame({"position_id": ["A"], "title": ["maçon"], **DATES}), on=ON)
    found = fairness(result)
    assert found.exposure.pool == 0
    assert math.isnan(found.exposure.coverage)
    assert math.isnan(found.exposure.gini)
