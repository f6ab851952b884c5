"""The description of the service at /openapi.json, in French, with examples that work."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.examples import EXAMPLES
from service.models import EligibilityRequest, MatchRequest, ProblemDetails
from service.problems import MEDIA_TYPE
from service.rows import input_rows

ABOUT = (
    "Éligibilité aux clauses sociales et listes de personnes pour des postes. Sans mémoire : les personnes et les "
    "postes sont dans la demande, rien n'est gardé. Ne répond qu'à la machine où il tourne. Les refus sont des "
    "« problem details » (RFC 9457), en français ou en anglais selon Accept-Language, avec les mots de la commande."
)
_POSTS: dict[str, tuple[str, str, type[Any]]] = {
    "eligibility": (
        "Décider de l'éligibilité de personnes",
        "Une décision par personne, ses motifs, les faits qui manquent, la suite à donner. Les lignes "
        "illisibles vont dans `rejected`, les autres continuent. `categories`, `possible`, `missing` : des listes.",
        EligibilityRequest,
    ),
    "match": (
        "Classer des personnes pour des postes",
        "Pour chaque poste, la liste des personnes, classée et motivée : la même que `clausematch match` avec les "
        "mêmes tables. `categories` et `missing` sont des listes.",
        MatchRequest,
    ),
}
# What each status of the kinds of refusal means here.
_REFUSALS = {
    400: "Corps mal formé : ni JSON, ni la forme attendue.",
    408: "Corps trop lent à venir.",
    413: "Corps, table ou calcul trop grand.",
    415: "Autre chose que du JSON en UTF-8.",
    421: "Demande adressée à un autre nom que cette machine.",
    422: "Valeur inutilisable, NIR, ou aucune ligne utilisable (motifs dans `rejected`).",
    500: "Défaut du service.",
    503: "Service occupé (voir Retry-After) ou machine en défaut.",
}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": _REFUSALS[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def post_docs(name: str) -> dict[str, Any]:
    """The documentation of a POST route, as arguments of FastAPI's decorator."""
    summary, description, model = _POSTS[name]
    content = {
        "application/json": {
            "schema": {"$ref": f"#/components/schemas/{model.__name__}"},
            "examples": EXAMPLES[name],
        }
    }
    return {
        "operation_id": name,
        "summary": summary,
        "description": description,
        "responses": _refusals(*_REFUSALS),
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
    }


def health_docs(path: str) -> dict[str, Any]:
    """The documentation of the health routes."""
    return {
        "operation_id": "health" if path.startswith("/api") else "health_root",
        "summary": "Le service répond-il ?",
        "responses": _refusals(421, 500),
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document: FastAPI's, with the models that routes read by themselves."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models: list[Any] = [EligibilityRequest, MatchRequest, ProblemDetails, *input_rows().values()]
    template = "#/components/schemas/{model}"
    _map, definitions = models_json_schema([(model, "validation") for model in models], ref_template=template)
    document["components"]["schemas"].update(definitions["$defs"])
    return document
