"""The questions whose positions, and most often people, are in the request: nothing is stored."""

from __future__ import annotations

from service import work
from service.access.principals import Role
from service.examples import EXAMPLES
from service.lists import given, stored
from service.models import EligibilityAnswer, EligibilityRequest, MatchAnswer, MatchRequest
from service.routing import Answer, Call, Route


def eligibility(call: Call) -> Answer:
    """A decision for each person of the body."""
    return Answer(work.eligibility(call.body, call.settings, call.today))


def match(call: Call) -> Answer:
    """Lists for each position of the body, of its people or, without any, of those stored."""
    if call.body.candidates is None:
        return stored.match(call)
    return given.match(call)


_ASKING = frozenset({Role.ADVISER, Role.FACILITATOR, Role.ADMIN})

ROUTES = (
    Route(
        "POST",
        "/eligibility",
        "eligibility",
        "Décider de l'éligibilité de personnes",
        "Une décision par personne, ses motifs, les faits qui manquent, la suite à donner. Les lignes illisibles "
        "vont dans `rejected`, les autres continuent. `categories`, `possible`, `missing` : des listes.",
        eligibility,
        _ASKING,
        body=EligibilityRequest,
        answer=EligibilityAnswer,
        examples=EXAMPLES["eligibility"],
        heavy=True,
    ),
    Route(
        "POST",
        "/match",
        "match",
        "Classer des personnes pour des postes",
        "Pour chaque poste, la liste des personnes, classée et motivée : la même que `clausematch match` avec les "
        "mêmes tables. Sans `candidates`, les personnes gardées ici : les siennes pour un conseiller, toutes, par "
        "référence, pour un facilitateur ; ce qui est montré est écrit au journal. Avec `candidates`, le journal "
        "garde les empreintes de la demande et des listes, rien d'autre. `categories` et `missing` sont des listes.",
        match,
        _ASKING,
        body=MatchRequest,
        answer=MatchAnswer,
        examples=EXAMPLES["match"],
        heavy=True,
    ),
)
