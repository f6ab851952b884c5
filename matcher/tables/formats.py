"""CSV, XLSX, JSON and Parquet files → raw columns of text (or of a Parquet file's own types), with row numbers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.tables.cells import BadCell, text_of

MAX_BYTES = 4 << 30
MAX_UNPACKED = 2 << 30
MAX_COLUMNS = 2_000


@dataclass(frozen=True)
class RowError:
    """A row that could not be read: its number (the header is row 1), column, value and message."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Raw:
    """A file as read: headers in order, one arrow column each, the row number of each row."""

    file: str
    headers: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    bad: tuple[RowError, ...] = ()
    warnings: tuple[str, ...] = field(default=())


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
            _("{file} ne peut pas être ouvert ({reason}).").format(file=name, reason=error.strerror),
            _("Vérifier les droits de lecture."),
        ) from None
    return parse_raw(content, name)


def parse_raw(content: bytes, name: str) -> Raw:
    """The same for bytes already read."""
    if content[:2] == b"\x1f\x8b":
        content = gunzip(content, name)
    if not content.strip():
        raise UnreadableFile(
            _("{file} est vide.").format(file=name),
            _("Vérifier l'export : le fichier doit avoir une ligne d'en-têtes puis une ligne par fiche."),
        )
    if content[:4] == b"PAR1":
        return _parquet(content, name)
    if content[:4] == b"PK\x03\x04":
        return _xlsx(content, name)
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise UnreadableFile(
            _("{file} est un ancien classeur .xls ou un fichier protégé.").format(file=name),
            _("L'enregistrer au format .xlsx sans mot de passe, ou en CSV."),
        )
    text = decode(content, name)
    if text.lstrip()[:1] in "[{" and name.lower().rsplit(".", 1)[-1] not in ("csv", "tsv", "txt"):
        return _json_table(text, name)
    return _csv(text, name)


