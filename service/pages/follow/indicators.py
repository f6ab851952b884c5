"""The charter's figures over time, as `GET /indicators` gives them: a chart, and the table that it draws."""

from __future__ import annotations

from service.pages.page import Outcome, Shown, Visit
from service.problems import Problem

_BY = ("month", "quarter", "year")


def show(visit: Visit) -> Outcome:
    """The figures of the period, buyer or place asked for."""
    asked = {name: visit.query.get(name, "").strip() for name in ("from", "to", "buyer", "place")}
    by = visit.query.get("by", "month")
    query = {**{name: value for name, value in asked.items() if value}, "by": by if by in _BY else "month"}
    try:
        found, problem = visit.ask("indicators", query=query).content, None
    except Problem as refused:
        found, problem = None, refused
    data = {"asked": asked, "by": query["by"], "found": found, "problem": problem}
    return Shown("follow/indicators.html", data, 200 if problem is None else problem.status)
