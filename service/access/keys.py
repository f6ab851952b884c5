"""API keys: `cm_<public half>_<secret half>`. Only the SHA-256 of the secret half is kept.

The secret half is 256 random bits: there is no dictionary to try, so a slow password hash would protect nothing and
would cost every request (NIST SP 800-63B, 5.1.2.2, asks for one only below 112 bits).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from matcher.errors import UsageError
from matcher.locale import _
from service.access.owner import check_organisation
from service.access.principals import Principal, Role, Scope, names
from service.clock import read, written
from service.store import tables as t
from service.store.database import Change

LIFE_DAYS = 365
OVERLAP_HOURS = 24  # how long the old key still works after a rotation
_SHAPE = re.compile(r"cm_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class NewKey:
    """A key just made: `text` is shown once and kept nowhere."""

    key_id: str
    text: str


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create(
    change: Change,
    org_id: str,
    roles: Sequence[Role],
    label: str,
    *,
    scopes: Sequence[Scope] = tuple(Scope),
    days: float = LIFE_DAYS,
) -> NewKey:
    """A key of an organisation, logged. Raises UsageError for an organisation that is not there."""
    check_organisation(change, org_id)
    key = NewKey(secrets.token_hex(6), "")
    secret = secrets.token_urlsafe(32)
    change.connection.execute(
        insert(t.api_keys).values(
            key_id=key.key_id,
            digest=_digest(secret),
            org_id=org_id,
            roles=names(frozenset(roles)),
            scopes=names(frozenset(scopes)),
            label=label,
            created_at=written(change.at),
            expires_at=written(change.at + timedelta(days=days)),
        )
    )
    detail = {"org_id": org_id, "roles": sorted(roles), "scopes": sorted(scopes), "days": days}
    change.log("key.create", f"key:{key.key_id}", detail=detail)
    return NewKey(key.key_id, f"cm_{key.key_id}_{secret}")


def rotate(change: Change, key_id: str) -> NewKey:
    """A new key like this one, which stops working a day later. Raises UsageError for a key that is not in use."""
    row = _living(change.connection, key_id, change.at)
    new = create(
        change,
        row.org_id,
        [Role(name) for name in row.roles.split("|")],
        row.label,
        scopes=[Scope(name) for name in row.scopes.split("|")],
        days=(read(row.expires_at) - read(row.created_at)) / timedelta(days=1),
    )
    last = min(row.expires_at, written(change.at + timedelta(hours=OVERLAP_HOURS)))
    change.connection.execute(
        update(t.api_keys).filter_by(key_id=key_id).values(replaced_by=new.key_id, expires_at=last)
    )
    change.log("key.rotate", f"key:{key_id}", detail={"replaced_by": new.key_id})
    return new


def revoke(change: Change, key_id: str) -> None:
    """Stop a key at once. Raises UsageError for a key that is not in use."""
    _living(change.connection, key_id, change.at)
    change.connection.execute(update(t.api_keys).filter_by(key_id=key_id).values(revoked_at=written(change.at)))
    change.log("key.revoke", f"key:{key_id}")


def _living(connection: Connection, key_id: str, at: datetime) -> Any:
    row = connection.execute(select(t.api_keys).filter_by(key_id=key_id)).first()
    if row is None or row.revoked_at or row.expires_at <= written(at):
        raise UsageError(
            _("Aucune clé en service ne porte le nom « {id} ».").format(id=key_id[:40]),
            _("Revoir la liste des clés."),
        )
    return row


def in_use(at: datetime) -> ColumnElement[bool]:
    """The condition of a key that opens the service at that moment."""
    return t.api_keys.c.revoked_at.is_(None) & (t.api_keys.c.expires_at > written(at))


def holder(connection: Connection, text: str, at: datetime) -> Principal | None:
    """Whose key this is, None when it is nobody's, revoked or over."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    keys, owners = t.api_keys, t.organisations
    row = connection.execute(
        select(keys, owners.c.siret).join(owners, owners.c.org_id == keys.c.org_id).where(keys.c.key_id == shape[1])
    ).first()
    right = hmac.compare_digest(_digest(shape[2]), row.digest if row is not None else _digest(""))
    if row is None or not right or row.revoked_at or row.expires_at <= written(at):
        return None
    return Principal(
        f"key:{row.key_id}",
        row.org_id,
        frozenset(Role(name) for name in row.roles.split("|")),
        frozenset(Scope(name) for name in row.scopes.split("|")),
        row.siret,
    )
