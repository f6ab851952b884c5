"""report.html: whole, safe, readable, and silent about who people are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from matcher.engine import Engine, Options
from matcher.front import Matcher
from matcher.locale import language
from matcher.pipeline import Match, run
from matcher.report import FileSummary, ReportContext, report_html
from matcher.report.formats import bounds, clip, day, number, percent, plain, whole
from matcher.schema import CANDIDATES, POSITIONS, Kind
from matcher.scoring import load_scorecard
from matcher.tables import coerce, read_table

ON = date(2026, 9, 1)
DATES = {"start_date": "2026-10-01", "end_date": "2026-12-31"}
EVIL = "<script>alert('x')</script>\"&'"


class Page(HTMLParser):
    """What the tests ask of a page: its tags with attributes, its headings, tables and text."""

    VOID = frozenset(("meta", "link", "br", "hr", "img", "input"))

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.headings: list[int] = []
        self.words: list[str] = []
        self.pairs: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if self.open:
            self.pairs.append((self.open[-1], tag))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag not in ("a", "b", "span", "strong"):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).replace("\u00a0", " ").replace("\u202f", " ").split())

    def count(self, tag: str) -> int:
        return sum(1 for name, _attrs in self.tags if name == tag)


def context_of(root: Path) -> tuple[pd.DataFrame, pd.DataFrame, ReportContext]:
    people = read_table(CANDIDATES, root / "data_samples" / "candidates.csv", today=ON)
    jobs = read_table(POSITIONS, root / "data_samples" / "positions.csv", today=ON)
    told = ReportContext(
        imports=(FileSummary.of(people, "personnes"), FileSummary.of(jobs, "postes")),
        rejected=pd.concat([people.rejected, jobs.rejected], ignore_index=True),
        versions={"clausematch": "0.1.0"},
        options={"--outputs": ("csv", "report")},
    )
    return people.table, jobs.table, told


@pytest.fixture(scope="module")
def sample(root: Path) -> tuple[Match, ReportContext]:
    people, jobs, told = context_of(root)
    return Matcher().match(people, jobs, on=ON), told


@pytest.fixture(scope="module")
def html(sample: tuple[Match, ReportContext]) -> str:
    return report_html(*sample)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_it_is_one_file_without_network_or_script(html: str, page: Page) -> None:
    assert html.startswith("<!DOCTYPE html>")
    assert len(html.encode()) < 1_000_000
    allowed = {"html", "head", "meta", "title", "link", "style", "body", "a", "header", "main", "section", "article"}
    allowed |= {"nav", "footer", "p", "h1", "h2", "h3", "ol", "ul", "li", "dl", "dt", "dd", "div", "span", "strong"}
    allowed |= {"b", "small", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"}
    allowed |= {"details", "summary", "svg", "g", "desc", "path", "rect", "circle", "line", "text"}
    assert {tag for tag, _attrs in page.tags} <= allowed
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs), tag
        for name in ("src", "href", "action", "srcset", "xlink:href"):
            value = attrs.get(name)
            assert value is None or value.startswith("#") or value == "data:,", (tag, value)
    policy = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    assert "default-src 'none'" in str(policy[0])
    assert "url(" not in html
    assert "@import" not in html


def test_it_can_be_read_by_everyone(page: Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.count("table") == page.count("caption")
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    ids = [attrs["id"] for _tag, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _tag, attrs in page.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert all(one in ids for one in (attrs.get(name) or "").split())
        if str(attrs.get("href", "")).startswith("#"):
            assert str(attrs["href"])[1:] in ids
    images = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
    assert len(images) == 2  # the map and the rates; a bar stands in the cell that says its figure
    assert ("details", "summary") in page.pairs
    assert all(attrs.get("tabindex") == "0" for _t, attrs in page.tags if attrs.get("class") == "scroll")


def test_the_same_inputs_give_the_same_bytes(sample: tuple[Match, ReportContext], html: str, root: Path) -> None:
    assert report_html(*sample) == html
    people, jobs, told = context_of(root)
    assert report_html(Matcher().match(people, jobs, on=ON), told) == html


def test_the_words_of_a_run(sample: tuple[Match, ReportContext], page: Page) -> None:
    match, told = sample
    text = page.text
    assert "Rapport de rapprochement au 01/09/2026" in text
    assert "Points d'expert, de 0 à 100" in text
    assert "Pas de marché dans ce traitement" in text
    assert f"candidates.csv personnes {told.imports[0].read} {told.imports[0].usable} 6" in text
    assert "ne pas le remettre à un employeur" in text
    assert "Document de travail" in text
    first = match.shortlists.iloc[0]
    assert first["candidate_id"] in text
    assert number(first["score"]) in text
    assert text.count("à vérifier") > int((match.shortlists["outcome"] == "to_verify").sum())
    assert "au-delà de la distance acceptée" in text
    assert "identifiant déjà donné à la ligne 2" in text
    assert "charte-91-2018@1.0 appliquées hors de leurs dates" in text
    assert "lieu inconnu" in text
    assert "--outputs" in text
    assert "csv, report" in text


def test_rejected_values_stay_in_their_own_file(page: Page) -> None:
    assert "permis bateau" not in page.text
    assert "la valeur lue est dans rejected.csv" in page.text


def test_nobody_is_named(root: Path) -> None:
    people, jobs, told = context_of(root)
    markers = {}
    for column in CANDIDATES.columns:
        if column.kind in (Kind.TEXT, Kind.CODE) and column.name not in ("candidate_id", "commune", "postal_code"):
            markers[column.name] = f"MARQUE{column.name.upper()}"
    marked = people.head(150).assign(**markers)
    text = report_html(Matcher().match(marked, jobs.head(8), on=ON), told)
    assert [name for name, marker in markers.items() if marker in text] == []
    assert markers
    births = [day(born) for born in people["birth_date"].dropna()]
    assert not any(born in text for born in births)


def test_planted_markup_is_only_text() -> None:
    people = pd.DataFrame(
        {
            "candidate_id": [f"{i}{EVIL}" for i in range(7)],
            "first_name": EVIL,
            "commune": "91228",
            "benefits": "RSA",
            "jobseeker": "yes",
            "skills": EVIL.replace("|", ""),
            "occupations": "F1703",
            "certificates": EVIL,
        }
    )
    jobs = pd.DataFrame(
        {
            "position_id": [f"P{EVIL}"],
            "award_id": [EVIL],
            "employer": [EVIL],
            "title": [f"maçon {EVIL}"],
            "tasks": [EVIL],
            "commune": ["91228"],
            "skills": [EVIL],
            "certificates_wished": [EVIL],
            "occupation": ["F1703"],
            **DATES,
        }
    )
    match = Matcher().match(people, jobs, on=ON)
    assert len(match.shortlists) == 7
    told = ReportContext(
        imports=(FileSummary(EVIL, EVIL, 1, 1, 0, (EVIL,)),),
        awards=pd.DataFrame(
            {"award_id": [EVIL], "selected": ["no"], "reason": [EVIL], "hours": [1.0], "file": [EVIL]}
        ),
        rejected=pd.DataFrame({"file": [EVIL], "row": [2], "column": [EVIL], "value": [EVIL], "message": [EVIL]}),
        versions={EVIL: EVIL},
        options={EVIL: [EVIL, {EVIL: EVIL}]},
    )
    html = report_html(replace(match, remarks=(EVIL,)), told)
    assert "<script" not in html
    page = Page(html)
    assert page.text.count("<script>alert('x')</script>") > 15
    assert not any(name.startswith("on") for _tag, attrs in page.tags for name in attrs)


def test_unseen_characters_do_not_reach_the_page() -> None:
    assert clip("a\u202eb\x00c\ud800") == "ab c\ufffd"
    jobs = pd.DataFrame({"position_id": ["A"], "title": ["ma\u202econ\x07"], "commune": ["91228"], **DATES})
    people = pd.DataFrame({"candidate_id": ["P1"], "benefits": ["RSA"]})
    html = report_html(Matcher().match(people, jobs, on=ON))
    assert "\u202e" not in html
    assert "\x07" not in html
    html.encode()


def awards_table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "award_id": ["M1", "M2", "M3", "M4"],
            "selected": pd.array([True, True, True, False], dtype="boolean"),
            "reason": pd.array([None, "à regrouper", "terminé", "hors du territoire demandé"], dtype="str"),
            "hours": [833.3, 20.0, 300.0, 5000.0],
            "framework": pd.array([True, False, None, False], dtype="boolean"),
            "file": "decp.json",
        }
    )


def test_awards_are_summed_up() -> None:
    jobs = pd.DataFrame(
        {
            "position_id": ["A"],
            "award_id": ["M1"],
            "title": ["maçon"],
            "commune": ["91228"],
            "hours": ["833"],
            **DATES,
        }
    )
    people = pd.DataFrame({"candidate_id": ["P1"], "benefits": ["RSA"], "commune": ["91228"]})
    rejected = pd.DataFrame(
        {"file": ["decp.json"], "row": [5], "column": ["amount"], "value": [""], "message": ["montant illisible"]}
    )
    told = ReportContext(awards=awards_table(), rejected=rejected)
    text = Page(report_html(Matcher().match(people, jobs, on=ON), told)).text
    assert "5 avis lus dont 1 rejetés" in text
    assert "3 retenus 1 ouvrent des postes 1 153 heures dues" in text
    assert "833 heures prévues dans des postes 20 heures à regrouper" in text
    assert "1 accord(s)-cadre(s), pour 833 h : leur montant est un plafond" in text
    assert "terminé 1 300" in text
    assert "hors du territoire demandé 1 –" in text


def small_run(people: int, commune: str = "91228", jobs: int = 1, **columns: object) -> Match:
    table = pd.DataFrame(
        {
            "candidate_id": [f"P{i:03d}" for i in range(people)],
            "benefits": "RSA",
            "jobseeker": "yes",
            "commune": commune,
            **columns,
        }
    )
    positions = pd.DataFrame(
        {
            "position_id": [f"J{i:03d}" for i in range(jobs)],
            "title": "maçon",
            "commune": "91228",
            "openings": "2",
            **DATES,
        }
    )
    return Matcher().match(table, positions, on=ON)


def test_a_handful_of_neighbours_is_not_counted_on_the_map() -> None:
    homes = ["91228"] * 20 + ["91377"] * 3 + ["91174"] * 4 + ["91589"] * 9
    text = Page(report_html(small_run(36, commune=homes))).text  # type: ignore[arg-type]
    assert "Évry-Courcouronnes : 20 personnes" in text
    assert "Savigny-sur-Orge : 9 personnes" in text
    assert "Massy : moins de 5 personnes" in text
    assert "Corbeil-Essonnes : moins de 5 personnes" in text
    one = Page(report_html(small_run(32, commune=homes[:23] + ["91589"] * 9))).text  # type: ignore[arg-type]
    assert "Massy : effectif non affiché" in one
    assert "Savigny-sur-Orge : effectif non affiché" in one  # else Massy's follows by subtraction


def test_hidden_groups_are_said_to_be() -> None:
    sexes = ["F"] * 30 + ["M"] * 30 + ["X"] * 2
    text = Page(report_html(small_run(62, sex=sexes))).text
    assert "autre effectif masqué" in text
    assert "Un groupe de moins de 5 personnes du vivier est masqué" in text


def test_each_person_fills_one_opening_at_most() -> None:
    text = Page(report_html(small_run(3, jobs=3))).text
    assert "6 places à pourvoir avec un candidat sur 6" in text
    assert "En ne comptant chaque personne qu'une fois, ces listes peuvent pourvoir 3 places." in text


def test_many_positions_are_cut_and_it_is_said() -> None:
    text = Page(report_html(small_run(2, jobs=203))).text
    assert "Les 200 premiers postes sur 203" in text
    assert "J199" in text
    assert "J200" not in text


def test_long_lists_are_cut_and_it_is_said() -> None:
    people = pd.DataFrame({"candidate_id": [f"P{i:03d}" for i in range(60)], "benefits": "RSA", "jobseeker": "yes"})
    jobs = pd.DataFrame({"position_id": ["J"], "title": ["maçon"], "commune": ["91228"], "asked": ["60"], **DATES})
    text = Page(report_html(Matcher().match(people, jobs, on=ON))).text
    assert "Autres personnes de cette liste, dans shortlists.csv : 10." in text


def test_empty_runs_are_said_in_plain_words() -> None:
    nobody = coerce(CANDIDATES, pd.DataFrame({"candidate_id": ["P1"]})).table.head(0)
    nothing = coerce(POSITIONS, pd.DataFrame({"position_id": ["J"]})).table.head(0)
    text = Page(report_html(run(Engine(nobody, nothing, Options(ON))))).text
    assert "Aucun poste." in text
    assert "Aucun lieu connu : pas de carte." in text
    assert "Personne n'est sur une liste : pas de taux." in text
    assert "Aucune ligne rejetée." in text


def test_a_learned_scorecard_is_named_so() -> None:
    match = small_run(6)
    card = replace(load_scorecard(), kind="learned")
    text = Page(report_html(run(Engine(match.engine.candidates, match.engine.positions, Options(ON), card)))).text
    assert "Score appris, de 0 à 100" in text
    assert "Points d'expert" not in text


def test_an_area_gives_least_distances() -> None:
    people = pd.DataFrame({"candidate_id": ["P1", "P2"], "benefits": "RSA", "commune": ["77288", "91228"]})
    jobs = pd.DataFrame(
        {"position_id": ["J"], "title": ["maçon"], "place_code": ["91"], "place_kind": ["département"], **DATES}
    )
    text = Page(report_html(Matcher().match(people, jobs, on=ON))).text
    assert "Essonne (territoire)" in text
    assert "dans le territoire" in text
    assert "au moins " in text


def test_the_page_speaks_the_language_asked_for(sample: tuple[Match, ReportContext]) -> None:
    with language("en"):
        html = report_html(*sample)
    assert '<html lang="en">' in html
    assert "2026-09-01" in html


def test_numbers_as_people_write_them() -> None:
    assert whole(1234567) == "1\u202f234\u202f567"
    assert whole(0.5) == "1"
    assert whole(float("nan")) == "–"
    assert number(1234.56) == "1\u202f234,6"
    assert percent(0.1234) == "12\u00a0%"
    assert bounds(0.5, float("inf"), number) == "0,5 ou plus"
    assert bounds(0.1, 0.2, percent) == "10\u00a0% à 20\u00a0%"
    assert day(date(2026, 3, 31)) == "31/03/2026"
    assert plain(None) == "–"
    assert plain(True) == "oui"
    assert plain(["a", 3]) == "a, 3"
    with language("en"):
        assert number(1234.56) == "1,234.6"
        assert percent(0.1234) == "12%"
        assert day(date(2026, 3, 31)) == "2026-03-31"
