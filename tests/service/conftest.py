"""Real servers on free ports of this machine, and the samples as JSON."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service.databases import (  # noqa: F401  (fixtures)
    UNHURRIED,
    Api,
    _no_authorities,
    api,
    database,
    empty_database,
    office,
    postgres_databases,
    postgres_tables,
    served,
    settings,
    settings_for,
    sqlite_template,
    store,
    tuned,
)
from tests.service.support import COMMAND, ROOT, Server


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """For the commands: this checkout, and nobody's own data directory."""
    data_dir = str(tmp_path_factory.getbasetemp() / "user-data")
    hurried = {f"CLAUSEMATCH_{name.upper()}": str(int(value)) for name, value in UNHURRIED.items()}
    own = {"PYTHONPATH": str(ROOT), "CLAUSEMATCH_DATA_DIR": data_dir, "PYTHONUTF8": "1"}
    return {**os.environ, **hurried, **own}


@contextmanager
def _started(arguments: tuple[str, ...], environment: dict[str, str], log_file: Path) -> Iterator[Server]:
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--demo", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            encoding="utf-8",
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, log_file.read_text(encoding="utf-8")
            yield Server(found[0], process, log_file, process.stdout.readline().split()[-1])
        finally:
            process.terminate()
            process.wait(30)
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture(scope="session")
def server(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the session."""
    with _started(("--port", "0"), environment, tmp_path_factory.mktemp("serve") / "log") as one:
        yield one


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of one's own with some arguments."""
    open_servers: list[AbstractContextManager[Server]] = []

    def start_one(*arguments: str) -> Server:
        manager = _started(arguments, environment, tmp_path / f"log-{len(open_servers)}")
        open_servers.append(manager)
        return manager.__enter__()

    yield start_one
    for manager in open_servers:
        manager.__exit__(None, None, None)


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=120, headers=server.headers) as one:
        yield one


@pytest.fixture
def serve(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[..., Api]]:  # noqa: F811
    """Serve an application with settings of one's own, in a thread, on SQLite."""
    with ExitStack() as stack:

        def serve_one(**changes: Any) -> Api:
            path = tmp_path / f"{len(list(tmp_path.glob('*.db')))}.db"
            shutil.copyfile(sqlite_template, path)
            return stack.enter_context(served(settings_for(f"sqlite:///{path}", **changes)))

        yield serve_one


def _records(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return [dict(row) for row in csv.DictReader(text, delimiter=";")]


@pytest.fixture(scope="session")
def people() -> list[dict[str, Any]]:
    """The committed sample of people, cells as in the file."""
    return _records(ROOT / "data_samples" / "candidates.csv")


@pytest.fixture(scope="session")
def jobs() -> list[dict[str, Any]]:
    """The committed sample of positions."""
    return _records(ROOT / "data_samples" / "positions.csv")
