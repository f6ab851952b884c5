"""The fixtures themselves: both databases are real, separate, and with the tables."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from service import clock
from service.store.database import DEAD_NETWORK, Store
from service.store.migrate import newest, version_of
from tests.service.postgres import EmptyTables


def test_each_test_has_a_migrated_database_of_its_own(store: Store, database: str) -> None:
    assert version_of(store.engine) == newest()
    assert store.engine.dialect.name == database.partition(":")[0]
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM log")).scalar_one() == 0
    with store.write("command:tests", None, clock.now()) as change:
        change.log("test.write", "nothing")
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM log")).scalar_one() == 1


def test_postgresql_is_real(store: Store) -> None:
    with store.read() as connection:
        if store.engine.dialect.name == "postgresql":
            assert connection.execute(text("SELECT version()")).scalar_one().startswith("PostgreSQL ")
        else:
            assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_what_was_written_outlives_the_machine(store: Store) -> None:
    """A power cut takes nothing that was acknowledged: the disk is waited for, as far as the database can ask."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL waits for its disk unless told otherwise")
    with store.read() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2  # FULL


def test_a_dead_network_is_given_up(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite is a file")
    with store.read() as connection:
        asked = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    assert {name: asked[name] for name in DEAD_NETWORK} == {name: str(value) for name, value in DEAD_NETWORK.items()}


def test_what_is_lent_again_has_no_rows_and_the_same_tables(postgres_tables: EmptyTables) -> None:
    first = postgres_tables.lend()
    with psycopg.connect(first) as connection:
        connection.execute("UPDATE head SET seq = 7")
        connection.execute("INSERT INTO organisations (org_id, name, kind) VALUES ('A', 'A', 'authority')")
    postgres_tables.take_back(first)
    with pytest.raises(psycopg.OperationalError):  # who was late to leave finds nothing there
        psycopg.connect(first)
    again = postgres_tables.lend()
    with psycopg.connect(again) as connection:
        assert connection.execute("SELECT seq FROM head").fetchall() == [(0,)]
        assert connection.execute("SELECT count(*) FROM organisations").fetchall() == [(0,)]
        connection.execute("DROP TRIGGER log_refuses_truncate ON log")
    postgres_tables.take_back(again)
    other = postgres_tables.lend()
    with psycopg.connect(other) as connection, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        connection.execute("TRUNCATE log")
    postgres_tables.take_back(other)
