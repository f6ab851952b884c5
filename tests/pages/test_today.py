"""The start page: what waits, role by role, and the blocks that say that nothing does."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from service.clock import local_day, now
from service.store import tables as t
from tests.pages.conftest import Site
from tests.service.databases import siret_of
from tests.service.lists import COMMON, POSITION, SITE, World

TODAY = local_day(now())


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def world(site: Site) -> World:
    return World(site.api).fill()


def blocks(site: Site, role: str, org: str) -> dict[str, str]:
    """Each block of somebody's start page, by its heading without the count, as plain words."""
    page = site.visitor(role, org).page("/")
    assert page.status_code == 200
    assert page.text.count("<h1>") == 1
    found = {}
    for part in re.findall(r"<section aria-labelledby=\"b-[\w-]+\">(.*?)</section>", page.text, re.S):
        heading = re.search(r"<h2[^>]*>(.*?)(?: <span|</h2>)", part, re.S)
        assert heading is not None
        found[html.unescape(heading[1])] = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", part).split()))
    return found


def age(world: World, proposal: str, days: int) -> None:
    """Make a proposal and its steps that many days older."""
    with world.api.store.write("command:tests", None, now()) as change:
        values = {"proposed_on": day(-days), "decided_on": day(-days)}
        change.connection.execute(update(t.proposals).filter_by(proposal_id=proposal).values(**values))
        change.connection.execute(update(t.moves).filter_by(proposal_id=proposal).values(happened_on=day(-days)))
        change.log("tests.age", "tests")


ANSWERS, PAPERS = "Propositions sans réponse", "Documents bientôt périmés"
SHORT, IDLE = "Postes qui commencent bientôt et manquent de personnes", "Personnes sans proposition depuis 30 jours"


def test_an_adviser_sees_the_answers_that_do_not_come(site: Site, world: World) -> None:
    old, new = world.propose(world.adviser, "P1"), world.propose(world.adviser, "P2")
    age(world, old, 7)
    age(world, new, 6)
    other = world.propose(world.other, "Q1")
    age(world, other, 20)
    found = blocks(site, "adviser", "A")
    assert found[ANSWERS].startswith(f"{ANSWERS} 1 ")
    assert "P1 pour maçon proposée depuis le" in found[ANSWERS]
    assert "P2" not in found[ANSWERS]
    assert "Q1" not in " ".join(found.values())


def test_an_adviser_sees_papers_about_to_end(site: Site, world: World) -> None:
    ends: list[dict[str, Any]] = [
        {"candidate_id": "E1", "pass_iae_until": day(10)},
        {"candidate_id": "E2", "disability": "yes", "disability_until": day(20)},
        {"candidate_id": "E3", "evidence": [f"avis_situation_ft@{day(-60)}", f"piece_identite@{day(-60)}"]},
        {"candidate_id": "E4", "certificates": [f"SST@{day(60)}"]},
        {"candidate_id": "late", "pass_iae_until": day(61)},
        {"candidate_id": "over", "pass_iae_until": day(-1)},
        {"candidate_id": "renewed", "evidence": [f"avis_situation_ft@{day(-60)}", f"avis_situation_ft@{day(-1)}"]},
        {"candidate_id": "quiet", "pass_iae_until": day(10), "objection": "yes"},
    ]
    world.put(world.adviser, "candidates", [{**COMMON, **one} for one in ends])
    world.put(world.other, "candidates", [{**COMMON, "candidate_id": "B9", "pass_iae_until": day(3)}])
    found = blocks(site, "adviser", "A")[PAPERS]
    assert found.startswith(f"{PAPERS} 4 ")
    assert re.search(r"E1 PASS IAE : fin le .*E2 un document personnel, voir la fiche : fin le", found)
    assert "E3 avis de situation France Travail" in found
    assert "E4" in found
    for name in ("late", "over", "renewed", "quiet", "B9", "RQTH"):
        assert name not in found, name


def test_an_adviser_sees_who_has_not_been_proposed(site: Site, world: World) -> None:
    aged = world.propose(world.adviser, "P1")
    age(world, aged, 40)  # still under way
    withdrawn = world.propose(world.adviser, "P2")
    world.move(world.adviser, withdrawn, "withdrawn")
    age(world, withdrawn, 40)
    facts = [
        {"candidate_id": "P4", "available_from": day(90)},
        {"candidate_id": "P3", "objection": "yes"},
        {"candidate_id": "P5", **COMMON, "facts_on": day(-300), "last_name": "Longtemps"},
    ]
    world.put(world.adviser, "candidates", facts)
    found = blocks(site, "adviser", "A")[IDLE]
    assert found.startswith(f"{IDLE} 2 ")
    assert re.search(r"Longtemps \(P5\).*Marqueur2 \(P2\)", found)
    for name in ("P1", "P3", "P4"):
        assert name not in found, name


