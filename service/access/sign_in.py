"""Signing in and out, for the pages: `GET /sign-in`, `GET /sign-in/callback`, `POST /sign-out`.

A sign-in under way is one row of the store, for ten minutes and one use, named by the digest of its state; the state
is also in a cookie, so that the way back only works in the browser that left (a link that signs somebody in under
another's name would otherwise be easy to make).
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from sqlalchemy import Connection, delete, func, insert, select
from starlette.responses import Response

from matcher.errors import EnvironmentFault
from matcher.locale import _
from service.access import sessions as s
from service.access.members import actor_of, member_of, welcome
from service.access.oidc import Provider, SignIn, stale
from service.access.oidc_client import CALLBACK, registration
from service.access.rates import Rates
from service.clock import written
from service.desk import Office
from service.places import Places
from service.problems import Problem
from service.store import tables as t
from service.store.crypto import KeyRing

PENDING_LIFE = timedelta(minutes=10)
MOST_PENDING = 10_000  # a flood of sign-ins that nobody finishes must not fill the disk
PER_MINUTE, AT_ONCE = 60, 60  # from one address: an office may have one for everybody
LARGEST_FORM = 16 << 10
LONGEST_PARAMETER = 2048
AT_WORK, WAITING = 4, 50  # an issuer that is slow must not keep the rest from being answered


@dataclass(frozen=True)
class Pending:
    """A sign-in under way as the store gives it back, and where it was to lead."""

    sign_in: SignIn
    back: str


def keep_pending(connection: Connection, keys: KeyRing, one: SignIn, back: str, now: datetime) -> None:
    """Write a sign-in down until the browser comes back. Raises Problem when too many are under way."""
    connection.execute(delete(t.sign_ins).where(t.sign_ins.c.created_at <= written(now - PENDING_LIFE)))
    if connection.execute(select(func.count()).select_from(t.sign_ins)).scalar_one() >= MOST_PENDING:
        raise Problem(
            "busy",
            _("Trop de connexions sont en cours. Recommencer dans {seconds} s.").format(seconds=60),
            headers={"Retry-After": "60"},
        )
    digest = s.digest_of(one.state)
    connection.execute(
        insert(t.sign_ins).values(
            state_digest=digest,
            nonce=one.nonce,
            verifier=keys.seal(one.verifier.encode(), f"sign-in {digest}"),
            back=back,
            created_at=written(now),
        )
    )


def take_pending(connection: Connection, keys: KeyRing, state: str, now: datetime) -> Pending | None:
    """The sign-in of that state, which is then no more; None when there is none or it is over."""
    digest = s.digest_of(state)
    row = connection.execute(delete(t.sign_ins).filter_by(state_digest=digest).returning(*t.sign_ins.c)).one_or_none()
    if row is None or row.created_at <= written(now - PENDING_LIFE):
        return None
    try:
        verifier = keys.open(row.verifier, f"sign-in {digest}").decode()
    except EnvironmentFault:
        return None  # the keys changed in the meantime: begin again
    return Pending(SignIn("", state, row.nonce, verifier), row.back)


class Door:
    """The three addresses, for one office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        found = registration(office.settings)
        self.provider = Provider(found) if found is not None else None
        self._https = s.is_https(office.settings)
        self._places = Places(AT_WORK, WAITING, office.settings.retry_after)
        self._rates = Rates(PER_MINUTE / 60, AT_ONCE)

    def router(self) -> APIRouter:
        """The routes; they are no part of the API's description."""
        router = APIRouter(include_in_schema=False)
        for method, path, work in (
            ("GET", "/sign-in", self._leave),
            ("GET", CALLBACK, self._come_back),
            ("POST", "/sign-out", self._sign_out),
        ):
            router.add_api_route(path, self._endpoint(work), methods=[method])
        return router

    def _endpoint(self, work: Callable[[Request, dict[str, str], datetime], Response]) -> Any:
        async def answer(request: Request) -> Response:
            self._slow_down(request)
            async with self._places.seat():
                given = _parameters(request.url.query) if request.method == "GET" else await _form(request)
                return await self._places.work(lambda: work(request, given, self.office.clock()))

        endpoint: Callable[[Request], Awaitable[Response]] = answer
        return endpoint

    def _leave(self, request: Request, given: dict[str, str], now: datetime) -> Response:
        provider = self._configured()
        one = provider.start(now)
        with self.office.store.alter() as connection:
            keep_pending(connection, self.office.store.keys, one, s.local_path(given.get("back")), now)
        return _go(one.url, s.cookie(s.PENDING, one.state, self._https, PENDING_LIFE))

    def _come_back(self, request: Request, given: dict[str, str], now: datetime) -> Response:
        provider = self._configured()
        state = given.get("state", "")
        held = s.token_of(request.cookies, s.PENDING, self._https)
        if held is None or not hmac.compare_digest(held.encode(), state.encode("utf-8", "replace")):
            raise stale("state")
        with self.office.store.alter() as connection:
            pending = take_pending(connection, self.office.store.keys, state, now)
        if pending is None:
            raise stale("state")
        if "error" in given:
            raise _declined(given["error"])
        identity = provider.finish(given.get("code", ""), state, pending.sign_in, now, given.get("iss"))
        store = self.office.store
        with store.read() as connection:
            member = member_of(connection, identity)
        with store.write(actor_of(member), member.org_id, now) as change:
            before = s.token_of(request.cookies, s.SESSION, self._https)
            if before is not None:  # whatever session the browser had is over
                s.close_session(change.connection, store.keys, before)
            member_id = welcome(change, identity)
            token = s.open_session(change.connection, store.keys, f"member:{member_id}", identity.id_token, now)
        return _go(
            pending.back,
            s.cookie(s.SESSION, token, self._https),
            s.no_cookie(s.PENDING, self._https),
        )

    def _sign_out(self, request: Request, given: dict[str, str], now: datetime) -> Response:
        store, secret = self.office.store, self.office.settings.secret_bytes
        token = s.token_of(request.cookies, s.SESSION, self._https)
        gone = s.no_cookie(s.SESSION, self._https)
        if token is None:
            return _go("/", gone)
        if not s.is_csrf(secret, token, given.get("csrf") or request.headers.get("x-csrf-token")):
            raise Problem(
                "forbidden",
                _("Cette demande ne vient pas d'une page de votre session. Recharger la page, puis recommencer."),
            )
        with store.read() as connection:
            session = s.find_session(connection, secret, token, now)
        if session is None:
            return _go("/", gone)
        with store.write(session.principal.actor, session.principal.org_id, now) as change:
            id_token = s.close_session(change.connection, store.keys, token)
            change.log("session.close", session.principal.actor)
        return _go(self._end_at_issuer(id_token, now), gone)

    def _end_at_issuer(self, id_token: str | None, now: datetime) -> str:
        """Where to sign out at the issuer too; the start page when it cannot be asked: the session here is over."""
        if id_token is None or self.provider is None:
            return "/"
        try:
            return self.provider.sign_out_url(id_token, s.new_token(), now) or "/"
        except Problem:
            return "/"

    def _configured(self) -> Provider:
        if self.provider is None:
            raise Problem(
                "absent",
                _(
                    "On n'entre ici que par une clé d'accès : aucun fournisseur d'identité n'est réglé. "
                    "À l'administrateur de donner CLAUSEMATCH_OIDC_ISSUER (docs/connexion.md)."
                ),
            )
        return self.provider

    def _slow_down(self, request: Request) -> None:
        address = request.client.host if request.client else "-"
        seconds = self._rates.wait(address, time.monotonic())
        if seconds > 0:
            wait = max(1, round(seconds + 0.5))
            raise Problem(
                "too_many",
                _("Trop de demandes à la suite. Recommencer dans {seconds} s.").format(seconds=wait),
                headers={"Retry-After": str(wait)},
            )


