"""Organisations, the people who may sign in for them, and their access keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, func, select

from matcher.errors import UsageError
from matcher.locale import N_, _
from service.access import keys as access_keys
from service.access.organisations import KINDS, check_admin_left, create_organisation, dismiss, invite, set_roles
from service.access.principals import Role, Scope
from service.clock import written
from service.pages.page import Go, Outcome, Shown, Visit
from service.problems import Problem, from_error
from service.store import tables as t
from service.store.database import Change

KIND_WORDS: Mapping[str, str] = {
    "prescriber": N_("prescripteur (accompagne des personnes)"),
    "facilitator": N_("facilitateur de clauses"),
    "contractor": N_("entreprise"),
    "authority": N_("acheteur ou financeur"),
}
LONGEST_DAYS = 1095
LONGEST_TEXT = 120
_T = TypeVar("_T")
RECENT = 50_000  # entries of the log where the last use of a key is looked for


def organisations(visit: Visit) -> Outcome:
    """Every organisation, with how many may come in for it."""
    return _all(visit)


def create_one(visit: Visit) -> Outcome:
    """A new organisation."""
    form = visit.form
    org_id, name = form.one("org_id"), form.one("name")
    try:
        if not 0 < len(name) <= LONGEST_TEXT or form.one("kind") not in KINDS:
            raise UsageError(_("Il manque le nom ou le genre de l'organisme."), _("Remplir les deux."))
        with visit.write() as change:
            create_organisation(change, org_id, name, form.one("kind"), form.one("siret").replace(" ", "") or None)
    except UsageError as error:
        return _all(visit, from_error(error))
    return Go(f"{_place(org_id)}?done=organisation_created")


def organisation(visit: Visit) -> Outcome:
    """Who may come in for one organisation; seeing their addresses is written in the log."""
    return _one(visit)


def invite_one(visit: Visit) -> Outcome:
    """A member, by the e-mail their identity provider vouches for."""

    def work(change: Change) -> str:
        return invite(change, visit.form.one("email")[:LONGEST_TEXT], visit.path["org_id"], _roles(visit))

    return _done(visit, work, lambda _member: _again(visit, "member_invited"), "member")


def change_roles(visit: Visit) -> Outcome:
    """What a member may do from now on."""
    member = _member(visit)

    def work(change: Change) -> None:
        roles = _roles(visit)
        if Role.ADMIN not in roles:
            _check_not_oneself(visit, f"member:{member}")
        set_roles(change, member, roles)
        check_admin_left(change)

    return _done(visit, work, lambda _nothing: _again(visit, "roles_changed"), f"roles-{member}")


def end_member(visit: Visit) -> Outcome:
    """End a member's access at once."""
    member = _member(visit)

    def work(change: Change) -> None:
        _check_not_oneself(visit, f"member:{member}")
        dismiss(change, member)
        check_admin_left(change)

    return _done(visit, work, lambda _nothing: _again(visit, "member_ended"), "members")


def create_key(visit: Visit) -> Outcome:
    """A key for a program or for signing in, shown on the answer and nowhere else."""
    form = visit.form

    def work(change: Change) -> access_keys.NewKey:
        days, label = form.one("days"), form.one("label")
        if not days.isdecimal() or not 1 <= int(days[:6]) <= LONGEST_DAYS:
            raise UsageError(
                _("La durée d'une clé est un nombre de jours."), _("De 1 à {most}.").format(most=LONGEST_DAYS)
            )
        if not 0 < len(label) <= LONGEST_TEXT:
            raise UsageError(_("Il manque à quoi sert la clé."), _("L'écrire en quelques mots."))
        scopes = (Scope.READ,) if form.one("read_only") == "yes" else tuple(Scope)
        roles = _roles(visit)
        return access_keys.create(change, visit.path["org_id"], roles, label, scopes=scopes, days=int(days))

    return _done(visit, work, lambda key: _new_key(visit, key), "key")


def rotate_key(visit: Visit) -> Outcome:
    """A new key in the place of one, which works for one more day."""
    key_id = _key(visit)
    return _done(visit, lambda change: access_keys.rotate(change, key_id), lambda key: _new_key(visit, key), "keys")


def revoke_key(visit: Visit) -> Outcome:
    """Stop a key at once."""
    key_id = _key(visit)

    def work(change: Change) -> None:
        _check_not_oneself(visit, f"key:{key_id}")
        access_keys.revoke(change, key_id)
        check_admin_left(change)

    return _done(visit, work, lambda _nothing: _again(visit, "key_revoked"), "keys")


# --- parts -------------------------------------------------------------------------------------------------------
def _done(visit: Visit, work: Callable[[Change], _T], then: Callable[[_T], Outcome], form: str) -> Outcome:
    """Do it and show what comes `then`; or the organisation with what was typed in `form` and what is wrong."""
    try:
        with visit.write() as change:
            made = work(change)
    except UsageError as error:
        return _one(visit, from_error(error), form)
    return then(made)


def _again(visit: Visit, notice: str) -> Go:
    return Go(f"{_place(visit.path['org_id'])}?done={notice}")


def _check_not_oneself(visit: Visit, actor: str) -> None:
    if visit.principal.actor == actor:
        raise UsageError(
            _("Vous ne pouvez pas vous retirer à vous-même cet accès."),
            _("Le demander à un autre administrateur : il en reste ainsi toujours un."),
        )


