"""CSV, XLSX, JSON and Parquet files → raw columns of text (or of a Parquet file's own types), with row numbers."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.tables.delimited import parse_csv
from matcher.tables.raw import Raw, RowError, check_width, empty_file, reason, refuse_bomb, texts
from matcher.tables.workbook import parse_xlsx

__all__ = ["Raw", "RowError", "decode", "from_records", "gunzip", "load_json", "parse_raw", "read_raw"]

MAX_BYTES = 4 << 30
MAX_UNPACKED = 2 << 30
MAX_ROWS = 50_000_000  # a Parquet file of a few bytes can claim billions
_CHUNK = 8 << 20
_OTHERS = (b"%pdf-", b"{\\rtf", b"<!doctype", b"<html", b"<?xml", b"\xff\xd8\xff", b"\x89png")  # what tables are not


def read_raw(path: Path) -> Raw:
    """Read a file by what it contains rather than by its name.

    Raises UnreadableFile when it is missing, empty, damaged or of another format.
    """
    name = path.name
    try:
        if path.is_dir():
            raise UnreadableFile(_("{file} est un dossier.").format(file=name), _("Donner un fichier."))
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFile(_("{file} dépasse 4 Gio.").format(file=name), _("Le couper en plusieurs fichiers."))
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(
            _("{file} est introuvable.").format(file=path), _("Vérifier le chemin du fichier.")
        ) from None
    except OSError as error:
        raise UnreadableFile(
            _("{file} ne peut pas être ouvert ({reason}).").format(file=name, reason=reason(error)),
            _("Vérifier le chemin et les droits de lecture."),
        ) from None
    except ValueError:  # a NUL character in the path
        raise UnreadableFile(
            _("Ce chemin de fichier n'est pas valable."), _("Vérifier le chemin du fichier.")
        ) from None
    return parse_raw(content, name)


def parse_raw(content: bytes, name: str) -> Raw:
    """The same for bytes already read."""
    if content[:2] == b"\x1f\x8b":
        content = gunzip(content, name)
    if not content.strip():
        raise empty_file(name)
    if content[:4] == b"PAR1":
        return _parquet(content, name)
    if content[:4] == b"PK\x03\x04":
        return parse_xlsx(content, name)
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise UnreadableFile(
            _("{file} est un ancien classeur .xls ou un fichier protégé.").format(file=name),
            _("L'enregistrer au format .xlsx sans mot de passe, ou en CSV."),
        )
    data, warnings = _as_utf8(content, name)
    start = data[:4096].lstrip()[:1]
    if not start and not data.strip():
        raise empty_file(name)
    if start in (b"[", b"{") and name.lower().rsplit(".", 1)[-1] not in ("csv", "tsv", "txt"):
        return _json_table(data.decode("utf-8"), name)
    raw = parse_csv(data, name)
    return Raw(name, raw.headers, raw.columns, raw.rows, raw.bad, (*raw.warnings, *warnings), raw.flaws, raw.guarded)


def gunzip(content: bytes, name: str) -> bytes:
    """Decompress, bounded. Raises UnreadableFile when truncated, damaged, too large or a bomb."""
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while part := stream.read(_CHUNK):
                parts.append(part)
                size += len(part)
                refuse_bomb(size, len(content), MAX_UNPACKED, name)
    except (EOFError, OSError, zlib.error):
        raise UnreadableFile(
            _("{file} : l'archive gzip est tronquée ou abîmée.").format(file=name),
            _("La télécharger ou la copier à nouveau."),
        ) from None
    return b"".join(parts)


def decode(content: bytes, name: str) -> str:
    """UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252. Raises UnreadableFile for binary content."""
    return _as_utf8(content, name)[0].decode("utf-8")


def _as_utf8(content: bytes, name: str) -> tuple[bytes, tuple[str, ...]]:
    """The text in UTF-8 without BOM, and a remark when some of it is damaged. Raises UnreadableFile."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _told(content.decode("utf-16", errors="replace"))
    if b"\x00" in content or content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_OTHERS):
        raise UnreadableFile(
            _("{file} n'est ni un CSV, ni un XLSX, ni un JSON, ni un Parquet.").format(file=name),
            _("L'exporter dans l'un de ces formats."),
        )
    content = content.removeprefix(b"\xef\xbb\xbf")
    return (content, ()) if _is_utf8(content) else _told(_damaged_text(content))


