"""axe-core (WCAG 2.2 A and AA, RGAA 4) on every page of the demonstration, in its states, in both languages; and what
axe does not see: width, zoom, paper, the console, other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from service.access.principals import Role
from tests.pages import axe
from tests.pages.conftest import Site
from tests.pages.crawl import crawl
from tests.pages.demo import Demo
from tests.pages.states import STATES

pytestmark = pytest.mark.browser

LOUD = ("error", "warning")
LONG = ("empty", "long_words")  # a minute each
_LONG = pytest.mark.soak
ROLES = (None, Role.CONTRACTOR.value)  # the first key has every other role


@dataclass
class Window:
    """A page of the browser, what it said and asked."""

    page: Any
    url: str
    said: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def open(self, address: str, width: int = 1280) -> None:
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.goto(self.url + address)


def window(chromium: Any, url: str, cookies: Any, language: str = "fr") -> Window:
    context = chromium.new_context(bypass_csp=True, extra_http_headers={"Accept-Language": language})
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    one = Window(context.new_page(), url)
    one.page.on("console", lambda message: one.said.append(message.text) if message.type in LOUD else None)
    one.page.on("pageerror", lambda error: one.said.append(str(error)))
    one.page.on("request", lambda request: one.asked.add(urlsplit(request.url).netloc))
    return one


def html_pages(client: Any, per_pattern: int = 1) -> list[str]:
    seen = crawl(client.get, per_pattern=per_pattern)
    return [one.address for found in seen.values() for one in found if one.is_html and not one.answer.is_redirect]


def wide(page: Any) -> int:
    return int(page.evaluate("document.scrollingElement.scrollWidth"))


def enlarged_and_on_paper(page: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with the page at 200 % (1280 px seen as 640), and printed."""
    page.set_viewport_size({"width": 640, "height": 800})
    if wide(page) > 640:
        yield "200 %", f"the page scrolls sideways: {wide(page)}"
    page.emulate_media(media="print")
    nav, title = page.evaluate(
        "['header.top nav', 'main h1'].map((one) => "
        "document.querySelector(one)?.checkVisibility({ visibilityProperty: true }) ?? false)"
    )
    if nav or not title:
        yield "on paper", f"menu seen: {nav}, title seen: {title}"
    page.emulate_media(media="screen")


def test_axe_finds_what_is_wrong(chromium: Any) -> None:
    page = chromium.new_page()
    page.set_content("<html><head><title>x</title></head><body><img src='data:,'><input></body></html>")
    found = {one["id"] for one in axe.check(page).violations}
    assert {"html-has-lang", "image-alt", "label"} <= found
    page.close()


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=_LONG)])
@pytest.mark.parametrize("role", ROLES, ids=["staff", "contractor"])
def test_no_violation_on_any_page_of_the_demonstration(
    chromium: Any, demo: Demo, role: str | None, language: str
) -> None:
    with closing(demo.client(role, language=language)) as client:
        addresses = html_pages(client)
        one = window(chromium, demo.url, client.cookies, language)
    wrong: dict[str, str] = {}
    for address in addresses:
        one.open(address)
        found = axe.check(one.page)
        if found.told():
            wrong[address] = found.told()
        one.page.set_viewport_size({"width": 320, "height": 800})
        if wide(one.page) > 320:
            wrong[f"{address}, 320 px"] = f"the page scrolls sideways: {wide(one.page)}"
        if one.page.locator("h1").count() != 1:
            wrong[f"{address}, h1"] = "there is not one h1"
        wrong.update({f"{address}, {how}": told for how, told in enlarged_and_on_paper(one.page)})
    assert one.page.pdf()[:5] == b"%PDF-"
    one.page.context.close()
    assert not wrong, "\n".join(f"{address}\n  {told}" for address, told in wrong.items())
    assert one.said == []
    assert one.asked == {urlsplit(demo.url).netloc}


@pytest.mark.parametrize("name", [pytest.param(name, marks=_LONG if name in LONG else ()) for name in STATES])
def test_no_violation_in_any_state(chromium: Any, site: Site, name: str) -> None:
    """Empty, refused, absent, very long: pages as they are when nothing goes as planned."""
    wrong: dict[str, str] = {}
    shown = 0
    for cookies, address, send in STATES[name](site):
        one = window(chromium, site.url, cookies)
        one.open(address)
        if send is not None:
            send(one.page)
        found = axe.check(one.page)
        shown += 1
        if found.told():
            wrong[address] = found.told()
        one.page.set_viewport_size({"width": 320, "height": 800})
        if wide(one.page) > 320:
            wrong[f"{address}, 320 px"] = f"the page scrolls sideways: {wide(one.page)}"
        one.page.context.close()
    assert shown
    assert not wrong, "\n".join(f"{address}\n  {told}" for address, told in wrong.items())
