"""The monthly hours of a contract: lines typed in a table, each judged as `PUT /hours` does."""

from __future__ import annotations

from typing import Any

from matcher.locale import _
from matcher.rules.modes import MODES
from service.addresses import address
from service.pages.follow.charts import Chart, bars
from service.pages.follow.periods import named
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.render import link
from service.problems import Problem

LINES, SHOWN = 5, 50
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
    places = [i for i, line in enumerate(lines) if line["candidate_id"] or line["hours"] or line["employer"]]
    name = visit.path["award_id"]
    body = {"hours": [{"award_id": name, **lines[place]} for place in places]}
    lines = [{**line, "error": None} for line in lines]
    if not places:
        return _page(visit, lines, Problem("usage", _("Aucune ligne remplie. En remplir une, puis enregistrer.")))
    try:
        report = visit.ask("put_hours", query={"dry_run": "true"}, body=body).content["report"]
        wrong = {line["row"]: line["message"] for line in report if line["result"] == "error"}
        if not wrong:
            visit.ask("put_hours", body=body)
            return Go(link(f"{address('awards', name)}/hours", done="saved"))
    except Problem as problem:
        if not problem.rejected:
            return _page(visit, lines, problem)
        wrong = {int(line["row"]): str(line["message"]) for line in problem.rejected}
    for row, message in wrong.items():
        lines[places[row - 1]]["error"] = message
    words = _("Des lignes sont à corriger ; rien n'est perdu, rien n'est encore enregistré.")
    return _page(visit, lines, Problem("usage", words))


def _page(visit: Visit, lines: list[dict[str, Any]], problem: Problem | None) -> Shown:
    name = visit.path["award_id"]
    award = visit.ask("get_award", path={"award_id": name}).content
    cursor = visit.query.get("cursor")
    found = visit.ask("list_hours", query={"award_id": name, "limit": SHOWN, "cursor": cursor}).content
    here = f"{address('awards', name)}/hours"
    data = {
        "award": award,
        "by_month": award["hours"]["by_month"],
        "chart": _chart(award["hours"]["by_month"]),
        "named": named,
        "hours": award["hours"],
        "lines": lines,
        "problem": problem,
        "entered": found["hours"],
        "next": link(here, cursor=found["next"]) if found["next"] else None,
        "first": here if cursor else None,
        "modes": MODES,
        "per_month": visit.settings.hours_per_month,
        "months": visit.settings.hours_months,
        "here": address("awards", name),
    }
    return Shown("follow/hours.html", data, 200 if problem is None else problem.status)


def _chart(months: list[dict[str, Any]]) -> Chart:
    """Hours done since the beginning, beside those expected where the contract's dates and hours are known."""
    names = [name for name in ("so_far", "expected") if all(row[name] is not None for row in months)]
    return bars([(named(row["month"]), [row[name] for name in names]) for row in months])
