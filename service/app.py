"""The application: `create_app(settings)`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Match

from matcher import __version__
from matcher.errors import ClausematchError, EnvironmentFault
from service import clock
from service.access.sign_in import sign_in_routes
from service.api import api
from service.desk import Desk, Office
from service.guard import Guard
from service.openapi import ABOUT, describe
from service.pages.render import Renderer, wants_page
from service.pages.routes import pages
from service.people.source import StoredPool
from service.pool import Pool
from service.problems import Problem, from_error, from_status
from service.routes import ROUTES
from service.settings import Settings
from service.store.database import open_store

SMALLEST_GZIP = 1024
METHOD_NOT_ALLOWED = 405
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def create_app(settings: Settings | None = None) -> FastAPI:
    """One server's application. Raises UsageError when a secret is missing.

    Nothing is read from the database until the first request: whoever serves it brings the tables up to date first
    (`service.store.migrate.upgrade`).
    """
    return application(office(settings or Settings()))


def office(settings: Settings) -> Office:
    """What a server with these settings has at hand. Raises UsageError."""
    store = open_store(settings.checked())
    return Office(settings, store, Pool(StoredPool(store)), clock.now)


def application(one: Office) -> FastAPI:
    """The application of one office."""
    app = FastAPI(
        title="clausematch",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # the usual pages load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.office = one
    desk, renderer = Desk(one), Renderer(one.settings)
    app.state.renderer = renderer
    for router in (api(desk, ROUTES), sign_in_routes(one), pages(desk, renderer)):
        app.router.routes.extend(router.routes)  # as they are: `include_router` would work every one out again
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(ClausematchError, _known_error)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_GZIP)
    app.add_middleware(Guard, settings=one.settings, meters=one.meters, show=partial(_shown, renderer))
    document: Callable[[], dict[str, Any]] = lru_cache(maxsize=1)(lambda: describe(app, ROUTES))
    app.openapi = document  # type: ignore[method-assign]
    return app


def _shown(renderer: Renderer, problem: Problem, request: Request, instance: str) -> Response:
    """A refusal as a page for a browser, as problem details for a program."""
    if wants_page(request):
        return renderer.problem(problem, None, instance)
    return problem.response(instance)


def _told(problem: Problem, request: Request) -> Response:
    return _shown(request.app.state.renderer, problem, request, str(request.state.instance))


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _told(error, request)


def _known_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ClausematchError)
    if isinstance(error, EnvironmentFault):
        request.app.state.office.meters.fault()
    return _told(from_error(error), request)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return _told(from_status(error.status_code, headers), request)


def _methods(request: Request) -> list[str]:
    """Every method of an address: each is a route of its own, and the framework names the first one's only."""
    found: set[str] = set()
    for method in METHODS:
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            found.add(method)
    return sorted(found)
