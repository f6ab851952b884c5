"""Pairs of people: names as written in France, unknown values, homes, and the fast way against the slow one."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_samples.doubles import Doubles, doubles
from matcher.duplicates import PEOPLE, Key, Level, Pass, Weights, against, learn_weights, link, pairs, reason
from matcher.errors import UsageError
from tests.duplicates.twin import all_pairs, pair_levels, person

NADIA = {
    "last_name": "Belhadj",
    "first_name": "Nadia",
    "birth_date": "1988-03-07",
    "phone": "06 39 98 12 34",
    "email": "nadia.b@example.org",
    "commune": "91228",
}


@lru_cache(maxsize=1)
def crowd() -> Doubles:
    return doubles(1500, seed=11)


@lru_cache(maxsize=1)
def known_weights() -> Weights:
    return learn_weights(crowd().table)


def probability(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Of the pair of two people among the crowd; 0 when it is not even looked at."""
    two = pd.DataFrame([{"candidate_id": "A", **one}, {"candidate_id": "B", **other}])
    table = pd.concat([crowd().table.head(300), two], ignore_index=True)
    found = pairs(table, least=1e-9, weights=known_weights())
    chosen = found[(found["left"] == "A") & (found["right"] == "B")]
    return float(chosen["probability"].iloc[0]) if len(chosen) else 0.0


