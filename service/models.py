"""What the endpoints take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from matcher.engine import DEFAULT_TOP
from matcher.locale import _
from matcher.rules import PACK_IDS
from matcher.rules.modes import MODES
from matcher.tables.cells import BadCell, parse_date

LARGEST = 100_000  # people on a list, lists for a person: the bound of the column `asked`


def _bad(kind: Literal["bad_type", "bad_value"], text: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "{text}", {"text": text})


def _whole(value: object) -> object:
    """JSON knows one kind of number: 5 and 5.0 are the same whole number; true is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad("bad_type", _("nombre entier attendu, sans décimales"))
    if isinstance(value, float) and not value.is_integer():
        raise _bad("bad_type", _("nombre entier attendu, sans décimales"))
    return int(value)


def _day(value: object) -> object:
    if not isinstance(value, str):
        raise _bad("bad_type", _("une date est attendue, écrite AAAA-MM-JJ."))
    try:
        return parse_date(value)
    except BadCell as error:
        raise _bad("bad_value", str(error)) from None


def _names(value: object) -> object:
    """A JSON list of names, or one text separated by `|` (or commas, as on the command line)."""
    items: Sequence[object] = value.replace(",", "|").split("|") if isinstance(value, str) else ()
    if isinstance(value, list):
        items = value
    elif not isinstance(value, str):
        raise _bad("bad_type", _("une liste de noms est attendue."))
    if not all(isinstance(item, str) for item in items):
        raise _bad("bad_type", _("une liste de noms est attendue."))
    return tuple(name for name in (str(item).strip() for item in items) if name)


def _rows_schema(model: str) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {
            "anyOf": [
                {"$ref": f"#/components/schemas/{model}"},
                {"description": "Toute autre valeur : la ligne est mise de côté dans `rejected`."},
            ]
        },
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_NAMES = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
_COUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST}

People = Annotated[list[Any], WithJsonSchema(_rows_schema("CandidateRow"))]
Jobs = Annotated[list[Any], WithJsonSchema(_rows_schema("PositionRow"))]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Names = Annotated[tuple[str, ...], BeforeValidator(_names), WithJsonSchema(_NAMES)]
Count = Annotated[int, BeforeValidator(_whole), Field(le=LARGEST), WithJsonSchema(_COUNT)]
Pack = Annotated[str, WithJsonSchema({"type": "string", "enum": list(PACK_IDS)})]
Mode = Annotated[str, WithJsonSchema({"type": "string", "enum": [*MODES, "EITI"]})]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RowsBody(_Body):
    """Rows under the first field of the object; a list alone is read as that field."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: object) -> object:
        return {next(iter(cls.model_fields)): data} if isinstance(data, list) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(core)
        schema = handler.resolve_ref_schema(reference)
        whole = {key: value for key, value in schema.items() if key not in ("title", "description")}
        rows = whole["properties"][next(iter(cls.model_fields))]
        for key in whole:
            del schema[key]
        alone = {"type": "array", "items": rows.get("items", {}), "description": "Les lignes seules."}
        schema["anyOf"] = [whole, alone]
        return reference


class EligibilityRequest(_Body):
    """Des personnes, et les règles à leur appliquer."""

    candidates: People = Field(description="Les personnes, une par objet.")
    rules: Pack | None = Field(None, description="Règles d'éligibilité ; sinon celles du mode, sinon ccag-2021.")
    mode: Mode | None = Field(None, description="Mode de réalisation ; obligatoire pour iae-2021.")
    on: Day | None = Field(None, description="Jour de la décision ; aujourd'hui par défaut.")
    assume_no: Names | None = Field(None, description="Colonnes dont une case vide veut dire non.")
    require_proof: bool | None = Field(None, description="Sans justificatif vu, éligible devient à vérifier.")


class MatchRequest(_Body):
    """Des personnes et des postes."""

    positions: Jobs = Field(description="Les postes, un par objet.")
    candidates: People | None = Field(
        None, description="Les personnes, une par objet ; sans elles, celles que le service garde."
    )
    rules: Pack | None = Field(None, description="Règles des postes en direct qui n'en nomment pas.")
    on: Day | None = Field(None, description="Jour des décisions ; aujourd'hui par défaut.")
    top: Count | None = Field(
        None, description=f"Personnes par liste, quand le poste ne le dit pas ; {DEFAULT_TOP} par défaut."
    )
    max_per_candidate: Count | None = Field(None, description="Listes au plus par personne ; sans limite par défaut.")
    complete: Names | None = Field(
        None, description="Colonnes dont les listes sont complètes : certificates, skills."
    )
    assume_no: Names | None = Field(None, description="Colonnes dont une case vide veut dire non.")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Rejected(_Row):
    """Une ligne mise de côté ; `value` est vide pour l'identité, la santé et la justice."""

    file: str
    row: int = Field(description="La première ligne de la liste est 1.")
    column: str
    value: str
    message: str


class Decision(_Row):
    """La décision pour une personne."""

    candidate_id: str
    position_id: str | None
    outcome: Literal["eligible", "to_verify", "not_eligible"]
    categories: list[str]
    possible: list[str]
    missing: list[str]
    at_start: str | None
    next_step: str
    proof: Literal["seen", "stale", "missing"]
    rules: str
    on: date


class Listed(_Row):
    """Une personne sur la liste d'un poste."""

    position_id: str
    rank: int
    candidate_id: str
    score: float
    outcome: Literal["eligible", "to_verify", "not_eligible"]
    at_start: str | None
    categories: list[str]
    missing: list[str]
    distance_km: float | None
    strengths: str
    concerns: str
    rules: str
    meaning: str


class Excluded(_Row):
    """Combien de personnes un filtre met de côté pour un poste."""

    position_id: str
    filter: str
    people: int


class Unfilled(_Row):
    """Un poste dont la liste est plus courte que demandé."""

    position_id: str
    asked: int
    listed: int
    reason: str


class EligibilityAnswer(_Row):
    """Une décision par personne lue, dans l'ordre de la demande."""

    decisions: list[Decision]
    rejected: list[Rejected]
    warnings: list[str]


class MatchAnswer(_Row):
    """Les listes, triées par poste puis par rang, et ce qui les explique."""

    shortlists: list[Listed]
    exclusions: list[Excluded]
    unfilled: list[Unfilled]
    rejected: list[Rejected]
    warnings: list[str]


class Health(_Row):
    """Le service répond."""

    status: Literal["ok"]
    version: str


class Ready(_Row):
    """Le service peut répondre à tout : base, tables, personnes en mémoire."""

    status: Literal["ready"]
    version: str
    step: str


class FieldError(_Row):
    """Un champ du corps et ce qui ne va pas."""

    pointer: str
    detail: str


class ProblemDetails(_Row):
    """Un refus (RFC 9457), en français ou en anglais selon Accept-Language ; `code` est stable."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldError] | None = None
    rejected: list[Rejected] | None = None