def gunzip(content: bytes, name: str) -> bytes:
    """Decompress, bounded. Raises UnreadableFile when truncated, damaged or too large."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            unpacked = stream.read(MAX_UNPACKED + 1)
    except (EOFError, OSError, zlib.error):
        raise UnreadableFile(
            _("{file} : l'archive gzip est tronquée ou abîmée.").format(file=name),
            _("La télécharger ou la copier à nouveau."),
        ) from None
    if len(unpacked) > MAX_UNPACKED:
        raise UnreadableFile(
            _("{file} dépasse 2 Gio une fois décompressé.").format(file=name),
            _("Le couper en plusieurs fichiers."),
        )
    return unpacked


def decode(content: bytes, name: str) -> str:
    """UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252. Raises UnreadableFile for binary content."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content[:65536]:
        raise UnreadableFile(
            _("{file} n'est ni un CSV, ni un XLSX, ni un JSON, ni un Parquet.").format(file=name),
            _("L'exporter dans l'un de ces formats."),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separator(line: str) -> str:
    """The separator most present outside quotes in the header line."""
    outside = "".join(line.split('"')[::2])
    return max(";\t,", key=outside.count)


def _csv(text: str, name: str) -> Raw:
    stripped = text.lstrip("\r\n")
    skipped = text[: len(text) - len(stripped)].count("\n")
    text = stripped
    first = text.split("\n", 1)[0].rstrip("\r")
    separator = _separator(first)
    if separator * 2 in text[:200] and not first.strip(separator + " \t"):
        raise UnreadableFile(
            _("{file} : la ligne d'en-têtes est vide.").format(file=name),
            _("Mettre le nom des colonnes sur la première ligne."),
        )
    bad: list[RowError] = []
    blank: list[int] = []

    def on_invalid(row: pa_csv.InvalidRow) -> str:
        number = (row.number or 0) + skipped
        if row.text.strip(" \t\r\n" + separator) == "":
            blank.append(number)
        else:
            message = _("{found} cellules au lieu de {expected} ; vérifier les séparateurs et les guillemets")
            bad.append(
                RowError(number, "", "", message.format(found=row.actual_columns, expected=row.expected_columns))
            )
        return "skip"

    headers = _header_names(next(csv.reader(io.StringIO(text, newline=""), delimiter=separator)), name)
    names = [f"c{i}" for i in range(len(headers))]
    data = text.encode("utf-8", errors="replace")
    table = _read_csv(data, names, separator, on_invalid, name)
    gone = np.array(sorted([*blank, *(error.row for error in bad)]), np.int64)
    rows = np.setdiff1d(np.arange(2 + skipped, 2 + skipped + table.num_rows + len(gone)), gone, assume_unique=True)
    return _without_blank_rows(Raw(name, headers, tuple(table.columns), rows, tuple(bad)))


def _read_csv(
    data: bytes, names: list[str], separator: str, on_invalid: Callable[[pa_csv.InvalidRow], str], name: str
) -> pa.Table:
    try:
        return pa_csv.read_csv(
            pa.BufferReader(data),
            # One thread: only then does the reader give the number of a bad row.
            read_options=pa_csv.ReadOptions(
                use_threads=False, column_names=names, skip_rows_after_names=1, block_size=32 << 20
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=on_invalid,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        raise UnreadableFile(
            _("{file} : tableau illisible (guillemet jamais refermé, ou cellule démesurée).").format(file=name),
            _("Rouvrir le fichier dans un tableur et l'enregistrer à nouveau en CSV."),
        ) from None


def _header_names(cells: list[str], name: str) -> tuple[str, ...]:
    headers = tuple(cell.strip() for cell in cells)
    if not any(headers):
        raise UnreadableFile(
            _("{file} : la ligne d'en-têtes est vide.").format(file=name),
            _("Mettre le nom des colonnes sur la première ligne."),
        )
    if len(headers) > MAX_COLUMNS:
        raise UnreadableFile(
            _("{file} a plus de {limit} colonnes.").format(file=name, limit=MAX_COLUMNS),
            _("Ne garder que les colonnes utiles."),
        )
    return headers


def _without_blank_rows(raw: Raw) -> Raw:
    """Leave out rows whose cells are all empty, as spreadsheets leave at the end of an export."""
    if not len(raw.rows):
        return raw
    filled = np.zeros(len(raw.rows), bool)
    for column in raw.columns:
        if pa.types.is_string(column.type):
            filled |= np.asarray(pa.compute.not_equal(pa.compute.fill_null(column, ""), ""))
        else:
            filled |= np.asarray(pa.compute.is_valid(column))
    if filled.all():
        return raw
    columns = tuple(column.filter(pa.array(filled)) for column in raw.columns)
    return Raw(raw.file, raw.headers, columns, raw.rows[filled], raw.bad, raw.warnings)


def _xlsx(content: bytes, name: str) -> Raw:
    from python_calamine import CalamineError, CalamineWorkbook

    damaged = UnreadableFile(
        _("{file} n'est pas un classeur XLSX lisible.").format(file=name),
        _("L'ouvrir dans un tableur et l'enregistrer à nouveau au format .xlsx."),
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if "[Content_Types].xml" not in {entry.filename for entry in entries}:
                raise damaged
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise UnreadableFile(
                    _("{file} dépasse 2 Gio une fois décompressé.").format(file=name),
                    _("Le couper en plusieurs fichiers."),
                )
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in workbook.sheet_names
        ]
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError):
        raise damaged from None
    filled = [(sheet, rows) for sheet, rows in zip(workbook.sheet_names, sheets, strict=True) if rows]
    if not filled:
        raise UnreadableFile(
            _("{file} est vide.").format(file=name),
            _("Vérifier l'export : le fichier doit avoir une ligne d'en-têtes puis une ligne par fiche."),
        )
    warnings: tuple[str, ...] = ()
    if len(filled) > 1:
        message = _("{file} a plusieurs feuilles ; seule « {sheet} » a été lue")
        warnings = (message.format(file=name, sheet=filled[0][0]),)
    return _from_grid(name, filled[0][1], warnings)


def _from_grid(name: str, grid: list[list[Any]], warnings: tuple[str, ...]) -> Raw:
    top = next(i for i, row in enumerate(grid) if any(cell not in ("", None) for cell in row))
    headers = _header_names([text_of(cell) or "" for cell in grid[top]], name)
    width = len(headers)
    body = [[text_of(cell) or "" for cell in row[:width]] + [""] * (width - len(row)) for row in grid[top + 1 :]]
    keep = [i for i, header in enumerate(headers) if header or any(row[i] for row in body)]
    columns = tuple(pa.chunked_array([pa.array([row[i] for row in body], pa.string())]) for i in keep)
    rows = np.arange(top + 2, top + 2 + len(body), dtype=np.int64)
    return _without_blank_rows(Raw(name, tuple(headers[i] for i in keep), columns, rows, (), warnings))


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
    """A list of JSON objects as a raw table; rows are numbered from `first_row`."""
    bad: list[RowError] = []
    good: list[tuple[int, Mapping[str, str]]] = []
    headers: dict[str, None] = {}
    for number, record in enumerate(records, first_row):
        if not isinstance(record, dict):
            bad.append(RowError(number, "", "", _("une fiche doit être un objet { colonne : valeur }")))
            continue
        cells: dict[str, str] = {}
        try:
            for key, value in record.items():
                column = str(key)
                cells[column] = text_of(value) or ""
                headers.setdefault(column)
        except BadCell as error:
            bad.append(RowError(number, column, "", str(error)))
            continue
        good.append((number, cells))
    columns = tuple(
        pa.chunked_array([pa.array([cells.get(header, "") for _row, cells in good], pa.string())])
        for header in headers
    )
    rows = np.array([number for number, _cells in good], np.int64)
    return Raw(name, tuple(headers), columns, rows, tuple(bad))


def _parquet(content: bytes, name: str) -> Raw:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        raise UnreadableFile(
            _("{file} : fichier Parquet tronqué ou abîmé.").format(file=name),
            _("Le produire ou le copier à nouveau."),
        ) from None
    rows = np.arange(2, 2 + table.num_rows, dtype=np.int64)
    return Raw(name, tuple(table.column_names), tuple(table.columns), rows)
