"""What the addresses of hours take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from service.models import RowsBody, _Row
from service.paging import PageQuery
from service.people.models import TEXT, Counts

_ROWS = {
    "type": "array",
    "items": {
        "anyOf": [
            {"$ref": "#/components/schemas/HoursRow"},
            {"description": "Toute autre valeur : la ligne est mise de côté dans `report`."},
        ]
    },
}


class HoursBody(RowsBody):
    """Des heures faites, par contrat, personne, employeur, mode et mois."""

    hours: Annotated[list[Any], WithJsonSchema(_ROWS)] = Field(
        description="Une ligne par mois ; elle remplace celle des mêmes contrat, personne, employeur, mode et mois. "
        "0 heure corrige une ligne en trop."
    )


class HoursLine(_Row):
    """Ce que devient une ligne."""

    row: int = Field(description="La première ligne de la liste est 1.")
    award_id: str | None
    result: Literal["created", "updated", "unchanged", "error"]
    column: str | None = Field(description="La colonne en cause, pour une erreur.")
    message: str | None = Field(description="Ce qui ne va pas et comment le corriger.")


class HoursReport(Counts):
    """Le compte rendu d'un envoi, ligne par ligne."""

    report: list[HoursLine]


class HoursQuery(PageQuery):
    """Quelles heures lire."""

    award_id: Annotated[str | None, Field(max_length=200, pattern=TEXT, description="Celles d'un contrat.")] = None
    month: Annotated[str | None, Field(max_length=40, pattern=TEXT, description="Celles d'un mois, AAAA-MM.")] = None


class EnteredHours(_Row):
    """Une ligne enregistrée."""

    award_id: str
    candidate_id: str = Field(description="La référence de la personne.")
    employer: str
    mode: str
    month: str = Field(description="AAAA-MM.")
    hours: float


class HoursPage(_Row):
    """Une page d'heures, le dernier mois d'abord."""

    hours: list[EnteredHours]
    next: str | None = Field(description="Le `cursor` de la page suivante ; null à la fin.")


class ModeHours(_Row):
    """Les heures d'un mode : embauche directe, mise à disposition (ETTI, GEIQ, AI), sous-traitance (EI, ACI)."""

    mode: str
    planned: float
    signed: float
    done: float


class MonthHours(_Row):
    """Les heures d'un mois du contrat."""

    month: str = Field(description="AAAA-MM.")
    done: float
    so_far: float = Field(description="Heures faites jusqu'à la fin de ce mois.")
    expected: float | None = Field(description="Heures attendues à la fin de ce mois (ou ce jour), au prorata.")


class AwardHours(_Row):
    """Les heures d'un contrat ; docs/suivi-des-heures.md donne chaque formule."""

    due: float | None = Field(description="Heures dues ; vide si le contrat ne permet pas de les connaître.")
    planned: float = Field(description="Heures des postes ouverts.")
    signed: float = Field(description="Part des heures des postes qui revient aux places pourvues.")
    done: float = Field(description="Heures faites et comptées.")
    remaining: float | None = Field(description="Heures dues qui ne sont pas encore faites.")
    expected: float | None = Field(description="Heures attendues à ce jour, au prorata du temps passé.")
    late: float | None = Field(description="Heures qui devraient être faites et ne le sont pas.")
    by_mode: list[ModeHours]
    by_month: list[MonthHours]
