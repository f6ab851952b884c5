"""Values brought to the form in which they are compared."""

from __future__ import annotations

import pytest

from matcher.duplicates import cleaning


@pytest.mark.parametrize(
    "written",
    [
        "06 39 98 12 34",
        "06.39.98.12.34",
        "+33 (0)6 39 98 12 34",
        "0033639981234",
        "639981234",
        "0639981234 / 0199001234",
    ],
)
def test_a_telephone_has_one_form(written: str) -> None:
    assert cleaning.phone(written) == "639981234"


@pytest.mark.parametrize("written", ["", "néant", "00 00 00 00 00", "1234"])
def test_what_is_no_number_is_unknown(written: str) -> None:
    assert cleaning.phone(written) == ""


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("DUPONT-MARTIN", "dupont martin"),
        ("de La Tour", "tour"),
        ("D’Angelo", "angelo"),
        ("M'Barek", "mbarek"),
        ("Ben Ali", "ali"),
        ("Ben", "ben"),
        ("Łukasz", "lukasz"),
        ("MARTIN épouse DURAND", "martin durand"),
        ("Œuvrard", "oeuvrard"),
    ],
)
def test_a_name_loses_accents_marks_and_particles(written: str, form: str) -> None:
    assert cleaning.name(written) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [("Mohamed", "Muhammad"), ("Youssef", "Yusuf"), ("Chérif", "Sherif"), ("Abdelkader", "Abdul Qadir")],
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    assert cleaning.sound(cleaning.name(one)) == cleaning.sound(cleaning.name(other))


def test_an_address_loses_its_case_and_tag_and_keeps_its_host() -> None:
    assert cleaning.email(" Nadia.B+emploi@Example.ORG ") == "nadia.b@example.org"
    assert cleaning.email("nadia") == cleaning.email("@example.org") == ""


def test_a_date_is_eight_digits_or_unknown() -> None:
    assert cleaning.date("1988-03-07") == cleaning.date("19880307") == "19880307"
    assert cleaning.date("07/03/1988") == ""


def test_a_place_is_a_code_or_a_town() -> None:
    assert cleaning.place("2a004") == "2A004"
    assert cleaning.place("ST-MICHEL S/ ORGE") == "saint michel sur orge"
