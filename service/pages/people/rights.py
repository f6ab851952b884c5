"""What the law gives every person: reading what is held, objecting, being erased; each behind a page that asks."""

from __future__ import annotations

from matcher.locale import _
from service.addresses import address
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.people import person as p
from service.problems import Problem


def rights(visit: Visit) -> Outcome:
    """The rights of one person, and how to use each."""
    return Shown("people/rights.html", {"person": p.asked(visit)})


def objection(visit: Visit) -> Outcome:
    """What objecting means, or taking it back, before doing it."""
    return _objection(p.asked(visit), None)


def decide_objection(visit: Visit) -> Outcome:
    """Write the objection down, or take it back."""
    person = p.asked(visit)
    facts = {"objection": "yes" if visit.form.one("objects") == "yes" else None}
    try:
        path = {"candidate_id": person.id}
        visit.ask("change_candidate", path=path, body={"facts": facts}, if_match=visit.form.one("version"))
    except Problem as problem:
        return _objection(person, problem)
    done = "objected" if facts["objection"] else "unobjected"
    return Go(f"{address('people', person.id)}?done={done}")


def _objection(person: p.Shown, problem: Problem | None) -> Shown:
    data = {"person": person, "problem": problem}
    return Shown("people/objection.html", data, 200 if problem is None else problem.status)


def erasing(visit: Visit) -> Outcome:
    """What erasing means, before doing it."""
    return _erasing(p.asked(visit), None)


def erase(visit: Visit) -> Outcome:
    """Erase the person once it is sure that they asked for it."""
    person = p.asked(visit)
    try:
        if visit.form.one("sure") != "yes":
            raise Problem("usage", _("Cocher la case : un effacement est sans retour."))
        visit.ask("erase_candidate", path={"candidate_id": person.id})
    except Problem as problem:
        return _erasing(person, problem)
    return Go("/people?done=erased")


def _erasing(person: p.Shown, problem: Problem | None) -> Shown:
    data = {"person": person, "problem": problem}
    return Shown("people/erase.html", data, 200 if problem is None else problem.status)
