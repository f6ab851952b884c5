"""What the service does when the machine or a caller misbehaves, and whether it answers afterwards.

python -m benchmarks.service.faults          # the full disk needs root, the clock libfaketime
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.service.stand import Stand, children, database, environment, organise

PERSON = {"candidate_id": "P1", "commune": "91228", "occupations": "F1703"}
BODY_SECONDS = 3


def alive(stand: Stand) -> str:
    """Whether it still reads and writes."""
    key = stand.keys["org00"]
    written, answer = stand.ask("PUT", "/candidates", key, {"candidates": [{**PERSON, "candidate_id": "after"}]})
    read, _file = stand.ask("GET", "/candidates/after/file", key)
    return "alive" if (written, read) == (200, 200) else f"NOT ALIVE: {written} {read} {answer}"


@contextmanager
def serving(address: str, folder: Path, **settings: str) -> Iterator[Stand]:
    """A server on that database, with one organisation."""
    stand = Stand(folder, environment(address, **settings))
    organise(stand, 1)
    stand.start()
    try:
        yield stand
    finally:
        stand.stop()


def said(status: int, answer: Any) -> str:
    """A refusal in short."""
    return (
        f"{status} {answer.get('code', '')}: {answer.get('detail', '')}" if isinstance(answer, dict) else f"{status}"
    )


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path | None]:
    """A disk of that size, None where none can be made."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(disk)]
    made = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield disk if made else None
    finally:
        if made:
            subprocess.run(["umount", "-l", str(disk)], check=False)


def whole(stand: Stand) -> str:
    """What `audit verify` says."""
    return stand.command("audit", "verify").strip().splitlines()[0]


def until_refused(stand: Stand, disk: Path) -> list[str]:
    """Write until there is no room left, look at what remains, make room."""
    key = stand.keys["org00"]
    counts: Counter[int] = Counter()
    status, answer, turn = 200, {}, 0
    while status == 200 and turn < 2000:
        rows = [{**PERSON, "candidate_id": f"{turn}-{row}", "skills": "x" * 300} for row in range(200)]
        status, answer = stand.ask("PUT", "/candidates", key, {"candidates": rows})
        counts[status] += 1
        turn += 1
    refused, kept = f"/candidates/{turn - 1}-0", f"/candidates/{turn - 2}-199"
    seen = [stand.ask("GET", one, key)[0] for one in (refused, kept)]
    (disk / "ballast").unlink()
    return [
        f"{dict(counts)}; then {said(status, answer)}",
        f"the disk still full: a refused person {seen[0]}, an acknowledged one {seen[1]} (seeing must be logged)",
    ]


def full_disk_sqlite() -> list[str]:
    """SQLite on a disk of 8 MiB that fills up."""
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name), "8m") as disk:
        if disk is None:
            return ["skipped: no small disk could be made here"]
        with serving(f"sqlite:///{disk / 'c.db'}", Path(name)) as stand:
            (disk / "ballast").write_bytes(b"x" * (3 << 20))
            return [*until_refused(stand, disk), f"after making room: {alive(stand)}; {whole(stand)}"]


def full_disk_postgresql() -> list[str]:
    """PostgreSQL on a disk of 160 MiB that fills up."""
    from tests.service.postgres import Databases, own_postgres

    with tempfile.TemporaryDirectory() as name, small_disk(Path(name), "160m") as disk, ExitStack() as stack:
        if disk is None:
            return ["skipped: no small disk could be made here"]
        Path(name).chmod(0o755)
        stack.enter_context(patch.object(tempfile, "tempdir", str(disk)))
        cluster = stack.enter_context(own_postgres(()))
        stand = stack.enter_context(serving(Databases(cluster.url("postgres")).make(), Path(name)))
        free = shutil.disk_usage(disk).free
        (disk / "ballast").write_bytes(b"x" * max(free - (6 << 20), 0))
        lines = until_refused(stand, disk)
        time.sleep(5)  # it tries to recover, and gives up where its log has no room
        stopped = not cluster.running
        if stopped:
            cluster.start()
        lines.append("PostgreSQL had stopped and was started again" if stopped else "PostgreSQL went on by itself")
        return [*lines, f"after making room: {settled(stand)}; {whole(stand)}"]


def settled(stand: Stand) -> str:
    """Whether it is alive within half a minute: a database takes a while to recover."""
    until = time.monotonic() + 30
    while (told := alive(stand)) != "alive" and time.monotonic() < until:
        time.sleep(0.5)
    return told


