"""Times the main jobs at the sizes that matter, as whole processes or in process, and prints a table."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DATA = Path(__file__).parent / "data"
ON = "2026-09-01"


@dataclass
class Figure:
    """One line of the table; `others` is the CPUs that other processes used meanwhile."""

    name: str
    wall: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    others: float = 0.0

    def __str__(self) -> str:
        return f"| {self.name} | {self.wall:.1f} s | {self.cpu:.1f} s | {self.memory:.2f} GiB | {self.others:.2f} |"


def _busy() -> float:
    """CPU seconds used by the whole machine since it started."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft, steal = map(int, fields[:8])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _used(who: int) -> float:
    spent = resource.getrusage(who)
    return spent.ru_utime + spent.ru_stime


@contextmanager
def measured(name: str, who: int) -> Iterator[Figure]:
    """Fill a figure with what happens inside the block; `who` is RUSAGE_SELF or RUSAGE_CHILDREN."""
    figure = Figure(name)
    busy, used, start = _busy(), _used(who), time.perf_counter()
    yield figure
    figure.wall = time.perf_counter() - start
    figure.cpu = _used(who) - used
    figure.memory = resource.getrusage(who).ru_maxrss / (1 << 20)
    figure.others = max(0.0, (_busy() - busy - figure.cpu) / figure.wall)


@contextmanager
def measured_child(name: str, words: Sequence[str], folder: Path) -> Iterator[Figure]:
    """Run a command in `folder` and fill a figure with its own time and memory."""
    figure = Figure(name)
    busy, start = _busy(), time.perf_counter()
    child = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise subprocess.CalledProcessError(status, words)
    figure.wall = time.perf_counter() - start
    figure.cpu = used.ru_utime + used.ru_stime
    figure.memory = used.ru_maxrss / (1 << 20)
    figure.others = max(0.0, (_busy() - busy - figure.cpu) / figure.wall)
    yield figure


