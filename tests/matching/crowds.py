"""Crowds for the tests of partitions: seeded people over several départements, with many ties and unknowns."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd

from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_table, write_table
from tests.matching.tables import ON

HOMES = ["91228", "91174", "91223", "75056", "77288", "92012", "93008", "69123", "99999", ""]
WORK = HOMES[:6]
OCCUPATIONS = ["F1703", "F1704", "G1602", "K2204"]
TABLES = ("shortlists.csv", "contributions.parquet", "exclusions.csv", "unfilled.csv")


def people_file(folder: Path, count: int, seed: int = 0, homes: list[str] = HOMES) -> Path:
    """A CSV of people; only codes are used, so that no index of titles is built."""
    draw = random.Random(seed)
    rows = [
        {
            "candidate_id": f"{draw.choice('AÀaz')}{draw.randrange(10**9):09}-{i}",
            "benefits": draw.choice(["ASS", "RSA|ASS", "RSA", "AAH", ""]),
            "commune": draw.choice(homes),
            "occupations": draw.choice(OCCUPATIONS),
            "available_from": draw.choice(["2026-09-01", "2026-08-01", ""]),
            "max_distance_km": draw.choice(["", "5", "60"]),
            "licences": draw.choice(["B", "none", ""]),
        }
        for i in range(count)
    ]
    path = folder / "people.csv"
    pd.DataFrame(rows).to_csv(path, sep=";", index=False)
    return path


def positions_file(folder: Path, count: int, seed: int = 0, asked: tuple[str, ...] = ("", "3", "90")) -> Path:
    """A CSV of positions; one has a place that nobody knows."""
    draw = random.Random(seed)
    rows = [
        {
            "position_id": f"P{i}",
            "commune": "00000" if i == 1 else draw.choice(WORK),
            "occupation": draw.choice(OCCUPATIONS),
            "start_date": "2026-09-15",
            "end_date": "2026-12-15",
            "licences": draw.choice(["", "", "B"]),
            "asked": draw.choice(asked),
        }
        for i in range(count)
    ]
    path = folder / "positions.csv"
    pd.DataFrame(rows).to_csv(path, sep=";", index=False)
    return path


def people_of(path: Path) -> pd.DataFrame:
    return read_table(CANDIDATES, path, today=ON).table


def positions_of(path: Path) -> pd.DataFrame:
    return read_table(POSITIONS, path, today=ON).table


def parquet_folder(table: pd.DataFrame, folder: Path, files: int) -> Path:
    """The people of a table as a folder of Parquet files, in another order than theirs."""
    mixed = table.sample(frac=1, random_state=files)
    for i in range(files):
        write_table(mixed.iloc[i::files], folder / f"zone={i}" / "0.parquet")
    return folder
