"""The library's front door: names, files and DataFrames in, tables out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import matcher
from matcher import Matcher, decide, read_candidates, read_positions
from matcher.errors import NirRefused, NothingUsable, UnreadableFile, UsageError
from matcher.explain import Explanation

ON = date(2026, 9, 1)
PEOPLE = pd.DataFrame(
    [
        {"candidate_id": "A", "Prestations": "RSA", "Inscrit": "oui", "Code INSEE": "91228", "occupations": "maçon"},
        {"candidate_id": "B", "Prestations": "aucun", "Inscrit": None, "Code INSEE": "91228", "occupations": None},
    ]
).rename(columns={"Prestations": "benefits", "Inscrit": "jobseeker"})
JOBS = pd.DataFrame([{"position_id": "P", "commune": "91228", "occupation": "F1703"}])


def test_every_name_is_there() -> None:
    for name in matcher.__all__:
        assert getattr(matcher, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'wrong'"):
        matcher.wrong  # noqa: B018


def test_match_and_its_tables(tmp_path: Path) -> None:
    result = Matcher().match(PEOPLE, JOBS, on=ON, top=1)
    assert result.shortlists["candidate_id"].tolist() == ["A"]
    assert set(result.contributions["candidate_id"]) == {"A"}
    assert list(result.exclusions) == ["position_id", "filter", "people"]
    found = result.explain("B", "P")
    assert isinstance(found, Explanation)
    assert found.rank is None
    assert "Pas sur la liste : son score brut est" in str(found)
    names = {path.name for path in result.save(tmp_path)}
    assert {"shortlists.csv", "report.html", "run.json"} <= names


def test_the_library_and_the_command_agree(tmp_path: Path) -> None:
    from matcher.cli import main

    PEOPLE.to_csv(tmp_path / "c.csv", sep=";", index=False)
    JOBS.to_csv(tmp_path / "p.csv", sep=";", index=False)
    with pytest.raises(SystemExit) as stop:
        main(["match", f"{tmp_path}/c.csv", f"{tmp_path}/p.csv", "--on", "01/09/2026", "-o", f"{tmp_path}/command"])
    assert stop.value.code == 0
    people, jobs = read_candidates(tmp_path / "c.csv"), read_positions(tmp_path / "p.csv")
    Matcher().match(people, jobs, on=ON).save(tmp_path / "library", ["csv"])
    files = [(tmp_path / name / "shortlists.csv").read_bytes() for name in ("command", "library")]
    assert files[0] == files[1]


def test_reading_keeps_what_was_rejected(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("candidate_id;qpv\nA;oui\nB;peut-être\n", encoding="utf-8")
    table = read_candidates(file, today=ON)
    assert table["candidate_id"].tolist() == ["A"]
    assert [(row["row"], row["column"]) for row in table.attrs["rejected"]] == [(3, "qpv")]


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_candidates(tmp_path / "absent.csv")
    (tmp_path / "c.csv").write_text("candidate_id;qpv\nB;peut-être\n", encoding="utf-8")
    with pytest.raises(NothingUsable, match="aucune ligne utilisable"):
        read_candidates(tmp_path / "c.csv")
    with pytest.raises(NirRefused):
        Matcher().match(PEOPLE.assign(NIR="x"), JOBS, on=ON)
    with pytest.raises(UsageError, match="--top doit être au moins 1"):
        Matcher().match(PEOPLE, JOBS, on=ON, top=0)
    with pytest.raises(UsageError, match="Le jeu de règles « ccag » est inconnu"):
        Matcher(rules="ccag").match(PEOPLE, JOBS, on=ON)
    with pytest.raises(UnreadableFile, match="grille de score"):
        Matcher(scorecard=tmp_path / "absent.json")


def test_decide_takes_raw_words() -> None:
    decisions = decide(PEOPLE, on=ON, assume_no=["jobseeker"])
    assert decisions["outcome"].tolist() == ["eligible", "to_verify"]
    assert decide(PEOPLE, "iae-2021", on=ON, mode="ETTI")["outcome"][0] == "eligible"
    with pytest.raises(UsageError, match="demandent un mode"):
        decide(PEOPLE, "iae-2021", on=ON)


@pytest.mark.parametrize("empty", ["people", "jobs"])
def test_nobody_or_nothing_to_fill(empty: str) -> None:
    people, jobs = (PEOPLE.head(0), JOBS) if empty == "people" else (PEOPLE, JOBS.head(0))
    result = Matcher().match(people, jobs, on=ON)
    assert len(result.shortlists) == 0
    assert len(result.contributions) == 0
