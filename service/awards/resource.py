"""Awards: sending notices, listing, reading one with its hours."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select

from matcher.locale import _
from service.awards import upsert
from service.hours.totals import hours_of, months_of
from service.paging import page
from service.problems import Problem
from service.routing import Answer, Call
from service.store import tables as t
from service.taken import note

_SHORT = ("award_id", "buyer_siret", "notified_on", "ends_on", "hours_due", "version")


def post(call: Call) -> Answer:
    """Store the notices that the selection takes, and the positions they open; a report per notice."""
    made = upsert.converted(call.body, call.settings, call.today)
    org_id, dry_run = call.principal.org_id, call.query.dry_run
    if dry_run:
        with call.store.read() as connection:
            found = upsert.plan(connection, org_id, made)
        note(call, "awards", (line["message"] for line in found.report))
        return Answer(found.answer(made, dry_run=True))
    with call.write() as change:
        found = upsert.plan(change.connection, org_id, made)
        answer = Answer(found.answer(made, dry_run=False))
        if not found.empty:
            upsert.write(change, found)
            answer = call.done(change, answer)
    note(call, "awards", (line["message"] for line in found.report))
    return answer


def listing(call: Call) -> Answer:
    """A page of the caller's awards."""
    query = select(t.awards).where(t.awards.c.org_id == call.principal.org_id)
    with call.store.read() as connection:
        found = page(connection, query, [t.awards.c.award_id], call, "awards")
    return Answer({"awards": [_short(row) for row in found.rows], "next": found.next})


def see(call: Call) -> Answer:
    """One award: what it owes, what its positions plan, what was done."""
    name = call.path["award_id"]
    with call.store.read() as connection:
        query = select(t.awards).where(t.awards.c.award_id == name, t.awards.c.org_id == call.principal.org_id)
        row = connection.execute(query).first()
        if row is None:
            raise Problem("absent", _("Aucun de vos contrats ne porte cet identifiant. Le vérifier."))
        positions = select(t.positions.c.position_id).filter_by(award_id=name, org_id=call.principal.org_id)
        names = connection.execute(positions.order_by(t.positions.c.position_id)).scalars().all()
        hours = {**hours_of(connection, name, call.today), "by_month": months_of(connection, name, call.today)}
    content = {**_short(row), "award": json.loads(row.body), "positions": list(names), "hours": hours}
    return Answer(content)


def _short(row: Row[Any]) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _SHORT}, "object": json.loads(row.body).get("object")}
