"""What surrounds every request: host, language, one line of log without data, no unforeseen error let out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matcher.locale import LANGUAGES, _, current_language, language
from service.addresses import held
from service.journal import log, place
from service.meters import Meters
from service.problems import Problem, internal, new_instance
from service.settings import Settings

REQUEST_ID = "X-Request-Id"
LANGUAGE_COOKIE = "clausematch-language"  # what a visitor of the pages chose
Show = Callable[[Problem, Request, str], Response]  # a refusal as this request can read it
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)


def preferred_language(accept: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); French when none is asked."""
    best, best_quality = LANGUAGES[0], 0.0
    for part in accept[:500].split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        found = _QUALITY.search(part)
        quality = float(found[1]) if found else 1.0
        if name in LANGUAGES and quality > best_quality:
            best, best_quality = name, quality
    return best


def host_name(header: str) -> str:
    """The Host header without its port."""
    name = header.strip().lower()
    return name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]


class Guard:
    """The outermost layer of the application (pure ASGI, so that the language reaches the threads)."""

    def __init__(self, app: ASGIApp, settings: Settings, meters: Meters, show: Show) -> None:
        self._app = app
        self._show = show
        self._meters = meters
        self._hosts = frozenset(settings.hosts)
        self._retry_after = settings.retry_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with language(_chosen(headers) or preferred_language(headers.get("accept-language", ""))):
            await self._answer(headers, scope, receive, send)

    async def _answer(self, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        instance = new_instance(headers.get(REQUEST_ID, ""))
        state = scope.setdefault("state", {})
        state["instance"] = instance
        started = self._meters.begin()
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = MutableHeaders(scope=message)
                added[REQUEST_ID] = instance.rpartition(":")[2]
                added.setdefault("Cache-Control", "no-store")
                added["X-Content-Type-Options"] = "nosniff"
                added["Vary"] = "Accept-Language, Cookie"
                added.setdefault("Content-Language", current_language())
            await send(message)

        try:
            if host_name(headers.get("host", "")) in self._hosts:
                scope["path"] = held(scope["path"], scope.get("raw_path"))
                await self._app(scope, receive, tell)
            else:
                await _misdirected().response(instance)(scope, receive, tell)
        except ClientDisconnect:
            status = 499
        except asyncio.CancelledError:
            # The server stops and waits no longer; the framework would answer 500. What a thread still writes is
            # finished, or undone, by itself.
            if not status:
                stopping = self._show(_stopping(self._retry_after), Request(scope), instance)
                await stopping(scope, receive, tell)
        except Exception as error:
            # The text of an unforeseen error may hold personal data: its kind and its place are all that is kept.
            self._meters.defect()
            log.error("defect", instance=instance, kind=type(error).__name__, at=place(error))
            if not status:
                await self._internal(instance, scope)(scope, receive, tell)
        # The address may hold what a caller typed: only the route's own pattern is kept.
        route = getattr(scope.get("route"), "path", "-")
        method = scope["method"] if scope["method"] in _METHODS else "-"
        took = self._meters.end(started, method, route, status)
        log.info(
            "request",
            instance=instance,
            method=method,
            route=route,
            status=status,
            ms=round(1000 * took),
            actor=state.get("actor"),
        )

    def _internal(self, instance: str, scope: Scope) -> Response:
        """What the caller is told of a defect."""
        return self._show(internal(instance), Request(scope), instance)


def _chosen(headers: Headers) -> str | None:
    """The language kept in a cookie, where it is one of ours."""
    for part in headers.get("cookie", "")[:4000].split(";"):
        name, _equals, value = part.strip().partition("=")
        if name == LANGUAGE_COOKIE and value in LANGUAGES:
            return value
    return None


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


def _stopping(retry_after: int) -> Problem:
    return Problem(
        "busy",
        _(
            "Le service s'arrête sans avoir fini cette demande : elle est enregistrée en entier, ou pas du tout. La "
            "renvoyer dans {seconds} s ; un POST, avec le même Idempotency-Key."
        ).format(seconds=retry_after),
        headers={"Retry-After": str(retry_after), "Connection": "close"},
    )


def _misdirected() -> Problem:
    return Problem(
        "misdirected",
        _("Ce service ne répond pas à ce nom. L'appeler par l'un de ceux de CLAUSEMATCH_HOSTS."),
    )
