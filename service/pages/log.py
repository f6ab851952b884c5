"""The log, for those who watch over it: who did or saw what, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from matcher.locale import _
from service.access.principals import Role
from service.addresses import address
from service.chain.replay import REPLAYED
from service.pages import log_words
from service.pages.forms import in_words
from service.pages.page import Outcome, Page, Shown, Visit
from service.positions.resource import visible
from service.problems import Problem
from service.store import tables as t

READERS = frozenset({Role.AUDITOR, Role.ADMIN})
FILTERS = ("action", "organisation", "from", "to", "actor", "object")
LIMIT = 50


def entries(visit: Visit) -> Outcome:
    """Entries of the log, the last first; reading it is written in it."""
    asked = {name: visit.query[name] for name in FILTERS if visit.query.get(name)}
    try:
        found = visit.ask("list_audit", query={**asked, "limit": LIMIT, "cursor": visit.query.get("cursor")}).content
    except Problem as problem:
        return _shown(visit, problem=in_words(problem, {"from": _("Du"), "to": _("Au")}), asked=asked)
    return _shown(visit, asked=asked, entries=found["entries"], next=found["next"])


def verify(visit: Visit) -> Outcome:
    """Whether nothing of the log was changed, removed, added or moved, and still holds the digest kept elsewhere."""
    expect = visit.form.one("expect")
    try:
        verdict = visit.ask("verify_audit", query={"expect": expect or None}).content
    except Problem as problem:
        return _shown(visit, problem=_for_people(problem), expect=expect)
    return _shown(visit, verdict=verdict, expect=expect, lost=bool(expect) and verdict["expected_at"] is None)


def _for_people(problem: Problem) -> Problem:
    if "expect" not in problem.fields:
        return problem
    text = _("Une empreinte a 64 signes, chiffres ou lettres de a à f. La recopier en entier.")
    return Problem("usage", text, [{"pointer": "/expect", "detail": text}])


def _shown(visit: Visit, *, problem: Problem | None = None, **data: Any) -> Shown:
    blank: dict[str, Any] = {"asked": {}, "entries": [], "next": None, "verdict": None, "expect": "", "lost": False}
    data = {**blank, **data}
    with visit.read() as connection:
        organisations = log_words.organisations(connection)
        data["entries"] = _told(visit, connection, data["entries"], organisations)
    data["actions"] = _choices(
        _("Toutes"), {name: log_words.action(name) for name in log_words.ACTIONS}, data["asked"].get("action", "")
    )
    data["organisations"] = _choices(_("Tous"), organisations, data["asked"].get("organisation", ""))
    return Shown("log.html", {**data, "problem": problem}, 200 if problem is None else problem.status)


def _choices(every: str, known: Mapping[str, str], chosen: str) -> list[tuple[str, str]]:
    """What a filter offers, in the order of its words; what was asked for by its address stays among it."""
    odd = {chosen: chosen} if chosen and chosen not in known else {}
    listed = sorted({**known, **odd}.items(), key=lambda one: one[1].casefold())
    return [("", every), *listed]


def _told(
    visit: Visit, connection: Connection, found: Sequence[Mapping[str, Any]], organisations: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The entries with their words, and a link to what they are about where the visitor may open it."""
    who = log_words.actors(connection, (one["actor"] for one in found))
    links = _links(visit, connection, {one["object"] for one in found})
    return [
        {
            **one,
            "who": ", ".join(filter(None, (who[one["actor"]], organisations.get(one["organisation"] or "")))),
            "what": log_words.action(one["action"]),
            "thing": log_words.thing(one["object"]),
            "link": links.get(one["object"]),
            "again": one["action"] in REPLAYED and "list" in one["detail"],
        }
        for one in found
    ]


def _links(visit: Visit, connection: Connection, objects: set[str]) -> dict[str, str]:
    """Object → address, for those that the visitor's own roles open."""
    names: dict[str, list[str]] = {}
    for one in objects:
        kind, _colon, name = one.partition(":")
        names.setdefault(kind, []).append(name)
    found: dict[str, str] = {}
    if visit.may("get_position"):
        positions = t.positions.c.position_id
        query = select(positions).where(positions.in_(names.get("position", [])), visible(visit.principal))
        found |= {f"position:{name}": address("positions", name) for name in connection.execute(query).scalars()}
    if visit.may("get_award"):
        awards = t.awards.c
        query = select(awards.award_id).where(
            awards.award_id.in_(names.get("award", [])), awards.org_id == visit.principal.org_id
        )
        found |= {f"award:{name}": address("awards", name) for name in connection.execute(query).scalars()}
    if visit.principal.has(Role.ADMIN):
        found |= _of_administrators(connection, names)
    return found


def _of_administrators(connection: Connection, names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The addresses of organisations, keys and members."""
    place = ("admin", "organisations")
    keys, members, organisations = t.api_keys.c, t.members.c, t.organisations.c
    owned = select(keys.key_id, keys.org_id).where(keys.key_id.in_(names.get("key", [])))
    found = {f"key:{row[0]}": address(*place, row[1], "keys", row[0]) for row in connection.execute(owned)}
    joined = select(members.member_id, members.org_id).where(members.member_id.in_(names.get("member", [])))
    found |= {f"member:{row[0]}": address(*place, row[1]) for row in connection.execute(joined)}
    known = select(organisations.org_id).where(organisations.org_id.in_(names.get("organisation", [])))
    return found | {f"organisation:{name}": address(*place, name) for name in connection.execute(known).scalars()}


PAGES = (
    Page("GET", "/log", entries, READERS),
    Page("POST", "/log", verify, READERS, heavy=True, looks=True),
)
