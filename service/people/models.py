"""What the routes about people take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from service.models import People, RowsBody, _Body, _Row
from service.paging import PageQuery

TEXT = r"^[^\x00-\x1f]*$"
Facts = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "additionalProperties": True}),
    Field(description="Colonne → valeur, comme une ligne de PUT ; une colonne absente reste, null efface."),
]


class CandidatesBody(RowsBody):
    """Des personnes de son organisme."""

    candidates: People = Field(description="Les personnes, une par objet, reconnues par `candidate_id`.")


class ChangeBody(_Body):
    """Des colonnes à changer."""

    facts: Facts


class CandidateLine(_Row):
    """Ce que devient une ligne."""

    row: int = Field(description="La première ligne de la liste est 1.")
    candidate_id: str | None
    result: Literal["created", "updated", "unchanged", "error"]
    column: str | None = Field(description="La colonne en cause, pour une erreur.")
    message: str | None = Field(description="Ce qui ne va pas et comment le corriger.")
    changed: list[str] = Field(description="Les colonnes qui changent, pour une ligne `updated`.")


class Counts(_Row):
    """Combien de lignes ont créé, changé, laissé tel quel, ou n'ont pas pu être lues."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    dry_run: bool
    warnings: list[str]


class CandidatesReport(Counts):
    """Le compte rendu d'un envoi, ligne par ligne."""

    report: list[CandidateLine]


class CandidatesQuery(PageQuery):
    """Les paramètres de la liste des personnes."""

    q: Annotated[
        str | None,
        Field(min_length=1, max_length=100, pattern=TEXT, description="Début de l'identifiant, du nom ou du prénom."),
    ] = None


class CandidateShort(_Row):
    """Une personne dans une liste."""

    candidate_id: str
    reference: str
    first_name: str | None
    last_name: str | None
    facts_on: str | None
    last_action_on: str
    objection: bool | None
    version: int


class CandidatesPage(_Row):
    """Une page de personnes ; `next` est nul à la fin."""

    candidates: list[CandidateShort]
    next: str | None


class Candidate(_Row):
    """Une personne et ses faits ; `version` sert à If-Match."""

    candidate_id: str
    reference: str
    version: int
    last_action_on: str
    facts: dict[str, Any]
    warnings: list[str]


class PastFacts(_Row):
    """Les faits tels qu'ils étaient, et quand ils ont été remplacés."""

    since: str | None
    until: str | None
    facts: dict[str, Any]


class Loose(BaseModel):
    """Une ligne dont les colonnes sont celles de la table."""

    model_config = ConfigDict(extra="allow")


class LogLine(_Row):
    """Une ligne du journal où la personne est nommée."""

    seq: int
    at: str
    actor: str
    organisation: str | None
    action: str
    object: str


class File(_Row):
    """Tout ce que le service garde d'une personne."""

    candidate_id: str
    reference: str
    organisation: str
    version: int
    last_action_on: str
    kept_until: str = Field(description="Effacement si plus rien ne se passe d'ici là.")
    facts: dict[str, Any]
    history: list[PastFacts]
    proposals: list[Loose]
    hours: list[Loose]
    orders: list[Loose]
    log: list[LogLine] = Field(description="Chaque action sur la personne.")
    seen: list[LogLine] = Field(description="Qui a vu ses données.")
