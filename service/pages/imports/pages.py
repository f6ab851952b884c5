"""The pages of an import: choose a file, match its columns, see what each row becomes, accept or leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from matcher.errors import ClausematchError
from matcher.locale import N_, _
from matcher.tables.writing import csv_bytes
from service.access.principals import Role
from service.addresses import address
from service.merging import LONGEST_ID
from service.pages.imports import preview
from service.pages.imports.files import SPECS, Match, chosen_columns, proposed, read_sheet, remember, remembered
from service.pages.page import Download, Go, Outcome, Shown, Visit
from service.pages.people.edit import written
from service.problems import Problem, from_error
from service.store import drafts

ROLE = {"candidates": Role.ADVISER, "positions": Role.FACILITATOR, "hours": Role.FACILITATOR}
NAMED: Mapping[str, str] = {
    "candidates": N_("des personnes"),
    "positions": N_("des postes"),
    "hours": N_("des heures faites, par mois"),
}
READ = {"candidates": ("get_candidate", "candidate_id"), "positions": ("get_position", "position_id")}
BY_PAGE = 50
CSV = "text/csv; charset=utf-8"


def start(visit: Visit) -> Outcome:
    """Which files may be sent."""
    return _start(visit, None)


def _start(visit: Visit, problem: Problem | None) -> Shown:
    kinds = [kind for kind, role in ROLE.items() if visit.principal.has(role)]
    with visit.store.alter() as connection:
        drafts.purge(connection, visit.at)
    data = {
        "kinds": [(kind, _(NAMED[kind])) for kind in kinds],
        "kind": visit.form.one("kind") or visit.query.get("kind") or kinds[0],
        "problem": problem,
        "most": visit.settings.max_body_bytes >> 20,
        "facilitator": visit.principal.has(Role.FACILITATOR),
        "adviser": visit.principal.has(Role.ADVISER),
        "award": visit.form.one("award_id") or visit.query.get("award_id", ""),
    }
    return Shown("imports/start.html", data, 200 if problem is None else problem.status)


def send(visit: Visit) -> Outcome:
    """Read a file and propose its columns; nothing of it is saved yet."""
    kind = visit.form.one("kind")
    file = visit.form.file("file")
    try:
        _check_kind(visit, kind)
        if file is None:
            raise Problem("usage", _("Aucun fichier choisi. En choisir un, puis recommencer."))
        sheet = read_sheet(file, visit.settings)
        with visit.read() as connection:
            kept = remembered(connection, visit.principal.org_id, kind)
        matches = proposed(SPECS[kind], sheet.headers, kept)
        content = preview.content(kind, sheet, matches, _usual(visit, kind), empties=False)
        content["report"] = preview.sent(visit, content, dry_run=True)
        name = drafts.keep(visit.store, visit.principal, kind, content, visit.at)
    except ClausematchError as error:
        return _start(visit, from_error(error))
    except Problem as problem:
        return _start(visit, problem)
    return Go(address("imports", name))


def _usual(visit: Visit, kind: str) -> dict[str, str]:
    """The contract that the hours of a file without a column for it are those of."""
    award = visit.form.one("award_id").strip()[:LONGEST_ID] if kind == "hours" else ""
    return {"award_id": award} if award else {}


def _check_kind(visit: Visit, kind: str) -> None:
    if kind not in ROLE:
        raise Problem("usage", _("Choisir ce que le fichier contient."))
    if not visit.principal.has(ROLE[kind]):
        raise Problem("forbidden", _("Votre rôle ne permet pas d'envoyer ces fichiers-là."))


def _draft(visit: Visit) -> drafts.Draft:
    kinds = tuple(kind for kind, role in ROLE.items() if visit.principal.has(role))
    return drafts.find(visit.store, visit.principal, visit.path["draft_id"], kinds, visit.at)


def look(visit: Visit) -> Outcome:
    """What each row becomes."""
    return _look(visit, _draft(visit), None)


def _look(visit: Visit, draft: drafts.Draft, problem: Problem | None) -> Shown:
    kept, report = draft.content, draft.content["report"]
    show = visit.query.get("show", "")
    lines = [line for line in report["lines"] if show in ("", line[2]) or (show == "maybe" and _maybe(report, line))]
    page = _number(visit.query.get("page"))
    here = address("imports", draft.draft_id)
    named = NAMED[kept["kind"]]
    data = {
        "draft": draft,
        "kept": kept,
        "report": report,
        "here": here,
        "kind": _(named),
        "matches": _shown_matches(kept),
        "options": _options(kept["kind"]),
        "lines": [_line(kept, line) for line in lines[(page - 1) * BY_PAGE : page * BY_PAGE]],
        "opened": _opened(visit, kept),
        "show": show,
        "page": page,
        "pages": max(1, -(-len(lines) // BY_PAGE)),
        "found": len(lines),
        "likely": len(report["maybe"]),
        "award": kept["usual"].get("award_id", ""),
        "usable": sum(report["counts"][name] for name in ("created", "updated")),
        "problem": problem,
    }
    return Shown("imports/look.html", data, 200 if problem is None else problem.status)


def _number(text: str | None) -> int:
    return min(max(int(text), 1), 100_000) if text and text.isdecimal() and len(text) < 7 else 1


def _maybe(report: Mapping[str, Any], line: list[Any]) -> bool:
    return line[1] in report["maybe"]


def _line(kept: Mapping[str, Any], line: list[Any]) -> dict[str, Any]:
    names, report = ("row", "id", "result", "column", "message"), kept["report"]
    changed = [_about(kept["kind"], name) for name in report["changed"].get(str(line[0]), ())]
    return {**dict(zip(names, line, strict=True)), "maybe": report["maybe"].get(line[1]), "changed": changed}


def _about(kind: str, column: str) -> str:
    return _(SPECS[kind].by_name[column].about)


def _opened(visit: Visit, kept: Mapping[str, Any]) -> dict[str, Any] | None:
    """What one row changes, value by value: what is stored, which the route writes down as seen, and what the file
    says."""
    number, report, kind = visit.query.get("row", ""), kept["report"], kept["kind"]
    line = next((line for line in report["lines"] if str(line[0]) == number), None)
    if kept["done"] or line is None or number not in report["changed"] or kind not in READ:
        return None
    name, key = READ[kind]
    before = visit.ask(name, path={key: line[1]}).content["facts"]
    cells = kept["rows"][kept["numbers"].index(line[0])]
    typed = {one.column: cell for one, cell in zip(preview.matches_of(kept), cells, strict=True) if one.column}
    changed = report["changed"][number]
    values = [(_about(kind, column), written(before[column]), typed.get(column) or "") for column in changed]
    return {"row": line[0], "values": values}


def _shown_matches(kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each header with a first filled cell, so that whoever matches it sees what it holds."""
    matches = preview.matches_of(kept)
    return [
        {
            "header": one.header,
            "column": one.column,
            "how": one.how,
            "example": next((row[place] for row in kept["rows"][:50] if row and row[place]), ""),
        }
        for place, one in enumerate(matches)
    ]


