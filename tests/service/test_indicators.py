"""The charter's figures: counted as by hand, and nothing that tells of fewer than five people."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from service.hours.models import HoursBody
from service.hours.work import put
from service.indicators.cuts import period_of
from service.indicators.events import place_of
from service.indicators.hiding import FEWEST, Group, hidden
from service.indicators.models import IndicatorsAnswer, IndicatorsQuery
from service.indicators.work import indicators
from service.merging import UpsertQuery
from service.people import figures
from service.problems import Problem
from service.settings import Settings
from service.store import tables as t
from service.store.database import Store
from tests.service.follow_up import Desk, content
from tests.service.test_proposals import propose, to_hire

VALID = {"validated_on": "2026-01-15", "validated_by": "Une facilitatrice"}


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    one = Desk(store, settings, at=datetime(2026, 9, 2, 9, tzinfo=UTC))
    one.award("C1", body={"place": "Évry-Courcouronnes (commune 91228)", "place_code": "91000"})
    one.award("C2", buyer_siret="21750001600019", body={"place": "Paris (departement 75)"})
    one.award("C3", org="G", buyer_siret="21330063500017", body={"place_code": "33063"})
    return one


def work_hours(desk: Desk, subjects: list[str], award: str, month: str, hours: float = 10, org: str = "F") -> None:
    rows = [
        {
            "award_id": award,
            "candidate_id": desk.reference(subject),
            "employer": "E",
            "mode": "direct",
            "month": month,
            "hours": hours,
        }
        for subject in subjects
    ]
    query = UpsertQuery(dry_run=False)
    answer = content(put(desk.call("facilitator", org, query=query, body=HoursBody(hours=rows))))
    assert answer["created"] == len(rows)


def ask(desk: Desk, role: str = "facilitator", org: str = "F", **query: Any) -> dict[str, Any]:
    asked = IndicatorsQuery.model_validate(query)
    answer = content(indicators(desk.call(role, org, query=asked)))
    IndicatorsAnswer.model_validate(answer)
    return answer


def crowd(desk: Desk, name: str, size: int, **facts: Any) -> list[str]:
    return [desk.person(f"{name}{place}", **VALID, **facts) for place in range(size)]


def test_figures_as_counted_by_hand(desk: Desk) -> None:
    women = crowd(desk, "f", 6, sex="F", benefits="ARE|RSA", qpv=True)
    men = crowd(desk, "m", 7, sex="M", benefits="none", disability=True)
    work_hours(desk, women + men, "C1", "2026-05")
    work_hours(desk, women, "C1", "2026-06", 20)
    work_hours(desk, men[:5], "C2", "2026-06", 5)
    found = ask(desk)
    total = found["total"]
    assert (total["hours"], total["people"], total["contracts"], total["buyers"]) == (130 + 120 + 25, 13, 2, 2)
    assert (total["women"], total["rsa"], total["qpv"], total["disability"]) == (6, 6, 6, 7)
    assert (total["hires"], total["durable"], total["average_months"], total["hidden"]) == (0, 0, None, [])
    assert found["aims"] is None
    assert found["periods"] == []
    by_month = ask(desk, by="month")
    assert [(row["period"], row["hours"], row["people"]) for row in by_month["periods"]] == [
        ("2026-05", 130, 13),
        ("2026-06", 145, 11),
    ]
    assert ask(desk, **{"from": "2026-06", "to": "06/2026"})["total"]["people"] == 11
    nobody = ask(desk, to="2026-04")["total"]
    assert (nobody["people"], nobody["hours"], nobody["women"], nobody["hidden"]) == (0, 0, 0, [])


def test_hires_lengths_and_durable_exits(desk: Desk) -> None:
    desk.position("P1", award="C1", openings=20)
    contracts: list[dict[str, Any]] = [{"contract": "permanent"}] * 3
    contracts += [{"contract": "fixed", "contract_months": months} for months in (6.0, 6.0, 6.0, 6.0, 6.0, 7.0, 12.0)]
    for place, contract in enumerate(contracts):
        desk.person(f"n{place}")
        to_hire(desk, propose(desk, f"n{place}")["proposal_id"], **contract)
    total = ask(desk, place="91")["total"]
    assert (total["hires"], total["people"]) == (10, 10)
    assert total["durable"] == 5  # three without end, two of more than six months
    assert total["average_months"] == 7.0
    assert (total["women"], "women" in total["hidden"]) == (None, True)
    assert ask(desk, place="91")["aims"]["hours"] == 2_000_000
    assert ask(desk, place="75")["total"]["hires"] == 0


def test_groups_under_five_are_hidden_and_those_of_nearly_everybody(desk: Desk) -> None:
    few = crowd(desk, "f", 4, sex="F", qpv=True)
    rest = crowd(desk, "m", 8, sex="M", benefits="RSA")
    work_hours(desk, few + rest, "C1", "2026-05")
    total = ask(desk)["total"]
    assert (total["people"], total["women"], total["qpv"]) == (12, None, None)
    assert (total["rsa"], total["disability"]) == (None, None)  # 8 of 12: the four others would be known
    assert set(total["hidden"]) == {"women", "qpv", "rsa", "disability"}
    work_hours(desk, few, "C2", "2026-05")
    by_buyer = ask(desk, buyer="21750001600019")["total"]
    assert (by_buyer["people"], by_buyer["hours"]) == (None, 40)


def test_a_hidden_period_is_not_the_total_less_the_others(desk: Desk) -> None:
    women, men = crowd(desk, "f", 20, sex="F"), crowd(desk, "m", 30, sex="M")
    for month, count in (("2026-03", 8), ("2026-04", 9), ("2026-05", 2)):
        chosen, women = women[:count], women[count:]
        others, men = men[:10], men[10:]
        work_hours(desk, chosen + others, "C1", month)
    found = ask(desk, by="month")
    assert [row["women"] for row in found["periods"]] == [8, None, None]  # 2 is hidden, and 9 of the same quarter
    assert found["total"]["women"] == 19
    assert [row["people"] for row in found["periods"]] == [18, 19, 12]


def test_a_hidden_buyer_is_not_all_of_them_less_the_others(desk: Desk) -> None:
    women, men = crowd(desk, "f", 11, sex="F"), crowd(desk, "m", 20, sex="M")
    work_hours(desk, women[:8] + men[:10], "C1", "2026-05")
    work_hours(desk, women[8:] + men[10:], "C2", "2026-05")
    assert ask(desk)["total"]["women"] == 11
    assert ask(desk, buyer="21750001600019")["total"]["women"] is None  # 3
    assert ask(desk, buyer="21910228000019")["total"]["women"] is None  # 8, which would tell the 3
    assert ask(desk, buyer="21910228000019", by="month")["periods"][0]["women"] is None
    assert ask(desk, place="91")["total"]["women"] is None
    assert ask(desk, place="91228")["total"]["women"] is None or ask(desk, place="91")["total"]["women"] is None


def test_whose_figures(desk: Desk) -> None:
    work_hours(desk, crowd(desk, "a", 5), "C1", "2026-05")
    work_hours(desk, crowd(desk, "b", 6), "C3", "2026-05", org="G")
    assert ask(desk)["total"]["people"] == 5
    assert ask(desk, org="G")["total"]["people"] == 6
    assert ask(desk, "auditor", "A")["total"]["people"] == 11
    assert ask(desk, "admin", "A", place="33")["total"]["people"] == 6
    assert ask(desk, org="B")["total"]["people"] == 0


def test_erased_people_still_count(desk: Desk, store: Store) -> None:
    there, gone = crowd(desk, "a", 6, sex="F"), crowd(desk, "b", 5, sex="F")
    men = crowd(desk, "m", 6, sex="M")
    work_hours(desk, there + gone + men, "C1", "2026-05")
    before = ask(desk)
    with store.write("command:tests", None, desk.at) as change:
        for subject in gone:
            left = figures.of_person(change.connection, subject)
            figures.add(change.connection, left, ["all", "women"])
            change.connection.execute(t.hours.delete().where(t.hours.c.subject == subject))
        more = {"award_id": "C1", "month": "2026-05", "part": "all"}
        for measure, value in (("hires", 6.0), ("durable", 0.0), ("contracts", 5.0), ("contract_months", 20.0)):
            change.connection.execute(insert(t.figures).values(**more, measure=measure, value=value))
        change.log("people.erase", "people", pool=True)
    after = ask(desk)
    same = ("hours", "people", "contracts", "buyers", "women", "rsa", "qpv", "disability")
    assert [after["total"][name] for name in same] == [before["total"][name] for name in same]
    assert (after["total"]["hires"], after["total"]["average_months"], after["total"]["durable"]) == (6, 4.0, None)
    assert before["total"]["women"] == 11


@pytest.mark.parametrize(
    ("query", "words"),
    [({"from": "mai"}, "/from"), ({"to": "2026-13"}, "/to"), ({"from": "2026-05", "to": "2026-04"}, "Les échanger")],
)
def test_unreadable_months(desk: Desk, query: dict[str, str], words: str) -> None:
    with pytest.raises(Problem) as found:
        ask(desk, **query)
    assert found.value.code == "usage"
    assert words in found.value.detail


def test_names_of_periods_and_places() -> None:
    assert [period_of(f"2026-{month:02d}", "quarter") for month in (1, 3, 4, 12)] == [
        "2026-T1",
        "2026-T1",
        "2026-T2",
        "2026-T4",
    ]
    assert (period_of("2026-05", "month"), period_of("2026-05", "year")) == ("2026-05", "2026")
    assert place_of({"place": "Île-de-France (region 11)"}) == "R11"
    assert place_of({"place": "Évry (commune 91228)", "place_code": "91000"}) == "91228"
    assert place_of({"place_code": "2A004"}) == "2A004"
    assert place_of({}) is None


CELLS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=5)


@given(CELLS, st.sets(st.integers(0, 4)), st.booleans())
def test_no_hidden_cell_can_be_recomputed(numbers: list[tuple[int, int]], forced: set[int], plain: bool) -> None:
    """Somebody who knows every size, every cell shown and the total still hesitates between several values for each
    hidden cell, and knows the sum of the hidden ones to be of five people at least, in and out."""
    groups = [Group(a, None if plain else b) for a, b in numbers]
    total = Group(sum(a for a, _ in numbers), None if plain else sum(b for _, b in numbers))
    forced &= set(range(len(groups)))
    away, whole = hidden(groups, total, forced)
    assert forced <= away
    for place, group in enumerate(groups):
        small = group.size > 0 and (group.inside < FEWEST or (not plain and (group.outside or 0) < FEWEST))
        assert place in away or not small
    assert whole or total.safe
    filled = [place for place in away if groups[place].size]
    if whole or not filled:
        return
    known = total.inside - sum(group.inside for place, group in enumerate(groups) if place not in away)
    assert known == sum(groups[place].inside for place in away)
    assert known >= FEWEST
    sizes = [int(groups[place].size) for place in filled] if not plain else [int(known)] * len(filled)
    if plain:
        assert len(filled) > 1
        return
    assert sum(sizes) - known >= FEWEST
    for mine in range(len(filled)):
        possible = _interval(sizes, int(known), mine)
        if len(sizes) <= 2:
            guesses = itertools.product(*(range(size + 1) for size in sizes))
            assert possible == {guess[mine] for guess in guesses if sum(guess) == known}
        assert len(possible) > 1


def _interval(sizes: list[int], known: int, mine: int) -> set[int]:
    rest = sum(sizes) - sizes[mine]
    return set(range(max(0, known - rest), min(sizes[mine], known) + 1))


@given(CELLS)
def test_what_is_safe_by_itself_and_with_the_others_is_shown(numbers: list[tuple[int, int]]) -> None:
    groups = [Group(a + FEWEST, b + FEWEST) for a, b in numbers]
    total = Group(sum(g.inside for g in groups), sum(g.outside or 0 for g in groups))
    assert hidden(groups, total) == (set(), False)