def test_positions_about_to_open_with_too_few_people(site: Site, world: World) -> None:
    world.positions(
        {**POSITION, "position_id": "soon", "title": "coffreur", "start_date": day(10)},
        {**POSITION, "position_id": "begun", "title": "peintre", "start_date": day(-5)},
        {**POSITION, "position_id": "later", "title": "carreleur", "start_date": day(31)},
        {**POSITION, "position_id": "full", "title": "plombier", "openings": 1, "start_date": day(10)},
    )
    world.propose(world.adviser, "P1", "full")
    world.propose(world.adviser, "P1", "soon")
    for role, org, name in (("adviser", "A", SHORT), ("facilitator", "F", f"Vos p{SHORT[1:]}")):
        found = blocks(site, role, org)[name]
        assert found.startswith(f"{name} 2 ")
        assert re.search(r"peintre a commencé le .* 2 place\(s\) libre\(s\), 0 personne\(s\) en cours", found)
        assert re.search(r"coffreur commence le .* 2 place\(s\) libre\(s\), 1 personne\(s\) en cours", found)
        assert "carreleur" not in found
        assert "plombier" not in found
    assert "coffreur" not in " ".join(blocks(site, "facilitator", "G").values())


def test_a_facilitator_sees_what_to_answer_by_reference(site: Site, world: World) -> None:
    age(world, world.propose(world.adviser, "P1"), 8)
    world.propose(world.adviser, "P2")
    found = blocks(site, "facilitator", "F")["Propositions qui attendent votre réponse"]
    assert found.startswith("Propositions qui attendent votre réponse 1 ")
    assert f"{world.references()['A', 'P1']} pour maçon" in found
    for name in ("Marqueur1", "Nom1", "P1"):
        assert name not in found.split()


def test_a_facilitator_sees_awards_just_brought_in(site: Site, world: World) -> None:
    award = {
        "award_id": "M1",
        "object": "Réfection de la voirie",
        "amount": 100000,
        "hours": 700,
        "social": "Clause sociale",
    }
    answer = world.facilitator.post("/api/v1/awards", json={"awards": [award]})
    assert answer.status_code == 200, answer.text
    name = "Contrats importés ou modifiés ces 7 jours"
    assert "Réfection de la voirie" in blocks(site, "facilitator", "F")[name]
    assert "Réfection" not in " ".join(blocks(site, "facilitator", "G").values())


def test_a_contractor_sees_its_own_positions(site: Site, world: World) -> None:
    world.positions({**POSITION, "position_id": "J9", "title": "grutier", "siret": siret_of("OTHER")})
    found = blocks(site, "contractor", SITE)["Vos postes ouverts"]
    assert "maçon 2 place(s) libre(s) sur 2" in found
    assert "grutier" not in found
    assert "Marqueur" not in found


def test_those_who_watch_see_the_log_and_the_keys(site: Site, world: World) -> None:
    assert re.search(r"\d+ entrées ; la dernière le", blocks(site, "auditor", "W")["Journal et bilan"])
    keys = "Clés d'accès qui se terminent bientôt"
    assert "Aucune clé de votre organisme" in blocks(site, "admin", "W")[keys]
    assert keys not in blocks(site, "auditor", "W")
    with world.api.store.write("command:tests", None, now()) as change:
        later = (now() + timedelta(days=20)).isoformat().replace("+00:00", "Z")
        change.connection.execute(update(t.api_keys).filter_by(org_id="W", roles="auditor").values(expires_at=later))
        change.log("tests.age", "tests")
    assert blocks(site, "admin", "W")[keys].startswith(f"{keys} 1 ")
    assert "Aucune clé de votre organisme" in blocks(site, "admin", "F")[keys]


def test_every_block_says_when_nothing_waits(site: Site) -> None:
    for role in ("adviser", "facilitator", "contractor", "auditor", "admin"):
        found = blocks(site, role, "EMPTY")
        assert found
        for title, words in found.items():
            assert "Aucun" in words or "Toutes vos personnes" in words or "entrées" in words, (role, title)


def test_showing_names_is_written_down(site: Site, world: World) -> None:
    before = len(world.log(action="people.see"))
    blocks(site, "facilitator", "F")
    assert len(world.log(action="people.see")) == before
    site.visitor("adviser", "A").page("/")
    assert world.log(action="people.see")[0]["detail"] == {"list": True}
