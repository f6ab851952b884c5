"""One position: its people side by side, their order, proposals in one action; the way to the employer's sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from matcher.locale import N_, _
from service.access.principals import Role
from service.addresses import address
from service.pages.forms import in_words
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.positions import facts
from service.pages.positions.board import FILTERS, Board, board
from service.pages.render import link
from service.pool.waiting import person
from service.problems import Problem
from service.proposals.moves import REASONS, Stage, allowed
from service.store import tables as t

_QUICK: Mapping[Stage, str] = {
    Stage.SHORTLISTED: N_("Retenir pour l'entreprise"),
    Stage.INTERVIEWED: N_("Noter l'entretien"),
}


def one(visit: Visit) -> Outcome:
    """The page of one position."""
    return shown(visit, None)


def shown(visit: Visit, problem: Problem | None) -> Shown:
    """The same, with a refusal above."""
    found = visit.ask("get_position", path={"position_id": visit.path["position_id"]}).content
    name, known = found["position_id"], found["facts"]
    hiding = [one for one in FILTERS if visit.query.get(one) == "1"]
    data: dict[str, Any] = {
        "position": found,
        "title": facts.title_of(name, known),
        "place": facts.place_of(known),
        "first": facts.lines(known, facts.FIRST),
        "rest": facts.lines(known, facts.REST, known=True),
        "hiding": dict.fromkeys(hiding, "1"),
        "problem": problem,
        "facilitator": found["own"],
        "contractor": visit.principal.has(Role.CONTRACTOR) and not found["own"],
        "may_write": visit.may("order_position"),
        "may_propose": visit.may("propose") and not found["closed"],
        "add": visit.form.one("add") if problem is not None else "",
    }
    looking = found["own"] or (visit.principal.has(Role.ADVISER) and not found["closed"])
    data |= _list(visit, name, hiding) if looking else {"list": None, "no_list": None}
    return Shown("positions/one.html", data, 200 if problem is None else problem.status)


def _list(visit: Visit, position_id: str, hiding: Sequence[str]) -> dict[str, Any]:
    """The list of the position; why there is none where its rules cannot be applied."""
    try:
        found = visit.ask("shortlist", path={"position_id": position_id}, query={"contributions": "true"}).content
    except Problem as problem:
        if problem.code != "conflict":
            raise
        return {"list": None, "no_list": problem}
    own = [one["candidate_id"] for one in found["people"] if one["own"]]
    made = board(found["people"], hiding, _names(visit, own))
    return {
        "list": found,
        "no_list": None,
        "board": made,
        "reasons": [(code, _(text)) for code, text in REASONS.items()],
        "quick": _quick(visit, made),
    }


def _names(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """The names of one's own people, whom the list has just shown."""
    if not ids:
        return {}
    people = t.people.c
    query = select(people.subject, people.candidate_id).where(
        people.org_id == visit.principal.org_id, people.candidate_id.in_(ids)
    )
    with visit.read() as connection:
        subjects = [(row[0], row[1]) for row in connection.execute(query)]
    crowds = visit.desk.office.pool.refresh(visit.today).crowds
    return {
        name: person(crowd, row).name
        for subject, name in subjects
        for crowd in crowds
        if (row := crowd.find(subject)) is not None
    }


def _quick(visit: Visit, made: Board) -> dict[str, list[tuple[str, str]]]:
    """Person → the next steps that a button of the list notes: stage and words."""
    found = {}
    for row in (*made.order, *made.aside):
        if row.proposal is not None:
            steps = allowed(Stage(row.proposal["stage"]), frozenset({Role.FACILITATOR}))
            found[row.id] = [(str(stage), _(_QUICK[stage])) for stage in steps if stage in _QUICK]
    return found


