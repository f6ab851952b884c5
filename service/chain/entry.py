"""One entry of the log and its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """Who did what, about what, to whom. `subjects` are log names; `detail` holds no personal data."""

    seq: int
    at: str
    actor: str
    org_id: str | None
    action: str
    object: str
    subjects: list[str]
    detail: dict[str, Any]


def digest_of(previous: str, entry: Entry) -> str:
    """SHA-256 of the previous digest and of the entry as JSON with sorted keys."""
    content = json.dumps(entry.__dict__, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
