"""The pool of the service in process: questions and refreshes over many people, in CPU time of this process.

    python -m benchmarks.pool [people positions]

Draws the sample tables once (see `bench.data`), then asks as the service does, wording included.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.bench import ON, data
from matcher.commands.inputs import read_jobs, read_people
from service.people.source import People, Positions
from service.pool import Pool

TODAY = date.fromisoformat(ON)
TIMES = 300


class Tables:
    """A source over two tables; `rows` and `posts` are those changed since the last look."""

    def __init__(self, people: pd.DataFrame, positions: pd.DataFrame) -> None:
        self.people, self.positions = people, positions
        self.seq = 1
        self.rows: Sequence[int] = range(len(people))
        self.posts: Sequence[int] = range(len(positions))
        self.gone: list[str] = []

    def touch(self, rows: Sequence[int] = (), posts: Sequence[int] = (), gone: Sequence[int] = ()) -> None:
        """These people and positions change."""
        self.seq += 1
        self.rows, self.posts, self.gone = rows, posts, [f"s{row}" for row in gone]

    def head(self) -> int:
        return self.seq

    def people_since(self, _seq: int) -> People:
        rows, table = list(self.rows), self.people.iloc[list(self.rows)]
        names = [f"s{row}" for row in rows]
        return People(self.seq, names, [f"org{row % 12}" for row in rows], names, table, self.gone)

    def positions_since(self, _seq: int) -> Positions:
        count, table = len(self.posts), self.positions.iloc[list(self.posts)]
        return Positions(self.seq, ["F"] * count, [1] * count, [0] * count, [False] * count, table)


def memory() -> int:
    """Resident memory now, in MB."""
    with open("/proc/self/statm", encoding="ascii") as text:
        return int(text.read().split()[1]) * resource.getpagesize() >> 20


def times(name: str, ask: Callable[[Any], object], numbers: Sequence[Any]) -> None:
    """CPU milliseconds of each call: p50, p99, the worst."""
    spent = []
    for number in numbers:
        start = time.process_time()
        ask(number)
        spent.append(1000 * (time.process_time() - start))
    p50, p99 = np.percentile(spent, [50, 99])
    print(f"{name:58} {p50:8.2f} {p99:8.2f} {max(spent):8.2f}", flush=True)


def main() -> None:
    """Ask, change, ask again."""
    people, positions = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (85_510, 1_000)
    folder = data(people, positions, "parquet")
    table = read_people(folder / "candidates.parquet").table
    jobs = read_jobs(folder / "positions.parquet", None).table
    source = Tables(table, jobs)
    ids = jobs["position_id"].tolist()
    draw = np.random.default_rng(1)
    before = memory()
    print(f"{'CPU ms':58} {'p50':>8} {'p99':>8} {'worst':>8}")
    pool = Pool(source)
    times("first refresh", lambda _n: pool.refresh(TODAY), [0])
    times("background work after it (warming)", lambda _n: pool.close(), [0])
    print(f"memory {memory() - before} MB more than the tables read")
    some = [f"s{row}" for row in draw.integers(0, people, TIMES)]
    asked = [ids[i] for i in draw.integers(0, len(ids), TIMES)]
    questions(pool, "", some, asked)
    times("refresh, nothing changed", lambda _n: pool.refresh(TODAY), range(TIMES))

    def changed(rows: Sequence[int]) -> None:
        source.touch(rows)
        pool.refresh(TODAY)

    rows = draw.integers(0, people, 60).tolist()
    times("refresh after one changed person (1 to 60 beside)", lambda row: changed([row]), rows)
    newcomers = iter(draw.integers(0, people, 60).tolist())

    def changed_then_positions(_n: int) -> None:
        row = next(newcomers)
        changed([row])
        pool.refresh(TODAY).positions_for(f"s{row}")

    times("the same, then the positions of that person", changed_then_positions, range(60))
    times("refresh after 800 changed people at once", changed, [range(1_000, 1_800)])
    times("refresh after one more (900 beside)", lambda row: changed([row]), range(5_000, 5_030))
    questions(pool, ", 900 beside", [*some[:150], *(f"s{row}" for row in range(1_000, 1_150))], asked)

    def moved(post: int) -> None:
        source.touch(posts=[post])
        pool.refresh(TODAY)

    times("refresh after one changed position", moved, range(30))
    start = time.perf_counter()
    times("refresh after an erasure", lambda row: (source.touch(gone=[row]), pool.refresh(TODAY)), [77])
    times("the background fold it starts (all threads)", lambda _n: pool.close(), [0])
    print(f"out of memory {time.perf_counter() - start:.2f} s after the erasure")
    gc.collect()
    print(f"memory {memory() - before} MB more than the tables read, after the fold")
    times("a new day", lambda _n: pool.refresh(date.fromordinal(TODAY.toordinal() + 1)), [0])
    pool.close()


def questions(pool: Pool, when: str, subjects: Sequence[str], positions: Sequence[str]) -> None:
    """Every question about some people and positions."""
    now = pool.refresh(TODAY)
    pairs = list(zip(subjects[:40], positions, strict=False))
    times(f"one position, top 10, worded{when}", now.shortlist, positions)
    times(f"one person, 10 positions, worded{when}", now.positions_for, subjects)
    times(f"rank of a person{when}", lambda pair: now.rank_of(*pair), pairs)
    times(f"explanation of a pair{when}", lambda pair: now.explain(*pair), pairs)
    times(f"company sheet of five{when}", lambda n: now.company_sheet(positions[n], subjects[n : n + 5]), range(20))
    times(f"tables of one organisation{when}", now.tables, ["org1"])


if __name__ == "__main__":
    main()
