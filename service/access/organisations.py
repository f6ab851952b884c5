"""Organisations, and the people who may sign in for them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from sqlalchemy import exists, insert, select, update

from matcher.errors import UsageError
from matcher.locale import _
from service.access.keys import in_use
from service.access.owner import check_organisation
from service.access.principals import Role, Scope, names
from service.clock import written
from service.store import tables as t
from service.store.database import Change

KINDS = ("prescriber", "facilitator", "contractor", "authority")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_SIRET = re.compile(r"[0-9]{14}")


def create_organisation(change: Change, org_id: str, name: str, kind: str, siret: str | None = None) -> None:
    """An organisation, logged. Raises UsageError for an identifier already taken or a SIRET that is none."""
    if _NAME.fullmatch(org_id) is None:
        raise UsageError(
            _("« {id} » ne peut pas être l'identifiant d'un organisme.").format(id=org_id[:40]),
            _("Lettres sans accent, chiffres, point, tiret : 40 au plus."),
            "org_id",
        )
    if siret is not None and _SIRET.fullmatch(siret) is None:
        raise UsageError(_("Un SIRET a 14 chiffres."), _("Vérifier le SIRET."), "siret")
    if kind == "contractor" and siret is None:
        raise UsageError(
            _("Une entreprise n'est reconnue sur ses postes que par son SIRET."), _("Donner le SIRET."), "siret"
        )
    if change.connection.execute(select(t.organisations).filter_by(org_id=org_id)).first() is not None:
        raise UsageError(
            _("L'organisme « {id} » existe déjà.").format(id=org_id), _("Choisir un autre identifiant."), "org_id"
        )
    change.connection.execute(insert(t.organisations).values(org_id=org_id, name=name, kind=kind, siret=siret))
    change.log("organisation.create", f"organisation:{org_id}", detail={"kind": kind})


def invite(change: Change, email: str, org_id: str, roles: Sequence[Role]) -> str:
    """Let whoever signs in with this verified e-mail in, as a member of the organisation. Raises UsageError."""
    check_organisation(change, org_id)
    folded = email.strip().casefold()
    taken = select(t.members).filter_by(email=folded, active=True)
    if "@" not in folded or change.connection.execute(taken).first() is not None:
        raise UsageError(
            _("Cette adresse n'est pas un courriel, ou elle est déjà celle d'un membre."),
            _("Vérifier l'adresse."),
            "email",
        )
    member_id = secrets.token_hex(6)
    change.connection.execute(
        insert(t.members).values(
            member_id=member_id,
            email=folded,
            org_id=org_id,
            roles=names(frozenset(roles)),
            active=True,
            created_at=written(change.at),
        )
    )
    change.log("member.invite", f"member:{member_id}", detail={"org_id": org_id, "roles": sorted(roles)})
    return member_id


def dismiss(change: Change, member_id: str) -> None:
    """End a member's access at once, open sessions included. Raises UsageError for somebody who has none."""
    done = change.connection.execute(
        update(t.members).filter_by(member_id=member_id, active=True).values(active=False)
    )
    if not done.rowcount:
        raise _no_member(member_id)
    change.connection.execute(t.sessions.delete().filter_by(member_id=member_id))
    change.log("member.dismiss", f"member:{member_id}")


def set_roles(change: Change, member_id: str, roles: Sequence[Role]) -> None:
    """Change what a member may do, from their next request on. Raises UsageError for somebody who has no access."""
    done = change.connection.execute(
        update(t.members).filter_by(member_id=member_id, active=True).values(roles=names(frozenset(roles)))
    )
    if not done.rowcount:
        raise _no_member(member_id)
    change.log("member.roles", f"member:{member_id}", detail={"roles": sorted(roles)})


def admin_left(change: Change) -> bool:
    """Whether somebody may still administer the service.

    Counted: a key in service that writes and is not about to end for another; a member who already came in, since an
    invitation may never be answered. Writers come one after the other: two administrators cannot remove each other.
    """
    keys, people = t.api_keys.c, t.members.c
    has_key = exists().where(
        keys.roles.contains(Role.ADMIN.value),
        keys.scopes.contains(Scope.WRITE.value),
        keys.replaced_by.is_(None),
        in_use(change.at),
    )
    has_member = exists().where(people.roles.contains(Role.ADMIN.value), people.active, people.subject.is_not(None))
    return bool(change.connection.scalar(select(has_key | has_member)))


def check_admin_left(change: Change) -> None:
    """Raise UsageError, which undoes the change, when it leaves nobody to administer the service."""
    if not admin_left(change):
        raise UsageError(
            _("Plus personne n'administrerait le service : c'est le dernier accès d'administration qui écrit."),
            _("En donner d'abord un autre : une clé, ou un membre qui soit déjà venu."),
        )


def _no_member(member_id: str) -> UsageError:
    return UsageError(
        _("Aucun membre en service ne porte le nom « {id} ».").format(id=member_id[:40]),
        _("Revoir la liste des membres."),
    )
