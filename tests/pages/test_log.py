"""The log's page: read by auditors and administrators, without identity, and verified from there."""

from __future__ import annotations

import pytest

from tests.pages.conftest import Site


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


@pytest.mark.parametrize("role", ["adviser", "facilitator", "contractor"])
def test_it_is_for_nobody_else(site: Site, role: str) -> None:
    visitor = site.visitor(role)
    assert visitor.page("/log").status_code == 403
    assert "/log" not in visitor.page("/").text
