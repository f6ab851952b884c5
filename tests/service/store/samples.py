"""A few rows in every table, as the service writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Column, Connection, Table, insert, select

from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.database import Change, Store
from service.store.rotate import SEALED

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = "command:tests"
TEXT = "é’œ « 1 » \\ \n ; – 𝄞"


def add_person(change: Change, store: Store, subject: str, facts: dict[str, Any], org: str = "A") -> bytes:
    """A person of the organisation: their key."""
    key = store.keys.new_key()
    wrapped = store.keys.wrap(subject, key)
    person = store.keys.unwrap(subject, wrapped)
    change.connection.execute(
        insert(t.subjects).values(subject=subject, wrapped_key=wrapped, log_name=person.log_name)
    )
    change.connection.execute(
        insert(t.people).values(
            subject=subject,
            org_id=org,
            candidate_id=f"P-{subject}",
            reference=f"R-{subject}",
            body=person.seal(facts),
            last_action_on="2026-03-02",
            version=1,
            changed=change.seq,
        )
    )
    change.log("people.create", "people", [person.log_name], pool=True)
    return key


def fill(store: Store, people: int = 3) -> None:
    """Organisation A, some people, and at least one row with odd text in every other table."""
    with store.write(ACTOR, None, AT) as change:
        change.connection.execute(insert(t.organisations).values(org_id="A", name=TEXT, kind="authority"))
        change.log("organisation.create", "organisation:A")
    for number in range(people):
        with store.write(ACTOR, "A", AT) as change:
            add_person(change, store, f"s{number}", {"candidate_id": f"P-s{number}", "first_name": TEXT})
    with store.write(ACTOR, "A", AT) as change:
        for table in t.metadata.sorted_tables:
            _one_row(change.connection, table, store.keys)
        change.log("tests.fill", "store", detail={"text": TEXT, "number": 1.5})


def _one_row(connection: Connection, table: Table, keys: KeyRing) -> None:
    """A row of made-up values, its references to rows that are there, unless the table has one."""
    if connection.execute(select(table).limit(1)).first() is None:
        row = {column.name: _value(connection, column) for column in table.columns}
        for one in SEALED:
            if one.table is table:
                row[one.column] = keys.seal(b"sealed", one.context(SimpleNamespace(**row)))
        connection.execute(insert(table).values(row))


def _value(connection: Connection, column: Column[Any]) -> Any:
    for reference in column.foreign_keys:
        return connection.execute(select(reference.column).limit(1)).scalar_one()
    kinds: dict[type, Any] = {str: TEXT, int: 7, float: 0.1 + 0.2, bool: True, bytes: bytes(range(256))}
    return kinds[column.type.python_type]


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, sorted."""
    with store.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in t.metadata.sorted_tables
        }
