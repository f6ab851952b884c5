"""The addresses of proposals, of a position's order and of outcomes."""

from __future__ import annotations

from service.access.principals import Role, Scope
from service.proposals import order, outcomes, work
from service.proposals.models import (
    NewProposal,
    OrderAnswer,
    OrderBody,
    OutcomesAnswer,
    OutcomesQuery,
    ProposalChange,
    ProposalPage,
    ProposalQuery,
    ProposalSeen,
    ProposalSteps,
)
from service.routing import Route

_FOLLOWING = frozenset({Role.ADVISER, Role.FACILITATOR})

ROUTES = (
    Route(
        "POST",
        "/proposals",
        "propose",
        "Proposer une personne pour un poste",
        "Le conseiller propose une personne de son organisme pour un poste ouvert. Le rang et le score que la grille "
        "lui donne alors sont gardés. 409 si le poste est pourvu ou fermé, si la personne s'oppose au rapprochement, "
        "ou si elle y est déjà proposée.",
        work.propose,
        frozenset({Role.ADVISER}),
        body=NewProposal,
        answer=ProposalSteps,
        examples={"une personne": {"value": {"position_id": "POSTE-1", "candidate_id": "P-001", "human_rank": 1}}},
        stores=True,
        scope=Scope.WRITE,
        statuses=(201, 404, 409),
    ),
    Route(
        "GET",
        "/proposals",
        "proposals",
        "Les propositions que l'on suit",
        "Celles des personnes de son organisme (conseiller), ou pour ses postes (facilitateur), par page.",
        work.listing,
        _FOLLOWING,
        query=ProposalQuery,
        answer=ProposalPage,
        statuses=(404,),
    ),
    Route(
        "GET",
        "/proposals/{proposal_id}",
        "proposal",
        "Une proposition et ses étapes",
        "Avec, pour le facilitateur du poste, le nom et le contact de la personne tant que la proposition n'est pas "
        "retirée ; le journal garde qui les a vus.",
        work.one,
        _FOLLOWING,
        answer=ProposalSeen,
        statuses=(404,),
    ),
    Route(
        "PATCH",
        "/proposals/{proposal_id}",
        "move_proposal",
        "Noter l'étape suivante",
        "proposed, shortlisted, interviewed, hired, kept_3_months, ou refused (avec un motif), ou withdrawn. Une "
        "embauche prend une place du poste ; une embauche défaite la rend. Une étape impossible : 409.",
        work.change,
        _FOLLOWING,
        body=ProposalChange,
        answer=ProposalSteps,
        examples={
            "retenir": {"value": {"stage": "shortlisted"}},
            "refuser": {"value": {"stage": "refused", "reason": "person_distance", "decided_by": "employer"}},
            "embaucher": {"value": {"stage": "hired", "on": "2026-11-02", "contract": "fixed", "contract_months": 8}},
        },
        stores=True,
        scope=Scope.WRITE,
        statuses=(404, 409, 412),
    ),
    Route(
        "PUT",
        "/positions/{position_id}/order",
        "order_position",
        "Ranger soi-même les personnes d'un poste",
        "L'ordre des personnes, celles que l'on ajoute, celles que l'on met de côté avec un motif ; gardé à côté de "
        "celui de la grille, qui ne change pas. Le facilitateur remplace tout l'ordre de son poste ; un conseiller "
        "ajoute ou met de côté ses propres personnes (`order` vide).",
        order.put_order,
        _FOLLOWING,
        body=OrderBody,
        answer=OrderAnswer,
        examples={
            "un ordre": {
                "value": {
                    "order": ["R-AAAAABBBBB", "R-CCCCCDDDDD"],
                    "added": [],
                    "aside": [{"candidate_id": "R-EEEEEFFFFF", "reason": "person_distance"}],
                }
            }
        },
        stores=True,
        scope=Scope.WRITE,
        statuses=(404, 409, 412),
    ),
    Route(
        "GET",
        "/outcomes",
        "outcomes",
        "Les suites données, pour apprendre",
        "La table OUTCOMES que lit « clausematch train », avec des références à la place des identifiants : celles "
        "de ses postes (facilitateur), ou toutes (audit). Les personnes effacées n'y sont plus.",
        outcomes.outcomes,
        frozenset({Role.FACILITATOR, Role.AUDITOR}),
        query=OutcomesQuery,
        answer=OutcomesAnswer,
        also=("text/csv",),
    ),
)
