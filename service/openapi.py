"""The description of the service at /openapi.json, in French, with examples that work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse, Response

from matcher import __version__
from service.models import ProblemDetails
from service.problems import MEDIA_TYPE
from service.routing import PREFIX, Route
from service.rows import input_rows

ABOUT = (
    "Éligibilité aux clauses sociales, listes de personnes pour des postes, suites données et heures faites. Une clé "
    "par organisme (`Authorization: Bearer CLÉ`) ; docs/acces.md dit ce que voit chaque rôle. Les refus sont des "
    "« problem details » (RFC 9457), en français ou en anglais selon Accept-Language, avec les mots de la commande."
)
# What each status of the kinds of refusal means here.
REFUSALS = {
    400: "Demande mal formée : ni JSON, ni la forme attendue, ou un paramètre inconnu.",
    401: "Clé absente, inconnue ou périmée.",
    403: "La clé n'a pas le rôle ou le droit qu'il faut.",
    404: "Rien de tel, ou rien que cette clé puisse connaître.",
    408: "Corps trop lent à venir.",
    409: "L'état ne le permet pas (plus de place, déjà proposée, suite impossible).",
    412: "Modifié depuis la version lue (If-Match).",
    413: "Corps, table ou calcul trop grand.",
    415: "Autre chose que du JSON en UTF-8.",
    421: "Demande adressée à un autre nom que ceux du service.",
    422: "Valeur inutilisable, NIR, ou aucune ligne utilisable (motifs dans `rejected`).",
    429: "Trop de demandes à la suite (voir Retry-After).",
    500: "Défaut du service.",
    503: "Service occupé (voir Retry-After), base ou machine en défaut.",
}
_ALWAYS = (421, 500, 503)
_KNOWN_CALLER = (401, 403, 429)
_WITH_BODY = (408, 413, 415, 422)
_SECURITY = {"clé": {"type": "http", "scheme": "bearer", "description": "Clé d'accès d'un organisme."}}


def refusals(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    """The refusals of these statuses, for FastAPI's `responses`."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": REFUSALS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted(set(statuses))
    }


@cache
def _shape(model: type[BaseModel]) -> str:
    """The schema of a model, as JSON: it is the same for every application of the process."""
    return json.dumps(model.model_json_schema())


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    shape = json.loads(_shape(route.query))
    needed = shape.get("required", ())
    for name, schema in shape.get("properties", {}).items():
        about = schema.pop("description", "")
        one = {"name": name, "in": "query", "required": name in needed, "schema": schema, "description": about}
        found.append(one)
    if route.posts_once:
        about = "Un nom pour cette demande : la renvoyer sous le même nom redonne la même réponse sans rien refaire."
        schema = {"type": "string", "minLength": 1, "maxLength": 255}
        found.append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema, "description": about}
        )
    return found


def documentation(route: Route) -> dict[str, Any]:
    """The documentation of a route, as arguments of FastAPI's `add_api_route`."""
    statuses = {400, *_ALWAYS, *route.statuses}
    extra: dict[str, Any] = {"parameters": _parameters(route)}
    if not route.public:
        statuses.update(_KNOWN_CALLER)
        extra["security"] = [{"clé": []}]
    if "{" in route.path:
        statuses.add(404)
    if route.query.model_fields:
        statuses.add(422)
    if route.body is not None:
        statuses.update(_WITH_BODY)
        reference = {"$ref": f"#/components/schemas/{route.body.__name__}"}
        content = {"application/json": {"schema": reference, "examples": dict(route.examples)}}
        extra["requestBody"] = {"required": True, "content": content}
    answers = refusals(one for one in statuses if one >= 400)
    if 304 in route.statuses:
        answers[304] = {"description": "Rien de changé depuis la version lue (If-None-Match)."}
    if route.media_type != "application/json":
        answers[200] = {"description": route.summary, "content": {route.media_type: {"schema": {"type": "string"}}}}
    if route.also:
        files = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in route.also}
        answers[200] = {"description": route.summary, "content": files}
    return {
        "operation_id": route.name,
        "summary": route.summary,
        "description": route.description,
        "response_model": route.answer,
        "response_class": JSONResponse if route.media_type == "application/json" else Response,
        "status_code": next((one for one in route.statuses if one in (201, 204)), 200),
        "responses": answers,
        "openapi_extra": extra,
    }


def describe(app: FastAPI, routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document: FastAPI's, with the models that the desk reads by itself."""
    document = get_openapi(title=app.title, version=__version__, description=app.description, routes=app.routes)
    bodies = {route.body for route in routes if route.body is not None}
    models: list[type[BaseModel]] = [*sorted(bodies, key=lambda one: one.__name__), ProblemDetails]
    models.extend(input_rows().values())
    template = "#/components/schemas/{model}"
    _map, definitions = models_json_schema([(model, "validation") for model in models], ref_template=template)
    document["components"]["schemas"].update(definitions["$defs"])
    document["components"]["securitySchemes"] = _SECURITY
    return document


def full_path(route: Route) -> str:
    """The address of a route on the server."""
    return f"{PREFIX}{route.path}"
