"""Maçon and maçonne: the swap itself, and that no score depends on it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine import Engine, Options
from matcher.reference import occupations
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import coerce, read_table
from models.audit.titles import (
    BOTH,
    CODE,
    SAME,
    SWAPPED,
    UNKNOWN,
    forms,
    forms_of,
    label_pairs,
    one_form_each,
    swap,
    swap_audit,
    swap_cells,
    swap_tables,
)

ON = date(2026, 9, 1)


def test_pairs_come_from_the_two_sides_of_a_label() -> None:
    labels = ["Ouvrier forestier / Ouvrière forestière", "Agent / Agente d'entretien", "Garde / Cuisinier", "Peintre"]
    assert list(label_pairs(labels)) == [("ouvrier", "ouvrière"), ("forestier", "forestière"), ("agent", "agente")]


@pytest.mark.parametrize(
    ("title", "other", "what"),
    [
        ("maçon", "maçonne", SWAPPED),
        ("Conductrice de travaux publics", "Conducteur de travaux publics", SWAPPED),
        ("ÉLECTRICIEN", "ÉLECTRICIENNE", SWAPPED),
        ("agent technique polyvalent", "agente technique polyvalente", SWAPPED),
        ("coffreur bancheur", "coffreuse bancheur", SWAPPED),
        ("agent de propreté", "agente de propreté", SWAPPED),
        ("maçon / maçonne", "maçon / maçonne", BOTH),
        ("agent d'entretien (H/F)", "agent d'entretien (H/F)", BOTH),
        ("plaquiste", "plaquiste", SAME),
        ("F1703", "F1703", CODE),
        ("", "", UNKNOWN),
        ("xyzzyk", "xyzzyk", UNKNOWN),
    ],
)
def test_titles_in_their_other_form(title: str, other: str, what: str) -> None:
    assert swap(title, forms()) == (other, what)


def test_an_ending_is_used_only_when_it_nearly_always_changes_in_one_way() -> None:
    steady = forms_of([f"{stem}oyeur / {stem}oyeuse" for stem in ("nett", "conv", "empl", "tourn")])
    assert swap("broyeur", steady) == ("broyeuse", SWAPPED)
    torn = forms_of(["acteur / actrice", "facteur / factrice", "porteur / porteuse", "monteur / monteuse"])
    assert swap("sculpteur", torn) == ("sculpteur", UNKNOWN)


def test_weighted_lists_keep_their_months_and_unknown_cells_stay() -> None:
    column = pd.Series(["maçon:18|F1603:4", "none", None, "couvreur"], dtype="str")
    swapped, counts = swap_cells(column, forms(), listed=True)
    assert swapped.fillna("?").tolist() == ["maçonne:18|F1603:4", "none", "?", "couvreuse"]
    assert counts == {SWAPPED: 2, CODE: 1}
    assert swapped.dtype == column.dtype


def test_each_form_of_a_label_is_whole() -> None:
    label = "Conducteur / Conductrice d'engins agricoles"
    assert one_form_each(label) == ("Conducteur d'engins agricoles", "Conductrice d'engins agricoles")
    label = "Ouvrier forestier / Ouvrière forestière"
    assert one_form_each(label) == ("Ouvrier forestier", "Ouvrière forestière")
    assert one_form_each("Garde de parc naturel") is None
    assert one_form_each("Valet / Femme de chambre") is None


TITLES = sorted(
    title
    for label in occupations().appellations["label"]
    for title in (one_form_each(str(label)) or ())
    if swap(title, forms())[1] == SWAPPED
)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.sampled_from(TITLES), min_size=3, max_size=12), st.integers(0, 2**32 - 1))
def test_no_score_depends_on_the_form_of_a_title(titles: list[str], seed: int) -> None:
    random = np.random.default_rng(seed)
    words = [str(random.choice(titles)) for _person in range(8)]
    people = coerce(
        CANDIDATES,
        pd.DataFrame(
            {
                "candidate_id": [f"P{i}" for i in range(8)],
                "occupations": words,
                "experience": [f"{random.choice(titles)}:{random.integers(1, 40)}" for _person in range(8)],
            }
        ),
    ).table
    jobs = coerce(POSITIONS, pd.DataFrame({"position_id": ["A", "B"], "title": titles[:2], "commune": "91228"})).table
    found = swap_tables(Engine(people, jobs, Options(ON)))
    assert found["pairs"] == 16
    assert found["titles"][SWAPPED] > 0
    assert found["different_scores"] == 0
    assert found["different_levels"] == 0


def test_the_audit_sees_a_form_that_leads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"maçon": "couvreur", "couvreur": "maçon"}
    monkeypatch.setattr("models.audit.titles.forms", lambda: type(forms())(words, {}))
    people = coerce(CANDIDATES, pd.DataFrame({"candidate_id": ["P"], "occupations": ["maçon"]})).table
    jobs = coerce(POSITIONS, pd.DataFrame({"position_id": ["A"], "occupation": ["F1703"], "commune": "91228"})).table
    found = swap_tables(Engine(people, jobs, Options(ON)))
    assert found["different_scores"] == 1


def test_the_samples_and_the_labels_of_rome_have_no_difference(root: Path) -> None:
    folder = root / "data_samples"
    people = read_table(CANDIDATES, folder / "candidates.csv", today=ON).table
    jobs = read_table(POSITIONS, folder / "positions.csv", today=ON).table
    found = swap_audit(Engine(people, jobs, Options(ON)))
    assert found["pairs"] == len(people) * len(jobs)
    assert found["titles"][SWAPPED] > 30
    assert found["different_scores"] == 0
    assert found["labels"]["compared"] > 1_000
    assert found["labels"]["different"] == 0
