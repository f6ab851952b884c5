"""Hours: which count, what a contract owes and has, what the log keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from matcher.errors import UnreadableFile
from matcher.rules.modes import MODES
from service.hours import work
from service.hours.limits import Ledger, Limits, month_of, months_between, outside
from service.hours.models import HoursBody, HoursReport
from service.hours.totals import GONE, hours_of, months_of
from service.merging import UpsertQuery
from service.problems import Problem
from service.settings import Settings
from service.store import tables as t
from service.store.database import Store
from tests.service.follow_up import Desk, content

VALID = {"validated_on": "2026-01-15", "validated_by": "Une facilitatrice"}


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    one = Desk(store, settings, at=datetime(2026, 7, 2, 9, tzinfo=UTC))
    one.award("C1")
    return one


def line(candidate: str, **more: Any) -> dict[str, Any]:
    given_ = {"award_id": "C1", "employer": "E", "mode": "direct", "month": "2026-05", "hours": 100}
    return {**given_, "candidate_id": candidate, **more}


def put(desk: Desk, *rows: Any, org: str = "F", dry_run: bool = False) -> dict[str, Any]:
    query = UpsertQuery(dry_run=dry_run)
    answer = content(work.put(desk.call("facilitator", org, query=query, body=HoursBody(hours=list(rows)))))
    HoursReport.model_validate(answer)
    assert [one["row"] for one in answer["report"]] == list(range(1, len(rows) + 1))
    return answer


def results(answer: dict[str, Any]) -> list[str]:
    return [one["result"] for one in answer["report"]]


def test_hours_are_taken_once_corrected_and_taken_away(desk: Desk) -> None:
    one = desk.reference(desk.person("un", **VALID))
    first = put(desk, line(one), line(one, month="06/2026", hours="35,5", mode="etti"))
    assert (first["created"], first["rejected"]) == (2, 0)
    assert [
        (row["mode"], row["month"], row["hours"]) for row in sorted(desk.rows(t.hours), key=lambda r: r["month"])
    ] == [
        ("direct", "2026-05", 100.0),
        ("ETTI", "2026-06", 35.5),
    ]
    assert results(put(desk, line(one), line(one, hours=90))) == ["unchanged", "error"]
    assert results(put(desk, line(one, hours=90))) == ["updated"]
    assert results(put(desk, line(one, hours=0))) == ["updated"]
    assert [row["month"] for row in desk.rows(t.hours)] == ["2026-06"]
    assert [entry["object"] for entry in desk.rows(t.log, action="hours.put")] == ["award:C1"] * 3


def test_a_dry_run_says_the_same_and_saves_nothing(desk: Desk) -> None:
    one = desk.reference(desk.person("un", **VALID))
    rows = [line(one), line("personne"), line(one, hours=500, month="2026-04")]
    dry = put(desk, *rows, dry_run=True)
    assert desk.rows(t.hours) == []
    assert desk.rows(t.log, action="hours.put") == []
    wet = put(desk, *rows)
    assert {**dry, "dry_run": False} == wet
    assert results(wet) == ["created", "error", "error"]


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"award_id": "C9"}, "award_id", "aucun de vos contrats"),
        ({"award_id": "C2"}, "award_id", "aucun de vos contrats"),
        ({"candidate_id": "un"}, "candidate_id", "Aucune personne"),
        ({"candidate_id": None}, "candidate_id", "case vide"),
        ({"mode": "prêt"}, "mode", ""),
        ({"month": "mai 2026"}, "month", "AAAA-MM"),
        ({"month": "2026-13"}, "month", "AAAA-MM"),
        ({"month": "2025-12"}, "month", "avant la notification"),
        ({"month": "2026-08"}, "month", "à venir"),
        ({"hours": 209}, "hours", "208"),
        ({"hours": -1}, "hours", ""),
        ({"hours": None}, "hours", "case vide"),
        ({"employer": "x" * 201}, "employer", "trop long"),
    ],
)
def test_what_does_not_count_is_refused_alone(desk: Desk, change: dict[str, Any], column: str, words: str) -> None:
    desk.award("C2", "G")
    one = desk.reference(desk.person("un", **VALID))
    answer = put(desk, line(one, month="2026-04"), {**line(one), **change})
    assert results(answer) == ["created", "error"]
    assert answer["report"][1]["column"] == column
    assert words in answer["report"][1]["message"]
    assert len(desk.rows(t.hours)) == 1


def test_hours_of_somebody_not_validated_do_not_count(desk: Desk) -> None:
    one, half = desk.person("un"), desk.person("deux", validated_on="2026-01-15")
    answer = put(desk, line(desk.reference(one)), line(desk.reference(half)))
    assert results(answer) == ["error", "error"]
    assert "éligibilité non validée" in answer["report"][0]["message"]


def test_a_month_is_counted_over_employers_and_contracts_of_one_s_own(desk: Desk) -> None:
    desk.award("C3")
    desk.award("C2", "G")
    one = desk.reference(desk.person("un", **VALID))
    assert results(put(desk, line(one, award_id="C2", hours=200), org="G")) == ["created"]
    answer = put(desk, line(one, hours=150), line(one, award_id="C3", hours=58), line(one, employer="F", hours=1))
    assert results(answer) == ["created", "created", "error"]  # what another organisation stored is not told
    assert results(put(desk, line(one, hours=149), line(one, employer="F", hours=1))) == ["updated", "created"]


def test_twenty_four_months_at_one_employer(desk: Desk) -> None:
    desk.award("C4", notified_on="2024-01-10", ends_on="2027-01-10")
    one = desk.reference(desk.person("un", **VALID))
    start = line(one, award_id="C4", month="2024-03")
    assert results(put(desk, start)) == ["created"]
    last, beyond = {**start, "month": "2026-02"}, {**start, "month": "2026-03"}
    answer = put(desk, last, beyond, {**beyond, "employer": "autre"}, {**start, "month": "2024-02"})
    assert results(answer) == ["created", "error", "created", "error"]
    assert "24 mois" in answer["report"][1]["message"]
    put(desk, {**start, "hours": 0})
    assert results(put(desk, beyond)) == ["created"]


def test_limits_follow_the_settings(store: Store, settings: Settings) -> None:
    tight = settings.model_copy(update={"hours_per_month": 20.0, "hours_months": 1})
    desk = Desk(store, tight, at=datetime(2026, 7, 2, 9, tzinfo=UTC))
    desk.award("C1")
    one = desk.reference(desk.person("un", **VALID))
    assert results(put(desk, line(one, hours=21), line(one, hours=20), line(one, hours=1, month="2026-06"))) == [
        "error",
        "error",  # the same key as row 1
        "created",
    ]


def test_nothing_usable_is_a_problem(desk: Desk) -> None:
    with pytest.raises(UnreadableFile, match="candidate_id"):
        put(desk, {"award_id": "C1"})
    with pytest.raises(Problem) as found:
        put(desk, line("un", mode="prêt"))
    assert found.value.code == "nothing_usable"


def test_totals_by_their_formulas(desk: Desk, store: Store) -> None:
    desk.position("P1", award="C1", openings=4, hours=600.0, mode="direct")
    desk.position("P2", award="C1", openings=2, hours=300.0, mode="GEIQ")
    desk.position("P3", award="C1", openings=2, hours=100.0)
    desk.position("P4", "G", award="C1", hours=5000.0)  # somebody else's position names our contract: not ours
    with store.write("command:tests", None, desk.at) as change:
        for name, filled, closed in (("P1", 1, False), ("P2", 2, True), ("P3", 1, True)):
            values = {"filled": filled, "closed": closed}
            change.connection.execute(update(t.positions).filter_by(position_id=name).values(**values))
        figure = {"award_id": "C1", "month": "2026-03", "measure": "hours"}
        for part, value in (("all", 40.0), ("women", 40.0)):
            change.connection.execute(insert(t.figures).values(**figure, part=part, value=value))
        change.log("tests", "tests")
    one = desk.reference(desk.person("un", **VALID))
    put(desk, line(one, hours=60), line(one, hours=100, mode="ETTI", month="2026-06"))
    with store.read() as connection:
        found = hours_of(connection, "C1", date(2026, 7, 2))
    assert found == {
        "due": 1000.0,
        "planned": 950.0,  # 600 + 300 + half of 100: a closed position plans what it filled
        "signed": 500.0,  # 600 / 4 + 300 + 100 / 2
        "done": 200.0,
        "remaining": 800.0,
        "expected": 500.0,  # 182 of the 364 days
        "late": 300.0,
        "by_mode": [
            {"mode": "direct", "planned": 650.0, "signed": 200.0, "done": 60.0},
            {"mode": "ETTI", "planned": 0.0, "signed": 0.0, "done": 100.0},
            {"mode": "GEIQ", "planned": 300.0, "signed": 300.0, "done": 0.0},
            {"mode": GONE, "planned": 0.0, "signed": 0.0, "done": 40.0},
        ],
    }


@pytest.mark.parametrize(
    ("columns", "day", "expected"),
    [
        ({"hours_due": None}, date(2026, 7, 2), None),
        ({"notified_on": None}, date(2026, 7, 2), None),
        ({"ends_on": None}, date(2026, 7, 2), None),
        ({}, date(2025, 7, 2), 0.0),
        ({}, date(2027, 7, 2), 1000.0),
        ({"ends_on": "2026-01-01"}, date(2026, 1, 1), 1000.0),
    ],
)
def test_what_is_expected_by_now(
    desk: Desk, store: Store, columns: dict[str, Any], day: date, expected: float | None
) -> None:
    desk.award("C5", **columns)
    with store.read() as connection:
        found = hours_of(connection, "C5", day)
    assert (found["expected"], found["late"]) == (expected, expected)
    assert found["remaining"] == columns.get("hours_due", 1000.0)
    assert found["by_mode"] == []


MONTHS = st.sampled_from([f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)])
KEYS = st.tuples(
    st.sampled_from(["C1", "C2"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["E", "F"]),
    st.sampled_from(MODES),
    MONTHS,
)


@given(st.lists(st.tuples(KEYS, st.sampled_from([0.0, 10.0, 60.0, 100.0]))))
def test_the_ledger_never_holds_more_than_the_limits(rows: list[tuple[Any, float]]) -> None:
    """Against the slow way: all sums and spans over again after each row."""
    ledger = Ledger(Limits(100.0, 12), {})
    kept: dict[Any, float] = {}
    for key, hours in rows:
        after = {**kept, key: hours}
        total = sum(number for one, number in after.items() if (one[1], one[4]) == (key[1], key[4]))
        months = {one[4] for one, number in after.items() if one[1:3] == key[1:3] and number > 0} | {key[4]}
        grows = hours > kept.get(key, 0.0)
        fits = total <= 100.0 and months_between(min(months), max(months)) < 12
        assert (ledger.refusal(key, hours) is None) == (fits or not grows)
        if fits or not grows:
            result = ledger.put(key, hours)
            assert (result == "unchanged") == (kept.get(key, 0.0) == hours)
            kept = after


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-05", "2026-05"),
        ("2026-5", "2026-05"),
        ("2026-05-31", "2026-05"),
        ("05/2026", "2026-05"),
        (" 5/2026 ", "2026-05"),
        ("2026-00", None),
        ("13/2026", None),
        ("202605", None),
        ("0026-05", None),
        ("", None),
    ],
)
def test_months_as_people_write_them(text: str, month: str | None) -> None:
    assert month_of(text) == month


def test_the_current_month_counts() -> None:
    assert outside("2026-07", None, date(2026, 7, 1)) is None
    assert outside("2026-01", "2026-01-31", date(2026, 7, 1)) is None


def test_months_of_a_contract_follow_one_another(desk: Desk, store: Store) -> None:
    with store.write("command:tests", None, desk.at) as change:
        left = {"award_id": "C1", "month": "2026-03", "measure": "hours", "part": "all", "value": 40.0}
        change.connection.execute(insert(t.figures).values(**left))
        change.log("tests", "tests")
    one, other = (desk.reference(desk.person(name, **VALID)) for name in ("un", "deux"))
    put(desk, line(one, hours=60), line(other, hours=20), line(one, hours=10.5, month="2026-07"))
    with store.read() as connection:
        found = months_of(connection, "C1", date(2026, 7, 2))
    assert [(row["month"], row["done"], row["so_far"]) for row in found] == [
        ("2026-01", 0.0, 0.0),
        ("2026-02", 0.0, 0.0),
        ("2026-03", 40.0, 40.0),
        ("2026-04", 0.0, 40.0),
        ("2026-05", 80.0, 120.0),
        ("2026-06", 0.0, 120.0),
        ("2026-07", 10.5, 130.5),
    ]
    assert found[0]["expected"] == pytest.approx(1000 * 30 / 364, abs=0.01)  # the end of January
    assert found[-1]["expected"] == 500.0  # today, not the end of July
    desk.award("C6", notified_on=None, ends_on=None)
    desk.award("C7", ends_on="2026-02-10")
    with store.read() as connection:
        assert months_of(connection, "C6", date(2026, 7, 2)) == []
        over = months_of(connection, "C7", date(2026, 7, 2))
    assert [(row["month"], row["expected"]) for row in over] == [("2026-01", 750.0), ("2026-02", 1000.0)]
