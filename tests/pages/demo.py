"""`clausematch serve --demo` as another process, and the keys that it prints."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from tests.service.support import COMMAND, ROOT

KEY = re.compile(r"cm_\S+")
PLACE = re.compile(r"^\s+(\w+), ([\w-]+) : (cm_\S+)$")


@dataclass(frozen=True)
class Demo:
    """A running demonstration; `keys` by role and organisation, `every` has all roles but the contractor's."""

    url: str
    every: str
    keys: Mapping[tuple[str, str], str]

    def key(self, role: str, org: str | None = None) -> str:
        return next(key for (name, place), key in self.keys.items() if name == role and org in (None, place))

    def client(self, role: str | None = None, org: str | None = None, language: str = "fr") -> httpx2.Client:
        """Somebody signed in by the key of that role; by the key of all roles without one."""
        client = httpx2.Client(
            base_url=self.url, timeout=60, headers={"Accept": "text/html", "Accept-Language": language}
        )
        key = self.every if role is None else self.key(role, org)
        answer = client.post("/welcome", data={"key": key, "back": "/"})
        assert answer.status_code == 303, answer.text
        return client


@contextmanager
def demonstration() -> Iterator[Demo]:
    """The demonstration until the end of the block."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "LANG": "fr_FR.UTF-8"}
    process = subprocess.Popen(
        [*COMMAND, "--lang", "fr", "serve", "--demo", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=given,
    )
    assert process.stdout is not None
    try:
        url, every, keys = "", "", {}
        for line in process.stdout:
            found = re.search(r"http://[^\s/;]+", line)
            url = found[0] if found and not url else url
            if place := PLACE.match(line.rstrip()):
                keys[place[1], place[2]] = place[3]
            elif held := KEY.search(line):
                every = held[0]
            if "disparaissent" in line:
                break
        assert url, "the demonstration did not start"
        assert every
        yield Demo(url, every, keys)
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
