"""The field's words."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import vocabulary as v


def slow_fold(text: str) -> str:
    """The same in the plainest way."""
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("+", "plus")
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).casefold())


@given(st.text())
def test_fold_is_its_slow_twin(text: str) -> None:
    assert v.fold(text) == slow_fold(text)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert v.fold(v.fold(text)) == v.fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Né(e) le", "neele"),
        ("Main-d'Œuvre", "maindoeuvre"),
        ("BAC+2", "bacplus2"),
        ("N° dossier", "ndossier"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert v.fold(text) == folded


def test_three_values_are_the_exact_set() -> None:
    assert {word for word, yes in v.YES_NO.items() if yes} == {"yes", "oui", "o", "true", "vrai", "1"}
    assert {word for word, yes in v.YES_NO.items() if not yes} == {"no", "non", "n", "false", "faux", "0"}


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (v.BENEFIT_WORDS, v.BENEFITS),
        (v.PROGRAMME_WORDS, v.PROGRAMMES),
        (v.LICENCE_WORDS, v.LICENCES),
        (v.SCHEDULE_WORDS, v.SCHEDULE),
        (v.LIMIT_WORDS, v.WORK_LIMITS),
        (v.FRENCH_WORDS, v.FRENCH_LEVELS),
        (v.SOCIAL_WORDS, v.DECP_SOCIAL),
        (v.EVIDENCE_WORDS, v.EVIDENCE),
        (v.MODE_WORDS, tuple(v.Mode)),
        (v.RESERVED_WORDS, tuple(v.Reserved)),
    ],
)
def test_every_code_names_itself_and_words_lead_to_codes(words: dict[str, str], codes: tuple[str, ...]) -> None:
    assert all(words[v.fold(code)] == code for code in codes)
    assert set(words.values()) == set(codes)
    assert all(word == v.fold(word) for word in words)


def test_only_licences_delivered_to_holders_of_b_imply_it() -> None:
    assert {"C1", "C", "CE", "D"} <= set(v.IMPLIES_B) <= set(v.LICENCES)
    assert not {"AM", "A1", "A2", "A", "B1", "B"} & set(v.IMPLIES_B)


def test_words_for_dates_lie_outside_every_calendar_date() -> None:
    assert np.datetime64("1900-01-01") > v.NEVER
    assert np.datetime64("2100-01-01") < v.PERMANENT


@pytest.mark.parametrize(
    ("word", "level"), [("CAP", 3), ("bac", 4), ("BTS", 5), ("Licence", 6), ("Master", 7), ("VI", 0)]
)
def test_diplomas(word: str, level: int) -> None:
    assert v.QUALIFICATION_WORDS[v.fold(word)] == level


def test_outcomes_are_ordered_and_named() -> None:
    assert [outcome.code for outcome in sorted(v.Outcome)] == ["not_eligible", "to_verify", "eligible"]
