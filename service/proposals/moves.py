"""The steps of a proposal: the only table of what may follow what, by whom, and what it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matcher.eligibility import day_after_months
from matcher.locale import N_, _, written_day
from service.access.principals import Role
from service.problems import Problem, at_field

KEPT_MONTHS = 3


class Stage(StrEnum):
    """Where a proposal is."""

    PROPOSED = "proposed"
    SHORTLISTED = "shortlisted"
    INTERVIEWED = "interviewed"
    HIRED = "hired"
    KEPT = "kept_3_months"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


LIVE = frozenset({Stage.PROPOSED, Stage.SHORTLISTED, Stage.INTERVIEWED, Stage.HIRED, Stage.KEPT})
SEATED = frozenset({Stage.HIRED, Stage.KEPT})  # those who hold one of the position's openings

# Why somebody is refused, withdrawn or set aside. Nothing here speaks of health, justice or benefits, and nothing is
# free text. Training holds `person_…` against a pair, never `position_…` nor `other_…`.
REASONS: Mapping[str, str] = {
    "person_skills": N_("compétences ou certificats trop éloignés du poste"),
    "person_experience": N_("expérience trop courte"),
    "person_distance": N_("trajet trop long ou impossible"),
    "person_availability": N_("pas disponible aux dates ou aux horaires"),
    "person_french": N_("français insuffisant pour le poste"),
    "person_wish": N_("le poste ne correspond pas au souhait de la personne"),
    "person_not_eligible": N_("éligibilité à la clause non confirmée"),
    "position_filled": N_("poste pourvu"),
    "position_cancelled": N_("poste annulé"),
    "position_changed": N_("poste modifié ou reporté"),
    "position_employer": N_("l'employeur ne donne pas suite"),
    "other_found_a_job": N_("la personne a trouvé un emploi ou une formation"),
    "other_no_answer": N_("pas de réponse"),
    "other_mistake": N_("erreur de saisie"),
    "other": N_("autre motif"),
}
DECIDERS = ("adviser", "facilitator", "employer", "person")


@dataclass(frozen=True)
class Move:
    """Who may do it, what it decides (None: nothing) and, unless they say otherwise, who is held to have decided."""

    roles: frozenset[Role]
    decision: str | None
    decided_by: str


_FACILITATOR = frozenset({Role.FACILITATOR})
_ADVISER = frozenset({Role.ADVISER})
_BOTH = _FACILITATOR | _ADVISER

MOVES: Mapping[tuple[Stage, Stage], Move] = {
    (Stage.PROPOSED, Stage.SHORTLISTED): Move(_FACILITATOR, "accepted", "facilitator"),
    (Stage.SHORTLISTED, Stage.INTERVIEWED): Move(_FACILITATOR, None, "employer"),
    (Stage.INTERVIEWED, Stage.HIRED): Move(_BOTH, "accepted", "employer"),
    (Stage.HIRED, Stage.KEPT): Move(_BOTH, None, "employer"),
    (Stage.PROPOSED, Stage.REFUSED): Move(_FACILITATOR, "rejected", "facilitator"),
    (Stage.SHORTLISTED, Stage.REFUSED): Move(_FACILITATOR, "rejected", "employer"),
    (Stage.INTERVIEWED, Stage.REFUSED): Move(_FACILITATOR, "rejected", "employer"),
    (Stage.HIRED, Stage.REFUSED): Move(_FACILITATOR, "rejected", "employer"),
    (Stage.PROPOSED, Stage.WITHDRAWN): Move(_ADVISER, None, "person"),
    (Stage.SHORTLISTED, Stage.WITHDRAWN): Move(_ADVISER, None, "person"),
    (Stage.INTERVIEWED, Stage.WITHDRAWN): Move(_ADVISER, None, "person"),
    (Stage.HIRED, Stage.WITHDRAWN): Move(_BOTH, None, "person"),
}


def allowed(stage: Stage, roles: frozenset[Role]) -> list[Stage]:
    """What somebody in these roles may make of a proposal at that stage, in the order of the steps."""
    return [to for (start, to), move in MOVES.items() if start is stage and not move.roles.isdisjoint(roles)]


def checked(start: Stage, to: Stage, roles: frozenset[Role]) -> Move:
    """The move. Raises Problem `conflict` when nothing leads there, `forbidden` when it is another role's to make."""
    move = MOVES.get((start, to))
    if move is None:
        following = [stage for stage in Stage if (start, stage) in MOVES]
        possible = ", ".join(following) if following else _("aucune, c'est la dernière étape")
        raise Problem(
            "conflict",
            _(
                "Cette proposition est à l'étape « {stage} » ; « {to} » ne peut pas suivre. Suites possibles : "
                "{possible}."
            ).format(stage=start, to=to, possible=possible),
        )
    if move.roles.isdisjoint(roles):
        raise Problem(
            "forbidden",
            _("Faire passer une proposition de « {stage} » à « {to} » revient à un autre rôle : {roles}.").format(
                stage=start, to=to, roles=", ".join(sorted(move.roles))
            ),
        )
    return move


def check_days(to: Stage, happened: date, before: date, today: date) -> None:
    """Raise Problem unless `happened` lies from `before`, the day of the last step, to today; three months after the
    hire for somebody who stayed."""
    if happened > today:
        raise at_field("/on", _("cette date est dans l'avenir. Noter une étape une fois qu'elle a eu lieu."))
    if happened < before:
        day = written_day(before)
        raise at_field("/on", _("cette date précède l'étape d'avant, du {day}. La corriger.").format(day=day))
    earliest = day_after_months(before, KEPT_MONTHS)
    if to is Stage.KEPT and happened < earliest:
        raise Problem(
            "conflict",
            _(
                "Trois mois après l'embauche, c'est le {day}. Noter alors que la personne est toujours en poste."
            ).format(day=written_day(earliest)),
        )
