"""Every route, for every role, of one's own organisation and of another, with a whole key and a read-only one,
against the table that docs/acces.md is made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx2
import pandas as pd
import pytest
from fastapi import FastAPI

from matcher.eligibility import describe, evaluate, facts
from matcher.front import read_candidates
from matcher.rules import PACK_IDS, load_rules
from service.access.principals import Role, Scope
from service.access.visibility import REVEALING_CATEGORIES
from service.access_table import ACCESS, Reach, access_page
from service.api import api as api_router
from service.app import create_app
from service.desk import Desk
from service.pages.routes import PAGES
from service.routes import ROUTES
from service.routing import PREFIX, Route
from service.watch import METRICS
from tests.service.databases import Api, running, settings_for
from tests.service.lists import World
from tests.service.support import refused
from tests.service.walk import OTHER, OWN, Request, Walk

ROOT = Path(__file__).resolve().parents[2]
ALIVE = {f"{place}{path}" for place in ("", PREFIX) for path in ("/health", "/health/ready")}


def test_the_page_says_what_the_code_does() -> None:
    page = (ROOT / "docs" / "acces.md").read_text(encoding="utf-8")
    assert page == access_page(ROUTES, PAGES), "run python scripts/generate_docs.py"
    assert {route.name: set(route.roles) for route in ROUTES} == {name: set(roles) for name, roles in ACCESS.items()}
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_no_address_is_outside_the_table(tmp_path: Path) -> None:
    """All that the application answers, but whether it is alive, its description and the addresses of signing in."""
    app: FastAPI = create_app(settings_for(f"sqlite:///{tmp_path / 'none.db'}"))
    known = {(route.method, f"{PREFIX}{route.path}") for route in ROUTES} | {(METRICS.method, METRICS.path)}
    known |= {(page.method, page.path) for page in PAGES} | {("GET", "/static/{digest}/{name}")}
    found = {
        (method, route.path)
        for route in app.routes
        for method in route.methods - {"HEAD"}
        if route.path not in ALIVE | {"/openapi.json"} and not route.path.startswith(("/sign-in", "/sign-out"))
    }
    assert found == known
    assert not [route.name for route in ROUTES if route.public]
    assert not [route.name for route in ROUTES if not route.roles]
    for route in ROUTES:
        writes = route.method != "GET" and route.name not in ("eligibility", "match")
        assert (route.scope is Scope.WRITE) is writes, route.name


def test_every_route_for_every_role_and_organisation(api: Api) -> None:
    walk = Walk(World(api))
    for route in ROUTES:
        for role in Role:
            for own in (True, False):
                org = (OWN if own else OTHER)[role]
                allowed = role in route.roles
                request = walk.request(route, role) if allowed else Request(dict.fromkeys(_places(route), "x"))
                answer = walk.ask(route, request, walk.key(role, org))
                told = (route.name, role, org, answer.status_code, answer.text[:300])
                if not allowed:
                    assert refused(answer, 403, "forbidden")["detail"].startswith("Cette clé n'a pas le rôle"), told
                elif own or ACCESS[route.name][role].reach is not Reach.OWN:
                    assert 200 <= answer.status_code < 300, told
                else:
                    assert refused(answer, 404, "absent"), told


def test_a_read_only_key_writes_nothing(api: Api) -> None:
    walk = Walk(World(api))
    for route in ROUTES:
        for role in route.roles:
            key = walk.key(role, OWN[role], read_only=True)
            if route.scope is Scope.WRITE:
                answer = walk.ask(route, Request(dict.fromkeys(_places(route), "x")), key)
                assert "Cette clé ne permet pas d'écrire" in refused(answer, 403, "forbidden")["detail"]
            else:
                answer = walk.ask(route, walk.request(route, role), key)
                assert 200 <= answer.status_code < 300, (route.name, role, answer.text[:300])


def test_without_a_key_that_is_one_nothing_answers(api: Api) -> None:
    walk = Walk(World(api))
    wrong = "cm_" + "0" * 12 + "_" + "A" * 43
    for route in ROUTES:
        request = Request(dict.fromkeys(_places(route), "x"))
        for key in (None, wrong, walk.key(Role.ADMIN, "W")[:-1] + "!"):
            refused(walk.ask(route, request, key), 401, "unauthorized")


def test_a_route_that_names_nobody_lets_nobody_in(api: Api) -> None:
    """Deny by default: the same router, with a route whose roles were forgotten."""
    closed: Route = replace(
        next(one for one in ROUTES if one.name == "list_audit"), roles=frozenset(), path="/forgotten"
    )
    app = create_app(api.office.settings)
    app.include_router(api_router(Desk(api.office), [closed]))
    everything = api.key(tuple(Role), "A")
    with running(app) as url, httpx2.Client(base_url=url) as client:
        answer = client.get("/api/v1/forgotten", headers={"Authorization": f"Bearer {everything}"})
        refused(answer, 403, "forbidden")
        refused(client.get("/api/v1/forgotten"), 401, "unauthorized")
    app.state.office.store.close()


def _places(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


@pytest.mark.parametrize("pack", PACK_IDS)
def test_what_health_or_justice_opens_is_hidden(pack: str, tmp_path: Path) -> None:
    """Every category of every pack that a health or justice fact alone makes true."""
    rules = load_rules(pack)
    told = [
        {"candidate_id": "a", "disability": "yes", "disability_until": "permanent"},
        {"candidate_id": "b", "benefits": "AAH"},
        {"candidate_id": "c", "benefits": "INVALIDITE"},
        {"candidate_id": "d", "justice": "yes"},
    ]
    plain = {"jobseeker": "yes", "birth_date": "1990-01-01"}
    path = tmp_path / "people.csv"
    pd.DataFrame([{**plain, **one} for one in told]).to_csv(path, sep=";", index=False)
    people = read_candidates(path, today=date(2026, 10, 1))
    mode = rules.counting.modes[0] if rules.counting else None
    found = describe(evaluate(facts(people), rules, on=date(2026, 10, 1), mode=mode))
    opened = {code for cell in found["categories"] for code in cell.split("|") if code}
    assert opened <= REVEALING_CATEGORIES
