"""Templates to HTML, with what every page has: headers, menu, words, what to do when something is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from matcher import __version__
from matcher.locale import N_, _, current_language
from matcher.report import formats
from service.addresses import address
from service.pages import notices, once, words
from service.pages.menu import menu
from service.pages.page import Shown, Visit
from service.problems import Problem
from service.settings import Settings

HTML = "text/html; charset=utf-8"
STATIC = {
    "clausematch.css": "text/css; charset=utf-8",
    "clausematch.js": "text/javascript; charset=utf-8",
    "htmx.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
A_YEAR = "public, max-age=31536000, immutable"
# Whose turn it is, by kind of refusal; what is not here is for the visitor to mend.
TURN: Mapping[str, str] = {
    "forbidden": N_("À vous : demander le droit à l'administrateur de votre organisme."),
    "not_found": N_("À vous : repartir de l'accueil ou du menu."),
    "absent": N_("À vous : vérifier l'identifiant, ou repartir de la liste."),
    "changed": N_("À vous : recharger la page, relire, puis recommencer."),
    "too_many": N_("À personne : attendre un peu, puis recommencer."),
    "busy": N_("À personne : attendre un peu, puis recommencer."),
    "provider": N_("À l'administrateur du service, si cela dure."),
    "environment": N_("À l'administrateur du service : lui donner le numéro ci-dessous."),
    "internal": N_("À l'équipe du service : lui donner le numéro ci-dessous."),
}


class Renderer:
    """Makes the responses of the pages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        issuer = urlsplit(settings.oidc_issuer)
        elsewhere = f" {issuer.scheme}://{issuer.netloc}" if issuer.netloc else ""
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"form-action 'self'{elsewhere}; base-uri 'none'; frame-ancestors 'none'"
        )

    def shown(self, what: Shown, visit: Visit | None, headers: Mapping[str, str] | None = None) -> Response:
        """A page, or its part when htmx asks for it."""
        name = what.part if what.part is not None and visit is not None and visit.partial else what.template
        text = environment().get_template(name).render(**self._common(visit), **what.data)
        return Response(text, what.status, {**self._headers(), **(headers or {})}, HTML)

    def problem(self, problem: Problem, visit: Visit | None, instance: str) -> Response:
        """A refusal as a page: what happened, whose turn it is, how to mend it."""
        turn = TURN.get(problem.code, N_("À vous : corriger, puis recommencer."))
        data = {"problem": problem, "turn": _(turn), "instance": instance.rpartition(":")[2]}
        return self.shown(Shown("problem.html", data, problem.status), visit, problem.headers)

    def again(self, visit: Visit) -> Response:
        """The page for a form whose session ended meanwhile: what was typed is kept and can be sent again."""
        fields = [(name, value) for name, values in visit.form.fields.items() if name != "csrf" for value in values]
        data = {"fields": fields, "lost_file": bool(visit.form.files)}
        return self.shown(Shown("again.html", data, 403 if visit.signed_in else 401), visit)

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Security-Policy": self._policy,
            "Referrer-Policy": "same-origin",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }

    def _common(self, visit: Visit | None) -> dict[str, Any]:
        return {
            "visit": visit,
            "menu": menu(visit),
            "language": current_language(),
            "notice": notices.text(visit.query.get("done")) if visit is not None else None,
            "demo": self._settings.demo,
            "version": __version__,
        }


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates. What is not there is an error, never an empty place."""
    made = Environment(
        loader=PackageLoader("service.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.globals.update(_=_, static=static_address, words=words, link=link, at=address, once=once.fresh)
    made.filters.update(
        whole=formats.whole,
        number=formats.number,
        percent=formats.percent,
        day=words.day,
        moment=words.moment,
        clip=formats.clip,
    )
    return made


def _visible(value: object) -> object:
    """Text without unseen characters; what the templates themselves made stays as it is."""
    return formats.seen(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def link(path: str, **query: object) -> str:
    """An address of ours with those parameters; empty ones are left out."""
    kept = {name: str(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


@lru_cache(maxsize=len(STATIC))
def static_file(name: str) -> bytes:
    """A file of `static/`."""
    return (resources.files("service.pages") / "static" / name).read_bytes()


@lru_cache(maxsize=len(STATIC))
def static_address(name: str) -> str:
    """Its address, which changes with its content: browsers may keep it for ever."""
    return f"/static/{hashlib.sha256(static_file(name)).hexdigest()[:16]}/{name}"


def static_response(name: str, digest: str) -> Response:
    """A file of `static/`. Raises Problem for any other name."""
    if name not in STATIC or static_address(name) != f"/static/{digest}/{name}":
        raise Problem("absent", _("Ce fichier n'existe pas. Recharger la page."))
    return Response(static_file(name), 200, {"Cache-Control": A_YEAR}, STATIC[name])


def wants_page(request: Request) -> bool:
    """True when a refusal is to be shown to a person: a browser asks for HTML, and not from the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
