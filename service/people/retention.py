"""The end of keeping: people about whom nothing was done for too long are erased, and counts stay.

Kept until the retention's last day included: a person whose last action was on D is due when `on > D + months`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, select

from matcher.eligibility.dates import latest_start
from service.people.erase import erase_person
from service.store import tables as t
from service.store.crypto import KeyRing, SubjectKey
from service.store.database import Change, Store

ACTOR = "command:retention"
_AT_ONCE = 100  # people in one transaction: others may write in between


@dataclass(frozen=True)
class Due:
    """One person to erase, named by their reference."""

    subject: str
    org_id: str
    reference: str
    last_action_on: str


def due(connection: Connection, on: date, months: int) -> list[Due]:
    """The people to erase on that day, by organisation, the longest forgotten first."""
    query = _query(on, months).order_by(t.people.c.org_id, t.people.c.last_action_on, t.people.c.reference)
    return [Due(row.subject, row.org_id, row.reference, row.last_action_on) for row in connection.execute(query)]


def _query(on: date, months: int) -> Select[Any]:
    last = str(latest_start(np.datetime64(on, "D"), months, strict=True))
    people = t.people.c
    return select(people.subject, people.org_id, people.reference, people.last_action_on).where(
        people.body.is_not(None), people.last_action_on <= last
    )


def by_organisation(found: Sequence[Due]) -> dict[str, int]:
    """How many of each organisation's."""
    return dict(sorted(Counter(one.org_id for one in found).items()))


def erase_due(store: Store, on: date, months: int, at: datetime, actor: str = ACTOR) -> int:
    """Erase them in the name of `actor`, a hundred at a time; how many were. Whoever was seen to in the meantime
    stays."""
    erased = 0
    while True:
        with store.write(actor, None, at) as change:
            query = _query(on, months).order_by(t.people.c.subject).limit(_AT_ONCE)
            subjects = [row.subject for row in change.connection.execute(query)]
            people = _opened(change.connection, store.keys, subjects)
            for key, body in people:
                erase_person(change, key, body)
            if people:
                names = [key.log_name for key, _body in people]
                change.log("people.erase", "people", names, {"why": "retention", "months": months}, pool=True)
        if not people:
            return erased
        erased += len(people)


def log_seen(change: Change, keys: KeyRing, shown: Sequence[Due]) -> None:
    """Write down whose references somebody was shown before an erasure."""
    people = _opened(change.connection, keys, [one.subject for one in shown])
    change.log("retention.see", "people", [key.log_name for key, _body in people])


def _opened(connection: Connection, keys: KeyRing, subjects: Sequence[str]) -> list[tuple[SubjectKey, bytes]]:
    """Each person's key and sealed record."""
    query = select(t.people.c.subject, t.people.c.body, t.subjects.c.wrapped_key).join(
        t.subjects, t.subjects.c.subject == t.people.c.subject
    )
    rows = connection.execute(query.where(t.people.c.subject.in_(subjects)))
    return [(keys.unwrap(row.subject, row.wrapped_key), row.body) for row in rows]
