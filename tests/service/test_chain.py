"""The chain of the log: whatever is done to it outside the service is found, and where."""

from __future__ import annotations

import json
import random
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from matcher.cli import main
from service.chain.entry import GENESIS, Entry, digest_of
from service.chain.verify import MOST_FAULTS, Verdict, verify, wrong
from service.store import guards
from service.store import tables as t
from service.store.backup import write_backup
from service.store.database import MOST_SUBJECTS, Store

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
Cells = namedtuple("Cells", ("seq", "at", "actor", "org_id", "action", "object", "subjects", "detail", "digest"))
TEXTS = ("at", "actor", "org_id", "action", "object", "subjects", "detail", "digest")


@pytest.fixture
def log(store: Store) -> Store:
    """A log of twelve entries, some of one transaction."""
    for number in range(8):
        with store.write(
            f"key:{number:012x}", "A" if number % 2 else None, START + timedelta(hours=number)
        ) as change:
            names = [f"{name:032x}" for name in range(number)]
            change.log(
                "test.do", f"position:P{number}", names, {"valeur": number / 4, "mot": "é", "liste": [1, None]}
            )
            if number % 2:
                change.log("test.then", "pool", pool=True)
    return store


def looked(store: Store, expected: str | None = None) -> Verdict:
    with store.read() as connection:
        return verify(connection, expected)


def faults(store: Store) -> list[tuple[str, int]]:
    return [(fault.kind, fault.seq) for fault in looked(store).faults]


def tamper(store: Store, how: Callable[[Connection], Any]) -> None:
    """Do what the triggers refuse, as somebody who owns the database can."""
    with store.engine.begin() as connection:
        guards.remove(connection)
        how(connection)


def test_a_log_that_nobody_touched_is_whole(log: Store) -> None:
    found = looked(log)
    assert found.whole
    assert found.entries == 12
    with log.read() as connection:
        rows = connection.execute(select(t.log).order_by(t.log.c.seq)).all()
        assert connection.execute(select(t.head.c.digest)).scalar_one() == found.digest
    digest = GENESIS
    for row in rows:  # the chain by hand
        content = {name: getattr(row, name) for name in ("seq", *TEXTS[:5])}
        entry = Entry(**content, subjects=json.loads(row.subjects), detail=json.loads(row.detail))
        digest = digest_of(digest, entry)
        assert row.digest == digest
    assert looked(log, rows[4].digest).expected_at == 5


def test_an_empty_log_is_whole(store: Store) -> None:
    found = looked(store)
    assert (found.whole, found.entries, found.digest) == (True, 0, GENESIS)
    assert looked(store, GENESIS).whole


def test_any_byte_of_any_entry_is_found(log: Store) -> None:
    chance = random.Random(5)
    with log.read() as connection:
        rows = connection.execute(select(t.log).order_by(t.log.c.seq)).all()
    previous = GENESIS
    for row in rows:
        assert wrong(previous, row) is None
        for name in TEXTS:
            value = getattr(row, name) or ""
            for place in range(len(value)):
                other = chance.choice([letter for letter in '0 aéZ\t"' if letter != value[place]])
                changed = Cells(**{**row._mapping, name: value[:place] + other + value[place + 1 :]})
                assert wrong(previous, changed), (row.seq, name, place, other)
                shorter = Cells(**{**row._mapping, name: value[:place] + value[place + 1 :]})
                assert wrong(previous, shorter), (row.seq, name, place)
        previous = row.digest


def test_a_byte_changed_in_the_database_is_found_at_its_entry(log: Store) -> None:
    chance = random.Random(6)
    with log.engine.begin() as connection:
        guards.remove(connection)
    for seq in range(1, 13):
        name = chance.choice([one for one in TEXTS if one != "org_id"])
        with log.engine.connect() as connection, connection.begin() as undone:
            column = t.log.c[name]
            value = connection.execute(select(column).where(t.log.c.seq == seq)).scalar_one()
            place = chance.randrange(len(value))
            changed = value[:place] + ("1" if value[place] != "1" else "2") + value[place + 1 :]
            connection.execute(update(t.log).where(t.log.c.seq == seq).values({name: changed}))
            assert verify(connection).faults[0].seq == seq, (name, place)
            undone.rollback()
    assert looked(log).whole


