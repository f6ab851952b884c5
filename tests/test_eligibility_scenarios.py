"""The scenarios of tests/rules/*.yml, which a jurist can read, and that they cover every category of every pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from matcher.eligibility import PROOFS, decide, evaluate, facts
from matcher.rules import PACK_IDS, RulePack, load_rules
from tests.eligibility_twin import Twin, table

FOLDER = Path(__file__).parent / "rules"
WORDS = {"permanent": date(9999, 12, 31), "none": date(1, 1, 1)}
ANSWERS = {True: 1, False: 0, "unknown": -1}


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return data


def _person(cells: dict[str, Any]) -> dict[str, Any]:
    person = dict(cells)
    for name in ("disability_until", "pass_iae_until"):
        person[name] = WORDS.get(person.get(name), person.get(name))
    return {name: value for name, value in person.items() if value is not None}


def _told(base: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    cells = {**base, **case.get("person", {}), **case.get("with", {})}
    return _person({name: value for name, value in cells.items() if name not in case.get("without", ())})


def _alone(pack: RulePack) -> RulePack:
    """The same pack with each criterion sufficient, to read one condition at a time."""
    return replace(pack, counting=None, categories=tuple(replace(row, level=0) for row in pack.categories))


FILES = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yml"))}
CASES = [
    pytest.param(data, code, section, case, id=f"{name}-{code}-{case['why']}")
    for name, data in FILES.items()
    for code, section in data.get("categories", {}).items()
    for case in section["cases"]
]
DECISIONS = [
    pytest.param(data, case, id=f"{case['mode']}-{case['why']}")
    for data in FILES.values()
    for case in data.get("decisions", ())
]


@pytest.mark.parametrize(("data", "code", "section", "case"), CASES)
def test_category(data: dict[str, Any], code: str, section: dict[str, Any], case: dict[str, Any]) -> None:
    person = _told(section.get("person", {}), case)
    on = case.get("day", data["day"])
    pack = _alone(load_rules(data["rules"]))
    found = evaluate(facts(table([person])), pack, on=on, categories=[code])
    assert found.truth[0, 0] == ANSWERS[case["is"]]
    if "proof" in case:
        assert PROOFS[found.proof[0]] == case["proof"]


@pytest.mark.parametrize(("data", "case"), DECISIONS)
def test_count_of_criteria(data: dict[str, Any], case: dict[str, Any]) -> None:
    person = _told(data["known"], case)
    row = decide(table([person]), data["rules"], on=data["day"], mode=case["mode"]).iloc[0]
    assert row["outcome"] == case["outcome"]
    assert row["proof"] == case.get("proof", row["proof"])


@pytest.mark.parametrize("pack", PACK_IDS)
def test_every_category_has_a_case_of_each_kind(pack: str) -> None:
    cases = {code: section["cases"] for code, section in FILES[pack]["categories"].items()}
    assert sorted(cases) == sorted(load_rules(pack).codes)
    for code, rows in cases.items():
        answers = {row["is"] for row in rows}
        # an opinion or a diagnosis that has no date does not exist: the diagnosis is never unknown
        expected = {True, False} if code == "PRESCRIBER" else {True, False, "unknown"}
        assert expected <= answers, code
        assert any(row.get("boundary") for row in rows), code


@pytest.mark.parametrize(("data", "code", "section", "case"), CASES)
def test_the_slow_evaluator_agrees_with_the_scenarios(
    data: dict[str, Any], code: str, section: dict[str, Any], case: dict[str, Any]
) -> None:
    person = _told(section.get("person", {}), case)
    for name in ("benefits", "programmes"):
        if name in person:
            person[name] = () if person[name] == "none" else tuple(person[name].split("|"))
    answer = Twin(person, case.get("day", data["day"])).answers(data["rules"])[code]
    assert answer == (None if case["is"] == "unknown" else case["is"])
