"""The figures over time: charts with their tables, a file, a report on paper; and the groups that none shows."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import dataclass
from typing import Any

import pytest

from service.pages.follow.charts import bars
from service.pages.follow.periods import filled, following, named
from tests.pages import axe
from tests.pages.conftest import Site, Visitor
from tests.pages.places import words
from tests.service.lists import World, person
from tests.service.walk import AWARD

PAGES = ("/indicators", "/indicators/report")
OTHER_BUYER = "21750001600019"
FORMULA = "=cmd|calc"


@dataclass
class Figures:
    """Contracts M1 (11 women, 12 men) and M2 (3 women, 10 men; 3 of these in May alone), and their facilitator."""

    site: Site
    visitor: Visitor
    world: World


@pytest.fixture
def figures(site: Site) -> Figures:
    world = World(site.api)
    people = [
        person(candidate_id=f"{sex}{place:02}", sex=sex, benefits=["RSA"] if sex == "F" else "none", qpv="no")
        for sex, several in (("F", 14), ("M", 22))
        for place in range(several)
    ]
    world.put(world.adviser, "candidates", people)
    awards = [{**AWARD, "award_id": "M1", "notified_on": "2026-01-10"}]
    awards.append({**awards[0], "award_id": FORMULA, "buyer_siret": OTHER_BUYER, "object": "Nettoyage"})
    assert world.facilitator.post("/api/v1/awards", json={"awards": awards}).json()["created"] == 2
    known = world.references()
    hours = []
    for one in people:
        name, number = one["candidate_id"], int(one["candidate_id"][1:])
        first = number < (11 if name[0] == "F" else 12)
        months = ["2026-03", "2026-04"] if first else ["2026-05"] if number in (11, 13) else ["2026-03"]
        hours += [
            {"award_id": "M1" if first else FORMULA, "candidate_id": known["A", name], "employer": "E",
             "mode": "direct", "month": month, "hours": 10.5}
            for month in months
        ]  # fmt: skip
    sent = world.facilitator.put("/api/v1/hours", json={"hours": hours})
    assert sent.json()["created"] == len(hours), sent.text
    return Figures(site, site.visitor("facilitator", "F"), world)


def text(page: Any) -> str:
    return html.unescape(words(page.text))


def table(visitor: Visitor, address: str) -> list[dict[str, str]]:
    answer = visitor.client.get(address)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def rows_of(page: Any, caption: str) -> dict[str, list[str]]:
    """First cell → the others, of the table of that caption."""
    whole = html.unescape(page.text)
    found = next(one for one in re.findall(r"<table.*?</table>", whole, re.S) if caption in one)
    lines = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", found, re.S)
    cells = {name: re.findall(r"<td[^>]*>(.*?)</td>", rest, re.S) for name, rest in lines}
    strip = re.compile(r"<[^>]+>|\s+")
    return {strip.sub("", name): [strip.sub("", cell) for cell in row] for name, row in cells.items()}


def test_each_chart_has_its_table(figures: Figures) -> None:
    for address in PAGES:
        page = figures.visitor.page(address)
        assert page.status_code == 200
        assert page.text.count('<svg viewBox="0 0 760') == 2  # hours; people and hires
        assert "Le plus : 347 (03/2026)" in html.unescape(page.text)
        assert rows_of(page, "Heures, contrats et acheteurs")["03/2026"] == ["347", "2", "2"]
        assert list(rows_of(page, "Personnes et embauches par période")) == ["03/2026", "04/2026", "05/2026"]
        assert "style=" not in page.text
        assert "Acheteurs, du plus d'heures au moins" in text(page)


def test_filters_reach_every_link_and_figure(figures: Figures) -> None:
    page = figures.visitor.page(f"/indicators?buyer={OTHER_BUYER}&by=quarter")
    assert f"buyer={OTHER_BUYER}" in re.findall(r'href="(/indicators/report[^"]*)"', page.text)[0]
    assert list(rows_of(page, "Heures, contrats et acheteurs")) == ["T12026", "T22026"]
    one = text(figures.visitor.page("/indicators?award_id=M1&each=award"))
    assert "483 heures faites" in one
    assert "1 contrats" in one
    assert "Contrats, du plus d'heures au moins" in one
    assert "Travaux de maçonnerie" in one
    report = text(figures.visitor.page("/indicators/report?award_id=M1&from=2026-03&to=2026-04"))
    assert "De 03/2026 à 04/2026" in report
    assert "contrat M1" in report
    nothing = text(figures.visitor.page("/indicators?place=75"))
    assert "Rien à compter" in nothing
    wrong = figures.visitor.page("/indicators?from=mai")
    assert wrong.status_code == 422
    assert 'value="mai"' in wrong.text
    assert "l'écrire AAAA-MM" in text(wrong)


def test_small_groups_are_nowhere(figures: Figures) -> None:
    """Three people in May, three women on a contract: neither said, nor what they could be counted from."""
    queries = ("", "?by=quarter", "?by=year", "?each=award", f"?buyer={OTHER_BUYER}", "?to=2026-04", "?award_id=M1")
    for query in queries:
        told = {(row["part"], row["period"], row["buyer"], row["award_id"]): row for row in table(
            figures.visitor, f"/indicators/csv{query}"
        )}  # fmt: skip
        for where, row in told.items():
            for name in ("people", "women", "rsa", "hires"):
                number = int(row[name]) if row[name] else None
                assert number is None or number == 0 or number >= 5, (query, where, name)
                assert (row[name] == "") == (name in row["hidden"].split("|")), (query, where, name)
    by_month = {row["period"]: row["people"] for row in table(figures.visitor, "/indicators/csv") if row["period"]}
    assert by_month == {"2026-03": "33", "2026-04": "", "2026-05": ""}
    whole = table(figures.visitor, "/indicators/csv")[0]["people"]
    shorter = table(figures.visitor, "/indicators/csv?to=2026-04")[0]["people"]
    assert whole == "36"
    assert shorter == ""  # 33, and 3 would be known
    for address in PAGES:
        page = figures.visitor.page(address)
        assert rows_of(page, "Personnes et embauches par période")["05/2026"][0] == "tu"
        assert "n'est pas zéro" in text(page)


def test_report_and_file_tell_buyers_and_contracts_as_the_page_does(figures: Figures) -> None:
    """Both come from one question; each says what the page says when it is asked for one of the two."""
    report = figures.visitor.page("/indicators/report")
    lines = table(figures.visitor, "/indicators/csv")
    for each, caption, kind, column in (
        ("buyer", "Acheteurs, du plus", "acheteur", "buyer"),
        ("award", "Contrats, du plus", "contrat", "award_id"),
    ):
        shown = rows_of(figures.visitor.page(f"/indicators?each={each}"), caption)
        assert len(shown) == 2
        assert rows_of(report, caption) == shown
        assert len({one[column] for one in lines if one["part"] == kind}) == 2
    assert len([one for one in lines if one["part"] in ("acheteur", "contrat")]) == 4


def test_the_file_is_safe_for_a_spreadsheet(figures: Figures) -> None:
    content = figures.visitor.client.get("/indicators/csv").content.decode("utf-8-sig")
    assert f"'{FORMULA}" in content
    assert f";{FORMULA}" not in content
    assert "21910228000019" in content  # as text, whole


def test_the_report_says_what_it_is(figures: Figures) -> None:
    said = text(figures.visitor.page("/indicators/report"))
    assert re.search(r"Établi le \d\d/\d\d/\d{4}\.", said)
    assert "ceux de votre organisme" in said
    assert "moins de 5 personnes n'est pas montré" in said
    assert "208 heures par mois et 24 mois" in said
    assert "Les périodes ne s'additionnent donc pas" in said
    for heading in ("Heures faites", "Personnes et embauches", "Publics", "Par acheteur", "Par contrat"):
        assert heading in said


def test_who_reads_what(figures: Figures) -> None:
    for role in ("auditor", "admin"):
        watcher = figures.site.visitor(role, "W")
        said = text(watcher.page("/indicators/report"))
        assert "tous ceux du service" in said
        assert "Travaux de maçonnerie" not in said  # contracts are the facilitator's
        assert "M1" in said
    other = figures.site.visitor("facilitator", "G")
    assert "Rien à compter" in text(other.page("/indicators"))
    assert "M1" not in other.page("/indicators").text
    assert [row["hours"] for row in table(other, "/indicators/csv?award_id=M1")] == ["0"]
    for role in ("adviser", "contractor"):
        for address in (*PAGES, "/indicators/csv"):
            assert figures.site.visitor(role, "A").page(address).status_code == 403


@pytest.mark.browser
def test_charts_in_a_browser_on_screen_and_on_paper(figures: Figures, chromium: Any) -> None:
    context = chromium.new_context(bypass_csp=True, locale="fr-FR", viewport={"width": 320, "height": 800})
    cookies = figures.visitor.client.cookies.items()
    context.add_cookies([{"name": name, "value": value, "url": figures.site.url} for name, value in cookies])
    page = context.new_page()
    for address in PAGES:
        page.goto(figures.site.url + address)
        assert axe.check(page).told() == ""
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
        drawn = page.evaluate(
            "[...document.querySelectorAll('.chart rect')].map((one) => getComputedStyle(one).fill)"
        )
        assert "rgb(20, 80, 122)" in drawn  # the colour comes from the stylesheet
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()
    assert not page.get_by_role("button", name="Imprimer").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    context.close()


def test_bars_stand_on_the_axis_in_proportion() -> None:
    one = bars([("a", [10.0, None]), ("b", [5.0, 0.0])])
    heights = {(bar.series, round(bar.x)): bar.height for bar in one.bars}
    tall, short = max(heights.values()), sorted(heights.values())[-2]
    assert tall == pytest.approx(2 * short)
    assert [bar.hidden for bar in one.bars] == [False, True, False, False]
    assert all(bar.y + bar.height == pytest.approx(one.base) for bar in one.bars)
    assert (one.most, one.peak, [text for _y, text in one.ticks]) == (10.0, "a", ["0", "5", "10"])
    nothing = bars([("a", [None])])
    assert (nothing.most, nothing.bars[0].hidden) == (None, True)
    assert bars([]).bars == []
    many = bars([(f"m{place}", [1.0]) for place in range(240)])
    assert len(many.labels) <= 12


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (41, 60), (99, 100), (1532, 2000)]
)
def test_the_axis_ends_at_a_round_number(most: float, top: int) -> None:
    ticks = [text for _y, text in bars([("a", [float(most)])]).ticks]
    assert [int(re.sub(r"\D", "", text)) for text in ticks] == [0, top // 2, top]


def test_periods_without_anything_are_seen() -> None:
    rows = filled([{"period": "2025-11", "hours": 1}, {"period": "2026-02", "hours": 2}])
    assert [(row["period"], row["hours"]) for row in rows] == [
        ("2025-11", 1), ("2025-12", 0), ("2026-01", 0), ("2026-02", 2)
    ]  # fmt: skip
    assert [following(one) for one in ("2026-12", "2026-T4", "2026", "2026-T1")] == [
        "2027-01", "2027-T1", "2027", "2026-T2"
    ]  # fmt: skip
    assert [named(one) for one in ("2026-05", "2026-T2", "2026")] == ["05/2026", "T2 2026", "2026"]
    assert filled([]) == []
