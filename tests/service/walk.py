"""One good request for every route, in the name of any role: what the walks over all routes share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from service import clock
from service.access.keys import create
from service.access.principals import Role, Scope
from service.routes import ROUTES
from service.routing import Route
from tests.service.databases import siret_of
from tests.service.lists import POSITION, SITE, World, person

BY_NAME = {route.name: route for route in ROUTES}
OWN = {Role.ADVISER: "A", Role.FACILITATOR: "F", Role.CONTRACTOR: SITE, Role.AUDITOR: "W", Role.ADMIN: "W"}
OTHER = {Role.ADVISER: "B", Role.FACILITATOR: "G", Role.CONTRACTOR: "ELSEWHERE", Role.AUDITOR: "V", Role.ADMIN: "V"}
AWARD: dict[str, Any] = {
    "object": "Travaux de maçonnerie",
    "cpv": "45262500",
    "amount": 1_000_000,
    "notified_on": "2026-09-01",
    "duration_months": 24,
    "place_code": "91228",
    "place_kind": "Code commune",
    "social": "Clause sociale",
    "buyer_siret": "21910228000019",
}


@dataclass
class Request:
    """What is asked: identifiers in the path, parameters, a body."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass
class Walk:
    """A filled world, keys of every kind, and good requests."""

    world: World
    numbers: Iterable[int] = field(default_factory=lambda: count(1))
    keys: dict[tuple[Role, str, bool], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.fill()
        answer = self.world.facilitator.post("/api/v1/awards", json={"awards": [{**AWARD, "award_id": "M1"}]})
        assert answer.json()["created"] == 1, answer.text
        self.references = self.world.references()
        self.proposal = self.world.propose(self.world.adviser, "P4")

    def key(self, role: Role, org: str, *, read_only: bool = False) -> str:
        if (role, org, read_only) not in self.keys:
            self.world.api.organisation(org)
            scopes = (Scope.READ,) if read_only else tuple(Scope)
            with self.world.api.store.write("command:tests", None, clock.now()) as change:
                self.keys[role, org, read_only] = create(change, org, [role], "walk", scopes=scopes).text
        return self.keys[role, org, read_only]

    def ask(self, route: Route, request: Request, key: str | None) -> Any:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        path = "/api/v1" + route.path.format(**request.path)
        client = self.world.auditor
        body = {} if request.body is None else {"json": request.body}
        sent = client.build_request(route.method, path, params=request.query, headers=headers, **body)
        if key is None:
            del sent.headers["Authorization"]
        return client.send(sent)

    def fresh_person(self) -> tuple[str, str]:
        """Somebody new of organisation A: their identifier and reference."""
        name = f"N{next(iter(self.numbers))}"
        self.world.put(self.world.adviser, "candidates", [person(candidate_id=name)])
        seen = self.world.get(self.world.adviser, f"/candidates/{name}")
        return name, seen["reference"]

    def fresh_proposal(self) -> str:
        name, _reference = self.fresh_person()
        return self.world.propose(self.world.adviser, name)

    def request(self, route: Route, role: Role) -> Request:
        """A request that the role may make when A, F, SITE or W is its organisation."""
        return _REQUESTS[route.name](self, role)


def _person(walk: Walk, role: Role) -> dict[str, str]:
    return {"candidate_id": "P4" if role is Role.ADVISER else walk.references["A", "P4"]}


def _erased(walk: Walk, role: Role) -> Request:
    name, reference = walk.fresh_person()
    return Request({"candidate_id": name if role is Role.ADVISER else reference})


def _position(_walk: Walk, _role: Role) -> Request:
    return Request({"position_id": "J1"})


def _plain(_walk: Walk, _role: Role) -> Request:
    return Request()


def _proposed(walk: Walk, _role: Role) -> Request:
    name, _reference = walk.fresh_person()
    return Request(body={"position_id": "J1", "candidate_id": name})


def _moved(walk: Walk, role: Role) -> Request:
    stage = "withdrawn" if role is Role.ADVISER else "shortlisted"
    return Request({"proposal_id": walk.fresh_proposal()}, body={"stage": stage})


def _hours(walk: Walk, _role: Role) -> Request:
    row = {"award_id": "M1", "candidate_id": walk.references["A", "P4"], "employer": siret_of(SITE)}
    return Request(body={"hours": [{**row, "mode": "direct", "month": "2026-10", "hours": 10}]})


_JOB = {**POSITION, "position_id": "X1"}
_REQUESTS: dict[str, Callable[[Walk, Role], Request]] = {
    "eligibility": lambda _w, _r: Request(body={"candidates": [person(candidate_id="Z")]}),
    "match": lambda _w, _r: Request(body={"positions": [_JOB]}),
    "put_candidates": lambda _w, _r: Request(body={"candidates": [person(candidate_id="Z")]}),
    "list_candidates": _plain,
    "get_candidate": lambda w, r: Request(_person(w, r)),
    "change_candidate": lambda w, r: Request(_person(w, r), body={"facts": {"city": "Évry"}}),
    "candidate_file": lambda w, r: Request(_person(w, r)),
    "erase_candidate": _erased,
    "put_positions": lambda _w, _r: Request(body={"positions": [POSITION]}),
    "list_positions": _plain,
    "get_position": _position,
    "change_position": lambda _w, _r: Request({"position_id": "J1"}, body={"facts": {"tasks": "murs"}}),
    "post_awards": lambda _w, _r: Request(body={"awards": [{**AWARD, "award_id": "M1"}]}),
    "list_awards": _plain,
    "get_award": lambda _w, _r: Request({"award_id": "M1"}),
    "shortlist": _position,
    "shortlist_fairness": _position,
    "pair": lambda w, r: Request({"position_id": "J1", **_person(w, r)}),
    "positions_for": lambda w, r: Request(_person(w, r)),
    "company_sheet": _position,
    "propose": _proposed,
    "proposals": _plain,
    "proposal": lambda w, _r: Request({"proposal_id": w.proposal}),
    "move_proposal": _moved,
    "order_position": lambda _w, _r: Request({"position_id": "J1"}, body={"added": []}),
    "outcomes": _plain,
    "put_hours": _hours,
    "list_hours": _plain,
    "indicators": _plain,
    "list_audit": _plain,
    "verify_audit": _plain,
    "metrics": _plain,
}