def _roles(visit: Visit) -> list[Role]:
    found = [Role(name) for name in Role if name in visit.form.every("roles")]
    if not found:
        raise UsageError(_("Aucun rôle n'est choisi."), _("En cocher au moins un."))
    return found


def _member(visit: Visit) -> str:
    """The member of the address. Raises Problem for one of another organisation, as for one who is not there."""
    return _of(visit, t.members.c.member_id, "member_id")


def _key(visit: Visit) -> str:
    return _of(visit, t.api_keys.c.key_id, "key_id")


def _of(visit: Visit, column: Any, name: str) -> str:
    value = visit.path[name]
    query = select(column).where(column == value, column.table.c.org_id == visit.path["org_id"])
    with visit.read() as connection:
        if connection.execute(query).first() is None:
            raise Problem("absent", _("Rien ne porte cet identifiant."))
    return value


def _place(org_id: str) -> str:
    return f"/admin/organisations/{quote(org_id, safe='')}"


def _new_key(visit: Visit, key: access_keys.NewKey) -> Shown:
    return Shown("admin/key.html", {"key": key, "org_id": visit.path["org_id"], "back": _place(visit.path["org_id"])})


def _all(visit: Visit, problem: Problem | None = None) -> Shown:
    members, keys = t.members, t.api_keys
    with visit.read() as connection:
        rows = connection.execute(select(t.organisations).order_by(t.organisations.c.name)).all()
        counts = select(members.c.org_id, func.count()).where(members.c.active).group_by(members.c.org_id)
        people = {row[0]: row[1] for row in connection.execute(counts)}
        counts = select(keys.c.org_id, func.count()).where(access_keys.in_use(visit.at)).group_by(keys.c.org_id)
        in_use = {row[0]: row[1] for row in connection.execute(counts)}
    lines = [
        {
            **row._mapping,
            "place": _place(row.org_id),
            "members": people.get(row.org_id, 0),
            "keys": in_use.get(row.org_id, 0),
        }
        for row in rows
    ]
    typed = {name: visit.form.one(name) for name in ("org_id", "name", "kind", "siret")}
    data = {"lines": lines, "kinds": _kinds(), "typed": typed, "problem": problem}
    return Shown("admin/organisations.html", data, 200 if problem is None else problem.status)


def _kinds() -> list[tuple[str, str]]:
    return [(kind, _(KIND_WORDS[kind])) for kind in KINDS]


def _one(visit: Visit, problem: Problem | None = None, form: str = "") -> Shown:
    org_id = visit.path["org_id"]
    with visit.read() as connection:
        row = connection.execute(select(t.organisations).filter_by(org_id=org_id)).one_or_none()
        query = select(t.members).filter_by(org_id=org_id).order_by(t.members.c.active.desc(), t.members.c.email)
        members = [_member_line(one) for one in connection.execute(query)]
        query = select(t.api_keys).filter_by(org_id=org_id).order_by(t.api_keys.c.created_at.desc())
        rows = connection.execute(query).all()
        used = _last_uses(connection, org_id)
        keys = [_key_line(one, written(visit.at), used) for one in rows]
    if row is None:
        raise Problem("absent", _("Rien ne porte cet identifiant."))
    if members:
        with visit.write() as change:
            change.log("members.see", f"organisation:{org_id}", detail={"members": len(members)})
    data = {
        "organisation": row,
        "kind": _(KIND_WORDS[row.kind]),
        "place": _place(org_id),
        "members": members,
        "keys": keys,
        "roles": list(Role),
        "typed": {name: visit.form.one(name) for name in ("email", "label", "read_only")},
        "days": visit.form.one("days", str(access_keys.LIFE_DAYS)),
        "chosen": visit.form.every("roles"),
        "form": form,
        "problem": problem,
        "actor": visit.principal.actor,
        "recent": RECENT,
        "longest": LONGEST_DAYS,
    }
    return Shown("admin/organisation.html", data, 200 if problem is None else problem.status)


def _member_line(row: Any) -> dict[str, Any]:
    return {**row._mapping, "roles": row.roles.split("|"), "actor": f"member:{row.member_id}"}


def _last_uses(connection: Connection, org_id: str) -> dict[str, str]:
    """Actor → when they last did or saw something, by the end of the log."""
    last = connection.scalar(select(t.head.c.seq)) or 0
    log = t.log.c
    recent = select(log.actor, func.max(log.at)).where(log.seq > last - RECENT, log.org_id == org_id)
    return {row[0]: row[1] for row in connection.execute(recent.group_by(log.actor))}


def _key_line(row: Any, now: str, used: Mapping[str, str]) -> dict[str, Any]:
    """A key without its digest, whether it is `revoked`, `over` or in use, and when it last was."""
    state = "revoked" if row.revoked_at else "over" if row.expires_at <= now else ""
    shown = {name: row._mapping[name] for name in ("key_id", "label", "expires_at", "revoked_at", "replaced_by")}
    return {
        **shown,
        "roles": row.roles.split("|"),
        "reads": "write" not in row.scopes.split("|"),
        "state": state,
        "actor": f"key:{row.key_id}",
        "used_at": used.get(f"key:{row.key_id}"),
    }
