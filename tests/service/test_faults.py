"""What a failing machine does to the service: said in words, nothing half done, and it goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import event, insert, select

from matcher.errors import EnvironmentFault
from service import clock
from service.chain.verify import verify
from service.store import tables as t
from service.store.database import Store, open_store
from service.store.migrate import upgrade
from tests.service.databases import KEYS, Api, served, settings_for
from tests.service.postgres import Postgres, own_postgres
from tests.service.store.samples import ACTOR, AT, content, fill
from tests.service.support import refused


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of one's own, to stop: it waits for the disk, as a real one does."""
    with own_postgres(options=()) as one:
        yield one


@pytest.fixture
def on_cluster(cluster: Postgres) -> Iterator[Api]:
    settings = settings_for(cluster.url("postgres"))
    store = open_store(settings)
    upgrade(store.engine)
    store.close()
    with served(settings) as api:
        yield api


def put(client: httpx2.Client, name: str) -> httpx2.Response:
    return client.put("/api/v1/candidates", json={"candidates": [{"candidate_id": name}]})


def test_the_database_goes_and_comes_back(cluster: Postgres, on_cluster: Api) -> None:
    client = on_cluster.client("adviser")
    assert put(client, "before").status_code == 200
    cluster.stop(at_once=True)
    for path in ("/api/v1/candidates", "/health/ready"):
        problem = refused(client.get(path), 503, "environment")
        assert problem["detail"].startswith("La base de données ne répond pas : rien n'a été enregistré.")
    refused(put(client, "during"), 503, "environment")
    assert httpx2.get(f"{on_cluster.url}/health").status_code == 200
    cluster.start()
    assert put(client, "after").status_code == 200
    with on_cluster.store.read() as connection:
        held = set(connection.execute(select(t.people.c.candidate_id)).scalars())
        assert verify(connection).whole
    assert held == {"before", "after"}


def test_a_full_disk(tmp_path: Path) -> None:
    """SQLite meets a limit on its pages as it meets the end of the disk: the same error, at any statement."""
    store = open_store(settings_for(f"sqlite:///{tmp_path / 'small.db'}"))
    upgrade(store.engine)
    fill(store)
    before = content(store)

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")

    store.engine.dispose()
    event.listen(store.engine, "connect", limit)
    many = [{"org_id": f"o{number}", "name": "x" * 1000, "kind": "authority"} for number in range(1000)]

    def write() -> None:
        with store.write(ACTOR, None, AT) as change:
            change.log("tests.fill", "store")
            for one in many:
                change.connection.execute(insert(t.organisations).values(one))

    with pytest.raises(EnvironmentFault) as fault:
        write()
    assert fault.value.message == "Le disque de la base de données est plein : rien n'a été enregistré."
    assert content(store) == before
    event.remove(store.engine, "connect", limit)
    store.engine.dispose()
    with store.write(ACTOR, None, AT) as change:
        change.log("tests.after", "store")
    with store.read() as connection:
        assert verify(connection).whole
    store.close()


def test_the_log_keeps_its_order_when_the_clock_moves(store: Store) -> None:
    moments = [AT, AT + timedelta(days=400), AT - timedelta(days=4000), AT]
    for number, moment in enumerate(moments):
        with store.write(ACTOR, None, moment) as change:
            change.log("tests.write", f"number:{number}")
    with store.read() as connection:
        rows = connection.execute(select(t.log).order_by(t.log.c.seq)).all()
        assert verify(connection).whole
    assert [(row.object, row.at) for row in rows] == [
        (f"number:{number}", clock.written(moment)) for number, moment in enumerate(moments)
    ]


def test_the_wrong_keys_of_encryption(api: Api, database: str) -> None:
    assert put(api.client("adviser"), "P1").status_code == 200
    with served(settings_for(database, encryption_keys=KEYS[1])) as other:
        answer = other.client("adviser").get("/api/v1/candidates/P1")
        problem = refused(answer, 503, "environment")
        assert problem["detail"].startswith("Aucune clé de CLAUSEMATCH_ENCRYPTION_KEYS n'ouvre les données")
    assert api.client("adviser").get("/api/v1/candidates/P1").status_code == 200


def test_tables_that_were_not_made(empty_database: str) -> None:
    with served(settings_for(empty_database)) as api:
        answer = httpx2.get(
            f"{api.url}/api/v1/candidates", headers={"Authorization": f"Bearer cm_{'0' * 12}_{'x' * 43}"}
        )
        problem = refused(answer, 503, "environment")
        assert "clausematch store upgrade" in problem["detail"]
        assert httpx2.get(f"{api.url}/health").status_code == 200
