"""Fixtures on both databases: a migrated store, an office, and the real application on a port of this machine.

`store`, `settings`, `office` and `api` run each test twice, on SQLite and on PostgreSQL. A test file that wants other
settings defines a fixture `tuned` that returns them as a dict.
"""

from __future__ import annotations

import base64
import os
import shutil
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from service import clock
from service.access.keys import create
from service.access.organisations import create_organisation
from service.access.principals import Role
from service.settings import Settings
from service.store.database import Store, connect, open_store
from service.store.migrate import upgrade
from service.store.tables import organisations
from tests.service.postgres import GIVEN, Databases, EmptyTables, name_of, own_postgres

if TYPE_CHECKING:
    from service.desk import Office

SECRET = "a secret for tests only, never used elsewhere"
KEYS = tuple(base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
DATABASES = ("sqlite", "postgresql")
# Tests ask faster than anybody would; those of the limits bring their own.
UNHURRIED = {"rate_per_second": 1e6, "rate_burst": 1_000_000, "wrong_keys_per_minute": 1_000_000}


def settings_for(address: str, **changes: Any) -> Settings:
    """Settings of an instance on that database."""
    given = {"database_url": address, "secret": SECRET, "encryption_keys": KEYS[0], **UNHURRIED, **changes}
    return Settings(**given)


@pytest.fixture(scope="module", autouse=True)
def _no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests ask nobody by TLS, and each client would read every authority of the machine first: 40 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp()))
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and nothing in them."""
    path = tmp_path_factory.mktemp("template") / "clausematch.db"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """The PostgreSQL server of this test process."""
    given = os.environ.get(GIVEN)
    if given:
        yield Databases(given)
    else:
        with own_postgres() as cluster:
            yield Databases(cluster.url("postgres"))


@pytest.fixture(scope="session")
def postgres_tables(postgres_databases: Databases) -> Iterator[EmptyTables]:
    """PostgreSQL databases with the tables and nothing in them."""
    address = postgres_databases.make()
    engine = connect(address)
    upgrade(engine)
    engine.dispose()
    tables = EmptyTables(postgres_databases, name_of(address))
    yield tables
    tables.close()
    postgres_databases.drop(address)


@contextmanager
def _sqlite(request: pytest.FixtureRequest, folder: Path, migrated: bool) -> Iterator[str]:
    path = folder / ("clausematch.db" if migrated else "empty.db")
    if migrated:
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite:///{path}"


@contextmanager
def _postgresql(request: pytest.FixtureRequest, _folder: Path, migrated: bool) -> Iterator[str]:
    if migrated:
        tables: EmptyTables = request.getfixturevalue("postgres_tables")
        address = tables.lend()
        yield address
        tables.take_back(address)
    else:
        databases: Databases = request.getfixturevalue("postgres_databases")
        address = databases.make()
        yield address
        databases.drop(address)


_MAKERS = {"sqlite": _sqlite, "postgresql": _postgresql}


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    with _MAKERS[request.param](request, tmp_path, False) as address:
        yield address


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the tables and nothing in them."""
    with _MAKERS[request.param](request, tmp_path, True) as address:
        yield address


@pytest.fixture
def tuned() -> dict[str, Any]:
    """Settings that differ from the usual ones of tests."""
    return {}


@pytest.fixture
def settings(database: str, tuned: dict[str, Any]) -> Settings:
    return settings_for(database, **tuned)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A migrated, empty store."""
    one = open_store(settings)
    yield one
    one.close()


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The application on a free port, served from a thread: its address."""
    from service.server import address_of, listen

    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        yield address_of(listener)
    finally:
        server.should_exit = server.force_exit = True
        thread.join(30)
        listener.close()


def siret_of(org: str) -> str:
    """The made-up SIRET of a test's organisation."""
    return f"{zlib.crc32(org.encode()):014d}"


def key_in(store: Store, roles: Iterable[str], org: str = "A") -> str:
    """A new key of the organisation, which is made when need be with the SIRET `siret_of(org)`."""
    with store.read() as connection:
        here = connection.execute(select(organisations).filter_by(org_id=org)).first() is not None
    with store.write("command:tests", None, clock.now()) as change:
        if not here:
            create_organisation(change, org, f"Organisme {org}", "authority", siret_of(org))
        return create(change, org, sorted(Role(role) for role in roles), "tests").text


@dataclass
class Api:
    """The real application at `url`; `office` is what it works with."""

    url: str
    office: Office
    _clients: list[httpx2.Client] = field(default_factory=list)
    _keys: dict[tuple[frozenset[Role], str], str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.office.store

    def organisation(self, org: str, kind: str = "authority") -> None:
        """Make the organisation unless it is there; its SIRET is `siret_of(org)`."""
        with self.store.read() as connection:
            if connection.execute(select(organisations).filter_by(org_id=org)).first() is not None:
                return
        with self.store.write("command:tests", None, clock.now()) as change:
            create_organisation(change, org, f"Organisme {org}", kind, siret_of(org))

    def key(self, roles: str | Iterable[str], org: str = "A") -> str:
        """A key of the organisation, which is made when need be. The same key for the same question."""
        wanted = frozenset(Role(role) for role in ([roles] if isinstance(roles, str) else roles))
        if (wanted, org) not in self._keys:
            self.organisation(org)
            with self.store.write("command:tests", None, clock.now()) as change:
                self._keys[wanted, org] = create(change, org, sorted(wanted), "tests").text
        return self._keys[wanted, org]

    def client(self, roles: str | Iterable[str] = (), org: str = "A") -> httpx2.Client:
        """A client with such a key; without a role, with none."""
        headers = {"Authorization": f"Bearer {self.key(roles, org)}"} if roles else {}
        one = httpx2.Client(base_url=self.url, headers=headers, timeout=60)
        self._clients.append(one)
        return one

    def close(self) -> None:
        for one in self._clients:
            one.close()


@contextmanager
def served(settings: Settings) -> Iterator[Api]:
    """The application of these settings, served, with a helper to make keys."""
    from service.app import create_app

    app = create_app(settings)
    office: Office = app.state.office
    try:
        with running(app) as url:
            api = Api(url, office)
            try:
                yield api
            finally:
                api.close()
    finally:
        office.store.close()


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    """The real application on both databases."""
    with served(settings) as one:
        yield one


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    """What the application works with, without serving it."""
    from service.app import office as make

    one = make(settings)
    yield one
    one.store.close()
