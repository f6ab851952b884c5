"""What the routes about awards take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from service.hours.models import AwardHours
from service.models import Count, Names, RowsBody, _Row
from service.paging import PageQuery
from service.people.models import Counts

_NOTICES = {
    "anyOf": [{"type": "object", "additionalProperties": True}, {"type": "array", "items": {}}],
}
Notices = Annotated[Any, WithJsonSchema(_NOTICES)]


class AwardsBody(RowsBody):
    """Des notices d'attribution : `marches` comme publié (DECP 2019 ou 2022), ou `awards`, les lignes d'une table."""

    awards: list[Any] | None = Field(None, description="Des lignes de la table des attributions, ou des notices.")
    marches: Notices | None = Field(None, description="Le contenu de « marches » d'un fichier DECP.")
    social: Names | None = Field(None, description="Comme --social ; « Clause sociale » par défaut.")
    place: str | None = Field(None, max_length=20, description="Comme --place : début du code INSEE, ou R11.")
    weekly_hours: float | None = Field(None, description="Heures par semaine des postes ; 35 par défaut.")
    months: float | None = Field(None, description="Durée visée d'un contrat de travail, en mois ; 3 par défaut.")
    asked: Count | None = Field(None, ge=1, description="Personnes voulues par liste.")


class AwardLine(_Row):
    """Ce que devient une notice."""

    row: int = Field(description="La première notice est 1.")
    award_id: str | None
    result: Literal["created", "updated", "unchanged", "not_selected", "error"]
    hours: float | None = Field(description="Heures dues, arrondies.")
    positions: int = Field(description="Postes créés.")
    column: str | None
    message: str | None = Field(description="Pourquoi la notice n'ouvre pas de poste, ou ce qui ne va pas.")


class AwardsReport(Counts):
    """Le compte rendu d'un envoi, notice par notice."""

    not_selected: int
    positions: int = Field(description="Postes créés.")
    report: list[AwardLine]


class AwardsQuery(PageQuery):
    """Les paramètres de la liste des contrats."""


class AwardShort(_Row):
    """Un contrat dans une liste."""

    award_id: str
    object: str | None
    buyer_siret: str | None
    notified_on: str | None
    ends_on: str | None
    hours_due: float | None
    version: int


class AwardsPage(_Row):
    """Une page de contrats ; `next` est nul à la fin."""

    awards: list[AwardShort]
    next: str | None


class Award(AwardShort):
    """Un contrat : sa notice, ses postes et ses heures."""

    award: dict[str, Any] = Field(description="La ligne de awards.csv.")
    positions: list[str]
    hours: AwardHours
