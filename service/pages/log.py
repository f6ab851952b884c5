"""The log, for those who watch over it: who did or saw what, and whether it is whole."""

from __future__ import annotations

from typing import Any

from matcher.locale import _
from service.access.principals import Role
from service.pages.page import Outcome, Page, Shown, Visit
from service.problems import Problem

READERS = frozenset({Role.AUDITOR, Role.ADMIN})
FILTERS = ("action", "actor", "object", "from", "to")
LIMIT = 50


def entries(visit: Visit) -> Outcome:
    """Entries of the log, the last first; reading it is written in it."""
    asked = {name: visit.query[name] for name in FILTERS if visit.query.get(name)}
    try:
        found = visit.ask("list_audit", query={**asked, "limit": LIMIT, "cursor": visit.query.get("cursor")}).content
    except Problem as problem:
        return _shown(problem=problem, asked=asked)
    return _shown(asked=asked, entries=found["entries"], next=found["next"])


def verify(visit: Visit) -> Outcome:
    """Whether nothing of the log was changed, removed, added or moved, and still holds the digest kept elsewhere."""
    expect = visit.form.one("expect")
    try:
        verdict = visit.ask("verify_audit", query={"expect": expect or None}).content
    except Problem as problem:
        return _shown(problem=_for_people(problem), expect=expect)
    return _shown(verdict=verdict, expect=expect, lost=bool(expect) and verdict["expected_at"] is None)


def _for_people(problem: Problem) -> Problem:
    if problem.code != "malformed":
        return problem
    return Problem("usage", _("Une empreinte a 64 signes, chiffres ou lettres de a à f. La recopier en entier."))


def _shown(*, problem: Problem | None = None, **data: Any) -> Shown:
    blank: dict[str, Any] = {"asked": {}, "entries": [], "next": None, "verdict": None, "expect": "", "lost": False}
    return Shown("log.html", {**blank, "problem": problem, **data}, 200 if problem is None else problem.status)


PAGES = (
    Page("GET", "/log", entries, READERS),
    Page("POST", "/log", verify, READERS, heavy=True, looks=True),
)
