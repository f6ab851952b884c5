"""The log's page: read by auditors and administrators, without identity, and verified from there."""

from __future__ import annotations

import ast
import html
import re
from contextlib import closing
from pathlib import Path

import pytest

from matcher.locale import language
from service.access.organisations import invite
from service.access.principals import Role
from service.clock import now
from service.pages.log_words import ACTIONS, action
from service.pages.words import day, moment
from tests.pages.conftest import Site
from tests.pages.demo import Demo
from tests.pages.places import words

LOGGERS = ("log", "_log")


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_the_log_is_read_and_verified(site: Site, role: str) -> None:
    visitor = site.visitor(role)
    page = visitor.page("/log")
    assert page.status_code == 200
    assert "session.open" in page.text
    assert "audit.see" in visitor.page("/log?action=audit.see").text
    verdict = visitor.send("/log", expect="")
    assert "Journal entier" in verdict.text


def test_an_unknown_digest_and_a_wrong_day_are_told(site: Site) -> None:
    visitor = site.visitor("auditor")
    assert "n&#39;est pas entier" in visitor.send("/log", expect="f" * 64).text
    wrong = visitor.page("/log?from=hier")
    assert wrong.status_code in (400, 422)
    assert 'class="refused"' in wrong.text


def test_every_action_has_words() -> None:
    """What the code writes in the log, wherever it does: a new action without words is found here."""
    written = {name for path in Path("service").rglob("*.py") for name in _actions(path.read_text())}
    assert len(written) > 40
    assert written - set(ACTIONS) == set()
    assert {name for name in ACTIONS if action(name) == name} == set()
    with language("en"):
        assert [name for name, text in ACTIONS.items() if action(name) in (name, text)] == []


def _actions(source: str) -> set[str]:
    """The names of actions among the words given to `log`, `_log`, or kept as `action`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").lower() == "action"
        called = isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in LOGGERS
        if named or called:
            words = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
            found |= {one for one in words if isinstance(one, str) and re.fullmatch(r"[a-z]+(\.[a-z]+)+", one)}
    return found


def _read(demo: Demo, role: str | None, address: str, language: str = "fr") -> str:
    with closing(demo.client(role, language=language)) as client:
        answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_it_is_read_in_words(demo: Demo) -> None:
    """Who by role and organisation, when by the clock of Paris, what in words; each code stays beside."""
    page = _read(demo, "auditor", "/log?action=proposal.move")
    text = words(page)
    assert "étape d'une proposition notée proposal.move" in html.unescape(text)
    assert "PLIE de démonstration" in text
    assert re.search(r'<time datetime="[0-9T:.-]+Z">\d\d/\d\d/\d{4} à \d\d:\d\d</time>', page)
    table = page.partition("<tbody>")[2]
    assert re.findall(r">[^<]*\d{4}-\d\d-\d\dT", table) == []
    english = _read(demo, "auditor", "/log?action=proposal.move", "en")
    assert "step of a proposal noted" in english
    assert re.search(r">\d{4}-\d\d-\d\d at \d\d:\d\d<", english)


def test_each_kind_of_visitor_reads_who_they_are(module_site: Site) -> None:
    visitor = module_site.visitor(["auditor", "facilitator"], "A")
    visitor.page("/log")
    text = words(visitor.page("/log?action=audit.see").text)
    assert re.search(r"audit, facilitateur, Organisme A Ce qui vient de key:[0-9a-f]{12}", text)
    site = module_site.api
    with site.store.write("command:tests", None, now()) as change:
        member = invite(change, "lea@exemple.fr", "A", [Role.CONTRACTOR])
    with site.store.write(f"member:{member}", "A", now()) as change:
        change.log("session.open", f"member:{member}")
    page = visitor.page(f"/log?actor=member:{member}").text
    assert f"entreprise, Organisme A Ce qui vient de member:{member} entrée dans le service" in words(page)
    assert "lea@exemple.fr" not in page, "nobody is named"
    assert "command:tests" in words(visitor.page("/log?actor=command:tests").text)


def test_the_clock_is_that_of_paris() -> None:
    """In summer and in winter, and past midnight, where the store's own day is the one before."""
    assert moment("2026-07-01T22:30:00.000Z") == "02/07/2026 à 00:30"
    assert moment("2026-12-31T23:00:00.000Z") == "01/01/2027 à 00:00"
    assert day("2026-12-31T23:00:00.000Z") == "01/01/2027"
    assert day("2026-12-31") == "31/12/2026"


def test_filters_are_lists_and_days(demo: Demo) -> None:
    page = _read(demo, "auditor", "/log")
    options = dict(re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', page))
    assert options["plie-demo"] == "PLIE de démonstration"
    assert set(ACTIONS) <= set(options)
    asked = _read(demo, "auditor", "/log?action=shortlist.see&organisation=plie-demo")
    assert re.search(r'<option value="shortlist.see" selected>', asked)
    assert set(re.findall(r"<code>([a-z.]+)</code>", asked)) == {"shortlist.see"}
    assert "clausematch audit replay" in asked
    assert "Aucune entrée" in _read(demo, "auditor", "/log?action=shortlist.see&organisation=entreprise-demo")
    assert "Aucune entrée" in _read(demo, "auditor", "/log?to=2000-01-01")
    assert '<option value="no.such" selected>no.such' in _read(demo, "auditor", "/log?action=no.such")
    only = _read(demo, "auditor", "/log?object=position%3APOSTE-001")
    assert 'type="hidden" name="object" value="position:POSTE-001"' in only
    assert set(re.findall(r'object=position%3A([A-Z0-9-]+)"', only)) == {"POSTE-001"}


def test_links_lead_where_the_visitor_may_go(demo: Demo) -> None:
    """An auditor has none; who may open a position, a contract or an organisation has its link, and it opens."""
    address = "/log?from=2000-01-01&action="
    for name in ("proposal.move", "organisation.create", "hours.put"):
        assert re.findall(r'<a class="target" href', _read(demo, "auditor", address + name)) == []
    for name, start in (
        ("proposal.move", "/positions/"),
        ("hours.put", "/awards/"),
        ("organisation.create", "/admin/organisations/"),
        ("key.create", "/admin/organisations/"),
    ):
        links = re.findall(r'<a class="target" href="([^"]+)"', _read(demo, None, address + name))
        assert links
        assert all(one.startswith(start) for one in links)
        assert _read(demo, None, links[0])


@pytest.mark.parametrize("role", ["adviser", "facilitator", "contractor"])
def test_it_is_for_nobody_else(site: Site, role: str) -> None:
    visitor = site.visitor(role)
    assert visitor.page("/log").status_code == 403
    assert "/log" not in visitor.page("/").text
