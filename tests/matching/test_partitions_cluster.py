"""Parts on a real cluster: a scheduler and workers of their own processes on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from matcher.reference import communes
from tests.matching.crowds import HOMES, people_file, positions_file
from tests.matching.test_partitions_command import MATCH, Command

DASK = [sys.executable, "-m", "dask"]


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(words: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"log-{time.monotonic_ns()}").open("wb") as log:
        environment = {**os.environ, "CLAUSEMATCH_DATA_DIR": str(folder / "data"), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    address = f"tcp://127.0.0.1:{_free_port()}"
    with ExitStack() as stack:
        host = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
        stack.enter_context(_process([*DASK, "scheduler", *host], folder))
        alone = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder / "spill")]
        yield (
            address,
            [stack.enter_context(_process([*DASK, "worker", address, *alone], folder)) for _ in range(workers)],
        )


def _wait_for(address: str) -> None:
    host, port = address.removeprefix("tcp://").split(":")
    for _attempt in range(600):
        with closing(socket.socket()) as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the scheduler did not start")


def test_a_cluster_writes_the_same_files(tmp_path: Path) -> None:
    people_file(tmp_path, 400)
    positions_file(tmp_path, 8)
    command = Command(tmp_path)
    with _cluster(tmp_path, 2) as (address, _workers):
        assert command(*MATCH, "--max-per-candidate", "1", "-o", "plain").status == 0
        _wait_for(address)
        on_cluster = ("--max-per-candidate", "1", "--engine", "dask", "--scheduler", address)
        done = command(*MATCH, *on_cluster, "-o", "parts", "--work", "work")
    assert done.status == 0, done.said
    assert command.files("parts") == command.files("plain")
    assert len(list((tmp_path / "work" / "found").iterdir())) == len({home[:2] for home in HOMES[:8]}) + 1


def test_a_port_that_is_no_scheduler(tmp_path: Path) -> None:
    people_file(tmp_path, 20)
    positions_file(tmp_path, 2)
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        done = Command(tmp_path)(*MATCH, "--engine", "dask", "--scheduler", address, "-o", "out")
    assert done.status == 3, done.said
    assert f"Aucun ordonnanceur dask ne répond à {address}." in done.said


@pytest.mark.soak
def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    people_file(tmp_path, 20)
    positions_file(tmp_path, 2)
    with _cluster(tmp_path, 0) as (address, _workers):
        _wait_for(address)
        done = Command(tmp_path)(*MATCH, "--engine", "dask", "--scheduler", address, "-o", "out")
    assert done.status == 3, done.said
    assert f"L'ordonnanceur {address} n'a aucun worker." in done.said


@pytest.mark.soak
def test_a_worker_killed_midway(tmp_path: Path) -> None:
    departments = dict(zip(communes().departments, communes().codes, strict=True))
    people_file(tmp_path, 12_000, homes=sorted(departments.values()))
    positions_file(tmp_path, 300)
    command = Command(tmp_path)
    assert command(*MATCH, "-o", "plain").status == 0
    found = tmp_path / "work" / "found"
    with _cluster(tmp_path, 2) as (address, workers):
        _wait_for(address)
        process = command.start(*MATCH, "--engine", "dask", "--scheduler", address, "-o", "parts", "--work", "work")
        while not (found.is_dir() and len(list(found.glob("*.npz"))) >= 2):
            assert process.poll() is None
            time.sleep(0.05)
        workers[0].kill()
        done = len(list(found.glob("*.npz")))
        said, _nothing = process.communicate()
    assert process.returncode == 0, said
    assert done < len(list(found.glob("*.npz"))) == len(departments)
    assert command.files("parts") == command.files("plain")
