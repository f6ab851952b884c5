"""The openings of a position: a hire takes one, a hire undone gives it back.

Writers come one after the other, so what is read in a write transaction is what holds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update

from matcher.locale import _
from service.problems import Problem
from service.store import tables as t
from service.store.database import Change


def position(change: Change, position_id: str) -> Row[Any] | None:
    """The position's row, None when there is none."""
    return change.connection.execute(select(t.positions).filter_by(position_id=position_id)).first()


def take(change: Change, position_id: str) -> None:
    """Fill one opening; the last one closes the position. Raises Problem `conflict` when none is left."""
    row = position(change, position_id)
    if row is None or row.filled >= row.openings:
        raise Problem(
            "conflict",
            _("Toutes les places de ce poste sont pourvues par d'autres embauches. Vérifier avec l'employeur."),
        )
    filled = row.filled + 1
    _write(change, row, filled, row.closed or filled >= row.openings)


def give_back(change: Change, position_id: str) -> None:
    """Free one opening; a position that was full is open again."""
    row = position(change, position_id)
    if row is not None and row.filled > 0:
        _write(change, row, row.filled - 1, row.closed and row.filled < row.openings)


def _write(change: Change, row: Row[Any], filled: int, closed: bool) -> None:
    """The row of before goes where replaying a run of matching finds it."""
    change.connection.execute(
        insert(t.positions_past).values(
            position_id=row.position_id,
            changed=row.changed,
            replaced=change.seq,
            body=row.body,
            closed=row.closed,
        )
    )
    change.connection.execute(
        update(t.positions)
        .filter_by(position_id=row.position_id)
        .values(filled=filled, closed=closed, version=row.version + 1, changed=change.seq)
    )
