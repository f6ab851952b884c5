"""The steps: up, down and up again with rows, on both databases; the tables they make are those of tables.py."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from matcher.errors import EnvironmentFault
from service.store import guards, migrate
from service.store import tables as t
from service.store.database import Store, connect, open_store
from tests.service.databases import settings_for
from tests.service.store.samples import content, fill


@pytest.fixture
def empty(empty_database: str) -> Iterator[Store]:
    """A store without tables."""
    one = open_store(settings_for(empty_database))
    yield one
    one.close()


def test_steps_lead_to_the_tables_of_the_code(empty: Store) -> None:
    assert migrate.version_of(empty.engine) is None
    migrate.upgrade(empty.engine)
    assert migrate.version_of(empty.engine) == migrate.newest()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, t.metadata) == []


def test_every_step_goes_down_and_up_again_with_rows(empty: Store) -> None:
    migrate.upgrade(empty.engine)
    fill(empty)
    assert all(content(empty).values())
    migrate.downgrade(empty.engine, "base")
    assert set(inspect(empty.engine).get_table_names()) == {"alembic_version"}
    assert migrate.version_of(empty.engine) is None
    for step in sorted(migrate.steps()):
        migrate.upgrade(empty.engine, step)
        assert migrate.version_of(empty.engine) == step
    fill(empty)
    assert all(content(empty).values())


def test_running_the_steps_again_changes_nothing(empty: Store) -> None:
    migrate.upgrade(empty.engine)
    fill(empty)
    before = content(empty)
    migrate.upgrade(empty.engine)
    assert content(empty) == before


def test_several_programs_may_ask_for_the_steps_at_once(empty_database: str) -> None:
    faults: list[Exception] = []
    together = threading.Barrier(4)

    def run() -> None:
        engine = connect(empty_database)
        together.wait()
        try:
            migrate.upgrade(engine)
        except Exception as error:
            faults.append(error)
        engine.dispose()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    engine = connect(empty_database)
    assert migrate.version_of(engine) == migrate.newest()
    engine.dispose()


def test_a_database_of_a_later_version_is_left_alone(empty: Store) -> None:
    migrate.upgrade(empty.engine)
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(EnvironmentFault) as fault:
        migrate.upgrade(empty.engine)
    assert fault.value.message == "La base de données vient d'une version plus récente de clausematch (9999)."


def test_the_log_refuses_changes(store: Store) -> None:
    fill(store)
    with store.read() as connection:
        before = connection.execute(select(t.log).order_by(t.log.c.seq)).all()
    for statement in (
        update(t.log).values(actor="nobody"),
        update(t.log).where(t.log.c.seq == 1).values(detail="{}"),
        delete(t.log),
        delete(t.log).where(t.log.c.seq == 1),
    ):
        with pytest.raises(IntegrityError, match=guards.REFUSAL), store.engine.begin() as connection:
            connection.execute(statement)
    if store.engine.dialect.name == "postgresql":
        with pytest.raises(IntegrityError, match=guards.REFUSAL), store.engine.begin() as connection:
            connection.execute(text("TRUNCATE log"))
    with store.read() as connection:
        assert connection.execute(select(t.log).order_by(t.log.c.seq)).all() == before
