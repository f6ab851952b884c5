"""Raw columns → the canonical table, the rejected rows and what the user should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from matcher.errors import NothingUsable, StrictRejection, UnreadableFile
from matcher.locale import _
from matcher.schema import Column, TableSpec
from matcher.tables.columns import Array, Cells, Problems, arrow_column, assemble, encode, parse_column
from matcher.tables.consistency import contradictions, impossible_rows
from matcher.tables.formats import Raw, from_records, read_raw
from matcher.tables.nir import looks_like_nir, refuse_nir_header
from matcher.vocabulary import fold

REJECTED_COLUMNS = ("file", "row", "column", "value", "message")


@dataclass(frozen=True)
class Import:
    """What came of one file: the usable rows, the rows set aside, and remarks in the user's language.

    `table` has every column of the specification, canonical; `rejected` has one row per rejected row;
    `rows` gives the row number in the file of each row of `table`; `aside` holds the columns not recognised.
    """

    file: str
    table: pd.DataFrame
    rejected: pd.DataFrame
    rows: Array
    warnings: tuple[str, ...]
    aside: pd.DataFrame

    @property
    def read(self) -> int:
        """Rows read, usable or not."""
        return len(self.table) + len(self.rejected)

    def usable(self, *, strict: bool = False) -> Import:
        """Itself. Raises StrictRejection under `strict` with rejected rows, NothingUsable without a usable row."""
        if strict and len(self.rejected):
            first = self.rejected.iloc[0]
            raise StrictRejection(
                _(
                    "{file} : {count} ligne(s) rejetée(s) ; la première, ligne {row}, colonne {column} : {message}."
                ).format(
                    file=self.file,
                    count=len(self.rejected),
                    row=first["row"],
                    column=first["column"],
                    message=first["message"],
                ),
                _("Corriger ces lignes, ou enlever --strict pour continuer sans elles."),
            )
        if not len(self.table):
            raise NothingUsable(
                _("{file} : aucune ligne utilisable ({count} rejetée(s)).").format(
                    file=self.file, count=len(self.rejected)
                ),
                _("Voir le motif de chaque ligne dans rejected.csv, ou vérifier que l'export contient des fiches."),
            )
        return self


def read_table(spec: TableSpec, path: Path, *, today: date) -> Import:
    """Read a CSV, XLSX, JSON or Parquet file; `today` only serves to refuse later birth dates.

    Raises UnreadableFile, NirRefused.
    """
    return from_raw(spec, read_raw(Path(path)), today=today)


def read_records(spec: TableSpec, records: list[Any], name: str, *, today: date) -> Import:
    """The same for a list of JSON objects; the first is row 1. Raises NirRefused."""
    return from_raw(spec, from_records(records, name, first_row=1), today=today)


def coerce(spec: TableSpec, frame: pd.DataFrame, *, today: date | None = None) -> Import:
    """The same for a DataFrame holding text, Python values or already canonical columns. Raises NirRefused."""
    columns, flaws = [], {}
    for i in range(frame.shape[1]):
        column, found = arrow_column(frame.iloc[:, i])
        columns.append(column)
        if found:
            flaws[i] = found
    rows = np.arange(1, 1 + len(frame), dtype=np.int64)
    raw = Raw(spec.name, tuple(map(str, frame.columns)), tuple(columns), rows, flaws=flaws)
    return from_raw(spec, raw, today=today or date.max)


def from_raw(spec: TableSpec, raw: Raw, *, today: date) -> Import:
    """Check and convert each column, then each row. Raises NirRefused, UnreadableFile."""
    for header in raw.headers:
        refuse_nir_header(header, raw.file)
    cells = _encoded(raw)
    for header, column_cells in zip(raw.headers, cells, strict=True):
        column_cells.refuse_nir(header, raw.file)
    chosen, aside, remarks = match_headers(spec, raw.headers)
    _require(spec, chosen, raw)
    errors = _Errors(_filled_rows(raw, cells))
    unknown = encode(pa.chunked_array([pa.nulls(len(raw.rows), pa.string())]), {})
    blank = cache(lambda kind: assemble(kind, [], unknown.indices))  # a column that the file does not have
    table: dict[str, Any] = {}
    for column in spec.columns:
        if column.name not in chosen:
            table[column.name] = blank(column.kind)
            continue
        values = cells[chosen[column.name]]
        table[column.name], problems = parse_column(column, values)
        errors.add(column, problems, values)
    frame = pd.DataFrame(table)
    for name, problems in impossible_rows(spec, frame, today).items():
        errors.add(spec.by_name[name], problems, cells[chosen[name]] if name in chosen else unknown)
    for look in (_gaps, _repeats):
        for name, problems in look(spec, frame, raw.rows, errors.ok).items():
            errors.add(spec.by_name[name], problems, cells[chosen[name]] if name in chosen else unknown)
    kept = frame[errors.ok].reset_index(drop=True)
    rows = raw.rows[errors.ok]
    told = (*raw.warnings, *remarks, *contradictions(spec, kept, rows))
    return Import(
        raw.file,
        kept,
        errors.table(raw),
        rows,
        tuple(f"{raw.file} : {text}" for text in told),
        _set_aside(raw.headers, cells, aside, errors.ok),
    )


def _encoded(raw: Raw) -> list[Cells]:
    """Each column's distinct texts, several columns at a time (the work leaves the interpreter's lock)."""

    def one(i: int) -> Cells:
        return encode(raw.columns[i], raw.flaws.get(i, {}), guarded=raw.guarded)

    if len(raw.rows) < 50_000:
        return [one(i) for i in range(len(raw.columns))]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, range(len(raw.columns))))


def _filled_rows(raw: Raw, cells: Sequence[Cells]) -> Array:
    """Rows with something else than blanks, which only spreadsheets leave behind; elsewhere every row counts."""
    if not raw.guarded:
        return np.ones(len(raw.rows), bool)
    filled = np.zeros(len(raw.rows), bool)
    for column in cells:
        filled |= column.filled()
    return filled


def _set_aside(headers: Sequence[str], cells: Sequence[Cells], aside: Sequence[int], ok: Array) -> pd.DataFrame:
    """The columns not recognised, for the usable rows; a repeated header gets a number."""
    columns: dict[str, Any] = {}
    for i in aside:
        name, copies = headers[i], 2
        while name in columns:
            name, copies = f"{headers[i]} ({copies})", copies + 1
        columns[name] = cells[i].values()[ok]
    return pd.DataFrame(columns).reset_index(drop=True)


def match_headers(spec: TableSpec, headers: Sequence[str]) -> tuple[dict[str, int], list[int], list[str]]:
    """Column → place of its header (its own name wins over an alias), places not recognised, remarks."""
    own = {fold(name) for name in spec.names}
    chosen: dict[str, int] = {}
    aside: list[int] = []
    repeated: list[int] = []
    for i in sorted(range(len(headers)), key=lambda i: fold(headers[i]) not in own):
        name = spec.headers.get(fold(headers[i]))
        if name is not None and name not in chosen:
            chosen[name] = i
        else:
            aside.append(i)
            if name is not None:
                repeated.append(i)
    aside.sort()
    remarks = []
    strange = [headers[i] for i in aside if i not in repeated]
    if strange:
        remarks.append(
            _("colonnes non reconnues, gardées de côté et non utilisées : {columns}").format(columns=_listed(strange))
        )
    if repeated:
        used = [f"{headers[i]} → {spec.headers[fold(headers[i])]}" for i in sorted(repeated)]
        remarks.append(
            _("colonnes en double, gardées de côté et non utilisées : {columns}").format(columns=_listed(used))
        )
    return chosen, aside, remarks


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(f"« {header[:80]} »" for header in headers)


def _require(spec: TableSpec, chosen: Mapping[str, int], raw: Raw) -> None:
    if not raw.headers:
        return  # a list without any object: nothing usable, which is not an unreadable file
    for column in spec.columns:
        if column.required and column.name not in chosen:
            raise UnreadableFile(
                _("{file} : la colonne « {column} » ({about}) est absente.").format(
                    file=raw.file, column=column.name, about=_(column.about)
                ),
                _("L'ajouter ou la renommer ; les noms admis sont dans docs/donnees.md."),
            )
    if not chosen:
        raise UnreadableFile(
            _("{file} : aucune colonne reconnue pour des {title}.").format(file=raw.file, title=_(spec.title)),
            _("Vérifier que c'est le bon fichier ; les noms admis sont dans docs/donnees.md."),
        )


def _gaps(spec: TableSpec, frame: pd.DataFrame, _rows: Array, ok: Array) -> dict[str, dict[int, str]]:
    """Rows with an empty cell in a required column."""
    missing = _("identifiant manquant ; en donner un à chaque ligne")
    empty = _("case vide ; la remplir, cette colonne est nécessaire")
    return {
        column.name: dict.fromkeys(
            np.flatnonzero(frame[column.name].isna() & ok).tolist(), missing if column.name == spec.key else empty
        )
        for column in spec.columns
        if column.required
    }


def _repeats(spec: TableSpec, frame: pd.DataFrame, rows: Array, ok: Array) -> dict[str, dict[int, str]]:
    """Later rows that repeat the identifier of a usable one."""
    if not spec.unique:
        return {}
    usable = frame[spec.key].where(ok)
    repeated = np.flatnonzero(usable.duplicated(keep="first") & usable.notna())
    again = np.flatnonzero(usable.isin(usable.iloc[repeated]))[::-1]
    first = dict(zip(usable.iloc[again], rows[again], strict=True))
    message = _("identifiant déjà donné à la ligne {row} ; chaque identifiant ne sert qu'une fois")
    return {spec.key: {row: message.format(row=first[usable[row]]) for row in repeated.tolist()}}


class _Errors:
    """The first problem of each bad row, in column order; `ok` starts as the rows that hold anything."""

    def __init__(self, filled: Array) -> None:
        self.ok = filled
        self._found: dict[int, tuple[str, str, str]] = {}

    def add(self, column: Column, problems: Problems, values: Cells) -> None:
        for row, message in problems.items():
            if self.ok[row]:
                shown = "" if column.sensitive else values.text(row)[:200]
                self._found[row] = (column.name, "" if looks_like_nir(shown) else shown, message)
                self.ok[row] = False

    def table(self, raw: Raw) -> pd.DataFrame:
        """The rejected rows, in file order, with those the reader itself could not split."""
        lines = [(error.row, error.column, error.value, error.message) for error in raw.bad]
        lines += [(int(raw.rows[row]), *found) for row, found in self._found.items()]
        lines.sort(key=lambda line: line[0])
        return rejected_table([(raw.file, *line) for line in lines])


def rejected_table(lines: Sequence[tuple[str, int, str, str, str]]) -> pd.DataFrame:
    """Rows (file, row, column, value, message) as the `rejected.csv` table."""
    columns = list(zip(*lines, strict=True)) or [()] * len(REJECTED_COLUMNS)
    return pd.DataFrame(
        {
            name: np.array(values, np.int64) if name == "row" else pd.array(list(values), dtype="str")
            for name, values in zip(REJECTED_COLUMNS, columns, strict=True)
        }
    )
