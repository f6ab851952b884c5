"""Laws that hold for any person, and the vectorised evaluation against its slow twin."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.eligibility import add_months, day_after_months, decide, describe, evaluate, facts, outcomes_on
from matcher.eligibility.dates import latest_start
from matcher.eligibility.kleene import Reading
from matcher.rules import PACK_IDS, load_rules
from matcher.rules.model import Fact
from matcher.rules.vocabulary import fact_table
from tests.eligibility_twin import Person, decision, plus_months, proof_by_one_document, table

ON = date(2024, 2, 29)
DAYS = st.dates(date(1930, 1, 1), date(2060, 12, 31))
RANK = {"not_eligible": 0, "to_verify": 1, "eligible": 2}
BENEFITS = ("RSA", "ASS", "AAH", "ASI", "ADA", "ATA", "AV", "INVALIDITE", "ARE", "BOURSE")
PROGRAMMES = ("IAE", "GEIQ", "EPIDE", "E2C", "EA", "EATT", "ESAT", "REGIE", "CEJ", "PACEA", "SMV", "SMA")
SENSITIVE = {"disability", "disability_until", "justice"}


SEEDS = st.integers(0, 2**32)
UNFAVOURABLE = ("employed", "ever_worked")
FAVOURABLE = [fact.name for fact in fact_table().facts if fact.kind == "tri" and fact.name not in UNFAVOURABLE]


THRESHOLDS = {  # months, per date: where decisions turn
    "birth_date": [26 * 12, 30 * 12, 45 * 12, 50 * 12],
    "jobseeker_since": [12, 24],
    "left_education": [6, 12],
    "last_activity_end": [6, 12],
    "adviser_opinion_on": [0, 6],
    "iae_diagnosis_on": [0, 6],
}


def _near(name: str, rng: Random, on: date) -> date:
    """A day on or just around a threshold, seen from `on`; now and then one far away."""
    back = rng.choice(THRESHOLDS.get(name, [0]))
    shift = rng.randint(-1, 1) if rng.random() < 0.7 else rng.randint(-800, 800)
    return plus_months(on, -back) + timedelta(days=shift)


def _value(fact: Fact, rng: Random, on: date = ON) -> Any:
    if fact.kind == "tri":
        return rng.random() < 0.5
    if fact.kind == "date":
        ends = [date(9999, 12, 31), date(1, 1, 1)] if fact.name.endswith("_until") else []
        return rng.choice([_near(fact.name, rng, on), *ends])
    if fact.kind == "number":
        return rng.randint(0, 8) if fact.name == "qualification_level" else rng.choice([0, 5, 5.5, 6, 24, 25])
    words = {"benefits": BENEFITS, "programmes": PROGRAMMES}
    if fact.name in words:
        return tuple(rng.sample(words[fact.name], rng.randint(0, 3)))
    return rng.choice(["A0", "A1", "C2"] if fact.name == "french_level" else ["Cap emploi"])


PLAIN: Person = {fact.name: False for fact in fact_table().facts if fact.kind == "tri"}
PLAIN |= {"benefits": (), "programmes": (), "pass_iae_until": date(1, 1, 1), "french_level": "C2"}


def _crowd(rng: Random, size: int = 150, on: date = ON) -> list[Person]:
    """People with more or fewer facts known; half of them start from plain "no" everywhere, so that all
    three outcomes are common."""
    people = []
    for _rank in range(size):
        share = rng.choice([0.05, 0.2, 0.5, 0.9])
        known = {fact.name: _value(fact, rng, on) for fact in fact_table().facts if rng.random() < share}
        people.append(PLAIN | known if rng.random() < 0.6 else known)
        for name in rng.sample(sorted(people[-1]), min(len(people[-1]), rng.randint(0, 3))):
            del people[-1][name]
    return people


def _outcomes(people: list[Person], pack: str, on: date = ON) -> list[str]:
    return list(decide(table(people), pack, on=on, mode="EI")["outcome"])


@given(DAYS, st.integers(0, 900))
def test_adding_months_is_the_calendar_walk(day: date, months: int) -> None:
    assert day_after_months(day, months) == plus_months(day, months)


def test_adding_months_keeps_unknown_days() -> None:
    days = np.array(["2024-02-29", "NaT"], dtype="datetime64[D]")
    later = add_months(days, 12)
    assert str(later[0]) == "2025-02-28"
    assert np.isnat(later[1])


@given(DAYS, st.sampled_from([0, 1, 3, 6, 12, 24, 312, 600]), st.booleans())
def test_the_cut_off_is_the_last_day_that_meets_the_rule(on: date, months: int, strict: bool) -> None:
    last: date = latest_start(np.datetime64(on, "D"), months, strict=strict).astype(object)

    def met(day: date) -> bool:
        return plus_months(day, months) < on if strict else plus_months(day, months) <= on

    assert met(last)
    assert not met(last + timedelta(days=1))


@pytest.mark.parametrize("pack", PACK_IDS)
@settings(max_examples=8, deadline=None)
@given(SEEDS, st.sampled_from(["ETTI", "EI"]), st.sampled_from([ON, date(2023, 2, 28), date(2026, 11, 22)]))
def test_the_arrays_say_what_the_slow_evaluator_says(pack: str, seed: int, mode: str, on: date) -> None:
    crowd = _crowd(Random(seed), on=on)
    decisions = decide(table(crowd), pack, on=on, mode=mode)
    found = list(zip(decisions["outcome"], decisions["categories"], decisions["possible"], strict=True))
    assert found == [decision(person, pack, on, mode) for person in crowd]


def test_the_crowds_hold_all_three_outcomes_for_each_pack() -> None:
    for pack in PACK_IDS:
        assert set(_outcomes(_crowd(Random(1)), pack)) == set(RANK)


@pytest.mark.parametrize("pack", PACK_IDS)
@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_learning_an_unknown_never_overturns_a_decision(pack: str, seed: int) -> None:
    """Settled decisions stay settled, open ones may settle either way.

    Left out: an empty date of opinion or diagnosis says that there is none; `employed`, `ever_worked` and
    `last_activity_end` decide which date counts, by the contract's own order of readings.
    """
    special = {"adviser_opinion_on", "iae_diagnosis_on", "employed", "ever_worked", "last_activity_end"}
    rng = Random(seed)
    crowd = _crowd(rng)
    told = []
    for person in crowd:
        unknown = [fact for fact in fact_table().facts if fact.name not in person and fact.name not in special]
        told.append(person | {fact.name: _value(fact, rng) for fact in rng.sample(unknown, min(1, len(unknown)))})
    for before, after in zip(_outcomes(crowd, pack), _outcomes(told, pack), strict=True):
        assert before in ("to_verify", after)


@pytest.mark.parametrize("pack", PACK_IDS)
@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_a_fact_that_becomes_true_never_takes_eligibility_away(pack: str, seed: int) -> None:
    """`employed` and `ever_worked` are left out: there, true is the unfavourable answer."""
    rng = Random(seed)
    crowd = _crowd(rng)
    facts_ = [rng.choice(FAVOURABLE) for _person in crowd]
    pairs = list(zip(crowd, facts_, strict=True))
    no = _outcomes([person | {fact: False} for person, fact in pairs], pack)
    unknown = _outcomes([{k: v for k, v in person.items() if k != fact} for person, fact in pairs], pack)
    yes = _outcomes([person | {fact: True} for person, fact in pairs], pack)
    assert all(RANK[a] <= RANK[b] <= RANK[c] for a, b, c in zip(no, unknown, yes, strict=True))


@pytest.mark.parametrize("pack", PACK_IDS)
@settings(max_examples=8, deadline=None)
@given(SEEDS, st.sampled_from([("benefits", BENEFITS), ("programmes", PROGRAMMES)]))
def test_one_more_allowance_or_programme_never_takes_eligibility_away(
    pack: str, seed: int, column: tuple[str, tuple[str, ...]]
) -> None:
    name, words = column
    rng = Random(seed)
    crowd = [person | {name: person.get(name, ())} for person in _crowd(rng)]
    richer = [person | {name: (*person[name], rng.choice(words))} for person in crowd]
    pairs = zip(_outcomes(crowd, pack), _outcomes(richer, pack), strict=True)
    assert all(RANK[before] <= RANK[after] for before, after in pairs)


@pytest.mark.parametrize("pack", PACK_IDS)
@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_what_is_asked_is_unknown_and_there_is_something_to_ask(pack: str, seed: int) -> None:
    crowd = _crowd(Random(seed))
    decisions = decide(table(crowd), pack, on=ON, mode="ETTI")
    order = [fact.name for fact in fact_table().facts]
    for person, row in zip(crowd, decisions.to_dict("records"), strict=True):
        asked = [word for word in row["missing"].split("|") if word]
        assert bool(asked) == (row["outcome"] == "to_verify")
        assert not set(asked) & set(person)
        assert asked == sorted(asked, key=order.index)
        assert row["next_step"].endswith(".")


@pytest.mark.parametrize("pack", PACK_IDS)
@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_health_and_justice_are_asked_only_when_nothing_else_would_do(pack: str, seed: int) -> None:
    crowd = _crowd(Random(seed))
    decisions = decide(table(crowd), pack, on=ON, mode="ETTI")
    for person, missing in zip(crowd, decisions["missing"], strict=True):
        if SENSITIVE & set(missing.split("|")):
            closed = {"disability": False, "justice": False, "disability_until": date(1, 1, 1)} | person
            assert decision(closed, pack, ON, "ETTI")[0] == "not_eligible"


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_a_part_of_the_people_decides_like_the_whole(seed: int) -> None:
    rng = Random(seed)
    crowd = _crowd(rng, 40)
    for rank, person in enumerate(crowd):
        proofs = ("attestation_rsa@2024-02-01", f"piece_identite@2024-01-{rank % 28 + 1:02d}")
        person["evidence"] = proofs[: rank % 3]
    rows = np.array([rng.randrange(40) for _rank in range(rng.randint(0, 30))], dtype=np.intp)
    whole = facts(table(crowd))
    pack = load_rules("ccag-2021")
    direct = describe(evaluate(whole.take(rows), pack, on=ON))
    picked = describe(evaluate(whole, pack, on=ON), rows)
    assert direct.to_dict("list") == picked.to_dict("list")


ONE_DOCUMENT = [
    ("npnru", "qpv", "justificatif_domicile"),
    ("ccag-2021", "youth_support", "attestation_structure"),
    ("ccag-2021", "refugee", "titre_sejour"),
    ("ccag-2021", "opinion", "avis_motive"),
    ("charte-91-2018", "deld", "avis_situation_ft"),
    ("iae-2021", "PASS_IAE", "pass_iae"),
    ("iae-2021", "AAH", "attestation_aah"),
    ("geiq", "justice", "justificatif_justice"),
]


@pytest.mark.parametrize(("pack", "code", "document"), ONE_DOCUMENT)
@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_proof_is_what_the_slow_reading_of_documents_says(pack: str, code: str, document: str, seed: int) -> None:
    rng = Random(seed)
    crowd = _crowd(rng)
    for person in crowd:
        day = plus_months(ON, -rng.choice([0, 3, 6, 12])) + timedelta(days=rng.randint(-2, 2))
        other = rng.choice([f"diplome@{day}", f"{document}@2019-01-01", document])
        person["evidence"] = rng.choice([(), (f"{document}@{day}",), (other,), (other, f"{document}@{day}")])
    decisions = decide(table(crowd), pack, on=ON, mode="EI", categories=[code])
    expected = [proof_by_one_document(person, code, document, pack, ON) for person in crowd]
    assert list(decisions["proof"]) == expected


@pytest.mark.parametrize("require_proof", [False, True])
@pytest.mark.parametrize("name", PACK_IDS)
def test_a_day_for_each_person_is_each_day_for_everybody(name: str, require_proof: bool) -> None:
    crowd = _crowd(Random(11), 200)
    for rank, person in enumerate(crowd):
        proofs = ("attestation_rsa@2024-02-01", f"piece_identite@2024-01-{rank % 28 + 1:02d}")
        person["evidence"] = proofs[: rank % 3]
    everybody, pack = facts(table(crowd)), load_rules(name)
    mode = "EI" if pack.counting else None
    days = np.datetime64(ON, "D") + np.arange(len(crowd)) % 7 * 29
    mixed = outcomes_on(Reading(everybody, days), pack, mode=mode, require_proof=require_proof)
    for day in np.unique(days):
        alone = evaluate(everybody, pack, on=day.astype(date), mode=mode, require_proof=require_proof)
        assert mixed[days == day].tolist() == alone.outcome[days == day].tolist()