def without(*names: str, **changed: str | None) -> dict[str, Any]:
    return {name: value for name, value in NADIA.items() if name not in names} | changed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NADIA, without(last_name="Martin")),  # a married name
        (NADIA, without("phone", last_name="MARTIN née BELHADJ")),
        (NADIA, without("phone", "email", last_name="Martin-Belhadj")),
        (NADIA, without("phone", "email", last_name="Nadia", first_name="BELHADJ")),
        (NADIA, without("phone", "email", birth_date="1988-07-03")),
        (NADIA, without("email", "commune", phone="0033639981234", last_name="Bel Hadj")),
        (without("phone"), without("phone", email="NADIA.B@EXAMPLE.ORG", first_name="Nadja")),
        (
            without("phone", "email", last_name="Ben Youssef", first_name="Mohamed"),
            without("phone", "email", last_name="YUSUF", first_name="Muhammad"),
        ),
        (
            without("phone", "email", last_name="de La Tour", first_name="Jean-Pierre"),
            without("phone", "email", last_name="LATOUR", first_name="Jean"),
        ),
        (
            without("phone", "email", last_name="Kovalenko", first_name="Oleksandr"),
            without("phone", "email", last_name="Kovalenko", first_name="Alexander"),
        ),
    ],
)
def test_one_person_written_twice_is_found(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert probability(one, other) > 0.5
    assert probability(other, one) == pytest.approx(probability(one, other))


@pytest.mark.parametrize(
    "other",
    [
        without("email", first_name="Karim", birth_date="1984-11-20"),  # a brother at the same address and telephone
        without("email", "phone", birth_date="1961-10-25", commune="13055"),  # a namesake elsewhere
        without("email", "phone", last_name="Moreau", first_name="Lucie"),  # born on the same day
    ],
)
def test_people_who_are_only_alike_are_not_proposed(other: dict[str, Any]) -> None:
    assert probability(NADIA, other) < 0.5


@pytest.mark.parametrize("name", sorted(NADIA))
def test_an_unknown_value_is_neither_for_nor_against(name: str) -> None:
    other_ways = [one for one in ("phone", "email") if one != name]
    base = without(*other_ways)  # or every probability would be 1
    same, unknown = probability(base, base), probability(base, without(name, *other_ways))
    third = {"phone": "06 39 98 77 00", "email": "x@example.net", "commune": "13055"}
    other = {"last_name": "Zwilling", "first_name": "Odette", "birth_date": "1950-12-30", **third}[name]
    different = probability(base, without(*other_ways, **{name: other}))
    assert different < unknown < same


def test_a_field_unknown_on_one_side_is_said_unknown_and_weighs_nothing() -> None:
    assert (known_weights().table()[:, Level.UNKNOWN] == 0).all()
    two = pd.DataFrame([{"candidate_id": "A", **NADIA}, {"candidate_id": "B", **without("phone", "email")}])
    found = pairs(two, least=1e-9, weights=known_weights())
    assert found["unknown"].tolist() == ["phone|email"]
    assert found["differ"].tolist() == [""]
    assert found["agree"].tolist() == ["last_name|first_name|birth_date|place"]


def test_the_fast_way_finds_what_the_slow_way_finds_with_the_same_probabilities() -> None:
    chosen = np.isin(crowd().person, np.unique(crowd().person[pd.Series(crowd().person).duplicated()])[:60])
    rows = crowd().table[chosen | (np.arange(len(chosen)) < 80)]
    weights = learn_weights(rows)
    slow = all_pairs(rows, weights)
    fast = pairs(rows, least=1e-6, weights=weights)
    keys = [frozenset(pair) for pair in zip(fast["left"], fast["right"], strict=True)]
    assert len(keys) > 20
    np.testing.assert_allclose(fast["probability"], [slow[key] for key in keys], rtol=1e-4, atol=1e-9)
    assert {key for key, chance in slow.items() if chance >= 0.5} == {
        key for key, chance in zip(keys, fast["probability"], strict=True) if chance >= 0.5
    }


WORDS = st.sampled_from(
    ["", "Jean", "Jean-Pierre", "Martin", "Dupont-Martin", "de la Tour", "Mohamed", "Muhammad", "J"]
)
DAYS = st.sampled_from(["", "1988-03-07", "1988-07-03", "1988-03-08", "1987-03-07", "1990-12-31"])
PLACES = st.sampled_from([("91228", ""), ("", "91000"), ("91225", "91000"), ("13055", "13001"), ("", "")])


@settings(max_examples=150, deadline=None)
@given(st.tuples(WORDS, WORDS, DAYS, PLACES), st.tuples(WORDS, WORDS, DAYS, PLACES))
def test_levels_are_those_of_the_slow_way_and_symmetric(one: Any, other: Any) -> None:
    rows = [
        {"candidate_id": key, "last_name": last, "first_name": first, "birth_date": day, "phone": "0639980000"}
        | dict(zip(("commune", "postal_code"), place, strict=True))
        for key, (last, first, day, place) in (("A", one), ("B", other))
    ]
    table = pd.DataFrame(rows).replace("", None).assign(email="a@example.org")
    both = [pairs(part, least=1e-300, weights=known_weights()) for part in (table, table.iloc[::-1])]
    assert [int(level) for level in pair_levels(person(rows[0]), person(rows[1]))][:3] == both[0].attrs["levels"][0][
        :3
    ]
    assert both[0].equals(both[1])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    table = crowd().table
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(pairs(table), pairs(shuffled))


def test_people_drawn_twice_are_found_without_any_label_women_and_men() -> None:
    made = crowd()
    found = pairs(made.table)
    owner = pd.Series(made.person, index=made.table["candidate_id"])
    right = owner[found["left"]].to_numpy() == owner[found["right"]].to_numpy()
    twice = owner[owner.duplicated(keep=False)]
    precision, recall = right.mean(), right.sum() / twice.nunique()
    assert 2 * precision * recall / (precision + recall) >= 0.96
    sex = made.table.set_index("candidate_id")["sex"]
    for one in ("F", "M"):
        of_sex = right & (sex[found["left"]] == one).to_numpy()
        assert of_sex.sum() / twice[(sex[twice.index] == one).to_numpy()].nunique() >= 0.93


def test_sex_is_never_read() -> None:
    table = crowd().table
    pd.testing.assert_frame_equal(pairs(table), pairs(table.assign(sex="X")))


def test_a_table_without_duplicates_proposes_next_to_nothing() -> None:
    assert len(pairs(doubles(1500, seed=5, twice=0).table)) <= 3


def test_a_chain_of_pairs_is_one_group() -> None:
    rows = [NADIA, without("phone", last_name="Belhaj"), without("email", last_name="Belhadje")]
    table = pd.DataFrame([{"candidate_id": key, **row} for key, row in zip("ABC", rows, strict=True)])
    found = pairs(table, weights=known_weights())
    assert set(found["left"] + found["right"]) == {"AB", "AC", "BC"}
    assert found["group"].tolist() == [1, 1, 1]


def test_against_looks_across_two_tables_only_and_link_gives_one_partner() -> None:
    known = pd.DataFrame([{"candidate_id": "K1", **NADIA}, {"candidate_id": "K2", **without("email")}])
    new = pd.DataFrame([{"candidate_id": "N1", **without("phone")}])
    found = against(new, known, weights=known_weights())
    assert found["left"].tolist() == ["N1", "N1"]
    assert sorted(found["right"]) == ["K1", "K2"]
    assert link(new, known, weights=known_weights(), least=0.01)["right"].tolist() == ["K1"]


def test_a_block_larger_than_the_window_is_not_dropped() -> None:
    rows = [
        {"candidate_id": f"P{i:03}", "last_name": f"Nom{i // 2:03}", "birth_date": "1990-01-01"} for i in range(200)
    ]
    one = Pass((Key("exact", ("birth_date",)),), ("last_name",), window=3)
    found = pairs(pd.DataFrame(rows), replace(PEOPLE, passes=(one,)), least=1e-300, weights=known_weights())
    met = set(zip(found["left"], found["right"], strict=True))
    assert {(f"P{i:03}", f"P{i + 1:03}") for i in range(0, 200, 2)} <= met
    assert len(met) <= 200 * 3


def test_weights_are_kept_as_plain_values() -> None:
    again = Weights.from_json(json.loads(json.dumps(known_weights().as_json())))
    pd.testing.assert_frame_equal(pairs(crowd().table, weights=again), pairs(crowd().table, weights=known_weights()))


def test_the_reason_is_a_sentence_without_any_value() -> None:
    levels = [Level.SWAPPED, Level.SWAPPED, Level.SWAPPED, Level.EXACT, Level.UNKNOWN, Level.NEAR]
    assert reason(levels, PEOPLE) == (
        "Identiques : téléphone ; échangés : nom, prénom ; jour et mois échangés : date de naissance ; "
        "ressemblants : lieu ; inconnus d'un côté au moins : courriel."
    )


def test_people_who_may_be_twins_are_said_so() -> None:
    levels = [Level.EXACT, Level.DIFFERENT, Level.EXACT, Level.EXACT, Level.UNKNOWN, Level.EXACT]
    assert reason(levels, PEOPLE).endswith("frère ou sœur jumeau possible, à vérifier.")


def test_fewer_than_two_columns_to_compare_are_refused() -> None:
    table = pd.DataFrame({"candidate_id": ["A", "B"], "city": ["Évry", "Évry"]})
    with pytest.raises(UsageError, match="au moins deux de ces colonnes remplies : last_name, first_name") as refused:
        pairs(table)
    assert "date de naissance" in refused.value.mend


@pytest.mark.parametrize("rows", [0, 1])
def test_nobody_and_one_person_make_no_pair(rows: int) -> None:
    table = pd.DataFrame([{"candidate_id": "A", **NADIA}]).head(rows)
    if rows:
        assert not len(pairs(table))
    else:
        with pytest.raises(UsageError):
            pairs(table)
