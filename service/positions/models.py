"""What the routes about positions take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from service.models import Day, Jobs, RowsBody, _Body, _Row
from service.paging import PageQuery
from service.people.models import TEXT, Counts, Facts


class PositionsBody(RowsBody):
    """Des postes de son organisme."""

    positions: Jobs = Field(description="Les postes, un par objet, reconnus par `position_id`.")


class PositionChange(_Body):
    """Des colonnes à changer, et si le poste est fermé."""

    facts: Facts | None = None
    closed: bool | None = Field(None, description="true : ne plus proposer personne ; false : rouvrir.")


class PositionLine(_Row):
    """Ce que devient une ligne."""

    row: int = Field(description="La première ligne de la liste est 1.")
    position_id: str | None
    result: Literal["created", "updated", "unchanged", "error"]
    column: str | None = Field(description="La colonne en cause, pour une erreur.")
    message: str | None = Field(description="Ce qui ne va pas et comment le corriger.")
    changed: list[str] = Field(description="Les colonnes qui changent, pour une ligne `updated`.")


class PositionsReport(Counts):
    """Le compte rendu d'un envoi, ligne par ligne."""

    report: list[PositionLine]


class PositionsQuery(PageQuery):
    """Les paramètres de la liste des postes."""

    award_id: Annotated[
        str | None, Field(min_length=1, max_length=200, pattern=TEXT, description="Ceux de ce contrat seulement.")
    ] = None
    open: Annotated[
        bool | None, Field(description="true : ceux qui cherchent encore ; false : ceux qui ne cherchent plus.")
    ] = None
    start_from: Annotated[Day | None, Field(description="Ceux qui commencent ce jour ou après.")] = None
    start_until: Annotated[Day | None, Field(description="Ceux qui commencent ce jour ou avant.")] = None
    q: Annotated[
        str | None,
        Field(min_length=1, max_length=100, pattern=TEXT, description="Mots de l'intitulé, de l'employeur, du lieu."),
    ] = None
    sort: Annotated[
        Literal["position_id", "start"], Field(description="start : par date de début, inconnue à la fin.")
    ] = "position_id"


class Position(_Row):
    """Un poste ; `version` sert à If-Match."""

    position_id: str
    own: bool = Field(description="Le poste est de votre organisme.")
    version: int
    openings: int
    filled: int
    closed: bool
    facts: dict[str, Any]


class PositionsPage(_Row):
    """Une page de postes ; `next` est nul à la fin."""

    positions: list[Position]
    next: str | None


class ChangedPosition(Position):
    """Un poste une fois changé, et ce qu'il faut savoir de ses faits."""

    warnings: list[str]