def sign_in_routes(office: Office) -> APIRouter:
    """The addresses to sign in and out. Raises UsageError when the settings of the issuer cannot be used."""
    return Door(office).router()


def _go(address: str, *cookies: str) -> Response:
    """See other: the browser asks for the address with GET, and tells it nothing of this one."""
    answer = Response(status_code=303, headers={"Location": address, "Referrer-Policy": "no-referrer"})
    for one in cookies:
        answer.headers.append("Set-Cookie", one)
    return answer


def _declined(error: str) -> Problem:
    """What the issuer's refusal means to a person. Its own words are not passed on: anybody can write such a link."""
    if error in ("access_denied", "login_required", "interaction_required", "consent_required"):
        return Problem(
            "sign_in",
            _(
                "La connexion a été abandonnée ou refusée chez le fournisseur d'identité. La recommencer, ou "
                "s'adresser à lui."
            ),
        )
    return Problem(
        "provider",
        _(
            "Le fournisseur d'identité n'a pas pu faire entrer. Recommencer dans quelques minutes ; si cela dure, "
            "prévenir l'administrateur du service."
        ),
    )


def _parameters(query: str) -> dict[str, str]:
    """The parameters, each once. Raises Problem. Unknown ones are left: issuers add their own."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        found = {"": ["", ""]}
    if any(len(values) > 1 or len(values[0]) > LONGEST_PARAMETER for values in found.values()):
        raise Problem("malformed", _("Un paramètre de l'adresse est répété ou trop long."))
    return {name: values[0] for name, values in found.items()}


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form. Raises Problem."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise Problem(
                "too_large",
                _("Ce formulaire est trop grand. Recharger la page, puis recommencer."),
                headers={"Connection": "close"},
            )
    return _parameters(body.decode("utf-8", "replace"))
