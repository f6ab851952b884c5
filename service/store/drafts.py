"""Files sent and not yet accepted: sealed, for an hour at most, a bounded number of them, each for who sent it."""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from matcher.locale import _
from service.access.principals import Principal
from service.clock import written
from service.problems import Problem
from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.database import Store

LIFE = timedelta(hours=1)
MOST_OF_ONE = 5  # drafts of one person; older ones make room
MOST_BYTES = 256 << 20  # of all of them together


@dataclass(frozen=True)
class Draft:
    """One of them, open."""

    draft_id: str
    kind: str
    at: str
    content: dict[str, Any]


def keep(
    store: Store, principal: Principal, kind: str, content: Mapping[str, Any], at: datetime, draft_id: str = ""
) -> str:
    """Keep a draft, in place of the one of that name: its name. Raises Problem when there is no room left."""
    name = draft_id or secrets.token_hex(16)
    body = sealed(store.keys, name, content)
    with store.alter() as connection:
        purge(connection, at)
        connection.execute(delete(t.drafts).filter_by(draft_id=name))
        _make_room(connection, principal, len(body))
        connection.execute(
            insert(t.drafts).values(
                draft_id=name,
                org_id=principal.org_id,
                actor=principal.actor,
                kind=kind,
                size=len(body),
                body=body,
                at=written(at),
            )
        )
    return name


def purge(connection: Connection, at: datetime) -> None:
    """Forget those whose time is over."""
    connection.execute(delete(t.drafts).where(t.drafts.c.at < written(at - LIFE)))


def _make_room(connection: Connection, principal: Principal, size: int) -> None:
    d = t.drafts.c
    mine = select(d.draft_id).where(d.actor == principal.actor).order_by(d.at.desc(), d.draft_id)
    names = list(connection.execute(mine).scalars())
    connection.execute(delete(t.drafts).where(d.draft_id.in_(names[MOST_OF_ONE - 1 :])))
    taken = connection.execute(select(func.coalesce(func.sum(d.size), 0))).scalar_one()
    if taken + size > MOST_BYTES:
        raise Problem(
            "busy", _("Trop de fichiers attendent d'être acceptés sur ce serveur. Recommencer dans une heure.")
        )


def find(store: Store, principal: Principal, draft_id: str, kinds: tuple[str, ...], at: datetime) -> Draft:
    """The caller's own draft of that name. Raises Problem when it is not there, or not there any more."""
    query = select(t.drafts).filter_by(draft_id=draft_id, actor=principal.actor, org_id=principal.org_id)
    with store.read() as connection:
        row = connection.execute(query.where(t.drafts.c.at >= written(at - LIFE))).first()
    if row is None or row.kind not in kinds:
        raise Problem("absent", _("Ce fichier n'est plus là : il n'est gardé qu'une heure. L'envoyer de nouveau."))
    return Draft(row.draft_id, row.kind, row.at, opened(store.keys, row.draft_id, row.body))


def of_kind(store: Store, principal: Principal, kind: str, at: datetime) -> Draft | None:
    """The caller's last draft of a kind."""
    d = t.drafts.c
    query = select(t.drafts).where(
        d.actor == principal.actor, d.org_id == principal.org_id, d.kind == kind, d.at >= written(at - LIFE)
    )
    with store.read() as connection:
        row = connection.execute(query.order_by(d.at.desc()).limit(1)).first()
    return None if row is None else Draft(row.draft_id, kind, row.at, opened(store.keys, row.draft_id, row.body))


def forget(store: Store, principal: Principal, draft_id: str) -> None:
    """Leave a draft."""
    with store.alter() as connection:
        connection.execute(delete(t.drafts).filter_by(draft_id=draft_id, actor=principal.actor))


def sealed(keys: KeyRing, draft_id: str, content: Mapping[str, Any]) -> bytes:
    """The content of a draft as it is stored."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return keys.seal(zlib.compress(text, 3), f"draft {draft_id}")


def opened(keys: KeyRing, draft_id: str, body: bytes) -> dict[str, Any]:
    """What `sealed` made."""
    found: dict[str, Any] = json.loads(zlib.decompress(keys.open(body, f"draft {draft_id}")))
    return found
