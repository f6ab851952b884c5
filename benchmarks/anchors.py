"""Ours beside what peers and a bare kernel reach on the same people and positions, in one run.

    python benchmarks/anchors.py FOLDER --peers SCRIPTS --python PYTHON [--titles] [--only NAMES] [--out FILE]

FOLDER holds neutral tables (candidates.parquet, positions.parquet, communes.parquet, prox.parquet), SCRIPTS the
script `bench_peers.py` of the peers, PYTHON an interpreter with what they need. The tables are written once more in
this project's columns, beside FOLDER: the same people with the same places, limits, occupations, skills,
certificates, licences, dates, hours, levels and wages. Their six tables of eligibility become facts and rules with
the same shares. With --titles the wish is the person's own words, not a code: words are resolved, as the peers
compare theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.bench import Figure, measured_child

ON = "2026-07-01"
DAY = np.datetime64("2026-01-01", "D")
HOURS = (15, 20, 24, 28, 35, 35)
FRENCH = ("A0", "A1", "A2", "B1", "B1", "B2", "C1", "C2")
# Their six tables of eligibility as facts of ours: (pack, category, the fact that decides it).
RULES = (
    ("geiq", "refugee", "refugee"),
    ("charte-91-2018", "minima", "benefits"),
    ("geiq", "justice", "justice"),
    ("geiq", "qpv", "qpv"),
    ("geiq", "zrr", "zrr"),
    ("charte-91-2018", "boeth", "disability"),
)
PEERS = "whole_batch,duckdb_cross,anchors"


def main() -> None:
    """Convert, run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--titles", action="store_true")
    parser.add_argument("--only", default=PEERS)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/data/anchors.json"))
    asked = parser.parse_args()
    ours = converted(asked.folder, asked.titles)
    runs = [_ours(ours) for _ in range(asked.repeat)]
    mine = sorted(runs, key=lambda figure: figure.wall)[len(runs) // 2]
    print("| what | wall | CPU | peak memory | others' CPUs | ours is |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print(f"{mine} |", flush=True)
    if asked.peers:
        for line in _peers(asked.peers, asked.python, asked.folder, asked.only, asked.out):
            print(_row(line, mine), flush=True)


def _ours(folder: Path) -> Figure:
    words = [sys.executable, "-m", "matcher", "match", "candidates.parquet", "positions.parquet", "--on", ON]
    words += ["--top", "20", "--outputs", "csv,contributions", "-o", "out"]
    with measured_child("clausematch match, whole command", words, folder) as figure:
        pass
    return figure


def _peers(scripts: Path, python: str, folder: Path, only: str, out: Path) -> list[dict[str, Any]]:
    out.parent.mkdir(parents=True, exist_ok=True)
    words = [python, str(scripts / "bench_peers.py"), "--data", str(folder.resolve()), "--only", only]
    subprocess.run([*words, "--out", str(out.resolve())], check=True, cwd=out.parent, stdout=subprocess.DEVNULL)
    found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _row(line: dict[str, Any], mine: Figure) -> str:
    told = " (extrapolated)" if line["all_s"] > 1.01 * line["wall"] else ""
    return (
        f"| {line['name']}{told} | {line['all_s']:.2f} s | "
        f"{line['cpu']:.1f} s | {line.get('rss_gib', 0):.2f} GiB | {line['other']:.2f} | "
        f"{line['all_s'] / mine.wall:.2f} × as fast |"
    )


def converted(folder: Path, titles: bool) -> Path:
    """The neutral tables in this project's columns, written once; the folder they are in."""
    out = folder / ("ours-titles" if titles else "ours")
    if not out.is_dir():
        people = pd.read_parquet(folder / "candidates.parquet")
        jobs = pd.read_parquet(folder / "positions.parquet")
        communes = _communes(pd.read_parquet(folder / "communes.parquet")["commune"].tolist())
        out.mkdir()
        _candidates(people, communes, titles).to_parquet(out / "candidates.parquet", index=False)
        _positions(jobs, communes).to_parquet(out / "positions.parquet", index=False)
    return out


def _communes(codes: list[str]) -> dict[str, str]:
    """Their made-up communes as real ones: those of Essonne, or of Île-de-France when there are more."""
    from matcher.reference import communes

    known = communes()
    inside = [c for c, d in zip(known.codes, known.departments, strict=True) if d == "91"]
    if len(codes) > len(inside):
        inside = [c for c, r in zip(known.codes, known.regions, strict=True) if r == "11"]
    return {code: inside[i % len(inside)] for i, code in enumerate(codes)}


def _lists(column: pd.Series[Any], word: str) -> list[str]:
    return ["|".join(f"{word} {number}" for number in cell) or "none" for cell in column]


def _certificates(column: pd.Series[Any]) -> list[str | None]:
    texts = {mask: "|".join(f"CERTIFICAT_{bit}" for bit in range(20) if mask >> bit & 1) for mask in set(column)}
    return [texts[mask] or None for mask in column]


def _days(column: pd.Series[Any]) -> Any:
    return (DAY + column.to_numpy().astype("timedelta64[D]")).astype("datetime64[s]")


def _candidates(people: pd.DataFrame, communes: dict[str, str], titles: bool) -> pd.DataFrame:
    codes = people["rome1"] + np.where(people["rome2"].isna(), "", "|" + people["rome2"].fillna(""))
    months = people["exp_years"].to_numpy(np.int64) * 12
    worked = [f"{code}:{m}" if m <= 480 else None for code, m in zip(people["rome1"], months, strict=True)]
    table = pd.DataFrame(
        {
            "candidate_id": people["candidate_id"],
            "commune": people["commune"].map(communes),
            "max_distance_km": people["radius_km"].astype("float64"),
            "occupations": people["title"].str.replace("|", " ") if titles else codes,
            "experience": worked,
            "skills": _lists(people["skills"], "compétence"),
            "certificates": _certificates(people["certs"]),
            "licences": people["licence"].map({0: "none", 1: "B", 2: "B", 3: None}),
            "vehicle": people["licence"].map({0: False, 1: False, 2: True, 3: None}).astype("boolean"),
            "available_from": _days(people["avail_day"]),
            "weekly_hours_max": people["hours"].map(dict(enumerate(HOURS))).astype("float64"),
            "qualification_level": people["qual"].astype("float64"),
            "french_level": people["lang"].map(dict(enumerate(FRENCH))),
            "wage_min": 12 + 0.5 * people["wage"].astype("float64"),
        }
    )
    for k, (_pack, _category, fact) in enumerate(RULES):
        three = people[f"elig{k}"]  # 1 yes, 2 unknown, 0 no
        if fact == "benefits":
            table[fact] = three.map({1: "RSA", 2: None, 0: "none"})
        else:
            table[fact] = three.map({1: True, 2: None, 0: False}).astype("boolean")
    table["disability_until"] = np.where(people["elig5"] == 1, "permanent", None)
    return table


def _positions(jobs: pd.DataFrame, communes: dict[str, str]) -> pd.DataFrame:
    start = _days(jobs["start_day"])
    return pd.DataFrame(
        {
            "position_id": jobs["position_id"],
            "occupation": jobs["rome"],
            "title": jobs["title"],
            "commune": jobs["commune"].map(communes),
            "start_date": start,
            "end_date": start + np.timedelta64(120, "D"),
            "weekly_hours": jobs["hours"].map(dict(enumerate(HOURS))).astype("float64"),
            "skills": _lists(jobs["skills"], "compétence"),
            "certificates": _certificates(jobs["certs"]),
            "licences": jobs["lic_need"].map({0: None, 1: None, 2: "B", 3: "B"}),
            "vehicle": jobs["lic_need"].map({3: True}).astype("boolean"),
            "experience_months": jobs["exp_req"].astype("float64") * 12,
            "qualification_min": jobs["qual"].astype("float64"),
            "french_min": jobs["lang"].map(dict(enumerate(FRENCH))),
            "wage": 12 + 0.5 * jobs["wage"].astype("float64"),
            "rules": [RULES[rule][0] for rule in jobs["rule"]],
            "categories": [RULES[rule][1] for rule in jobs["rule"]],
        }
    )


if __name__ == "__main__":
    os.environ.pop("OPENBLAS_CORETYPE", None)
    main()
