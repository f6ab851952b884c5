"""From signing in to a hire recorded, in a real browser on the demonstration, as newcomers of each role would."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.pages.demo import Demo
from tests.pages.steps import arrive, follow

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_from_a_person_to_a_hire(enter: Any, scripts: bool) -> None:
    """The adviser proposes somebody; the facilitator retains, sees them, records the hire; both read it."""
    adviser = enter("adviser", "plie-demo", java_script_enabled=scripts)
    follow(adviser, "Personnes")
    assert adviser.locator("h1").inner_text() == "Vos personnes"
    for number in range(3 if scripts else 0, 12):  # the first one with a position to be proposed for
        adviser.goto("/people")
        arrive(adviser.locator("main tbody th a").nth(number))
        buttons = adviser.locator("main table button", has_text="Proposer")
        if buttons.count():
            break
    person = adviser.url
    arrive(buttons.first)
    assert "Proposition envoyée" in adviser.get_by_role("status").inner_text()
    adviser.goto(person)
    link = adviser.locator("#answers ~ table a, section[aria-labelledby=answers] a").first
    proposal = link.get_attribute("href")

    facilitator = enter("facilitator", java_script_enabled=scripts)
    facilitator.goto(proposal)
    assert facilitator.get_by_role("heading", name="La joindre").is_visible()
    for _step in ("shortlisted", "interviewed", "hired"):
        form = facilitator.locator(f"main form:has(input[name=stage][value={_step}])")
        assert form.count() == 1, _step
        if not form.locator("button").is_visible():
            form.locator("xpath=..").locator("summary").click()
        arrive(form.locator("button"))
        assert facilitator.locator("main .refused").count() == 0, facilitator.locator("main").inner_text()[:400]
    assert "embauchée" in facilitator.locator("p.lead").inner_text()
    adviser.goto(proposal)
    assert "embauchée" in adviser.locator("p.lead").inner_text()


def test_the_list_of_a_position_and_the_sheet_of_its_company(enter: Any) -> None:
    facilitator = enter("facilitator")
    follow(facilitator, "Postes")
    arrive(facilitator.locator("main tbody th a").first)
    assert facilitator.locator("h1").count() == 1
    assert facilitator.locator("main table").count() >= 1
    position = facilitator.url
    facilitator.goto(position + "/company-sheet")
    assert facilitator.locator("h1").count() == 1
    company = enter("contractor")
    follow(company, "Postes")
    assert company.locator("main tbody th a").count() >= 1
    arrive(company.locator("main tbody th a").first)
    assert company.locator("h1").count() == 1
    assert company.get_by_role("link", name="Personnes").count() == 0


def test_each_role_finds_its_pages_by_the_menu(enter: Any) -> None:
    """Every entry of every menu opens, with one heading, and says where one is."""
    for role in ("adviser", "facilitator", "contractor", "auditor", "admin"):
        page = enter(role)
        names = page.locator("header nav a").all_inner_texts()
        assert names[0] == "Aujourd'hui"
        for name in names:
            follow(page, re.compile(f"^{re.escape(name)}$"))
            assert "Adresse inconnue" not in page.title(), name
            assert page.locator("h1").count() == 1, (role, name)
            assert page.locator("header nav a[aria-current=page]").inner_text() == name, role
        arrive(page.get_by_role("button", name="Se déconnecter"))
        page.goto("/")
        assert page.get_by_label("Clé d'accès").is_visible()


def test_a_wrong_key_keeps_the_visitor_outside_and_says_what_to_do(chromium: Any, demo: Demo) -> None:
    page = chromium.new_page(locale="fr-FR")
    page.goto(demo.url + "/people")
    page.get_by_label("Clé d'accès").fill("cm_wrong")
    arrive(page.get_by_role("button", name="Entrer"))
    assert "La recopier en entier" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.className") == "refused"
    page.close()


def test_by_the_keyboard_alone(chromium: Any, demo: Demo) -> None:
    """Sign in, skip to the content, find a person, open them: Tab and Enter, with the focus always seen."""
    page = chromium.new_page(locale="fr-FR")
    page.goto(demo.url + "/people")
    _tab_to(page, "document.activeElement.id === 'f-key'")
    page.keyboard.type(demo.key("adviser", "plie-demo"))
    page.keyboard.press("Enter")
    page.wait_for_url(demo.url + "/people")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.locator("main#main:focus").wait_for()
    _tab_to(page, "document.activeElement.id === 'f-q'")
    _tab_to(page, "document.activeElement.closest('tbody') !== null && document.activeElement.tagName === 'A'")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/people/[^/?]+$"))
    seen = []
    for _again in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.tagName")
        if name == "BODY":
            break
        seen.append(name)
        _assert_seen(page)
    assert {"A", "BUTTON"} <= set(seen)
    page.close()


def _tab_to(page: Any, reached: str) -> None:
    for _again in range(60):
        page.keyboard.press("Tab")
        _assert_seen(page)
        if page.evaluate(reached):
            return
    raise AssertionError(f"the keyboard does not reach: {reached}")


def _assert_seen(page: Any) -> None:
    """The focused element has an outline, is on the screen, and is large enough to be hit."""
    style = page.evaluate(
        """(() => { const one = document.activeElement, css = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        return [css.outlineStyle, parseFloat(css.outlineWidth), css.boxShadow, box.bottom, box.top, innerHeight,
        one.outerHTML.slice(0, 120)] })()"""
    )
    assert (style[0] != "none" and style[1] >= 2) or style[2] != "none", style
    assert style[3] > 0, style
    assert style[4] < style[5], style
