"""The pages about people entered twice, in one's own organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from matcher.duplicates import PEOPLE, reason
from matcher.locale import _
from matcher.schema import CANDIDATES
from service.pages.duplicates import search as searching
from service.pages.imports.preview import own_people
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.people.edit import written
from service.pages.render import link
from service.people import merge as merging
from service.people.find import find
from service.problems import Problem
from service.store import tables as t

BY_PAGE = 25
MOST_MERGES = 20
CERTAIN = 0.99  # no pair is certain before somebody has looked
_NOT_CHOSEN = ("candidate_id",)


def listing(visit: Visit) -> Outcome:
    """The pairs of the last search that are still to be looked at."""
    return _listing(visit, None)


def _listing(visit: Visit, problem: Problem | None) -> Shown:
    last = searching.last(visit.store, visit.principal.org_id, visit.at)
    found = _still(visit, last.pairs) if last is not None else []
    page = _number(visit.query.get("page"))
    shown = found[(page - 1) * BY_PAGE : page * BY_PAGE]
    with visit.read() as connection:
        done = merging.merges(connection, visit.store.keys, visit.principal.org_id, MOST_MERGES)
    data = {
        "search": last,
        "remaining": None if last is None else last.remaining(visit.at),
        "pairs": [_line(visit, one) for one in shown],
        "found": len(found),
        "page": page,
        "pages": max(1, -(-len(found) // BY_PAGE)),
        "merges": done,
        "problem": problem,
    }
    part = "duplicates/progress.html" if visit.query.get("part") == "progress" else None
    return Shown("duplicates/list.html", data, 200 if problem is None else problem.status, part)


def _number(text: str | None) -> int:
    return min(max(int(text), 1), 100_000) if text and text.isdecimal() and len(text) < 7 else 1


def search(visit: Visit) -> Outcome:
    """Begin to compare everybody of the organisation; identifiers and chances are kept for an hour, sealed."""
    try:
        searching.start(visit, own_people(visit))
    except Problem as problem:
        return _listing(visit, problem)
    return Go("/duplicates")


def _still(visit: Visit, found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those whose two records are there and of whom nobody said that they are two people."""
    names = {name for one in found for name in (one["left"], one["right"])}
    subjects = _subjects(visit, sorted(names))
    known = list(subjects.values())
    with visit.read() as connection:
        apart = {
            (row.left, row.right)
            for start in range(0, len(known), 5000)
            for row in connection.execute(select(t.apart).where(t.apart.c.left.in_(known[start : start + 5000])))
        }
    return [
        one
        for one in found
        if one["left"] in subjects
        and one["right"] in subjects
        and tuple(sorted((subjects[one["left"]], subjects[one["right"]]))) not in apart
    ]


