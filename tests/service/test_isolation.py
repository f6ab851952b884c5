"""A key of one organisation learns nothing of another's: what it asks about their identifiers is answered byte for
byte as about identifiers that nobody has, by every route, with every parameter, in both languages."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from service.access.principals import Role
from service.routing import Route
from tests.service.databases import Api, siret_of
from tests.service.lists import POSITION, SITE, World, person
from tests.service.walk import BY_NAME, OTHER, Request, Walk

TARGET = "{target}"
SECRET = "SECRET-0001"  # an identifier that only organisation A has, which holds nothing of the twins below
MARKS = ("Marqueur", "0100000001", SECRET)
# Values for any parameter of any route, good and bad ones.
VALUES: dict[str, tuple[str, ...]] = {
    "cursor": ("", "abc", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "limit": ("1", "0", "9999"),
    "top": ("1", "1000", "0"),
    "format": ("csv", "xlsx", "pdf"),
    "dry_run": ("true", "perhaps"),
    "open": ("true", "false"),
    "stage": ("proposed", "nowhere"),
    "waiting_since": ("2026-01-01", "hier"),
    "q": ("M", "", "x" * 101),
    "candidates": ("x", "a|b", "|"),
    "sort": ("name",),
    "nonesuch": ("1",),
}


@dataclass(frozen=True)
class Probe:
    """A request about something of another organisation: `TARGET` stands for its identifier, of one kind."""

    route: str
    kind: str
    request: Request

    def about(self, name: str) -> Request:
        return filled(self.request, TARGET, name)


def filled(request: Request, place: str, name: str) -> Request:
    """The request with a name in the place of another."""
    return Request(**json.loads(json.dumps(request.__dict__).replace(place, name)))


def ask_of(path: dict[str, str], body: Any = None, **query: str) -> Request:
    return Request(path, query, body)


PROBES: dict[Role, tuple[Probe, ...]] = {
    Role.ADVISER: (
        *(
            Probe(route, kind, ask_of({"candidate_id": TARGET}, body))
            for kind in ("person", "reference")
            for route, body in (
                ("get_candidate", None),
                ("change_candidate", {"facts": {"city": "Évry"}}),
                ("candidate_file", None),
                ("erase_candidate", None),
                ("positions_for", None),
            )
        ),
        *(
            Probe("pair", kind, ask_of({"position_id": "J1", "candidate_id": TARGET}))
            for kind in ("person", "reference")
        ),
        Probe("propose", "person", ask_of({}, {"position_id": "J1", "candidate_id": TARGET})),
        Probe("propose", "reference", ask_of({}, {"position_id": "J1", "candidate_id": TARGET})),
        Probe("order_position", "person", ask_of({"position_id": "J1"}, {"added": [TARGET]})),
        Probe("order_position", "reference", ask_of({"position_id": "J1"}, {"added": [TARGET]})),
        Probe(
            "order_position",
            "reference",
            ask_of({"position_id": "J1"}, {"aside": [{"candidate_id": TARGET, "reason": "other"}]}),
        ),
        Probe("proposal", "proposal", ask_of({"proposal_id": TARGET})),
        Probe("move_proposal", "proposal", ask_of({"proposal_id": TARGET}, {"stage": "withdrawn"})),
        Probe("get_position", "closed", ask_of({"position_id": TARGET})),
        Probe("shortlist", "closed", ask_of({"position_id": TARGET})),
        Probe("order_position", "closed", ask_of({"position_id": TARGET}, {"added": []})),
        Probe("pair", "closed", ask_of({"position_id": TARGET, "candidate_id": "Q1"})),
        Probe("list_candidates", "person", ask_of({}, q=TARGET)),
        Probe("list_candidates", "reference", ask_of({}, q=TARGET)),
        Probe("proposals", "proposal", ask_of({}, cursor=TARGET)),
        Probe("proposals", "closed", ask_of({}, position_id=TARGET)),
    ),
    Role.FACILITATOR: (
        Probe("get_position", "position", ask_of({"position_id": TARGET})),
        Probe("change_position", "position", ask_of({"position_id": TARGET}, {"closed": True})),
        Probe("shortlist", "position", ask_of({"position_id": TARGET})),
        Probe("shortlist_fairness", "position", ask_of({"position_id": TARGET})),
        Probe("company_sheet", "position", ask_of({"position_id": TARGET})),
        Probe("order_position", "position", ask_of({"position_id": TARGET}, {"added": []})),
        Probe("pair", "position", ask_of({"position_id": TARGET, "candidate_id": "{reference}"})),
        Probe("pair", "person", ask_of({"position_id": "JG", "candidate_id": TARGET})),
        Probe("company_sheet", "reference", ask_of({"position_id": "JG"}, candidates=TARGET)),
        Probe("get_award", "award", ask_of({"award_id": TARGET})),
        Probe("proposal", "proposal", ask_of({"proposal_id": TARGET})),
        Probe("move_proposal", "proposal", ask_of({"proposal_id": TARGET}, {"stage": "shortlisted"})),
        Probe("proposals", "position", ask_of({}, position_id=TARGET)),
        Probe("list_positions", "award", ask_of({}, award_id=TARGET)),
        Probe(
            "put_hours",
            "award",
            ask_of(
                {},
                {
                    "hours": [
                        {
                            "award_id": TARGET,
                            "candidate_id": "{reference}",
                            "employer": siret_of(SITE),
                            "mode": "direct",
                            "month": "2026-10",
                            "hours": 1,
                        }
                    ]
                },
            ),
        ),
        Probe("list_hours", "award", ask_of({}, award_id=TARGET)),
        *(Probe("indicators", kind, ask_of({}, **{name: TARGET})) for name, kind in (("buyer", "award"),)),
    ),
    Role.CONTRACTOR: (
        Probe("get_position", "position", ask_of({"position_id": TARGET})),
        Probe("company_sheet", "position", ask_of({"position_id": TARGET})),
        Probe("company_sheet", "position", ask_of({"position_id": TARGET}, candidates="{reference}")),
        Probe("list_positions", "award", ask_of({}, award_id=TARGET)),
    ),
}


@pytest.fixture
def walk(api: Api) -> Walk:
    """Both sides with data of the same shapes, and something of each kind on the side that is asked about."""
    world = World(api)
    one = Walk(world)
    world.put(world.adviser, "candidates", [person(candidate_id=SECRET, first_name="Marqueur", phone="0100000001")])
    world.positions({**POSITION, "position_id": "JCLOSED"})
    assert world.facilitator.patch("/api/v1/positions/JCLOSED", json={"closed": True}).status_code == 200
    world.put(api.client("facilitator", "G"), "positions", [{**POSITION, "position_id": "JG"}])
    one.references = world.references()
    one.proposal = world.propose(world.adviser, SECRET)
    return one


def targets(walk: Walk) -> dict[str, str]:
    return {
        "person": SECRET,
        "reference": walk.references["A", SECRET],
        "proposal": walk.proposal,
        "closed": "JCLOSED",
        "position": "J1",
        "award": "M1",
    }


def twin(name: str) -> str:
    """An identifier of the same shape that nobody has."""
    turned = name[:-2] + "".join("Z" if letter != "Z" else "Y" for letter in name[-2:])
    return turned if len(name) > 2 else name[0] + "9"


def told(answer: httpx2.Response, name: str) -> tuple[int, dict[str, str], bytes]:
    """All that an answer says, but its instant, its own name and the identifier that was asked about."""
    headers = {key: value for key, value in answer.headers.items() if key not in ("date", "x-request-id")}
    content = answer.content
    if answer.headers.get("content-type", "").endswith("json"):
        read = answer.json()
        if isinstance(read, dict):
            read.pop("instance", None)
        content = json.dumps(read, sort_keys=True).encode()
    return answer.status_code, headers, content.replace(name.encode(), b"TARGET")


def varied(route: Route, request: Request, chance: random.Random) -> Iterator[Request]:
    """The request itself, then with parameters of all sorts."""
    yield request
    fields = [*route.query.model_fields, "sort", "nonesuch"]
    for name in fields:
        if name not in request.query and name in VALUES:
            yield replace(request, query={**request.query, name: chance.choice(VALUES[name])})


def test_what_is_elsewhere_answers_as_what_is_nowhere(walk: Walk) -> None:
    chance = random.Random(11)
    names = targets(walk)
    asked = 0
    for role, probes in PROBES.items():
        key = walk.key(role, OTHER[role])
        for probe in probes:
            route, name = BY_NAME[probe.route], names[probe.kind]
            assert role in route.roles, probe
            for there in varied(route, probe.about(name), chance):
                there = filled(there, "{reference}", walk.references["A", "P1"])
                nowhere = filled(there, name, twin(name))
                first, second = (walk.ask(route, one, key) for one in (there, nowhere))
                assert told(first, name) == told(second, twin(name)), (role, probe.route, there)
                assert not [mark for mark in MARKS if mark in first.text.replace(name, "")], (role, probe.route)
                asked += 1
    assert asked > 80
    assert walk.world.get(walk.world.adviser, f"/candidates/{SECRET}")["facts"]["city"] is None, "nothing was changed"


def test_what_a_key_may_ask_says_nothing_of_another_organisation_s_people(walk: Walk) -> None:
    """Whatever an adviser or a company of elsewhere is answered: no name, no identifier, no reference."""
    hidden = [*MARKS, *(reference for (org, _name), reference in walk.references.items() if org == "A")]
    for role in (Role.ADVISER, Role.CONTRACTOR):
        key = walk.key(role, OTHER[role])
        for name, route in BY_NAME.items():
            if role not in route.roles:
                continue
            for request in varied(route, walk.request(route, role), random.Random(name)):
                text = walk.ask(route, request, key).text
                assert not [word for word in hidden if word in text], (role, name, request)


def test_a_facilitator_of_elsewhere_has_references_and_no_name(walk: Walk) -> None:
    key = walk.key(Role.FACILITATOR, "G")
    answer = walk.ask(BY_NAME["shortlist"], Request({"position_id": "JG"}), key)
    assert walk.references["A", SECRET] in answer.text
    assert not [mark for mark in MARKS if mark in answer.text], "proposed, but not for this position"


def test_the_same_language_or_another_the_answer_is_the_same(walk: Walk) -> None:
    key = walk.key(Role.ADVISER, "B")
    for language in ("fr", "en"):
        answers = []
        for name in (SECRET, twin(SECRET)):
            path = f"/api/v1/candidates/{name}"
            headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
            answers.append(told(walk.world.auditor.get(path, headers=headers), name))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