def data(people: int, positions: int, form: str, departments: str = "91") -> Path:
    """The tables of one size, drawn once."""
    folder = DATA / f"{people}x{positions}-{form}"
    if not folder.is_dir():
        sizes = ["--people", str(people), "--positions", str(positions), "--format", form]
        command = [sys.executable, "-m", "data_samples.generate", *sizes, "--departments", departments]
        subprocess.run([*command, "--on", ON, "-o", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


def match(people: int, positions: int, top: int) -> Iterator[Figure]:
    """The whole command, Parquet to shortlists.csv and contributions.parquet."""
    folder = data(people, positions, "parquet")
    with tempfile.TemporaryDirectory() as out:
        words = [sys.executable, "-m", "matcher", "match"]
        words += [str(folder / "candidates.parquet"), str(folder / "positions.parquet")]
        words += ["--on", ON, "--top", str(top), "--outputs", "csv,contributions", "-o", out]
        with measured(f"match {people:,} × {positions:,}, top {top}", resource.RUSAGE_CHILDREN) as figure:
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    yield figure


def eligibility(people: int) -> Iterator[Figure]:
    """Facts, evaluation and every decision in words, for each pack."""
    from matcher.eligibility import describe, evaluate, facts
    from matcher.rules import list_rules
    from matcher.schema import CANDIDATES
    from matcher.tables import read_table

    folder = data(people, 1, "parquet")
    table = read_table(CANDIDATES, folder / "candidates.parquet", today=date.fromisoformat(ON)).table
    for pack in list_rules():
        mode = "EI" if pack.counting else None
        with measured(f"eligibility {pack.id}, {people:,} people", resource.RUSAGE_SELF) as figure:
            describe(evaluate(facts(table), pack, on=date.fromisoformat(ON), mode=mode))
        yield figure


def read(people: int) -> Iterator[Figure]:
    """A messy CSV, one row in a hundred broken."""
    from matcher.schema import CANDIDATES
    from matcher.tables import read_table

    folder = data(people, 1, "csv")
    with measured(f"read CSV, {people:,} rows", resource.RUSAGE_SELF) as figure:
        found = read_table(CANDIDATES, folder / "candidates.csv", today=date.fromisoformat(ON))
    figure.name += f" ({len(found.rejected):,} rejected)"
    yield figure


def titles(people: int) -> Iterator[Figure]:
    """Free titles of people against the reference in use (15 000 labels once the official files are installed)."""
    import pandas as pd

    from matcher.resolve.words import title_index

    folder = data(85_510, 300, "csv")
    cells = pd.read_csv(folder / "candidates.csv", sep=";", dtype=str)["occupations"].dropna()
    asked = [f"{word} {i}" for i, cell in enumerate(cells) for word in cell.split("|")][:people]
    index = title_index()
    with measured(f"titles, {len(asked):,} queries × {len(index.codes):,} codes", resource.RUSAGE_SELF) as figure:
        index.search(asked, 10)
    yield figure


def outputs(people: int, positions: int, top: int) -> Iterator[Figure]:
    """The other outputs of the same command, each beside nothing else."""
    folder = data(people, positions, "parquet")
    for name in ("csv", "xlsx", "json", "contributions", "report"):
        with tempfile.TemporaryDirectory() as out:
            words = [sys.executable, "-m", "matcher", "match", "candidates.parquet", "positions.parquet"]
            words += ["--on", ON, "--top", str(top), "--outputs", name, "-o", out]
            with measured_child(f"match {people:,} × {positions:,}, {name} alone", words, folder) as figure:
                pass
        yield figure


def online(people: int, positions: int, top: int) -> Iterator[Figure]:
    """One position against everybody, one person against every position, with tables in memory; p50 and p99."""
    import numpy as np

    from matcher.board import Board
    from matcher.commands.inputs import read_jobs, read_people
    from matcher.engine import Engine, Options

    folder = data(people, positions, "parquet")
    table = read_people(folder / "candidates.parquet").table
    jobs = read_jobs(folder / "positions.parquet", None).table
    engine = Engine(table, jobs, Options(on=date.fromisoformat(ON), top=top))
    with measured(f"board of {people:,} × {positions:,}", resource.RUSAGE_SELF) as figure:
        board = Board(engine)
    yield figure
    rows = np.random.default_rng(1).integers(0, people, 2_000)
    asks: dict[str, tuple[Callable[[int], object], list[int]]] = {
        f"one position, {people:,} people, top {top}": (lambda i: engine.rank(i, top), list(range(positions))),
        f"one person, {positions:,} positions": (lambda row: board.suited(row), rows.tolist()),
    }
    for name, (ask, numbers) in asks.items():
        spent = []
        with measured(name, resource.RUSAGE_SELF) as figure:
            for number in numbers:
                start = time.perf_counter()
                ask(number)
                spent.append(time.perf_counter() - start)
        figure.name += f": p50 {1000 * np.percentile(spent, 50):.2f} ms, p99 {1000 * np.percentile(spent, 99):.2f} ms"
        yield figure


def main() -> None:
    """Run the benchmarks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["match", "eligibility", "read", "titles"])
    parser.add_argument("--people", type=int)
    parser.add_argument("--positions", type=int, default=300)
    parser.add_argument("--top", type=int, default=20)
    asked = parser.parse_args()
    jobs: dict[str, Callable[[], Iterator[Figure]]] = {
        "match": lambda: match(asked.people or 85_510, asked.positions, asked.top),
        "outputs": lambda: outputs(asked.people or 85_510, asked.positions, asked.top),
        "online": lambda: online(asked.people or 85_510, asked.positions, asked.top),
        "eligibility": lambda: eligibility(asked.people or 1_000_000),
        "titles": lambda: titles(asked.people or 20_000),
        "read": lambda: read(asked.people or 1_000_000),
    }
    print("| what | wall | CPU | peak memory | others' CPUs |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in asked.what:
        for figure in jobs[name]():
            print(figure, flush=True)


if __name__ == "__main__":
    main()
