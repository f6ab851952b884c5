"""Nearness of occupations: named levels, with the embedded data and with the official files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher.nearness import ENOUGH_SHARED, Near, nearness, shared_skills
from matcher.reference.install import install
from matcher.reference.occupations import Occupations, occupations
from tests.matching import tables
from tests.matching.twin import share

HEADERS = {
    "referentiel_code_rome": "code_rome,libelle_rome,code_rome_parent",
    "rubrique_mobilite": "code_rome,code_rome_cible,numero_ordre",
    "item": "code_ogr,libelle,code_rubrique",
    "coherence_item": "code_rome,code_ogr,coeur_metier",
}
# Five occupations; two share the telling competences, one shares only what everybody has.
SMALL = {
    "referentiel_code_rome": "F1703,Maçon,F1703\nF1704,Manœuvre,F1704\nF1799,Terrassier,F1704\nN1105,Porteur,N1105\n"
    "K2204,Nettoyeur,K2204",
    "rubrique_mobilite": "F1703,N1105,1",
    "item": "1,Monter un mur,1\n2,Gâcher du mortier,1\n3,Porter,1\n4,Sécurité,3\n5,Rigueur,2\n6,Laver,1",
    "coherence_item": "F1703,1,Principale\nF1703,2,Principale\nF1703,4,\nF1703,5,\nF1704,2,Principale\nF1704,4,\n"
    "F1704,5,\nF1799,3,\nF1799,4,\nN1105,3,Principale\nN1105,4,\nK2204,6,Principale\nK2204,4,\nK2204,5,\nK2204,1,",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rome")


@pytest.fixture(scope="module")
def small(folder: Path) -> Occupations:
    for name, rows in SMALL.items():
        text = f"{HEADERS[name]}\n{rows}\n"
        (folder / f"unix_{name}_v460_utf8.csv").write_text(text, encoding="utf-8")
    install(folder, folder / "data", on=date(2026, 10, 5))
    return occupations(folder / "data")


@pytest.fixture(scope="module")
def official(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Occupations:
    data = tmp_path_factory.mktemp("official")
    install(shared_data / "rome" / "v4.60", data, on=date(2026, 10, 5))
    return occupations(data)


def names(target: str, codes: tuple[str, ...], reference: Occupations) -> list[str]:
    return [Near(level).name for level in nearness(target, codes, reference).tolist()]


def test_embedded_data_know_the_code_its_family_and_its_domain() -> None:
    codes = ("F1703", "F1704", "F1602", "K2204", "F1703", "?", "F1999")
    found = names("F1703", codes, occupations())
    assert found == ["SAME", "FAMILY", "DOMAIN", "OTHER", "SAME", "OTHER", "DOMAIN"]
    assert not shared_skills("F1703", occupations()).any()


def test_no_codes_no_levels() -> None:
    assert nearness("F1703", (), occupations()).tolist() == []


def test_each_level_from_the_files(small: Occupations) -> None:
    codes = ("F1703", "F1704", "F1799", "N1105", "K2204")
    assert names("F1703", codes, small) == ["SAME", "SKILLS", "FAMILY", "MOBILITY", "SKILLS"]
    assert names("F1704", codes, small) == ["SKILLS", "SAME", "PARENT", "OTHER", "OTHER"]
    # a move counts both ways, though ROME lists it one way
    assert names("N1105", codes, small)[0] == "MOBILITY"


def test_what_everybody_has_weighs_nothing_nor_does_behaviour(small: Occupations) -> None:
    shares = dict(zip(small.codes, shared_skills("K2204", small).tolist(), strict=True))
    assert shares["F1704"] == 0  # safety (everybody's) and rigour (behaviour) alone
    assert 0 < shares["F1703"] < shares["K2204"] == 1


def test_the_share_is_the_weighted_jaccard_index(small: Occupations) -> None:
    for code in small.codes:
        slow = [share(code, other, small) for other in small.codes]
        assert shared_skills(code, small).tolist() == pytest.approx(slow)


def test_a_code_that_rome_does_not_know_is_near_by_its_letters_alone(small: Occupations) -> None:
    assert names("F1750", ("F1703", "F1750", "K2204"), small) == ["FAMILY", "SAME", "OTHER"]


def some(reference: Occupations, count: int) -> Iterator[str]:
    rng = np.random.default_rng(11)
    yield from (str(code) for code in rng.choice(reference.codes, count, replace=False))


def test_official_shares_are_those_of_the_slow_twin(official: Occupations) -> None:
    for code in some(official, 4):
        fast = shared_skills(code, official)
        for place in (*np.argsort(-fast)[:12].tolist(), *range(0, len(fast), 97)):
            assert fast[place] == pytest.approx(share(code, official.codes[place], official))


def test_official_levels_are_those_of_the_slow_rule(official: Occupations) -> None:
    for code in some(official, 6):
        for other, level in zip(official.codes, nearness(code, official.codes, official).tolist(), strict=True):
            assert Near(level).name == slow(code, other, official), (code, other)


def slow(target: str, code: str, reference: Occupations) -> str:
    if code == target:
        return "SAME"
    if code in reference.mobilities(target) or target in reference.mobilities(code):
        return "MOBILITY"
    if reference.parent(code) == reference.parent(target):
        return "PARENT"
    if shared_skills(target, reference)[reference.codes.index(code)] >= ENOUGH_SHARED:
        return "SKILLS"
    return "FAMILY" if code[:3] == target[:3] else "DOMAIN" if code[0] == target[0] else "OTHER"


def test_official_nearness_is_mutual(official: Occupations) -> None:
    codes = tuple(some(official, 60))
    table = np.array([nearness(code, codes, official) for code in codes])
    assert (table == table.T).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [("F1703", "F1704"), ("J1301", "K1311"), ("N1102", "N4116"), ("F1501", "F1504"), ("M1605", "M1612")],
)
def test_occupations_related_by_their_competences(official: Occupations, one: str, other: str) -> None:
    assert names(one, (other,), official) == ["SKILLS"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("M1705", "N1302"), ("G1606", "H2101"), ("D1214", "G1613"), ("F1703", "M1607"), ("K2205", "F1606")],
)
def test_occupations_that_share_little_are_not(official: Occupations, one: str, other: str) -> None:
    assert names(one, (other,), official)[0] in ("OTHER", "DOMAIN", "FAMILY")


def test_few_pairs_are_related_alone_and_they_agree_with_the_moves(official: Occupations) -> None:
    """The share was chosen so: above it most pairs are moves or former twins already."""
    related, listed = 0, 0
    for code in some(official, 400):
        high = np.flatnonzero(shared_skills(code, official) >= ENOUGH_SHARED)
        levels = nearness(code, [official.codes[i] for i in high], official)
        related += int(np.count_nonzero(levels == Near.SKILLS))
        listed += int(np.count_nonzero((levels == Near.PARENT) | (levels == Near.MOBILITY)))
    assert listed > 3 * related > 0


@pytest.mark.parametrize(
    ("code", "level"), [("F1703", "near"), ("F1704", "related"), ("F1799", "family"), ("K2204", "elsewhere")]
)
def test_levels_of_a_run_with_official_files(
    small: Occupations, folder: Path, monkeypatch: pytest.MonkeyPatch, code: str, level: str
) -> None:
    monkeypatch.setenv("CLAUSEMATCH_DATA_DIR", str(folder / "data"))
    target = {"F1703": "N1105", "F1704": "F1703", "F1799": "F1703", "K2204": "N1105"}[code]
    person = {"occupations": code, "experience": f"{code}:24"}
    result = tables.one(person, {"occupation": target, "experience_months": 12})
    assert (tables.level(result, "wish"), tables.level(result, "practice")) == (level, level)
    # months in a near occupation count, in a related one they do not
    assert tables.level(result, "experience") == ("met" if level == "near" else "short")
