"""Large runs from the command line, as processes: memory, interrupts, full disks, options that cannot be."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.matching.crowds import TABLES, parquet_folder, people_file, people_of, positions_file

OPTIONS = ("--on", "2026-09-01", "--outputs", "csv,contributions")


@dataclass(frozen=True)
class Done:
    status: int
    said: str
    memory: int  # bytes


# The command, and the most memory it held: what the system says of a child counts its parent's memory too.
MEASURED = """
import atexit, re, pathlib
status = pathlib.Path("/proc/self/status")
peak = lambda: pathlib.Path("peak").write_text(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1])
atexit.register(peak)
from matcher.cli import main
raise SystemExit(main())
"""


class Command:
    """Runs `clausematch match` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONWARNINGS": "error", "CLAUSEMATCH_DATA_DIR": str(folder / "data")}

    def start(self, *words: str, first: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", MEASURED, "match", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=first,
        )

    def __call__(self, *words: str, first: Callable[[], None] | None = None) -> Done:
        process = self.start(*words, first=first)
        assert process.stdout is not None
        said = process.stdout.read()
        process.stdout.close()
        process.wait()
        assert "Traceback" not in said, said
        return Done(process.returncode, said, int((self.folder / "peak").read_text()) << 10)

    def files(self, name: str) -> dict[str, bytes]:
        return {table: (self.folder / name / table).read_bytes() for table in TABLES}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    people_file(tmp_path, 600)
    positions_file(tmp_path, 8)
    return Command(tmp_path)


MATCH = ("people.csv", "positions.csv", *OPTIONS)


def test_parts_on_this_machine_write_the_same_files(command: Command) -> None:
    plain = command(*MATCH, "-o", "plain")
    parts = command(*MATCH, "-o", "parts", "--work", "work")
    assert (plain.status, parts.status) == (0, 0), parts.said
    assert command.files("parts") == command.files("plain")
    assert parts.said.replace("parts :", "plain :") == plain.said
    records = [json.loads((command.folder / name / "run.json").read_text("utf-8")) for name in ("plain", "parts")]
    assert records[0] == records[1]
    assert not {path.name for path in (command.folder / "parts").iterdir()} & {"report.html", "never_listed.csv"}


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["--memory", "beaucoup"], 2, "--memory : « beaucoup » n'est pas compris."),
        (["--memory", "100M"], 2, "--memory : trop peu ; il faut au moins"),
        (["--memory", "2G", "--outputs", "csv,report"], 2, "--outputs : « report » demande toutes les personnes"),
        (["--engine", "dask"], 2, "--engine dask demande --scheduler"),
        (["--scheduler", "tcp://127.0.0.1:1"], 2, "--scheduler ne sert qu'avec --engine dask."),
        (["--engine", "ray"], 2, "ray"),
        (["--work", "people.csv"], 3, "people.csv n'a pas pu être écrit"),
        (["--engine", "dask", "--scheduler", "tcp://127.0.0.1:1"], 3, "Aucun ordonnanceur dask ne répond à tcp://"),
        (["--engine", "dask", "--scheduler", "n'importe quoi"], 3, "Aucun ordonnanceur dask ne répond à n'importe"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be(command: Command, words: list[str], status: int, told: str) -> None:
    done = command(*MATCH, "-o", "out", *words)
    assert done.status == status, done.said
    assert told in done.said
    assert not (command.folder / "out").exists()
    if words[0] == "--memory" and "report" not in words[-1]:
        assert "Que faire : " in done.said


def test_a_full_disk_keeps_what_is_finished(command: Command) -> None:
    command(*MATCH, "-o", "plain")
    work = ("-o", "out", "--work", "work")
    done = command(*MATCH, *work, first=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000)))
    assert done.status == 3, done.said
    assert "n'a pas pu être écrit" in done.said
    assert "Vérifier la place sur le disque" in done.said
    assert not (command.folder / "out").exists() or not list((command.folder / "out").iterdir())
    assert not list((command.folder / "work").rglob(".*"))
    assert command(*MATCH, *work).status == 0
    assert command.files("out") == command.files("plain")


def _heed_interrupts() -> None:
    """Whatever this process ignores or blocks, as what a shell starts in the background does: a child has it too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _interrupt(process: subprocess.Popen[str]) -> None:
    """As somebody would: once, and again when nothing came of it for long."""
    for _again in range(6):
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
        return


def test_an_interrupt_says_how_to_go_on(command: Command) -> None:
    people_file(command.folder, 20_000)
    positions_file(command.folder, 4000)  # long enough for the signal to come in time
    work = command.folder / "work"
    process = command.start(*MATCH, "-o", "out", "--work", "work", first=_heed_interrupts)
    while not list(work.glob("people-*/people.json")):
        assert process.poll() is None
        time.sleep(0.01)
    _interrupt(process)
    said, _nothing = process.communicate()
    assert process.returncode == 130, said
    assert "Les parties finies sont dans work ; la même commande reprendra à partir d'elles." in said
    assert "aucun fichier à moitié écrit" in said
    assert "Traceback" not in said
    assert not (command.folder / "out").exists()
    assert not list(work.rglob(".*"))


def test_memory_stays_under_what_was_said(command: Command) -> None:
    """160 000 people with long cells, in eight files: more than the bound when all are held together."""
    table = people_of(people_file(command.folder, 20_000))
    whole = []
    for number in range(8):
        more = table.assign(candidate_id=table["candidate_id"] + f"-{number}")
        for name in ("last_name", "email", "adviser"):
            more[name] = more["candidate_id"] + f" {name}" * 20
        parquet_folder(more, command.folder / "dataset" / str(number), 1)
        whole.append(more)
    pd.concat(whole).to_parquet(command.folder / "whole.parquet", index=False)
    plain = command("whole.parquet", "positions.csv", *OPTIONS, "-o", "plain")
    done = command("dataset", "positions.csv", *OPTIONS, "-o", "parts", "--memory", "480M", "--work", "work")
    assert (plain.status, done.status) == (0, 0), done.said
    assert done.memory < 480 << 20 < plain.memory
    assert len(list((command.folder / "work" / "found").iterdir())) > 3
    assert command.files("parts") == command.files("plain")


def test_a_file_that_memory_cannot_hold_is_refused(command: Command) -> None:
    with (command.folder / "vast.csv").open("wb") as stream:
        stream.truncate(1 << 30)
    done = command("vast.csv", "positions.csv", *OPTIONS, "-o", "out", "--memory", "2G")
    assert done.status == 2, done.said
    assert "--memory : lire vast.csv prendrait environ 9616 M." in done.said
    assert "un dossier de fichiers Parquet plus petits" in done.said
