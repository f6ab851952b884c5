"""Encoded people on disk: one .npy file per array, opened as a memory map that several processes share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import numpy as np

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.reference.storage import sha256_bytes
from matcher.resolve.people import People

MANIFEST = "people.json"
VERSION = 1


def save_people(people: People, folder: Path) -> None:
    """Write the encoded people into a folder, the list of its files last."""
    folder.mkdir(parents=True, exist_ok=True)
    words: dict[str, Any] = {}
    digests: dict[str, str] = {}
    for name, value in _leaves(people, ""):
        if isinstance(value, np.ndarray):
            path = folder / f"{name}.npy"
            np.save(path, value, allow_pickle=False)
            digests[name] = sha256_bytes(path.read_bytes())
        else:
            words[name] = sorted(value) if isinstance(value, frozenset) else value
    manifest = {"version": VERSION, "arrays": digests, "words": words}
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def load_people(folder: Path, *, check: bool = True) -> People:
    """The people of a folder, their arrays mapped from its files and read-only.

    With `check` every file is read once to compare its SHA-256. Raises UnreadableFile when something is missing,
    changed or of another version.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["version"] != VERSION:
            raise ValueError("version")
        found: dict[str, Any] = dict(manifest["words"])
        for name, digest in manifest["arrays"].items():
            path = folder / f"{Path(name).name}.npy"
            if check and sha256_bytes(path.read_bytes()) != digest:
                raise ValueError(path.name)
            found[name] = np.load(path, mmap_mode="r", allow_pickle=False)
        people: People = _built(People, found, "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            _("Les personnes préparées de {folder} ne peuvent pas être relues ({reason}).").format(
                folder=folder, reason=type(error).__name__
            ),
            _("Effacer ce dossier ; il sera refait à partir du fichier des personnes."),
        ) from None
    return people


def _leaves(value: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Every array, text list or mapping under a dataclass, with its path as a name."""
    for field in fields(value):
        inner = getattr(value, field.name)
        if is_dataclass(inner):
            yield from _leaves(inner, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", inner


def _built(kind: type[Any], found: Mapping[str, Any], prefix: str) -> Any:
    values = {}
    for name, hint in get_type_hints(kind).items():
        if isinstance(hint, type) and is_dataclass(hint):
            values[name] = _built(hint, found, f"{prefix}{name}.")
        else:
            inner = found[f"{prefix}{name}"]
            values[name] = get_origin(hint)(inner) if isinstance(inner, list) else inner
    return kind(**values)
