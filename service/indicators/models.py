"""What the address of indicators takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.models import _Row
from service.people.models import TEXT

_Text = Annotated[str, Field(min_length=1, max_length=40, pattern=TEXT)]


class IndicatorsQuery(BaseModel):
    """Sur quoi portent les indicateurs."""

    model_config = ConfigDict(extra="forbid")

    from_: _Text | None = Field(None, alias="from", description="Premier mois, AAAA-MM ; depuis le début par défaut.")
    to: _Text | None = Field(None, description="Dernier mois, AAAA-MM ; le mois en cours par défaut.")
    buyer: _Text | None = Field(None, description="SIRET d'un acheteur.")
    award_id: Annotated[str | None, Field(max_length=200, pattern=TEXT, description="Un contrat.")] = None
    place: _Text | None = Field(None, description="Début du code INSEE du lieu des contrats : 91, 91228, R11.")
    by: Literal["month", "quarter", "year"] | None = Field(None, description="Détail par mois, trimestre ou année.")
    each: Literal["buyer", "award", "both"] | None = Field(
        None, description="Détail par acheteur, par contrat, ou les deux l'un après l'autre."
    )


class Figures(_Row):
    """Des chiffres ; null quand il faut les taire (voir `hidden`)."""

    hours: float = Field(description="Heures faites et comptées.")
    people: int | None = Field(description="Personnes qui ont des heures ou une embauche.")
    contracts: int = Field(description="Contrats qui ont des heures ou une embauche.")
    buyers: int
    hires: int | None
    average_months: float | None = Field(description="Durée moyenne des contrats de travail à terme, en mois.")
    durable: int | None = Field(description="Embauches durables : sans terme, ou plus de 6 mois.")
    women: int | None
    rsa: int | None
    qpv: int | None
    disability: int | None
    hidden: list[str] = Field(description="Chiffres tus : un groupe de moins de 5, ou qui en ferait deviner un.")


class Indicators(Figures):
    """Les chiffres d'une période."""

    period: str | None = Field(description="2026-05, 2026-T2 ou 2026 ; null pour l'ensemble.")


class PartIndicators(Figures):
    """Les chiffres d'un acheteur ou d'un contrat."""

    part: Literal["buyer", "award"] = Field(description="De quoi sont ces chiffres : un acheteur, ou un contrat.")
    buyer: str | None = Field(description="SIRET de l'acheteur ; null sans contrat.")
    award_id: str | None = Field(description="Le contrat ; null pour un acheteur, ou pour des postes sans contrat.")


class Aims(_Row):
    """Ce que visait la charte."""

    hours: int
    people: int
    source: str


class IndicatorsAnswer(_Row):
    """Les indicateurs de la charte."""

    from_: str | None = Field(alias="from")
    to: str
    total: Indicators
    periods: list[Indicators]
    parts: list[PartIndicators] = Field(
        description="Les 100 premiers de chaque sorte par les heures ; vide sans « each »."
    )
    aims: Aims | None = Field(description="Donné pour l'Essonne seulement.")
