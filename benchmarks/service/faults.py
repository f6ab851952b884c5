"""What the service does when the machine or a caller misbehaves, and whether it answers afterwards.

python -m benchmarks.service.faults            # the full disk needs root, to make a small one
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.service.stand import Stand, database, environment, organise

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


def full_disk() -> list[str]:
    """SQLite on a disk of 8 MiB that fills up."""
    with tempfile.TemporaryDirectory() as name:
        disk = Path(name) / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=False).returncode:
            return ["skipped: no small disk could be made here"]
        try:
            with serving(f"sqlite:///{disk / 'c.db'}", Path(name)) as stand:
                key = stand.keys["org00"]
                (disk / "ballast").write_bytes(b"x" * (3 << 20))
                counts: Counter[int] = Counter()
                status, answer, last = 200, {}, 0
                for turn in range(200):
                    rows = [{**PERSON, "candidate_id": f"{turn}-{row}", "skills": "x" * 300} for row in range(200)]
                    status, answer = stand.ask("PUT", "/candidates", key, {"candidates": rows})
                    counts[status] += 1
                    last = turn
                    if status != 200:
                        break
                refused = stand.ask("GET", f"/candidates/{last}-0/file", key)[0]
                (disk / "ballast").unlink()
                chain = stand.command("audit", "verify").strip().splitlines()[-1]
                return [
                    f"{dict(counts)}; then {said(status, answer)}",
                    f"first of the refused rows: {refused}",
                    f"after making room: {alive(stand)}",
                    chain,
                ]
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=False)


def database_gone() -> list[str]:
    """PostgreSQL stopped as by a power cut for 30 s, then back."""
    from tests.service.postgres import Databases, own_postgres

    with ExitStack() as stack:
        cluster = stack.enter_context(own_postgres(()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stand = stack.enter_context(serving(Databases(cluster.url("postgres")).make(), folder))
        key = stand.keys["org00"]
        stand.ask("PUT", "/candidates", key, {"candidates": [PERSON]})
        cluster.stop(at_once=True)
        seen: Counter[str] = Counter()
        until = time.monotonic() + 30
        slowest = 0.0
        while time.monotonic() < until:
            started = time.monotonic()
            status, answer = stand.ask("GET", "/candidates/P1/file", key)
            slowest = max(slowest, time.monotonic() - started)
            seen[said(status, answer)] += 1
            time.sleep(1)
        health = stand.ask("GET", "/health", "")[0]
        cluster.start()
        started = time.monotonic()
        while stand.ask("GET", "/candidates/P1/file", key)[0] != 200 and time.monotonic() - started < 30:
            time.sleep(0.2)
        back = time.monotonic() - started
        return [
            *(f"{count} × {words}" for words, count in seen.items()),
            f"slowest refusal {slowest:.1f} s; health meanwhile {health}; back after {back:.1f} s",
            alive(stand),
            stand.command("audit", "verify").strip().splitlines()[-1],
        ]


def large_body(stand: Stand) -> list[str]:
    """64 MB of JSON."""
    rows = [{**PERSON, "skills": "x" * 6000}] * 10_500
    return [said(*stand.ask("PUT", "/candidates", stand.keys["org00"], {"candidates": rows})), alive(stand)]


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
    """1 000 keys that are nobody's, at once."""
    seen = Counter(stand.ask("GET", "/candidates/P1/file", f"cm_{'0' * 12}_{turn:043}")[0] for turn in range(1000))
    right, answer = stand.ask("GET", "/candidates/after/file", stand.keys["org00"])
    time.sleep(3)
    return [
        f"{dict(seen)}",
        f"right key from the same address at once: {said(right, answer)}; 3 s later: {alive(stand)}",
    ]


def moved_clock() -> list[str]:
    """A server whose clock is a year late, then right again (needs libfaketime)."""
    found = list(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        return ["skipped: apt-get install libfaketime"]
    with tempfile.TemporaryDirectory() as name, database("sqlite", Path(name)) as address:
        folder = Path(name)
        stand = Stand(folder, environment(address))
        organise(stand, 1)
        lines = []
        for shift in ("+0", "-365d", "+0"):
            stand.environment |= (
                {"LD_PRELOAD": str(found[0]), "FAKETIME": shift}
                if shift != "+0"
                else {"LD_PRELOAD": "", "FAKETIME": ""}
            )
            stand.start()
            lines.append(f"clock {shift}: {alive(stand)}")
            stand.stop()
        stand.environment |= {"LD_PRELOAD": "", "FAKETIME": ""}
        return [*lines, stand.command("audit", "verify").strip().splitlines()[-1]]


def main() -> None:
    os.umask(0o077)
    for test in (full_disk, database_gone, moved_clock):
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
