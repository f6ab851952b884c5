"""Several server processes: one that is killed is replaced, and stopping loses nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from service.chain.verify import verify
from service.store import tables as t
from service.store.database import Store, open_store
from tests.service.databases import key_in, settings_for
from tests.service.processes import Running, serving, until
from tests.service.test_watch import figures


def up(server: Running) -> bool:
    try:
        return httpx2.get(f"{server.url}/health", timeout=10).status_code == 200
    except httpx2.TransportError:
        return False


def started(server: Running) -> list[int]:
    return [one["worker"] for one in server.entries("worker.start")]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_killed_is_replaced_and_all_stop_when_told(store: Store, database: str, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {key_in(store, ['auditor'])}"}
    with serving(database, tmp_path, "--workers", "2") as server:
        until(lambda: len(server.entries("start")) == 2)
        for _number in range(30):  # each by a new connection: either worker takes it
            assert up(server)
        told = httpx2.get(f"{server.url}/metrics", headers=headers).text
        assert figures(told)['clausematch_requests_total{method="GET",route="/health",status="200"}'] == 30
        first = started(server)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        [gone] = until(lambda: server.entries("worker.end"))
        assert (gone["worker"], gone["status"]) == (first[0], -9)
        until(lambda: len(started(server)) == 3)
        assert up(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        assert not any(alive(pid) for pid in started(server))
        assert len(server.entries("worker.end")) == 1
        assert "Traceback" not in server.log()


def test_workers_do_not_outlive_their_parent(sqlite_template: Path, tmp_path: Path) -> None:
    database = shutil.copyfile(sqlite_template, tmp_path / "clausematch.db")
    with serving(f"sqlite:///{database}", tmp_path, "--workers", "2") as server:
        until(lambda: len(server.entries("start")) == 2)
        server.process.kill()
        server.process.wait(10)
        until(lambda: not any(alive(pid) for pid in started(server)))


def assert_stopping(status: int, content_type: str, body: str) -> None:
    """What is told to somebody who is waited for no longer."""
    assert (status, content_type) == (503, "application/problem+json"), body
    assert json.loads(body)["code"] == "busy"
    assert "Le service s'arrête sans avoir fini cette demande" in json.loads(body)["detail"]


@contextmanager
def sending_slowly(server: Running, key: str) -> Iterator[socket.socket]:
    """A request that the server has begun to read and whose body does not come."""
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=60) as caller:
        caller.sendall(
            f"PUT /api/v1/candidates HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert caller.recv(1000).startswith(b"HTTP/1.1 100 ")  # the body is being waited for
        yield caller


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_not_finished_in_time_is_told(sqlite_template: Path, tmp_path: Path, workers: int) -> None:
    address = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'clausematch.db')}"
    store = open_store(settings_for(address))
    key = key_in(store, ["adviser"])
    store.close()
    limits = {"CLAUSEMATCH_STOP_SECONDS": "1", "CLAUSEMATCH_BODY_SECONDS": "600"}
    with (
        serving(address, tmp_path, "--workers", str(workers), **limits) as server,
        sending_slowly(server, key) as caller,
    ):
        server.process.send_signal(signal.SIGTERM)
        said = b"".join(iter(partial(caller.recv, 4000), b""))
        assert server.process.wait(60) == 0
        head, _line, body = said.decode().partition("\r\n\r\n")
        status, *fields = head.split("\r\n")
        named = dict(field.lower().split(": ", 1) for field in fields)
        assert_stopping(int(status.split()[1]), named["content-type"], body)
        assert (named["connection"], named["retry-after"]) == ("close", "5")
        assert [one["status"] for one in server.entries("request")] == [503]


def test_what_is_under_way_is_finished(sqlite_template: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'clausematch.db')}"
    store = open_store(settings_for(address))
    key = key_in(store, ["adviser"])
    store.close()
    with (
        serving(address, tmp_path) as server,
        sending_slowly(server, key) as caller,
        httpx2.Client(base_url=server.url) as idle,
    ):
        assert idle.get("/health").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        until(lambda: not up(server))  # nobody else comes in, and who asks nothing is let go
        with pytest.raises(httpx2.TransportError):
            idle.get("/health")
        caller.sendall(json.dumps({"candidates": [{"candidate_id": "P1"}]}).encode().ljust(100))
        said = b"".join(iter(partial(caller.recv, 4000), b""))
        assert said.startswith(b"HTTP/1.1 200 "), said
        assert server.process.wait(60) == 0


def test_stopping_under_writes_loses_nothing_acknowledged(store: Store, database: str, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {key_in(store, ['adviser'])}"}
    kept: list[str] = []
    told: list[httpx2.Response] = []
    with serving(database, tmp_path, "--workers", "2") as server:
        until(lambda: up(server))

        def write(writer: int) -> None:
            with httpx2.Client(base_url=server.url, headers=headers, timeout=60) as client:
                for number in range(10_000):
                    name = f"{writer}-{number}"
                    try:
                        answer = client.put("/api/v1/candidates", json={"candidates": [{"candidate_id": name}]})
                    except httpx2.TransportError:
                        return
                    if answer.status_code != 200:
                        told.append(answer)
                        return
                    kept.append(name)

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: len(kept) > 12)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        for thread in threads:
            thread.join(60)
        assert "Traceback" not in server.log()
        assert not server.entries("defect")
    for answer in told:
        assert_stopping(answer.status_code, answer.headers["content-type"], answer.text)
    with store.read() as connection:
        held = set(connection.execute(select(t.people.c.candidate_id)).scalars())
        assert verify(connection).whole
        logged = connection.execute(select(t.log).where(t.log.c.subjects != "[]")).all()
    assert set(kept) <= held
    assert sum(len(json.loads(one.subjects)) for one in logged) == len(held)
