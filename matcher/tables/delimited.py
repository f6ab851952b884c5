"""CSV text → raw columns; row numbers count the header (row 1) and blank lines, as a spreadsheet shows them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.tables.raw import Raw, RowError, header_names, without_blank_rows

BLOCK = 32 << 20
MAX_HEADER = 1 << 20  # characters of a header line
_BLANK_LINES = re.compile(rb"(?:[ \t]*(?:\r\n|\r|\n))*")
_SEPARATOR_LINE = re.compile(rb"(?i:sep)=[;,\t](?:\r\n|\r|\n)")
_CERTAIN = 3  # separators after a line break that no text of one cell has by chance
_SENTINEL = b"\x1a"


def parse_csv(data: bytes, name: str) -> Raw:
    """A table in UTF-8 without BOM. Raises UnreadableFile when it has no header or a quote is never closed."""
    data, skipped = _without_preamble(data)
    headers, separator = _header(data, name)
    bad: list[RowError] = []
    blank: list[int] = []

    def on_invalid(row: pa_csv.InvalidRow) -> str:
        number = (row.number or 0) + skipped
        if row.text.strip(' \t\r\n"' + separator) == "":
            blank.append(number)
        else:
            message = _("{found} cellules au lieu de {expected} ; vérifier les séparateurs et les guillemets")
            bad.append(
                RowError(number, "", "", message.format(found=row.actual_columns, expected=row.expected_columns))
            )
        return "skip"

    table = _read(data, len(headers), separator, on_invalid, name)
    gone = np.array(sorted([*blank, *(error.row for error in bad)]), np.int64)
    rows = np.setdiff1d(np.arange(2 + skipped, 2 + skipped + table.num_rows + len(gone)), gone, assume_unique=True)
    raw = Raw(name, headers, tuple(table.columns), rows, tuple(bad), guarded=True)
    lines = data.count(b"\n") or data.count(b"\r")
    if lines > table.num_rows + len(gone):
        raw = _without_swallowed_rows(raw, data, separator)
    return _without_empty_columns(without_blank_rows(raw))


def _without_preamble(data: bytes) -> tuple[bytes, int]:
    """Leave out blank lines above the header and a spreadsheet's `sep=;` line; how many lines that was."""
    skipped = 0
    for pattern in (_BLANK_LINES, _SEPARATOR_LINE, _BLANK_LINES):
        found = pattern.match(data)
        if found and found.end():
            head = found[0].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            skipped += head.count(b"\n")
            data = data[found.end() :]
    return data, skipped


def _header(data: bytes, name: str) -> tuple[tuple[str, ...], str]:
    """The header's cells and the separator: the one most present, outside quotes, in both of the first two lines."""
    start = data[: 4 * MAX_HEADER].decode("utf-8", errors="ignore")
    lines = [line for line in re.split(r"[\r\n]+", start, maxsplit=2)[:2] if line]
    counts = {one: ["".join(line.split('"')[::2]).count(one) for line in lines] for one in ";\t,"}
    separator = max(counts, key=lambda one: (min(counts[one]), counts[one][0]))
    try:
        cells = next(csv.reader(io.StringIO(start, newline=""), delimiter=separator))
    except csv.Error:
        raise UnreadableFile(
            _("{file} : la ligne d'en-têtes est démesurée.").format(file=name),
            _("Mettre le nom des colonnes sur la première ligne."),
        ) from None
    return header_names([_unguarded(cell) for cell in cells], name), separator


def _unguarded(header: str) -> str:
    return header[1:] if re.match(r"'+[=+\-@]", header) else header


def _read(
    data: bytes, width: int, separator: str, on_invalid: Callable[[pa_csv.InvalidRow], str], name: str
) -> pa.Table:
    names = [f"c{i}" for i in range(width)]
    try:
        return pa_csv.read_csv(
            pa.BufferReader(data),
            # One thread: only then does the reader give the number of a bad row.
            read_options=pa_csv.ReadOptions(
                use_threads=False, column_names=names, skip_rows_after_names=1, block_size=BLOCK
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


def _without_swallowed_rows(raw: Raw, data: bytes, separator: str) -> Raw:
    """Set aside rows in which a quote left open took the following lines into one cell.

    Such a cell has as many separators after a line break as a line of the table needs; in a narrow table the quotes
    must also be out of place, for a note of several lines may hold one or two. Raises UnreadableFile when
    the quote stays open to the end of the file, since nobody knows how many rows it took.
    """
    needed = len(raw.headers) - 1
    if not needed or not len(raw.rows):
        return raw
    swallowed = np.zeros(len(raw.rows), bool)
    pattern = rf"[\r\n](?:[^{separator}]*{separator}){{{min(needed, 1000)}}}"
    for column in raw.columns:
        if not _has_line_break(column):
            continue
        broken = np.flatnonzero(np.asarray(pc.match_substring_regex(column, r"[\r\n]")))
        swallowed[broken] |= np.asarray(pc.match_substring_regex(column.take(pa.array(broken)), pattern))
    if not swallowed.any() or (needed < _CERTAIN and _well_quoted(data, separator)):
        return raw
    if swallowed[-1] and _open_at_end(data, len(raw.headers), separator):
        raise UnreadableFile(
            _("{file} : à partir de la ligne {row}, un guillemet n'est jamais refermé.").format(
                file=raw.file, row=int(raw.rows[-1])
            ),
            _("Refermer ou enlever ce guillemet, ou enregistrer à nouveau le fichier depuis un tableur."),
        )
    message = _("un guillemet jamais refermé a pris plusieurs lignes dans une cellule ; le refermer ou l'enlever")
    errors = tuple(RowError(int(row), "", "", message) for row in raw.rows[swallowed])
    columns = tuple(column.filter(pa.array(~swallowed)) for column in raw.columns)
    return replace(raw, columns=columns, rows=raw.rows[~swallowed], bad=raw.bad + errors)


def _well_quoted(data: bytes, separator: str) -> bool:
    """True when every quote opens and closes a cell."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    try:
        for _row in csv.reader(lines, delimiter=separator, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _has_line_break(column: pa.ChunkedArray) -> bool:
    """A look at the bytes, far quicker than at each cell."""
    texts = [np.frombuffer(buffer, np.uint8) for chunk in column.chunks if (buffer := chunk.buffers()[2])]
    return any(bool(((text == 10) | (text == 13)).any()) for text in texts)


def _open_at_end(data: bytes, width: int, separator: str) -> bool:
    """True when a row added to the end would fall inside quotes."""
    row = separator.encode().join([_SENTINEL] * width)
    longer = _read(data + b"\n" + row + b"\n", width, separator, lambda _row: "skip", "")
    last = longer.column(0)[longer.num_rows - 1].as_py() if longer.num_rows else None
    return bool(last != _SENTINEL.decode())


def _without_empty_columns(raw: Raw) -> Raw:
    """Leave out columns with neither name nor value: a separator too many at the end of each line."""
    keep = [i for i, header in enumerate(raw.headers) if header or pc.any(pc.not_equal(raw.columns[i], "")).as_py()]
    if len(keep) == len(raw.headers):
        return raw
    return replace(raw, headers=tuple(raw.headers[i] for i in keep), columns=tuple(raw.columns[i] for i in keep))
