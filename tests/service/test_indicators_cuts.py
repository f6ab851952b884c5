"""Ranges of months, buyers and contracts: what can be had by subtracting one answer from another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.indicators.apart import Asked, given_away, parts_of
from service.indicators.counting import count, kept
from service.indicators.cuts import Cuts, Months, blocks, cut_through, cuts, period_of
from service.indicators.events import Contract, Event, Events
from service.indicators.hiding import FEWEST, Group
from service.settings import Settings
from service.store.database import Store
from tests.service.follow_up import Desk
from tests.service.test_indicators import ask, crowd, work_hours

MONTHS = [f"{2025 + place // 12}-{place % 12 + 1:02d}" for place in range(10, 16)]
A, B = Contract("A", "1" * 14, "91228"), Contract("B", "2" * 14, "91228")
NUMBERS = st.lists(st.integers(0, 9), min_size=len(MONTHS), max_size=len(MONTHS))


def hires(**numbers: list[int]) -> Events:
    """So many hires of each contract in each month, each of somebody else."""
    events = [
        Event(contract, month, f"{contract.award_id} {month} {one}", None)
        for contract in (A, B)
        for month, number in zip(MONTHS, numbers.get(contract.award_id, []), strict=False)
        for one in range(number)
    ]
    return Events(events, [], {})


def known(where: Cuts, months: list[str]) -> set[tuple[int, int]]:
    """The ranges of months whose hires can be had from all answers, by adding and subtracting them: an answer ties
    its first month to the one after its last, and whatever is tied together is known."""
    end = len(MONTHS)
    tied = {place: {place} for place in range(end + 1)}
    for first, last in itertools.combinations_with_replacement(range(end), 2):
        if "hires" in cut_through(where, months, MONTHS[first], MONTHS[last]):
            continue
        both = tied[first] | tied[last + 1]
        for place in both:
            tied[place] = both
    return {(one, other - 1) for group in tied.values() for one in group for other in group if one < other}


@given(NUMBERS)
def test_no_difference_of_ranges_tells_of_fewer_than_five(numbers: list[int]) -> None:
    whole = Months(hires(A=numbers))
    for first, last in known(cuts(whole, whole), whole.names):
        assert Group(sum(numbers[first : last + 1])).safe or not Group(sum(numbers)).safe


@given(NUMBERS, NUMBERS)
def test_nor_a_difference_of_ranges_and_contracts(mine: list[int], others: list[int]) -> None:
    events = hires(A=mine, B=others)
    whole = Months(events)
    of_a = known(cuts(Months(kept(events, Asked(award="A").has)), whole), whole.names)
    of_all = known(cuts(whole, whole), whole.names)
    if "hires" in given_away(events, Asked(award="A")):
        return  # nothing of this contract is told over all the months together
    for first, last in of_a & of_all:
        assert Group(sum(others[first : last + 1])).safe


CONTRACTS = (A, Contract("A2", A.buyer, A.place), B, Contract("C", "3" * 14, "91228"))


@given(st.lists(st.integers(0, 12), min_size=len(CONTRACTS), max_size=len(CONTRACTS)))
def test_no_sum_of_contracts_buyers_and_everything_tells_of_fewer_than_five(numbers: list[int]) -> None:
    """What is told are sums over contracts; a sum can be had from them when it is a combination of those told."""
    found = [
        Event(contract, "2026-05", f"{contract.award_id} {one}", None)
        for contract, number in zip(CONTRACTS, numbers, strict=True)
        for one in range(number)
    ]
    parts = parts_of(Events(found, [], {}))
    filled = [place for place, number in enumerate(numbers) if number]
    told = [
        [place == one for one in filled] for place in filled if "hires" not in parts.awards[CONTRACTS[place].award_id]
    ]
    told += [
        [CONTRACTS[one].buyer == buyer for one in filled]
        for buyer, away in parts.buyers.items()
        if "hires" not in away
    ]
    told += [[True for _one in filled]] if "hires" not in parts.whole else []
    if not told:
        return
    rank = np.linalg.matrix_rank(np.array(told, float))
    for size in range(1, len(filled) + 1):
        for some in itertools.combinations(filled, size):
            total = sum(numbers[place] for place in some)
            more = np.array([*told, [place in some for place in filled]], float)
            assert total >= FEWEST or np.linalg.matrix_rank(more) > rank, (numbers, some)


def test_blocks_are_years_then_quarters_then_months() -> None:
    months = [f"2025-{month:02d}" for month in range(1, 13)] + ["2026-01", "2026-02", "2026-03"]
    assert blocks(months, lambda _block: True) == [[month] for month in months]
    assert blocks(months, lambda _block: False) == [months]
    by_quarter = blocks(months, lambda block: len(block) >= 3)
    assert [block[0] for block in by_quarter] == ["2025-01", "2025-04", "2025-07", "2025-10", "2026-01"]
    assert blocks(months, lambda block: "2025-01" in block) == [months]
    assert blocks([], lambda _block: True) == []


@given(NUMBERS)
def test_blocks_hold_every_month_once_and_are_safe(numbers: list[int]) -> None:
    sizes: Mapping[str, int] = dict(zip(MONTHS, numbers, strict=True))

    def safe(block: Any) -> bool:
        return Group(sum(sizes[month] for month in block)).safe

    found = blocks(MONTHS, safe)
    assert [month for block in found for month in block] == MONTHS
    assert all(safe(block) for block in found) or found == [MONTHS]
    years = [sum(size for month, size in sizes.items() if month[:4] == year) for year in ("2025", "2026")]
    if all(Group(size).safe for size in years):  # a year that can be told is never tied to the next
        assert not any(len({period_of(month, "year") for month in block}) > 1 for block in found)


def test_figures_of_months_count_a_person_once() -> None:
    events = Events([Event(A, month, "one", 10.0) for month in MONTHS], [], {})
    assert Months(events).figures(MONTHS).counts == count(events).counts
    assert Months(events).figures(MONTHS).counts["people"] == 1


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    one = Desk(store, settings, at=datetime(2026, 9, 2, 9, tzinfo=UTC))
    place = {"place": "Évry-Courcouronnes (commune 91228)"}
    for name, buyer in (("C1", "1" * 14), ("C2", "1" * 14), ("C3", "2" * 14)):
        one.award(name, buyer_siret=buyer, body=place)
    return one


def test_two_ranges_subtracted_tell_nothing(desk: Desk) -> None:
    women, men = crowd(desk, "f", 19, sex="F"), crowd(desk, "m", 30, sex="M")
    for month, several in (("2026-03", 8), ("2026-04", 9), ("2026-05", 2)):
        chosen, women = women[:several], women[several:]
        others, men = men[:10], men[10:]
        work_hours(desk, chosen + others, "C1", month)
    whole = ask(desk)["total"]
    shorter = ask(desk, to="2026-04")["total"]
    assert (whole["women"], shorter["women"], shorter["people"]) == (19, None, 37)
    assert ask(desk, to="2026-03")["total"]["women"] == 8
    assert ask(desk, **{"from": "2026-04"})["total"]["women"] == 11
    for by in ("month", "quarter", "year"):
        told = {row["period"]: row["women"] for row in ask(desk, by=by)["periods"]}
        assert (
            told
            == {
                "month": {"2026-03": 8, "2026-04": None, "2026-05": None},
                "quarter": {"2026-T1": 8, "2026-T2": 11},
                "year": {"2026": 19},
            }[by]
        )
    cut = ask(desk, **{"from": "2026-04", "to": "2026-04"}, by="quarter")
    assert [row["women"] for row in cut["periods"]] == [None]  # not the quarter: half of it


def test_a_contract_alone_and_among_others(desk: Desk) -> None:
    women, men = crowd(desk, "f", 20, sex="F"), crowd(desk, "m", 30, sex="M")
    work_hours(desk, women[:9] + men[:10], "C1", "2026-05")
    work_hours(desk, women[9:12] + men[10:20], "C2", "2026-05")
    work_hours(desk, women[12:] + men[20:], "C3", "2026-05")
    one = ask(desk, award_id="C1")
    assert (one["total"]["hours"], one["total"]["people"], one["total"]["women"]) == (190, 19, None)
    assert ask(desk, award_id="C2")["total"]["women"] is None  # 3
    assert ask(desk, award_id="C3")["total"]["women"] == 8
    assert ask(desk, buyer="1" * 14)["total"]["women"] == 12
    assert ask(desk, award_id="C1", buyer="2" * 14)["total"]["people"] == 0
    assert ask(desk, award_id="C9")["total"] == ask(desk, award_id="C3", org="G")["total"]


def test_figures_of_each_buyer_and_each_contract(desk: Desk) -> None:
    women, men = crowd(desk, "f", 20, sex="F"), crowd(desk, "m", 30, sex="M")
    work_hours(desk, women[:9] + men[:10], "C1", "2026-05")
    work_hours(desk, women[9:12] + men[10:20], "C2", "2026-05")
    work_hours(desk, women[12:] + men[20:], "C3", "2026-05")
    buyers = ask(desk, each="buyer")["parts"]
    assert [(row["buyer"], row["award_id"], row["people"], row["women"]) for row in buyers] == [
        ("1" * 14, None, 32, 12),
        ("2" * 14, None, 18, 8),
    ]
    awards = ask(desk, each="award")["parts"]
    assert {row["award_id"]: row["women"] for row in awards} == {"C1": None, "C2": None, "C3": 8}
    assert [row["award_id"] for row in ask(desk, each="award", buyer="2" * 14)["parts"]] == ["C3"]
    assert ask(desk)["parts"] == []
    assert ask(desk, each="both")["parts"] == [*buyers, *awards], "one question tells both, hidden alike"
    assert [{row["part"] for row in rows} for rows in (buyers, awards)] == [{"buyer"}, {"award"}]
    for row in awards:  # the list and the question about one say the same
        alone = ask(desk, award_id=row["award_id"])["total"]
        assert {name: alone[name] for name in ("people", "women", "hours")} == {
            name: row[name] for name in ("people", "women", "hours")
        }


def test_each_contract_over_some_months_follows_its_own_cuts(desk: Desk) -> None:
    people = crowd(desk, "p", 30)
    work_hours(desk, people[:8], "C1", "2026-03")
    work_hours(desk, people[8:10], "C1", "2026-04")
    work_hours(desk, people[10:20], "C3", "2026-03")
    work_hours(desk, people[20:], "C3", "2026-04")
    told = {row["award_id"]: row["people"] for row in ask(desk, each="award", to="2026-03")["parts"]}
    assert told["C1"] is None  # 8, and 10 with April: 2 would be known
    assert {row["award_id"]: row["people"] for row in ask(desk, each="award")["parts"]} == {"C1": 10, "C3": 20}
