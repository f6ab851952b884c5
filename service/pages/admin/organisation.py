"""The page of one organisation: its members, its keys, and what its forms have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, func, select

from matcher.errors import UsageError
from matcher.locale import N_, _
from service.access import keys as access_keys
from service.access.principals import Role
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
RECENT = 50_000  # entries of the log where the last use of a key is looked for


def organisation(visit: Visit) -> Outcome:
    """Who may come in for one organisation; seeing their addresses is written in the log."""
    return shown(visit)


def done(visit: Visit, work: Callable[[Change], object], form: str, notice: str) -> Outcome:
    """Do it and show the organisation again; with what was typed in `form` and what is wrong when it is refused."""
    try:
        with visit.write() as change:
            work(change)
    except UsageError as error:
        return shown(visit, from_error(error), form)
    return Go(f"{place(visit.path['org_id'])}?done={notice}")


def check_not_oneself(visit: Visit, actor: str) -> None:
    """Raise UsageError when what is to end is the visitor's own way in."""
    if visit.principal.actor == actor:
        raise UsageError(
            _("Vous ne pouvez pas vous retirer à vous-même cet accès."),
            _("Le demander à un autre administrateur : il en reste ainsi toujours un."),
        )


def roles(visit: Visit) -> list[Role]:
    """The roles that were ticked. Raises UsageError when there is none."""
    found = [Role(name) for name in Role if name in visit.form.every("roles")]
    if not found:
        raise UsageError(_("Aucun rôle n'est choisi."), _("En cocher au moins un."))
    return found


def of(visit: Visit, column: Any, name: str) -> str:
    """What the address names, in the organisation it names. Raises Problem for one of another organisation, as for
    one who is not there."""
    value = visit.path[name]
    query = select(column).where(column == value, column.table.c.org_id == visit.path["org_id"])
    with visit.read() as connection:
        if connection.execute(query).first() is None:
            raise Problem("absent", _("Rien ne porte cet identifiant."))
    return value


def place(org_id: str) -> str:
    """The address of an organisation."""
    return f"/admin/organisations/{quote(org_id, safe='')}"


def shown(visit: Visit, problem: Problem | None = None, form: str = "") -> Shown:
    """The page, with what was typed in `form` and why it was refused."""
    org_id = visit.path["org_id"]
    with visit.read() as connection:
        row = connection.execute(select(t.organisations).filter_by(org_id=org_id)).one_or_none()
        query = select(t.members).filter_by(org_id=org_id).order_by(t.members.c.active.desc(), t.members.c.email)
        members = [_member_line(one) for one in connection.execute(query)]
        query = select(t.api_keys).filter_by(org_id=org_id).order_by(t.api_keys.c.created_at.desc())
        rows = connection.execute(query).all()
        used = last_uses(connection, org_id)
        keys = [key_line(one, written(visit.at), used) for one in rows]
    if row is None:
        raise Problem("absent", _("Rien ne porte cet identifiant."))
    if members:
        with visit.write() as change:
            change.log("members.see", f"organisation:{org_id}", detail={"members": len(members)})
    data = {
        "organisation": row,
        "kind": _(KIND_WORDS[row.kind]),
        "place": place(org_id),
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


def last_uses(connection: Connection, org_id: str) -> dict[str, str]:
    """Actor → when they last did or saw something, by the end of the log."""
    last = connection.scalar(select(t.head.c.seq)) or 0
    log = t.log.c
    recent = select(log.actor, func.max(log.at)).where(log.seq > last - RECENT, log.org_id == org_id)
    return {row[0]: row[1] for row in connection.execute(recent.group_by(log.actor))}


def key_line(row: Any, now: str, used: Mapping[str, str]) -> dict[str, Any]:
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