@pytest.mark.parametrize("name", TEXTS)
def test_a_cell_cut_or_emptied_is_found(log: Store, name: str) -> None:
    tamper(log, lambda c: c.execute(update(t.log).where(t.log.c.seq == 5).values({name: ""})))
    assert faults(log)[0][1] == 5


def test_bytes_that_are_no_text_are_found(log: Store) -> None:
    if log.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL refuses to hold them")
    tamper(log, lambda c: c.execute(text("UPDATE log SET object = CAST(X'C3288A' AS TEXT) WHERE seq = 3")))
    assert faults(log) == [("edited", 3)]
    tamper(log, lambda c: c.execute(text("UPDATE log SET detail = X'7B7D' WHERE seq = 7")))
    assert faults(log) == [("edited", 3), ("unreadable", 7)]


def test_spaces_that_change_no_meaning_are_found(log: Store) -> None:
    tamper(log, lambda c: c.execute(update(t.log).where(t.log.c.seq == 2).values(detail=t.log.c.detail + " ")))
    assert faults(log) == [("unreadable", 2)]


def test_an_entry_taken_out_is_found(log: Store) -> None:
    tamper(log, lambda c: c.execute(delete(t.log).where(t.log.c.seq == 6)))
    assert faults(log) == [("missing", 6), ("edited", 7)]


def test_the_first_entry_taken_out_is_found(log: Store) -> None:
    tamper(log, lambda c: c.execute(delete(t.log).where(t.log.c.seq == 1)))
    assert faults(log)[0] == ("missing", 1)


def test_an_entry_taken_out_and_the_rest_renumbered_is_found(log: Store) -> None:
    def close_the_gap(connection: Connection) -> None:
        connection.execute(delete(t.log).where(t.log.c.seq == 6))
        for seq in range(7, 13):
            connection.execute(update(t.log).where(t.log.c.seq == seq).values(seq=seq - 1))
        connection.execute(update(t.head).values(seq=11))

    tamper(log, close_the_gap)
    assert faults(log)[0] == ("edited", 6)


def test_two_entries_that_changed_places_are_found(log: Store) -> None:
    def swap(connection: Connection) -> None:
        for old, new in ((4, -4), (5, 4), (-4, 5)):
            connection.execute(update(t.log).where(t.log.c.seq == old).values(seq=new))

    tamper(log, swap)
    assert faults(log)[0] == ("edited", 4)


def test_a_tail_cut_off_is_found(log: Store) -> None:
    tamper(log, lambda c: c.execute(delete(t.log).where(t.log.c.seq > 9)))
    assert faults(log) == [("cut", 10)]


def test_an_entry_added_outside_the_service_is_found(log: Store) -> None:
    def add(connection: Connection) -> None:
        last = connection.execute(select(t.log).where(t.log.c.seq == 12)).one()
        entry = Entry(13, last.at, "key:x", None, "test.do", "pool", [], {})
        row = {**entry.__dict__, "subjects": "[]", "detail": "{}", "digest": digest_of(last.digest, entry)}
        connection.execute(insert(t.log).values(row))

    tamper(log, add)
    assert faults(log) == [("beyond", 13)]


@pytest.mark.parametrize("values", [{"digest": "0" * 64}, {"data_seq": 99}])
def test_an_end_that_does_not_fit_is_found(log: Store, values: dict[str, Any]) -> None:
    tamper(log, lambda c: c.execute(update(t.head).values(values)))
    assert faults(log) == [("head", 12)]


def test_an_end_taken_away_is_found(log: Store) -> None:
    tamper(log, lambda c: c.execute(delete(t.head)))
    assert faults(log) == [("head", 12)]


def test_a_log_rewritten_as_a_whole_is_found_by_a_digest_kept_elsewhere(log: Store) -> None:
    before = looked(log).digest

    def rewrite(connection: Connection) -> None:
        digest = GENESIS
        for row in connection.execute(select(t.log).order_by(t.log.c.seq)).all():
            actor = "key:somebody else" if row.seq == 3 else row.actor
            entry = Entry(
                row.seq,
                row.at,
                actor,
                row.org_id,
                row.action,
                row.object,
                json.loads(row.subjects),
                json.loads(row.detail),
            )
            digest = digest_of(digest, entry)
            connection.execute(update(t.log).where(t.log.c.seq == row.seq).values(actor=actor, digest=digest))
        connection.execute(update(t.head).values(digest=digest))

    tamper(log, rewrite)
    assert looked(log).whole, "nothing inside tells"
    found = looked(log, before)
    assert [fault.kind for fault in found.faults] == ["unexpected"]
    assert "réécrit" in str(found.faults[0])


