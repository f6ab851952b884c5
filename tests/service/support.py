"""What the tests of the service share: the command, a server, the shape of a refusal."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from matcher.cli import main; main()")
JSON = {"Content-Type": "application/json"}
PERSON = {"candidate_id": "A"}
JOB = {"position_id": "J", "commune": "91228"}


@dataclass(frozen=True)
class Server:
    """The command `clausematch serve` as another process."""

    url: str
    process: subprocess.Popen[str]
    log_file: Path
    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What opens every route."""
        return {"Authorization": f"Bearer {self.key}"}

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")


def refused(answer: httpx2.Response, status: int, code: str) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] in ("fr", "en")
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(problem)
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"urn:clausematch:problem:{code}")
    assert problem["instance"].startswith("urn:uuid:")
    return problem
