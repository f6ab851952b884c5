"""The address of indicators."""

from __future__ import annotations

from service.access.principals import Role
from service.indicators import work
from service.indicators.models import IndicatorsAnswer, IndicatorsQuery
from service.routing import Route

ROUTES = (
    Route(
        "GET",
        "/indicators",
        "indicators",
        "Les indicateurs de la charte",
        "Heures, personnes, contrats, acheteurs, durée moyenne des contrats, femmes, RSA, QPV, handicap, sorties "
        "durables, par période, acheteur, contrat ou lieu. Les groupes de moins de 5 personnes sont tus, et ce qui "
        "les ferait deviner aussi, par une somme ou une différence de périodes. Un facilitateur a ceux de ses "
        "contrats ; l'audit et l'administration, tous.",
        work.indicators,
        frozenset({Role.FACILITATOR, Role.AUDITOR, Role.ADMIN}),
        query=IndicatorsQuery,
        answer=IndicatorsAnswer,
        heavy=True,
        statuses=(422,),
    ),
)
