"""Putting a backup back: all of it, checked, or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, delete, insert, inspect, select

from matcher.errors import CheckFailed, UsageError
from matcher.locale import _
from service.chain.verify import verify
from service.people.erase import erase_person
from service.store import tables as t
from service.store.backup import Part, Summary, read_parts, read_summary
from service.store.crypto import KeyRing
from service.store.database import Change, Store, turn
from service.store.migrate import config, steps

ACTOR = "command:store"
FIRST_ROWS = ("head",)  # tables that are never empty


def restore(store: Store, path: Path, at: datetime, *, replace: bool = False) -> Summary:
    """Fill the store from a backup, in one transaction. Whoever was erased since the backup is erased again.

    Raises UnreadableFile for a damaged file, UsageError when the store holds something and `replace` is not asked,
    CheckFailed when the log of the backup is not whole, EnvironmentFault when no key of the ring opens it.
    """
    summary = read_summary(path)
    if summary.step not in steps():
        raise UsageError(
            _("Cette sauvegarde vient d'une version plus récente de clausematch ({version}).").format(
                version=summary.version
            ),
            _("Installer cette version-là."),
        )
    with store.alter() as connection:
        filled = _holds_something(connection)
        if filled and not replace:
            raise UsageError(
                _("La base n'est pas vide : la restauration remplacerait tout ce qu'elle contient."),
                _("La sauvegarder d'abord, puis recommencer avec --replace."),
            )
        erased = _erased(connection) if filled else []
        command.downgrade(config(connection), "base")
        command.upgrade(config(connection), summary.step)
        for name in FIRST_ROWS:
            connection.execute(delete(t.metadata.tables[name]))
        for part in read_parts(path):
            _check_keys(part, store.keys)
            connection.execute(insert(part.table), part.rows)
        command.upgrade(config(connection), "head")
        _check_log(connection)
        with turn(connection, ACTOR, None, at) as change:
            change.log("store.restore", "store", detail={"sha256": summary.sha256, "seq": summary.seq}, pool=True)
            _erase_again(change, store.keys, erased)
    return summary


def _holds_something(connection: Connection) -> bool:
    here = set(inspect(connection).get_table_names())
    if not here & set(t.metadata.tables):
        return False
    tables = [one for one in t.metadata.sorted_tables if one.name in here and one.name not in FIRST_ROWS]
    return any(connection.execute(select(one).limit(1)).first() is not None for one in tables)


def _erased(connection: Connection) -> list[str]:
    return list(connection.execute(select(t.subjects.c.subject).where(t.subjects.c.wrapped_key.is_(None))).scalars())


def _check_keys(part: Part, keys: KeyRing) -> None:
    if part.table.name == "subjects":
        for row in part.rows:
            if row["wrapped_key"] is not None:
                keys.check(row["wrapped_key"])


def _check_log(connection: Connection) -> None:
    verdict = verify(connection)
    if not verdict.whole:
        raise CheckFailed(
            _("Le journal de cette sauvegarde n'est pas entier : {fault}.").format(fault=verdict.faults[0]),
            _("Prendre une sauvegarde plus ancienne. Rien n'a été changé dans la base."),
        )


def _erase_again(change: Change, keys: KeyRing, erased: list[str]) -> None:
    """Destroy once more the keys of those who were erased after the backup was made."""
    for subject in erased:
        found = change.connection.execute(
            select(t.people.c.body, t.subjects.c.wrapped_key)
            .join(t.subjects, t.subjects.c.subject == t.people.c.subject)
            .where(
                t.people.c.subject == subject,
                t.people.c.body.is_not(None),  # a record put aside goes with the person it was merged into
                t.subjects.c.wrapped_key.is_not(None),
            )
        ).one_or_none()
        if found is not None:
            key = keys.unwrap(subject, found.wrapped_key)
            erase_person(change, key, found.body)
            change.log("people.erase", "people", [key.log_name], {"why": "restored"}, pool=True)