def _subjects(visit: Visit, names: Sequence[str]) -> dict[str, str]:
    """The visitor's own identifier → subject."""
    p = t.people.c
    found: dict[str, str] = {}
    with visit.read() as connection:
        for start in range(0, len(names), 5000):
            query = select(p.candidate_id, p.subject).where(
                p.org_id == visit.principal.org_id, p.candidate_id.in_(names[start : start + 5000])
            )
            found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def _line(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    people = [_facts(visit, one[side]) for side in ("left", "right")]
    return {**one, "chance": min(one["probability"], CERTAIN), "why": reason(one["levels"], PEOPLE), "people": people}


def _facts(visit: Visit, name: str) -> dict[str, Any]:
    """What is known of somebody of the organisation; the route writes the reading down."""
    found: dict[str, Any] = visit.ask("get_candidate", path={"candidate_id": name}).content
    return found


def pair(visit: Visit) -> Outcome:
    """Two records side by side."""
    return _pair(visit, visit.query.get("left", ""), visit.query.get("right", ""), None)


def _pair(visit: Visit, left: str, right: str, problem: Problem | None) -> Shown:
    if left == right:
        raise Problem("usage", _("C'est la même fiche. En choisir deux."))
    first, second = _facts(visit, left), _facts(visit, right)
    with visit.read() as connection:
        counts = {
            name: merging.followed(connection, find(connection, visit.store.keys, visit.principal, name).subject)
            for name in (left, right)
        }
    rows = [
        _row(column.name, _(column.about), first["facts"][column.name], second["facts"][column.name], visit)
        for column in CANDIDATES.columns
        if column.name not in _NOT_CHOSEN
        and (first["facts"][column.name] is not None or second["facts"][column.name] is not None)
    ]
    keep = visit.form.one("keep") or (right if counts[right] > counts[left] else left)
    data = {
        "left": first,
        "right": second,
        "rows": rows,
        "differing": [row for row in rows if row["state"] != "same"],
        "same": [row for row in rows if row["state"] == "same"],
        "counts": counts,
        "keep": keep,
        "blocked": all(counts.values()),
        "problem": problem,
    }
    return Shown("duplicates/pair.html", data, 200 if problem is None else problem.status)


def _row(name: str, label: str, left: Any, right: Any, visit: Visit) -> dict[str, Any]:
    state = "same" if left == right else "one" if left is None or right is None else "differ"
    chosen = visit.form.one(f"v-{name}") or ("right" if left is None else "left")
    return {
        "name": name, "label": label[:1].upper() + label[1:], "left": written(left), "right": written(right),
        "state": state, "chosen": chosen,
    }  # fmt: skip


def merge(visit: Visit) -> Outcome:
    """Make two records one: the values chosen, on the record kept; the other is put aside."""
    left, right, keep = (visit.form.one(name) for name in ("left", "right", "keep"))
    if keep not in (left, right):
        return _pair(visit, left, right, Problem("usage", _("Choisir la fiche à garder.")))
    gone = right if keep == left else left
    kept, other = _facts(visit, keep), _facts(visit, gone)
    versions = {left: visit.form.one("left-version"), right: visit.form.one("right-version")}
    try:
        for one in (kept, other):
            if str(one["version"]) != versions[one["candidate_id"]]:
                raise Problem("changed", _("Une des fiches a changé entre-temps. Relire, puis recommencer."))
        facts = _chosen(visit, {keep: kept, gone: other}, keep)
        with visit.read() as connection:
            merging.check_may_go(connection, find(connection, visit.store.keys, visit.principal, gone))
        if facts:
            version = str(kept["version"])
            visit.ask("change_candidate", path={"candidate_id": keep}, body={"facts": facts}, if_match=version)
        with visit.write() as change:
            merging.merge(change, visit.store.keys, visit.principal, keep, gone, kept["facts"])
    except Problem as problem:
        return _pair(visit, left, right, problem)
    return Go("/duplicates?done=merged")


def _chosen(visit: Visit, people: Mapping[str, Mapping[str, Any]], keep: str) -> dict[str, Any]:
    """The columns of the record kept that take the other's value. An objection of either stays."""
    left, right = (people[visit.form.one(side)]["facts"] for side in ("left", "right"))
    mine = people[keep]["facts"]
    facts: dict[str, Any] = {}
    for column in CANDIDATES.columns:
        name = column.name
        if name in _NOT_CHOSEN or left[name] == right[name]:
            continue
        value = right[name] if visit.form.one(f"v-{name}") == "right" else left[name]
        if name == "objection":
            value = True
        if value != mine[name]:
            facts[name] = written(value) or None
    return facts


def apart(visit: Visit) -> Outcome:
    """Two people: the pair is not proposed again."""
    with visit.write() as change:
        first, second = visit.form.one("left"), visit.form.one("right")
        merging.say_apart(change, visit.store.keys, visit.principal, first, second)
    return Go("/duplicates?done=apart")


def undo(visit: Visit) -> Outcome:
    """Two records again, each as it was before they were made one."""
    name = visit.form.one("merge")
    try:
        with visit.read() as connection:
            kept, before = merging.said_before(connection, visit.store.keys, visit.principal, name)
        now = _facts(visit, kept)["facts"]
        with visit.write() as change:
            gone = merging.undo(change, visit.store.keys, visit.principal, name)
        if visit.form.one("values") == "before":
            facts = {
                column.name: written(before.get(column.name)) or None
                for column in CANDIDATES.columns
                if column.name not in _NOT_CHOSEN and now[column.name] != before.get(column.name)
            }
            if facts:
                visit.ask("change_candidate", path={"candidate_id": kept}, body={"facts": facts})
    except Problem as problem:
        return _listing(visit, problem)
    return Go(link("/duplicates/pair", left=kept, right=gone, done="unmerged"))
