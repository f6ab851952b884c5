"""Which rules each position calls for, and what becomes of positions whose rules cannot be applied."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from matcher import Matcher
from matcher.clause import Rule, rule_set
from matcher.errors import UsageError
from matcher.schema import POSITIONS
from matcher.tables import coerce
from matcher.usable_rules import unusable_rules, with_usable_rules
from tests.matching.tables import ON, Raw, excluded, listed, made, one, people, positions

PERSON: Raw = {"benefits": "none", "jobseeker": "no", "programmes": "none", "pass_iae_until": "none", "refugee": "no"}
ECHO = [
    ({}, None, [("ccag-2021", "direct", None)]),
    ({}, "charte-91-2018", [("charte-91-2018", "direct", None)]),
    ({"rules": "npnru"}, "charte-91-2018", [("npnru", "direct", None)]),
    ({"mode": "ETTI"}, "charte-91-2018", [("iae-2021", "ETTI", None)]),
    ({"mode": "AI"}, None, [("iae-2021", "AI", None)]),
    ({"mode": "EI"}, None, [("iae-2021", "EI", None)]),
    ({"mode": "ACI"}, None, [("iae-2021", "ACI", None)]),
    ({"mode": "GEIQ"}, "npnru", [("geiq", "GEIQ", None)]),
    ({"categories": "deld|minima"}, None, [("ccag-2021", "direct", ("deld", "minima"))]),
    ({"categories": "none"}, None, [("ccag-2021", "direct", None)]),
    ({"reserved": "insertion"}, None, [("iae-2021", "EI", None)]),
    ({"reserved": "insertion", "mode": "ACI"}, None, [("iae-2021", "ACI", None)]),
    ({"reserved": "handicap"}, None, [("ccag-2021", "direct", ("boeth",))]),
    ({"reserved": "handicap"}, "charte-91-2018", [("charte-91-2018", "direct", ("boeth",))]),
    ({"reserved": "handicap"}, "npnru", [("ccag-2021", "direct", ("boeth",))]),
    ({"reserved": "ess"}, None, [("ccag-2021", "direct", None)]),
    ({"reserved": "unspecified"}, None, [("iae-2021", "EI", None), ("ccag-2021", "direct", ("boeth",))]),
]


@pytest.mark.parametrize(("row", "default", "expected"), ECHO)
def test_the_rules_of_a_position(row: Raw, default: str | None, expected: list[tuple[str, str, None]]) -> None:
    position = next(positions(row).itertuples(index=False))
    assert rule_set(position, default).rules == tuple(Rule(*rule) for rule in expected)


@pytest.mark.parametrize(
    ("facts", "outcome", "categories", "rules"),
    [
        ({"jobseeker": "yes", "disability": "yes", "disability_until": "permanent"}, "eligible", "boeth", "ccag"),
        ({"benefits": "RSA"}, "eligible", "RSA", "iae"),
        ({"benefits": "AAH", "jobseeker": "yes"}, "eligible", "AAH|boeth", "both"),
    ],
)
def test_unspecified_reservations_are_a_union(facts: Raw, outcome: str, categories: str, rules: str) -> None:
    found = one({**PERSON, **facts}, {"reserved": "unspecified"}).shortlists
    packs = {"iae": "iae-2021@1.0", "ccag": "ccag-2021@1.0", "both": "iae-2021@1.0|ccag-2021@1.0"}
    assert found["outcome"].tolist() == [outcome]
    assert found["rules"].tolist() == [packs[rules]]
    assert set(categories.split("|")) <= set(found["categories"][0].split("|"))


def test_a_restriction_to_categories() -> None:
    person: Raw = {**PERSON, "benefits": "ASS"}
    assert listed(one(person, {"categories": "minima"})) == ["A0"]
    assert listed(one(person, {"categories": "MINIMA|deld"})) == ["A0"]
    assert excluded(one(person, {"categories": "deld"})) == {"not_eligible": 1}


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"rules": "ccag"}, "rules", "jeu de règles inconnu ; choisir parmi ccag-2021"),
        ({"rules": "absent.yml"}, "rules", "fichier de règles inutilisable"),
        (
            {"rules": "iae-2021"},
            "rules",
            "les règles iae-2021 ne vont pas avec le mode direct ; écrire un mode parmi",
        ),
        ({"rules": "iae-2021", "mode": "GEIQ"}, "rules", "les règles iae-2021 ne vont pas avec le mode GEIQ"),
        (
            {"categories": "minima|rsa"},
            "categories",
            "catégorie « rsa » inconnue des règles ccag-2021 ; choisir parmi",
        ),
        ({"categories": "minima", "mode": "ETTI"}, "categories", "catégorie « minima » inconnue des règles iae-2021"),
        ({"rules": "npnru", "categories": "deld"}, "categories", "catégorie « deld » inconnue des règles npnru"),
    ],
)
def test_a_position_whose_rules_cannot_be_applied_is_set_aside(row: Raw, column: str, words: str) -> None:
    table = pd.DataFrame([{"position_id": "GOOD"}, {"position_id": "BAD", **row}, {"position_id": "ALSO"}])
    found = with_usable_rules(coerce(POSITIONS, table), None)
    assert found.table["position_id"].tolist() == ["GOOD", "ALSO"]
    assert found.rows.tolist() == [1, 3]
    assert found.rejected[["row", "column"]].to_numpy().tolist() == [[2, column]]
    assert found.rejected["message"][0].startswith(words)
    assert found.rejected["value"][0] == row[column]
    run = Matcher().match(people({}), table.assign(commune="91228"), on=ON)
    assert set(run.shortlists["position_id"]) == {"GOOD", "ALSO"}


def test_rules_that_another_column_overrules_are_no_fault() -> None:
    rows: list[Raw] = [{"rules": "iae-2021", "reserved": "insertion"}, {"rules": "iae-2021", "mode": "EI"}]
    assert not unusable_rules(positions(*rows, {"rules": "npnru", "reserved": "handicap"}), None)
    assert not unusable_rules(positions({"mode": "ETTI"}, {"rules": "npnru"}), "iae-2021")


def test_the_runs_own_rules_are_the_runs_fault() -> None:
    with pytest.raises(UsageError, match="Le mode « direct » n'est pas prévu par les règles iae-2021"):
        unusable_rules(positions({"mode": "ETTI"}, {}), "iae-2021")
    with pytest.raises(UsageError, match="Le jeu de règles « ccag » est inconnu"):
        unusable_rules(positions({}), "ccag")


def test_a_row_may_name_a_file_only_where_files_may_be_read(root: Path) -> None:
    path = str(root / "matcher" / "rules" / "packs" / "geiq.yml")
    table = positions({"rules": path})
    assert not unusable_rules(table, None)
    assert unusable_rules(table, None, files=False)[0][1].startswith("jeu de règles inconnu")
    assert made(people({"justice": "yes"}), table).shortlists["rules"].tolist() == ["geiq@1.0"]
