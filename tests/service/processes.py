"""The command `clausematch serve` on a database of a test, as other processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.service.databases import KEYS, SECRET
from tests.service.support import COMMAND, ROOT


@dataclass(frozen=True)
class Running:
    """A server: its address, its first process, its log."""

    url: str
    process: subprocess.Popen[str]
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def entries(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log about one kind of event."""
        found = [json.loads(line) for line in self.log().splitlines()]
        return [one for one in found if one["event"] == event]


@contextmanager
def serving(address: str, folder: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    """`clausematch serve --port 0 …` until the end of the block."""
    given = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "TMPDIR": str(folder),  # what a killed server leaves is thrown away with the test
        "DATABASE_URL": address,
        "CLAUSEMATCH_SECRET": SECRET,
        "CLAUSEMATCH_ENCRYPTION_KEYS": KEYS[0],
        "CLAUSEMATCH_RATE_PER_SECOND": "100000",
        "CLAUSEMATCH_RATE_BURST": "100000",
        "CLAUSEMATCH_WRONG_KEYS_PER_MINUTE": "100000",
        **environment,
    }
    log_file = folder / "log"
    with log_file.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=log, text=True, env=given
        )
    try:
        assert process.stdout is not None
        found = re.search(r"http://[^\s/]+", process.stdout.readline())
        assert found, log_file.read_text(encoding="utf-8")
        yield Running(found[0], process, log_file)
    finally:
        process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for something to be true, and give it."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.05)
    return found
