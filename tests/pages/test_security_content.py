"""What was imported never becomes part of a page, and no page shows what is another organisation's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest

from service.access.principals import Role
from service.pages.routes import PAGES
from tests.pages.conftest import Site, Visitor
from tests.pages.crawl import Reader, Seen, crawl, page_at
from tests.service.databases import siret_of
from tests.service.lists import PEOPLE, POSITION, SITE, World, person
from tests.service.walk import AWARD, OTHER, OWN

SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"\"'><x-evil onerror=alert(1) href=javascript:alert(1)>{SCRIPT}{{{{7*7}}}}<!--"
FORMULA = '=HYPERLINK("http://elsewhere.example")'
LINK = "javascript:alert(document.domain)"
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data", "poster", "srcset", "content")
HTML = {"Accept": "text/html"}


def assert_harmless(html: str, where: str) -> None:
    """Nothing on the page runs, styles, or leads elsewhere but what the templates put there."""
    read = Reader(html)
    assert read.scripts == [], where
    for tag, given in read.elements:
        assert tag not in ("x-evil", "iframe", "object", "embed", "base", "style", "math"), (where, tag)
        assert [name for name in given if name.startswith("on") or name in ("style", "srcdoc")] == [], (where, tag)
        if tag == "script":
            assert re.fullmatch(r"/static/[0-9a-f]{16}/\w+\.js", given["src"]), where
        for name in ADDRESSES:
            found = given.get(name, "").strip().lower()
            assert not found.startswith(("javascript:", "data:", "vbscript:", "//")), (where, tag, found)
    assert "49<!--" not in html, where


def follow(visitor: Visitor, per_pattern: int = 2, start: tuple[str, ...] = ("/",)) -> Mapping[str, list[Seen]]:
    return crawl(lambda address: visitor.client.get(address, headers=HTML), start, per_pattern)


def every(seen: Mapping[str, list[Seen]]) -> list[Seen]:
    return [one for found in seen.values() for one in found]


@pytest.fixture
def world(site: Site) -> World:
    """Organisations with people, positions, an award and a proposal that was retained."""
    one = World(site.api).fill()
    award = one.facilitator.post("/api/v1/awards", json={"awards": [{**AWARD, "award_id": "M1"}]})
    assert award.status_code == 200, award.text
    proposal = one.propose(one.adviser, "P1")
    one.move(one.facilitator, proposal, "shortlisted")
    one.propose(one.adviser, "P4")
    return one


def hostile(site: Site) -> World:
    """The same, with hostile words in every field that takes words."""
    one = World(site.api)
    texts = dict.fromkeys(("first_name", "last_name", "prescriber", "adviser", "city", "adviser_opinion_by"), HOSTILE)
    words = {"skills": [HOSTILE, FORMULA], "occupations": ["F1703", HOSTILE], "certificates": [SCRIPT]}
    rows = [
        person(candidate_id=f"P{SCRIPT}", **{**texts, "email": LINK, "phone": LINK}, adviser_opinion_on="2026-10-01"),
        person(
            candidate_id="P=1+1",
            **{**texts, "first_name": FORMULA, "last_name": "@SUM(1)", "email": "+1", "city": "-2"},
        ),
        person(candidate_id='"><i>', **{**texts, **words, "validated_by": HOSTILE}),
        person(candidate_id=LINK, first_name=LINK, last_name=LINK),
    ]
    answer = one.adviser.put("/api/v1/candidates", json={"candidates": rows})
    assert answer.json()["created"] >= 3, answer.text
    told = dict.fromkeys(("title", "employer", "tasks"), HOSTILE)
    jobs = [
        {**POSITION, **told, "position_id": f"J{SCRIPT}", "siret": siret_of(SITE)},
        {**POSITION, "position_id": "J=1", "title": FORMULA, "employer": LINK, "skills": [HOSTILE], "tasks": LINK},
    ]
    answer = one.facilitator.put("/api/v1/positions", json={"positions": jobs})
    assert answer.json()["created"] == 2, answer.text
    notices = [
        {**AWARD, "award_id": f"M{SCRIPT}", "object": f"maçonnerie {HOSTILE}"},
        {**AWARD, "award_id": "M=1", "object": FORMULA},
    ]
    answer = one.facilitator.post("/api/v1/awards", json={"awards": notices})
    assert answer.json()["created"] == 2, answer.text
    for job in jobs:
        for row in rows[:3]:
            given = {"position_id": job["position_id"], "candidate_id": row["candidate_id"]}
            answer = one.adviser.post("/api/v1/proposals", json=given)
            if answer.status_code == 201:
                one.move(one.facilitator, answer.json()["proposal_id"], "shortlisted")
    hours = {"award_id": "M=1", "candidate_id": one.references()["A", LINK], "mode": "direct", "month": "2026-10"}
    lines = [{**hours, "employer": text, "hours": 7} for text in (HOSTILE, FORMULA)]
    answer = one.facilitator.put("/api/v1/hours", json={"hours": lines})
    assert answer.json()["created"] == 2, answer.text
    return one


def test_what_was_imported_runs_on_no_page_and_starts_no_formula(site: Site) -> None:
    hostile(site)
    shown, downloads = 0, set()
    for role, org in OWN.items():
        visitor = site.visitor(role.value, org)
        for one in every(follow(visitor, 4)):
            where = f"{role} {one.address}"
            assert one.answer.status_code < 500, where
            if one.is_html:
                assert_harmless(one.answer.text, where)
                shown += "x-evil" in one.answer.text
            elif one.answer.status_code == 200:
                assert_plain_cells(one.answer, where)
                page = page_at(one.address)
                downloads.add(one.address.rpartition("/")[2].partition("?")[0] if page is None else page.path)
    assert shown >= 5
    assert downloads == DOWNLOADS


# Every page that gives a file but the rejected rows of an import, that test_imports.py reads.
DOWNLOADS = {
    "/people/{candidate_id}/file/json",
    "/positions/{position_id}/company-sheet/{format}",
    "/indicators/csv",
}


def assert_plain_cells(answer: httpx2.Response, where: str) -> None:
    """A download that a spreadsheet opens holds no formula; no browser takes it for a page."""
    kind = answer.headers["content-type"]
    assert answer.headers.get("content-disposition", "").startswith("attachment"), where
    assert answer.headers["x-content-type-options"] == "nosniff", where
    name = answer.headers["content-disposition"]
    assert "<" not in name, where
    if kind.startswith("text/csv"):
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        cells = [cell for row in rows for cell in row]
        assert [
            cell
            for cell in cells
            if re.match(r"\s*[=@+]|\s*-(?![\d.,]+$)", cell) and not re.fullmatch(r"[+]?\d+", cell)
        ] == [], where
    elif "spreadsheet" in kind:
        assert b"<f>" not in _unzipped(answer.content), where


def _unzipped(content: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "worksheets/" in name)


NAMES = frozenset(
    {"q", "after", "cursor", "done", "back", "sort", "show", "status", "stage", "role", "hide", "order", "top"}
    | {"from", "to", "on", "award_id", "position_id", "candidate_id", "error", "filter", "view", "format"}
    | {"language", "buyer", "waiting", "position", "person", "message", "code", "columns"}
)


def test_nothing_of_an_address_runs_on_a_page(site: Site, world: World) -> None:
    for role, org in OWN.items():
        visitor = site.visitor(role.value, org)
        paths = {urlsplit(one.address).path for one in every(follow(visitor, 1)) if one.is_html}
        paths |= {re.sub(r"\{\w+\}", quote(HOSTILE, safe=""), page.path) for page in PAGES if role in page.roles}
        for path in sorted(paths):
            for value in (HOSTILE, LINK):
                answer = visitor.client.get(path, params=dict.fromkeys(NAMES, value), headers=HTML)
                assert answer.status_code < 500, (path, answer.status_code)
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert_harmless(answer.text, path)
                assert "x-evil" not in answer.headers.get("location", "").replace("%3Cx-evil", "")


def test_what_was_typed_and_refused_is_shown_as_words(site: Site, world: World) -> None:
    for role, org in OWN.items():
        visitor = site.visitor(role.value, org)
        sent = 0
        for one in every(follow(visitor, 1)):
            if not one.is_html:
                continue
            for action, names in forms(one):
                page = page_at(action, "POST")
                if page is None or page.path in ("/language",):
                    continue
                answer = visitor.send(action, follow=False, **dict.fromkeys(names, HOSTILE))
                assert answer.status_code < 500, (action, names)
                sent += 1
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert_harmless(answer.text, f"POST {action}")
                data = {"csrf": "0" * 64, **dict.fromkeys(names, HOSTILE), HOSTILE: HOSTILE}
                again = visitor.client.post(action, data=data, headers=HTML)
                assert again.status_code == 403
                assert_harmless(again.text, f"again {action}")
        if role is Role.ADVISER:
            assert sent > 3


def forms(one: Seen) -> list[tuple[str, list[str]]]:
    """The forms of a page that write: where they go, the names of their fields."""
    found: list[tuple[str, list[str]]] = []
    for tag, given in Reader(one.answer.text).elements:
        if tag == "form" and given.get("method", "").lower() == "post":
            found.append((given.get("action") or one.address, []))
        elif tag in ("input", "select", "textarea", "button") and found and given.get("name", "csrf") != "csrf":
            found[-1][1].append(given["name"])
    return found


# --------------------------------------------------------------------------------------------- other organisations
MARKS = ("Marqueur", "Nom1", "0100000001")
VARIABLE = re.compile(r'value="[0-9a-f]{64}"|<code>[0-9a-f-]{36}</code>')


def plain(text: str, *names: str) -> str:
    """A page without what differs from one request to the next, and without those names."""
    text = VARIABLE.sub("", text)
    for name in names:
        text = text.replace(quote(name, safe=""), "NAME").replace(name, "NAME")
    return text


def test_another_organisation_reads_nothing_on_any_page(site: Site, world: World) -> None:
    for role, org in OWN.items():
        owner, stranger = site.visitor(role.value, org), site.visitor(role.value, OTHER[role])
        everything = site.visitor(tuple(one.value for one in Role), "Z")
        for one in every(follow(owner)):
            page = page_at(one.address)
            assert page is not None
            for other in (stranger, everything):
                answer = other.client.get(one.address, headers=HTML)
                where = (role, one.address, answer.status_code)
                assert answer.status_code < 500, where
                assert [mark for mark in MARKS if mark in answer.text] == [], where
                if answer.status_code == 404 and other is everything and page.path.startswith("/positions/"):
                    continue  # an adviser too: open positions are theirs to see, so what is refused may say so
                if answer.status_code == 404:
                    assert_same_as_nothing(other, page.path, one.address, answer)
                elif "{" in page.path:
                    assert answer.status_code in (200, 303), where
                    assert _open_to_all(role, page.path) or other is everything, where


def _open_to_all(role: Role, path: str) -> bool:
    """Positions that are open are every adviser's to see; the log and the administration show no organisation's."""
    return (role is Role.ADVISER and path.startswith("/positions/")) or role in (Role.AUDITOR, Role.ADMIN)


def assert_same_as_nothing(other: Visitor, pattern: str, address: str, answer: httpx2.Response) -> None:
    """The refusal is that of an identifier that nobody has; of two, the last: an open position is every adviser's."""
    parts, places = urlsplit(address).path.split("/"), pattern.split("/")
    last = [place for place in places if place.startswith("{") and place.endswith("_id}")][-1:]
    given = {place: part for part, place in zip(parts, places, strict=True) if place in last}
    none = "/".join("no-such-thing" if place in given else part for part, place in zip(parts, places, strict=True))
    nothing = other.client.get(none, headers=HTML)
    assert nothing.status_code == 404
    # Only the content: the foot of every page repeats the address that was asked.
    told, same = (one.text.partition("<main")[2].partition("</main>")[0] for one in (answer, nothing))
    assert plain(told, *given.values()) == plain(same, "no-such-thing"), address


