"""What the routes of lists take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from service.models import Listed, _Row
from service.proposals.models import Contact

MOST_LISTED = 1000
Top = Annotated[int | None, Field(ge=1, le=MOST_LISTED, description="Lignes de la liste, au plus.")]
Outcome = Literal["eligible", "to_verify", "not_eligible"]


class TopQuery(_Row):
    """Combien de lignes."""

    top: Top = None


class ShortlistQuery(TopQuery):
    """Combien de lignes, et avec quoi."""

    contributions: Annotated[bool, Field(description="true : ce que chaque critère apporte à chaque ligne.")] = False


class SheetQuery(_Row):
    """Pour qui, et sous quelle forme."""

    candidates: Annotated[
        str | None,
        Field(description="Des personnes, séparées par | ; toutes celles qui peuvent y figurer sans ce paramètre."),
    ] = None
    format: Annotated[Literal["json", "csv", "xlsx"], Field(description="json, csv ou xlsx.")] = "json"


class PairPart(_Row):
    """Ce qu'un critère de la grille apporte."""

    feature: str
    title: str
    level: str
    text: str
    points: int
    most: int
    side: str


class ListProposal(_Row):
    """La proposition d'une personne pour ce poste."""

    proposal_id: str
    stage: str


class ShortlistLine(Listed):
    """Une personne pour ce poste. Les catégories et les faits à demander sont, pour qui ne suit pas la personne, sans
    ceux qui disent la santé, la justice ou un minimum social."""

    rank: int | None = Field(description="Rang donné par la grille ; vide si un critère met la personne de côté.")  # type: ignore[assignment]
    score: float | None  # type: ignore[assignment]
    own: bool = Field(description="Une personne de votre organisme ; sinon `candidate_id` est une référence.")
    place: int | None = Field(description="Place dans l'ordre donné par le facilitateur.")
    added: bool = Field(description="Ajoutée à la main, la grille ne la listait pas.")
    aside: str | None = Field(description="Mise de côté, pour ce motif.")
    proposal: ListProposal | None
    contact: Contact | None = Field(description="Nom et contact, une fois la personne proposée pour ce poste.")
    contributions: list[PairPart] | None = Field(description="Avec `contributions=true`, comme dans l'explication.")


class ListExclusion(_Row):
    """Combien de personnes un critère met de côté."""

    filter: str
    label: str
    people: int | None = Field(description="Vide en dessous de 5.")


class Shortage(_Row):
    """Une liste plus courte que demandé."""

    asked: int
    listed: int
    reason: str


class ShortlistAnswer(_Row):
    """La liste d'un poste : celle de la grille, et à côté l'ordre des personnes qui décident."""

    position_id: str
    on: str
    scorecard: str
    asked: int
    order_version: int = Field(description="Version de l'ordre donné, à redonner en If-Match pour le changer.")
    people: list[ShortlistLine]
    exclusions: list[ListExclusion]
    unfilled: Shortage | None


class SuitablePosition(Listed):
    """Un poste pour cette personne ; `rank` est sa place dans cette liste-ci."""

    title: str | None
    employer: str | None
    start_date: str | None


class SuitableAnswer(_Row):
    """Les postes ouverts qui vont le mieux à une personne."""

    candidate_id: str
    on: str
    aside: Literal["objection", "right_to_work"] | None = Field(description="Pourquoi rien n'est proposé.")
    positions: list[SuitablePosition]


class PairObstacle(_Row):
    """Un critère qui met la personne de côté."""

    filter: str
    label: str
    change: str | None = Field(description="Ce qui le lèverait.")


class PairAnswer(_Row):
    """Une personne et un poste : éligibilité, score, ce qui manque, ce qui changerait le résultat."""

    position_id: str
    candidate_id: str
    own: bool
    title: str
    on: str
    outcome: Outcome
    at_start: str | None
    categories: list[str]
    possible: list[str]
    missing: list[str]
    next_step: str | None = Field(description="Vide pour qui ne suit pas la personne.")
    proof: str
    rules: str
    rank: int | None
    absence: str | None = Field(description="Pourquoi la personne n'est pas sur la liste.")
    score: float | None
    raw: int | None
    base: int
    scorecard: str
    meaning: str
    distance_km: float | None
    distance: str
    obstacles: list[PairObstacle]
    contributions: list[PairPart]
    changes: list[str]
    text: str | None = Field(description="Le tout en phrases ; vide pour qui ne suit pas la personne.")


class SheetName(_Row):
    """Qui est qui, pour le facilitateur seul."""

    candidate_id: str
    reference: str


class SheetRefusal(_Row):
    """Une personne qui n'y figure pas, et la règle qui l'en tient."""

    candidate_id: str
    rule: str


class SheetAnswer(_Row):
    """La fiche pour l'employeur : une ligne par personne, et rien d'autre que ces colonnes."""

    position_id: str
    people: list[dict[str, Any]]
    references: list[SheetName] = Field(description="Vide pour l'entreprise.")
    refused: list[SheetRefusal] = Field(description="Vide pour l'entreprise.")
