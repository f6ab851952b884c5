"""The fixtures themselves: both databases are real, separate, and with the tables."""

from __future__ import annotations

from sqlalchemy import text

from service import clock
from service.store.database import Store
from service.store.migrate import newest, version_of


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
