"""Rows of every kind, good and bad, generated from the column specifications: always an answer, never a defect."""

from __future__ import annotations

from typing import Any

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.schema import CANDIDATES, POSITIONS, Column, Kind, TableSpec
from tests.service.support import Server

DATES = ["2026-02-29", "29/02/2024", "9999-12-31", "1900-01-01", "0001-01-01", "2026-09-01", "permanent", "none"]
CODES = ["91228", "91000", "2A004", "75056", "F1703", "ZZZ99", "R11", "EVRY CEDEX", "ccag-2021", "geiq", "iae-2021"]
WORDS = [
    "maçon",
    "CACES_R482_A",
    "SST@2027-03-01",
    "F1703:18",
    "maçon:6,5",
    ":",
    "@",
    "|",
    "none",
    "x" * 300,
    "é\u0000",
]
NUMBERS = [0, -1, 1, 0.5, 35, 168, 1e9, 1e300, 10**30, "12,5", "1 000", "35h"]
JUNK = st.one_of(st.none(), st.just(""), st.text(max_size=8), st.lists(st.integers(), max_size=2), st.just({"a": 1}))


def good(column: Column) -> st.SearchStrategy[Any]:
    """Values that this kind of column mostly takes."""
    words = sorted({*map(str, (column.words or {}).values())}) or [*WORDS, *CODES]
    if column.kind is Kind.TRI:
        return st.sampled_from([True, False, "oui", "non", None])
    if column.kind is Kind.DATE:
        return st.sampled_from(DATES)
    if column.kind in (Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST):
        return st.lists(st.sampled_from(words), max_size=4) | st.sampled_from(words)
    if column.kind is Kind.LEVEL:
        return st.sampled_from([0, 3, 8, "CAP", "bac+2"])
    if column.kind in (Kind.NUMBER, Kind.RATE, Kind.INTEGER):
        return st.sampled_from(NUMBERS)
    return st.sampled_from(words)


def rows(spec: TableSpec) -> st.SearchStrategy[list[Any]]:
    """Up to five rows: a few columns each, mostly good."""
    key = st.sampled_from(["A", "B", "C", "D", 7, "é\u0000"])
    cells = [
        st.tuples(st.just(column.name), st.one_of(good(column), good(column), good(column), JUNK))
        for column in spec.columns
        if column.name != spec.key
    ]
    filled = st.lists(st.one_of(cells), max_size=12).map(dict)
    row = st.builds(lambda name, rest: {spec.key: name, **rest}, key, filled)
    return st.lists(st.one_of(row, row, row, row, JUNK), min_size=1, max_size=5)


often = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@often
@given(
    people=rows(CANDIDATES),
    rules=st.sampled_from([None, "charte-91-2018", "geiq", "npnru"]),
    on=st.sampled_from(DATES),
)
def test_every_person_is_decided_or_set_aside(
    client: httpx2.Client, server: Server, people: list[Any], rules: str | None, on: str
) -> None:
    answer = client.post("/api/v1/eligibility", json={"candidates": people, "rules": rules, "on": on})
    assert answer.status_code in (200, 422), answer.text
    told = answer.json()
    if answer.status_code == 200:
        assert len(told["decisions"]) + len(told["rejected"]) == len(people)
    elif told["code"] == "nothing_usable" and told["rejected"]:
        assert {row["row"] for row in told["rejected"]} <= set(range(1, len(people) + 1))
    assert "defect" not in server.log()


@often
@given(
    people=rows(CANDIDATES),
    jobs=rows(POSITIONS),
    top=st.sampled_from([None, 1, 100_000]),
    limit=st.sampled_from([None, 1, 100_000]),
)
def test_every_position_is_answered_or_set_aside(
    client: httpx2.Client, server: Server, people: list[Any], jobs: list[Any], top: int | None, limit: int | None
) -> None:
    body = {"candidates": people, "positions": jobs, "top": top, "max_per_candidate": limit, "on": "2026-09-01"}
    answer = client.post("/api/v1/match", json=body)
    assert answer.status_code in (200, 422), answer.text
    told = answer.json()
    if answer.status_code == 200:
        positions = {row["position_id"] for table in ("shortlists", "unfilled") for row in told[table]}
        aside = [row for row in told["rejected"] if row["file"] == "positions"]
        assert len(positions) + len(aside) == len(jobs)
    assert "defect" not in server.log()
