"""The routes. "Today" is read from the clock here, at the edge, and nowhere below."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from matcher import __version__
from service import work
from service.bodies import check_content_type, parse_json, read_body, validate
from service.models import EligibilityAnswer, EligibilityRequest, Health, MatchAnswer, MatchRequest
from service.openapi import health_docs, post_docs
from service.places import Places
from service.settings import Settings

PREFIX = "/api/v1"
_Model = TypeVar("_Model", bound=BaseModel)


def routes(settings: Settings) -> APIRouter:
    """The addresses of one server."""
    router = APIRouter()
    places = Places(settings)

    async def answer(
        request: Request, model: type[_Model], compute: Callable[[_Model, Settings, date], dict[str, Any]]
    ) -> Response:
        check_content_type(request)
        async with places.seat():
            body = await read_body(request, settings)
            today = date.today()  # noqa: DTZ011 - the user's own calendar day

            def task() -> bytes:
                result = compute(validate(model, parse_json(body)), settings, today)
                return json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

            return Response(await places.work(task), media_type="application/json")

    @router.post(f"{PREFIX}/eligibility", response_model=EligibilityAnswer, **post_docs("eligibility"))
    async def eligibility(request: Request) -> Response:
        return await answer(request, EligibilityRequest, work.eligibility)

    @router.post(f"{PREFIX}/match", response_model=MatchAnswer, **post_docs("match"))
    async def match(request: Request) -> Response:
        return await answer(request, MatchRequest, work.match)

    async def health() -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    for path in (f"{PREFIX}/health", "/health"):
        router.add_api_route(path, health, methods=["GET"], response_model=Health, **health_docs(path))
    return router
