"""Reading the official open-data files as they are published."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.reference.storage import sha256_bytes

MOST_BYTES = 400_000_000  # far above any of these files once decompressed


@dataclass(frozen=True)
class Compiled:
    """One part ready to be written: Parquet tables by file name, the official files used, and counts."""

    version: str
    tables: Mapping[str, pa.Table]
    sources: Mapping[str, str]
    counts: Mapping[str, int]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfficialTable:
    """The columns asked of an official file, as lists of stripped text of one length, and the file's digest."""

    path: Path
    sha256: str
    columns: Mapping[str, list[str]]

    def __getitem__(self, name: str) -> list[str]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def find_files(folder: Path) -> list[Path]:
    """CSV files below a folder, plain or gzipped, in a stable order."""
    found = [path for path in folder.rglob("*") if path.name.lower().endswith((".csv", ".csv.gz")) and path.is_file()]
    return sorted(found)


def read_content(path: Path) -> bytes:
    """A file's bytes, gunzipped when its name or content says so."""
    try:
        content = path.read_bytes()
        if content[:2] != b"\x1f\x8b":
            return content
        with gzip.open(io.BytesIO(content)) as stream:
            text = stream.read(MOST_BYTES + 1)
    except EOFError as error:
        raise UnreadableFile(
            _("Le fichier {file} est tronqué.").format(file=path), _("Téléchargez-le de nouveau.")
        ) from error
    except (OSError, zlib.error) as error:
        raise UnreadableFile(
            _("Le fichier {file} est illisible : {error}.").format(file=path, error=error),
            _("Téléchargez-le de nouveau."),
        ) from error
    if len(text) > MOST_BYTES:
        raise UnreadableFile(
            _("Le fichier {file} est démesuré une fois décompressé.").format(file=path),
            _("Vérifiez qu'il s'agit bien du fichier officiel."),
        )
    return text


def read_text(path: Path) -> str:
    """A file's text, which must be UTF-8 (with or without BOM)."""
    try:
        return read_content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            _("Le fichier {file} n'est pas en UTF-8 (octet {position}).").format(file=path, position=error.start),
            _("Prenez la version UTF-8 publiée par le producteur."),
        ) from error


def read_header(path: Path) -> list[str]:
    """Column names of a CSV, separator guessed between ``,`` ``;`` and tab."""
    first = read_text(path).split("\n", 1)[0]
    return next(csv.reader([first.strip()], delimiter=_separator(first)), [])


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)


def read_official(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> OfficialTable:
    """Columns of a CSV; UnreadableFile when one is missing, a row is short or the file is empty."""
    content = read_text(path)
    reader = csv.reader(
        io.StringIO(content, newline=""), delimiter=_separator(content.split("\n", 1)[0]), strict=True
    )
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in needed if name not in header]
        if missing:
            raise UnreadableFile(
                _("Le fichier {file} n'a pas la colonne {columns}.").format(file=path, columns=", ".join(missing)),
                _("Colonnes trouvées : {columns}. Reprenez le fichier tel qu'il est publié.").format(
                    columns=", ".join(header) or "–"
                ),
            )
        wanted = {name: header.index(name) for name in (*needed, *optional) if name in header}
        columns: dict[str, list[str]] = {name: [] for name in wanted}
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise UnreadableFile(
                    _("Le fichier {file}, ligne {line}, a {found} colonnes au lieu de {expected}.").format(
                        file=path, line=reader.line_num, found=len(row), expected=len(header)
                    ),
                    _("Il est sans doute tronqué ou modifié : téléchargez-le de nouveau."),
                )
            for name, position in wanted.items():
                columns[name].append(row[position].strip())
    except csv.Error as error:
        raise UnreadableFile(
            _("Le fichier {file}, ligne {line}, n'est pas un CSV valide : {error}.").format(
                file=path, line=reader.line_num, error=error
            ),
            _("Téléchargez-le de nouveau."),
        ) from error
    table = OfficialTable(path, sha256_bytes(path.read_bytes()), columns)
    if len(table) == 0:
        raise UnreadableFile(
            _("Le fichier {file} ne contient aucune ligne.").format(file=path), _("Téléchargez-le de nouveau.")
        )
    return table
