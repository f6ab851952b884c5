"""Where reference data is: embedded files described by SOURCES.yml, installed files described by manifest.json.

Nothing is used without its SHA-256 being checked.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import platformdirs
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from matcher.errors import EnvironmentFault, UnreadableFile
from matcher.locale import _
from matcher.yamltext import load_yaml

MANIFEST = "manifest.json"
MANIFEST_FORMAT = 1
PARTS = ("rome", "communes", "cpv")
EMBEDDED_FILES = {
    "rome": ("rome.csv.gz",),
    "communes": ("communes.csv.gz", "communes_anciennes.csv.gz", "territoires.csv.gz"),
    "cpv": ("cpv.csv",),
}


@dataclass(frozen=True)
class InstalledPart:
    """One part of the installed reference data, as its manifest describes it."""

    name: str
    folder: Path
    version: str
    on: str
    files: Mapping[str, str]  # file name to SHA-256
    sources: Mapping[str, str]  # official file name to SHA-256
    counts: Mapping[str, int]

    @property
    def sha256(self) -> str:
        """One digest for the whole part."""
        return combined_sha256(self.files)


def data_directory(data_dir: Path | None = None) -> Path:
    """The user's data directory: the argument, else CLAUSEMATCH_DATA_DIR, else the platform's own."""
    if data_dir is not None:
        return Path(data_dir)
    named = os.environ.get("CLAUSEMATCH_DATA_DIR", "")
    return Path(named) if named else Path(platformdirs.user_data_dir("clausematch", appauthor=False))


def reference_directory(data_dir: Path | None = None) -> Path:
    """The folder of installed reference data inside the user's data directory; it may not exist."""
    return data_directory(data_dir) / "reference"


def sha256_bytes(content: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(content).hexdigest()


def combined_sha256(files: Mapping[str, str]) -> str:
    """A digest of file digests, whatever the order they are listed in."""
    return sha256_bytes("\n".join(f"{digest}  {name}" for name, digest in sorted(files.items())).encode())


# --- embedded ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def embedded_sources() -> Mapping[str, Mapping[str, Any]]:
    """SOURCES.yml: file name to its source, licence, date, rows and SHA-256."""
    text = resources.files("matcher.reference").joinpath("data", "SOURCES.yml").read_text(encoding="utf-8")
    files: Mapping[str, Mapping[str, Any]] = load_yaml(text)["files"]
    return files


def embedded_table(name: str) -> pa.Table:
    """An embedded CSV as text columns, its SHA-256 checked."""
    content = resources.files("matcher.reference").joinpath("data", name).read_bytes()
    check_embedded(name, content, embedded_sources()[name]["sha256"])
    return text_table(gzip.decompress(content) if name.endswith(".gz") else content)


def check_embedded(name: str, content: bytes, expected: str) -> None:
    """Refuse an embedded file whose SHA-256 is not the expected one."""
    if sha256_bytes(content) != expected:
        raise EnvironmentFault(
            _("La donnée de référence embarquée {file} a été modifiée.").format(file=name),
            _("Réinstallez clausematch."),
        )


def text_table(content: bytes) -> pa.Table:
    """UTF-8 CSV bytes as a table whose columns are all text; an empty cell is an empty text."""
    names = content.split(b"\n", 1)[0].decode().strip().split(",")
    options = pacsv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, quoted_strings_can_be_null=False
    )
    # One block: these files are small, and threads would only cost their start.
    reading = pacsv.ReadOptions(use_threads=False, block_size=max(len(content), 1))
    return pacsv.read_csv(BytesIO(content), read_options=reading, convert_options=options)


def embedded_version(part: str) -> dict[str, str]:
    """Version and digest of an embedded part, for `reference show` and run.json."""
    sources = embedded_sources()
    files = {name: str(sources[name]["sha256"]) for name in EMBEDDED_FILES[part]}
    first = sources[EMBEDDED_FILES[part][0]]
    packages = " + ".join(str(source).split(" (sha256")[0] for source in first["sources"])
    return {"origin": "embedded", "version": f"{packages}, {first['date']}", "sha256": combined_sha256(files)}


# --- installed --------------------------------------------------------------------------------------------------


def manifest_bytes(data_dir: Path | None = None) -> bytes:
    """The installed manifest as stored, empty when nothing is installed."""
    try:
        return (reference_directory(data_dir) / MANIFEST).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EnvironmentFault(
            _("Le dossier des données de référence {folder} est illisible : {error}.").format(
                folder=reference_directory(data_dir), error=error.strerror or error
            ),
            _("Vérifiez les droits du dossier, ou choisissez-en un autre avec CLAUSEMATCH_DATA_DIR."),
        ) from error


def installed_parts(data_dir: Path | None = None) -> dict[str, InstalledPart]:
    """What is installed, by part name; empty when nothing is."""
    return parse_manifest(manifest_bytes(data_dir), reference_directory(data_dir))


def parse_manifest(content: bytes, folder: Path) -> dict[str, InstalledPart]:
    """A manifest's parts; refused with the mend when it cannot be trusted."""
    if not content:
        return {}
    try:
        manifest = json.loads(content)
        if manifest["format"] != MANIFEST_FORMAT:
            raise ValueError(manifest["format"])
        return {
            name: InstalledPart(
                name=name,
                folder=folder / Path(part["folder"]).name,
                version=str(part["version"]),
                on=str(part["on"] or ""),
                files=dict(part["files"]),
                sources=dict(part["sources"]),
                counts=dict(part["counts"]),
            )
            for name, part in manifest["parts"].items()
            if name in PARTS
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            _("Le manifeste des données de référence installées {file} est illisible.").format(
                file=folder / MANIFEST
            ),
            _mend(folder),
        ) from error


def installed_table(part: InstalledPart, name: str) -> pa.Table:
    """A Parquet file of an installed part, its SHA-256 checked first."""
    path = part.folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            _("Le fichier de référence installé {file} manque ou ne peut être lu.").format(file=path),
            _mend(part.folder.parent),
        ) from error
    if sha256_bytes(content) != part.files.get(name):
        raise UnreadableFile(
            _("Le fichier de référence installé {file} a été modifié depuis son installation.").format(file=path),
            _mend(part.folder.parent),
        )
    return pq.read_table(BytesIO(content), use_threads=False)


def _mend(folder: Path) -> str:
    return _(
        "Réinstallez-le par « clausematch reference install DOSSIER », ou supprimez le dossier {folder} "
        "pour revenir aux données embarquées."
    ).format(folder=folder)


def column(table: pa.Table, name: str) -> list[str]:
    """A text column as a list."""
    values: list[str] = table.column(name).to_pylist()
    return values
