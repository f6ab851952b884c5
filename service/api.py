"""The addresses of one server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from matcher import __version__
from service.desk import Desk
from service.models import Health, Ready
from service.openapi import documentation, full_path, refusals
from service.routing import PREFIX, Route
from service.watch import METRICS, Readiness


def api(desk: Desk, routes: Iterable[Route]) -> APIRouter:
    """The routes of the API, each behind the desk, and the only one that asks nobody who they are."""
    router = APIRouter()
    for route in routes:
        endpoint: Callable[[Request], Awaitable[Response]] = desk.endpoint(route)
        router.add_api_route(full_path(route), endpoint, methods=[route.method], **documentation(route))

    router.add_api_route(METRICS.path, desk.endpoint(METRICS), methods=["GET"], include_in_schema=False)
    readiness = Readiness(desk.office)

    async def ready() -> Response:
        step = await run_in_threadpool(readiness.check)
        return JSONResponse({"status": "ready", "version": __version__, "step": step})

    async def health() -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    for path in (f"{PREFIX}/health", "/health"):
        name = "health" if path.startswith(PREFIX) else "health_root"
        router.add_api_route(
            path, health, methods=["GET"], response_model=Health, operation_id=name, summary="Le service répond-il ?"
        )
        router.add_api_route(
            f"{path}/ready",
            ready,
            methods=["GET"],
            response_model=Ready,
            operation_id=f"{name}_ready",
            summary="Peut-il répondre à tout ?",
            responses=refusals((503,)),
        )
    return router
