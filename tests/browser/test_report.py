"""report.html in a real browser: quiet, narrow, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.front import Matcher
from matcher.report import FileSummary, ReportContext, report_html
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_table

pytestmark = pytest.mark.browser

ON = date(2026, 9, 1)


@pytest.fixture(scope="module")
def report(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    people = read_table(CANDIDATES, root / "data_samples" / "candidates.csv", today=ON)
    jobs = read_table(POSITIONS, root / "data_samples" / "positions.csv", today=ON)
    match = Matcher().match(people.table.head(300), jobs.table.head(10), on=ON)
    told = ReportContext(
        imports=(FileSummary.of(people, "personnes"), FileSummary.of(jobs, "postes")), rejected=people.rejected
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html(match, told), encoding="utf-8")
    return path


@pytest.fixture
def page(chromium: Any, report: Path) -> Iterator[Any]:
    page = chromium.new_page()
    page.said = []
    page.asked = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(report.as_uri())
    yield page
    page.close()


def test_it_opens_without_a_word_or_a_request(page: Any, report: Path) -> None:
    assert page.title() == "Rapport de rapprochement du 01/09/2026"
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("data:")] == [report.as_uri()]
    assert page.locator("article.position").count() == 10


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_never_scrolls_sideways(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_list_is_wholly_seen_on_a_small_screen(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate(
        "[...document.querySelectorAll('.list td, .list th, .bars td, .bars svg, .rates, .map svg')]"
        ".filter(e => e.getBoundingClientRect().right > 320.5).map(e => e.outerHTML.slice(0, 80))"
    )
    assert [element for element in wide if 'scope="col"' not in element] == []


def test_it_works_from_the_keyboard(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    summary = page.locator("details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open") is True


def test_it_prints(page: Any) -> None:
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") + paper.count(b"/Type /Page/") >= 8
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # 186 mm of A4 between its margins
    clipped = page.evaluate(
        "[...document.querySelectorAll('table')].filter(t => t.getBoundingClientRect().right > 704)"
        ".map(t => t.className)"
    )
    assert clipped == []
