"""People and positions as they were at an entry of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select, union_all

from matcher.schema import CANDIDATES, POSITIONS
from service.facts import frame_of
from service.people.source import People, Positions
from service.store import tables as t
from service.store.crypto import unseal
from service.store.database import Store


class Past:
    """The people and positions of a store as they were at the entry `seq`, as the pool takes them.

    Erased people are not there: nothing of them is kept. Raises EnvironmentFault when a text does not open.
    """

    def __init__(self, store: Store, seq: int) -> None:
        self._store = store
        self._seq = seq

    def head(self) -> int:
        """The entry that the data stand at."""
        return self._seq

    def people_since(self, seq: int) -> People:
        """Everybody, when `seq` is before that entry."""
        if seq >= self._seq:
            return People(self._seq, [], [], [], frame_of(CANDIDATES, []), [])
        ring = self._store.keys
        with self._store.read() as connection:
            rows = _people(connection, self._seq)
        bodies = [unseal(ring.unwrap(row.subject, row.wrapped_key).key, row.body, row.subject) for row in rows]
        return People(
            self._seq,
            [row.subject for row in rows],
            [row.org_id for row in rows],
            [row.reference for row in rows],
            frame_of(CANDIDATES, bodies),
            [],
        )

    def positions_since(self, seq: int) -> Positions:
        """Every position, when `seq` is before that entry."""
        rows: Sequence[Row[Any]] = ()
        if seq < self._seq:
            with self._store.read() as connection:
                rows = connection.execute(_positions(self._seq)).all()
        return Positions(
            self._seq,
            [row.org_id for row in rows],
            [row.openings for row in rows],
            [0] * len(rows),
            [row.closed for row in rows],
            frame_of(POSITIONS, [row.body.encode() for row in rows]),
        )


def _people(connection: Connection, seq: int) -> Sequence[Any]:
    now, past = t.people.c, t.people_past.c
    bodies = union_all(
        select(now.subject, now.body).where(now.changed <= seq, now.body.is_not(None)),
        select(past.subject, past.body).where(past.changed <= seq, past.replaced > seq),
    ).subquery()
    return connection.execute(
        select(bodies.c.subject, bodies.c.body, now.org_id, now.reference, t.subjects.c.wrapped_key)
        .join(t.people, now.subject == bodies.c.subject)
        .join(t.subjects, t.subjects.c.subject == bodies.c.subject)
        .where(t.subjects.c.wrapped_key.is_not(None))
        .order_by(bodies.c.subject)
    ).all()


def _positions(seq: int) -> Select[Any]:
    now, past = t.positions.c, t.positions_past.c
    bodies = union_all(
        select(now.position_id, now.body, now.closed).where(now.changed <= seq),
        select(past.position_id, past.body, past.closed).where(past.changed <= seq, past.replaced > seq),
    ).subquery()
    return (
        select(bodies.c.position_id, bodies.c.body, bodies.c.closed, now.org_id, now.openings)
        .join(t.positions, now.position_id == bodies.c.position_id)
        .order_by(bodies.c.position_id)
    )


def log_names(connection: Connection) -> dict[str, str]:
    """Subject → the name in the log, of everybody whose key is still there."""
    query = select(t.subjects.c.subject, t.subjects.c.log_name).where(t.subjects.c.log_name.is_not(None))
    return {row.subject: row.log_name for row in connection.execute(query)}
