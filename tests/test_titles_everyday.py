"""The everyday titles: what the table holds, where it enters, and what it changes."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from matcher.reference.communes import communes
from matcher.reference.install import install
from matcher.reference.occupations import occupations
from matcher.resolve.people import encode_people
from matcher.resolve.words import resolve_occupations, title_index
from matcher.schema import CANDIDATES
from matcher.tables import coerce
from matcher.titles import (
    RICH,
    SPARSE,
    TitleIndex,
    everyday_titles,
    forms,
    normalise,
    resolve_titles,
    with_everyday,
)

# What facilitators' files are full of, and the code that the trade gives it.
EXPECTED = {
    "agent d'entretien des locaux": "K2205",
    "Femme de ménage F/H": "K2205",
    "picking": "N1103",
    "CHARGEUR DÉCHARGEUR": "N1105",
    "Éboueur": "K2303",
    "valet de chambre": "G1501",
    "auxiliaire de vie": "K1311",
    "aide ménagère": "K1304",
    "jardinier espaces verts": "A1208",
    "aide de cuisine H/F": "G1602",
    "plonge batterie": "G1605",
    "dame de cantine": "G1607",
    "conducteur de chariot": "N1101",
    "agent de manutention": "N1105",
    "chauffeur VL": "N4105",
    "chauffeur PL": "N4101",
    "mécano": "I1604",
    "poseuse de sols souples": "F1609",
    "homme toutes mains": "I1203",
    "ouvrier routier": "F1702",
    "aide maçon": "F1704",
    "agente de bureau": "M1602",
    "assistante administrative": "M1607",
    "balayeur": "K2307",
    "laveur machiniste": "K2204",
    "façadier ITE": "F1611",
    "concierge": "K2501",
    "nounou": "K1303",
    "mise en rayon": "D1507",
    "vigile": "K2503",
}


@pytest.fixture(scope="module")
def labels() -> tuple[tuple[str, ...], list[str]]:
    reference = occupations()
    return reference.codes, [reference.label(code) for code in reference.codes]


def test_every_code_exists() -> None:
    assert [code for code, _title in everyday_titles() if not occupations().known(code)] == []
    assert len(everyday_titles()) > 1500


def test_one_title_one_code_and_no_title_twice() -> None:
    by_form = defaultdict(list)
    for code, title in everyday_titles():
        assert normalise(title), title
        by_form[normalise(title)].append((code, title))
    assert [titles for titles in by_form.values() if len(titles) > 1] == []


def test_no_code_is_written_twice(root: Path) -> None:
    text = (root / "matcher" / "titles" / "everyday.yml").read_text("utf-8")
    keys = re.findall(r"^(\S+): \[", text, re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(yaml.safe_load(text))


def test_no_title_is_a_label_already(labels: tuple[tuple[str, ...], list[str]]) -> None:
    held = {form for label in labels[1] for form in forms(label)}
    assert [title for _code, title in everyday_titles() if normalise(title) in held] == []


def test_embedded_index_answers_everyday_titles() -> None:
    found = resolve_occupations(EXPECTED, occupations())
    assert {title: found[title].code for title in EXPECTED} == EXPECTED
    titles = [title for _code, title in everyday_titles()]
    codes, sure = resolve_titles(titles, title_index())
    assert codes.tolist() == [code for code, _title in everyday_titles()]
    assert sure.min() > SPARSE.not_sure


def test_without_the_table_most_of_them_are_not_answered(labels: tuple[tuple[str, ...], list[str]]) -> None:
    codes, _sure = resolve_titles(list(EXPECTED), TitleIndex(*labels, SPARSE))
    assert np.mean([code == right for code, right in zip(codes, EXPECTED.values(), strict=True)]) < 0.5


@pytest.mark.parametrize(
    "text", ["retraité", "tous métiers", "ne sait pas", "permis B", "ouvrier", "agent", "voir CV"]
)
def test_what_is_no_title_stays_not_sure(text: str) -> None:
    assert resolve_titles([text], title_index())[0][0] is None


def test_the_reference_is_not_contradicted() -> None:
    codes, labels = with_everyday(["F1701", "G1603"], ["Ferrailleur / Ferrailleuse", "Vigile"])
    assert "K2503" not in codes
    pairs = set(zip(codes, labels, strict=True))
    assert ("G1603", "employé polyvalent de restauration") in pairs
    assert [label for label in labels if normalise(label) == normalise("ferrailleuse")] == [
        "Ferrailleur / Ferrailleuse"
    ]


def test_an_index_says_not_sure_by_its_own_calibration(labels: tuple[tuple[str, ...], list[str]]) -> None:
    asked = [title.replace(" ", " de ", 1) + " confirmée" for _code, title in everyday_titles()[::40]]
    for calibration in (RICH, SPARSE):
        index = TitleIndex(*labels, calibration)
        codes, sure = resolve_titles(asked, index)
        assert [code is None for code in codes] == (sure < calibration.not_sure).tolist()


def candidates(title: str) -> pd.DataFrame:
    row = {"candidate_id": ["a"], "occupations": [title], "max_distance_km": ["20"]}
    return coerce(CANDIDATES, pd.DataFrame(row)).table


def test_the_remark_says_what_to_install() -> None:
    (remark,) = encode_people(candidates("zzz qqq"), communes(), occupations()).warnings
    assert "1 intitulé(s) de métier sans code ROME assez sûr, par exemple « zzz qqq » ; donner le code" in remark
    assert "clausematch reference install" in remark
    assert encode_people(candidates("picking"), communes(), occupations()).warnings == ()


def test_installed_files_keep_the_everyday_titles(shared_data: Path, tmp_path: Path) -> None:
    install(shared_data / "rome" / "v4.60", tmp_path)
    reference = occupations(tmp_path)
    index = title_index(tmp_path)
    assert index.calibration == RICH
    titles = ["laveur machiniste", "chauffeur VL", "mise en rayon", "mécanicien en confection"]
    # The last one is in the table under another code: the reference, which has it word for word, is right.
    assert resolve_titles(titles, index)[0].tolist() == ["K2204", "N4105", "D1507", "H2423"]
    (remark,) = encode_people(candidates("zzz qqq"), communes(), reference).warnings
    assert "reference install" not in remark


def test_official_appellations_of_the_trades_of_clauses(shared_data: Path, root: Path) -> None:
    path = shared_data / "rome" / "v4.60" / "unix_referentiel_appellation_v460_utf8.csv.gz"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    files = root / "matcher" / "awards" / "templates.yml", root / "data_samples" / "trades.yml"
    codes = {code for file in files for code in re.findall(r"\b[A-N]\d{4}\b", file.read_text("utf-8"))}
    labels = {form for code in occupations().codes for form in forms(occupations().label(code))}
    asked = table[table["code_rome"].isin(codes)]
    asked = asked[[not labels & set(forms(label)) for label in asked["libelle_appellation_long"]]]
    found, _sure = resolve_titles(asked["libelle_appellation_long"].tolist(), title_index())
    answered = np.array([code is not None for code in found])
    right = found == asked["code_rome"].to_numpy(object)
    assert len(asked) > 1000
    assert answered.mean() > 0.48
    assert right[answered].mean() > 0.88


def test_a_title_word_for_word_needs_no_search() -> None:
    index = title_index()
    titles = [*EXPECTED, "maçon", "URGENT peintre H/F", "xyz", "", "agent", "conducteur d'engins de chantier urbain"]
    codes, sure = index.first(titles)
    found = index.search_labels(titles, 1)
    assert codes.tolist() == found.codes[:, 0].tolist()
    assert sure.tolist() == found.confidence[:, 0].tolist()
    assert (sure == sure.max()).sum() > 10
