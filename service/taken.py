"""Identifiers that another organisation uses: refused in the same words whatever the reason, and written down.

Identifiers are unique over the whole service, so a row refused lets its sender suppose that the identifier is in use:
the answer names nobody and says nothing else, and the log keeps who tries, once an hour for each caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from matcher.locale import _
from service.clock import written
from service.routing import Call
from service.store import tables as t

ACTION = "identifiers.refused"
ONCE_IN = timedelta(hours=1)


def taken_text() -> str:
    """What is said of such an identifier."""
    return _("cet identifiant ne peut pas être utilisé ; en choisir un autre, ou voir avec l'administrateur")


def note(call: Call, table: str, messages: Iterable[str | None]) -> None:
    """Write down how many rows of a table were refused so, unless the caller's last hour has such an entry."""
    text = taken_text()
    rows = sum(message == text for message in messages)
    if not rows:
        return
    log, actor = t.log.c, call.principal.actor
    lately = select(log.seq).where(log.action == ACTION, log.actor == actor, log.at >= written(call.at - ONCE_IN))
    with call.store.read() as connection:
        if connection.execute(lately.limit(1)).first() is not None:
            return
    with call.store.write(actor, call.principal.org_id, call.at) as change:
        change.log(ACTION, table, detail={"rows": rows})
