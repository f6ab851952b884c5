"""Every page, behind the front; and the files they use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import Route

from service.desk import Desk
from service.pages import (
    admin,
    awards,
    duplicates,
    entrance,
    follow,
    imports,
    log,
    people,
    positions,
    proposals,
    public_pages,
    today,
)
from service.pages.front import Front
from service.pages.page import Page
from service.pages.render import Renderer, static_response

PAGES: tuple[Page, ...] = (
    *entrance.PAGES,
    *today.PAGES,
    *people.PAGES,
    *positions.PAGES,
    *proposals.PAGES,
    *imports.PAGES,
    *awards.PAGES,
    *duplicates.PAGES,
    *follow.PAGES,
    *log.PAGES,
    *admin.PAGES,
    *public_pages.PAGES,
)


def depth(page: Page) -> int:
    """How many parts of a form's address, `/positions/J1/move`, make that of the page it is on, `/positions/J1`."""
    seen = {one.path for one in PAGES if one.method == "GET"}
    parts = page.path.split("/")
    while len(parts) > 1 and "/".join(parts) not in seen:
        parts.pop()
    return len(parts)


def pages(desk: Desk, renderer: Renderer) -> APIRouter:
    """The addresses of the pages; they are no part of the API's description."""
    router = APIRouter()
    front = Front(desk, renderer)
    for page in PAGES:
        router.routes.append(_route(page.path, front.endpoint(page, depth(page)), page.method))

    async def static(request: Request) -> Response:
        return static_response(request.path_params["name"], request.path_params["digest"])

    router.routes.append(_route("/static/{digest}/{name}", static, "GET"))
    return router


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    """An address outside of the API's description; GET does not bring HEAD with it, no more than in the API."""
    route = Route(path, endpoint, methods=[method], include_in_schema=False)
    route.methods = {method}
    return route