def _is_utf8(content: bytes) -> bool:
    """The check alone, without a decoded copy of the whole file."""
    ends = pa.py_buffer(np.array([0, len(content)], np.int64))
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(content)])
    try:
        whole.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _damaged_text(content: bytes) -> str:
    """Windows-1252, unless the accents are UTF-8 and only a few bytes are damaged."""
    text = content.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    accents = sum(1 for character in text[: 1 << 20] if character > "\x7f" and character != "\ufffd")
    return text if accents > damaged else content.decode("cp1252", errors="replace")


def _told(text: str) -> tuple[bytes, tuple[str, ...]]:
    damaged = text.count("\ufffd")
    data = text.replace("\x00", "\ufffd").encode("utf-8", errors="replace")
    if not damaged:
        return data, ()
    return data, (
        _("{count} caractère(s) abîmé(s), remplacés par « \ufffd » ; vérifier l'encodage du fichier").format(
            count=damaged
        ),
    )


def load_json(text: str, name: str) -> Any:
    """Parse JSON text. Raises UnreadableFile when it is damaged or nested beyond reason."""
    try:
        return json.loads(text)
    except RecursionError:
        raise UnreadableFile(
            _("{file} : JSON imbriqué trop profondément.").format(file=name),
            _("Vérifier la source du fichier."),
        ) from None
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            _("{file} : JSON illisible à la ligne {line}, colonne {column}.").format(
                file=name, line=error.lineno, column=error.colno
            ),
            _("Vérifier que le fichier est entier et bien formé."),
        ) from None
    except ValueError:  # an integer of thousands of digits
        raise UnreadableFile(
            _("{file} : un nombre du JSON est démesuré.").format(file=name),
            _("Vérifier la source du fichier."),
        ) from None


def _json_table(text: str, name: str) -> Raw:
    data = load_json(text, name)
    if isinstance(data, dict) and len(data) == 1:
        data = next(iter(data.values()))
    if not isinstance(data, list):
        raise UnreadableFile(
            _("{file} : ce JSON n'est pas une liste de fiches.").format(file=name),
            _("Donner une liste d'objets, un par fiche."),
        )
    return from_records(data, name, first_row=1)


def from_records(records: list[Any], name: str, first_row: int) -> Raw:
    """A list of JSON objects as a raw table; rows are numbered from `first_row`. Raises UnreadableFile."""
    bad: list[RowError] = []
    good: list[dict[str, Any]] = []
    rows: list[int] = []
    headers: dict[str, None] = {}
    for number, record in enumerate(records, first_row):
        if not isinstance(record, dict):
            bad.append(RowError(number, "", "", _("une fiche doit être un objet { colonne : valeur }")))
            continue
        good.append(record)
        rows.append(number)
        for key in record:
            headers.setdefault(key)
        check_width(len(headers), name)
    columns, flaws = [], {}
    for i, header in enumerate(headers):
        column, found = texts(record.get(header) for record in good)
        columns.append(column)
        if found:
            flaws[i] = found
    return Raw(name, tuple(map(str, headers)), tuple(columns), np.array(rows, np.int64), tuple(bad), (), flaws)


def _parquet(content: bytes, name: str) -> Raw:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        check_width(file.metadata.num_columns, name)
        if file.metadata.num_rows > MAX_ROWS:
            raise UnreadableFile(
                _("{file} a plus de {limit} lignes.").format(file=name, limit=MAX_ROWS),
                _("Le couper en plusieurs fichiers."),
            )
        # Texts stay one dictionary and indices: quicker, and a few bytes cannot swell into gigabytes.
        words = [
            field.name
            for field in file.schema_arrow
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        table = pq.ParquetFile(pa.BufferReader(content), read_dictionary=words).read()
        table.validate(full=True)  # texts that are no UTF-8 included
    except UnreadableFile:
        raise
    except Exception:  # whatever a damaged file makes the library raise
        raise UnreadableFile(
            _("{file} : fichier Parquet tronqué ou abîmé.").format(file=name),
            _("Le produire ou le copier à nouveau."),
        ) from None
    rows = np.arange(2, 2 + table.num_rows, dtype=np.int64)
    return Raw(name, tuple(table.column_names), tuple(table.columns), rows)
