"""The charter's figures as `GET /indicators` gives them: charts with their tables, a file, a report to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from matcher.locale import N_, _
from matcher.tables.writing import csv_bytes
from service.indicators.hiding import FEWEST
from service.pages.follow.charts import Chart, bars
from service.pages.follow.periods import FIGURES, filled, named
from service.pages.forms import in_words
from service.pages.page import Download, Outcome, Shown, Visit
from service.pages.render import link
from service.problems import Problem

BY, EACH = ("month", "quarter", "year"), ("buyer", "award")
FILTERS = ("from", "to", "buyer", "award_id", "place")
MOST_NAMED = 500  # contracts offered by name
CSV = "text/csv; charset=utf-8"
GROUPS: Mapping[str, str] = {
    "women": N_("Femmes"),
    "rsa": N_("Bénéficiaires du RSA"),
    "qpv": N_("Habitants d'un quartier prioritaire"),
    "disability": N_("Personnes en situation de handicap"),
}


def show(visit: Visit) -> Outcome:
    """The figures of the months, buyer, contract or place asked for."""
    asked, by = _asked(visit)
    each = visit.query.get("each", "")
    each = each if each in EACH else EACH[0]
    awards = _awards(visit)
    data: dict[str, Any] = {"asked": asked, "by": by, "each": each, "awards": awards, "found": None, "problem": None}
    try:
        found = _ask(visit, asked, by, each)
    except Problem as problem:
        told = in_words(problem, {"from": _("Premier mois"), "to": _("Dernier mois")})
        return Shown("follow/indicators.html", {**data, "problem": told}, problem.status)
    data |= {**_drawn(found), "parts": found["parts"], "few": FEWEST}
    data |= {f"{name}_link": link(f"/indicators/{name}", **asked, by=by) for name in ("report", "csv")}
    return Shown("follow/indicators.html", data)


def report(visit: Visit) -> Outcome:
    """The same on paper, for those who steer the clauses: what was reached, over time, by buyer and by contract."""
    asked, by = _asked(visit)
    found = _ask(visit, asked, by, "both")
    data = {
        **_drawn(found),
        "asked": asked,
        "by": by,
        "awards": _awards(visit),
        "buyers": [row for row in found["parts"] if row["part"] == "buyer"],
        "contracts": [row for row in found["parts"] if row["part"] == "award"],
        "back": link("/indicators", **asked, by=by),
        "on": visit.today,
        "few": FEWEST,
        "everything": not visit.may("put_hours"),
        "hours_limits": (visit.settings.hours_per_month, visit.settings.hours_months),
    }
    return Shown("follow/report.html", data)


def download(visit: Visit) -> Outcome:
    """Every figure in one table: the whole, each period, buyer and contract. What is hidden is an empty cell, named
    in the last column."""
    asked, by = _asked(visit)
    found = _ask(visit, asked, by, "both")
    names = {"buyer": _("acheteur"), "award": _("contrat")}
    rows = [{**found["total"], "part": _("ensemble")}]
    rows += [{**row, "part": _("période")} for row in found["periods"]]
    rows += [{**row, "part": names[row["part"]]} for row in found["parts"]]
    columns = ("part", "period", "buyer", "award_id", *FIGURES)
    table = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns})
    table = table.astype(dict.fromkeys(FIGURES, "float64"))
    table["hidden"] = ["|".join(row["hidden"]) for row in rows]
    return Download(csv_bytes(table), CSV, f"indicateurs-{visit.today.isoformat()}.csv")


def _asked(visit: Visit) -> tuple[dict[str, str], str]:
    asked = {name: visit.query.get(name, "").strip() for name in FILTERS}
    by = visit.query.get("by", "month")
    return asked, by if by in BY else "month"


def _ask(visit: Visit, asked: Mapping[str, str], by: str, each: str) -> dict[str, Any]:
    query = {name: value for name, value in asked.items() if value}
    found: dict[str, Any] = visit.ask("indicators", query={**query, "by": by, "each": each}).content
    return found


def _awards(visit: Visit) -> dict[str, Mapping[str, Any]]:
    """The visitor's own contracts, by name; none for those who may not read them."""
    if not visit.may("list_awards"):
        return {}
    found = visit.ask("list_awards", query={"limit": MOST_NAMED}).content["awards"]
    return {one["award_id"]: one for one in found}


def _drawn(found: Mapping[str, Any]) -> dict[str, Any]:
    """What both pages show of an answer: periods without gaps, and their charts."""
    nothing = found["total"]["hours"] == 0 and found["total"]["people"] == 0
    periods = [] if nothing else filled(found["periods"])
    return {
        "found": found,
        "periods": periods,
        "named": named,
        "hours_chart": _chart(periods, "hours"),
        "people_chart": _chart(periods, "people", "hires"),
        "group_charts": [(name, _(label), _chart(periods, name, width=380.0)) for name, label in GROUPS.items()],
    }


def _chart(periods: list[dict[str, Any]], *names: str, width: float = 760.0) -> Chart:
    return bars([(named(row["period"]), [row[name] for name in names]) for row in periods], width)
