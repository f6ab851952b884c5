"""XLSX → raw columns, bounded: a workbook is a zip archive of XML, and both can claim far more than they hold."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import numpy as np

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.tables.raw import Raw, check_width, empty_file, header_names, refuse_bomb, texts

MAX_UNPACKED = 1 << 30
MAX_CELLS = 50_000_000  # the reader lays out the whole rectangle between the farthest cells
_CHUNK = 1 << 20
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([1-9][0-9]{0,6})"')
_ERROR = re.compile(rb'<(?:\w+:)?c\b[^>]*\bt="e"')

Grid = list[list[Any]]


def parse_xlsx(content: bytes, name: str) -> Raw:
    """The first sheet that holds anything. Raises UnreadableFile when damaged, empty or beyond the bounds."""
    errors = _inspect(content, name)
    sheets = _sheets(content, name)
    filled = [(sheet, rows) for sheet, rows in sheets if any(cell not in ("", None) for row in rows for cell in row)]
    if not filled:
        raise empty_file(name)
    warnings = []
    if len(filled) > 1:
        warnings.append(_("plusieurs feuilles ; seule « {sheet} » a été lue").format(sheet=filled[0][0]))
    if errors:
        warnings.append(
            _("{count} formule(s) en erreur (#N/A, #REF!…), lues comme des cases vides").format(count=errors)
        )
    return _from_grid(name, filled[0][1], tuple(warnings))


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile(
        _("{file} n'est pas un classeur XLSX lisible.").format(file=name),
        _("L'ouvrir dans un tableur et l'enregistrer à nouveau au format .xlsx."),
    )


def _inspect(content: bytes, name: str) -> int:
    """Check what the archive really holds, entry by entry; the number of cells in error."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= {entry.filename for entry in entries}:
                raise _damaged(name)
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise UnreadableFile(
                    _("{file} dépasse 1 Gio une fois décompressé.").format(file=name),
                    _("Le couper en plusieurs fichiers, ou l'enregistrer en CSV."),
                )
            refuse_bomb(sum(entry.file_size for entry in entries), len(content), MAX_UNPACKED, name)
            return sum(_inspect_entry(archive, entry, name) for entry in entries)
    except UnreadableFile:
        raise
    except Exception:  # whatever a damaged archive makes the library raise
        raise _damaged(name) from None


def _inspect_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> int:
    """Read an entry to its end, which checks its size and checksum; count errors and the extent of a sheet."""
    errors = last_row = last_column = 0
    rest = b""  # a tag cut by the end of a chunk
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            if entry.filename.startswith("xl/worksheets/"):
                data = rest + chunk
                cut = data.rfind(b"<")
                data, rest = data[:cut], data[cut:] if cut >= 0 else b""
                errors += len(_ERROR.findall(data))
                for letters, number in set(_REFERENCE.findall(data)):
                    last_row = max(last_row, int(number))
                    last_column = max(last_column, _column_number(letters))
    if last_row * last_column > MAX_CELLS:
        raise UnreadableFile(
            _("{file} s'étend sur {rows} lignes et {columns} colonnes : c'est trop pour un classeur.").format(
                file=name, rows=last_row, columns=last_column
            ),
            _("Effacer les cellules égarées loin du tableau, ou l'enregistrer en CSV."),
        )
    return errors


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _sheets(content: bytes, name: str) -> list[tuple[str, Grid]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            (sheet.name, workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False))
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # the reader is written in Rust: a panic there is not an Exception here
        raise _damaged(name) from None


def _from_grid(name: str, grid: Grid, warnings: tuple[str, ...]) -> Raw:
    top = next(i for i, row in enumerate(grid) if any(cell not in ("", None) for cell in row))
    names, _flaws = texts(grid[top])
    first = [cell.as_py() or "" for cell in names]
    keep = [
        i
        for i, header in enumerate(first)
        if header.strip() or any(row[i] not in ("", None) for row in grid[top + 1 :])
    ]
    check_width(len(keep), name)
    headers = header_names([first[i] for i in keep], name)
    body = [(i, row) for i, row in enumerate(grid[top + 1 :], top + 2) if any(cell not in ("", None) for cell in row)]
    columns, flaws = [], {}
    for place, i in enumerate(keep):
        column, found = texts(row[i] for _number, row in body)
        columns.append(column)
        if found:
            flaws[place] = found
    rows = np.array([number for number, _row in body], np.int64)
    return Raw(name, headers, tuple(columns), rows, (), warnings, flaws, guarded=True)
