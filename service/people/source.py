"""What changed in the database, for the pool in memory: people with their facts open, and positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, select

from matcher.schema import CANDIDATES, POSITIONS
from service.facts import frame_of
from service.people.upsert import state
from service.store import tables as t
from service.store.crypto import KeyRing, unseal
from service.store.database import Store


@dataclass(frozen=True)
class People:
    """People who changed. `table` is canonical and in the order of `subjects`; `gone` are the erased ones."""

    seq: int
    subjects: list[str]
    organisations: list[str]
    references: list[str]
    table: pd.DataFrame
    gone: list[str]


@dataclass(frozen=True)
class Positions:
    """Positions that changed, in the order of `table`."""

    seq: int
    organisations: list[str]
    openings: list[int]
    filled: list[int]
    closed: list[bool]
    table: pd.DataFrame


class StoredPool:
    """The people and positions of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def head(self) -> int:
        """The number of the last change of people or positions."""
        with self._store.read() as connection:
            return state(connection)

    def people_since(self, seq: int) -> People:
        """The people changed after `seq` (0: all of them)."""
        with self._store.read() as connection:  # the head first: whatever comes later will come again
            head, rows = state(connection), _people_rows(connection, seq)
        return _people(rows, self._store.keys, head)

    def positions_since(self, seq: int) -> Positions:
        """The positions changed after `seq` (0: all of them)."""
        with self._store.read() as connection:
            head, rows = state(connection), _position_rows(connection, seq)
        return _positions(rows, head)


def _people_rows(connection: Connection, seq: int) -> Sequence[Any]:
    people = t.people.c
    query = (
        select(people.subject, people.org_id, people.reference, people.body, t.subjects.c.wrapped_key)
        .join(t.subjects, t.subjects.c.subject == people.subject)
        .where(people.changed > seq)
    )
    # Sorted here: asked for an order, SQLite walks everybody in that order rather than the few who changed.
    return sorted(connection.execute(query), key=lambda row: str(row.subject))


def _people(rows: Sequence[Row[Any]], ring: KeyRing, head: int) -> People:
    here = [row for row in rows if row.body is not None]
    bodies = [unseal(ring.unwrap(one.subject, one.wrapped_key).key, one.body, one.subject) for one in here]
    return People(
        head,
        [row.subject for row in here],
        [row.org_id for row in here],
        [row.reference for row in here],
        frame_of(CANDIDATES, bodies),
        [row.subject for row in rows if row.body is None],
    )


def _position_rows(connection: Connection, seq: int) -> Sequence[Row[Any]]:
    query = select(t.positions).where(t.positions.c.changed > seq)
    return sorted(connection.execute(query), key=lambda row: str(row.position_id))


def _positions(rows: Sequence[Row[Any]], head: int) -> Positions:
    return Positions(
        head,
        [row.org_id for row in rows],
        [row.openings for row in rows],
        [row.filled for row in rows],
        [row.closed for row in rows],
        frame_of(POSITIONS, [row.body.encode() for row in rows]),
    )
