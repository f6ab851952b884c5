"""The application: `create_app(settings)`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from matcher import __version__
from matcher.errors import ClausematchError
from service.api import routes
from service.guard import Guard
from service.openapi import ABOUT, describe
from service.problems import Problem, from_error, from_status
from service.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """One server's application. Nothing is read from the disk until the first request."""
    chosen = settings or Settings()
    app = FastAPI(
        title="clausematch",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # the usual pages load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(routes(chosen))
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(ClausematchError, _known_error)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(Guard, settings=chosen)
    document: Callable[[], dict[str, Any]] = lru_cache(maxsize=1)(lambda: describe(app))
    app.openapi = document  # type: ignore[method-assign]
    return app


def _instance(request: Request) -> str:
    return str(request.state.instance)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(_instance(request))


def _known_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ClausematchError)
    return from_error(error).response(_instance(request))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return from_status(error.status_code, error.headers).response(_instance(request))
