"""The people an organisation follows, for its advisers: sending, listing, reading, changing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from matcher.schema import CANDIDATES
from service.access.principals import Principal, Role
from service.facts import open_facts
from service.merging import one_row, received, refuse_errors
from service.paging import Cursors, page
from service.people.find import Person, find
from service.people.upsert import plan, save, write
from service.routing import Answer, Call
from service.store import tables as t
from service.store.crypto import KeyRing, SubjectKey
from service.versions import check_version


def put(call: Call) -> Answer:
    """Create or change the people of the caller's organisation; a report per row."""
    people = received(CANDIDATES, call.body.candidates, call.settings, call.today)
    with call.store.read() as connection:
        made = plan(connection, call, people)
    if not call.query.dry_run and not made.empty:
        made = save(call, people, made)
    return Answer(made.merged.answer(dry_run=call.query.dry_run))


def change(call: Call) -> Answer:
    """Change some columns of one person, unless somebody did in the meantime."""
    name = call.path["candidate_id"]
    people = one_row(CANDIDATES, name, call.body.facts, call.settings, call.today)
    adviser = in_role(call, Role.ADVISER)
    with call.write() as changing:
        person = find(changing.connection, call.store.keys, adviser, name)
        check_version(call, person.version)
        made = plan(changing.connection, call, people)
        refuse_errors(made.merged)
        if not made.empty:
            write(changing, made, call.principal.org_id, call.today.isoformat())
            person = find(changing.connection, call.store.keys, adviser, name)
        content = _shown(changing.connection, person)
    return Answer({**content, "warnings": list(people.found.warnings)}, version=str(person.version))


def see(call: Call) -> Answer:
    """One person's facts; reading them is written down."""
    with call.store.read() as connection:
        person = find(connection, call.store.keys, in_role(call, Role.ADVISER), call.path["candidate_id"])
        content = _shown(connection, person)
    with call.write() as seeing:
        seeing.log("people.see", "people", [person.key.log_name])
    return Answer({**content, "warnings": []}, version=str(person.version))


def in_role(call: Call, *roles: Role) -> Principal:
    """The caller with these roles alone: whoever holds several is let in by one, and may do what that one may."""
    return replace(call.principal, roles=call.principal.roles & frozenset(roles))


def _shown(connection: Connection, person: Person) -> dict[str, Any]:
    last = connection.execute(select(t.people.c.last_action_on).filter_by(subject=person.subject)).scalar_one()
    return {
        "candidate_id": person.candidate_id,
        "reference": person.reference,
        "version": person.version,
        "last_action_on": last,
        "facts": open_facts(CANDIDATES, person.facts()),
    }


def listing(call: Call) -> Answer:
    """A page of the caller's own people; what is shown is written down."""
    query = (
        select(t.people, t.subjects.c.wrapped_key)
        .join(t.subjects, t.subjects.c.subject == t.people.c.subject)
        .where(t.people.c.org_id == call.principal.org_id, t.people.c.candidate_id.is_not(None))
    )
    with call.store.read() as connection:
        if call.query.q is None:
            found = page(connection, query, [t.people.c.candidate_id], call, "candidates")
            people, following = [_opened(call.store.keys, row) for row in found.rows], found.next
        else:
            people, following = _search(connection, query, call)
    if people:
        with call.write() as seeing:
            seeing.log("people.see", "people", [key.log_name for key, _row, _facts in people], {"list": True})
    return Answer({"candidates": [_short(row, facts) for _key, row, facts in people], "next": following})


_Opened = tuple[SubjectKey, Row[Any], Mapping[str, Any]]


def _opened(ring: KeyRing, row: Row[Any]) -> _Opened:
    key = ring.unwrap(row.subject, row.wrapped_key)
    return key, row, key.open(row.body)


def _search(connection: Connection, query: Select[Any], call: Call) -> tuple[list[_Opened], str | None]:
    """People whose identifier or name begins so. Names are sealed in the database: those in memory tell who."""
    cursors = Cursors.of(call, "candidates")
    last = cursors.read(call.query.cursor)
    names = call.pool.refresh(call.today).beginning(call.principal.org_id, call.query.q)
    names = names[bisect_right(names, last[0]) if last is not None else 0 :]
    shown = names[: call.query.limit]
    rows = connection.execute(query.where(t.people.c.candidate_id.in_(shown))).all()
    found = sorted((_opened(call.store.keys, row) for row in rows), key=lambda one: str(one[1].candidate_id))
    return found, cursors.write([shown[-1]]) if len(names) > len(shown) else None


def _short(row: Row[Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "candidate_id": row.candidate_id,
        "reference": row.reference,
        **{name: facts.get(name) for name in ("first_name", "last_name", "facts_on", "objection")},
        "last_action_on": row.last_action_on,
        "version": row.version,
    }
