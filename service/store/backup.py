"""A backup: one file for either database, so that what SQLite held can be restored into PostgreSQL.

Lines of JSON, compressed: what it is, then each table's columns and rows, then the number of rows and the SHA-256 of
all the lines before. Everything is read in one snapshot, while the service goes on. What is sealed stays sealed: the
file opens only with the keys of CLAUSEMATCH_ENCRYPTION_KEYS, which must be kept apart from it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, column, select, table, text
from sqlalchemy.sql.expression import TableClause

from matcher import __version__
from matcher.errors import EnvironmentFault, UnreadableFile, UsageError
from matcher.locale import _
from matcher.tables.writing import atomic
from service.clock import written
from service.store import tables as t
from service.store.database import Store
from service.store.migrate import newest, version_of

FORMAT = 1
ROWS_AT_ONCE = 1000
LONGEST_LINE = 1 << 30


@dataclass(frozen=True)
class Summary:
    """What a backup holds. `step` is the migration its tables are of, `seq` and `digest` the end of its log."""

    at: str
    version: str
    step: str
    seq: int
    digest: str
    rows: Mapping[str, int]
    sha256: str


def write_backup(store: Store, path: Path, at: datetime) -> Summary:
    """Write everything the store holds to a new file that only its owner can read, then read it back.

    Raises UsageError when the file exists or the tables are not of this version, EnvironmentFault for the disk or the
    database.
    """
    if path.exists():
        raise UsageError(
            _("{file} existe déjà : une sauvegarde n'en remplace pas une autre.").format(file=path),
            _("Choisir un autre nom, par exemple avec la date."),
        )
    step = version_of(store.engine)
    if step != newest():
        raise UsageError(
            _("Les tables de la base ne sont pas celles de cette version."),
            _("Lancer d'abord : clausematch store upgrade."),
        )
    with atomic(path) as temporary:
        temporary.chmod(0o600)
        with temporary.open("wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed, store.read() as connection:
                _write(packed, connection, step, at)
            raw.flush()
            os.fsync(raw.fileno())
        summary = read_summary(temporary)
    return summary


def _write(packed: gzip.GzipFile, connection: Connection, step: str, at: datetime) -> None:
    total = hashlib.sha256()

    def put(content: Any) -> None:
        line = json.dumps(content, separators=(",", ":")).encode() + b"\n"
        total.update(line)
        packed.write(line)

    _check_integrity(connection)
    head = connection.execute(select(t.head)).one()
    put(
        {
            "clausematch": "backup",
            "format": FORMAT,
            "version": __version__,
            "step": step,
            "at": written(at),
            "seq": head.seq,
            "digest": head.digest,
        }
    )
    rows = {}
    for one in t.metadata.sorted_tables:
        sealed = [isinstance(part.type, LargeBinary) for part in one.columns]
        names = [part.name for part in one.columns]
        put({"table": one.name, "columns": names, "binary": [n for n, s in zip(names, sealed, strict=True) if s]})
        rows[one.name] = _write_rows(connection, one, sealed, put)
    end = {"end": rows, "sha256": total.hexdigest()}
    packed.write(json.dumps(end, separators=(",", ":")).encode() + b"\n")


def _write_rows(connection: Connection, one: Table, sealed: list[bool], put: Any) -> int:
    number = 0
    query = select(one).order_by(*one.primary_key.columns)
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
        put([_packed(value) if binary else value for value, binary in zip(row, sealed, strict=True)])
        number += 1
    return number


def _packed(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _check_integrity(connection: Connection) -> None:
    """Raise EnvironmentFault when SQLite finds its own file damaged; PostgreSQL checks as it reads."""
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
        if said != "ok" or connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
            raise EnvironmentFault(
                _("Le fichier de la base de données est abîmé : rien n'a été sauvegardé."),
                _("Le mettre de côté, et restaurer la dernière sauvegarde : clausematch store restore."),
            )


@contextmanager
def _opened(path: Path) -> Iterator[gzip.GzipFile]:
    """The lines of a backup. Raises UnreadableFile for a file cut short or of another kind."""
    try:
        with gzip.open(path, "rb") as lines:
            yield lines
    except FileNotFoundError:
        raise UnreadableFile(_("{file} n'existe pas.").format(file=path), _("Vérifier le nom.")) from None
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, KeyError, TypeError, IsADirectoryError):
        raise damaged(path) from None


def damaged(path: Path) -> UnreadableFile:
    """The error for a file that is not what a backup was when it was written."""
    return UnreadableFile(
        _("{file} n'est pas une sauvegarde de clausematch, ou a été modifié ou coupé depuis.").format(file=path),
        _("Prendre une autre sauvegarde. Rien n'a été changé dans la base."),
    )


def read_summary(path: Path) -> Summary:
    """What a backup holds, once every line of it was read and its digest found right. Raises UnreadableFile."""
    total = hashlib.sha256()
    with _opened(path) as lines:
        line = lines.readline(LONGEST_LINE)
        first = json.loads(line)
        if first["clausematch"] != "backup" or first["format"] != FORMAT:
            raise ValueError
        for following in lines:
            total.update(line)
            line = following
        last = json.loads(line)
        if last["sha256"] != total.hexdigest():
            raise ValueError
        return Summary(
            str(first["at"]),
            str(first["version"]),
            str(first["step"]),
            int(first["seq"]),
            str(first["digest"]),
            {str(name): int(number) for name, number in last["end"].items()},
            str(last["sha256"]),
        )


@dataclass(frozen=True)
class Part:
    """Some rows of one table, as they are inserted."""

    table: TableClause
    rows: list[dict[str, Any]]


def read_parts(path: Path) -> Iterator[Part]:
    """The rows of a backup, a thousand at a time, tables in the order in which they can be filled."""
    with _opened(path) as lines:
        lines.readline()
        names: list[str] = []
        binary: frozenset[str] = frozenset()
        target = table("")
        rows: list[dict[str, Any]] = []
        for line in lines:
            content = json.loads(line)
            if isinstance(content, list):
                pairs = zip(names, content, strict=True)
                rows.append({name: _unpacked(value) if name in binary else value for name, value in pairs})
                if len(rows) < ROWS_AT_ONCE:
                    continue
            if rows:
                yield Part(target, rows)
                rows = []
            if "table" in content:
                names, binary = content["columns"], frozenset(content["binary"])
                target = table(content["table"], *(column(name) for name in names))


def _unpacked(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value, validate=True)
