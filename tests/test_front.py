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
    with pytest.raises(UsageError, match="Le mode « ETI » est inconnu"):
        decide(PEOPLE, "ccag-2021", on=ON, mode="ETI")


@pytest.mark.parametrize("empty", ["people", "jobs"])
def test_nobody_or_nothing_to_fill(empty: str) -> None:
    people, jobs = (PEOPLE.head(0), JOBS) if empty == "people" else (PEOPLE, JOBS.head(0))
    result = Matcher().match(people, jobs, on=ON)
    assert len(result.shortlists) == 0
    assert len(result.contributions) == 0


@pytest.mark.parametrize("on", ["2026-09-01", "01/09/2026", pd.Timestamp("2026-09-01 14:00")])
def test_a_day_may_be_written(on: str | pd.Timestamp) -> None:
    assert Matcher().match(PEOPLE, JOBS, on=on).shortlists.equals(Matcher().match(PEOPLE, JOBS, on=ON).shortlists)
    assert decide(PEOPLE, on=on)["on"].tolist() == ["2026-09-01", "2026-09-01"]


def test_columns_may_be_named_in_one_text() -> None:
    loose = Matcher(complete="certificates, skills", assume_no="vehicle,benefits").match(PEOPLE, JOBS, on=ON)
    assert (loose.engine.options.complete, loose.engine.options.assume_no) == (
        ("certificates", "skills"),
        ("vehicle", "benefits"),
    )
    assert decide(PEOPLE, on=ON, assume_no="jobseeker,qpv").equals(
        decide(PEOPLE, on=ON, assume_no=["jobseeker", "qpv"])
    )


def test_a_day_is_today_when_not_said_and_refused_when_unreadable() -> None:
    before = pd.Timestamp.now().date().isoformat()
    assert before <= decide(PEOPLE)["on"].iloc[0] <= pd.Timestamp.now().date().isoformat()
    with pytest.raises(UsageError, match="on : date illisible"):
        decide(PEOPLE, on="31-31")


def test_positions_of_awards_on_a_day_in_words() -> None:
    award = {"award_id": "1", "amount": 1e6, "labour_share": 0.5, "object": "Peinture", "social": "Clause sociale"}
    awards = pd.DataFrame([award])
    positions = matcher.positions_from_awards(awards, on="23/11/2026", months=2)
    assert positions["hours"].tolist() == pytest.approx([2500 / 3])
    assert positions["end_date"].tolist() == [pd.Timestamp("2027-01-23")]
    assert len(matcher.positions_from_awards(awards)) == 1
