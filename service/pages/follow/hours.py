"""The monthly hours of a contract: lines typed in a table, each judged as `PUT /hours` does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from matcher.rules.modes import MODES
from service.addresses import address
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.render import link
from service.problems import Problem
from service.store import tables as t

LINES, SHOWN = 5, 200
FIELDS = ("candidate_id", "employer", "mode", "month", "hours")


def show(visit: Visit) -> Outcome:
    """What is entered, and empty lines."""
    blank = {**dict.fromkeys(FIELDS, ""), "mode": "direct", "month": visit.today.isoformat()[:7]}
    return _page(visit, [{**blank, "error": None} for _line in range(LINES)], None)


def save(visit: Visit) -> Outcome:
    """Keep the lines when all of them count; else the same form, with what is wrong on each line."""
    columns = [visit.form.every(name) for name in FIELDS]
    lines: list[dict[str, Any]] = [
        dict(zip(FIELDS, map(str.strip, cells), strict=True)) for cells in zip(*columns, strict=False)
    ]
    filled = [line for line in lines if line["candidate_id"] or line["hours"] or line["employer"]]
    name = visit.path["award_id"]
    body = {"hours": [{"award_id": name, **line} for line in filled]}
    lines = [{**line, "error": None} for line in lines]
    try:
        report = visit.ask("put_hours", query={"dry_run": "true"}, body=body).content["report"]
        wrong = {line["row"]: line["message"] for line in report if line["result"] == "error"}
        if filled and not wrong:
            visit.ask("put_hours", body=body)
            return Go(link(f"{address('awards', name)}/hours", done="saved"))
    except Problem as problem:
        return _page(visit, lines, problem)
    places = [i for i, line in enumerate(lines) if line["candidate_id"] or line["hours"] or line["employer"]]
    for row, message in wrong.items():
        lines[places[row - 1]]["error"] = message
    return _page(visit, lines, None, 422)


def _page(visit: Visit, lines: list[dict[str, Any]], problem: Problem | None, status: int = 200) -> Shown:
    name = visit.path["award_id"]
    award = visit.ask("get_award", path={"award_id": name}).content
    h, p = t.hours.c, t.people.c
    query = select(p.reference, h.employer, h.mode, h.month, h.hours).join(t.people, p.subject == h.subject)
    query = query.where(h.award_id == name).order_by(h.month.desc(), p.reference).limit(SHOWN + 1)
    with visit.read() as connection:  # of the award that the route has just given
        entered = connection.execute(query).all()
    data = {
        "award": award,
        "hours": award["hours"],
        "lines": lines,
        "problem": problem,
        "entered": entered[:SHOWN],
        "more": len(entered) > SHOWN,
        "modes": MODES,
        "per_month": visit.settings.hours_per_month,
        "months": visit.settings.hours_months,
        "here": address("awards", name),
    }
    return Shown("follow/hours.html", data, status if problem is None else problem.status)
