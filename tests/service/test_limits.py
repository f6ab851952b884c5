"""What keeps the service up: bounded bodies, tables, time and work."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from service import work
from tests.service.databases import Api
from tests.service.support import JOB, JSON, PERSON, refused

Serve = Callable[..., Api]
BODY = {"candidates": [PERSON], "positions": [JOB]}


def raw(address: str, head: str, body: bytes = b"") -> socket.socket:
    """A connection that has sent the start of a request."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    connection = socket.create_connection((parts.hostname, parts.port or 80), timeout=30)
    connection.sendall(head.encode() + b"\r\n\r\n" + body)
    return connection


def head(api: Api, length: str) -> str:
    """The head of a POST of that length, with a key."""
    lines = ("POST /api/v1/match HTTP/1.1", "Host: localhost", f"Authorization: Bearer {api.key('adviser')}")
    return "\r\n".join((*lines, "Content-Type: application/json", f"Content-Length: {length}"))


def half_sent(api: Api) -> socket.socket:
    return raw(api.url, head(api, "100"), b'{"cand')


@contextmanager
def busy(api: Api, client: httpx2.Client, places: int) -> Iterator[httpx2.Response]:
    """Every place taken by half a request: the refusal of the next one. The first tries may have been in the way."""
    deadline = time.monotonic() + 60
    while True:
        with ExitStack() as held:
            for _place in range(places):
                held.enter_context(half_sent(api))
            time.sleep(0.2)
            answer = client.post("/api/v1/match", json=BODY)
            if answer.status_code == 503 or time.monotonic() > deadline:
                yield answer
                return


def test_a_body_over_the_limit(serve: Serve) -> None:
    api = serve(max_body_bytes=1000)
    client = api.client("adviser")
    url = "/api/v1/match"
    small = b" " * 900 + b"{}"
    assert client.post(url, content=small, headers=JSON).status_code == 400
    for size in (1001, 3000, 100_000, 3 << 20):
        problem = refused(client.post(url, content=b" " * size, headers=JSON), 413, "too_large")
        assert problem["detail"].startswith("Le corps dépasse 0.001 Mio. Envoyer les personnes en plusieurs fois")
    assert client.get("/health").status_code == 200


def test_a_streamed_body_over_the_limit(serve: Serve) -> None:
    api = serve(max_body_bytes=100_000)
    client = api.client("adviser")

    def chunks() -> Iterator[bytes]:
        for _number in range(20):
            yield b" " * 10_000

    refused(client.post("/api/v1/match", content=chunks(), headers=JSON), 413, "too_large")
    assert client.post("/api/v1/match", json=BODY).status_code == 200


def test_a_lying_content_length(serve: Serve) -> None:
    api = serve(max_body_bytes=1000)
    client = api.client("adviser")
    with raw(api.url, head(api, "9" * 30)) as connection:
        assert connection.recv(4096).startswith(b"HTTP/1.1 4")
    assert client.get("/health").status_code == 200


def test_too_many_rows_columns_or_pairs(serve: Serve) -> None:
    client = serve(max_rows=3, max_pairs=4, max_listed=5).client("adviser")
    url = "/api/v1/match"
    people = [{"candidate_id": str(i)} for i in range(4)]
    problem = refused(client.post(url, json={"candidates": people, "positions": [JOB]}), 413, "too_large")
    assert problem["detail"].startswith("candidates : plus de 3 lignes.")
    two = [JOB, {"position_id": "K"}]
    problem = refused(client.post(url, json={"candidates": people[:3], "positions": two}), 413, "too_large")
    assert problem["detail"].startswith("3 personnes × 2 postes : trop pour une demande.")
    assert client.post(url, json={"candidates": people[:2], "positions": two}).status_code == 200
    wide = [{f"colonne {i}": 1 for i in range(2001)}]
    problem = refused(client.post(url, json={"candidates": wide, "positions": two}), 422, "unreadable_file")
    assert "plus de 2000 colonnes" in problem["detail"]


def test_long_lists_are_refused(serve: Serve) -> None:
    client = serve(max_listed=5).client("adviser")
    url = "/api/v1/match"
    body = {"candidates": [{"candidate_id": str(i)} for i in range(6)], "positions": [JOB]}
    refused(client.post(url, json={**body, "top": 6}), 413, "too_large")
    assert client.post(url, json={**body, "top": 5}).status_code == 200


def test_a_slow_client_is_let_go(serve: Serve) -> None:
    api = serve(body_seconds=0.3)
    client = api.client("adviser")
    with half_sent(api) as connection:
        answer = HTTPResponse(connection)
        answer.begin()
        told = answer.read().decode()
    assert answer.status == 408
    assert "Le corps n'est pas arrivé en entier en 0.3 s." in told
    assert client.post("/api/v1/match", json=BODY).status_code == 200


def test_beyond_the_queue_one_is_told_to_come_back(serve: Serve) -> None:
    api = serve(max_parallel=1, max_waiting=1, retry_after=7)
    client = api.client("adviser")
    url = "/api/v1/match"
    with busy(api, client, 2) as answer:
        problem = refused(answer, 503, "busy")
        assert answer.headers["retry-after"] == "7"
        assert problem["detail"].endswith("Recommencer dans 7 s.")
        assert client.get("/health").status_code == 200
    deadline = time.monotonic() + 10
    while (answer := client.post(url, json=BODY)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert answer.status_code == 200


def test_a_defect_says_nothing_of_the_data(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise ValueError("Jeanne MARQUEUR7391")

    monkeypatch.setattr(work, "run", broken)
    api = serve()
    client = api.client("adviser")
    answer = client.post("/api/v1/match", json=BODY)
    problem = refused(answer, 500, "internal")
    assert problem["instance"] in problem["detail"]
    assert "MARQUEUR7391" not in answer.text
    assert "MARQUEUR7391" not in caplog.text
    (told,) = [record.getMessage() for record in caplog.records if "defect" in record.getMessage()]
    assert problem["instance"] in told
    assert "'kind': 'ValueError'" in told
    assert "work.py:" in told


def test_nothing_is_left_on_the_disk(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert serve().client("adviser").post("/api/v1/match", json=BODY).status_code == 200
    assert not list(elsewhere.iterdir())


def test_a_few_rows_do_not_wait_behind_long_computations(serve: Serve) -> None:
    api = serve(max_parallel=1, max_waiting=0)
    client = api.client("adviser")
    with busy(api, client, 1) as full:
        refused(full, 503, "busy")
        answer = client.put("/api/v1/candidates", json={"candidates": [{"candidate_id": "P1"}]})
        assert (answer.status_code, answer.json()["created"]) == (200, 1)
        rows = [{"candidate_id": f"P{number}", "first_name": "x" * 90} for number in range(1000)]
        refused(client.put("/api/v1/candidates", json={"candidates": rows}), 503, "busy")
