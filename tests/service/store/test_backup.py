"""Backups: one file for both databases, whole or refused; what it must never hold; erasures that hold after it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import IntegrityError

from matcher.errors import CheckFailed, ClausematchError, EnvironmentFault, UnreadableFile, UsageError
from service.chain.verify import verify
from service.people.erase import erase_person
from service.store import backup as backup_module
from service.store import guards, migrate
from service.store import tables as t
from service.store.backup import read_parts, read_summary, write_backup
from service.store.database import Store, open_store
from service.store.restore import restore
from tests.service.databases import KEYS, settings_for
from tests.service.store.samples import ACTOR, AT, content, fill


@pytest.fixture
def other(empty_database: str) -> Iterator[Store]:
    """Another store, without tables: with `store`, every pair of databases."""
    one = open_store(settings_for(empty_database))
    yield one
    one.close()


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store)
    return store


@pytest.fixture
def backup(filled: Store, tmp_path: Path) -> Path:
    path = tmp_path / "backup.gz"
    write_backup(filled, path, AT)
    return path


def without_log(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    return {name: values for name, values in rows.items() if name not in ("log", "head")}


def test_either_database_is_restored_into_either(filled: Store, backup: Path, other: Store) -> None:
    summary = restore(other, backup, AT)
    before, after = content(filled), content(other)
    assert without_log(after) == without_log(before)
    assert after["log"][: len(before["log"])] == before["log"]
    [added] = after["log"][len(before["log"]) :]
    assert (added[2], added[4]) == ("command:store", "store.restore")
    with other.read() as connection:
        assert verify(connection).whole
    assert summary.rows == {name: len(rows) for name, rows in before.items()}
    assert migrate.version_of(other.engine) == migrate.newest()


def test_the_restored_store_goes_on_and_its_log_is_guarded(backup: Path, other: Store) -> None:
    restore(other, backup, AT)
    with other.write(ACTOR, None, AT) as change:
        change.log("tests.after", "store")
    with other.read() as connection:
        assert verify(connection).whole
    with pytest.raises(IntegrityError, match=guards.REFUSAL), other.engine.begin() as connection:
        connection.execute(text("DELETE FROM log"))


def test_a_full_database_is_replaced_only_when_asked(filled: Store, backup: Path) -> None:
    before = content(filled)
    with pytest.raises(UsageError) as refusal:
        restore(filled, backup, AT)
    assert refusal.value.message.startswith("La base n'est pas vide")
    assert "--replace" in refusal.value.mend
    assert content(filled) == before
    with filled.write(ACTOR, None, AT) as change:
        change.connection.execute(insert(t.organisations).values(org_id="LATER", name="x", kind="authority"))
        change.log("organisation.create", "organisation:LATER")
    restore(filled, backup, AT, replace=True)
    assert without_log(content(filled)) == without_log(before)


def test_who_was_erased_after_the_backup_stays_erased(filled: Store, backup: Path) -> None:
    with filled.write(ACTOR, None, AT) as change:
        row = change.connection.execute(
            select(t.people.c.body, t.subjects.c.wrapped_key)
            .join_from(t.people, t.subjects)
            .where(t.people.c.subject == "s1")
        ).one()
        key = filled.keys.unwrap("s1", row.wrapped_key)
        erase_person(change, key, row.body)
        change.log("people.erase", "people", [key.log_name], pool=True)
    restore(filled, backup, AT, replace=True)
    with filled.read() as connection:
        people = connection.execute(select(t.people).order_by(t.people.c.subject)).all()
        keys = connection.execute(select(t.subjects).order_by(t.subjects.c.subject)).all()
        last = connection.execute(select(t.log).order_by(t.log.c.seq.desc())).first()
        assert verify(connection).whole
    assert [(one.subject, one.body is None, one.candidate_id is None) for one in people if one.subject == "s1"] == [
        ("s1", True, True)
    ]
    assert [one.wrapped_key is None for one in keys] == [False, True, False]
    assert last is not None
    assert (last.action, json.loads(last.detail)) == ("people.erase", {"why": "restored"})


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def another_kind(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 not a backup")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_json(path: Path) -> None:
    path.write_bytes(gzip.compress(b'{"clausematch": "something else"}\n[]\n'))


def one_letter(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes())
    assert b'"authority"' in lines
    path.write_bytes(gzip.compress(lines.replace(b'"authority"', b'"contractor"', 1)))


def a_row_less(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    row = next(place for place, line in enumerate(lines) if line.startswith(b'["s1"'))
    path.write_bytes(gzip.compress(b"".join(lines[:row] + lines[row + 1 :])))


def no_end(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))


@pytest.mark.parametrize("damage", [cut, another_kind, empty, other_json, one_letter, a_row_less, no_end])
def test_a_damaged_file_changes_nothing(filled: Store, backup: Path, damage: Callable[[Path], None]) -> None:
    before = content(filled)
    damage(backup)
    with pytest.raises(UnreadableFile) as refusal:
        restore(filled, backup, AT, replace=True)
    assert "n'est pas une sauvegarde de clausematch, ou a été modifié ou coupé depuis." in refusal.value.message
    assert content(filled) == before


def test_a_file_that_is_not_there(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="n'existe pas"):
        restore(filled, tmp_path / "none", AT, replace=True)


def test_an_edited_log_is_not_restored(filled: Store, tmp_path: Path) -> None:
    with filled.engine.begin() as connection:
        guards.remove(connection)
        connection.execute(text("UPDATE log SET actor = 'key:0' WHERE seq = 2"))
        guards.install(connection)
    path = tmp_path / "edited.gz"
    write_backup(filled, path, AT)
    before = content(filled)
    with pytest.raises(CheckFailed) as refusal:
        restore(filled, path, AT, replace=True)
    assert refusal.value.message.startswith("Le journal de cette sauvegarde n'est pas entier : entrée 2 :")
    assert content(filled) == before


def test_without_its_keys_a_backup_is_not_restored(filled: Store, backup: Path, database: str) -> None:
    before = content(filled)
    stranger = open_store(settings_for(database, encryption_keys=KEYS[1]))
    with pytest.raises(EnvironmentFault, match="Aucune clé de CLAUSEMATCH_ENCRYPTION_KEYS"):
        restore(stranger, backup, AT, replace=True)
    stranger.close()
    assert content(filled) == before


def test_one_backup_does_not_replace_another(filled: Store, backup: Path) -> None:
    held = backup.read_bytes()
    with pytest.raises(UsageError, match="existe déjà"):
        write_backup(filled, backup, AT)
    assert backup.read_bytes() == held


def test_tables_of_another_version_are_not_backed_up(empty_database: str, tmp_path: Path) -> None:
    store = open_store(settings_for(empty_database))
    with pytest.raises(UsageError) as refusal:
        write_backup(store, tmp_path / "file", AT)
    store.close()
    assert "clausematch store upgrade" in refusal.value.mend
    assert list(tmp_path.glob("*file*")) == []


def test_a_backup_is_its_owners_only_and_says_what_it_holds(filled: Store, backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    summary = read_summary(backup)
    with filled.read() as connection:
        head = connection.execute(select(t.head)).one()
    assert (summary.seq, summary.digest, summary.step) == (head.seq, head.digest, migrate.newest())
    assert sum(len(part.rows) for part in read_parts(backup)) == sum(summary.rows.values())


def test_personal_data_stay_sealed_in_a_backup(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "backup.gz"
    write_backup(store, path, AT)
    lines = gzip.decompress(path.read_bytes())
    assert b"first_name" not in lines
    for key in KEYS:
        assert key.encode() not in lines


def test_a_backup_is_one_moment_while_others_write(
    filled: Store, tmp_path: Path, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while the tables are being read is not in the file, not even in part."""
    read_rows = backup_module._write_rows

    def read_then_write(connection: Connection, one: Table, *rest: Any) -> int:
        number = read_rows(connection, one, *rest)
        with filled.write(ACTOR, None, AT) as change:
            change.connection.execute(insert(t.organisations).values(org_id=one.name, name="x", kind="authority"))
            change.log("organisation.create", f"organisation:{one.name}")
        return number

    before = content(filled)
    monkeypatch.setattr(backup_module, "_write_rows", read_then_write)
    path = tmp_path / "moment.gz"
    write_backup(filled, path, AT)
    assert len(content(filled)["organisations"]) > len(t.metadata.tables)
    restore(other, path, AT)
    assert without_log(content(other)) == without_log(before)
    assert content(other)["log"][:-1] == before["log"]


def test_every_refusal_says_what_to_do(filled: Store, backup: Path, tmp_path: Path) -> None:
    for attempt in (lambda: restore(filled, backup, AT), lambda: restore(filled, tmp_path / "none", AT)):
        with pytest.raises(ClausematchError) as refusal:
            attempt()
        assert refusal.value.mend
