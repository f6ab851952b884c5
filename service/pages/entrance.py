"""Coming in: the welcome page, signing in with an access key, choosing a language."""

from __future__ import annotations

import time
from datetime import timedelta

from matcher.locale import LANGUAGES, N_, _
from service.access import sessions as s
from service.access.keys import holder
from service.guard import LANGUAGE_COOKIE
from service.pages.page import Go, Outcome, Page, Shown, Visit
from service.problems import Problem

TEMPLATE = "welcome.html"
A_YEAR = timedelta(days=365)


def welcome(visit: Visit) -> Outcome:
    """How to come in; the start page for who is in already."""
    if visit.signed_in:
        return Go(s.local_path(visit.query.get("back")))
    return _form(visit, None)


def _form(visit: Visit, problem: Problem | None) -> Shown:
    settings = visit.settings
    back = s.local_path(visit.query.get("back") or visit.form.one("back"))
    data = {"back": back, "problem": problem, "provider": bool(settings.oidc_issuer)}
    return Shown(TEMPLATE, data, 200 if problem is None else problem.status)


def sign_in_with_key(visit: Visit) -> Outcome:
    """A session for who holds an access key, in place of any other this browser had."""
    text = visit.form.one("key")
    store = visit.store
    visit.desk.slow_down(visit.desk.wrong.wait(visit.client, time.monotonic(), take=0))
    with store.read() as connection:
        principal = holder(connection, text, visit.at)
    if principal is None:
        if text:
            visit.desk.wrong.wait(visit.client, time.monotonic())
        words = N_("Clé d'accès inconnue ou périmée. La recopier en entier, ou en demander une autre.")
        return _form(visit, Problem("unauthorized", _(words)))
    with store.write(principal.actor, principal.org_id, visit.at) as change:
        token = s.open_session(change.connection, store.keys, principal.actor, None, visit.at)
        change.log("session.open", principal.actor)
    cookie = s.cookie(s.SESSION, token, s.is_https(visit.settings))
    return Go(s.local_path(visit.form.one("back")), (cookie,))


def choose_language(visit: Visit) -> Outcome:
    """Keep the language in a cookie, and go back to where the visitor was."""
    chosen = visit.form.one("language")
    name = chosen if chosen in LANGUAGES else LANGUAGES[0]
    kept = f"{LANGUAGE_COOKIE}={name}; Path=/; SameSite=Lax; HttpOnly; Max-Age={int(A_YEAR.total_seconds())}"
    return Go(s.local_path(visit.form.one("back")), (kept,))


PAGES = (
    Page("GET", "/welcome", welcome, public=True),
    Page("POST", "/welcome", sign_in_with_key, public=True),
    Page("POST", "/language", choose_language, public=True),
)
