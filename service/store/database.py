"""The database: reading at any time, writing one after the other, each write with its entries of the log."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.errors import UndefinedColumn, UndefinedTable
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from matcher.errors import EnvironmentFault, UsageError
from matcher.locale import _
from service.chain.entry import Entry, digest_of
from service.clock import written
from service.settings import Settings
from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.words import PLAIN, plain

BUSY_SECONDS = 30
# A PostgreSQL that nothing reaches any more is given up 10 s after what was sent to it (milliseconds, on Linux), 15 s
# after what is waited for, 5 s for a new connection; TCP alone would wait for a quarter of an hour.
DEAD_NETWORK = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
WRITES = "clausematch_writes"
MOST_SUBJECTS = 1000  # names in one entry of the log; more make several entries


@dataclass
class Change:
    """One transaction under way. `seq` is the number that the rows it changes must carry."""

    connection: Connection
    seq: int
    actor: str
    org_id: str | None
    at: datetime
    entries: list[Entry] = field(default_factory=list)
    touches_pool: bool = False

    def log(
        self,
        action: str,
        about: str,
        subjects: Sequence[str] = (),
        detail: Mapping[str, Any] | None = None,
        *,
        pool: bool = False,
    ) -> None:
        """Write down what was done. `subjects` are log names; `pool`: people or positions changed."""
        names = list(subjects)
        self.touches_pool |= pool
        for start in range(0, max(len(names), 1), MOST_SUBJECTS):
            self.entries.append(
                Entry(
                    self.seq + len(self.entries),
                    written(self.at),
                    self.actor,
                    self.org_id,
                    action,
                    about,
                    names[start : start + MOST_SUBJECTS],
                    dict(detail or {}),
                )
            )


class Store:
    """One database and the keys that open what is sealed in it."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self.keys = keys
        self._turn = threading.Lock()  # threads of one process queue here rather than in the database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with, in one snapshot. Raises EnvironmentFault when the database cannot answer."""
        with snapshot(self.engine) as connection:
            yield connection

    @contextmanager
    def write(self, actor: str, org_id: str | None, at: datetime) -> Iterator[Change]:
        """One transaction: all of it with its log, or nothing. Raises EnvironmentFault.

        Whoever changes a row must log it: a transaction that logs nothing is undone.
        """
        with self.alter() as connection, turn(connection, actor, org_id, at) as change:
            yield change
            if not change.entries:
                connection.get_transaction().rollback()  # type: ignore[union-attr]

    @contextmanager
    def alter(self) -> Iterator[Connection]:
        """A writer's transaction before it takes its turn in the log: restoring a backup makes the tables themselves.
        Raises EnvironmentFault."""
        writer = self.engine.execution_options(**{WRITES: True})
        with told(), self._turn, writer.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection whose questions are all answered from one state of the database. Raises EnvironmentFault."""
    # In SQLite a transaction is a snapshot; PostgreSQL would otherwise take one for each question.
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with told(), engine.execution_options(**level).connect() as connection:
        yield connection


@contextmanager
def turn(connection: Connection, actor: str, org_id: str | None, at: datetime) -> Iterator[Change]:
    """A writer's turn at the end of the log, within its transaction; its entries are added when it ends."""
    last = connection.execute(select(t.head).with_for_update()).one()
    change = Change(connection, last.seq + 1, actor, org_id, at)
    yield change
    if change.entries:
        _append(change, last.digest, last.data_seq)


def _append(change: Change, digest: str, data_seq: int) -> None:
    rows = []
    for entry in change.entries:
        digest = digest_of(digest, entry)
        rows.append(
            {
                **entry.__dict__,
                "subjects": json.dumps(entry.subjects),
                "detail": json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
                "digest": digest,
            }
        )
    change.connection.execute(insert(t.log), rows)
    seq = change.entries[-1].seq
    change.connection.execute(
        update(t.head).values(seq=seq, digest=digest, data_seq=seq if change.touches_pool else data_seq)
    )


def open_store(settings: Settings) -> Store:
    """The store of these settings; nothing is read yet. Raises UsageError for an address that is none."""
    return Store(connect(settings.database_url), KeyRing(settings.keys))


def connect(address: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…`. Raises UsageError."""
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    kind = url.get_backend_name() if url is not None else ""
    if url is None or kind not in ("sqlite", "postgresql"):
        raise UsageError(
            _("DATABASE_URL n'est pas une adresse de base SQLite ou PostgreSQL."),
            _("Écrire sqlite:////dossier/fichier.db ou postgresql://utilisateur@serveur/base."),
        )
    if kind == "postgresql":
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=8,
            pool_timeout=BUSY_SECONDS,
            connect_args=DEAD_NETWORK,
        )
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function(PLAIN, 1, plain, deterministic=True)


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """A new file is turned to WAL by one program alone, and SQLite itself does not wait for that turn."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its turn at once: two readers that both turn into writers would never end.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_of_tables(error: Exception) -> bool:
    return isinstance(getattr(error, "orig", None), UndefinedTable | UndefinedColumn)


@contextmanager
def told() -> Iterator[None]:
    """What the database's own refusals mean to a user. Their text may hold data: it is not passed on."""
    try:
        yield
    except (OperationalError, InterfaceError, ProgrammingError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", "")).lower()
        if "no such table" in reason or "no such column" in reason or _is_of_tables(error):
            raise EnvironmentFault(
                _("Les tables de la base ne sont pas celles de cette version."),
                _("Lancer d'abord : clausematch store upgrade."),
            ) from None
        if "full" in reason or "no space" in reason:
            raise EnvironmentFault(
                _("Le disque de la base de données est plein : rien n'a été enregistré."),
                _("Libérer de la place, puis recommencer."),
            ) from None
        if "locked" in reason or "busy" in reason:
            raise EnvironmentFault(
                _("La base de données est occupée par une autre écriture : rien n'a été enregistré."),
                _("Recommencer dans quelques secondes."),
            ) from None
        if isinstance(error, ProgrammingError):
            raise
        raise EnvironmentFault(
            _("La base de données ne répond pas : rien n'a été enregistré."),
            _("Vérifier DATABASE_URL et le serveur, puis recommencer."),
        ) from None