def test_forms_of_another_organisation_change_nothing(site: Site, world: World) -> None:
    for role, org in OWN.items():
        owner, stranger = site.visitor(role.value, org), site.visitor(role.value, OTHER[role])
        for one in every(follow(owner, 1)):
            if not one.is_html:
                continue
            for action, names in forms(one):
                page = page_at(action, "POST")
                if page is None or "{" not in page.path or page.path.startswith("/admin/"):
                    continue  # an administrator sees to every organisation
                answer = stranger.send(action, follow=False, **dict.fromkeys(names, "1"))
                where = (role, action, answer.status_code)
                assert answer.status_code in (400, 403, 404, 409, 412, 422) or _open_to_all(role, page.path), where
                assert [mark for mark in MARKS if mark in answer.text] == [], where
    assert world.get(world.adviser, "/candidates")["candidates"]


def test_a_facilitator_and_a_company_read_no_name_before_it_is_theirs_to_know(site: Site, world: World) -> None:
    """P2 and P3 were proposed to nobody; P1 was retained for J1."""
    hidden = ("Marqueur2", "AAH", "RSA", "heavy_lifting")
    for role, org in ((Role.FACILITATOR, "F"), (Role.CONTRACTOR, SITE), (Role.AUDITOR, "W"), (Role.ADMIN, "W")):
        visitor = site.visitor(role.value, org)
        for one in every(follow(visitor, 4)):
            if page_at(one.address) is not None and not one.address.startswith("/about"):
                known = () if role is Role.FACILITATOR else ("Nom1", "0100000001")
                text = one.answer.text
                assert [mark for mark in ("Marqueur2", *known) if mark in text] == [], (role, one.address)
                if role is Role.CONTRACTOR:
                    assert [mark for mark in hidden if mark in text] == [], (role, one.address)
    assert PEOPLE[1]["first_name"] == "Marqueur2"


def test_every_page_for_every_role(site: Site, world: World) -> None:
    """What docs/acces.md says: a page that is not for a role is refused before it looks at anything."""
    for role in Role:
        visitor = site.visitor(role.value, OWN[role])
        for page in PAGES:
            if page.public or role in page.roles:
                continue
            path: Any = re.sub(r"\{\w+\}", "J1", page.path)
            data = {"csrf": visitor.csrf}
            if page.method == "GET":
                answer = visitor.client.get(path, headers=HTML)
            else:
                answer = visitor.client.post(path, data=data, headers=HTML)
            assert answer.status_code == 403, (role, page.method, page.path)
            assert "n&#39;est pas pour votre rôle" in answer.text
