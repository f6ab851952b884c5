"""What a clause could carry, counted again by hand on a small file."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from matcher.engine import Engine, Options
from matcher.feasibility import FEASIBILITY_COLUMNS, feasibility
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import coerce

ON = date(2026, 9, 1)
COMMAND = (sys.executable, "-m", "matcher", "feasibility")


def _people() -> pd.DataFrame:
    """Five people of Évry, one of Brest; the first two want the job, the third has done it, the fourth is sure not to
    be eligible, the fifth cannot start before the end."""
    base = {"commune": "91228", "benefits": "ASS", "max_distance_km": "20"}
    rows = [
        {**base, "candidate_id": "wish", "occupations": "K2204"},
        {**base, "candidate_id": "second", "occupations": "F1704|K2204"},
        {**base, "candidate_id": "done", "occupations": "F1704", "experience": "K2204:24"},
        {**base, "candidate_id": "other", "occupations": "M1805"},
        {**base, "candidate_id": "late", "occupations": "K2204", "available_from": "2030-01-01"},
        {**base, "candidate_id": "far", "occupations": "K2204", "commune": "29019"},
    ]
    return coerce(CANDIDATES, pd.DataFrame(rows)).table


def _engine(**position: str) -> Engine:
    given = {
        "position_id": "P",
        "title": "Agent de propreté",
        "occupation": "K2204",
        "commune": "91228",
        "start_date": "2026-10-01",
        "end_date": "2026-12-31",
        "weekly_hours": "35",
        "hours": "300",
        **position,
    }
    return Engine(_people(), coerce(POSITIONS, pd.DataFrame([given])).table, Options(ON))


def test_counts_are_those_of_the_file() -> None:
    row = feasibility(_engine()).iloc[0]
    assert (row["within_reach"], row["eligible"], row["to_verify"]) == (5, 5, 0)
    assert (row["ready"], row["interested"]) == (4, 3)
    # 3 people × 35 h × 52/12 weeks a month × 91 days
    assert row["hours_possible"] == round(3 * 35 * 52 / 12 * 91 * 12 / 365.25)
    assert row["verdict"] == "réaliste"


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [("1000", "juste : peu de marge"), ("2000", "peu réaliste : trop peu de personnes")],
)
def test_verdict_compares_hours_due_and_possible(hours: str, verdict: str) -> None:
    assert feasibility(_engine(hours=hours)).iloc[0]["verdict"] == verdict


def test_unknown_place_carries_nothing() -> None:
    row = feasibility(_engine(commune="99999")).iloc[0]
    assert (row["within_reach"], row["interested"], row["verdict"]) == (0, 0, "lieu inconnu")


def test_command_takes_positions_or_awards(tmp_path: Path, root: Path) -> None:
    samples = root / "data_samples"
    for source in ("positions.csv", "awards.json"):
        out = tmp_path / f"{source}.csv"
        done = subprocess.run(
            [*COMMAND, str(samples / "candidates.csv"), str(samples / source), "--on", "2026-09-01", "-o", str(out)],
            capture_output=True,
            text=True,
            check=True,
        )
        table = pd.read_csv(out, sep=";", encoding="utf-8-sig")
        assert tuple(table.columns) == FEASIBILITY_COLUMNS
        assert "couples métier et lieu" in done.stdout
        assert (table["interested"] <= table["ready"]).all()
        assert (table["ready"] <= table["within_reach"]).all()


def test_notices_with_an_id_are_not_taken_for_positions(root: Path, shared_data: Path, tmp_path: Path) -> None:
    """Its column `id` could name a position, yet no row names any work."""
    notices = shared_data / "decp" / "v2_2022" / "decp_2024H2_travaux_cpv4521.csv.gz"
    words = [str(root / "data_samples" / "candidates.csv"), str(notices), "--social", "any", "--on", "2024-09-01"]
    subprocess.run([*COMMAND, *words, "-o", str(tmp_path / "out.csv")], check=True, capture_output=True)
    table = pd.read_csv(tmp_path / "out.csv", sep=";")
    assert len(table) > 300
    assert table["occupation"].notna().all()
    assert table["hours_due"].sum() > 10_000


def test_who_objects_is_not_counted() -> None:
    people = _people().assign(objection=pd.array([True] + [pd.NA] * 5, dtype="boolean"))
    row = feasibility(Engine(people, _engine().positions, Options(ON))).iloc[0]
    assert (row["within_reach"], row["eligible"], row["ready"]) == (4, 4, 3)


def test_rows_of_one_pack_say_what_parts_them() -> None:
    jobs = pd.concat(
        [_engine().positions, _engine(position_id="Q", reserved="handicap").positions], ignore_index=True
    )
    table = feasibility(Engine(_people(), jobs, Options(ON)))
    assert table[["rules", "mode", "categories"]].values.tolist() == [
        ["ccag-2021@1.0", "direct", ""],
        ["ccag-2021@1.0", "direct", "boeth"],
    ]


def test_command_tells_without_a_file_and_rejects_beside_one(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("candidate_id;commune;benefits\nA;91228;ASS\nA;91228;ASS\n", encoding="utf-8")
    (tmp_path / "p.csv").write_text("position_id;commune;title\nP;91228;Maçon\n", encoding="utf-8")
    asked = [*COMMAND, "c.csv", "p.csv", "--on", "2026-09-01"]
    told = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "– Maçon F1703, Évry-Courcouronnes (91228) (ccag-2021@1.0 direct) : à portée, 1 éligibles" in told.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", "p.csv"]
    subprocess.run([*asked, "-o", "out/f.csv"], cwd=tmp_path, capture_output=True, check=True)
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv", sep=";", encoding="utf-8-sig")
    assert rejected[["file", "row"]].values.tolist() == [["c.csv", 3]]
