"""The pages of notices: a file, what each becomes with every hypothesis shown, changes, acceptance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from matcher.awards import load_defaults
from matcher.awards.selection import DEFAULT_SOCIAL
from matcher.errors import ClausematchError
from matcher.locale import _
from matcher.tables.cells import BadCell, parse_number
from service.addresses import address
from service.pages.awards import incoming
from service.pages.page import Go, Outcome, Shown, Visit
from service.problems import Problem, from_error
from service.store import drafts

BY_PAGE = 20
KIND = "awards"
MOST_REASONS = 12


def start(visit: Visit) -> Outcome:
    """Choose a file of notices."""
    return _start(visit, None)


def _start(visit: Visit, problem: Problem | None) -> Shown:
    typed = {name: visit.form.one(name) for name in ("months", "weekly_hours", "place", "social")}
    data = {"problem": problem, "most": visit.settings.max_body_bytes >> 20, "typed": typed}
    return Shown("awards/import.html", data, 200 if problem is None else problem.status)


def send(visit: Visit) -> Outcome:
    """Read a file; nothing of it is saved yet."""
    try:
        file = visit.form.file("file")
        if file is None:
            raise Problem("usage", _("Aucun fichier choisi. En choisir un, puis recommencer."))
        options = _options(visit)
        kept = incoming.read_notices(file, visit)
        kept["options"] = options
        kept["lines"] = incoming.look(visit, kept)
        name = drafts.keep(visit.store, visit.principal, KIND, kept, visit.at)
    except ClausematchError as error:
        return _start(visit, from_error(error))
    except Problem as problem:
        return _start(visit, problem)
    return Go(address("notices", name))


def _options(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] = {
        "social": "any" if visit.form.one("social") == "any" else DEFAULT_SOCIAL,
        "place": visit.form.one("place")[:20] or None,
    }
    for name in ("months", "weekly_hours"):
        text = visit.form.one(name)
        try:
            found[name] = parse_number(text) if text else None
        except BadCell:
            raise Problem("usage", _("« {text} » n'est pas un nombre.").format(text=text[:40])) from None
    return found


def _draft(visit: Visit) -> drafts.Draft:
    return drafts.find(visit.store, visit.principal, visit.path["draft_id"], (KIND,), visit.at)


def look(visit: Visit) -> Outcome:
    """What each notice becomes."""
    return _look(visit, _draft(visit), {}, None)


def _look(visit: Visit, draft: drafts.Draft, wrong: Mapping[str, str], problem: Problem | None) -> Shown:
    kept = draft.content
    lines = kept["lines"]
    parts = _parts(lines)
    show = visit.query.get("show") or ("open" if parts["open"] else "none")
    chosen = parts.get(show, parts["open"])
    page = _number(visit.query.get("page"))
    reasons = Counter(line["reason"] or line["message"] or "" for line in parts["none"] + parts["aside"])
    data = {
        "draft": draft,
        "kept": kept,
        "here": address("notices", draft.draft_id),
        "lines": chosen[(page - 1) * BY_PAGE : page * BY_PAGE],
        "counts": {name: len(part) for name, part in parts.items()},
        "hours": sum(line["hours"] or 0 for line in parts["open"] if line["keep"]),
        "openings": sum(one["openings"] for line in parts["open"] if line["keep"] for one in line["positions"]),
        "reasons": reasons.most_common(MOST_REASONS),
        "show": show,
        "page": page,
        "pages": max(1, -(-len(chosen) // BY_PAGE)),
        "wrong": wrong,
        "typed": visit.form,
        "written": incoming.written,
        "work_of": incoming.work_of,
        "problem": problem,
        "accepted": sum(1 for line in lines if line["selected"] == "yes" and line["keep"]),
        "defaults": load_defaults(),
    }
    return Shown("awards/look.html", data, 200 if problem is None else problem.status)


def _parts(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Notices that open positions, those followed without any, those not taken."""
    return {
        "open": [line for line in lines if line["selected"] == "yes" and line["positions"]],
        "none": [line for line in lines if line["selected"] == "yes" and not line["positions"]],
        "aside": [line for line in lines if line["selected"] != "yes"],
    }


def _number(text: str | None) -> int:
    return min(max(int(text), 1), 100_000) if text and text.isdecimal() and len(text) < 7 else 1


def change(visit: Visit) -> Outcome:
    """Note what was changed, and compute again; accept at once when asked."""
    draft = _draft(visit)
    kept = draft.content
    wrong = incoming.with_edits(visit.form, kept, kept["lines"])
    if wrong:
        words = _("Certaines valeurs ne conviennent pas ; elles sont marquées plus bas. Rien n'est perdu.")
        return _look(visit, draft, wrong, Problem("usage", words))
    try:
        kept["lines"] = incoming.look(visit, kept)
        if visit.form.one("then") == "accept":
            return _accepted(visit, draft)
    except ClausematchError as error:
        return _look(visit, draft, {}, from_error(error))
    except Problem as problem:
        return _look(visit, draft, {}, problem)
    drafts.keep(visit.store, visit.principal, KIND, kept, visit.at, draft.draft_id)
    query = "&".join(
        f"{name}={visit.query[name]}" for name in ("show", "page") if visit.query.get(name, "").isalnum()
    )
    return Go(f"{address('notices', draft.draft_id)}?{query}{'&' if query else ''}done=recomputed")


def _accepted(visit: Visit, draft: drafts.Draft) -> Outcome:
    """Save through the API: the contracts with the positions they open, then what was changed of these."""
    kept = draft.content
    rows, _places = incoming.edited_rows(kept)
    if not rows:
        raise Problem("usage", _("Aucune notice gardée. En garder une, ou ne rien enregistrer."))
    changes = incoming.position_changes(kept, frozenset(line["award_id"] for line in kept["lines"]))
    if changes:
        report = visit.ask("put_positions", query={"dry_run": "true"}, body={"positions": changes}).content["report"]
        bad = next((line for line in report if line["result"] == "error"), None)
        if bad is not None:
            raise Problem("usage", f"{bad['position_id']}, {bad['column']} : {bad['message']}")
    added = incoming.new_positions(kept)
    if added:
        _check_new(visit, added)
    report = visit.ask("post_awards", body=incoming.body_of(kept, rows)).content["report"]
    if changes or added:
        visit.ask("put_positions", body={"positions": [*changes, *added]})
    drafts.forget(visit.store, visit.principal, draft.draft_id)
    saved = [line["award_id"] for line in report if line["result"] in ("created", "updated")]
    if len(saved) == 1:
        return Go(f"{address('awards', saved[0])}?done=awards_imported")
    return Go("/awards?done=awards_imported")


def _check_new(visit: Visit, added: list[dict[str, Any]]) -> None:
    """Raise Problem for a position that could not be created."""
    report = visit.ask("put_positions", query={"dry_run": "true"}, body={"positions": added}).content["report"]
    for line in report:
        if line["result"] == "error":
            raise Problem("usage", f"{line['position_id']}, {line['column']} : {line['message']}")
        if line["result"] != "created":
            text = _("{name} : ce contrat a déjà ce poste. En ajouter un autre depuis la page Postes.")
            raise Problem("conflict", text.format(name=line["position_id"]))


def leave(visit: Visit) -> Outcome:
    """Forget a file."""
    drafts.forget(visit.store, visit.principal, visit.path["draft_id"])
    return Go("/notices?done=left")