@dataclass(frozen=True)
class _Order:
    """The order as a form holds it: everybody placed, those added by hand, those set aside and why."""

    names: tuple[str, ...]
    added: frozenset[str]
    aside: Mapping[str, str]
    unseen: frozenset[str]

    @classmethod
    def of(cls, visit: Visit) -> _Order:
        form = visit.form
        aside = {name: form.one(f"why-{name}") for name in form.every("set_aside")}
        return cls(form.every("order"), frozenset(form.every("added")), aside, frozenset(form.every("unseen")))

    def moved(self, name: str, step: int) -> _Order:
        """Somebody changes places with the next person shown in that direction."""
        if name not in self.names:
            return self
        names, place = list(self.names), self.names.index(name)
        other = place + step
        while 0 <= other < len(names) and names[other] in self.unseen:
            other += step
        if 0 <= other < len(names):
            names.insert(other, names.pop(place))
        return replace(self, names=tuple(names))

    def with_aside(self, name: str, reason: str) -> _Order:
        names = tuple(one for one in self.names if one != name)
        return replace(self, names=names, added=self.added - {name}, aside={**self.aside, name: reason})

    def with_back(self, name: str, *, added: bool) -> _Order:
        """Somebody comes last, set aside or not before."""
        aside = {one: reason for one, reason in self.aside.items() if one != name}
        names = (*(one for one in self.names if one != name), name)
        return replace(self, names=names, aside=aside, added=self.added | {name} if added else self.added)

    def body(self) -> dict[str, Any]:
        """What the route takes."""
        return {
            "order": list(self.names),
            "added": [name for name in self.names if name in self.added],
            "aside": [{"candidate_id": name, "reason": reason} for name, reason in self.aside.items()],
        }


def order(visit: Visit) -> Outcome:
    """Change the order of the position's list in one way, then show it."""
    position_id, form = visit.path["position_id"], visit.form
    before = _Order.of(visit)
    asked, who = _wanted(visit, before)
    try:
        visit.ask("order_position", path={"position_id": position_id}, body=asked, if_match=form.one("order_version"))
    except Problem as problem:
        return shown(visit, _for_people(problem))
    at = f"#p-{who}" if who else "#list"
    return Go(link(address("positions", position_id), **_filters(visit), done="order_saved") + at)


def _wanted(visit: Visit, before: _Order) -> tuple[dict[str, Any], str]:
    """The new order, and the person whom the visitor moved."""
    form = visit.form
    for name, step in (("up", -1), ("down", 1)):
        if who := form.one(name):
            return before.moved(who, step).body(), who
    if who := form.one("aside"):
        return before.with_aside(who, form.one(f"reason-{who}")).body(), ""
    if who := form.one("back"):
        return before.with_back(who, added=False).body(), who
    if who := form.one("add"):
        return before.with_back(who, added=who not in before.names).body(), who
    if form.one("reset"):
        kept = [name for name in before.names if name in before.added]
        return {**before.body(), "order": [], "added": kept}, ""
    return before.body(), ""  # moved with a pointer: the fields are in the new order


def _for_people(problem: Problem) -> Problem:
    if problem.code != "changed":
        return in_words(problem, {})
    text = _(
        "Quelqu'un a changé l'ordre de cette liste entre-temps : la voici comme elle est maintenant. Refaire le "
        "déplacement s'il est encore utile."
    )
    return Problem("changed", text)


def _filters(visit: Visit) -> dict[str, str]:
    return {name: "1" for name in FILTERS if visit.query.get(name) == "1"}


def propose(visit: Visit) -> Outcome:
    """An adviser proposes one of their people."""
    position_id = visit.path["position_id"]
    candidate_id = visit.form.one("candidate")
    try:
        visit.ask("propose", body={"position_id": position_id, "candidate_id": candidate_id})
    except Problem as problem:
        return shown(visit, problem)
    return Go(link(address("positions", position_id), **_filters(visit), done="proposed") + f"#p-{candidate_id}")


def move(visit: Visit) -> Outcome:
    """Note the next step of somebody's proposal."""
    position_id = visit.path["position_id"]
    proposal_id, _bar, stage = visit.form.one("move").partition("|")
    try:
        visit.ask("move_proposal", path={"proposal_id": proposal_id}, body={"stage": stage})
    except Problem as problem:
        return shown(visit, problem)
    return Go(link(address("positions", position_id), **_filters(visit), done="moved"))
