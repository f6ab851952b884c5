"""Sessions of the pages: a random token in a cookie, of which the store keeps the SHA-256 alone. They are of members
who signed in, or of holders of a key.

The token is 256 random bits, made by the server at each sign-in and never taken from a request: a session cannot be
fixed in advance. A session ends after 30 minutes without a request, and 12 hours after it was opened.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from matcher.errors import EnvironmentFault
from service.access.oidc_client import is_loopback
from service.access.principals import Principal, Role, Scope
from service.clock import read, written
from service.settings import Settings
from service.store import drafts
from service.store import tables as t
from service.store.crypto import KeyRing

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
BETWEEN_VISITS = timedelta(minutes=1)  # a session's last visit is written down this often at most
LONGEST_BACK = 500
SESSION, PENDING = "clausematch-session", "clausematch-sign-in"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # printable ASCII without space or backslash; not //host
_OURS = re.compile(r"/sign-(in|out)([/?#]|$)")


@dataclass(frozen=True)
class Session:
    """The session of a member, or of the holder of a key. `csrf` must come back with every form."""

    principal: Principal
    csrf: str = field(repr=False)
    seen_at: datetime
    expires_at: datetime


# --- cookies -----------------------------------------------------------------------------------------------------
def is_https(settings: Settings) -> bool:
    """False only for a service that answers in http on this machine alone."""
    address = settings.public_url or settings.oidc_redirect_url
    return bool(address) and not (address.startswith("http://") and is_loopback(address))


def cookie_name(name: str, https: bool) -> str:
    """`__Host-`: browsers refuse the cookie from another host, another path or plain http (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if https else name


def cookie(name: str, value: str, https: bool, life: timedelta | None = None) -> str:
    """A Set-Cookie header; without `life` the browser forgets it when it is closed.

    SameSite=Lax: the way back from the issuer is a link from another site, which Strict would not follow.
    """
    parts = [f"{cookie_name(name, https)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if https:
        parts.append("Secure")
    if life is not None:
        parts.append(f"Max-Age={int(life.total_seconds())}")
    return "; ".join(parts)


def no_cookie(name: str, https: bool) -> str:
    """A Set-Cookie header that makes the browser forget the cookie."""
    return cookie(name, "", https, timedelta(0))


def token_of(cookies: Mapping[str, str], name: str, https: bool) -> str | None:
    """The token of a request's cookies, None when there is none or it has not the shape of one."""
    value = cookies.get(cookie_name(name, https), "")
    return value if _TOKEN.fullmatch(value) else None


# --- tokens ------------------------------------------------------------------------------------------------------
def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(secret: bytes, token: str) -> str:
    """What the forms of a session carry: of no use in another session, and nobody can go back to the token."""
    return hmac.new(secret, b"clausematch csrf\0" + token.encode(), hashlib.sha256).hexdigest()


def is_csrf(secret: bytes, token: str, given: str | None) -> bool:
    """True when a form comes from a page of this session."""
    return given is not None and hmac.compare_digest(
        csrf_of(secret, token).encode(), given.encode("utf-8", "replace")
    )


def is_live(seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """True while a session lasts; a clock set back ends none."""
    return now < expires_at and now - seen_at < IDLE


def local_path(back: str | None, otherwise: str = "/") -> str:
    """Where to go after signing in: a path of this service, or `otherwise` for anything else.

    Browsers drop tabs and line breaks and take `\\` for `/`: such addresses are not mended but left.
    """
    if not back or len(back) > LONGEST_BACK or not _LOCAL.fullmatch(back) or _OURS.match(back):
        return otherwise
    return back


# --- the store ---------------------------------------------------------------------------------------------------
def open_session(connection: Connection, keys: KeyRing, actor: str, id_token: str | None, now: datetime) -> str:
    """A new session of `member:…` or `key:…`: its token, which is kept nowhere. Sessions that are over are
    forgotten."""
    kind, _colon, name = actor.partition(":")
    token = new_token()
    digest = digest_of(token)
    over = (t.sessions.c.expires_at <= written(now)) | (t.sessions.c.seen_at <= written(now - IDLE))
    connection.execute(delete(t.sessions).where(over))
    drafts.purge(connection, now)  # as good a moment as any: somebody comes in every day
    connection.execute(
        insert(t.sessions).values(
            digest=digest,
            member_id=name if kind == "member" else None,
            key_id=name if kind == "key" else None,
            created_at=written(now),
            seen_at=written(now),
            expires_at=written(now + LONGEST),
            id_token=keys.seal(id_token.encode(), _context(digest)) if id_token else None,
        )
    )
    return token


def find_session(connection: Connection, secret: bytes, token: str, now: datetime) -> Session | None:
    """The session of a token, None when it is over or when its member's access, or its key, has ended."""
    sessions, members, keys, organisations = t.sessions, t.members, t.api_keys, t.organisations
    owner = func.coalesce(members.c.org_id, keys.c.org_id)
    row = connection.execute(
        select(
            sessions,
            members.c.active,
            func.coalesce(members.c.roles, keys.c.roles).label("roles"),
            keys.c.scopes,
            keys.c.revoked_at,
            keys.c.expires_at.label("key_expires_at"),
            organisations.c.org_id,
            organisations.c.siret,
        )
        .join_from(sessions, members, members.c.member_id == sessions.c.member_id, isouter=True)
        .join(keys, keys.c.key_id == sessions.c.key_id, isouter=True)
        .join(organisations, organisations.c.org_id == owner)
        .where(sessions.c.digest == digest_of(token))
    ).first()
    if row is None or not is_live(read(row.seen_at), read(row.expires_at), now) or not _allowed(row, now):
        return None
    actor = f"member:{row.member_id}" if row.key_id is None else f"key:{row.key_id}"
    roles = frozenset(Role(name) for name in row.roles.split("|"))
    scopes = frozenset(Scope) if row.scopes is None else frozenset(Scope(name) for name in row.scopes.split("|"))
    principal = Principal(actor, row.org_id, roles, scopes, row.siret)
    return Session(principal, csrf_of(secret, token), read(row.seen_at), read(row.expires_at))


def _allowed(row: Any, now: datetime) -> bool:
    if row.key_id is None:
        return bool(row.active)
    return row.revoked_at is None and now < read(row.key_expires_at)


def needs_visit(session: Session, now: datetime) -> bool:
    """True when the session's last visit was written down long enough ago."""
    return now - session.seen_at >= BETWEEN_VISITS


def visit(connection: Connection, token: str, now: datetime) -> None:
    """Write down that the session was used. Never earlier than what is written, whatever the order of requests."""
    seen = written(now)
    rows = update(t.sessions).where(t.sessions.c.digest == digest_of(token), t.sessions.c.seen_at < seen)
    connection.execute(rows.values(seen_at=seen))


def close_session(connection: Connection, keys: KeyRing, token: str) -> str | None:
    """End a session; the issuer's id_token that was kept with it, if it can still be opened."""
    digest = digest_of(token)
    row = connection.execute(select(t.sessions.c.id_token).filter_by(digest=digest)).first()
    connection.execute(delete(t.sessions).filter_by(digest=digest))
    if row is None or not row.id_token:
        return None
    try:
        return keys.open(row.id_token, _context(digest)).decode()
    except EnvironmentFault:
        return None  # its key is gone: signing out here must not wait for it


def _context(digest: str) -> str:
    return f"session {digest}"
