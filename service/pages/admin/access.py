"""Organisations, and the people who may sign in for them."""

from __future__ import annotations

from sqlalchemy import func, select

from matcher.errors import UsageError
from matcher.locale import _
from service.access import keys as access_keys
from service.access.organisations import KINDS, check_admin_left, create_organisation, dismiss, invite, set_roles
from service.access.principals import Role
from service.pages.admin import organisation as one
from service.pages.page import Go, Outcome, Shown, Visit
from service.problems import Problem, from_error
from service.store import tables as t
from service.store.database import Change

LONGEST_TEXT = 120


def organisations(visit: Visit) -> Outcome:
    """Every organisation, with how many may come in for it."""
    return _all(visit)


def create_one(visit: Visit) -> Outcome:
    """A new organisation."""
    form = visit.form
    org_id, name = form.one("org_id"), form.one("name")
    try:
        if not 0 < len(name) <= LONGEST_TEXT or form.one("kind") not in KINDS:
            wrong = "kind" if name else "name"
            raise UsageError(_("Il manque le nom ou le genre de l'organisme."), _("Remplir les deux."), wrong)
        with visit.write() as change:
            create_organisation(change, org_id, name, form.one("kind"), form.one("siret").replace(" ", "") or None)
    except UsageError as error:
        return _all(visit, from_error(error))
    return Go(f"{one.place(org_id)}?done=organisation_created")


def invite_one(visit: Visit) -> Outcome:
    """A member, by the e-mail their identity provider vouches for."""

    def work(change: Change) -> str:
        return invite(change, visit.form.one("email")[:LONGEST_TEXT], visit.path["org_id"], one.roles(visit))

    return one.done(visit, work, "member", "member_invited")


def change_roles(visit: Visit) -> Outcome:
    """What a member may do from now on."""
    member = _member(visit)

    def work(change: Change) -> None:
        roles = one.roles(visit)
        if Role.ADMIN not in roles:
            one.check_not_oneself(visit, f"member:{member}")
        set_roles(change, member, roles)
        check_admin_left(change)

    return one.done(visit, work, f"roles-{member}", "roles_changed")


def end_member(visit: Visit) -> Outcome:
    """End a member's access at once."""
    member = _member(visit)

    def work(change: Change) -> None:
        one.check_not_oneself(visit, f"member:{member}")
        dismiss(change, member)
        check_admin_left(change)

    return one.done(visit, work, "members", "member_ended")


def _member(visit: Visit) -> str:
    return one.of(visit, t.members.c.member_id, "member_id")


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
            "place": one.place(row.org_id),
            "members": people.get(row.org_id, 0),
            "keys": in_use.get(row.org_id, 0),
        }
        for row in rows
    ]
    typed = {name: visit.form.one(name) for name in ("org_id", "name", "kind", "siret")}
    data = {"lines": lines, "kinds": _kinds(), "typed": typed, "problem": problem}
    return Shown("admin/organisations.html", data, 200 if problem is None else problem.status)


def _kinds() -> list[tuple[str, str]]:
    return [(kind, _(one.KIND_WORDS[kind])) for kind in KINDS]