def database_gone() -> list[str]:
    """PostgreSQL stopped without warning for 30 s, then back; then frozen for 30 s."""
    from tests.service.postgres import Databases, own_postgres

    with ExitStack() as stack:
        cluster = stack.enter_context(own_postgres(()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stand = stack.enter_context(serving(Databases(cluster.url("postgres")).make(), folder))
        key = stand.keys["org00"]
        stand.ask("PUT", "/candidates", key, {"candidates": [PERSON]})
        cluster.stop(at_once=True)
        lines = asked_for_a_while(stand)
        cluster.start()
        started = time.monotonic()
        while stand.ask("GET", "/candidates/P1/file", key)[0] != 200 and time.monotonic() - started < 30:
            time.sleep(0.2)
        lines.append(f"back {time.monotonic() - started:.1f} s after the database; {alive(stand)}; {whole(stand)}")
        return [*lines, *frozen(stand, cluster.folder)]


def asked_for_a_while(stand: Stand) -> list[str]:
    """Reads and writes for 30 s: what they were told."""
    key = stand.keys["org00"]
    seen: Counter[str] = Counter()
    until = time.monotonic() + 30
    slowest = 0.0
    while time.monotonic() < until:
        started = time.monotonic()
        seen["read " + said(*stand.ask("GET", "/candidates/P1/file", key))] += 1
        seen["write " + said(*stand.ask("PUT", "/candidates", key, {"candidates": [PERSON]}))] += 1
        slowest = max(slowest, time.monotonic() - started)
        time.sleep(1)
    health = [stand.ask("GET", path, "")[0] for path in ("/health", "/health/ready")]
    told = [f"{count} × {words}" for words, count in seen.items()]
    return [*told, f"slowest {slowest:.1f} s; /health {health[0]}, /health/ready {health[1]} meanwhile"]


def frozen(stand: Stand, folder: Path) -> list[str]:
    """The database stopped in its tracks, as by a machine that swaps: nothing answers, nothing closes."""
    key = stand.keys["org00"]
    first = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    processes = [first, *children(first)]
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    with ThreadPoolExecutor(30) as callers:
        asked = [callers.submit(stand.ask, "GET", "/candidates/P1/file", key) for _turn in range(30)]
        time.sleep(30)
        health = stand.ask("GET", "/health", "")[0]
        answered = sum(one.done() for one in asked)
        for one in processes:
            os.kill(one, signal.SIGCONT)
        seen = Counter(one.result()[0] for one in asked)
    return [
        f"frozen for 30 s: {answered} of 30 answered meanwhile, /health {health}; then {dict(seen)}",
        f"{settled(stand)}; {whole(stand)}",
    ]


def large_body(stand: Stand) -> list[str]:
    """64 MB of JSON."""
    rows = [{**PERSON, "skills": "x" * 6000}] * 10_500
    told = said(*stand.ask("PUT", "/candidates", stand.keys["org00"], {"candidates": rows}))
    return [told, f"{alive(stand)}; memory {stand.memory():.2f} GiB"]


def slow_client(stand: Stand) -> list[str]:
    """A body that comes one byte a second; and a hundred callers who never finish their headers."""
    key = stand.keys["org00"]
    head = (
        f"PUT /api/v1/candidates HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    idle = []
    for _turn in range(100):
        one = socket.create_connection(("127.0.0.1", stand.port))
        one.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: loc")
        idle.append(one)
    with socket.create_connection(("127.0.0.1", stand.port), timeout=60) as slow:
        slow.sendall(head.encode())
        started = time.monotonic()
        slow.settimeout(1)
        answer = b""
        while not answer and time.monotonic() - started < 30:
            try:
                slow.sendall(b" ")
                answer = slow.recv(4000)
            except TimeoutError:
                continue
            except OSError as error:
                answer = type(error).__name__.encode()
        first = answer.split(b"\r\n", 1)[0].decode()
    told = f"{first} after {time.monotonic() - started:.0f} s (limit {BODY_SECONDS} s)"
    result = [told, f"with 100 unfinished requests held open: {alive(stand)}"]
    for one in idle:
        one.close()
    return result


def wrong_keys(stand: Stand) -> list[str]:
    """1 000 keys that are nobody's, twenty at a time."""

    def ask(turn: int) -> int:
        return stand.ask("GET", "/candidates/P1/file", f"cm_{'0' * 12}_{turn:043}")[0]

    with ThreadPoolExecutor(20) as callers:
        seen = Counter(callers.map(ask, range(1000)))
    right, answer = stand.ask("GET", "/candidates/after/file", stand.keys["org00"])
    time.sleep(3)
    return [
        f"{dict(seen)}",
        f"right key from the same address at once: {said(right, answer)}; 3 s later: {alive(stand)}",
    ]


def moved_clock() -> list[str]:
    """The clock moved under a running server: a year back, ten years on, right again (needs libfaketime)."""
    found = list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        return ["skipped: apt-get install libfaketime"]
    with tempfile.TemporaryDirectory() as name, database("sqlite", Path(name)) as address:
        clock = Path(name) / "clock"
        clock.write_text("+0\n")
        moved = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        stand = Stand(Path(name), environment(address))
        organise(stand, 1)
        stand.environment |= moved
        stand.start()
        lines = []
        for shift in ("+0", "-365d", "+3650d", "+0"):
            clock.write_text(f"{shift}\n")
            time.sleep(2.5)
            lines.append(f"clock {shift}: {alive(stand)}; health {stand.ask('GET', '/health', '')[0]}")
        lines.append(f"stopped with status {stand.stop()}")
        stand.environment = {key: value for key, value in stand.environment.items() if key not in moved}
        return [*lines, whole(stand)]


def main() -> None:
    os.umask(0o077)
    for test in (full_disk_sqlite, full_disk_postgresql, database_gone, moved_clock):
        _print(test.__name__, test.__doc__, test)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(database("sqlite", folder))
        stand = stack.enter_context(serving(address, folder, CLAUSEMATCH_BODY_SECONDS=str(BODY_SECONDS)))
        for one in (large_body, slow_client, wrong_keys):
            _print(one.__name__, one.__doc__, partial(one, stand))


def _print(name: str, about: str | None, work: Callable[[], list[str]]) -> None:
    print(f"\n{name}: {about}")
    for line in work():
        print("  -", line, flush=True)


if __name__ == "__main__":
    main()
