"""A server of its own for a measure: database, secrets, organisations, keys, people and positions."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from matcher.cli import main; main()")
BATCH = 5000
ORGANISATIONS = 20


@dataclass
class Stand:
    """One server process tree and how to reach it."""

    folder: Path
    environment: dict[str, str]
    workers: int = 1
    process: subprocess.Popen[str] | None = None
    url: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def start(self, *words: str) -> None:
        """Start the server and wait for its address."""
        log = (self.folder / "server.log").open("a", encoding="utf-8")
        arguments = [*COMMAND, "serve", "--port", "0", "--workers", str(self.workers), *words]
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment, cwd=self.folder
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://[^\s;]+", line)
        if found is None:
            raise SystemExit((self.folder / "server.log").read_text(encoding="utf-8")[-3000:])
        self.url = found[0]

    def stop(self) -> int:
        """Stop the server as an operator would, and give its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def family(self) -> list[int]:
        """The processes of the server: itself and those it started."""
        assert self.process is not None
        return [self.process.pid, *children(self.process.pid)]

    def memory(self) -> float:
        """Memory of all its processes, shared pages counted once each (PSS), in GiB."""
        total = 0
        for pid in self.family():
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            total += int(found[1]) if found else 0
        return total / (1 << 20)

    def ask(self, method: str, path: str, key: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One request: status and JSON of the answer; status 0 when there was none."""
        data = None if body is None else json.dumps(body).encode()
        head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
        request = Request(f"{self.url}/api/v1{path}", data, head, method=method)
        try:
            with urlopen(request, timeout=300) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except OSError as error:
            return 0, str(error)
        except HTTPException as error:  # cut in the middle of an answer
            return 0, str(error)

    def command(self, *words: str) -> str:
        """A command of clausematch on the same database: what it prints."""
        return subprocess.run(
            [*COMMAND, *words], env=self.environment, cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout


def children(first: int) -> list[int]:
    """The processes that one started, and those that they started."""
    found, waiting = [], [first]
    while waiting:
        one = waiting.pop()
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(FileNotFoundError):  # ended in the meantime
                waiting.extend(mine := [int(word) for word in task.read_text().split()])
                found.extend(mine)
    return found


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """The environment of a server with fresh secrets."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url,
        "CLAUSEMATCH_SECRET": secrets.token_urlsafe(48),
        "CLAUSEMATCH_ENCRYPTION_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "CLAUSEMATCH_RATE_PER_SECOND": "1000",
        "CLAUSEMATCH_RATE_BURST": "10000",
        "PYTHONUTF8": "1",
        **settings,
    }


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a fresh database: `sqlite`, or a real `postgresql` of this machine that waits for its disk."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'clausematch.db'}"
        return
    from tests.service.postgres import Databases, own_postgres

    with own_postgres(()) as cluster:
        yield Databases(cluster.url("postgres")).make()


def organise(stand: Stand, organisations: int = ORGANISATIONS) -> None:
    """Organisations that advise and facilitate, with a key each: `stand.keys`."""
    for number in range(organisations):
        name = f"org{number:02}"
        stand.command("access", "organisation", name, "--name", f"Organisme {number}", "--kind", "prescriber")
        roles = ("--role", "adviser", "--role", "facilitator")
        stand.keys[name] = stand.command("access", "key", name, *roles, "--label", "mesure").split()[0]


def fill(stand: Stand, people: Sequence[dict[str, Any]], positions: Sequence[dict[str, Any]]) -> float:
    """Send people and positions, shared out among the organisations; seconds it took."""
    started = time.perf_counter()
    names = list(stand.keys)
    for number, name in enumerate(names):
        for kind, rows in (("candidates", people), ("positions", positions)):
            mine = rows[number :: len(names)]
            for first in range(0, len(mine), BATCH):
                status, answer = stand.ask("PUT", f"/{kind}", stand.keys[name], {kind: mine[first : first + BATCH]})
                if status != 200:
                    raise SystemExit(f"PUT /{kind}: {status} {answer}")
    return time.perf_counter() - started


def tables(people: int, positions: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Synthetic people and positions as rows of text."""
    import pandas as pd

    from benchmarks.bench import data

    folder = data(people, positions, "parquet")
    found = []
    for name in ("candidates", "positions"):
        table = pd.read_parquet(folder / f"{name}.parquet").astype(object)
        rows = table.where(table.notna(), None).to_dict("records")
        found.append([{key: _text(value) for key, value in row.items() if value is not None} for row in rows])
    return found[0], found[1]


def _text(value: Any) -> Any:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value if isinstance(value, str) else str(value)
