"""`GET /hours`: what was entered. A line names a person by their reference: who read it is written down."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, select

from matcher.locale import _
from service.hours.limits import month_of
from service.paging import page
from service.problems import at_field
from service.routing import Answer, Call
from service.store import tables as t


def listing(call: Call) -> Answer:
    """A page of the hours of the caller's contracts, the last month first. Raises Problem for what is no month."""
    h, p = t.hours.c, t.people.c
    query = (
        select(h.award_id, p.reference, h.employer, h.mode, h.month, h.hours, t.subjects.c.log_name)
        .join(t.people, p.subject == h.subject)
        .join(t.subjects, t.subjects.c.subject == h.subject)
        .join(t.awards, t.awards.c.award_id == h.award_id)
        .where(t.awards.c.org_id == call.principal.org_id)
    )
    if call.query.award_id is not None:
        query = query.where(h.award_id == call.query.award_id)
    if call.query.month is not None:
        query = query.where(h.month == _month(call.query.month))
    # A person is told by their reference in the key too: a cursor holds nothing that a line does not show.
    key = [h.month, h.award_id, p.reference, h.employer, h.mode]
    with call.store.read() as connection:
        found = page(connection, query, key, call, "hours", descending=True)
    _written_down(call, found.rows)
    return Answer({"hours": [_shown(row) for row in found.rows], "next": found.next})


def _shown(row: Row[Any]) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in ("award_id", "employer", "mode", "month", "hours")}
    return {**named, "candidate_id": row.reference}


def _month(text: str) -> str:
    month = month_of(text)
    if month is None:
        raise at_field("/month", _("mois illisible ; l'écrire AAAA-MM."))
    return month


def _written_down(call: Call, rows: list[Row[Any]]) -> None:
    """One entry of the log per contract, as for what is written."""
    seen: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        seen[row.award_id].add(row.log_name)
    if not seen:
        return
    with call.write() as change:
        for award, names in sorted(seen.items()):
            change.log("hours.see", f"award:{award}", sorted(names))
