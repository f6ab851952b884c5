"""Before the tender: who could do the work, within reach, and how many hours a clause could carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from matcher.awards import ConversionOptions, awards_of, convert
from matcher.engine import Posts
from matcher.errors import ClausematchError
from matcher.feasibility import feasibility
from matcher.locale import _
from matcher.reference import occupations
from matcher.rules.modes import MODES
from matcher.schema import POSITIONS
from matcher.tables import json_records
from service.access.visibility import SMALLEST_COUNT
from service.pages.forms import in_words
from service.pages.page import Outcome, Shown, Visit
from service.problems import Problem, at_field, from_error
from service.work import read_rows

FIELDS = ("object", "cpv", "amount", "works", "place", "start", "months", "mode")
MOST_WORKS = 8
# Column of a notice or of a position → field of the form; the others have the same name.
_FIELD_OF: Mapping[str, str] = {
    "place_code": "place",
    "start_date": "start",
    "notified_on": "start",
    "duration_months": "months",
    "title": "works",
    "occupation": "works",
}
_COUNTS = ("within_reach", "eligible", "to_verify", "ready", "interested", "hours_possible")
_PEOPLE = ("within_reach", "eligible", "to_verify", "ready", "interested")


def ask(visit: Visit) -> Outcome:
    """The question, and its answer once it is asked."""
    typed = {name: visit.query.get(name, "").strip()[:300] for name in FIELDS}
    data: dict[str, Any] = {"typed": typed, "problem": None, "found": None, "award": None, "modes": _modes()}
    if any(typed[name] for name in ("object", "cpv", "works")):
        try:
            data.update(_answer(visit, typed))
        except ClausematchError as error:
            data["problem"] = from_error(error)
        except Problem as problem:
            data["problem"] = in_words(problem, _labels())
    status = data["problem"].status if data["problem"] is not None else 200
    return Shown("awards/feasibility.html", data, status)


def _labels() -> dict[str, str]:
    """What the form calls the fields that may be refused."""
    return {
        "object": _("Objet du marché"),
        "cpv": _("Code CPV"),
        "amount": _("Montant hors taxes, €"),
        "place": _("Lieu"),
        "start": _("Début"),
        "months": _("Durée du contrat, mois"),
        "mode": _("Mode"),
        "works": _("Ou des métiers"),
    }


def _modes() -> list[tuple[str, str]]:
    return [(mode, _("embauche directe") if mode == "direct" else mode) for mode in MODES]


def _answer(visit: Visit, typed: Mapping[str, str]) -> dict[str, Any]:
    if not typed["place"]:
        raise at_field("/place", _("un code postal, un code de commune ou de département, à indiquer"))
    award = _award(visit, typed) if typed["object"] or typed["cpv"] else None
    table = _wanted(visit, typed, award)
    now = visit.desk.office.pool.refresh(visit.today)
    posts = Posts.of(table, None)
    parts = [feasibility(crowd.asking(posts).engine) for crowd in now.crowds]
    lines = [_hidden(line) for line in _together(parts)]
    return {"found": lines, "award": None if award is None else award[0], "least": SMALLEST_COUNT}


def _award(visit: Visit, typed: Mapping[str, str]) -> tuple[dict[str, Any], pd.DataFrame]:
    """The clause that the amount would give, as of a notice: its terms, and the positions it would open."""
    row = {
        "award_id": "X",
        "object": typed["object"] or None,
        "cpv": typed["cpv"] or None,
        "amount": typed["amount"] or None,
        "notified_on": _start(visit, typed).isoformat(),
        "duration_months": typed["months"] or None,
        "place_code": typed["place"],
        "social": "Clause sociale",
    }
    made = convert(awards_of([row], "awards", today=visit.today), ConversionOptions(on=visit.today, social="any"))
    if not len(made.awards):
        first = made.rejected.iloc[0]
        raise at_field(f"/{_FIELD_OF.get(first['column'], first['column'])}", str(first["message"]))
    return json_records(made.shown_awards())[0], made.shown_positions()


def _start(visit: Visit, typed: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(typed["start"]) if typed["start"] else visit.today
    except ValueError:
        raise at_field("/start", _("ce n'est pas une date ; l'écrire AAAA-MM-JJ")) from None


def _wanted(
    visit: Visit, typed: Mapping[str, str], award: tuple[dict[str, Any], pd.DataFrame] | None
) -> pd.DataFrame:
    """The positions to ask about: those of the occupations named, else those the contract would open."""
    mode = typed["mode"] if typed["mode"] in MODES else "direct"
    works = [one.strip() for one in re.split(r"[|;,\n]", typed["works"]) if one.strip()][:MOST_WORKS]
    if not works:
        assert award is not None
        if award[1].empty:
            reason = award[0]["reason"] or _("aucun métier reconnu dans l'objet ; en nommer un")
            raise Problem("usage", _("Ce contrat n'ouvrirait aucun poste : {reason}.").format(reason=reason))
        return award[1].assign(mode=mode)
    hours = None if award is None or award[0]["hours"] is None else award[0]["hours"] / len(works)
    rows = [
        {
            "position_id": f"X{number}",
            "title": None if _is_code(work) else work,
            "occupation": work.upper() if _is_code(work) else None,
            "place_code": typed["place"],
            "start_date": _start(visit, typed).isoformat(),
            "hours": hours,
            "mode": mode,
        }
        for number, work in enumerate(works, 1)
    ]
    found = read_rows(POSITIONS, rows, visit.settings, visit.today)
    if len(found.rejected):
        first = found.rejected.iloc[0]
        raise at_field(f"/{_FIELD_OF.get(first['column'], first['column'])}", str(first["message"]))
    return found.table


def _is_code(work: str) -> bool:
    return re.fullmatch(r"[A-Za-z]\d{4}", work) is not None


def _together(parts: list[pd.DataFrame]) -> list[dict[str, Any]]:
    """The same rows of several groups of people, added up."""
    key = ["occupation", "place", "rules", "mode", "categories"]
    whole = parts[0]
    for part in parts[1:]:
        both = whole[key].merge(part, on=key, how="left")
        whole = whole.assign(**{name: whole[name] + both[name].fillna(0).to_numpy() for name in _COUNTS})
    lines = json_records(whole)
    reference = occupations()
    for line in lines:
        line["label"] = line["label"] or reference.label(line["occupation"]) or line["occupation"]
        line["enough"] = _enough(line)
    return lines


def _enough(line: Mapping[str, Any]) -> str:
    """How what is possible stands to what is due: `unknown`, `good`, `tight`, `poor`, or nothing without hours."""
    if not line["place"]:
        return "unknown"
    if not line["hours_due"]:
        return ""
    ratio = line["hours_possible"] / line["hours_due"]
    return "good" if ratio >= 3 else "tight" if ratio >= 1 else "poor"


def _hidden(line: dict[str, Any]) -> dict[str, Any]:
    """The line without counts of one to four people, nor what would give one away."""
    small = [name for name in _PEOPLE if 0 < line[name] < SMALLEST_COUNT]
    shown = {**line, **dict.fromkeys(small, "few")}
    if "interested" in small:
        shown["hours_possible"] = "few"
    return shown
