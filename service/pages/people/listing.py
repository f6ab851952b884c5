"""The people an adviser follows: paged, searched by the beginning of the identifier or of a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from matcher.clause import Rule, RuleSet
from matcher.rules.modes import CLAUSE_PACK
from service.pages.page import Outcome, Shown, Visit
from service.pages.people.person import full_name
from service.proposals.moves import LIVE
from service.store import tables as t

BY_PAGE = 25
USUAL = RuleSet((Rule(CLAUSE_PACK, "direct"),))


@dataclass(frozen=True)
class Line:
    """One person of the list. `outcome`: under the usual rules, None while objecting to matching."""

    id: str
    name: str
    outcome: str | None
    objects: bool
    live: int
    last_action_on: str


def listing(visit: Visit) -> Outcome:
    """A page of one's own people."""
    q = visit.query.get("q", "").strip()
    cursor = visit.query.get("after") or None
    found = visit.ask("list_candidates", query={"q": q or None, "cursor": cursor, "limit": BY_PAGE}).content
    data = {"q": q, "lines": _lines(visit, found["candidates"]), "next": found["next"], "first": cursor is None}
    return Shown("people/list.html", data, part="people/lines.html")


def _lines(visit: Visit, people: Sequence[Mapping[str, Any]]) -> list[Line]:
    subjects = _subjects(visit, [one["candidate_id"] for one in people])
    live = _live(visit, list(subjects.values()))
    outcomes = visit.desk.office.pool.refresh(visit.today).outcomes(list(subjects.values()), USUAL) if people else {}
    lines = []
    for one in people:
        subject = subjects.get(one["candidate_id"], "")
        objects = one["objection"] is True
        outcome = None if objects else outcomes.get(subject)
        name, day = full_name(one), one["last_action_on"]
        lines.append(Line(one["candidate_id"], name, outcome, objects, live.get(subject, 0), day))
    return lines


def _subjects(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """The visitor's own identifier → subject."""
    people = t.people.c
    query = select(people.candidate_id, people.subject).where(
        people.org_id == visit.principal.org_id, people.candidate_id.in_(ids)
    )
    with visit.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _live(visit: Visit, subjects: Sequence[str]) -> dict[str, int]:
    """How many live proposals each of them has."""
    p = t.proposals.c
    query = (
        select(p.subject, func.count())
        .where(p.subject.in_(subjects), p.stage.in_([str(stage) for stage in LIVE]))
        .group_by(p.subject)
    )
    with visit.read() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(query)}
