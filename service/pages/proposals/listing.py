"""The proposals that one follows, by pages, the oldest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from matcher.locale import N_, _
from service.pages import words
from service.pages.page import Outcome, Shown, Visit
from service.pages.positions.facts import title_of
from service.proposals.moves import LIVE
from service.store import tables as t

BY_PAGE = 25
WAITING_DAYS = 7
_TURNS: Mapping[str, str] = {
    "proposed": N_("au facilitateur de répondre"),
    "shortlisted": N_("à l'entreprise de recevoir"),
    "interviewed": N_("à l'entreprise de décider"),
    "hired": N_("à confirmer trois mois après l'embauche"),
}


@dataclass(frozen=True)
class Line:
    """One proposal of the list; `days` since its last step, `turn` whose turn it is."""

    id: str
    person: str | None
    position_id: str
    position: str
    stage: str
    since: str
    days: int
    turn: str


def listing(visit: Visit) -> Outcome:
    """A page of proposals."""
    stage = visit.query.get("stage", "")
    asked = {
        "stage": stage if stage in words.STAGES else "",
        "waiting": "1" if visit.query.get("waiting") == "1" else "",
        "position": visit.query.get("position", "").strip(),
    }
    before = (visit.today - timedelta(days=WAITING_DAYS)).isoformat()
    query = {
        "stage": asked["stage"] or None,
        "waiting_since": before if asked["waiting"] else None,
        "position_id": asked["position"] or None,
        "cursor": visit.query.get("after") or None,
        "limit": BY_PAGE,
    }
    found = visit.ask("proposals", query=query).content
    titles = titles_of(visit, [one["position_id"] for one in found["proposals"]])
    data = {
        "asked": asked,
        "stages": [("", _("toutes les étapes")), *((code, _(text)) for code, text in words.STAGES.items())],
        "lines": [_line(one, titles, visit.today) for one in found["proposals"]],
        "next": found["next"],
        "first": "after" not in visit.query,
        "days": WAITING_DAYS,
    }
    return Shown("proposals/list.html", data, part="proposals/lines.html")


def titles_of(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """The titles of positions of which the visitor follows a proposal, closed ones too."""
    positions = t.positions.c
    query = select(positions.position_id, positions.body).where(positions.position_id.in_(set(ids)))
    with visit.read() as connection:
        return {row[0]: title_of(row[0], json.loads(row[1])) for row in connection.execute(query)}


def _line(one: Mapping[str, Any], titles: Mapping[str, str], today: date) -> Line:
    name, stage = one["position_id"], one["stage"]
    return Line(
        one["proposal_id"],
        one["candidate_id"],
        name,
        titles.get(name, name),
        stage,
        one["last_step_on"],
        (today - date.fromisoformat(one["last_step_on"])).days if stage in LIVE else 0,
        _(_TURNS[stage]) if stage in _TURNS else "",
    )
