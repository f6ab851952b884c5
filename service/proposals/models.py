"""What the addresses of proposals take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from matcher.locale import _
from service.models import Count, Day, _Row
from service.paging import PageQuery
from service.people.models import TEXT
from service.proposals.moves import DECIDERS, REASONS, Stage

MOST_MONTHS = 120
MOST_PLACES = 1000


def _among(words: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in words:
            text = _("valeur non prévue ; valeurs admises : {words}").format(words=", ".join(words))
            raise PydanticCustomError("bad_value", "{text}", {"text": text})
        return value

    return AfterValidator(check)


def _words(words: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(words)})


def _months(value: float) -> float:
    if not 0 < value <= MOST_MONTHS:
        text = _("durée en mois, plus de 0 et au plus {most}").format(most=MOST_MONTHS)
        raise PydanticCustomError("bad_value", "{text}", {"text": text})
    return value


STAGES = tuple(map(str, Stage))
CODES = tuple(REASONS)
CONTRACTS = ("permanent", "fixed", "temporary")
StageName = Annotated[str, _among(STAGES), _words(STAGES)]
Reason = Annotated[str, _among(CODES), _words(CODES)]
Decider = Annotated[str, _among(DECIDERS), _words(DECIDERS)]
Contract = Annotated[str, _among(CONTRACTS), _words(CONTRACTS)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=TEXT)]
Months = Annotated[
    float,
    AfterValidator(_months),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MOST_MONTHS}),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewProposal(_Body):
    """Proposer une personne de son organisme pour un poste."""

    position_id: Name = Field(description="Le poste.")
    candidate_id: Name = Field(description="La personne, par l'identifiant de l'organisme.")
    human_rank: Count | None = Field(None, ge=1, description="Rang que l'on donne à la personne sur ce poste.")


class ProposalChange(_Body):
    """L'étape suivante d'une proposition, ou ce que l'on corrige."""

    stage: StageName | None = Field(None, description="L'étape atteinte.")
    reason: Reason | None = Field(None, description="Motif ; obligatoire pour un refus, possible pour un retrait.")
    decided_by: Decider | None = Field(
        None, description="Qui a décidé ; sinon la personne dont c'est d'ordinaire le choix à cette étape."
    )
    on: Day | None = Field(None, description="Jour où cela a eu lieu ; aujourd'hui par défaut.")
    human_rank: Count | None = Field(None, ge=1, description="Rang que l'on donne à la personne sur ce poste.")
    contract: Contract | None = Field(
        None, description="Contrat d'une embauche : durée indéterminée, déterminée, mission."
    )
    contract_months: Months | None = Field(None, description="Durée du contrat, en mois ; vide s'il est sans terme.")


class ProposalQuery(PageQuery):
    """Les propositions à lister."""

    position_id: Name | None = Field(None, description="Celles d'un poste.")
    candidate_id: Name | None = Field(None, description="Celles d'une personne de son organisme (conseiller).")
    stage: StageName | None = Field(None, description="Celles à une étape.")
    waiting_since: Day | None = Field(
        None, description="Celles qui attendent une suite depuis ce jour ou avant : la dernière étape date d'alors."
    )


class Contact(_Row):
    """Comment joindre la personne et son conseiller, une fois qu'elle est proposée pour ce poste."""

    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    adviser: str | None


class Step(_Row):
    """Une étape : quand, par qui, pourquoi."""

    stage: str
    happened_on: str
    decided_by: str | None
    reason: str | None
    actor: str = Field(description="La clé ou le membre qui l'a noté.")
    at: str


class Proposal(_Row):
    """Une proposition et son état. `candidate_id` est une référence pour qui ne suit pas la personne."""

    proposal_id: str
    position_id: str
    candidate_id: str | None = Field(description="Vide une fois la personne effacée.")
    stage: str
    listed_by: str = Field(description="model : la grille la listait ; adviser : ajoutée par son conseiller.")
    shown_rank: int | None = Field(description="Rang donné par la grille au moment de proposer.")
    shown_score: float | None
    human_rank: int | None
    scorecard: str
    decision: str | None
    decided_by: str | None
    decided_on: str | None
    reason: str | None
    proposed_on: str
    last_step_on: str
    contract: str | None
    contract_months: float | None
    next: list[str] = Field(description="Les étapes que cette clé peut noter maintenant.")
    version: int


class ProposalSteps(Proposal):
    """Une proposition et ses étapes."""

    steps: list[Step]


class ProposalSeen(ProposalSteps):
    """Une proposition, ses étapes, et le contact pour le facilitateur du poste."""

    contact: Contact | None


class ProposalPage(_Row):
    """Une page de propositions ; `next` est à redonner en `cursor`."""

    proposals: list[Proposal]
    next: str | None


class Aside(_Body):
    """Une personne mise de côté, et pourquoi."""

    candidate_id: Name
    reason: Reason


class OrderBody(_Body):
    """L'ordre que l'on donne, à côté de celui de la grille."""

    order: list[Name] = Field(default_factory=list, max_length=MOST_PLACES, description="La première d'abord.")
    added: list[Name] = Field(
        default_factory=list, max_length=MOST_PLACES, description="Celles que la grille ne liste pas."
    )
    aside: list[Aside] = Field(default_factory=list, max_length=MOST_PLACES, description="Celles mises de côté.")


class Place(_Row):
    """La place d'une personne dans l'ordre donné."""

    candidate_id: str | None
    place: int | None
    added: bool
    aside: str | None


class OrderAnswer(_Row):
    """L'ordre gardé pour ce poste."""

    position_id: str
    places: list[Place]


class OutcomesQuery(_Body):
    """Comment rendre les suites données."""

    format: Literal["json", "csv"] = Field("json", description="json ou csv.")


class Outcome(_Row):
    """Une ligne de la table OUTCOMES."""

    proposal_id: str
    position_id: str
    candidate_id: str
    proposed_on: str | None
    shown_rank: int | None
    shown_score: float | None
    listed_by: str | None
    human_rank: int | None
    scorecard: str | None
    decision: str | None
    decided_by: str | None
    stage: str | None
    reason: str | None
    decided_on: str | None


class OutcomesAnswer(_Row):
    """Les suites données."""

    outcomes: list[Outcome]
