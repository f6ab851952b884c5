"""The addresses about awards."""

from __future__ import annotations

from service.access.principals import Role, Scope
from service.awards import resource
from service.awards.models import Award, AwardsBody, AwardsPage, AwardsQuery, AwardsReport
from service.examples import EXAMPLES
from service.merging import UpsertQuery
from service.routing import Route

_FACILITATOR = frozenset({Role.FACILITATOR})

ROUTES = (
    Route(
        "POST",
        "/awards",
        "post_awards",
        "Suivre des contrats attribués",
        "Les notices sont lues et converties comme par `clausematch awards` ; celles que `social` et `place` "
        "retiennent sont gardées, avec les postes qu'elles ouvrent. Une notice renvoyée remplace la sienne ; ses "
        "postes déjà là restent comme ils sont.",
        resource.post,
        _FACILITATOR,
        query=UpsertQuery,
        body=AwardsBody,
        answer=AwardsReport,
        examples=EXAMPLES["post_awards"],
        bulk=True,
        stores=True,
        scope=Scope.WRITE,
        statuses=(409,),
    ),
    Route(
        "GET",
        "/awards",
        "list_awards",
        "Les contrats de son organisme",
        "Par pages.",
        resource.listing,
        _FACILITATOR,
        query=AwardsQuery,
        answer=AwardsPage,
        statuses=(422,),
    ),
    Route(
        "GET",
        "/awards/{award_id}",
        "get_award",
        "Un contrat, ses heures dues, prévues, faites",
        "La ligne de awards.csv, ses postes, ses heures dues, prévues, signées, faites, qui restent et en retard.",
        resource.see,
        _FACILITATOR,
        answer=Award,
    ),
)
