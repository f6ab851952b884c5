"""Cells: each kind, the words it takes and the message of what it refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matcher.schema import AWARDS, CANDIDATES, Column, Kind
from matcher.tables.cells import BadCell, parse_date, parse_number, parser, text_of
from tests.tables.files import cell, one_cell, rejected


def read_cell(column: str, text: str) -> object:
    return parser(CANDIDATES.by_name[column])(text)


@pytest.mark.parametrize(
    "text",
    ["2026-03-31", "31/03/2026", "31/3/2026", "2026-03-31T10:00:00Z", "2026-03-31 00:00", "31/03/2026 00:00:00"],
)
def test_dates(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30/02/2026", "n'existe pas au calendrier"),
        ("2026-13-01", "n'existe pas au calendrier"),
        ("12/31/2026", "n'existe pas au calendrier"),
        ("31/03/26", "l'écrire AAAA-MM-JJ ou JJ/MM/AAAA"),
        ("mars 2026", "date illisible"),
        ("0026-03-31", "année avant 1900"),
        ("46112", "mettre la colonne au format Date"),
    ],
)
def test_bad_dates(text: str, words: str) -> None:
    with pytest.raises(BadCell, match=words):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u00a0567", 1234567),
        ("1\u202f234,56", 1234.56),
        ("1\u2009234", 1234),
        ("-3", -3),
        (",5", 0.5),
        ("1e3", 1000),
    ],
)
def test_numbers(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text", ["12 h", "1 23", "1.234,5", "12€", "douze", "1 2345", "--1", "", "nan", "inf", "1e999"]
)
def test_bad_numbers(text: str) -> None:
    with pytest.raises(BadCell, match=r"nombre (illisible|hors de toute mesure)"):
        parse_number(text)


YES = ["yes", "oui", "o", "true", "vrai", "1", "OUI", "Vrai", "O", "TRUE", " oui "]
NO = ["no", "non", "n", "false", "faux", "0", "Non", "FAUX", "N"]


@pytest.mark.parametrize(("texts", "value"), [(YES, True), (NO, False), (["", "  "], None)])
def test_three_values(tmp_path: Path, texts: list[str], value: bool | None) -> None:
    for text in texts:
        assert cell(one_cell(tmp_path, "qpv", text), "qpv") == value


@pytest.mark.parametrize(
    "text", ["peut-être", "y", "t", "f", "2", "-1", "1.0", "ouii", "oui.", "nc", "inconnu", "x", "none"]
)
def test_any_other_word_is_an_error(tmp_path: Path, text: str) -> None:
    found = one_cell(tmp_path, "qpv", text)
    assert rejected(found) == [
        (2, "qpv", text, "ni oui ni non ; écrire oui ou non, ou laisser vide si ce n'est pas connu")
    ]


@pytest.mark.parametrize(
    ("text", "level"),
    [("0", 0), ("8", 8), ("4.0", 4), ("4,0", 4), ("CAP", 3), ("cap/bep", 3), ("Bac +2", 5), ("Niveau 4", 4),
     ("IV", 4), ("sans diplôme", 0), ("aucun", 0), ("BTS", 5), ("Vbis", 2), ("Niveau V", 3),
     ("niveau VI", 0), ("bac+1", 4)],
)  # fmt: skip
def test_levels(text: str, level: float) -> None:
    assert read_cell("qualification_level", text) == level


@pytest.mark.parametrize("text", ["-1", "9", "4.5", "40", "1e0x", "licorne", "bac-2", "?"])
def test_bad_levels(text: str) -> None:
    with pytest.raises(BadCell, match="niveau inconnu"):
        read_cell("qualification_level", text)


@pytest.mark.parametrize(
    ("column", "text", "kept"),
    [
        ("benefits", "rsa|Allocation spécifique de solidarité", "RSA|ASS"),
        ("benefits", "RSA| |rsa|", "RSA"),
        ("benefits", "Aucun", "none"),
        ("benefits", "none", "none"),
        ("benefits", "prime d'activité", "prime d'activité"),
        ("programmes", "geiq|régie de quartier", "GEIQ|REGIE"),
        ("accepts", "Nuit|week-end", "night|weekend"),
        ("licences", "permis b|poids lourd", "B|C"),
        ("licences", "C1|C|CE|D", "C1|C|CE|D"),
        ("certificates", "SST@01/03/2027|AIPR", "SST@2027-03-01|AIPR"),
        ("evidence", "attestation RSA @ 2026-10-02", "attestation_rsa@2026-10-02"),
        ("experience", "F1703:18|maçon : 6,5|grutier", "F1703:18|maçon:6.5|grutier"),
        ("experience", "F1703:123456789", "F1703:123456789"),
        ("experience", "F1703:18.123456789", "F1703:18.123456789"),
        ("occupations", "A1203|maçon|A1203", "A1203|maçon"),
    ],
)
def test_lists(column: str, text: str, kept: str) -> None:
    assert read_cell(column, text) == kept


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("benefits", "RSA|aucun", "« aucun » ne va pas avec d'autres éléments"),
        ("benefits", "RSA, ASS", "les séparer par une barre"),
        ("programmes", "CUI", "mot inconnu ; mots admis : IAE, GEIQ"),
        ("certificates", "SST@bientôt", "date illisible"),
        ("certificates", "@2026-01-01", "un élément daté s'écrit nom@AAAA-MM-JJ"),
        ("experience", "F1703:long", "nombre illisible"),
        ("experience", "F1703:-2", "au moins 0"),
        ("experience", ":12", "un élément chiffré s'écrit nom:nombre"),
    ],
)
def test_bad_lists(column: str, text: str, words: str) -> None:
    with pytest.raises(BadCell, match=words):
        read_cell(column, text)


def test_a_bar_alone_is_unknown_not_empty(tmp_path: Path) -> None:
    assert cell(one_cell(tmp_path, "benefits", " | "), "benefits") is None


def test_words_for_dates(tmp_path: Path) -> None:
    assert cell(one_cell(tmp_path, "disability_until", "Permanente"), "disability_until") == pd.Timestamp(
        "9999-12-31"
    )
    assert cell(one_cell(tmp_path, "pass_iae_until", "aucun"), "pass_iae_until") == pd.Timestamp("0001-01-01")
    assert rejected(one_cell(tmp_path, "pass_iae_until", "permanent"))[0][1] == "pass_iae_until"
    assert rejected(one_cell(tmp_path, "disability_until", "none"))[0][1] == "disability_until"


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [("postal_code", "1000", "01000"), ("postal_code", "91228.0", "91228"), ("postal_code", "1000.0", "01000"),
     ("commune", "2A004", "2A004"), ("commune", "01004", "01004"), ("candidate_id", "007", "007")],
)  # fmt: skip
def test_codes_keep_or_find_again_their_leading_zeros(column: str, text: str, code: str) -> None:
    assert read_cell(column, text) == code


def test_rates() -> None:
    rate = parser(AWARDS.by_name["insertion_rate"])
    assert rate("5 %") == rate("0,05") == rate("5\u202f%") == 0.05
    for text, words in (("5", "écrire 0,05 ou 5 %"), ("-0,1", "au moins 0"), ("150 %", "au plus 1")):
        with pytest.raises(BadCell, match=words):
            rate(text)


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("months_worked_12", "13", "nombre trop grand ; attendu au plus 12"),
        ("wage_min", "-1", "nombre trop petit ; attendu au moins 0"),
        ("sex", "licorne", "mots admis : F, M, X"),
        ("french_level", "B3", "mots admis : A0, A1"),
    ],
)
def test_bounds_and_closed_words(tmp_path: Path, column: str, text: str, words: str) -> None:
    ((row, name, value, message),) = rejected(one_cell(tmp_path, column, text))
    assert (row, name, value) == (2, column, text)
    assert words in message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None), (float("nan"), None), (pd.NA, None), (pd.NaT, None), (np.datetime64("NaT"), None),
        (True, "true"), (np.bool_(False), "false"), (91228.0, "91228"), (np.float32("nan"), None), (12.5, "12.5"),
        (78467169500087.0, "78467169500087"), (np.int64(7), "7"), (date(2026, 3, 31), "2026-03-31"),
        (pd.Timestamp("2026-03-31 10:00"), "2026-03-31"), (np.datetime64("2026-03-31"), "2026-03-31"),
        ([], "none"), (["a", None, "b"], "a||b"), (np.array(["a", "b"]), "a|b"), ({"b", "a"}, "a|b"),
    ],
)  # fmt: skip
def test_values_of_other_programs(value: object, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [{"a": 1}, [["a"]], ["a|b"], [{"a": 1}], b"abc", float("inf"), [float("-inf")]])
def test_values_that_are_no_cell(value: object) -> None:
    with pytest.raises(BadCell):
        text_of(value)


def test_every_kind_has_a_parser() -> None:
    for kind in Kind:
        parser(Column("x", kind, "", ""))
