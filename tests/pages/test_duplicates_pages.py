"""People entered twice: proposed, looked at, made one, undone, said to be two."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from service.store import tables as t
from tests.pages.conftest import Site, Visitor
from tests.service.lists import World

TWIN = {"last_name": "Diallo", "first_name": "Awa", "birth_date": "1990-02-01", "phone": "06 11 22 33 44"}
PAIR = "/duplicates/pair?left=D1&right=D2"


def text(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


@pytest.fixture
def world(site: Site) -> World:
    world = World(site.api).fill()
    others = [
        {
            "candidate_id": f"O{n}",
            "last_name": f"Nom{n}",
            "first_name": f"Prénom{n}",
            "birth_date": f"19{60 + n % 40}-0{1 + n % 9}-{1 + n % 28:02}",
            "phone": f"06 55 44 {n:02} 00",
        }
        for n in range(40)
    ]
    twins = [
        {**TWIN, "candidate_id": "D1", "commune": "91228", "licences": ["B"]},
        {**TWIN, "candidate_id": "D2", "email": "awa@example.org", "vehicle": True},
    ]
    world.put(world.adviser, "candidates", [*others, *twins])
    return world


@pytest.fixture
def adviser(site: Site, world: World) -> Visitor:
    return site.visitor("adviser")


def merged(adviser: Visitor, keep: str = "D1", **fields: str) -> Any:
    page = adviser.page(PAIR)
    versions = dict(re.findall(r'name="((?:left|right)-version)" value="(\d+)"', page.text))
    return adviser.send("/duplicates/merge", left="D1", right="D2", keep=keep, **{**versions, **fields})


def facts(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = world.get(world.adviser, f"/candidates/{name}")["facts"]
    return found


def test_a_pair_is_proposed_with_its_chance_and_why(adviser: Visitor) -> None:
    assert "Chercher dans votre organisme" in adviser.page("/duplicates").text
    found = text(adviser.send("/duplicates"))
    assert "Awa Diallo (D1) et Awa Diallo (D2)" in found
    assert re.search(r"9\d\s%", found)
    assert "dentiques : nom, prénom, date de naissance, téléphone" in found
    side = text(adviser.page(PAIR))
    assert "inconnu d'un côté" in side
    assert "awa@example.org" in side


def test_two_records_are_made_one_and_two_again(site: Site, adviser: Visitor, world: World) -> None:
    adviser.send("/duplicates")
    done = merged(adviser, **{"v-email": "right", "v-vehicle": "left", "v-licences": "left", "v-commune": "left"})
    assert "Fiches réunies" in done.text
    assert "Awa Diallo (D1) et" not in text(done)
    kept = facts(world, "D1")
    assert (kept["email"], kept["vehicle"], kept["licences"]) == ("awa@example.org", None, ["B"])
    assert adviser.page("/people/D2").status_code == 404
    assert "awa@example.org" not in str(site.api.store.engine)
    with site.api.store.read() as connection:
        row = connection.execute(select(t.merges)).one()
    assert b"awa@" not in row.body
    back = adviser.send("/duplicates/undo", merge=row.merge_id, values="before")
    assert "Fusion défaite" in back.text
    assert facts(world, "D1")["email"] is None
    again = facts(world, "D2")
    assert (again["email"], again["vehicle"]) == ("awa@example.org", True)
    assert adviser.send("/duplicates/undo", merge=row.merge_id).status_code == 404


def test_a_record_with_proposals_is_the_one_kept(adviser: Visitor, world: World) -> None:
    world.put(world.adviser, "candidates", [{"candidate_id": "D2", "commune": "91228", "occupations": "F1703"}])
    world.propose(world.adviser, "D2")
    refused = merged(adviser, keep="D1")
    assert refused.status_code == 409
    assert "c'est elle qu'il faut garder" in text(refused)
    assert 'value="D2" checked' in adviser.page(PAIR).text
    assert "Fiches réunies" in merged(adviser, keep="D2").text
    assert world.get(world.adviser, "/proposals")["proposals"]


def test_two_people_are_not_proposed_again(adviser: Visitor) -> None:
    adviser.send("/duplicates")
    page = adviser.send("/duplicates/apart", left="D2", right="D1")
    assert "ce sont deux personnes" in text(page)
    assert "Awa Diallo" not in text(page)
    assert "Awa Diallo" not in text(adviser.send("/duplicates"))


def test_an_objection_of_either_stays(adviser: Visitor, world: World) -> None:
    world.put(world.adviser, "candidates", [{"candidate_id": "D2", "objection": "yes"}])
    merged(adviser, **{"v-objection": "left"})
    assert facts(world, "D1")["objection"] is True


def test_what_changed_meanwhile_is_not_lost(adviser: Visitor, world: World) -> None:
    page = adviser.page(PAIR)
    versions = dict(re.findall(r'name="((?:left|right)-version)" value="(\d+)"', page.text))
    world.put(world.adviser, "candidates", [{"candidate_id": "D1", "wage_min": 13}])
    answer = adviser.send("/duplicates/merge", left="D1", right="D2", keep="D1", **versions)
    assert answer.status_code == 412
    assert facts(world, "D2")["email"] == "awa@example.org"


def test_erasing_the_person_erases_what_was_put_aside(site: Site, adviser: Visitor, world: World) -> None:
    with site.api.store.read() as connection:
        gone = connection.execute(select(t.people.c.subject).filter_by(candidate_id="D2")).scalar_one()
    merged(adviser)
    world.adviser.delete("/api/v1/candidates/D1")
    with site.api.store.read() as connection:
        assert connection.execute(select(t.merges)).first() is None
        assert connection.execute(select(t.subjects.c.wrapped_key).filter_by(subject=gone)).scalar_one() is None
        assert connection.execute(select(t.people_past).filter_by(subject=gone)).first() is None


def test_only_advisers_and_only_their_own(site: Site, world: World) -> None:
    for role in ("facilitator", "contractor", "auditor", "admin"):
        visitor = site.visitor(role)
        assert visitor.page("/duplicates").status_code == 403
        assert visitor.page(PAIR).status_code == 403
    other = site.visitor("adviser", "B")
    assert other.page(PAIR).status_code == 404
    assert "Awa" not in other.send("/duplicates").text
    assert other.send("/duplicates/merge", left="D1", right="D2", keep="D1").status_code == 404
    assert other.send("/duplicates/apart", left="D1", right="D2").status_code == 404
