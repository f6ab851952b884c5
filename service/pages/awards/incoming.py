"""Notices that were sent: their rows with what somebody changed, and what the API would make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from matcher.awards import awards_in
from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.schema import AWARDS
from matcher.tables import json_records
from matcher.tables.cells import BadCell, parse_number
from service.awards.models import AwardsBody
from service.awards.upsert import converted
from service.pages.forms import Form, Upload
from service.pages.page import Visit

COLUMNS = (*AWARDS.names, "contractor_names", "place_name", "framework", "modified", "place_of_buyer", "notes")
TERMS = ("amount", "labour_share", "insertion_rate", "hourly_cost", "hours")
_SHARES = ("labour_share", "insertion_rate")
_SHOWN = (
    *("award_id", "object", "buyer_siret", "contractor_names", "cpv", "place", "notified_on", "contract_end"),
    *("duration_months", "framework", "reserved", "estimate", "hours_from", "labour_share_from"),
    *("insertion_rate_from", "hourly_cost_from", "template", "template_from", "warnings", "reason", "selected"),
    *TERMS,
)
_POSITION = ("position_id", "title", "occupation", "hours", "openings", "start_date", "end_date", "commune")
_ROME = re.compile(r"[A-Z]\d{4}")


def read_notices(file: Upload, visit: Visit) -> dict[str, Any]:
    """What a draft keeps of a file. Raises UnreadableFile, NirRefused."""
    name = file.name.replace("\\", "/").rpartition("/")[2][:100] or _("fichier")
    found = awards_in(file.content, name, today=visit.today)
    if found.read > visit.settings.max_rows:
        raise UnreadableFile(
            _("{file} a plus de {limit} lignes.").format(file=name, limit=visit.settings.max_rows),
            _("Le couper en plusieurs fichiers."),
        )
    table = found.table[[column for column in COLUMNS if column in found.table]]
    return {
        "name": name,
        "rows": json_records(table),
        "numbers": [int(row) for row in found.rows],
        "rejected": json_records(found.rejected),
        "remarks": list(found.warnings),
        "edits": {},
    }


def edited_rows(kept: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[int]]:
    """The rows as somebody wants them, and where each stands in the file: those left out are not there."""
    rows, places = [], []
    for place, row in enumerate(kept["rows"]):
        edit = kept["edits"].get(str(place), {})
        if edit.get("keep", True):
            rows.append({**row, **{name: value for name, value in edit.items() if name in TERMS}})
            places.append(place)
    return rows, places


def body_of(kept: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The request to the API for those rows."""
    return {"awards": list(rows), **{name: value for name, value in kept["options"].items() if value is not None}}


