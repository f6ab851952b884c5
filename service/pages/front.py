"""Where every page is received: whose session, may they, what the form brought; then the page's work, in a thread.

Nothing else lets a visitor in. A form must carry its session's own token and come from a page of this service.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from matcher.errors import ClausematchError
from matcher.locale import _
from service.access import sessions as s
from service.access.principals import Scope
from service.access.rates import Rates
from service.access.sessions import Session
from service.addresses import HELD, released
from service.clock import local_day
from service.desk import ANYONE, LONGEST_NAME, LONGEST_PARAMETER, Desk
from service.pages.forms import NOTHING, Form, read_form
from service.pages.page import Download, Go, Page, Shown, Visit
from service.pages.render import Renderer
from service.problems import Problem, from_error
from service.settings import Settings

WELCOME = "/welcome"
PER_MINUTE, AT_ONCE = 240, 120  # of one address, before anybody is known


class Front:
    """Receives the requests of any page."""

    def __init__(self, desk: Desk, renderer: Renderer) -> None:
        self.desk = desk
        self._renderer = renderer
        self._https = s.is_https(desk.office.settings)
        self._rates = Rates(PER_MINUTE / 60, AT_ONCE)

    def endpoint(self, page: Page, depth: int) -> Callable[[Request], Awaitable[Response]]:
        """The function that answers the requests of a page. `depth`: how many parts of a form's address make that of
        a page to look at."""

        async def answer(request: Request) -> Response:
            at = self.desk.office.clock()
            session = await self.desk.light.work(lambda: self._session(request, at))
            if session is None:
                self._slow_down(request)
            else:
                request.state.actor = session.principal.actor
            places = self.desk.heavy if page.heavy else self.desk.light
            async with places.seat():
                form = await read_form(request, self.desk.office.settings) if page.method == "POST" else NOTHING
                return await places.work(lambda: self._answer(page, depth, request, session, form, at))

        return answer

    def _session(self, request: Request, at: datetime) -> Session | None:
        token = s.token_of(request.cookies, s.SESSION, self._https)
        if token is None:
            return None
        store = self.desk.office.store
        with store.read() as connection:
            found = s.find_session(connection, self.desk.office.settings.secret_bytes, token, at)
        if found is not None and s.needs_visit(found, at):
            with store.alter() as connection:
                s.visit(connection, token, at)
        return found

    def _answer(
        self, page: Page, depth: int, request: Request, session: Session | None, form: Form, at: datetime
    ) -> Response:
        visit = self._visit(request, session, form, at)
        if page.method == "POST":
            visit = replace(visit, back="/".join(_path(request).split("/")[:depth]) or "/")
        try:
            refused = self._refusal(page, request, visit)
            if refused is not None:
                return refused
            outcome = page.work(visit)
        except ClausematchError as error:
            return self._renderer.problem(from_error(error), visit, request.state.instance)
        except Problem as problem:
            return self._renderer.problem(problem, visit, request.state.instance)
        if isinstance(outcome, Shown):
            return self._renderer.shown(outcome, visit)
        return _gone(outcome) if isinstance(outcome, Go) else _file(outcome)

    def _visit(self, request: Request, session: Session | None, form: Form, at: datetime) -> Visit:
        return Visit(
            ANYONE if session is None else session.principal,
            self.desk,
            at,
            local_day(at),
            released(request.path_params),
            dict(request.query_params),
            form,
            "" if session is None else session.csrf,
            _address(request),
            request.headers.get("hx-request") == "true",
            _client(request),
            _address(request),
        )

    def _refusal(self, page: Page, request: Request, visit: Visit) -> Response | None:
        """What to answer instead of the page, None when it may be shown. Raises Problem."""
        _check_lengths(request, visit)
        if page.method == "POST" and not _from_here(request, self.desk.office.settings):
            raise Problem("forbidden", _("Ce formulaire ne vient pas d'une page de ce service. Rien n'a été fait."))
        if page.public and not visit.signed_in:
            return None
        if not visit.signed_in and page.method != "POST":
            back = f"?back={quote(visit.address, safe='')}" if visit.address != "/" else ""
            return _gone(Go(f"{WELCOME}{back}"))
        if page.method == "POST" and not _is_csrf(visit):
            return self._renderer.again(visit)
        if not page.public and not visit.principal.has(*page.roles):
            raise Problem(
                "forbidden",
                _("Cette page n'est pas pour votre rôle. À l'administrateur de votre organisme de l'ouvrir."),
            )
        changes = page.method == "POST" and not page.public and not page.looks
        if changes and Scope.WRITE not in visit.principal.scopes:
            raise Problem("forbidden", _("Cette clé ne permet pas d'écrire. En demander une qui le permet."))
        return None

    def _slow_down(self, request: Request) -> None:
        self.desk.slow_down(self._rates.wait(_client(request), time.monotonic()))


def _client(request: Request) -> str:
    return request.client.host if request.client else "-"


def _is_csrf(visit: Visit) -> bool:
    return visit.signed_in and hmac.compare_digest(visit.form.one("csrf").encode(), visit.csrf.encode())


def _from_here(request: Request, settings: Settings) -> bool:
    """True unless the browser says that another site sent the form (Origin, Sec-Fetch-Site)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {request.headers.get("host", ""), urlsplit(settings.public_url).netloc}
    return urlsplit(origin).netloc in ours - {""}


def _check_lengths(request: Request, visit: Visit) -> None:
    if any(len(name) > LONGEST_NAME or len(value) > LONGEST_PARAMETER for name, value in visit.query.items()):
        raise Problem("malformed", _("Un paramètre de l'adresse est répété ou trop long."))
    if any(len(value) > LONGEST_NAME or not value.isprintable() for value in visit.path.values()):
        raise Problem("absent", _("Rien ne porte cet identifiant."))


def _address(request: Request) -> str:
    """Path and query as the browser asked for them."""
    return f"{_path(request)}?{request.url.query}" if request.url.query else _path(request)


def _path(request: Request) -> str:
    return quote(request.url.path, safe="/~!$&'()*+,;=:@-._").replace(quote(HELD), "%2F")


def _gone(outcome: Go) -> Response:
    answer = Response(status_code=303, headers={"Location": outcome.address, "Referrer-Policy": "no-referrer"})
    for one in outcome.cookies:
        answer.headers.append("Set-Cookie", one)
    return answer


def _file(outcome: Download) -> Response:
    name = quote(outcome.file_name, safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(outcome.content, 200, headers, outcome.media_type)
