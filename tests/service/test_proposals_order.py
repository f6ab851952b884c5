"""The order that people give beside the model's."""

from __future__ import annotations

from typing import Any

import pytest

from service.proposals.models import OrderBody
from service.proposals.order import Placed, order_of, put_order
from service.settings import Settings
from service.store import tables as t
from service.store.database import Store
from tests.service.follow_up import Desk, content
from tests.service.test_proposals import refused


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    one = Desk(store, settings)
    one.position("P1")
    return one


def put(desk: Desk, role: str = "facilitator", org: str = "F", *, if_match: str | None = None, **body: Any) -> Any:
    asked = OrderBody.model_validate(body)
    call = desk.call(role, org, path={"position_id": "P1"}, body=asked, if_match=if_match)
    return put_order(call)


def stored(desk: Desk) -> list[Placed]:
    with desk.store.read() as connection:
        return order_of(connection, "P1")


def test_a_facilitator_s_order_is_kept_and_replaced(desk: Desk) -> None:
    people = [desk.person(name) for name in ("un", "deux", "trois", "quatre")]
    names = [desk.reference(subject) for subject in people]
    aside = [{"candidate_id": names[2], "reason": "person_distance"}]
    answer = put(desk, order=[names[1], names[0]], added=[names[0], names[3]], aside=aside)
    assert stored(desk) == [
        Placed(people[1], 1, False, None),
        Placed(people[0], 2, True, None),
        Placed(people[3], None, True, None),
        Placed(people[2], None, False, "person_distance"),
    ]
    assert [row["candidate_id"] for row in content(answer)["places"]] == [names[1], names[0], names[3], names[2]]
    entry = desk.rows(t.log, action="position.order")[0]
    assert '"aside": ["person_distance"]' in entry["detail"]
    assert not any(name in entry["detail"] + entry["subjects"] for name in names)
    again = put(desk, order=[names[3]], if_match=answer.version)
    assert stored(desk) == [Placed(people[3], 1, False, None)]
    with refused("changed"):
        put(desk, order=[names[0]], if_match=answer.version)
    empty = put(desk, if_match=again.version)
    assert stored(desk) == []
    assert empty.version == "0"


def test_an_adviser_adds_and_sets_aside_their_own_people_only(desk: Desk) -> None:
    first, second, third = desk.person("un"), desk.person("deux"), desk.person("x", org="B")
    references = [desk.reference(one) for one in (first, second, third)]
    put(desk, order=references)
    answer = put(desk, "adviser", "A", added=["un"], aside=[{"candidate_id": "deux", "reason": "person_wish"}])
    assert stored(desk) == [
        Placed(first, 1, True, None),
        Placed(third, 3, False, None),
        Placed(second, None, False, "person_wish"),
    ]
    assert [row["candidate_id"] for row in content(answer)["places"]] == ["un", "deux"]  # nobody else's
    put(desk, "adviser", "A")
    assert stored(desk) == [Placed(first, 1, True, None), Placed(third, 3, False, None)]
    for name in ("x", references[2], "personne"):
        with refused("absent", "Aucune personne"):
            put(desk, "adviser", "A", added=[name])
    with refused("usage", "/order"):
        put(desk, "adviser", "A", order=["un"])


def test_whose_position_it_is(desk: Desk) -> None:
    name = desk.reference(desk.person("un"))
    with refused("absent", "Aucun de vos postes"):
        put(desk, "facilitator", "G", order=[name])
    with refused("absent", "Aucune personne"):
        put(desk, order=["un"])  # a facilitator knows references only


def test_what_contradicts_itself(desk: Desk) -> None:
    name = desk.reference(desk.person("un"))
    with refused("usage", "/order", "deux fois"):
        put(desk, order=[name, name])
    with refused("usage", "/aside", "Choisir"):
        put(desk, order=[name], aside=[{"candidate_id": name, "reason": "other"}])
    refusing = desk.reference(desk.person("non", objection=True))
    with refused("conflict", "s'oppose"):
        put(desk, order=[refusing])
    assert stored(desk) == []
