"""The technical log: JSON, one line per request, and nothing of what anybody sent, by any route or error."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from matcher.schema import CANDIDATES, POSITIONS
from service import journal
from service.access.principals import EVERYONE
from service.openapi import full_path
from service.routes import ROUTES
from service.store.database import Store
from tests.service.databases import key_in
from tests.service.processes import serving, until

MARKER = "MARQUEUR7391"
FIELDS = {"event", "level", "time", "instance", "method", "route", "status", "ms", "actor"}


def lines(stream: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.splitlines()]


def marked_rows(columns: tuple[str, ...], identifier: str) -> list[dict[str, Any]]:
    """Rows with the marker in one column after the other, then in all of them, then in an unknown one."""
    alone = [{identifier: f"{MARKER}-{name}", name: MARKER} for name in columns]
    return [*alone, dict.fromkeys(columns, MARKER), {identifier: MARKER, MARKER: MARKER}]


def bodies() -> list[bytes]:
    people = marked_rows(CANDIDATES.names, "candidate_id")
    positions = marked_rows(POSITIONS.names, "position_id")
    whole: list[Any] = [
        {"candidates": people, "positions": positions},
        {"candidates": people},
        {"positions": positions},
        {MARKER: MARKER},
        {"candidates": MARKER, "reason": MARKER, "facts": {"first_name": MARKER}, "name": MARKER},
        [MARKER],
        MARKER,
    ]
    return [
        *(json.dumps(one).encode() for one in whole),
        MARKER.encode(),
        b'{"' + MARKER.encode(),
        b"\xff" + MARKER.encode(),
    ]


def test_nothing_sent_comes_into_the_log(store: Store, database: str, tmp_path: Path) -> None:
    key = key_in(store, [str(role) for role in EVERYONE])
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    strange = {"X-Request-Id": MARKER, "User-Agent": MARKER, "Referer": MARKER, "Cookie": f"a={MARKER}",
               "Accept-Language": MARKER, "If-Match": MARKER, "If-None-Match": MARKER,
               "Idempotency-Key": MARKER, "X-Forwarded-For": MARKER, MARKER: MARKER}  # fmt: skip
    sent = 0
    with serving(database, tmp_path) as server, httpx2.Client(base_url=server.url, timeout=120) as client:
        for route in ROUTES:
            path = re.sub(r"{\w+}", MARKER, full_path(route))
            for body in bodies() if route.body is not None else [b""]:
                client.request(route.method, path, params={MARKER: MARKER}, headers=headers, content=body)
                client.request(route.method, path, headers={**headers, **strange}, content=body)
                sent += 2
            client.request(route.method, path, headers={"Authorization": f"Bearer {MARKER}"})
            client.request(MARKER, path, headers=headers)
            client.request(route.method, path, headers={**headers, "Host": MARKER})
            sent += 3
        for path in (f"/{MARKER}", f"/api/v1/{MARKER}", f"/health/{MARKER}", f"/health?{MARKER}={MARKER}"):
            client.get(path, headers=strange)
            sent += 1
        _raw(server.url, f"{MARKER} / HTTP/9.9\r\n\r\n")
        _raw(server.url, f"GET /{MARKER} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MARKER}\r\n\r\n")
        with store.engine.begin() as connection:  # every later question meets a defect
            connection.execute(text("ALTER TABLE api_keys RENAME COLUMN roles TO elsewhere"))
        client.get(f"/api/v1/candidates/{MARKER}", headers=headers)
        found = until(lambda: server.entries("request") if len(server.entries("request")) > sent else None)
        told = server.log()
    assert MARKER.lower() not in told.lower()
    assert key not in told
    assert key.rpartition("_")[2] not in told
    assert {name for one in found for name in one} == FIELDS
    assert {one["route"] for one in found} >= {full_path(route) for route in ROUTES}
    assert {one["actor"] for one in found} == {None, f"key:{key.split('_')[1]}"}
    assert not any(one["status"] == 500 for one in found)


def _raw(address: str, words: str) -> None:
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as connection:
        connection.sendall(words.encode())
        connection.settimeout(10)
        connection.recv(100)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log of this process, put back as it was at the end."""
    import sys

    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    out = io.StringIO()
    journal.start(out)
    yield out
    logging.captureWarnings(False)
    root.handlers, level, sys.excepthook, threading.excepthook = before
    root.setLevel(level)


def test_our_words_are_kept(stream: io.StringIO) -> None:
    journal.log.info("start", version="1")
    logging.getLogger("clausematch.service").warning("sign-in refused reason=%s", "code")
    first, second = lines(stream.getvalue())
    assert (first["event"], first["version"], first["level"]) == ("start", "1", "info")
    assert second["event"] == "sign-in refused reason=code"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", first["time"])


def test_others_words_and_the_text_of_errors_are_not(stream: io.StringIO) -> None:
    other = logging.getLogger("sqlalchemy.pool")
    try:
        raise ValueError(MARKER)
    except ValueError as error:
        other.error(f"row {MARKER}", exc_info=error)
        other.error("row %s", MARKER)
        logging.getLogger("clausematch.service").error("failed", exc_info=True)
    told = stream.getvalue()
    assert MARKER not in told
    first, second, third = lines(told)
    assert (first["event"], first["kind"]) == ("message", "ValueError")
    assert first["from"].startswith("sqlalchemy.pool test_journal.py:")
    assert second["from"].startswith("sqlalchemy.pool test_journal.py:")
    assert third["where"].startswith("test_journal.py:")


def test_an_error_nobody_caught_in_a_thread_says_its_place_alone(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(MARKER)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    [told] = lines(stream.getvalue())
    assert (told["event"], told["kind"]) == ("unforeseen", "ValueError")
    assert told["at"].endswith(f"test_journal.py:{fail.__code__.co_firstlineno + 1}")
    assert MARKER not in stream.getvalue()
