"""What keeps the log append-only inside the database itself: triggers that refuse to change or remove an entry.

Whoever owns the database can take them away; the chain of digests then tells (`clausematch audit verify`).
A migration that makes the table `log` again must install them again.
"""

from __future__ import annotations

from sqlalchemy import Connection

REFUSAL = "the log is append-only"

_SQLITE = {
    f"log_refuses_{event.lower()}": (
        f"CREATE TRIGGER log_refuses_{event.lower()} BEFORE {event} ON log "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    for event in ("UPDATE", "DELETE")
}
_POSTGRESQL = (
    "CREATE FUNCTION log_refuses() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER log_refuses_changes BEFORE UPDATE OR DELETE ON log FOR EACH ROW EXECUTE FUNCTION log_refuses()",
    "CREATE TRIGGER log_refuses_truncate BEFORE TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION log_refuses()",
)


def install(connection: Connection) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE of the log from now on (sqlalchemy.exc.IntegrityError)."""
    for statement in _SQLITE.values() if _is_sqlite(connection) else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Let the log be removed: for undoing the first migration, and for restoring a backup over it."""
    if _is_sqlite(connection):
        for name in _SQLITE:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    else:
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS log_refuses() CASCADE")


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
