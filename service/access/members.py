"""Which member a signed-in identity is. An administrator invites by e-mail; the first sign-in binds the invitation to
the issuer's own name for the person, which alone counts from then on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from matcher.locale import _
from service.access.oidc import Identity, stale
from service.clock import written
from service.problems import Problem
from service.store import tables as t
from service.store.database import Change


def member_of(connection: Connection, identity: Identity) -> Any:
    """The row of the member this identity is, or of the invitation that waits for it. Raises Problem.

    An e-mail that the issuer does not vouch for opens nothing; nor does that of a member who already came under
    another name, since an address can be given to somebody else.
    """
    known = connection.execute(
        select(t.members).filter_by(issuer=identity.issuer, subject=identity.subject)
    ).one_or_none()
    if known is not None and known.active:
        return known
    waiting = []
    if identity.email is not None and identity.email_verified:
        invitations = select(t.members).filter_by(email=identity.email.casefold(), active=True, subject=None)
        waiting = list(connection.execute(invitations))
    if len(waiting) == 1:
        return waiting[0]
    if known is None and identity.email is not None and not identity.email_verified:
        raise Problem(
            "forbidden",
            _(
                "Votre fournisseur d'identité ne confirme pas votre courriel : votre invitation ne peut pas être "
                "retrouvée. Confirmer le courriel chez lui, puis recommencer."
            ),
        )
    raise Problem(
        "forbidden",
        _(
            "Votre compte n'a pas accès à ce service. Demander à l'administrateur de votre organisme une invitation "
            "à l'adresse de ce compte."
        ),
    )


def welcome(change: Change, identity: Identity) -> str:
    """The member this identity is, bound to it at their first sign-in, seen now: their name. Raises Problem. Logged.

    The change is to be in that member's own name; should they have become another since, nothing is done.
    """
    row = member_of(change.connection, identity)
    if change.actor != actor_of(row):
        raise stale("member")
    seen = {"last_seen_at": written(change.at)}
    if row.subject is None:
        # A dismissed member who was invited again: the name goes with the living invitation.
        past = update(t.members).filter_by(issuer=identity.issuer, subject=identity.subject, active=False)
        change.connection.execute(past.values(issuer=None, subject=None))
        seen |= {"issuer": identity.issuer, "subject": identity.subject}
    change.connection.execute(update(t.members).filter_by(member_id=row.member_id).values(**seen))
    if row.subject is None:
        change.log("member.bind", actor_of(row))
    change.log("session.open", actor_of(row))
    return str(row.member_id)


def actor_of(member: Any) -> str:
    """How the log names a member."""
    return f"member:{member.member_id}"
