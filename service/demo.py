"""`clausematch serve --demo`: a store thrown away at the end, filled with the samples, and keys to try it."""

from __future__ import annotations

import base64
import csv
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from matcher.locale import _
from matcher.tables.cells import parse_date
from service.access.keys import create
from service.access.organisations import create_organisation
from service.access.principals import EVERYONE, Principal, Role
from service.app import office
from service.bodies import validate
from service.clock import local_day
from service.desk import Office
from service.routes import ROUTES
from service.routing import Answer, Call
from service.settings import Settings
from service.store.database import Change
from service.store.migrate import upgrade

ACTOR = "command:demo"
ORGANISATION, OTHER = "plie-demo", "mission-demo"
KEY_DAYS = 1
_DAYS = ("start_date", "end_date")
_ROLES = (Role.ADVISER, Role.FACILITATOR, Role.AUDITOR, Role.ADMIN)


@contextmanager
def prepared() -> Iterator[tuple[Settings, list[str]]]:
    """Settings of a filled store that lasts as long as the block, and the lines that show its keys."""
    with tempfile.TemporaryDirectory(prefix="clausematch-demo-") as folder:
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'demo.db'}",
            secret=SecretStr(secrets.token_urlsafe(48)),
            encryption_keys=(SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()),),
            demo=True,
        )
        one = office(settings)
        try:
            upgrade(one.store.engine)
            lines = _fill(one)
        finally:
            one.store.close()
        yield settings, lines


def _fill(one: Office) -> list[str]:
    positions = _rows("positions.csv")
    contractor = str(positions[0]["siret"])
    with one.store.write(ACTOR, None, one.clock()) as change:
        create_organisation(change, ORGANISATION, "PLIE de démonstration", "facilitator")
        create_organisation(change, OTHER, "Mission locale de démonstration", "prescriber")
        create_organisation(change, "entreprise-demo", "Entreprise de démonstration", "contractor", contractor)
        lines = _keys(change)
    principal = Principal(ACTOR, ORGANISATION, EVERYONE)
    people = _rows("candidates.csv")
    _send(one, principal, "PUT", "/positions", {"positions": _from_today(positions, local_day(one.clock()))})
    _send(one, principal, "PUT", "/candidates", {"candidates": people[: len(people) * 4 // 5]})
    others = Principal(ACTOR, OTHER, EVERYONE)
    _send(one, others, "PUT", "/candidates", {"candidates": people[len(people) * 4 // 5 :]})
    return lines


def _keys(change: Change) -> list[str]:
    every = create(change, ORGANISATION, _ROLES, "démonstration", days=KEY_DAYS)
    lines = [_("Clé de démonstration, tous les rôles : {key}").format(key=every.text)]
    wanted = [(role, ORGANISATION) for role in _ROLES]
    wanted += [(Role.ADVISER, OTHER), (Role.CONTRACTOR, "entreprise-demo")]
    for role, org in wanted:
        key = create(change, org, (role,), "démonstration", days=KEY_DAYS)
        lines.append(_("  {role}, {organisation} : {key}").format(role=role, organisation=org, key=key.text))
    lines.append(_("Ces clés et ces données disparaissent à l'arrêt ; cette machine seulement."))
    return lines


def _send(one: Office, principal: Principal, method: str, path: str, body: Any) -> Answer:
    """What the route answers, as if the request had come from outside."""
    route = next(route for route in ROUTES if (route.method, route.path) == (method, path))
    assert route.body is not None
    at = one.clock()
    content = validate(route.body, body)
    call = Call(principal, one.store, one.pool, one.settings, at, local_day(at), {}, route.query(), content)
    return route.work(call)


def _rows(name: str) -> list[dict[str, Any]]:
    text = resources.files("data_samples").joinpath(name).read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    return [{column: cell for column, cell in row.items() if cell} for row in rows]


def _from_today(positions: Sequence[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """The samples' positions moved in time as a whole, so that the first one starts in a fortnight."""
    days = [{name: parse_date(row[name]) for name in _DAYS if name in row} for row in positions]
    first = min(day["start_date"] for day in days if "start_date" in day)
    shift = today + timedelta(days=14) - first
    return [
        {**row, **{name: (day + shift).isoformat() for name, day in dates.items()}}
        for row, dates in zip(positions, days, strict=True)
    ]
