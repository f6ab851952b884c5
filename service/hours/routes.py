"""The address of hours."""

from __future__ import annotations

from service.access.principals import Role, Scope
from service.hours import reading, work
from service.hours.models import HoursBody, HoursPage, HoursQuery, HoursReport
from service.merging import UpsertQuery
from service.routing import Route

ROUTES = (
    Route(
        "PUT",
        "/hours",
        "put_hours",
        "Noter les heures faites",
        "Par contrat de son organisme, personne (sa référence), employeur, mode et mois. Une heure enregistrée est "
        "une heure qui compte : une ligne hors des limites (mois du contrat, heures par mois, 24 mois par employeur, "
        "éligibilité validée) est refusée avec son motif, les autres passent.",
        work.put,
        frozenset({Role.FACILITATOR}),
        query=UpsertQuery,
        body=HoursBody,
        answer=HoursReport,
        examples={
            "un mois": {
                "value": {
                    "hours": [
                        {
                            "award_id": "21910228000019-2026T01",
                            "candidate_id": "R-AAAAABBBBB",
                            "employer": "Entreprise d'exemple",
                            "mode": "direct",
                            "month": "2026-10",
                            "hours": 120.5,
                        }
                    ]
                }
            }
        },
        bulk=True,
        stores=True,
        scope=Scope.WRITE,
    ),
    Route(
        "GET",
        "/hours",
        "list_hours",
        "Lire les heures enregistrées",
        "Celles des contrats de son organisme, par page, le dernier mois d'abord ; d'un contrat ou d'un mois si on "
        "le demande. La personne y est par sa référence ; le journal garde qui les a lues. Les heures d'une personne "
        "effacée n'y sont plus : elles restent dans le total du contrat.",
        reading.listing,
        frozenset({Role.FACILITATOR}),
        query=HoursQuery,
        answer=HoursPage,
        statuses=(422,),
    ),
)
