"""One proposal: who did what and when, the steps that may follow, and noting one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.locale import N_, _
from service.access.principals import Role
from service.addresses import address
from service.pages import log_words, words
from service.pages.forms import in_words
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.people.person import full_name
from service.pages.proposals.listing import titles_of
from service.problems import Problem, at_field
from service.proposals.moves import DECIDERS, MOVES, REASONS, SEATED, Stage

_DOES: Mapping[str, str] = {
    "shortlisted": N_("Retenir pour l'entreprise"),
    "interviewed": N_("Noter l'entretien"),
    "hired": N_("Noter l'embauche"),
    "kept_3_months": N_("Noter qu'elle est en poste à trois mois"),
    "refused": N_("Noter un refus"),
    "withdrawn": N_("Retirer la proposition"),
}
_FIELDS = ("on", "decided_by", "reason", "contract", "contract_months")


@dataclass(frozen=True)
class Move:
    """One step that the visitor may note: which fields it takes, what is in them, what is wrong with some."""

    stage: str
    label: str
    open: bool
    reason: str  # "", "asked" or "optional"
    contract: bool
    decided_by: str
    values: Mapping[str, str]
    errors: Mapping[str, str]


def one(visit: Visit) -> Outcome:
    """The page of a proposal."""
    return _shown(visit, None)


def _shown(visit: Visit, problem: Problem | None) -> Shown:
    found = visit.ask("proposal", path={"proposal_id": visit.path["proposal_id"]}).content
    typed = {name: visit.form.one(name) for name in _FIELDS} if problem is not None else {}
    name = found["position_id"]
    seen = visit.form.one("seen")
    may_move = visit.may("move_proposal")
    data = {
        "one": found,
        "title": titles_of(visit, [name]).get(name, name),
        "person": (full_name(found["contact"]) if found["contact"] else "") or found["candidate_id"],
        "own": found["contact"] is None and visit.principal.has(Role.ADVISER) and found["candidate_id"],
        "steps": found["steps"],
        "who": _who(visit, found["steps"]),
        "new_from": int(seen) if problem is not None and seen.isdecimal() and len(seen) < 6 else None,
        "deciders": {code: _(text) for code, text in words.DECIDERS.items()},
        "reasons": {code: _(text) for code, text in REASONS.items()},
        "contracts": {code: _(text) for code, text in words.CONTRACTS.items()},
        "moves": [_move(found, stage, visit, typed, problem) for stage in found["next"] if may_move],
        "problem": problem,
        "full": problem is not None and problem.code == "conflict" and visit.form.one("stage") == Stage.HIRED,
        "today": visit.today.isoformat(),
        "seated": found["stage"] in SEATED,
    }
    return Shown("proposals/one.html", data, 200 if problem is None else problem.status)


def _who(visit: Visit, steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Who noted each step → what they are there for: a code tells a reader nothing."""
    with visit.read() as connection:
        return log_words.actors(connection, (step["actor"] for step in steps))


def _move(
    found: Mapping[str, Any], stage: str, visit: Visit, typed: Mapping[str, str], problem: Problem | None
) -> Move:
    usual = MOVES[Stage(found["stage"]), Stage(stage)].decided_by
    chosen = bool(typed) and visit.form.one("stage") == stage
    values = {"on": visit.today.isoformat(), "decided_by": usual, **dict.fromkeys(_FIELDS[2:], "")}
    return Move(
        stage,
        _(_DOES[stage]),
        chosen or len(found["next"]) == 1,
        {"refused": "asked", "withdrawn": "optional"}.get(stage, ""),
        stage == Stage.HIRED,
        usual,
        dict(typed) if chosen else values,
        problem.fields if chosen and problem is not None else {},
    )


def move(visit: Visit) -> Outcome:
    """Note a step; the same page with what was typed when it is refused."""
    proposal_id, form = visit.path["proposal_id"], visit.form
    try:
        visit.ask(
            "move_proposal",
            path={"proposal_id": proposal_id},
            body=_body(visit),
            if_match=form.one("version") or None,
        )
    except Problem as problem:
        return _shown(visit, _for_people(problem))
    return Go(address("proposals", proposal_id) + "?done=moved")


def _body(visit: Visit) -> dict[str, Any]:
    """What the route takes, from what was typed. Raises Problem for a number that is none."""
    form = visit.form
    body: dict[str, Any] = {"stage": form.one("stage")}
    for name in ("on", "reason", "contract"):
        if form.one(name):
            body[name] = form.one(name)
    if form.one("decided_by") in DECIDERS:
        body["decided_by"] = form.one("decided_by")
    months = form.one("contract_months").replace(",", ".")
    if months:
        try:
            body["contract_months"] = float(months)
        except ValueError:
            text = _("un nombre de mois est attendu, comme 6 ou 1,5")
            raise at_field("/contract_months", text) from None
    return body


def _for_people(problem: Problem) -> Problem:
    """The refusal in words for somebody before a page."""
    if problem.code == "changed":
        text = _(
            "Quelqu'un a fait avancer cette proposition pendant votre saisie ; ce qui est nouveau est signalé dans "
            "l'historique. Relire, puis recommencer si c'est encore utile."
        )
        return Problem("changed", text)
    labels = {
        "on": _("Jour"),
        "reason": _("Motif"),
        "contract": _("Contrat"),
        "contract_months": _("Durée en mois"),
        "decided_by": _("Qui a décidé"),
    }
    return in_words(problem, labels)
