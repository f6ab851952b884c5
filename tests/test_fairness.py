"""Rates by group, their intervals, what is hidden, and how places are shared."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from matcher.fairness import (
    DIMENSIONS,
    MIN_GROUP,
    TABLE_COLUMNS,
    age_bands,
    charter_aims,
    contract_months,
    eligible_pool,
    equal_merits,
    expected,
    fairness,
    fairness_table,
    gini,
    group_codes,
    hidden,
    home_groups,
    list_places,
    rank_weight,
    ratio_interval,
    selection_rates,
    standardised_ratio,
    wilson,
)
from matcher.features import FEATURES
from matcher.front import Matcher
from matcher.pipeline import Match
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import coerce, read_table

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
    women, rsa, qpv = charter_aims(selection_rates(groups, pool, places, places * 1.0), 12, 23)
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


# --- exposure and equal merit ----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_expected_exposure_is_the_mean_of_the_stratum(seed: int) -> None:
    random = np.random.default_rng(seed)
    exposure, stratum = random.random(40), random.integers(0, 6, 40)
    found = expected(exposure, stratum)
    for i in range(40):
        mine = [exposure[j] for j in range(40) if stratum[j] == stratum[i]]
        assert found[i] == pytest.approx(sum(mine) / len(mine))
    assert found.sum() == pytest.approx(exposure.sum())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_standardised_ratio_by_hand_and_turned_round(seed: int) -> None:
    random = np.random.default_rng(seed)
    member = np.append(random.random(30) < 0.4, [True, False])
    seen, hoped = random.random(32) * (random.random(32) < 0.5), random.random(32) + 0.1
    seen[-2:] = 0.5
    ratio, low, high = standardised_ratio(member, seen, hoped)
    plain = (seen[member].sum() / hoped[member].sum()) / (seen[~member].sum() / hoped[~member].sum())
    assert ratio == pytest.approx(plain)
    assert 0 <= low <= ratio <= high
    back, back_low, back_high = standardised_ratio(~member, seen, hoped)
    assert back == pytest.approx(1 / ratio)
    assert back_low == pytest.approx(1 / high, abs=1e-9)
    assert back_high == pytest.approx(1 / low if low else math.inf)


def test_a_group_without_a_place_has_an_interval_and_one_without_hope_nothing() -> None:
    member = np.array([True, True, False, False, False])
    ratio, low, high = standardised_ratio(member, np.array([0, 0, 1, 0.5, 0]), np.ones(5))
    assert ratio == low == 0
    assert high > 0
    assert all(map(math.isnan, standardised_ratio(member, np.ones(5), np.array([0.0, 0, 1, 1, 1]))))
    assert all(map(math.isnan, standardised_ratio(member, np.zeros(5), np.ones(5))))


def test_at_parity_the_ratio_is_about_one_and_the_interval_covers_it() -> None:
    random = np.random.default_rng(11)
    ratios, covered = [], []
    for _market in range(300):
        member, appeal = random.random(200) < 0.15, random.normal(size=200)
        seen, hoped = np.zeros(200), np.zeros(200)
        for _position in range(20):
            pool = np.flatnonzero(random.random(200) < 0.4)
            best = pool[np.argsort(-(appeal[pool] + random.normal(size=len(pool))))][:10]
            given = np.zeros(200)
            given[best] = rank_weight(10)
            seen += given
            hoped[pool] += expected(given[pool], random.integers(0, 4, len(pool)))
        ratio, low, high = standardised_ratio(member, seen, hoped)
        ratios.append(ratio)
        covered.append(low <= 1 <= high)
    assert np.median(ratios) == pytest.approx(1, abs=0.06)
    assert 0.92 < np.mean(covered) < 0.985


def test_at_parity_the_four_fifths_rule_cries_often_and_the_interval_seldom() -> None:
    """Ten selections out of a hundred people in two even groups: the reason why no ratio stands alone."""
    random = np.random.default_rng(12)
    chosen = random.hypergeometric(50, 50, 10, 4000)
    rates = chosen / 50, (10 - chosen) / 50
    ratio = np.minimum(*rates) / np.maximum(*rates)
    assert np.mean(ratio < 0.8) > 0.3
    sides = [(rate, *wilson(rate * 50, np.full(4000, 50))) for rate in rates]
    low, high = ratio_interval(sides[0], sides[1])
    assert np.mean((low > 1) | (high < 1)) < 0.06


def sample(root: Path) -> Match:
    people_table = read_table(CANDIDATES, root / "data_samples" / "candidates.csv", today=ON).table
    jobs = read_table(POSITIONS, root / "data_samples" / "positions.csv", today=ON).table
    return Matcher().match(people_table, jobs, on=ON)


@pytest.fixture(scope="module")
def match(root: Path) -> Match:
    return sample(root)


def test_equal_merit_equals_plain_counting(match: Match) -> None:
    engine, listed = match.engine, match.listed
    found = equal_merits(engine, listed)
    assert found.positions == len(engine.jobs)
    observed, hoped = np.zeros(len(engine.candidates)), np.zeros(len(engine.candidates))
    wish, practice = (list(FEATURES).index(name) for name in ("wish", "practice"))
    for i, rows in enumerate(listed):
        given = {int(row): 1 / math.log2(2 + k) for k, row in enumerate(rows)}
        pool = engine.rank(i, len(engine.candidates)).best
        strata: dict[tuple[int, int], list[int]] = {}
        for k, row in enumerate(pool.rows.tolist()):
            strata.setdefault((int(pool.levels[wish, k]), int(pool.levels[practice, k])), []).append(row)
        for rows_of_stratum in strata.values():
            mean = sum(given.get(row, 0) for row in rows_of_stratum) / len(rows_of_stratum)
            for row in rows_of_stratum:
                observed[row] += given.get(row, 0)
                hoped[row] += mean
    job = found.by_name["equal_job"]
    assert job.observed == pytest.approx(observed)
    assert job.expected == pytest.approx(hoped)


def test_labels_dealt_at_random_bring_every_ratio_to_one(match: Match) -> None:
    engine = match.engine
    places, exposure = list_places(match.listed, len(engine.candidates))
    merits, pool = equal_merits(engine, match.listed).by_name, eligible_pool(engine)
    random = np.random.default_rng(5)
    names, covered = ("ratio", "exposure_ratio", "equal_score", "equal_job"), []
    for _turn in range(40):
        dealt = pd.DataFrame({"sex": random.permutation(np.arange(len(pool)) % 3 > 0)}).replace(
            {True: "F", False: "M"}
        )
        rates = selection_rates(dealt, pool, places, exposure, {"sex": DIMENSIONS["sex"]}, merits)
        women = rates[rates["group"] == "F"].iloc[0]
        covered += [women[f"{name}_low"] <= 1 <= women[f"{name}_high"] for name in names]
    assert np.mean(covered) > 0.88


# --- territories, and the file ---------------------------------------------------------------------------------


def test_people_of_several_departments_are_told_apart_by_department() -> None:
    codes, home = home_groups(people(commune=["91228"] * 30 + ["77288"] * 30 + ["75101"] * 30 + ["93001", None]))
    assert home.groups["91"] == "Essonne"
    assert codes.tolist() == ["91"] * 30 + ["77"] * 30 + ["75"] * 30 + ["elsewhere", "unknown"]


def test_people_of_one_department_are_told_apart_by_intercommunality() -> None:
    codes, home = home_groups(people(commune=["91228"] * 40 + ["91377"] * 25 + ["77288"] * 25 + ["91223"] * 5))
    names = [home.groups[code] for code in codes.tolist()]
    assert names[0] == "CA Grand Paris Sud Seine Essonne Sénart"
    assert names[40] == "CA Communauté Paris-Saclay"
    assert names[65] == "Seine-et-Marne"
    assert names[-1] == "autres lieux"
    assert home_groups(people(sex=["F"]))[0].tolist() == ["unknown"]


def test_the_file_has_the_figures_of_the_page_and_hides_the_same(match: Match) -> None:
    found = fairness(match)
    table = fairness_table(found)
    assert list(table.columns) == list(TABLE_COLUMNS)
    shown = found.rates[~found.rates["hidden"]]
    for row in shown.itertuples():
        mine = table[(table["dimension"] == row.dimension) & (table["group"] == row.group)].set_index("figure")
        assert mine.loc["rate", ["value", "low", "high"]].tolist() == pytest.approx(
            [row.rate, row.low, row.high], abs=1e-5
        )
        assert mine.loc["equal_job", "value"] == pytest.approx(row.equal_job, abs=1e-5, nan_ok=True)
    away = table[table["hidden"] == "yes"]
    assert len(away) == int(found.rates["hidden"].sum()) > 0
    assert away[["value", "low", "high"]].isna().to_numpy().all()
    charter = table[table["dimension"] == "charter"].set_index(["group", "figure"])
    assert charter.loc[("sex:F", "share_listed"), "low"] <= charter.loc[("sex:F", "share_listed"), "value"]
    assert charter.loc[("all", "people_listed"), "value"] == len(set(np.concatenate(match.listed).tolist()))


def test_a_run_writes_the_file_beside_the_page_and_not_without_it(match: Match, tmp_path: Path) -> None:
    names = {path.name for path in match.save(tmp_path, ("report",))}
    assert {"report.html", "fairness.csv"} <= names
    assert pd.read_csv(tmp_path / "fairness.csv", sep=";")["figure"].eq("equal_score").any()
    match.save(tmp_path, ("csv",))
    assert not (tmp_path / "fairness.csv").exists()


def test_contracts_are_counted_in_months_with_both_days() -> None:
    positions = pd.DataFrame(
        {
            "start_date": pd.to_datetime(["2026-10-01", "2026-01-01", None]),
            "end_date": pd.to_datetime(["2026-12-31", "2026-12-31", "2026-12-31"]),
        }
    )
    assert contract_months(positions)[:2].tolist() == pytest.approx([92 / 30.4375, 365 / 30.4375])
    assert math.isnan(contract_months(positions)[2])
