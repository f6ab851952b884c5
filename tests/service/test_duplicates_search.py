"""The search for people entered twice: beside the requests, one at a time for an organisation, on both databases."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from service import clock
from service.pages.duplicates.search import STALE, Job, last
from service.problems import Problem
from tests.pages.conftest import Site, Visitor
from tests.service.databases import Api
from tests.service.lists import World
from tests.service.people import actions

TWIN = {"last_name": "Diallo", "first_name": "Awa", "birth_date": "1990-02-01", "phone": "06 11 22 33 44"}


def words(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def others(count: int) -> list[dict[str, Any]]:
    return [
        {
            "candidate_id": f"O{n}",
            "last_name": f"Nom{n}",
            "first_name": f"Prénom{n}",
            "birth_date": f"19{60 + n % 40}-0{1 + n % 9}-{1 + n % 28:02}",
            "phone": f"06 55 44 {n:02} 00",
        }
        for n in range(count)
    ]


@pytest.fixture
def adviser(api: Api) -> Visitor:
    world = World(api)
    twins = [{**TWIN, "candidate_id": name} for name in ("D1", "D2")]
    world.put(world.adviser, "candidates", [*others(20), *twins])
    return Site(api).visitor("adviser")


def job(api: Api, run: str, org: str = "A") -> Job:
    """A search of another worker process."""
    return Job(api.store, clock.now, "key:other", org, run)


def test_a_search_is_kept_for_the_organisation_and_written_down(api: Api, adviser: Visitor) -> None:
    assert "Awa Diallo (D1) et Awa Diallo (D2)" in words(adviser.send("/duplicates"))
    found = last(api.store, "A", clock.now())
    assert found is not None
    assert (found.state, found.people) == ("done", 22)
    assert found.took is not None
    assert last(api.store, "B", clock.now()) is None
    assert last(api.store, "A", clock.now() + timedelta(hours=2)) is None
    assert actions(api).count("duplicates.search") == actions(api).count("duplicates.found") == 1
    again = Site(api).visitor(["adviser", "facilitator"])
    assert "Awa Diallo (D1) et" in words(again.page("/duplicates")), "a colleague sees it too"


def test_one_search_at_a_time(api: Api, adviser: Visitor) -> None:
    first = job(api, "first")
    first.claim(20_000, clock.now())
    page = adviser.page("/duplicates")
    assert "Recherche en cours, 20 000 personnes. Reste environ 3" in words(page).replace("\u202f", " ")
    assert 'action="/duplicates"' not in page.text
    refused = adviser.send("/duplicates")
    assert refused.status_code == 409
    assert "Une recherche est déjà en cours dans votre organisme." in words(refused)
    with pytest.raises(Problem):
        job(api, "second").claim(3, clock.now())
    job(api, "elsewhere", "B").claim(3, clock.now())
    part = adviser.client.get("/duplicates?part=progress", headers={"HX-Request": "true"}).text
    assert "Recherche en cours" in part
    assert "<h1" not in part
    first.end({"state": "done", "pairs": [], "took": 40.0})
    assert "Aucune paire à regarder" in words(adviser.page("/duplicates"))
    third = job(api, "third")
    third.claim(10_000, clock.now())
    found = last(api.store, "A", clock.now())
    assert found is not None
    assert found.expected == 20.0, "at the pace of the last one"
    assert found.remaining(found.started + timedelta(seconds=21)) is None


def test_a_search_that_died_is_told_and_begun_again(api: Api, adviser: Visitor) -> None:
    dead = job(api, "dead")
    dead.claim(22, clock.now() - 2 * STALE)
    assert "s'est arrêtée avant sa fin" in words(adviser.page("/duplicates"))
    dead.beat()
    assert "Recherche en cours" in words(adviser.page("/duplicates")), "it was only slow"
    dead = job(api, "dead again")
    with api.store.alter() as connection:
        connection.exec_driver_sql("DELETE FROM drafts")
    dead.claim(22, clock.now() - 2 * STALE)
    assert "Awa Diallo (D1) et" in words(adviser.send("/duplicates"))
    dead.beat()
    dead.end({"state": "done", "pairs": [], "took": 1.0})
    assert "Awa Diallo (D1) et" in words(adviser.page("/duplicates")), "the dead one takes nobody's place"


def test_what_cannot_be_searched_is_said(api: Api) -> None:
    world = World(api)
    world.put(world.adviser, "candidates", [{"candidate_id": f"N{n}"} for n in range(3)])
    page = Site(api).visitor("adviser").send("/duplicates")
    assert "Rien à comparer : il faut au moins deux de ces colonnes remplies" in words(page)
    assert actions(api).count("duplicates.found") == 1


def test_who_objects_to_matching_is_compared_and_marked(api: Api, adviser: Visitor) -> None:
    World(api).put(World(api).adviser, "candidates", [{"candidate_id": "D2", "objection": "yes"}])
    page = words(adviser.send("/duplicates"))
    assert "Awa Diallo (D2, opposition)" in page
    assert "personnes opposées au rapprochement" in page
