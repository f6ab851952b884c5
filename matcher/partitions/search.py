"""The search of one part: the task that runs here or on a cluster. It reads nothing but what it is given and writes
nothing; its answer is arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import matcher
from matcher.blocking import Filter
from matcher.engine import Engine, Options
from matcher.fairness import eligible_pool
from matcher.partitions.people import table_of
from matcher.reference import reference_versions
from matcher.resolve.cells import Ints
from matcher.resolve.people import Doubts
from matcher.schema import POSITIONS
from matcher.scoring import Scorecard
from matcher.tables import coerce

FILTERS = tuple(Filter)


@dataclass(frozen=True, slots=True)
class Task:
    """People (Parquet pieces), positions (Parquet, in the engine's order), and how many people to keep for each
    position: of everybody, or of those who count for a floor (`favoured`)."""

    people: tuple[bytes, ...]
    positions: bytes
    options: Options
    card: Scorecard
    counts: tuple[int, ...]
    favoured: bool


@dataclass(frozen=True)
class Found:
    """What a search kept: for each pair the position's number in the task (`owner`, rising), the person's row in the
    part and the points, best first; and figures that add up over parts.

    `excluded` [positions, filters]: people each filter set aside; `reach` [positions]: people known to live within
    their own distance; `pool`: people who could have been listed; `made_with`: versions, for comparison.
    """

    owner: Ints
    row: Ints
    points: Ints
    excluded: Ints
    reach: Ints
    pool: int
    doubts: Doubts
    made_with: Mapping[str, Any]

    def content(self) -> bytes:
        """As bytes, without pickle."""
        facts = {
            "pool": self.pool,
            "strange": sorted(self.doubts.strange),
            "unsure": sorted(self.doubts.unsure),
            "lost": self.doubts.lost,
            "silent": self.doubts.silent,
            "official": self.doubts.official,
            "made_with": self.made_with,
        }
        arrays: dict[str, Any] = {
            "owner": self.owner.astype(np.int32),
            "row": self.row.astype(np.int32),
            "points": self.points.astype(np.int32),
            "excluded": self.excluded,
            "reach": self.reach,
            "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        }
        made = BytesIO()
        np.savez_compressed(made, **arrays)
        return made.getvalue()

    @classmethod
    def read(cls, content: bytes) -> Found:
        """From these bytes."""
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            numbers = {
                name: arrays[name].astype(np.int64) for name in ("owner", "row", "points", "excluded", "reach")
            }
        doubts = Doubts(
            frozenset(facts["strange"]), frozenset(facts["unsure"]), facts["lost"], facts["silent"], facts["official"]
        )
        return cls(**numbers, pool=facts["pool"], doubts=doubts, made_with=facts["made_with"])


def search(task: Task) -> bytes:
    """Rank the people of a part for every position of a task: a `Found` as bytes."""
    positions = positions_of(task.positions)
    engine = Engine(table_of(task.people), positions, task.options, task.card)
    among = engine.recipients() if task.favoured else None
    owner, row, points = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    excluded = np.zeros((len(positions), len(FILTERS)), np.int64)
    for i, ranking in enumerate(engine.rankings(task.counts, None, among)):
        best = ranking.best
        owner.append(np.full(len(best.rows), i))
        row.append(best.rows)
        points.append(best.points)
        excluded[i] = [ranking.excluded.get(name, 0) for name in FILTERS]
    found = Found(
        np.concatenate(owner),
        np.concatenate(row),
        np.concatenate(points),
        excluded,
        _reach(engine),
        int(eligible_pool(engine).sum()),
        engine.people.doubts,
        made_with(engine),
    )
    return found.content()


def made_with(engine: Engine) -> dict[str, Any]:
    """What must be the same on every machine: the versions of the program, reference data and rules."""
    return {
        "clausematch": matcher.__version__,
        "reference": {name: version["sha256"] for name, version in reference_versions().items()},
        "rules": engine.decisions.packs(),
        "scorecard": engine.card.sha256,
    }


def _reach(engine: Engine) -> Ints:
    """For each position the people within reach, counted once per place."""
    known: dict[tuple[int, ...], int] = {}
    for i, job in enumerate(engine.jobs):
        if job.places not in known:
            known[job.places] = engine.within_reach(i)
    return np.array([known[job.places] for job in engine.jobs], np.int64)


def positions_content(positions: pd.DataFrame, which: Sequence[int] | None) -> bytes:
    """Positions, or some of them, as Parquet."""
    some = positions if which is None else positions.iloc[list(which)]
    made = BytesIO()
    pq.write_table(pa.Table.from_pandas(some, preserve_index=False), made, compression="zstd")
    return made.getvalue()


@lru_cache(maxsize=1)
def _kinds() -> pd.Series[Any]:
    """The canonical types of positions."""
    nothing = pd.DataFrame({name: pd.Series(dtype=str) for name in POSITIONS.names})
    return coerce(POSITIONS, nothing).table.dtypes


def positions_of(content: bytes) -> pd.DataFrame:
    """The positions of these bytes, in canonical types."""
    positions: pd.DataFrame = pq.read_table(BytesIO(content)).to_pandas()
    return positions.astype(_kinds())