def look(visit: Visit, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One line per notice of the file, those left out too: the terms of its hours, its positions, what is saved.

    Raises Problem, ClausematchError.
    """
    rows = kept["rows"]
    changed = [
        {**row, **{name: value for name, value in kept["edits"].get(str(place), {}).items() if name in TERMS}}
        for place, row in enumerate(rows)
    ]
    if not rows:
        return []
    body = body_of(kept, changed)
    made = converted(AwardsBody.model_validate(body), visit.settings, visit.today)
    report = visit.ask("post_awards", query={"dry_run": "true"}, body=body).content["report"]
    said = {line["row"]: line for line in report}
    opened: dict[str, list[dict[str, Any]]] = {}
    for position in json_records(made.shown_positions()):
        opened.setdefault(position["award_id"], []).append({name: position[name] for name in _POSITION})
    lines = []
    for row in json_records(made.shown_awards()):
        place = int(row["row"]) - 1
        line = said.get(row["row"], {})
        duplicate = row["selected"] != "yes"
        lines.append(
            {
                "line": place,
                "number": kept["numbers"][place],
                **{name: row.get(name) for name in _SHOWN},
                "result": line.get("result", "error"),
                "message": line.get("message"),
                "keep": kept["edits"].get(str(place), {}).get("keep", True),
                "new": kept["edits"].get(str(place), {}).get("new"),
                "positions": [] if duplicate else _positions(opened.get(row["award_id"], []), kept, place),
            }
        )
    return lines


def _positions(positions: Sequence[Mapping[str, Any]], kept: Mapping[str, Any], place: int) -> list[dict[str, Any]]:
    wanted = kept["edits"].get(str(place), {}).get("positions", {})
    return [{**one, **wanted.get(one["position_id"], {})} for one in positions]


def with_edits(form: Form, kept: dict[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Note what the form changes of the notices it shows; field → what is wrong with what was typed."""
    wrong: dict[str, str] = {}
    by_place = {str(line["line"]): line for line in lines}
    for place in form.every("shown"):
        line = by_place.get(place)
        if line is None:
            continue
        edit = dict(kept["edits"].get(place, {}))
        edit["keep"] = form.one(f"keep-{place}") == "yes"
        for name in TERMS:
            _term(form, edit, f"{name}-{place}", name, line, wrong)
        for position in line["positions"]:
            _position(form, edit, place, position, wrong)
        if not line["positions"]:
            _new_position(form, edit, place, wrong)
        kept["edits"][place] = edit
    return wrong


def _term(
    form: Form, edit: dict[str, Any], field: str, name: str, line: Mapping[str, Any], wrong: dict[str, str]
) -> None:
    """A number typed over the one shown; the same number, or none, changes nothing."""
    if field not in form.fields:
        return
    text, shown = form.one(field), written(name, line[name])
    if text == shown:
        return
    if not text:
        edit.pop(name, None)
        if name == "hours":
            edit[name] = None
        return
    try:
        number = parse_number(text.removesuffix("%").strip())
    except BadCell:
        wrong[field] = _("ce n'est pas un nombre : {text}").format(text=text[:40])
        return
    number = number / 100 if name in _SHARES else number
    if number < 0 or (name in _SHARES and number > 1) or (name == "hourly_cost" and not 1 <= number <= 1000):
        wrong[field] = _("nombre hors des limites : {text}").format(text=text[:40])
        return
    edit[name] = number


def _position(
    form: Form, edit: dict[str, Any], place: str, position: Mapping[str, Any], wrong: dict[str, str]
) -> None:
    name = position["position_id"]
    work, openings = form.one(f"work-{name}"), form.one(f"openings-{name}")
    change: dict[str, Any] = dict(edit.get("positions", {}).get(name, {}))
    if work and work != work_of(position):
        change.update(_work(work))
    if openings and openings != f"{position['openings']:g}":
        if _is_number(openings):
            change["openings"] = int(openings)
        else:
            wrong[f"openings-{name}"] = _("un nombre entier de places, à partir de 1")
    if change:
        edit.setdefault("positions", {})[name] = change


def _new_position(form: Form, edit: dict[str, Any], place: str, wrong: dict[str, str]) -> None:
    """A position for a contract that opens none by itself: its work and openings; without a work, none."""
    work, openings = form.one(f"work-new-{place}"), form.one(f"openings-new-{place}") or "1"
    if not work:
        edit.pop("new", None)
    elif _is_number(openings):
        edit["new"] = {**_work(work), "openings": int(openings)}
    else:
        wrong[f"openings-new-{place}"] = _("un nombre entier de places, à partir de 1")


def _is_number(text: str) -> bool:
    return text.isdecimal() and 1 <= int(text[:6]) <= 10_000


def _work(text: str) -> dict[str, Any]:
    """What somebody wrote for a work: a code, or a title from which it is found."""
    return {"occupation": text} if _ROME.fullmatch(text) else {"title": text[:200], "occupation": None}


def work_of(position: Mapping[str, Any]) -> str:
    """The work of a position as the form shows it: its code, or its title without one."""
    return str(position.get("occupation") or position.get("title") or "")


def written(name: str, value: Any) -> str:
    """A term as the form shows it: shares in percent, decimals after a comma."""
    if value is None:
        return ""
    number = round(100 * float(value), 4) if name in _SHARES else float(value)
    return f"{number:.12g}".replace(".", ",")


def position_changes(kept: Mapping[str, Any], awards: frozenset[str]) -> list[dict[str, Any]]:
    """What somebody changed of the positions that these notices open, as rows of the API."""
    return [
        {"position_id": name, **change}
        for edit in kept["edits"].values()
        if edit.get("keep", True)
        for name, change in edit.get("positions", {}).items()
        if name.rpartition("-P")[0] in awards
    ]


def new_positions(kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The positions that somebody adds to contracts that open none by themselves, as rows of the API: hours, dates
    and place are the contract's."""
    found = []
    for line in kept["lines"]:
        edit = kept["edits"].get(str(line["line"]), {})
        if not edit.get("new") or not edit.get("keep", True) or line["selected"] != "yes" or line["positions"]:
            continue
        row = kept["rows"][line["line"]]
        facts = {
            "award_id": line["award_id"],
            "hours": line["hours"],
            "start_date": line["notified_on"],
            "end_date": line["contract_end"],
            "place_code": row.get("place_code"),
            "place_kind": row.get("place_kind"),
            **edit["new"],
        }
        name = f"{line['award_id']}-P1"
        found.append({"position_id": name, **{key: value for key, value in facts.items() if value is not None}})
    return found
