"""Where people live, from what files say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.reference import Communes, communes
from matcher.reference.residence import clean_code, postal_department, resolve_one
from matcher.reference.text import normalise_place, numbered_arrondissement, without_article


@pytest.fixture(scope="module")
def table() -> Communes:
    return communes()


def resolve(table: Communes, commune: str | None, postal: str | None, city: str | None) -> str:
    index = int(table.resolve([commune], [postal], [city])[0])
    return str(table.codes[index]) if index >= 0 else ""


@pytest.mark.parametrize(
    ("commune", "postal", "city", "expected"),
    [
        ("91228", None, None, "91228"),
        (None, "91000", None, "91228"),
        (None, "91000", "Évry-Courcouronnes", "91228"),
        (None, "91000", "EVRY", "91228"),
        (None, "91025", "EVRY CEDEX", "91228"),
        (None, "91080", "Courcouronnes", "91228"),
        ("91182", None, None, "91228"),  # Courcouronnes, merged
        ("91000", None, None, "91228"),  # a postal code in the commune column
        ("91000", None, "Évry", "91228"),
        ("Massy", "91300", None, "91377"),
        ("91228", "75001", "Paris", "91228"),  # the INSEE code wins
        ("99999", "91300", "Massy", "91377"),
        (None, "91300", "Masy", "91377"),
        (None, "91700", "STE GENEVIEVE DES BOIS", "91549"),
        (None, "91240", "St Michel s/ Orge", "91570"),
        (None, "91940", "les ulis", "91692"),
        (None, "91940", "Ulis", "91692"),
        (None, "91300", "Villebon-sur-Yvette", "91661"),  # a city of the département, its neighbour's postal code
        (None, "91000", "Narbonne", "91228"),  # the postal code stands when the city is elsewhere
        (None, "77000", "Melun Cedex 2", "77288"),
        (None, "01200", "Bellegarde sur Valserine", "01033"),
        (None, "1400", None, "01093"),
        (None, "1400.0", None, "01093"),
        (None, "91 300", None, "91377"),
        (None, "F-91300", None, "91377"),
        ("1053", None, None, "01053"),
        ("2a004", None, None, "2A004"),
        (None, "20000", "Ajaccio", "2A004"),
        (None, "20200", None, "2B033"),
        (None, "97400", "St Denis", "97411"),
        (None, "75012", None, "75112"),
        (None, "75012", "Paris", "75112"),
        (None, None, "Paris 12eme", "75112"),
        (None, "75000", "Paris 12ème arrondissement", "75112"),
        (None, "75379", "PARIS CEDEX 08", "75056"),
        (None, None, "Paris", "75056"),
        ("75056", None, None, "75056"),
        (None, "69003", "LYON 3EME", "69383"),
        (None, "69000", None, "69123"),
        (None, "13000", "Marseille", "13055"),
        (None, "91228", None, "91228"),  # an INSEE code in the postal column
        (None, None, "Les Ulis", "91692"),
    ],
)
def test_one_person(
    table: Communes, commune: str | None, postal: str | None, city: str | None, expected: str
) -> None:
    assert resolve(table, commune, postal, city) == expected


@pytest.mark.parametrize(
    ("commune", "postal", "city"),
    [
        (None, None, None),
        (None, None, "Massy"),  # a homonym of Seine-Maritime and Saône-et-Loire
        (None, None, "Saint-Denis"),
        (None, None, "Évry"),  # the only commune of this very name is a village of the Yonne
        (None, "91012", None),  # CEDEX without a city
        (None, "91012", "Nulle-Part"),
        (None, "00000", "Trifouillis"),
        ("99134", None, None),
        (None, None, "chez un ami"),
        (None, None, "CEDEX"),
    ],
)
def test_a_doubt_stays_unknown(table: Communes, commune: str | None, postal: str | None, city: str | None) -> None:
    assert resolve(table, commune, postal, city) == ""


def test_homonyms_are_told_apart_by_the_postal_code(table: Communes) -> None:
    assert resolve(table, None, "93200", "Saint-Denis") == "93066"
    assert resolve(table, None, "97400", "Saint-Denis") == "97411"
    assert resolve(table, None, "11310", "Saint-Denis") == "11339"


def test_a_postal_code_alone_gives_its_most_populated_commune(table: Communes) -> None:
    index = table.by_postal["91150"]
    assert len(index) > 5
    assert resolve(table, None, "91150", None) == "91223"  # Étampes
    assert table.population[index[0]] == max(table.population[list(index)])


def test_missing_values_of_every_kind_are_missing(table: Communes) -> None:
    commune = pd.Series(["91228", None, pd.NA, np.nan, "91377"], dtype="str")
    postal = pd.Series([None, "91300", None, None, None], dtype="object")
    found = table.resolve(commune, postal, [None, float("nan"), "Les Ulis", pd.NA, ""])
    assert found.dtype == np.int32
    assert [str(table.codes[i]) if i >= 0 else "" for i in found] == ["91228", "91377", "91692", "", "91377"]


def test_no_rows(table: Communes) -> None:
    assert table.resolve([], [], []).shape == (0,)
    assert table.index([]).shape == (0,)


CELL = st.sampled_from([None, "", "91228", "91182", "91000", "1400", "75012", "91012", "abc", "99999", "69003"])
CITY = st.sampled_from([None, "", "Evry", "PARIS 12", "massy", "St-Denis", "Lyon cedex 3", "Les Ulis", "zzz"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CITY), max_size=40))
def test_many_rows_equal_one_by_one(rows: list[tuple[str | None, str | None, str | None]]) -> None:
    table = communes()
    together = table.resolve([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    assert together.tolist() == [resolve_one(table, r[0] or "", r[1] or "", r[2] or "") for r in rows]


def test_index_equals_a_plain_lookup(table: Communes) -> None:
    given_codes = ["91228", None, "75056", "91182", "1053", "zzz", "2b033"]
    expected = ["91228", "", "75056", "91228", "01053", "", "2B033"]
    found = table.index(given_codes)
    assert found.dtype == np.int32
    assert [str(table.codes[i]) if i >= 0 else "" for i in found] == expected
    assert (table.index(table.codes) == np.arange(len(table))).all()


def test_every_commune_is_found_by_its_postal_code_and_name(table: Communes) -> None:
    rows = [index for indices in table.by_postal.values() for index in indices]
    postal = [code for code, indices in table.by_postal.items() for _ in indices]
    city = [str(table.names[i]).upper().replace("-", " ") for i in rows]
    found = table.resolve([None] * len(rows), postal, city)
    wrong = [(p, c) for p, c, i, j in zip(postal, city, rows, found, strict=True) if i != j]
    # Two communes of one name under one postal code cannot be told apart.
    assert len(wrong) <= 10, wrong


def test_every_person_of_a_region_gets_their_commune(table: Communes) -> None:
    rng = np.random.default_rng(7)
    home = np.array(table.by_region["11"])[rng.integers(0, len(table.by_region["11"]), 100_000)]
    commune = pd.Series(table.codes[home], dtype="str").where(rng.random(len(home)) < 0.5)
    city = pd.Series(table.names[home], dtype="str")
    first = {index: code for code, indices in table.by_postal.items() for index in indices}
    postal = pd.Series([first.get(index) for index in home.tolist()], dtype="str")
    found = table.resolve(commune, postal, city)
    assert (found[commune.notna().to_numpy()] == home[commune.notna().to_numpy()]).all()


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ST-MICHEL S/ ORGE CEDEX 2", "saint michel sur orge"),
        ("Sainte-Geneviève-des-Bois", "sainte genevieve des bois"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("Évry (Essonne)", "evry"),
        ("Œuilly", "oeuilly"),
        ("CEDEX", ""),
        ("", ""),
    ],
)
def test_normal_names(written: str, normal: str) -> None:
    assert normalise_place(written) == normal


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_place(text)
    assert normalise_place(once) == once


def test_small_helpers() -> None:
    assert without_article("les ulis") == "ulis"
    assert without_article("lesigny") == "lesigny"
    assert numbered_arrondissement("paris 12eme arrondissement") == ("paris", 12)
    assert numbered_arrondissement("paris") is None
    assert clean_code(" 1 400 ") == "01400"
    assert clean_code("0902") == "0902"
    assert postal_department("20189") == "2A"
    assert postal_department("20200") == "2B"
    assert postal_department("20700") == "2A"  # Ajaccio CEDEX 9
    assert postal_department("97400") == "974"
    assert postal_department("abcde") == ""
