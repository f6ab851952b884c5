"""What the addresses of hours take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from service.people.models import Counts

_ROWS = {
    "type": "array",
    "items": {
        "anyOf": [
            {"$ref": "#/components/schemas/HoursRow"},
            {"description": "Toute autre valeur : la ligne est mise de côté dans `report`."},
        ]
    },
}


class HoursBody(BaseModel):
    """Des heures faites, par contrat, personne, employeur, mode et mois."""

    model_config = ConfigDict(extra="forbid", strict=True)

    hours: Annotated[list[Any], WithJsonSchema(_ROWS)] = Field(
        description="Une ligne par mois ; elle remplace celle des mêmes contrat, personne, employeur, mode et mois. "
        "0 heure corrige une ligne en trop."
    )


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


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


class ModeHours(_Row):
    """Les heures d'un mode : embauche directe, mise à disposition (ETTI, GEIQ, AI), sous-traitance (EI, ACI)."""

    mode: str
    planned: float
    signed: float
    done: float


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
