"""Positions: sending, listing, reading, changing, closing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, false, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from matcher.locale import _
from matcher.schema import POSITIONS
from service.access.principals import Principal, Role
from service.facts import open_facts
from service.merging import one_row, received, refuse_errors
from service.paging import page
from service.people.resource import in_role
from service.positions import upsert
from service.problems import Problem
from service.routing import Answer, Call
from service.store import tables as t
from service.store.database import Change
from service.store.words import fact, folded, plain
from service.taken import note
from service.versions import check_version

TOLD = ("title", "employer", "city", "commune", "occupation")  # the facts in which words are looked for
BEFORE_LAST, LAST = "9999-12-31", "9999-99-99"  # what stands for a day that is not known sorts after every day


def put(call: Call) -> Answer:
    """Create or change the positions of the caller's organisation; a report per row."""
    rows = received(POSITIONS, call.body.positions, call.settings, call.today)
    with call.store.read() as connection:
        made = upsert.plan(connection, call.principal.org_id, call, rows)
    if not call.query.dry_run and not made.empty:
        made = upsert.save(call, rows, made)
    note(call, "positions", (text for _column, text in made.merged.problems.values()))
    return Answer(made.merged.answer(dry_run=call.query.dry_run))


def visible(principal: Principal) -> ColumnElement[bool]:
    """An adviser's: those that look for people, of everybody. A facilitator's: their organisation's. A contractor's:
    those of their own SIRET."""
    parts: list[ColumnElement[bool]] = [false()]
    if principal.has(Role.ADVISER):
        parts.append(t.positions.c.closed.is_(False))
    if principal.has(Role.FACILITATOR):
        parts.append(t.positions.c.org_id == principal.org_id)
    if principal.has(Role.CONTRACTOR) and principal.siret:
        parts.append(t.positions.c.siret == principal.siret)
    return or_(*parts)


def find(connection: Connection, principal: Principal, position_id: str) -> Row[Any]:
    """One position that the caller may see. Raises Problem `absent`, the same whether it is elsewhere or nowhere."""
    query = select(t.positions).where(t.positions.c.position_id == position_id, visible(principal))
    row = connection.execute(query).first()
    if row is None:
        raise Problem("absent", _("Aucun poste que vous puissiez voir ne porte cet identifiant. Le vérifier."))
    return row


def listing(call: Call) -> Answer:
    """A page of the positions that the caller may see."""
    start = func.coalesce(fact(t.positions.c.body, "start_date"), LAST).label("start")
    query = select(t.positions, start).where(visible(call.principal), *_wanted(call, start))
    key = [start, t.positions.c.position_id] if call.query.sort == "start" else [t.positions.c.position_id]
    with call.store.read() as connection:
        found = page(connection, query, key, call, "positions")
    return Answer({"positions": [shown(row, call.principal) for row in found.rows], "next": found.next})


def _wanted(call: Call, start: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    """The filters of a list."""
    asked = call.query
    if asked.award_id is not None:
        yield t.positions.c.award_id == asked.award_id
    if asked.open is not None:
        yield t.positions.c.closed.is_(not asked.open)
    if asked.start_from is not None:
        yield start.between(asked.start_from.isoformat(), BEFORE_LAST)
    if asked.start_until is not None:
        yield start <= asked.start_until.isoformat()
    told = folded(t.positions.c.position_id, *(fact(t.positions.c.body, name) for name in TOLD))
    for word in plain(asked.q).split():
        yield told.contains(word, autoescape=True)


def see(call: Call) -> Answer:
    """One position."""
    with call.store.read() as connection:
        row = find(connection, call.principal, call.path["position_id"])
    return Answer(shown(row, call.principal), version=str(row.version))


def shown(row: Row[Any], principal: Principal) -> dict[str, Any]:
    """A position as it is answered."""
    return {
        "position_id": row.position_id,
        "own": principal.has(Role.FACILITATOR) and row.org_id == principal.org_id,
        **{name: getattr(row, name) for name in ("version", "openings", "filled", "closed")},
        "facts": open_facts(POSITIONS, json.loads(row.body)),
    }


def change(call: Call) -> Answer:
    """Change some columns of a position of one's own, close it or open it again, unless somebody did something to it
    in the meantime."""
    name = call.path["position_id"]
    facilitator = in_role(call, Role.FACILITATOR)
    rows = one_row(POSITIONS, name, call.body.facts or {}, call.settings, call.today)
    with call.write() as changing:
        before = find(changing.connection, facilitator, name)
        check_version(call, before.version)
        made = upsert.plan(changing.connection, facilitator.org_id, call, rows)
        refuse_errors(made.merged)
        if not made.empty:
            upsert.write(changing, made)
        if call.body.closed is not None:
            _close(changing, find(changing.connection, facilitator, name), before, call.body.closed)
        row = find(changing.connection, facilitator, name)
    content = {**shown(row, call.principal), "warnings": made.merged.warnings}
    return Answer(content, version=str(row.version))


def _close(change: Change, row: Row[Any], before: Row[Any], closed: bool) -> None:
    """Close or open again. Raises Problem when there is no opening left to open."""
    if not closed and row.filled >= row.openings:
        raise Problem(
            "conflict",
            _("Toutes les places de ce poste sont pourvues : augmenter « openings » pour le rouvrir."),
        )
    if row.closed == closed:
        return
    values: dict[str, Any] = {"closed": closed}
    if row.changed == before.changed:  # else the same transaction has just kept the row of before
        upsert.keep_past(change, [upsert.past_row(row)])
        values |= {"version": row.version + 1, "changed": change.seq}
    change.connection.execute(update(t.positions).filter_by(position_id=row.position_id).values(**values))
    change.log("position.close" if closed else "position.reopen", f"position:{row.position_id}", pool=True)
