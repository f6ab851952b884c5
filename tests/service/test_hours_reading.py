"""Reading hours: whose, page by page, and what the log keeps of it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from service.hours.models import HoursBody, HoursPage, HoursQuery
from service.hours.reading import listing
from service.hours.work import put
from service.merging import UpsertQuery
from service.problems import Problem
from service.settings import Settings
from service.store import tables as t
from service.store.database import Store
from tests.service.databases import Api
from tests.service.follow_up import Desk, content
from tests.service.lists import World
from tests.service.support import refused
from tests.service.walk import Walk

VALID = {"validated_on": "2026-01-15", "validated_by": "Une facilitatrice"}


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    """Two contracts of F and one of G, three people, nine lines on them."""
    one = Desk(store, settings, at=datetime(2026, 7, 2, 9, tzinfo=UTC))
    one.award("C1")
    one.award("C2")
    one.award("C3", "G")
    people = [one.reference(one.person(f"p{place}", **VALID)) for place in range(3)]
    for award, org in (("C1", "F"), ("C2", "F"), ("C3", "G")):
        rows = [
            {
                "award_id": award,
                "candidate_id": person,
                "employer": "E",
                "mode": "direct",
                "month": month,
                "hours": 20,
            }
            for person, month in zip(people, ("2026-04", "2026-05", "2026-06"), strict=True)
        ]
        sent = put(one.call("facilitator", org, query=UpsertQuery(dry_run=False), body=HoursBody(hours=rows)))
        assert content(sent)["created"] == 3
    return one


def read(desk: Desk, org: str = "F", **query: Any) -> dict[str, Any]:
    answer = content(listing(desk.call("facilitator", org, query=HoursQuery.model_validate(query))))
    HoursPage.model_validate(answer)
    return answer


def test_the_hours_of_one_s_own_contracts_the_last_month_first(desk: Desk) -> None:
    found = read(desk)["hours"]
    assert [(row["month"], row["award_id"]) for row in found] == [
        (month, award) for month in ("2026-06", "2026-05", "2026-04") for award in ("C2", "C1")
    ]
    assert {row["candidate_id"] for row in found} == {row["reference"] for row in desk.rows(t.people)}
    assert [row["award_id"] for row in read(desk, "G")["hours"]] == ["C3"] * 3
    assert read(desk, "A")["hours"] == []
    assert [row["month"] for row in read(desk, award_id="C1")["hours"]] == ["2026-06", "2026-05", "2026-04"]
    assert [row["award_id"] for row in read(desk, month="05/2026")["hours"]] == ["C2", "C1"]
    assert read(desk, award_id="C3")["hours"] == read(desk, award_id="nowhere")["hours"] == []


def test_pages_follow_one_another_without_a_gap(desk: Desk) -> None:
    whole = read(desk)["hours"]
    found: list[Any] = []
    following: str | None = None
    for _turn in range(3):
        one = read(desk, limit=2, **({} if following is None else {"cursor": following}))
        found, following = found + one["hours"], one["next"]
    assert (found, following) == (whole, None)
    first = read(desk, limit=2)["next"]
    for other in ({"org": "G"}, {"award_id": "C1"}, {"month": "2026-05"}):
        with pytest.raises(Problem, match="cursor"):
            read(desk, **{"limit": 2, "cursor": first, **other})


def test_a_cursor_holds_no_name_of_the_store(desk: Desk) -> None:
    cursor = read(desk, limit=1)["next"]
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert any(row["reference"].encode() in text for row in desk.rows(t.people))
    assert not any(row["subject"].encode() in text for row in desk.rows(t.people))


def test_who_read_whose_hours_is_written_down_by_contract(desk: Desk) -> None:
    read(desk)
    entries = desk.rows(t.log, action="hours.see")
    assert sorted(entry["object"] for entry in entries) == ["award:C1", "award:C2"]
    read(desk, award_id="C1", limit=1)
    assert len(desk.rows(t.log, action="hours.see")) == 3
    read(desk, "A")
    assert len(desk.rows(t.log, action="hours.see")) == 3  # nobody was seen


def test_an_unreadable_month_is_told(desk: Desk) -> None:
    with pytest.raises(Problem) as found:
        read(desk, month="mai")
    assert found.value.code == "usage"
    assert "AAAA-MM" in found.value.detail


def test_the_address_its_roles_and_its_traces(api: Api) -> None:
    walk = Walk(World(api))
    row = {"award_id": "M1", "candidate_id": walk.references["A", "P4"], "employer": "E", "mode": "direct"}
    facilitator = walk.world.facilitator
    sent = facilitator.put("/api/v1/hours", json={"hours": [{**row, "month": "2026-10", "hours": 12.5}]})
    assert sent.json()["created"] == 1, sent.text
    found = facilitator.get("/api/v1/hours", params={"award_id": "M1"}).json()
    assert found == {"hours": [{**row, "month": "2026-10", "hours": 12.5}], "next": None}
    [entry] = walk.world.log(action="hours.see")
    assert (entry["object"], len(entry["subjects"])) == ("award:M1", 1)
    for client in (walk.world.adviser, walk.world.company, walk.world.auditor):
        refused(client.get("/api/v1/hours"), 403, "forbidden")
    refused(facilitator.get("/api/v1/hours", params={"month": "octobre"}), 422, "usage")
    refused(facilitator.get("/api/v1/hours", params={"person": "x"}), 400, "malformed")
