"""The pages for anybody: how lists are made, and the statement on accessibility."""

from __future__ import annotations

from matcher.rules import PACK_IDS
from matcher.scoring import load_scorecard
from tests.pages.conftest import Site


def test_anybody_reads_how_the_lists_are_made(site: Site) -> None:
    with site.anyone() as client:
        answer = client.get("/about", headers={"Accept": "text/html", "Accept-Language": "fr"})
    text = answer.text
    assert answer.status_code == 200
    card = load_scorecard()
    assert card.id in text
    assert card.sha256[:16] in text
    assert "Personne n&#39;est écarté à cause d&#39;un score." in text
    assert "à confirmer" in text
    for pack in PACK_IDS:
        assert f"{pack}@" in text
    assert "métier souhaité : <strong>+26</strong>" in text or "<strong>+26</strong>" in text
    assert "Défenseur des droits" in text


def test_the_statement_says_what_was_not_tested(site: Site) -> None:
    with site.anyone() as client:
        answer = client.get("/accessibility", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert answer.status_code == 200
    assert "non conforme" in answer.text
    assert "lecteurs d&#39;écran" in answer.text
