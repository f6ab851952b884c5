"""The column specifications against the contract, and the pages made from them."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from matcher.schema import CANDIDATES, TABLES, Kind
from matcher.schema.model import TableSpec, column
from matcher.tables import read_table
from matcher.tables.cells import parser

CONTRACT = {
    "candidates": """
        candidate_id first_name last_name birth_date email phone prescriber adviser postal_code city
        commune sex qpv jobseeker jobseeker_since months_registered_36 months_worked_12
        last_activity_end left_education ever_worked employed benefits disability disability_until
        qualification_level programmes pass_iae_until refugee justice single_parent ase_leaver
        homeless zrr mobility_difficulty right_to_work_until adviser_opinion_on adviser_opinion_by
        iae_diagnosis_on validated_on validated_by facts_on informed_on evidence occupations
        experience skills certificates licences vehicle max_distance_km available_from
        weekly_hours_min weekly_hours_max accepts work_limits french_level wage_min objection
    """,
    "positions": """
        position_id award_id employer siret title occupation tasks commune postal_code city
        place_code place_kind start_date end_date hours weekly_hours openings mode rules categories
        reserved skills certificates certificates_wished licences vehicle experience_months
        qualification_min french_min demands schedule wage bus_reachable asked
    """,
    "awards": """
        award_id buyer_siret contractors object cpv amount notified_on duration_months place_code
        place_kind social reserved labour_share insertion_rate hourly_cost hours
    """,
    "outcomes": """
        proposal_id position_id candidate_id proposed_on shown_rank shown_score listed_by human_rank
        scorecard decision decided_by stage reason decided_on
    """,
}
ROLES = {
    "I": """
        candidate_id first_name last_name birth_date email phone prescriber adviser postal_code city
        validated_on validated_by facts_on informed_on objection
    """,
    "S": """
        sex
    """,
    "M": """
        commune qualification_level occupations experience skills certificates licences vehicle
        max_distance_km available_from weekly_hours_min weekly_hours_max accepts work_limits
        french_level wage_min
    """,
    "E": """
        birth_date qpv jobseeker jobseeker_since months_registered_36 months_worked_12
        last_activity_end left_education ever_worked employed benefits disability disability_until
        qualification_level programmes pass_iae_until refugee justice single_parent ase_leaver
        homeless zrr mobility_difficulty right_to_work_until adviser_opinion_on adviser_opinion_by
        iae_diagnosis_on evidence french_level
    """,
}


@pytest.mark.parametrize("name", list(TABLES))
def test_the_columns_of_the_contract_in_its_order(name: str) -> None:
    assert list(TABLES[name].names) == CONTRACT[name].split()


@pytest.mark.parametrize(("role", "names"), ROLES.items())
def test_the_roles_of_the_contract(role: str, names: str) -> None:
    assert sorted(CANDIDATES.with_role(role)) == sorted(names.split())


def test_no_person_s_own_fact_is_scored_that_must_not_be() -> None:
    scored = set(CANDIDATES.with_role("M"))
    assert scored.isdisjoint({"sex", "birth_date", "benefits", "disability", "qpv", "justice", "right_to_work_until"})


def test_headers_are_unambiguous_and_errors_say_which() -> None:
    for spec in TABLES.values():
        assert len(spec.headers) >= len(spec.columns)
    twice = TableSpec("t", "", (column("a", Kind.TEXT, "", "", "x"), column("b", Kind.TEXT, "", "", "X")), key="a")
    with pytest.raises(ValueError, match="t: header 'X' names two columns"):
        _ = twice.headers


def test_every_word_of_every_column_reads_as_its_code() -> None:
    for spec in TABLES.values():
        for col in spec.columns:
            parse = parser(col)
            for word, code in (col.words or {}).items():
                assert parse(word) == code
                assert parse(code) == code


def test_health_and_justice_are_marked() -> None:
    hidden = {col.name for col in CANDIDATES.columns if col.private}
    assert {"disability", "disability_until", "work_limits", "evidence", "benefits", "justice"} <= hidden


def _generator(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", root / "scripts" / "generate_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_pages_are_those_of_the_code(root: Path) -> None:
    for path, content in _generator(root).pages().items():
        assert path.read_bytes() == content, f"run python scripts/generate_docs.py: {path.name} is stale"


def test_the_dictionary_names_every_column_alias_and_word(root: Path) -> None:
    page = (root / "docs" / "donnees.md").read_text(encoding="utf-8")
    for spec in TABLES.values():
        assert f"## `{spec.name}` : {spec.title}" in page
        for col in spec.columns:
            line = next(line for line in page.splitlines() if line.startswith(f"| `{col.name}` | {col.about}"))
            assert all(alias in line for alias in col.aliases)
            assert all(f"`{code}`" in line for code in (col.words or {}).values())


def test_templates_are_read_without_a_remark(root: Path) -> None:
    for spec in TABLES.values():
        found = read_table(spec, root / "docs" / "modeles" / f"{spec.name}.csv", today=date(2026, 1, 1))
        assert not found.warnings
        assert found.read == 0
        assert list(found.table.columns) == list(spec.names)
