"""Pages in the states that a filled demonstration does not show: name → the pages to look at, as
(cookies, address, what to do once it is open)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from service.access.principals import Role
from tests.pages.conftest import Site
from tests.pages.crawl import crawl
from tests.pages.steps import arrive
from tests.service.databases import siret_of
from tests.service.lists import POSITION, SITE, World, person

State = tuple[Any, str, Callable[[Any], None] | None]
LONG = "Responsabilité-d'encadrement-interdépartementale " * 12
ENDLESS = "Anticonstitutionnellement" * 20
HTML = {"Accept": "text/html"}


def _pages(site: Site, role: Role, org: str, per_pattern: int = 1) -> Iterator[State]:
    visitor = site.visitor(role.value, org)
    seen = crawl(lambda address: visitor.client.get(address, headers=HTML), per_pattern=per_pattern)
    for found in seen.values():
        for one in found:
            if one.is_html and not one.answer.is_redirect:
                yield visitor.client.cookies, one.address, None


def empty(site: Site) -> Iterator[State]:
    """An organisation that has nothing yet."""
    for role in Role:
        yield from _pages(site, role, "NEW")


def strangers(site: Site) -> Iterator[State]:
    """Before signing in: the way in, a wrong key, an address that is none, a form whose session is over."""

    def wrong_key(page: Any) -> None:
        page.fill("#f-key", "cm_wrong")
        page.click("main button")

    yield {}, "/welcome", None
    yield {}, "/welcome", wrong_key
    yield {}, "/nothing", None


def refused(site: Site) -> Iterator[State]:
    """A page that is not for the role, something that is not there, a form of a session that ended."""

    def over(page: Any) -> None:
        page.evaluate("document.querySelector('footer [name=csrf]').value = '0'")
        page.click("footer button")

    yield site.visitor("auditor").client.cookies, "/people", None
    yield site.visitor("adviser").client.cookies, "/people/nobody", None
    yield site.visitor("facilitator").client.cookies, "/positions/none", None
    yield site.visitor("adviser").client.cookies, "/people?after=wrong", None
    yield site.visitor("adviser").client.cookies, "/", over


def wrong_forms(site: Site) -> Iterator[State]:
    """Forms that are refused show themselves again."""
    World(site.api).fill()

    def bad_date(page: Any) -> None:
        page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true })")
        page.evaluate(
            "document.querySelectorAll('main form[method=post] input').forEach((one) => {"
            " if (one.type === 'hidden' || one.type === 'checkbox' || one.type === 'radio') return;"
            " one.type = 'text'; one.value = 'le 45 mars' })"
        )
        arrive(page.locator("main form[method=post] button").last)

    yield site.visitor("adviser", "A").client.cookies, "/people/P1/edit", bad_date
    facilitator = site.visitor("facilitator", "F").client.cookies
    yield facilitator, "/new-position", bad_date
    yield facilitator, "/positions/J1/edit", bad_date


def long_words(site: Site) -> Iterator[State]:
    """Words without end in every field that takes words."""
    one = World(site.api)
    texts = dict.fromkeys(("first_name", "last_name", "prescriber", "adviser", "city"), LONG[:200])
    rows = [
        person(candidate_id="P" + "9" * 60, **texts, skills=[LONG[:190], ENDLESS[:190]]),
        person(
            candidate_id="P2", first_name=ENDLESS[:190], last_name=ENDLESS[:190], email=f"{ENDLESS[:60]}@a.example"
        ),
    ]
    assert one.put(one.adviser, "candidates", rows)
    one.positions(
        {**POSITION, "title": LONG[:200], "employer": ENDLESS[:200], "tasks": LONG * 3, "siret": siret_of(SITE)}
    )
    proposal = one.propose(one.adviser, "P2")
    one.move(one.facilitator, proposal, "shortlisted")
    for role, org in ((Role.ADVISER, "A"), (Role.FACILITATOR, "F"), (Role.CONTRACTOR, SITE)):
        yield from _pages(site, role, org)


STATES: Mapping[str, Callable[[Site], Iterator[State]]] = {
    "empty": empty,
    "strangers": strangers,
    "refused": refused,
    "wrong_forms": wrong_forms,
    "long_words": long_words,
}