def test_faults_without_number_are_counted(store: Store) -> None:
    with store.write("key:x", None, START) as change:
        change.log("test.do", "people", [f"{n:032x}" for n in range(30 * MOST_SUBJECTS)])
    tamper(store, lambda c: c.execute(update(t.log).values(actor="key:y")))
    found = looked(store)
    assert (len(found.faults), found.more) == (MOST_FAULTS, 10)


def test_the_database_itself_refuses_to_change_the_log(log: Store) -> None:
    from sqlalchemy.exc import IntegrityError

    for statement in (update(t.log).values(actor="x"), delete(t.log)):
        with pytest.raises(IntegrityError, match="append-only"), log.engine.begin() as connection:
            connection.execute(statement)


# --- the command ---------------------------------------------------------------------------------------------------
@pytest.fixture
def command(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """`clausematch audit …` on the test's database, without any secret: its status and what it says."""
    monkeypatch.setenv("DATABASE_URL", database)

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as done:
            main(["audit", *arguments])
        told = capsys.readouterr()
        return int(done.value.code or 0), told.out + told.err

    return run


def test_the_command_says_that_the_log_is_whole(log: Store, command: Callable[..., tuple[int, str]]) -> None:
    digest = looked(log).digest
    status, words = command("verify")
    assert status == 0
    assert "Journal entier : 12 entrées." in words
    assert digest in words
    status, words = command("verify", "--expect", digest.upper())
    assert (status, "celle de l'entrée 12" in words) == (0, True)


def test_the_command_says_where_it_is_not(log: Store, command: Callable[..., tuple[int, str]]) -> None:
    tamper(log, lambda c: c.execute(update(t.log).where(t.log.c.seq == 5).values(actor="key:x")))
    status, words = command("verify")
    assert status == 1
    assert "entrée 5 : modifiée" in words
    assert "Le journal n'est pas entier." in words


def test_the_command_refuses_what_is_no_digest(log: Store, command: Callable[..., tuple[int, str]]) -> None:
    status, words = command("verify", "--expect", "abc")
    assert (status, "64 chiffres hexadécimaux" in words) == (2, True)
    status, words = command("verify", "--expect", "0" * 63 + "1")
    assert (status, "l'empreinte attendue n'est celle d'aucune entrée" in words) == (1, True)


def test_the_command_reads_a_backup(
    log: Store, command: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, changed, cut = (tmp_path / name for name in ("whole.gz", "changed.gz", "cut.gz"))
    write_backup(log, whole, START)
    found = looked(log)
    tamper(log, lambda c: c.execute(update(t.log).where(t.log.c.seq == 5).values(actor="key:x")))
    write_backup(log, changed, START)
    cut.write_bytes(whole.read_bytes()[:-20])
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")  # not asked
    status, words = command("verify", "--from-backup", str(whole), "--expect", found.digest)
    assert (status, f"Journal entier : {found.entries} entrées." in words, found.digest in words) == (0, True, True)
    status, words = command("verify", "--from-backup", str(changed))
    assert (status, "entrée 5 : modifiée" in words) == (1, True)
    status, words = command("verify", "--from-backup", str(cut))
    assert (status, "n'est pas une sauvegarde de clausematch" in words) == (2, True)
    status, words = command("verify", "--from-backup", str(tmp_path / "none.gz"))
    assert (status, "n'existe pas" in words) == (2, True)


def test_a_database_that_is_not_there_is_the_machine_s_fault(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for address in (f"sqlite:///{tmp_path / 'none.db'}", "postgresql://nobody@127.0.0.1:9/none"):
        monkeypatch.setenv("DATABASE_URL", address)
        with pytest.raises(SystemExit) as done:
            main(["audit", "verify"])
        assert done.value.code == 3, capsys.readouterr()
    assert not list(tmp_path.iterdir()), "looking makes no file"
