"""Sealing again, under the first key of the ring, what older keys sealed.

People's own keys stay the same and so does what they seal: only their wrapping changes, and the few things that the
instance's key seals itself. Each batch is one logged transaction; a rotation that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, Table, func, literal, select, update

from service.store import tables as t
from service.store.crypto import NAME, KeyRing
from service.store.database import Store

ACTOR = "command:store"
BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """A column that the instance's key seals, and what is authenticated beside each of its texts."""

    table: Table
    column: str
    context: Callable[[Any], str]  # of a row

    @property
    def stale(self) -> ColumnElement[bytes]:
        """The name of the key that sealed a row."""
        return func.substr(self.table.c[self.column], 1, NAME, type_=LargeBinary)


SEALED = (
    Sealed(t.subjects, "wrapped_key", lambda row: f"subject {row.subject}"),
    Sealed(t.sessions, "id_token", lambda row: f"session {row.digest}"),
    Sealed(t.sign_ins, "verifier", lambda row: f"sign-in {row.state_digest}"),
    Sealed(t.answers, "body", lambda row: f"answer {row.actor} {row.key_digest}"),
    Sealed(t.drafts, "body", lambda row: f"draft {row.draft_id}"),
)


def rotate(store: Store, clock: Callable[[], datetime], told: Callable[[int], None] = lambda _done: None) -> int:
    """Seal again whatever the first key did not seal: how many rows. `told` hears the count after each batch.

    Raises EnvironmentFault when no key of the ring opens a row; what was done before stays done.
    """
    done = 0
    for one in SEALED:
        while number := _batch(store, one, clock()):
            done += number
            told(done)
    return done


def _batch(store: Store, one: Sealed, at: datetime) -> int:
    with store.write(ACTOR, None, at) as change:
        rows = _stale_rows(change.connection, one, store.keys)
        for row in rows:
            key = one.table.primary_key.columns
            sealed = getattr(row, one.column)
            context = one.context(row)
            change.connection.execute(
                update(one.table)
                .where(*(part == getattr(row, part.name) for part in key))
                .values({one.column: store.keys.seal(store.keys.open(sealed, context), context)})
            )
        if rows:
            detail = {"table": one.table.name, "rows": len(rows), "key": store.keys.current}
            change.log("store.rotate", "store", detail=detail)
    return len(rows)


def _stale_rows(connection: Connection, one: Sealed, keys: KeyRing) -> list[Row[Any]]:
    current = literal(bytes.fromhex(keys.current), LargeBinary)
    sealed = one.table.c[one.column]
    query = select(one.table).where(sealed.is_not(None), one.stale != current).limit(BATCH)
    return list(connection.execute(query))
