"""The charter's formula, its defaults and the arithmetic of positions."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.awards import insertion_hours, load_defaults, rounded
from matcher.awards.positions import share_hours
from matcher.awards.templates import load_templates
from matcher.awards.timing import add_months, openings, timing
from matcher.errors import UnreadableFile, UsageError

amounts = st.floats(0, 1e9)
shares = st.floats(0, 1)
costs = st.floats(1, 500)


def test_the_worked_example() -> None:
    hours = insertion_hours(1_000_000, 0.5, 0.05, 30)
    assert hours == pytest.approx(833.3333333)
    assert rounded(hours) == 833
    assert insertion_hours(1_000_000, 0.5) == insertion_hours(1_000_000, 0.5, hourly_cost=30) == hours


@pytest.mark.parametrize(("hours", "shown"), [(0.5, 1), (1.5, 2), (2.49, 2), (34.999, 35)])
def test_halves_go_up(hours: float, shown: int) -> None:
    assert rounded(hours) == shown


def test_arrays_keep_unknown_unknown() -> None:
    hours = insertion_hours(np.array([1e6, np.nan]), 0.5, 0.05, 30)
    assert hours[0] == pytest.approx(insertion_hours(1e6, 0.5, 0.05, 30))
    assert math.isnan(hours[1])
    assert math.isnan(insertion_hours(float("nan"), 0.5, 0.05, 30.0))


@given(amounts, amounts, shares, shares, costs)
def test_hours_grow_with_amount_share_and_rate_and_fall_with_cost(
    low: float, high: float, share: float, rate: float, cost: float
) -> None:
    low, high = sorted((low, high))
    assert insertion_hours(low, share, rate, cost) <= insertion_hours(high, share, rate, cost)
    assert insertion_hours(high, share / 2, rate, cost) <= insertion_hours(high, share, rate, cost)
    assert insertion_hours(high, share, rate, cost * 2) <= insertion_hours(high, share, rate, cost)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ((-1.0, 0.5, 0.05, 30.0), "montant doit être positif"),
        ((math.inf, 0.5, 0.05, 30.0), "montant doit être positif"),
        ((1.0, 1.5, 0.05, 30.0), "vont de 0 à 1"),
        ((1.0, 0.5, 5.0, 30.0), "vont de 0 à 1"),
        ((1.0, 0.5, 0.05, 0.0), "coût horaire doit être supérieur à 0"),
    ],
)
def test_terms_out_of_reason(terms: tuple[float, float, float, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        insertion_hours(*terms)


def test_the_longest_known_prefix_gives_the_share() -> None:
    defaults = load_defaults()
    assert (defaults.insertion_rate, defaults.hourly_cost) == (0.05, 30)
    assert defaults.labour("45000000") == (0.5, "valeur par défaut, CPV 45 Travaux de construction")
    assert defaults.labour("90911200")[0] == 0.8
    assert "générale" in defaults.labour("99000000")[1]


def test_every_share_is_said_and_every_family_of_a_template_has_one() -> None:
    defaults = load_defaults()
    assert all(0 < family.share <= 1 and family.why for family in defaults.shares)
    known = {prefix for family in defaults.shares for prefix in family.cpv}
    assert all(not item.jobs or item.family in known for item in load_templates().items)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("insertion_rate: [", UnreadableFile, "n'est pas du YAML valide"),
        ("- 1", UsageError, "clé : valeur"),
        ("insertion_rate: 5", UsageError, "« insertion_rate » doit être un nombre entre 0 et 1"),
        ("insertion_rate: 0.05\nhourly_cost: 0", UsageError, "hourly_cost doit être supérieur à 0"),
    ],
)
def test_a_bad_defaults_file(tmp_path: Path, text: str, error: type[Exception], words: str) -> None:
    path = tmp_path / "hypotheses.yml"
    path.write_text(text)
    with pytest.raises(error, match=words):
        load_defaults(path)


@given(st.floats(35, 1e5), st.floats(1, 48), st.floats(1, 24))
def test_openings_are_the_formula(hours: float, weekly: float, months: float) -> None:
    exact = hours / (weekly * 52 / 12 * months)
    assume(abs(exact - round(exact)) > 1e-6)
    assert openings(hours, weekly, months) == max(1, math.floor(exact))


def test_openings_of_a_round_number() -> None:
    assert openings(3 * 455, 35, 3) == 3
    assert openings(454.9, 35, 3) == 1


@given(st.floats(35, 1e5), st.sampled_from(load_templates().items))
def test_shared_hours_sum_to_the_award_and_none_is_too_small(hours: float, template: object) -> None:
    item = next(item for item in load_templates().items if item is template)
    assume(item.jobs)
    shared = share_hours(hours, [(item, job, job.share) for job in item.jobs])
    assert sum(part for _t, _j, part in shared) == pytest.approx(hours)
    assert all(part >= 35 - 1e-9 for _t, _j, part in shared)


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 11, 15), 3, date(2025, 2, 15)),
        (date(2024, 1, 1), 120000, date(9999, 12, 31)),
    ],
)
def test_month_ends_clamp(day: date, months: float, moved: date) -> None:
    assert add_months(day, months) == moved


def test_positions_start_at_the_later_date_and_never_pass_the_end() -> None:
    on = date(2024, 3, 1)
    later = timing("B-1", date(2024, 5, 1), 12, on, 3)
    assert (later.start, later.end, later.months) == (date(2024, 5, 1), date(2024, 8, 1), 3)
    short = timing("B-1", date(2024, 1, 1), 4, on, 3)
    assert (short.start, short.end) == (on, date(2024, 5, 1))
    assert short.months == pytest.approx(2, abs=0.05)
    assert timing("B-1", date(2023, 3, 1), 12, on, 3).over
    assert not timing("B-1", date(2023, 3, 2), 12, on, 3).over


def test_without_a_date_the_year_of_a_2019_identifier_says_when_it_is_over_and_nothing_else() -> None:
    old = timing("21910000000017-2018COs68", None, 12, date(2024, 3, 1), 3)
    assert old.over
    assert old.guessed
    open_one = timing("21910000000017-2018COs68", None, 120, date(2024, 3, 1), 3)
    assert (open_one.over, open_one.contract_end, open_one.start) == (False, None, date(2024, 3, 1))
