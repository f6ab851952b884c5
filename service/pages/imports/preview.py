"""What a file would do, before anything is saved: the API's own report, and who may be there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from matcher.duplicates import PEOPLE, against, reason
from matcher.errors import ClausematchError
from matcher.locale import _
from matcher.schema import CANDIDATES
from matcher.vocabulary import fold
from service.pages.imports.files import SPECS, Match, Sheet, records
from service.pages.page import Visit
from service.pool import parted
from service.problems import Problem, from_error
from service.work import read_rows

ROUTE = {"candidates": "put_candidates", "positions": "put_positions", "hours": "put_hours"}
# What a row is called by; hours are those of a person, on a contract, in a month.
KEY: Mapping[str, tuple[str, ...]] = {
    "candidates": ("candidate_id",),
    "positions": ("position_id",),
    "hours": ("candidate_id", "month", "award_id"),
}
LONGEST_KEY = 60
RESULTS = ("created", "updated", "unchanged", "error")
MOST_COMPARED = 5_000  # new people looked for among those already there
MOST_KNOWN = 2_000  # people already there who are all compared
LIKELY = 0.5


def content(
    kind: str, sheet: Sheet, matches: Sequence[Match], usual: Mapping[str, str], *, empties: bool
) -> dict[str, Any]:
    """What a draft keeps of a file, its preview not yet made."""
    return {
        "kind": kind,
        "name": sheet.name,
        "headers": list(sheet.headers),
        "rows": sheet.rows,
        "numbers": sheet.numbers,
        "bad": sheet.bad,
        "remarks": sheet.remarks,
        "matches": [[one.header, one.column, one.how] for one in matches],
        "usual": dict(usual),
        "empties": empties,
        "done": False,
    }


def sheet_of(kept: Mapping[str, Any]) -> Sheet:
    """The table of a draft."""
    bad = [(int(row), str(message)) for row, message in kept["bad"]]
    return Sheet(kept["name"], tuple(kept["headers"]), kept["rows"], kept["numbers"], bad, kept["remarks"])


def matches_of(kept: Mapping[str, Any]) -> list[Match]:
    """The columns of a draft."""
    return [Match(*one) for one in kept["matches"]]


def sent(visit: Visit, kept: Mapping[str, Any], *, dry_run: bool) -> dict[str, Any]:
    """The report of the API for a draft, with the file's own row numbers. A refusal of the whole is in `problem`."""
    kind, sheet = kept["kind"], sheet_of(kept)
    matches = matches_of(kept)
    rows = records(sheet, matches, kept["usual"], empties=kept["empties"])
    lines = [[row, None, "error", None, message] for row, message in sheet.bad]
    report: dict[str, Any] = {"lines": lines, "warnings": [], "problem": None, "maybe": {}, "changed": {}}
    missing = _missing(kind, matches, kept["usual"])
    if missing is not None:
        return {**report, "problem": missing, "counts": dict.fromkeys(RESULTS, 0) | {"error": len(lines)}}
    try:
        answer = visit.ask(ROUTE[kind], query={"dry_run": str(dry_run).lower()}, body={kind: rows}).content
    except ClausematchError as error:
        report["problem"] = from_error(error).detail
    except Problem as problem:
        if problem.code != "nothing_usable" or problem.rejected is None:
            report["problem"] = problem.detail
        lines += [
            [sheet.numbers[int(str(one["row"])) - 1], None, "error", one["column"], one["message"]]
            for one in problem.rejected or ()
        ]
    else:
        report["warnings"] = answer["warnings"]
        lines += [
            [sheet.numbers[one["row"] - 1], _name(kind, one, rows), one["result"], one["column"], one["message"]]
            for one in answer["report"]
        ]
        if dry_run:
            changed = {str(sheet.numbers[one["row"] - 1]): one.get("changed") for one in answer["report"]}
            report["changed"] = {number: names for number, names in changed.items() if names}
        if kind == "candidates" and dry_run:
            created = [one["row"] - 1 for one in answer["report"] if one["result"] == "created"]
            report["maybe"] = already_there(visit, [rows[place] for place in created])
    lines.sort(key=lambda line: int(str(line[0])))
    report["counts"] = {name: sum(line[2] == name for line in lines) for name in RESULTS}
    return report


def _name(kind: str, line: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str | None:
    """What a row is called: its identifier as the API read it, or the several columns that tell it from others."""
    names = KEY[kind]
    if len(names) == 1:
        name: str | None = line[names[0]]
        return name
    row = rows[line["row"] - 1]
    return " · ".join(str(row[name])[:LONGEST_KEY] for name in names if row.get(name)) or None


def _missing(kind: str, matches: Sequence[Match], usual: Mapping[str, str]) -> str | None:
    """What to do about a column that every row needs and the file does not have."""
    chosen = {*usual, *(one.column for one in matches)}
    for column in SPECS[kind].columns:
        if column.required and column.name not in chosen:
            return _("La colonne « {about} » est absente : la choisir parmi celles du fichier, plus bas.").format(
                about=_(column.about)
            )
    return None


def already_there(visit: Visit, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Identifier of a new row → who it may be: identifier, probability, why. Nothing for too long a file."""
    if not rows or len(rows) > MOST_COMPARED:
        return {}
    known = own_people(visit)
    if known.empty:
        return {}
    new = read_rows(CANDIDATES, list(rows), visit.settings, visit.today).table
    if len(known) > MOST_KNOWN:
        known = _near(new, known)
    try:
        found = against(new, known, PEOPLE, least=LIKELY)
    except ClausematchError:  # too few columns to tell anybody from anybody
        return {}
    maybe: dict[str, list[Any]] = {}
    for (left, right, chance), levels in zip(
        found[["left", "right", "probability"]].itertuples(index=False), found.attrs["levels"], strict=True
    ):
        maybe.setdefault(str(left), [str(right), float(chance), reason(levels, PEOPLE)])
    return maybe


def _near(new: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Those of a long table who share a birth date, a phone, an e-mail or a name with somebody new: comparing
    everybody would take too long for a page."""
    near = np.zeros(len(known), bool)
    for name in ("birth_date", "phone", "email", "last_name"):
        near |= known[name].isin(new[name].dropna()).to_numpy()
    folded = set(new["last_name"].dropna().map(fold))
    near |= known["last_name"].map(fold, na_action="ignore").isin(folded).to_numpy()
    return known[near].reset_index(drop=True)


def own_people(visit: Visit) -> pd.DataFrame:
    """What is compared of the people of the visitor's organisation, by their own identifiers."""
    now = visit.desk.office.pool.refresh(visit.today)
    table = now.tables(visit.principal.org_id).people[list(PEOPLE.columns)]
    names = np.array([parted(str(name))[0] for name in table["candidate_id"]], object)
    return table.assign(candidate_id=pd.array(names, dtype="str"))
