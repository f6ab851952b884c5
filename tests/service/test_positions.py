"""Positions sent, listed, read, changed and closed; who sees which."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as tuned_by
from hypothesis import strategies as st
from sqlalchemy import select, update

from service import clock
from service.people.source import StoredPool
from service.positions.upsert import closed_after
from service.store import tables as t
from tests.service.databases import Api, siret_of
from tests.service.people import API, actions, counts, put_positions
from tests.service.support import refused


def names(client: Any, **given: Any) -> list[str]:
    answer = client.get(f"{API}/positions", params=given)
    assert answer.status_code == 200, answer.text
    return [line["position_id"] for line in answer.json()["positions"]]


def fill(api: Api, name: str, filled: int, *, closed: bool) -> None:
    """As hires leave a position."""
    with api.store.write("command:tests", None, clock.now()) as change:
        change.connection.execute(
            update(t.positions).filter_by(position_id=name).values(filled=filled, closed=closed)
        )
        change.log("tests", "tests")


def test_sent_twice_nothing_changes(api: Api, jobs: list[dict[str, Any]]) -> None:
    facilitator = api.client("facilitator")
    dry = put_positions(facilitator, *jobs, dry_run=True)
    assert names(facilitator) == []
    first = put_positions(facilitator, *jobs)
    assert (counts(first), first["report"]) == (counts(dry), dry["report"])
    assert first["created"] + first["rejected"] == len(jobs)
    head = StoredPool(api.store).head()
    assert counts(put_positions(facilitator, *jobs)) == (0, 0, first["created"], first["rejected"])
    assert StoredPool(api.store).head() == head


def test_each_role_sees_its_own(api: Api) -> None:
    own, other = api.client("facilitator"), api.client("facilitator", "B")
    put_positions(own, {"position_id": "A1", "siret": siret_of("C"), "award_id": "W"}, {"position_id": "A2"})
    put_positions(other, {"position_id": "B1", "siret": siret_of("C")}, {"position_id": "B2", "siret": siret_of("D")})
    assert own.patch(f"{API}/positions/A1", json={"closed": True}).status_code == 200
    assert names(own) == ["A1", "A2"]
    assert names(own, open=True) == ["A2"]
    assert names(own, open=False, award_id="W") == ["A1"]
    assert names(api.client("adviser", "E")) == ["A2", "B1", "B2"]
    assert names(api.client("contractor", "C")) == ["A1", "B1"]
    assert names(api.client(("adviser", "facilitator"), "A")) == ["A1", "A2", "B1", "B2"]
    assert api.client("facilitator").get(f"{API}/positions/A1").json()["own"]
    assert not api.client("contractor", "C").get(f"{API}/positions/A1").json()["own"]


def test_what_a_caller_may_not_see_is_nothing(api: Api) -> None:
    put_positions(api.client("facilitator"), {"position_id": "A1"})
    api.client("facilitator").patch(f"{API}/positions/A1", json={"closed": True})
    for client in (api.client("facilitator", "B"), api.client("adviser", "A"), api.client("contractor", "C")):
        for method in ("GET", "PATCH"):
            body = {"json": {"closed": False}} if method == "PATCH" else {}
            told = [client.request(method, f"{API}/positions/{name}", **body) for name in ("A1", "nothing")]
            first, second = ({**one.json(), "instance": ""} for one in told)
            assert first == second
            assert told[0].status_code in (403, 404)
    both = api.client(("adviser", "facilitator"), "B")
    put_positions(api.client("facilitator"), {"position_id": "A2"})
    assert both.get(f"{API}/positions/A2").status_code == 200
    refused(both.patch(f"{API}/positions/A2", json={"closed": True}), 404, "absent")


def test_bad_rows_keep_the_words_of_the_table(api: Api) -> None:
    facilitator, other = api.client("facilitator"), api.client("facilitator", "B")
    put_positions(other, {"position_id": "B1", "title": "maçon"})
    report = put_positions(
        facilitator,
        {"position_id": "B1", "title": "à nous"},
        {"position_id": "J1", "rules": "inconnues"},
        {"position_id": "J2", "openings": 0},
        {"position_id": "J3", "siret": "1\u0000"},
        {"position_id": "J4"},
    )
    messages = [line["message"] or "" for line in report["report"]]
    starts = (
        "cet identifiant ne peut pas être utilisé ; en choisir un autre",
        "jeu de règles inconnu",
        "nombre trop petit",
        "code de plus",
    )
    for message, start in zip(messages, (*starts, ""), strict=True):
        assert message.startswith(start)
    assert counts(report) == (1, 0, 0, 4)
    assert other.get(f"{API}/positions/B1").json()["facts"]["title"] == "maçon"


def test_openings_and_hires(api: Api) -> None:
    facilitator = api.client("facilitator")
    put_positions(facilitator, {"position_id": "J", "openings": 2})
    fill(api, "J", 2, closed=True)
    url = f"{API}/positions/J"
    refused(facilitator.patch(url, json={"closed": False}), 409, "conflict")
    report = put_positions(facilitator, {"position_id": "J", "openings": 1})
    assert report["report"][0]["message"].startswith("moins de places que d'embauches déjà notées (2)")
    more = facilitator.patch(url, json={"facts": {"openings": 3}}).json()
    assert (more["openings"], more["filled"], more["closed"]) == (3, 2, False)
    closed = facilitator.patch(url, json={"closed": True, "facts": {"title": "maçon"}}, headers={"If-Match": '"2"'})
    assert (closed.json()["version"], closed.json()["closed"]) == (3, True)
    assert put_positions(facilitator, {"position_id": "J", "wage": 14})["updated"] == 1
    assert facilitator.get(url).json()["closed"]
    again = facilitator.patch(url, json={"closed": False}).json()
    assert (again["closed"], again["version"]) == (False, 5)
    refused(facilitator.patch(url, json={"closed": True}, headers={"If-Match": '"2"'}), 412, "changed")
    with api.store.read() as connection:
        past = connection.execute(select(t.positions_past).order_by(t.positions_past.c.changed)).all()
    assert [row.closed for row in past] == [True, False, True, True]
    assert [row.changed < row.replaced for row in past] == [True] * 4
    assert actions(api)[-5:] == [
        "positions.update",
        "positions.update",
        "position.close",
        "positions.update",
        "position.reopen",
    ]


@given(st.integers(1, 5), st.integers(0, 5), st.booleans(), st.integers(1, 5))
@tuned_by(deadline=None, max_examples=100)
def test_a_position_is_closed_by_hand_or_when_full(before: int, filled: int, by_hand: bool, after: int) -> None:
    class Row:
        def __init__(self) -> None:
            self.openings, self.filled = before, min(filled, before)
            self.closed = by_hand or self.filled == before

    row: Any = Row()
    full_before = row.filled == before
    expected = True if row.filled >= after else by_hand and not full_before
    assert closed_after(row, after) == expected


def test_lists_are_searched_and_sorted_in_the_database(api: Api) -> None:
    one = api.client("facilitator")
    put_positions(
        one,
        {"position_id": "A1", "title": "Électricien", "employer": "Lumière & Fils", "start_date": "2027-03-01"},
        {"position_id": "A2", "title": "plombier", "city": "Évry", "start_date": "2027-01-15"},
        {"position_id": "A3", "title": "électricienne 100%"},
        {"position_id": "A4", "title": "peintre", "start_date": "2027-01-15"},
    )
    assert names(one, sort="start") == ["A2", "A4", "A1", "A3"]
    assert [
        names(one, q=text) for text in ("ELECTRIC", "électric", "lumiere fils", "évry plombier", "100%", "%")
    ] == [
        ["A1", "A3"],
        ["A1", "A3"],
        ["A1"],
        ["A2"],
        ["A3"],
        ["A3"],
    ]
    assert names(one, start_from="2027-01-16") == ["A1"]
    assert names(one, start_until="2027-02-01") == ["A2", "A4"]
    first = one.get(f"{API}/positions", params={"sort": "start", "limit": 2}).json()
    second = one.get(f"{API}/positions", params={"sort": "start", "limit": 2, "cursor": first["next"]}).json()
    assert [line["position_id"] for line in second["positions"]] == ["A1", "A3"]
    refused(one.get(f"{API}/positions", params={"cursor": first["next"]}), 422, "usage")
