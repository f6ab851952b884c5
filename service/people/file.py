"""A person's file: everything the service holds about them, who did what, and who saw it (GDPR, article 15)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from matcher.eligibility.dates import day_after_months
from matcher.schema import CANDIDATES
from service.access.principals import Role
from service.facts import open_facts
from service.people.find import Person, find
from service.people.resource import in_role
from service.routing import Answer, Call
from service.store import tables as t
from service.store.crypto import KeyRing

_INSIDE = ("subject", "changed", "version")  # what serves the store alone


def file(call: Call) -> Answer:
    """The file of one person, for their adviser or the administrator; asking for it is written down first."""
    asker = in_role(call, Role.ADVISER, Role.ADMIN)
    with call.write() as change:
        person = find(change.connection, call.store.keys, asker, call.path["candidate_id"])
        change.log("file.see", "people", [person.key.log_name])
    with call.store.read() as connection:
        person = find(connection, call.store.keys, asker, call.path["candidate_id"])
        content = held(connection, person, call.settings.retention_months)
        content["history"] += _put_aside(connection, call.store.keys, person)
    return Answer(content, headers={"ETag": f'"{person.version}"'})


def held(connection: Connection, person: Person, months: int) -> dict[str, Any]:
    """Everything held about a person."""
    row = connection.execute(
        select(t.people.c.last_action_on, t.organisations.c.name)
        .join(t.organisations, t.organisations.c.org_id == t.people.c.org_id)
        .where(t.people.c.subject == person.subject)
    ).one()
    log = _log(connection, person)
    return {
        "candidate_id": person.candidate_id,
        "reference": person.reference,
        "organisation": row.name,
        "version": person.version,
        "last_action_on": row.last_action_on,
        "kept_until": kept_until(row.last_action_on, months),
        "facts": open_facts(CANDIDATES, person.facts()),
        "history": _history(connection, person),
        "proposals": _proposals(connection, person),
        "hours": _rows(connection, t.hours, person, t.hours.c.month),
        "orders": _rows(connection, t.places_in_order, person, t.places_in_order.c.position_id),
        "log": [line for line in log if ".see" not in line["action"]],
        "seen": [line for line in log if ".see" in line["action"]],
    }


def kept_until(last_action_on: str, months: int) -> str:
    """The last day before the retention erases a person about whom nothing more happens."""
    return day_after_months(date.fromisoformat(last_action_on), months).isoformat()


def _history(connection: Connection, person: Person) -> list[dict[str, Any]]:
    rows = connection.execute(select(t.people_past).filter_by(subject=person.subject).order_by("changed")).all()
    wanted = {number for row in rows for number in (row.changed, row.replaced)}
    entries = connection.execute(select(t.log.c.seq, t.log.c.at).where(t.log.c.seq.in_(wanted)))
    days = {entry.seq: entry.at for entry in entries}
    return [
        {
            "since": days.get(row.changed),
            "until": days.get(row.replaced),
            "facts": open_facts(CANDIDATES, person.key.open(row.body)),
        }
        for row in rows
    ]


def _put_aside(connection: Connection, keys: KeyRing, person: Person) -> list[dict[str, Any]]:
    """What other records of the same person said, which were merged into this one."""
    query = (
        select(t.merges.c.gone, t.merges.c.at, t.merges.c.body, t.subjects.c.wrapped_key)
        .join(t.subjects, t.subjects.c.subject == t.merges.c.gone)
        .where(t.merges.c.kept == person.subject)
        .order_by(t.merges.c.at)
    )
    return [
        {
            "since": None,
            "until": row.at,
            "facts": open_facts(CANDIDATES, keys.unwrap(row.gone, row.wrapped_key).open(row.body)["facts"]),
        }
        for row in connection.execute(query)
    ]


def _proposals(connection: Connection, person: Person) -> list[dict[str, Any]]:
    proposals = _rows(connection, t.proposals, person, t.proposals.c.proposed_on)
    for proposal in proposals:
        moves = select(t.moves).filter_by(proposal_id=proposal["proposal_id"]).order_by(t.moves.c.number)
        proposal["moves"] = [_plain(row) for row in connection.execute(moves).mappings()]
    return proposals


def _rows(connection: Connection, table: Any, person: Person, order: Any) -> list[dict[str, Any]]:
    query = select(table).where(table.c.subject == person.subject).order_by(order)
    return [_plain(row) for row in connection.execute(query).mappings()]


def _plain(row: RowMapping) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name not in _INSIDE}


def _log(connection: Connection, person: Person) -> list[dict[str, Any]]:
    """Every entry that names the person: names are random, none is part of another."""
    log = t.log.c
    query = (
        select(log.seq, log.at, log.actor, t.organisations.c.name.label("organisation"), log.action, log.object)
        .outerjoin(t.organisations, t.organisations.c.org_id == log.org_id)
        .where(log.subjects.contains(person.key.log_name))
        .order_by(log.seq)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
