"""The log over HTTP: in pages, by filters, without identity; reading it is written in it."""

from __future__ import annotations

import json

import pytest

from service.audit import LogPage, LogVerdict
from service.lists.models import PairAnswer, SheetAnswer, ShortlistAnswer, SuitableAnswer
from tests.service.databases import Api
from tests.service.lists import World


@pytest.fixture
def world(api: Api) -> World:
    return World(api).fill()


def test_pages_follow_each_other_from_the_last_entry_to_the_first(world: World) -> None:
    world.shortlist(world.adviser)
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = LogPage.model_validate(world.get(world.auditor, "/audit", limit=4, **cursor))
        seen += [entry.seq for entry in page.entries]
        if page.next is None:
            break
        cursor = {"cursor": page.next}
    assert seen == list(range(seen[0], 0, -1)), "what is written meanwhile neither repeats nor hides an entry"
    assert len(seen) > 12


def test_reading_the_log_is_written_once_a_page(world: World) -> None:
    first = world.get(world.auditor, "/audit", limit=3)["entries"]
    entry = world.get(world.auditor, "/audit", limit=1)["entries"][0]
    assert (entry["action"], entry["organisation"]) == ("audit.see", "W")
    assert entry["detail"] == {"entries": 3, "from": first[-1]["seq"], "to": first[0]["seq"]}
    assert entry["seq"] == first[0]["seq"] + 1


def test_filters(world: World) -> None:
    world.shortlist(world.facilitator)
    world.shortlist(world.adviser)
    everything = world.log()
    actor = next(entry["actor"] for entry in everything if entry["action"] == "shortlist.see")
    today = everything[0]["at"][:10]
    for parameters, right in (
        ({"action": "shortlist.see"}, lambda entry: entry["action"] == "shortlist.see"),
        ({"actor": actor}, lambda entry: entry["actor"] == actor),
        ({"object": "position:J1"}, lambda entry: entry["object"] == "position:J1"),
        ({"organisation": "A"}, lambda entry: entry["organisation"] == "A"),
        ({"action": "shortlist.see", "organisation": "F"}, None),
    ):
        wanted = [entry for entry in everything if right(entry)] if right else []
        found = world.log(**parameters)
        if right:
            assert [one for one in found if one["seq"] <= everything[0]["seq"]] == wanted
            assert wanted
        else:
            assert [(one["action"], one["organisation"]) for one in found] == [("shortlist.see", "F")]
    assert world.log(**{"from": "2999-01-01"}) == []
    assert world.log(to="2000-01-01") == []
    assert len(world.log(**{"from": "2000-01-01", "to": "9999-12-31"})) > len(everything)
    assert world.log(**{"from": "1900-01-01"})
    assert today


def test_a_filter_that_is_none_is_refused(world: World) -> None:
    for parameters in ({"from": "hier"}, {"limit": "0"}, {"since": "2026-01-01"}, {"cursor": "x"}):
        answer = world.auditor.get("/api/v1/audit", params=parameters)
        assert answer.status_code in (400, 422), parameters
        assert answer.json()["code"] in ("malformed", "usage"), parameters


def test_it_names_nobody(world: World) -> None:
    proposal = world.propose(world.adviser, "P1")
    world.move(world.facilitator, proposal, "shortlisted")
    world.shortlist(world.facilitator)
    world.get(world.company, "/positions/J1/company-sheet")
    world.adviser.delete("/api/v1/candidates/P2")
    text = json.dumps(world.log(), ensure_ascii=False)
    assert not [word for word in ("Marqueur", "0100000001", '"P1"', "R-", "AAH") if word in text]


def test_the_walk_over_http(world: World) -> None:
    found = LogVerdict.model_validate(world.get(world.auditor, "/audit/verify"))
    assert (found.whole, found.faults) == (True, [])
    assert world.log(action="audit.verify")[0]["detail"] == {"entries": found.entries, "whole": True}
    again = LogVerdict.model_validate(world.get(world.auditor, "/audit/verify", expect=found.digest))
    assert again.expected_at == found.entries
    bad = world.get(world.auditor, "/audit/verify", expect="0" * 63 + "1")
    assert bad["faults"][0]["kind"] == "unexpected"


def test_answers_have_the_shape_that_is_documented(world: World) -> None:
    world.propose(world.adviser, "P1")
    names = world.references()
    for client in (world.adviser, world.facilitator):
        ShortlistAnswer.model_validate(world.shortlist(client))
    PairAnswer.model_validate(world.get(world.adviser, "/positions/J1/candidates/P3"))
    PairAnswer.model_validate(world.get(world.facilitator, f"/positions/J1/candidates/{names['A', 'P3']}"))
    SuitableAnswer.model_validate(world.get(world.adviser, "/candidates/P1/positions"))
    SheetAnswer.model_validate(world.get(world.facilitator, "/positions/J1/company-sheet"))
