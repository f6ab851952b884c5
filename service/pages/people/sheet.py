"""A sheet to hand to the person: the positions, why these, what to bring, their rights, whom to speak to.

No score, no category, nothing about health, justice or resources: other people may see a paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from matcher.reference import communes
from matcher.report import formats
from service.pages.page import Outcome, Shown, Visit
from service.pages.people import person as p
from service.pages.people.eligibility import to_bring
from service.pages.people.plain_words import documents, reasons, together
from service.problems import Problem
from service.store import tables as t

MOST_POSITIONS = 5
_UNDER_WAY = ("proposed", "shortlisted", "interviewed")


@dataclass(frozen=True)
class Post:
    """One position as the person reads it. `stage` is None for one they have not been proposed for."""

    title: str
    employer: str
    city: str
    start: str | None
    hours: float | None
    wage: str
    stage: str | None
    reasons: list[str]
    together: list[str]


def sheet(visit: Visit) -> Outcome:
    """The sheet of one person."""
    person = p.asked(visit)
    found = visit.ask("proposals", query={"candidate_id": person.id, "limit": 100}).content["proposals"]
    stages = {one["position_id"]: one["stage"] for one in found if one["stage"] in _UNDER_WAY}
    proposed = bool(stages)
    if not stages:
        best = visit.ask("positions_for", path={"candidate_id": person.id}, query={"top": 3}).content["positions"]
        stages = {one["position_id"]: None for one in best}
    ids = list(stages)[-MOST_POSITIONS:]
    now, subject = p.in_pool(visit, person.id)
    here = now.knows(subject)
    levels = now.levels(subject, ids) if here else {}
    posts = [_post(facts, stages[name], levels.get(name, {})) for name in ids if (facts := _facts(visit, name))]
    data = {
        "person": person,
        "posts": posts,
        "proposed": proposed,
        "documents": documents(to_bring(now.facts(subject), visit.today) if here else []),
        "more": _own_papers(person.facts),
        "organisation": _organisation(visit),
        "adviser": str(person.facts.get("adviser") or ""),
    }
    return Shown("people/sheet.html", data)


def _facts(visit: Visit, position_id: str) -> Mapping[str, Any] | None:
    """What the visitor may read of a position; None once it is closed."""
    try:
        facts: Mapping[str, Any] = visit.ask("get_position", path={"position_id": position_id}).content["facts"]
    except Problem as problem:
        if problem.code != "absent":
            raise
        return None
    return facts


def _post(facts: Mapping[str, Any], stage: str | None, levels: Mapping[str, str]) -> Post:
    wage = facts.get("wage")
    return Post(
        str(facts.get("title") or facts.get("occupation") or ""),
        str(facts.get("employer") or ""),
        _town(facts),
        facts.get("start_date"),
        facts.get("weekly_hours"),
        formats.number(wage, 2) if wage is not None else "",
        stage,
        reasons(levels),
        together(levels),
    )


def _town(facts: Mapping[str, Any]) -> str:
    """The town of a position; nothing where only an area is known."""
    place = communes().by_code.get(str(facts.get("commune")))
    return str(facts.get("city") or ("" if place is None else communes().names[place]))


def _own_papers(facts: Mapping[str, Any]) -> list[str]:
    """Which of their own papers are worth bringing: those that the person is known to have."""
    return [name for name in ("certificates", "licences") if facts.get(name)]


def _organisation(visit: Visit) -> str:
    with visit.read() as connection:
        query = select(t.organisations.c.name).filter_by(org_id=visit.principal.org_id)
        return str(connection.execute(query).scalar_one())