def _options(kind: str) -> list[tuple[str, str]]:
    columns = SPECS[kind].columns
    return [("", _("mise de côté")), *((one.name, f"{_(one.about)} ({one.name})") for one in columns)]


def columns(visit: Visit) -> Outcome:
    """Other columns than those proposed: what each row then becomes."""
    draft = _draft(visit)
    kept = draft.content
    if not kept["done"]:
        matches = chosen_columns(SPECS[kept["kind"]], kept["headers"], visit.form.every("column"))
        kept["matches"] = [[one.header, one.column, one.how] for one in matches]
        kept["empties"] = visit.form.one("empties") == "yes"
        kept["report"] = preview.sent(visit, kept, dry_run=True)
        drafts.keep(visit.store, visit.principal, kept["kind"], kept, visit.at, draft.draft_id)
    return Go(f"{address('imports', draft.draft_id)}?done=matched")


def accept(visit: Visit) -> Outcome:
    """Save what can be, as the API does; the rows refused can still be had for an hour."""
    draft = _draft(visit)
    kept = draft.content
    if not kept["done"]:
        report = preview.sent(visit, kept, dry_run=False)
        if report["problem"]:
            return _look(visit, draft, Problem("usage", report["problem"]))
        with visit.store.alter() as connection:
            remember(connection, visit.principal.org_id, kept["kind"], _said(preview.matches_of(kept)))
        refused = {line[0] for line in report["lines"] if line[2] == "error"}
        kept["rows"] = [row if n in refused else [] for n, row in zip(kept["numbers"], kept["rows"], strict=True)]
        kept.update(report=report, done=True)
        drafts.keep(visit.store, visit.principal, kept["kind"], kept, visit.at, draft.draft_id)
    return Go(f"{address('imports', draft.draft_id)}?done=imported")


def _said(matches: list[Match]) -> list[Match]:
    """What is worth remembering: every header but those that nobody knew and nobody chose."""
    return [one for one in matches if one.how != "none"]


def leave(visit: Visit) -> Outcome:
    """Forget a file."""
    drafts.forget(visit.store, visit.principal, visit.path["draft_id"])
    return Go("/imports?done=left")


def rejected(visit: Visit) -> Outcome:
    """The rows refused as they came, each with what to mend: to correct, and send again."""
    kept = _draft(visit).content
    places = {number: place for place, number in enumerate(kept["numbers"])}
    lines = [line for line in kept["report"]["lines"] if line[2] == "error"]
    columns: dict[str, list[Any]] = {
        _("ligne"): [line[0] for line in lines],
        _("colonne"): [line[3] for line in lines],
        _("à corriger"): [line[4] for line in lines],
    }
    rows = [kept["rows"][places[line[0]]] if line[0] in places else [] for line in lines]
    for i, header in enumerate(kept["headers"]):
        columns[header if header not in columns else f"{header} ({i + 1})"] = [
            row[i] if row else None for row in rows
        ]
    return Download(csv_bytes(pd.DataFrame(columns)), CSV, "lignes-a-corriger.csv")
