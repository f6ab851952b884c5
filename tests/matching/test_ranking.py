"""The ranking rule: what a score depends on, hard filters and their order, unknown, ties, places, distances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.blocking import Filter
from matcher.reference import communes
from matcher.schema import CANDIDATES
from tests.matching.conftest import Samples
from tests.matching.tables import ON, Raw, excluded, level, listed, made, one, people, positions


def settled(table: pd.DataFrame) -> pd.DataFrame:
    """The same people with their places resolved into `commune`."""
    place = communes()
    found = place.resolve(table["commune"], table["postal_code"], table["city"])
    codes = [place.codes[i] if i >= 0 else None for i in found]
    return table.assign(commune=pd.array(codes, "str"), postal_code=pd.NA, city=pd.NA).astype(
        {"postal_code": "str", "city": "str"}
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_score_depends_on_matching_columns_alone(samples: Samples, seed: int) -> None:
    table, jobs = settled(samples.people), samples.positions.iloc[::2].assign(asked=float("nan"))
    others = [c.name for c in CANDIDATES.columns if "M" not in c.roles and c.name != "candidate_id"]
    assert {"sex", "benefits", "disability", "birth_date", "qpv", "justice", "postal_code"} <= set(others)
    random = np.random.default_rng(seed)
    permuted = table.copy()
    for name in others:
        permuted[name] = table[name].take(random.permutation(len(table))).reset_index(drop=True)
    scores = []
    for people_table in (table, permuted):
        run = made(people_table, jobs, top=1000)
        scores.append(run.shortlists.set_index(["position_id", "candidate_id"])["score"])
    both = scores[0].index.intersection(scores[1].index)
    assert len(both) > 500
    assert len(scores[0].index.difference(scores[1].index)) > 20, "permuting must change who is eligible"
    pd.testing.assert_series_equal(scores[0].loc[both], scores[1].loc[both])


def test_equal_scores_by_availability_then_identifier_as_text() -> None:
    table = people(
        {"candidate_id": "10", "available_from": "2026-08-02"},
        {"candidate_id": "9", "available_from": "2026-08-02"},
        {"candidate_id": "b"},
        {"candidate_id": "é"},
        {"candidate_id": "B"},
        {"candidate_id": "z", "available_from": "2026-08-01"},
    )
    assert listed(made(table, positions({}))) == ["z", "10", "9", "B", "b", "é"]


def test_eligible_and_to_verify_are_ranked_together_and_marked() -> None:
    table = people(
        {"candidate_id": "sure", "available_from": "2026-12-01"},
        {"candidate_id": "open", "benefits": None, "available_from": "2026-08-01"},
    )
    found = made(table, positions({"start_date": "2026-09-01"}), top=1).shortlists
    assert found[["candidate_id", "outcome"]].to_numpy().tolist() == [["open", "to_verify"]]
    assert "benefits" in found["missing"][0].split("|")


def test_unknown_never_excludes() -> None:
    job: Raw = {
        "start_date": "2026-08-01",
        "end_date": "2026-10-01",
        "schedule": "night|travel",
        "licences": "B|CE",
        "vehicle": "yes",
        "certificates": "SST|AIPR",
        "demands": "heights",
        "french_min": "C1",
        "qualification_min": 5,
        "experience_months": 24,
        "wage": 12,
    }
    result = one({"commune": None, "benefits": None}, job)
    assert listed(result) == ["A0"]
    assert result.shortlists["outcome"].tolist() == ["to_verify"]
    assert pd.isna(result.shortlists["distance_km"][0])
    assert set(result.contributions["points"][:-1]) == {0}


@pytest.mark.parametrize(
    ("person", "job", "name"),
    [
        ({"objection": "yes"}, {}, Filter.OBJECTION),
        ({"right_to_work_until": "none"}, {}, Filter.RIGHT_TO_WORK),
        ({"right_to_work_until": "2026-08-31"}, {}, Filter.RIGHT_TO_WORK),
        ({"right_to_work_until": "2026-09-01"}, {}, None),
        ({"commune": "75056"}, {}, Filter.DISTANCE),
        ({"commune": "75056", "max_distance_km": 60}, {}, None),
        ({"max_distance_km": 0}, {}, None),
        ({"available_from": "2026-12-02"}, {"end_date": "2026-12-01"}, Filter.AVAILABILITY),
        ({"available_from": "2026-12-01"}, {"end_date": "2026-12-01"}, None),
        ({"accepts": "none"}, {"schedule": "night"}, Filter.SCHEDULE),
        ({"accepts": "early"}, {"schedule": "night|early"}, Filter.SCHEDULE),
        ({"accepts": "early|night"}, {"schedule": "night|early"}, None),
        ({"licences": "none"}, {"licences": "B"}, Filter.LICENCE),
        ({"licences": "C"}, {"licences": "B"}, None),
        ({"licences": "CE"}, {"licences": "B|C"}, None),
        ({"licences": "D"}, {"licences": "B"}, None),
        ({"licences": "C1"}, {"licences": "B"}, None),
        ({"licences": "B"}, {"licences": "C"}, Filter.LICENCE),
        ({"vehicle": "no"}, {"vehicle": "yes"}, Filter.LICENCE),
        ({"vehicle": "no"}, {"vehicle": "no"}, None),
        ({"certificates": "none"}, {"certificates": "SST"}, Filter.CERTIFICATE),
        ({"certificates": "AIPR"}, {"certificates": "SST"}, None),
        ({"certificates": "SST@2026-08-31"}, {"certificates": "SST"}, Filter.CERTIFICATE),
        ({"certificates": "SST@2026-09-01"}, {"certificates": "SST"}, None),
        ({"certificates": "SST@2026-08-31|SST@2027-01-01"}, {"certificates": "SST"}, None),
        ({"certificates": "AIPR|CACES R489 1A et 3"}, {"certificates": "CACES_R489_3"}, None),
        ({"work_limits": "heights"}, {"demands": "heights|noise"}, Filter.WORK_LIMITS),
        ({"work_limits": "none"}, {"demands": "heights"}, None),
    ],
)
def test_each_filter(person: Raw, job: Raw, name: Filter | None) -> None:
    result = one(person, job)
    assert excluded(result) == ({} if name is None else {str(name): 1})
    assert listed(result) == (["A0"] if name is None else [])


def test_not_eligible_needs_every_category_known_false() -> None:
    known = dict.fromkeys(("jobseeker", "refugee", "disability"), "no")
    lists = dict.fromkeys(("benefits", "programmes", "pass_iae_until"), "none")
    assert excluded(one({**known, **lists}, {})) == {"not_eligible": 1}
    assert excluded(one({**known, **lists, "refugee": None}, {})) == {}


def test_complete_columns_make_what_is_not_written_missing() -> None:
    job: Raw = {"certificates": "SST", "skills": "couler du béton"}
    person: Raw = {"certificates": "AIPR", "skills": "faire une ronde"}
    assert level(one(person, job), "skills") == "unknown"
    assert level(one(person, {"skills": "couler du béton"}, complete=("skills",)), "skills") == "none"
    assert excluded(one(person, job, complete=("certificates",))) == {"certificate": 1}
    empty: Raw = {"certificates": None, "skills": None}
    assert listed(one(empty, job, complete=("certificates", "skills"))) == ["A0"]


@pytest.mark.parametrize(
    ("column", "job", "name"),
    [
        ("licences", {"licences": "B"}, Filter.LICENCE),
        ("vehicle", {"vehicle": "yes"}, Filter.LICENCE),
        ("accepts", {"schedule": "night"}, Filter.SCHEDULE),
        ("certificates", {"certificates": "SST"}, Filter.CERTIFICATE),
    ],
)
def test_empty_cells_assumed_no_are_no_for_filters_too(column: str, job: Raw, name: Filter) -> None:
    assert listed(one({}, job)) == ["A0"]
    assert excluded(one({}, job, assume_no=(column,))) == {name: 1}


def test_each_person_is_counted_once_under_the_first_filter() -> None:
    worst: Raw = {
        "objection": "yes",
        "right_to_work_until": "none",
        "commune": "13055",
        "available_from": "2028-01-01",
        "accepts": "none",
        "licences": "none",
        "certificates": "none",
        "work_limits": "heights",
    }
    job: Raw = {
        "end_date": "2026-12-01",
        "schedule": "night",
        "licences": "B",
        "certificates": "SST",
        "demands": "heights",
    }
    fixed = {
        "objection": None,
        "right_to_work_until": "permanent",
        "commune": "91228",
        "available_from": "2026-09-01",
        "accepts": "night",
        "licences": "B",
        "certificates": "SST",
        "work_limits": "none",
    }
    rows = [{**worst, **dict(list(fixed.items())[:count])} for count in range(len(fixed) + 1)]
    result = made(people(*rows), positions(job))
    order = [name for name in Filter if name is not Filter.NOT_ELIGIBLE]
    assert result.exclusions["filter"].tolist() == [str(name) for name in order]
    assert result.exclusions["people"].tolist() == [1] * len(order)
    assert listed(result) == [f"A{len(fixed)}"]


def test_objection_is_never_scored_nor_listed(samples: Samples) -> None:
    plain = samples.people.assign(objection=pd.array([True] * len(samples.people), "boolean"))
    result = made(plain, samples.positions)
    assert not len(result.shortlists)
    assert not len(result.contributions)
    assert set(result.exclusions["filter"]) == {"objection"}
    assert set(result.exclusions["people"]) == {len(plain)}


def test_unknown_place_lists_nobody() -> None:
    result = made(people({}), positions({"commune": None, "place_code": "00000"}, {"commune": None}, {}))
    assert result.unfilled.to_numpy().tolist() == [
        ["P0", 10, 0, "lieu inconnu"],
        ["P1", 10, 0, "lieu inconnu"],
        ["P2", 10, 1, "moins de personnes que demandé passent les critères ; voir exclusions.csv"],
    ]
    assert any(remark.startswith("lieu inconnu pour 2 poste(s) : P0, P1") for remark in result.remarks)


def test_a_postal_code_that_is_none_is_the_area_around_it() -> None:
    def near(**place: str | None) -> float:
        return float(one({"commune": "91228"}, {"commune": None, **place}).shortlists["distance_km"][0])

    assert near(postal_code="91228") == 0  # an INSEE code
    assert near(postal_code="91012") == 0  # CEDEX: its département
    assert near(postal_code="92055", city="Paris La Défense CEDEX") == near(place_code="92")
    assert near(postal_code="92055", place_code="91") == 0  # an area that is named comes first
    assert near(postal_code="91012", city="Mennecy") == near(city="Mennecy") > 0


def test_distance_to_an_area_is_a_minimum() -> None:
    far = one({"commune": "91174", "max_distance_km": 90}, {"commune": None, "place_code": "75"}, top=1).shortlists
    exact = one({"commune": "91174", "max_distance_km": 90}, {"commune": "75056"}, top=1).shortlists
    assert 0 < far["distance_km"][0] <= exact["distance_km"][0]
    assert "distance minimale : lieu exact à préciser" in far["concerns"][0]
    assert "distance minimale" not in exact["concerns"][0]
    inside = one({}, {"commune": None, "place_code": "91", "place_kind": "departement"})
    assert inside.shortlists["distance_km"].tolist() == [0]
    assert level(inside, "distance") == "unknown"


def test_the_default_distance_is_shown() -> None:
    result = made(people({}, {"max_distance_km": 5}), positions({}))
    assert "1 personne(s) sans distance maximale : 25 km à vol d'oiseau pris par défaut" in result.remarks


def test_nobody_within_reach_is_said() -> None:
    result = one({"commune": "13055"}, {})
    assert result.unfilled["reason"].tolist() == ["personne de ce fichier n'habite à portée de ce lieu"]
    refused = one({"objection": "yes"}, {})
    assert refused.unfilled["reason"].tolist() == [
        "aucune des 1 personnes à portée ne passe les critères ; voir exclusions.csv"
    ]


def test_the_outcome_at_the_start_shows_where_it_differs() -> None:
    facts: Raw = {"benefits": None, "disability": "yes", "jobseeker": "yes", "disability_until": "2026-10-01"}
    job: Raw = {"start_date": "2026-11-01"}
    ends = {"programmes": "none", "qpv": "no", "refugee": "no", "months_worked_12": 12, "pass_iae_until": "none"}
    found = one({**facts, **ends, "benefits": "none", "birth_date": "1990-01-01"}, job).shortlists
    assert found[["outcome", "at_start"]].to_numpy().tolist() == [["eligible", "not_eligible"]]
    same = one({**facts, **ends, "benefits": "ASS"}, job).shortlists
    assert same["at_start"].tolist() == [""]


def test_a_code_that_rome_does_not_have_is_kept_and_told() -> None:
    for code in ("F9999", "Z9999", "z 9999"):
        result = one({"occupations": code}, {"occupation": code})
        assert level(result, "wish") == "first"
        assert "codes ROME inconnus, gardés tels quels : " + code in result.remarks


def test_words_without_a_code_stay_unknown() -> None:
    job: Raw = {"occupation": "F1703", "experience_months": 12}
    cases: list[tuple[Raw, dict[str, str]]] = [
        ({"experience": "zzzz qqqq:30"}, {"practice": "unknown", "experience": "unknown"}),
        ({"experience": "K2204:30|zzzz qqqq:3"}, {"practice": "unknown", "experience": "unknown"}),
        ({"experience": "K2204:30"}, {"practice": "elsewhere", "experience": "short"}),
        ({"experience": "none"}, {"practice": "none", "experience": "short"}),
        ({"experience": "F1703:12|zzzz qqqq:3"}, {"practice": "confirmed", "experience": "met"}),
        ({"experience": "F1703"}, {"practice": "some", "experience": "unknown"}),
        ({"experience": "F1703:6|F1703"}, {"practice": "some", "experience": "half"}),
        ({"occupations": "zzzz qqqq|K2204"}, {"wish": "unknown"}),
        ({"occupations": "zzzz qqqq|F1703"}, {"wish": "wished"}),
        ({"occupations": "K2204"}, {"wish": "elsewhere"}),
        ({"occupations": "F1703|zzzz qqqq"}, {"wish": "first"}),
        ({"occupations": "F1703 - Maçonnerie"}, {"wish": "first"}),
    ]
    for person, expected in cases:
        result = one(person, job)
        assert {name: level(result, name) for name in expected} == expected, person


@pytest.mark.parametrize("job", [{"start_date": None}, {"end_date": None}, {"start_date": None, "end_date": None}])
def test_positions_without_dates(job: Raw) -> None:
    result = one({"available_from": "2027-01-01"}, {"start_date": "2026-09-01", "end_date": "2027-09-01", **job})
    assert listed(result) == ["A0"]
    assert level(result, "availability") == ("not_asked" if "start_date" in job else "later")


def test_a_run_replays(samples: Samples) -> None:
    first, second = (made(samples.people, samples.positions, max_per_candidate=2) for _time in range(2))
    pd.testing.assert_frame_equal(first.shortlists, second.shortlists)
    assert first.engine.options.on == ON


def test_raw_rows_and_canonical_rows_agree() -> None:
    from matcher import Matcher

    rows: list[Any] = [{"candidate_id": "A", "benefits": "ASS", "commune": "91228", "occupations": "maçon"}]
    jobs: list[Any] = [{"position_id": "P", "commune": "91228", "occupation": "F1703"}]
    raw = Matcher().match(pd.DataFrame(rows), pd.DataFrame(jobs), on=ON)
    pd.testing.assert_frame_equal(raw.shortlists, made(people(*rows), positions(*jobs)).shortlists)
