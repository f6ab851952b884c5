"""Positions, by pages: those that look for people, of one's organisation, or of one's SIRET."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from matcher.locale import N_, _
from service.access.principals import Role
from service.pages.page import Outcome, Shown, Visit
from service.pages.positions.facts import place_of, title_of
from service.proposals.moves import Stage
from service.proposals.rows import visible
from service.store import tables as t

BY_PAGE = 25
WAITING = (Stage.PROPOSED, Stage.SHORTLISTED, Stage.INTERVIEWED)
_STATES = {"open": N_("qui cherchent encore"), "closed": N_("fermés ou pourvus"), "all": N_("tous")}
_STARTS = {
    "15": N_("d'ici 15 jours"),
    "30": N_("d'ici 30 jours"),
    "90": N_("d'ici 90 jours"),
    "past": N_("déjà passé"),
}
_SORTS = {"start": N_("date de début"), "position_id": N_("identifiant")}


@dataclass(frozen=True)
class Line:
    """One position of the list; `waiting` counts the proposals under way that the visitor may see."""

    id: str
    title: str
    employer: str | None
    place: str
    start: str | None
    openings: int
    filled: int
    closed: bool
    own: bool
    waiting: int


def listing(visit: Visit) -> Outcome:
    """A page of the positions that the visitor may see."""
    asked = _asked(visit)
    found = visit.ask("list_positions", query={**_query(visit, asked), "limit": BY_PAGE}).content
    following = visit.principal.has(Role.ADVISER, Role.FACILITATOR)
    waiting = _waiting(visit, [one["position_id"] for one in found["positions"]]) if following else {}
    data = {
        "asked": asked,
        "states": _words(_STATES),
        "starts": [("", _("toutes les dates")), *_words(_STARTS)],
        "sorts": _words(_SORTS),
        "lines": [_line(one, waiting) for one in found["positions"]],
        "next": found["next"],
        "first": "after" not in visit.query,
        "following": following,
        "states_open": visit.principal.has(Role.FACILITATOR, Role.CONTRACTOR),
        "may_create": visit.may("put_positions"),
    }
    return Shown("positions/list.html", data, part="positions/lines.html")


def _asked(visit: Visit) -> dict[str, str]:
    """The filters of the address, each with a value that means something."""
    state, start, sort = (visit.query.get(name, "") for name in ("status", "start", "sort"))
    return {
        "status": state if state in _STATES else "open",
        "start": start if start in _STARTS else "",
        "sort": sort if sort in _SORTS else "start",
        "q": visit.query.get("q", "").strip()[:100],
        "award": visit.query.get("award", "").strip(),
    }


def _query(visit: Visit, asked: Mapping[str, str]) -> dict[str, Any]:
    day, start = visit.today, asked["start"]
    return {
        "open": {"open": "true", "closed": "false", "all": None}[asked["status"]],
        "start_from": day.isoformat() if start.isdecimal() else None,
        "start_until": (
            (day + timedelta(days=int(start) if start.isdecimal() else -1)).isoformat() if start else None
        ),
        "q": asked["q"] or None,
        "award_id": asked["award"] or None,
        "sort": asked["sort"],
        "cursor": visit.query.get("after") or None,
    }


def _words(words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in words.items()]


def _waiting(visit: Visit, ids: Sequence[str]) -> dict[str, int]:
    """Position → proposals under way, of those that the visitor may see."""
    p = t.proposals.c
    query = (
        select(p.position_id, func.count())
        .join(t.positions, t.positions.c.position_id == p.position_id)
        .where(p.position_id.in_(ids), p.stage.in_([str(stage) for stage in WAITING]), visible(visit.principal))
        .group_by(p.position_id)
    )
    with visit.read() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(query)}


def _line(found: Mapping[str, Any], waiting: Mapping[str, int]) -> Line:
    facts, name = found["facts"], found["position_id"]
    return Line(
        name,
        title_of(name, facts),
        facts["employer"],
        place_of(facts),
        facts["start_date"],
        found["openings"],
        found["filled"],
        found["closed"],
        found["own"],
        waiting.get(name, 0),
    )
