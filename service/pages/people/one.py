"""One person: what the rules say, the positions that suit them best, what would open more, proposing, the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from matcher.locale import N_, _
from matcher.reference import occupations
from matcher.report.words import fact_label
from matcher.training_needs.needs import Kind, Need, certificate_need
from matcher.wording import SCHEDULE_LABELS
from service.addresses import address
from service.pages import words
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.people import person as p
from service.pages.people.eligibility import verdicts
from service.pool.doors import Door
from service.problems import Problem
from service.proposals.moves import LIVE, REASONS
from service.store import tables as t

MOST_DOORS, MOST_PROPOSALS = 6, 50
# What the page shows of the facts, in groups: heading, columns.
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Ce que la personne cherche"), ("occupations", "max_distance_km", "available_from", "accepts")),
    (N_("Ce qu'elle sait faire"), ("experience", "skills", "certificates", "licences", "vehicle", "french_level")),
    (N_("La joindre"), ("phone", "email", "city", "adviser", "facts_on")),
)


@dataclass(frozen=True)
class Opening:
    """One step that would open more positions."""

    label: str
    count: int
    examples: tuple[tuple[str, str], ...]  # identifier and title


def one(visit: Visit) -> Outcome:
    """The page of one person."""
    return shown(visit, p.asked(visit), None)


def shown(visit: Visit, person: p.Shown, problem: Problem | None) -> Shown:
    """The same, with a refusal above."""
    found = visit.ask("positions_for", path={"candidate_id": person.id}).content
    now, subject = p.in_pool(visit, person.id)
    here = now.knows(subject)
    proposals = _proposals(visit, person.id)
    live = {one["position_id"]: one for one in proposals if one["stage"] in LIVE}
    data = {
        "person": person,
        "problem": problem,
        "verdicts": verdicts(now.facts(subject), visit.today) if here and not person.objects else (),
        "aside": found["aside"],
        "positions": [{**one, "asks": [fact_label(name) for name in one["missing"]]} for one in found["positions"]],
        "live": live,
        "openings": _openings(visit, now.doors(subject)) if here else [],
        "proposals": proposals,
        "titles": _titles(visit, [one["position_id"] for one in proposals]),
        "reasons": {code: _(text) for code, text in REASONS.items()},
        "groups": _groups(person.facts),
        "may_write": visit.may("propose"),
    }
    return Shown("people/one.html", data, 200 if problem is None else problem.status)


def propose(visit: Visit) -> Outcome:
    """Propose the person for one position, then back to their page."""
    candidate_id = visit.path["candidate_id"]
    body = {"position_id": visit.form.one("position_id"), "candidate_id": candidate_id}
    try:
        visit.ask("propose", body=body)
    except Problem as problem:
        return shown(visit, p.asked(visit), problem)
    return Go(address("people", candidate_id) + "?done=proposed")


def _proposals(visit: Visit, candidate_id: str) -> list[dict[str, Any]]:
    """Theirs, the last one first."""
    found = visit.ask("proposals", query={"candidate_id": candidate_id, "limit": MOST_PROPOSALS}).content
    return list(reversed(found["proposals"]))


def _titles(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """The titles of positions for which the person was proposed, closed ones too."""
    positions = t.positions.c
    with visit.read() as connection:
        rows = connection.execute(select(positions.position_id, positions.body).where(positions.position_id.in_(ids)))
        return {row[0]: _title(row[0], row[1]) for row in rows}


def _title(position_id: str, body: str) -> str:
    return str(json.loads(body).get("title") or position_id)


def _openings(visit: Visit, found: Sequence[Door]) -> list[Opening]:
    kept = [one for one in found if one.kind != "distance"][:MOST_DOORS] + _nearest(found)
    titles = _titles(visit, [name for one in kept for name in one.positions[:3]])
    return [
        Opening(label(one), len(one.positions), tuple((name, titles.get(name, name)) for name in one.positions[:3]))
        for one in sorted(kept, key=lambda one: -len(one.positions))
    ]


def _nearest(found: Sequence[Door]) -> list[Door]:
    """Of the distances, each that opens more than the shorter ones: two at most."""
    kept: list[Door] = []
    for one in sorted((one for one in found if one.kind == "distance"), key=lambda one: int(one.code)):
        if not kept or len(one.positions) > len(kept[-1].positions):
            kept.append(one)
    return kept[:2]


def label(door: Door) -> str:
    """A step in words."""
    if door.kind == "distance":
        return _("accepter {km} km de plus").format(km=door.code)
    if door.kind == "schedule":
        return _("accepter : {words}").format(words=_(SCHEDULE_LABELS[door.code]))
    if door.kind == "certificate":
        return certificate_need(door.code).label
    return Need(Kind.LICENCE if door.kind == "licence" else Kind.VEHICLE, door.code).label


def _groups(facts: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (_(heading), [(fact_label(name).capitalize(), words_of(name, facts.get(name))) for name in names])
        for heading, names in _GROUPS
    ]


def words_of(name: str, value: Any) -> str:
    """A fact in words: the codes of ROME have their names beside them."""
    if name in ("occupations", "experience") and isinstance(value, list) and value:
        return ", ".join(_occupation(item) for item in value)
    if name == "accepts" and isinstance(value, list) and value:
        return ", ".join(_(SCHEDULE_LABELS.get(item, item)) for item in value)
    if name.endswith(("_on", "_from", "_until")) and value:
        return words.day(value)
    return p.said(value)


def _occupation(item: str) -> str:
    code, colon, months = item.partition(":")
    name = occupations().label(code)
    text = f"{name} ({code})" if name else code
    return _("{occupation}, {months} mois").format(occupation=text, months=months) if colon else text
