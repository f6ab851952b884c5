"""Bringing a database to the tables of this version, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from matcher.errors import EnvironmentFault
from matcher.locale import _
from service.store.database import WRITES, told

STEPS_LOCK = 0x636C6D  # the number that programs changing the tables agree on
_HERE = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """How Alembic finds the steps, and the connection to run them on."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The name of the last step."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def steps() -> frozenset[str]:
    """The names of all the steps that this version knows."""
    return frozenset(step.revision for step in ScriptDirectory.from_config(config()).walk_revisions())


def version_of(engine: Engine) -> str | None:
    """The step a database is at; None when it is empty. Raises EnvironmentFault when it does not answer."""
    with told(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the steps that are missing; of several programs that ask at once, one does.

    Raises EnvironmentFault when the database is of a later version or does not answer.
    """
    at = version_of(engine)
    if at is not None and at not in steps():
        raise EnvironmentFault(
            _("La base de données vient d'une version plus récente de clausematch ({version}).").format(version=at),
            _("Installer cette version-là, ou restaurer une sauvegarde d'avant."),
        )
    if at != (newest() if to == "head" else to):
        with _alone(engine) as connection:
            command.upgrade(config(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Undo steps down to `to` (`base`: all of them). What only the later tables could hold is lost."""
    with _alone(engine) as connection:
        command.downgrade(config(connection), to)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    with told(), engine.execution_options(**{WRITES: True}).connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # SQLite's writers are alone already
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({STEPS_LOCK})")
        yield connection
