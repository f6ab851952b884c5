"""Several server processes: one that is killed is replaced, and stopping loses nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from pathlib import Path

import httpx2
from sqlalchemy import select

from service.chain.verify import verify
from service.store import tables as t
from service.store.database import Store
from tests.service.databases import key_in
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


def test_stopping_under_writes_loses_nothing_acknowledged(store: Store, database: str, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {key_in(store, ['adviser'])}"}
    kept: list[str] = []
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
                    if answer.status_code >= 500:  # cut short by the stop: nothing was acknowledged
                        return
                    assert answer.status_code == 200, answer.text
                    kept.append(name)

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: len(kept) > 30)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        for thread in threads:
            thread.join(60)
        assert "Traceback" not in server.log()
    with store.read() as connection:
        held = set(connection.execute(select(t.people.c.candidate_id)).scalars())
        assert verify(connection).whole
        logged = connection.execute(select(t.log).where(t.log.c.subjects != "[]")).all()
    assert set(kept) <= held
    assert sum(len(json.loads(one.subjects)) for one in logged) == len(held)
