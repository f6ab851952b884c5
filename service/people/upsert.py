"""People received from their organisation: read, laid over what is stored, sealed, then written at once.

All that takes time comes before the transaction, since writers take turns; inside it, one look tells whether somebody
changed people in the meantime, and only then is the work done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, insert, select, update

from matcher.schema import CANDIDATES
from service.facts import facts_of, frame_of
from service.merging import Merged, Received, aligned, can_name, merge
from service.people.find import new_reference
from service.routing import Call
from service.store import tables as t
from service.store.crypto import SubjectKey, new_subject, unseal
from service.store.database import Change

_AT_ONCE = 5000  # identifiers in one query


@dataclass(frozen=True)
class Stored:
    """One person as the database has them, with their key open."""

    place: int
    body: bytes
    changed: int
    key: SubjectKey


@dataclass(frozen=True)
class Plan:
    """What is to be written, sealed already; `seen` is the state of the data it was made from, `versions` that of the
    rows it is about."""

    seen: int
    versions: Mapping[str, int]
    merged: Merged
    created: list[dict[str, Any]]
    updated: list[dict[str, Any]]
    new_names: list[str]
    changed_names: list[str]

    @property
    def empty(self) -> bool:
        """True when nothing changes."""
        return not (self.created or self.updated)


def plan(connection: Connection, call: Call, people: Received) -> Plan:
    """What the rows of an organisation change. The state is read first: whatever comes later makes it stale."""
    seen = state(connection)
    ids = people.ids
    rows = list(_rows(connection, call.principal.org_id, [name for name in ids if can_name(name)]))
    ring = call.store.keys
    stored: dict[str, Stored] = {}
    bodies = []
    for place, row in enumerate(rows):
        key = ring.unwrap(row.subject, row.wrapped_key)
        stored[row.candidate_id] = Stored(place, row.body, row.changed, key)
        bodies.append(unseal(key.key, row.body, row.subject))
    places = np.array([stored[name].place if name in stored else -1 for name in ids], np.int64)
    before = aligned(frame_of(CANDIDATES, bodies), places)
    merged = merge(people, before, places >= 0, lambda _table: {})
    created, updated, new_names, changed_names = _sealed(call, merged, stored)
    versions = {name: one.changed for name, one in stored.items()}
    return Plan(seen, versions, merged, created, updated, new_names, changed_names)


def state(connection: Connection) -> int:
    """The number of the last change of people or positions."""
    return int(connection.execute(select(t.head.c.data_seq)).scalar_one())


def _rows(connection: Connection, org_id: str, ids: Sequence[str]) -> Iterator[Any]:
    people, subjects = t.people, t.subjects
    query = (
        select(people.c.subject, people.c.candidate_id, people.c.body, people.c.changed, subjects.c.wrapped_key)
        .join(subjects, subjects.c.subject == people.c.subject)
        .where(people.c.org_id == org_id)
    )
    for start in range(0, len(ids), _AT_ONCE):
        yield from connection.execute(query.where(people.c.candidate_id.in_(ids[start : start + _AT_ONCE])))


def _versions(connection: Connection, org_id: str, ids: Sequence[str]) -> dict[str, int]:
    """The change that each of these people had last."""
    people = t.people.c
    found: dict[str, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(people.candidate_id, people.changed).where(
            people.org_id == org_id, people.candidate_id.in_(ids[start : start + _AT_ONCE])
        )
        found.update((row.candidate_id, row.changed) for row in connection.execute(query))
    return found


def _sealed(
    call: Call, merged: Merged, stored: dict[str, Stored]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str], list[str]]:
    """Rows to create and to update, and the names of their people in the log."""
    ids = merged.received.ids
    ring = call.store.keys
    created, updated, new_names, changed_names = [], [], [], []
    fresh = merged.places("created")
    for place, facts in zip(fresh, facts_of(CANDIDATES, merged.table.iloc[fresh]), strict=True):
        subject = new_subject()
        key = SubjectKey(subject, ring.new_key())
        new_names.append(key.log_name)
        created.append(
            {
                "subject": subject,
                "wrapped_key": ring.wrap(subject, key.key),
                "log_name": key.log_name,
                "candidate_id": ids[place],
                "reference": new_reference(),
                "body": key.seal(facts),
            }
        )
    other = merged.places("updated")
    for place, facts in zip(other, facts_of(CANDIDATES, merged.table.iloc[other]), strict=True):
        one = stored[ids[place]]
        changed_names.append(one.key.log_name)
        updated.append(
            {"subject_": one.key.subject, "body": one.key.seal(facts), "before": one.body, "since": one.changed}
        )
    return created, updated, new_names, changed_names


def save(call: Call, people: Received, made: Plan) -> Plan:
    """Write a plan, made again when somebody changed these people since; the plan that was written."""
    with call.write() as change:
        if _stale(change.connection, call.principal.org_id, made):
            made = plan(change.connection, call, people)
        if not made.empty:
            write(change, made, call.principal.org_id, call.today.isoformat())
    return made


def _stale(connection: Connection, org_id: str, made: Plan) -> bool:
    if state(connection) == made.seen:
        return False
    ids = [name for name in made.merged.received.ids if can_name(name)]
    return _versions(connection, org_id, ids) != made.versions


def write(change: Change, made: Plan, org_id: str, today: str) -> None:
    """The rows and the log of a plan, inside a transaction."""
    if made.created:
        keys = [{name: row[name] for name in ("subject", "wrapped_key", "log_name")} for row in made.created]
        change.connection.execute(insert(t.subjects), keys)
        more = {"org_id": org_id, "last_action_on": today, "version": 1, "changed": change.seq}
        names = ("subject", "candidate_id", "reference", "body")
        rows = [{**{name: row[name] for name in names}, **more} for row in made.created]
        change.connection.execute(insert(t.people), rows)
        change.log("people.create", "people", made.new_names, {"people": len(rows)}, pool=True)
    if made.updated:
        keep_past(change, made.updated)
        change.connection.execute(
            update(t.people)
            .where(t.people.c.subject == bindparam("subject_"))
            .values(body=bindparam("body"), version=t.people.c.version + 1, changed=change.seq, last_action_on=today),
            [{"subject_": row["subject_"], "body": row["body"]} for row in made.updated],
        )
        change.log("people.update", "people", made.changed_names, {"people": len(made.updated)}, pool=True)


def keep_past(change: Change, updated: Sequence[dict[str, Any]]) -> None:
    """Keep the bodies that are about to be replaced."""
    rows = [
        {"subject": row["subject_"], "changed": row["since"], "replaced": change.seq, "body": row["before"]}
        for row in updated
    ]
    change.connection.execute(insert(t.people_past), rows)
