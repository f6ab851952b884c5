"""The work folder: pieces of people and finished searches, each whole, sealed by its SHA-256, and done once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.reference.storage import sha256_bytes
from matcher.tables.writing import atomic, write_fault

_SEAL = 64


def digest(*parts: Any) -> str:
    """The SHA-256 of values as JSON; the same on every machine."""
    return sha256_bytes(json.dumps(parts, ensure_ascii=True, sort_keys=True, default=str).encode())


@dataclass(frozen=True)
class Store:
    """A folder of sealed files. It holds personal data: it is made for its owner alone."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Store:
        """The folder, made when it is not there. Raises EnvironmentFault."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise write_fault(folder, error) from None
        return cls(folder)

    def inside(self, name: str) -> Store:
        """A folder in this one."""
        return Store.at(self.folder / name)

    def path(self, name: str) -> Path:
        return self.folder / name

    def put(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all. Raises EnvironmentFault."""
        with atomic(self.path(name)) as temporary:
            temporary.write_bytes(content)

    def seal(self, name: str, content: bytes) -> None:
        """The same, its own SHA-256 first."""
        self.put(name, sha256_bytes(content).encode() + content)

    def sealed(self, name: str) -> bytes | None:
        """What was sealed; None when it is not there or no longer what was written."""
        content = self.bytes_of(name)
        if content is None or sha256_bytes(content[_SEAL:]).encode() != content[:_SEAL]:
            return None
        return content[_SEAL:]

    def bytes_of(self, name: str) -> bytes | None:
        """A file's content; None when it cannot be read."""
        try:
            return self.path(name).read_bytes()
        except OSError:
            return None

    def seal_json(self, name: str, data: Mapping[str, Any]) -> None:
        self.seal(name, json.dumps(data, ensure_ascii=False, sort_keys=True).encode())

    def sealed_json(self, name: str) -> dict[str, Any] | None:
        content = self.sealed(name)
        return None if content is None else dict(json.loads(content))
