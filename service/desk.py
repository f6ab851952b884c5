"""Where every request is received: who asks, may they, how often, what they sent; then the work, in a thread.

Nothing else lets a caller in. A route that names no role lets nobody in, but for those marked public.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from matcher.locale import _
from service.access.keys import holder
from service.access.principals import Principal, Scope
from service.access.rates import Rates
from service.addresses import released
from service.bodies import check_content_type, parse_json, read_body, validate
from service.clock import Clock, local_day
from service.meters import Meters
from service.places import Places
from service.pool import Pool
from service.problems import Problem
from service.routing import Answer, Answered, Call, Route
from service.settings import Settings
from service.store.answers import Named
from service.store.database import Store

LONGEST_NAME, LONGEST_PARAMETER = 300, 2000  # characters in a part of an address, in a parameter
SMALL_BODY = 64 << 10  # bytes: some dozens of rows
ANYONE = Principal("anyone", "", frozenset())


@dataclass(frozen=True)
class Office:
    """What one server has at hand."""

    settings: Settings
    store: Store
    pool: Pool
    clock: Clock
    meters: Meters = field(default_factory=Meters)


class Desk:
    """Receives requests for any route."""

    def __init__(self, office: Office) -> None:
        self.office = office
        one = office.settings
        self.light = Places(one.threads, one.max_queue, one.retry_after)
        self.heavy = Places(one.max_parallel, one.max_waiting, one.retry_after)
        self._rates = Rates(one.rate_per_second, one.rate_burst)
        self.wrong = Rates(one.wrong_keys_per_minute / 60, one.wrong_keys_per_minute)

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """The function that answers the requests of a route."""

        async def answer(request: Request) -> Response:
            at = self.office.clock()
            principal = ANYONE if route.public else await self.light.work(lambda: self._caller(request, at))
            if not route.public:
                request.state.actor = principal.actor  # for the line of the log
                self.admit(route, principal)
            places = self.heavy if _is_long(route, request) else self.light
            async with places.seat():
                body = b""
                if route.body is not None:
                    check_content_type(request)
                    body = await read_body(request, self.office.settings)
                return await places.work(lambda: self._run(route, request, principal, body, at))

        return answer

    def _caller(self, request: Request, at: datetime) -> Principal:
        """Who asks. Raises Problem when their key is not one, or when too many wrong ones come from their address."""
        address = request.client.host if request.client else "-"
        scheme, _space, text = request.headers.get("authorization", "").partition(" ")
        self.slow_down(self.wrong.wait(address, time.monotonic(), take=0))
        found = None
        if scheme.lower() == "bearer":
            with self.office.store.read() as connection:
                found = holder(connection, text.strip(), at)
        if found is None:
            if text:
                self.wrong.wait(address, time.monotonic())
            raise Problem(
                "unauthorized",
                _("Clé d'accès absente, inconnue ou périmée. Envoyer Authorization: Bearer et une clé en cours."),
                headers={"WWW-Authenticate": 'Bearer realm="clausematch"'},
            )
        return found

    def admit(self, route: Route, principal: Principal) -> None:
        """Raise Problem unless the caller may use the route now."""
        if not principal.has(*route.roles):
            raise Problem(
                "forbidden", _("Cette clé n'a pas le rôle qu'il faut ici : {roles}.").format(roles=_listed(route))
            )
        if route.scope not in principal.scopes:
            raise Problem(
                "forbidden",
                _("Cette clé ne permet pas d'écrire. En demander une qui le permet.")
                if route.scope is Scope.WRITE
                else _("Cette clé ne permet pas de lire. En demander une qui le permet."),
            )
        self.slow_down(self._rates.wait(principal.actor, time.monotonic()))

    def slow_down(self, seconds: float) -> None:
        """Raise Problem when there are seconds to wait."""
        if seconds > 0:
            wait = max(1, round(seconds + 0.5))
            raise Problem(
                "too_many",
                _("Trop de demandes à la suite. Recommencer dans {seconds} s.").format(seconds=wait),
                headers={"Retry-After": str(wait), "Connection": "close"},
            )

    def _run(self, route: Route, request: Request, principal: Principal, body: bytes, at: datetime) -> Response:
        """The work of a request that was let in, in a thread."""
        store = self.office.store
        parameters = _parameters(route, request)
        content = validate(route.body, parse_json(body)) if route.body is not None else None
        name = request.headers.get("idempotency-key")
        kept = None
        if name is not None and route.posts_once:
            signature = b"\n".join((route.name.encode(), str(request.url.query).encode(), body))
            kept = Named.of(principal.actor, name, signature, store.keys)
        call = Call(
            principal,
            store,
            self.office.pool,
            self.office.settings,
            at,
            local_day(at),
            released(request.path_params),
            parameters,
            content,
            _unquoted(request.headers.get("if-match")),
            kept,
            self.office.meters,
        )
        try:
            if kept is not None:
                with store.read() as connection:
                    before = kept.before(connection, at)
                if before is not None:
                    raise Answered(before)
            answer = route.work(call)
        except Answered as again:
            answer = again.answer
        return _response(answer, request)


def _is_long(route: Route, request: Request) -> bool:
    """True for what takes a seat for long computations: a small table is put away as fast as a list is read."""
    announced = request.headers.get("content-length", "")
    small = announced.isdecimal() and int(announced[:20]) <= SMALL_BODY
    return route.heavy or (route.bulk and not small)


def _listed(route: Route) -> str:
    return ", ".join(sorted(route.roles))


def _parameters(route: Route, request: Request) -> Any:
    """The query in the declared shape. Raises Problem for an unknown, repeated or overlong parameter."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given or len(value) > LONGEST_PARAMETER or len(name) > LONGEST_NAME:
            raise Problem("malformed", _("Un paramètre de l'adresse est répété ou trop long."))
        given[name] = value
    for value in released(request.path_params).values():
        if len(value) > LONGEST_NAME or not value.isprintable():
            raise Problem("absent", _("Rien ne porte cet identifiant."))
    return validate(route.query, given, strict=False)


def _unquoted(tag: str | None) -> str | None:
    return None if tag is None else tag.strip().removeprefix("W/").strip('"')


def _response(answer: Answer, request: Request) -> Response:
    headers: dict[str, str] = {**_tag(answer.version), **answer.headers}
    seen = _unquoted(request.headers.get("if-none-match"))
    if answer.version is not None and request.method in ("GET", "HEAD") and seen == answer.version:
        return Response(None, 304, headers)
    if answer.status == 204:
        return Response(None, 204, headers)
    if answer.media_type != "application/json":
        return Response(answer.content, answer.status, headers, answer.media_type)
    text = json.dumps(answer.content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode(), answer.status, headers, "application/json")


def _tag(version: str | None) -> Mapping[str, str]:
    return {} if version is None else {"ETag": f'"{version}"'}
