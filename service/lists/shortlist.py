"""The list of a position: the model's, and beside it the order of the people who decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from matcher.blocking import FILTER_LABELS, Filter
from matcher.locale import _
from service.access.visibility import open_categories, open_count, open_missing, open_words
from service.chain.record import content_digest, lines_of, run_detail
from service.lists.access import Onlooker, absent_position, check_usable, log_names, onlooker, proposals_for
from service.lists.parts import parts
from service.pool import Absent, Listed, Shortlist, Snapshot
from service.problems import Problem
from service.proposals.order import Placed, order_of, version_of
from service.proposals.work import contact_of
from service.routing import Answer, Call

TRIES = 3  # somebody may be erased between the list and the log
UNPLACED = Placed("", None, False, None)


@dataclass(frozen=True)
class Beside:
    """What people have done for a position: the order they gave, and who was proposed."""

    order: Mapping[str, Placed]
    proposals: Mapping[str, Row[Any]]
    contacts: Mapping[str, dict[str, Any] | None]
    version: int


def shortlist(call: Call) -> Answer:
    """The list of a position, written down before it leaves."""
    position_id = call.path["position_id"]
    for _try in range(TRIES):
        now = call.pool.refresh(call.today)
        with call.store.read() as connection:
            looks = onlooker(connection, call, position_id)
            beside = _beside(connection, call, looks)
        check_usable(now, position_id)
        whose = None if looks.facilitator else looks.org_id
        try:
            found = now.shortlist(position_id, call.query.top, org_id=whose)
        except Absent:
            raise absent_position() from None
        more = _others(now, looks, found, beside)
        content = _content(call, now, looks, found, beside, more)
        subjects = [*(one.subject for one in found.people), *(one.subject for one in more)]
        if _logged(call, now, found, whose, subjects, beside):
            return Answer(content)
    raise Problem("busy", _("Des personnes de cette liste viennent d'être effacées. Recommencer."))


def _beside(connection: Connection, call: Call, looks: Onlooker) -> Beside:
    position_id = looks.position.position_id
    order = {one.subject: one for one in order_of(connection, position_id)}
    proposals = proposals_for(connection, position_id)
    shown = proposals if looks.facilitator else {}
    contacts = {subject: contact_of(connection, call.store.keys, subject) for subject in shown}
    return Beside(order, proposals, contacts, version_of(connection, position_id))


def _others(now: Snapshot, looks: Onlooker, found: Shortlist, beside: Beside) -> list[Listed]:
    """Those whom people placed, added or proposed and whom the model does not list, in the order they were given."""
    listed = {one.subject for one in found.people}
    names = [name for name in dict.fromkeys([*beside.order, *beside.proposals]) if name not in listed]
    lines = []
    for subject in names:
        try:
            line = now.line(subject, found.position_id)
        except Absent:  # erased since
            continue
        if line is not None and looks.facilitator:
            lines.append(line)
        elif line is not None and looks.follows(line.org_id):
            lines.append(replace(line, rank=0))  # a rank among everybody would tell of others
    return lines


def _logged(
    call: Call, now: Snapshot, found: Shortlist, whose: str | None, subjects: Sequence[str], beside: Beside
) -> bool:
    """Write down who saw whom, and what the list was made from. False when somebody was erased in the meantime."""
    asked = {"position": found.position_id, "top": found.asked, "people_of": whose}
    position = f"position:{found.position_id}"
    with call.write() as change:
        names = log_names(change.connection, subjects)
        if len(names) < len(set(subjects)):
            return False
        detail = run_detail(now.head, now.on.isoformat(), len(now), call.pool.card, asked)
        detail["list"] = content_digest(lines_of(found.people, names))
        detail["scores"] = [one.score for one in found.people]
        change.log("shortlist.see", position, [names[one.subject] for one in found.people], detail)
        others = [names[subject] for subject in subjects[len(found.people) :]]
        if others:
            change.log("shortlist.see.others", position, others)
        contacts = [names[subject] for subject in subjects if subject in beside.contacts]
        if contacts:
            change.log("contact.see", position, contacts)
    return True


def _content(
    call: Call, now: Snapshot, looks: Onlooker, found: Shortlist, beside: Beside, more: Iterable[Listed]
) -> dict[str, Any]:
    listed = len(found.people)
    reason = _reason(found.reason, looks)
    return {
        "position_id": found.position_id,
        "on": now.on.isoformat(),
        "scorecard": call.pool.scorecard,
        "asked": found.asked,
        "order_version": beside.version,
        "people": [_line(call, one, looks, beside) for one in (*found.people, *more)],
        "exclusions": [
            {
                "filter": name,
                "label": _(FILTER_LABELS[Filter(name)]),
                "people": open_count(people) if looks.facilitator else people,
            }
            for name, people in found.exclusions.items()
        ],
        "unfilled": {"asked": found.asked, "listed": listed, "reason": reason} if listed < found.asked else None,
    }


def _line(call: Call, one: Listed, looks: Onlooker, beside: Beside) -> dict[str, Any]:
    """A line, with what each feature adds to it where the caller asks for that."""
    own = looks.follows(one.org_id)
    asked = parts(call.pool.card, one.levels, own=own) if call.query.contributions else None
    return {**line_shown(one, looks, beside), "contributions": asked}


def _reason(reason: str, looks: Onlooker) -> str:
    """Why the list is short, without a small number of people."""
    if looks.facilitator and any(open_count(int(number)) is None for number in re.findall(r"\d+", reason)):
        return _("personne ne passe les critères ; voir exclusions")
    return reason


def line_shown(one: Listed, looks: Onlooker, beside: Beside) -> dict[str, Any]:
    """One line, as far as the caller may read it."""
    own = looks.follows(one.org_id)
    placed = beside.order.get(one.subject, UNPLACED)
    proposal = beside.proposals.get(one.subject)
    return {
        **words_shown(one, own=own),
        "own": own,
        "place": placed.place,
        "added": placed.added,
        "aside": placed.aside,
        "proposal": None if proposal is None else {"proposal_id": proposal.proposal_id, "stage": proposal.stage},
        "contact": beside.contacts.get(one.subject),
    }


def words_shown(one: Listed, *, own: bool) -> dict[str, Any]:
    """The columns of a list: all of them for those who follow the person (`own`), else without what reveals."""
    return {
        "position_id": one.position_id,
        "rank": one.rank or None,
        "candidate_id": one.candidate_id if own else one.reference,
        "score": one.score,
        "outcome": one.outcome,
        "at_start": one.at_start or None,
        "categories": list(one.categories) if own else open_categories(one.categories),
        "missing": list(one.missing) if own else open_missing(one.missing),
        "distance_km": one.distance_km,
        "strengths": one.strengths if own else open_words(one.strengths),
        "concerns": one.concerns if own else open_words(one.concerns),
        "rules": one.rules,
        "meaning": one.meaning,
    }
