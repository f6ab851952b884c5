"""One person: their best open positions, and the explanation of one pair."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from matcher.blocking import Filter
from matcher.explain import Explanation
from matcher.features import FEATURES
from matcher.locale import _
from service.access.principals import Role
from service.access.visibility import REVEALING_FEATURES, open_categories, open_missing
from service.chain.record import content_digest, lines_of, run_detail
from service.lists.access import Onlooker, absent_position, check_usable, onlooker
from service.lists.parts import may_read, part
from service.lists.shortlist import words_shown
from service.people.find import Person, absent_person, find, is_own
from service.people.resource import in_role
from service.pool import Absent, Snapshot, Suitable
from service.routing import Answer, Call
from service.store import tables as t

USUAL = 10
ABOUT = ("title", "employer", "start_date")


def positions_for(call: Call) -> Answer:
    """The best open positions for a person of one's own."""
    with call.store.read() as connection:
        person = find(connection, call.store.keys, in_role(call, Role.ADVISER), call.path["candidate_id"])
    now = call.pool.refresh(call.today)
    try:
        found = now.positions_for(person.subject, call.query.top or USUAL)
    except Absent:
        raise absent_person() from None
    with call.store.read() as connection:
        about = _about(connection, [one.position_id for one in found.positions])
    with call.write() as change:
        change.log("positions.see", "people", [person.key.log_name], _run(call, now, person, found))
    lines = [{**words_shown(one, own=True), **about.get(one.position_id, _unknown())} for one in found.positions]
    return Answer(
        {
            "candidate_id": person.candidate_id,
            "on": now.on.isoformat(),
            "aside": found.aside,
            "positions": lines,
        }
    )


def _run(call: Call, now: Snapshot, person: Person, found: Suitable) -> dict[str, Any]:
    """What making the list again needs."""
    detail = run_detail(now.head, now.on.isoformat(), len(now), call.pool.card, {"top": call.query.top or USUAL})
    lines = lines_of(found.positions, {person.subject: person.key.log_name})
    return {**detail, "positions": len(lines), "list": content_digest(lines)}


def _unknown() -> dict[str, Any]:
    return dict.fromkeys(ABOUT)


def _about(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    query = select(t.positions.c.position_id, t.positions.c.body).where(t.positions.c.position_id.in_(ids))
    bodies = {name: json.loads(body) for name, body in connection.execute(query)}
    return {name: {column: body.get(column) for column in ABOUT} for name, body in bodies.items()}


def pair(call: Call) -> Answer:
    """Why a person has their score for a position, or why they are not on its list."""
    position_id = call.path["position_id"]
    with call.store.read() as connection:
        looks = onlooker(connection, call, position_id)
        person = _person(connection, call, looks)
    now = call.pool.refresh(call.today)
    check_usable(now, position_id)
    try:
        found = now.explain(person.subject, position_id)
    except Absent as error:
        raise absent_person() if error.what == "person" else absent_position() from None
    seen = Seen(found, is_own(call.principal, person.org_id))
    if not seen.own and seen.objects:
        raise absent_person()
    with call.write() as change:
        change.log("pair.see", f"position:{position_id}", [person.key.log_name])
    name = person.named(call.principal)
    return Answer({**seen.content(), "candidate_id": name, "own": seen.own, "on": now.on.isoformat()})


def _person(connection: Connection, call: Call, looks: Onlooker) -> Person:
    """One's own person, or anybody by reference for the position's facilitator."""
    roles = (Role.ADVISER, Role.FACILITATOR) if looks.facilitator else (Role.ADVISER,)
    return find(connection, call.store.keys, in_role(call, *roles), call.path["candidate_id"])


@dataclass(frozen=True)
class Seen:
    """An explanation as a caller reads it: whole for one's own people (`own`)."""

    found: Explanation
    own: bool

    @property
    def objects(self) -> bool:
        """Whether the person objects to matching."""
        return any(obstacle.filter is Filter.OBJECTION for obstacle in self.found.obstacles)

    def content(self) -> dict[str, Any]:
        """The answer, but for who the person is and the day."""
        found, decision = self.found, self.found.decision
        categories, possible, missing = (_items(decision[key]) for key in ("categories", "possible", "missing"))
        return {
            "position_id": found.position_id,
            "title": found.title,
            "outcome": decision["outcome"],
            "at_start": found.at_start or None,
            "categories": categories if self.own else open_categories(categories),
            "possible": possible if self.own else open_categories(possible),
            "missing": missing if self.own else open_missing(missing),
            "next_step": decision["next_step"] if self.own else None,
            "proof": decision["proof"],
            "rules": decision["rules"],
            "rank": found.rank,
            "absence": found.absence or None,
            "score": found.score,
            "raw": found.raw,
            "base": found.base,
            "scorecard": found.scorecard,
            "meaning": found.meaning,
            "distance_km": None if found.distance_km is None else round(found.distance_km, 1),
            "distance": found.distance,
            "obstacles": self._obstacles(),
            "contributions": [part(one) for one in found.contributions if may_read(one.feature, own=self.own)],
            "changes": [text for text in found.changes if self._may_read(text)],
            "text": str(found) if self.own else None,
        }

    def _obstacles(self) -> list[dict[str, Any]]:
        return [
            {"filter": str(one.filter), "label": one.label, "change": one.change if self._said(one.filter) else None}
            for one in self.found.obstacles
        ]

    def _said(self, name: Filter) -> bool:
        """Whether what would lift a filter may be told: neither which limits at work, nor which facts decide."""
        return self.own or name not in (Filter.WORK_LIMITS, Filter.NOT_ELIGIBLE, Filter.RIGHT_TO_WORK)

    def _may_read(self, text: str) -> bool:
        hidden = [one.change for one in self.found.obstacles if not self._said(one.filter)]
        titles = [_(FEATURES[name].title) for name in REVEALING_FEATURES]
        revealing = text == self.found.decision["next_step"] or text in hidden or text.startswith(tuple(titles))
        return self.own or not revealing


def _items(cell: str) -> list[str]:
    return cell.split("|") if cell else []
