"""The access keys of an organisation: making one, showing it once, replacing it, stopping it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from sqlalchemy import select

from matcher.errors import UsageError
from matcher.locale import _
from service.access import keys as access_keys
from service.access.organisations import check_admin_left
from service.access.principals import Scope
from service.clock import written
from service.pages import once
from service.pages.admin import organisation as one
from service.pages.page import Go, Outcome, Shown, Visit
from service.problems import from_error
from service.routing import Answer, Answered
from service.store import tables as t
from service.store.answers import Named
from service.store.database import Change

LONGEST_LABEL = 120


def create_key(visit: Visit) -> Outcome:
    """A key for a program or for signing in."""
    form = visit.form

    def work(change: Change) -> access_keys.NewKey:
        days, label = form.one("days"), form.one("label")
        if not days.isdecimal() or not 1 <= int(days[:6]) <= one.LONGEST_DAYS:
            raise UsageError(
                _("La durée d'une clé est un nombre de jours."),
                _("De 1 à {most}.").format(most=one.LONGEST_DAYS),
                "days",
            )
        if not 0 < len(label) <= LONGEST_LABEL:
            raise UsageError(_("Il manque à quoi sert la clé."), _("L'écrire en quelques mots."), "label")
        scopes = (Scope.READ,) if form.one("read_only") == "yes" else tuple(Scope)
        return access_keys.create(
            change, visit.path["org_id"], one.roles(visit), label, scopes=scopes, days=int(days)
        )

    return _made(visit, work, "key")


def rotate_key(visit: Visit) -> Outcome:
    """A new key in the place of one, which works for one more day."""
    key_id = _key(visit)
    return _made(visit, lambda change: access_keys.rotate(change, key_id), "keys")


def revoke_key(visit: Visit) -> Outcome:
    """Stop a key at once."""
    key_id = _key(visit)

    def work(change: Change) -> None:
        one.check_not_oneself(visit, f"key:{key_id}")
        access_keys.revoke(change, key_id)
        check_admin_left(change)

    return one.done(visit, work, "keys", "key_revoked")


def key(visit: Visit) -> Outcome:
    """One key. Whoever has just made it reads it here, once; from then on it is kept nowhere."""
    key_id = _key(visit)
    with visit.write() as change:
        held = _held(visit, key_id)
        found = held.before(change.connection, visit.at)
        if found is not None:
            held.forget(change)
            change.log("key.show", f"key:{key_id}")
        row = change.connection.execute(select(t.api_keys).filter_by(key_id=key_id)).one()
        used = one.last_uses(change.connection, row.org_id)
    data = {
        "text": None if found is None else found.content["text"],
        "key": one.key_line(row, written(visit.at), used),
        "org_id": row.org_id,
        "back": one.place(row.org_id),
        "actor": visit.principal.actor,
    }
    return Shown("admin/key.html", data)


# --- parts -------------------------------------------------------------------------------------------------------
def _made(visit: Visit, work: Callable[[Change], access_keys.NewKey], form: str) -> Outcome:
    """Make a key and go where it is read. The same form sent again goes there too, and makes no other."""
    sent = once.sent(visit)
    try:
        with visit.write() as change:
            sent.check(change)
            new = work(change)
            sent.keep(change, Answer({"key_id": new.key_id}))
            _held(visit, new.key_id).keep(change, Answer({"text": new.text}))
            key_id = new.key_id
    except Answered as before:
        key_id = before.answer.content["key_id"]
    except UsageError as error:
        return one.shown(visit, from_error(error), form)
    return Go(f"{one.place(visit.path['org_id'])}/keys/{quote(key_id, safe='')}")


def _held(visit: Visit, key_id: str) -> Named:
    """Where a new key waits, sealed, for the visitor who made it to read it."""
    return Named.of(visit.principal.actor, f"new key {key_id}", b"", visit.store.keys)


def _key(visit: Visit) -> str:
    return one.of(visit, t.api_keys.c.key_id, "key_id")
