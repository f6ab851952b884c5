"""Raw columns → the canonical table, the rejected rows and what the user should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.errors import NothingUsable, StrictRejection, UnreadableFile
from matcher.locale import _
from matcher.schema import Column, Kind, TableSpec
from matcher.tables.cells import MAX_CELL, PARSERS, BadCell, text_of
from matcher.tables.consistency import contradictions, impossible_rows
from matcher.tables.formats import Raw, from_records, read_raw
from matcher.tables.nir import refuse_nir_header, refuse_nir_values
from matcher.vocabulary import fold

REJECTED_COLUMNS = ("file", "row", "column", "value", "message")
Array = np.ndarray[Any, np.dtype[Any]]

_TEXT_KINDS = (Kind.TEXT, Kind.CODE, Kind.CHOICE, Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST)
_NUMBER_KINDS = (Kind.NUMBER, Kind.RATE, Kind.INTEGER, Kind.LEVEL)


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
    columns = tuple(_arrow(frame[header]) for header in frame.columns)
    raw = Raw(spec.name, tuple(map(str, frame.columns)), columns, np.arange(1, 1 + len(frame), dtype=np.int64))
    return from_raw(spec, raw, today=today or date.max)


def _arrow(series: pd.Series[Any]) -> pa.ChunkedArray:
    if series.dtype == object:
        values = [text_of(value) for value in series]
        return pa.chunked_array([pa.array(values, pa.string())])
    return pa.chunked_array([pa.Array.from_pandas(series)])


def from_raw(spec: TableSpec, raw: Raw, *, today: date) -> Import:
    """Check and convert each column, then each row. Raises NirRefused, UnreadableFile."""
    for header in raw.headers:
        refuse_nir_header(header, raw.file)
    columns = {header: _as_text(values) for header, values in zip(raw.headers, raw.columns, strict=True)}
    for header, values in columns.items():
        if pa.types.is_string(values.type):
            refuse_nir_values(header, values, raw.file)
    chosen, aside, warnings = _match_headers(spec, raw)
    _require(spec, chosen, raw)
    count = len(raw.rows)
    table: dict[str, Any] = {}
    errors = _Errors(count)
    for column in spec.columns:
        values = (
            columns[chosen[column.name]]
            if column.name in chosen
            else pa.chunked_array([pa.nulls(count, pa.string())])
        )
        table[column.name], problems = parse_column(column, values)
        errors.add(column, problems, values)
    frame = pd.DataFrame(table)
    errors.extend(spec, impossible_rows(spec, frame, today), columns, chosen)
    errors.extend(spec, _key_problems(spec, frame, raw.rows, errors.ok), columns, chosen)
    kept = frame[errors.ok].reset_index(drop=True)
    remarks = (*raw.warnings, *warnings, *contradictions(spec, kept, raw.rows[errors.ok]))
    extra = (
        pd.DataFrame({header: columns[header].to_pandas() for header in aside})[errors.ok]
        if aside
        else pd.DataFrame()
    )
    return Import(
        raw.file,
        kept,
        errors.table(raw),
        raw.rows[errors.ok],
        tuple(f"{raw.file} : {text}" for text in remarks),
        extra.reset_index(drop=True),
    )


def _as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary, large and view strings as plain strings; lists joined; the rest as it is."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _as_text(values.cast(kind.value_type))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return values.cast(pa.string())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_struct(kind):
        return pa.chunked_array([pa.array([text_of(value) for value in values.to_pylist()], pa.string())])
    return values


def _match_headers(spec: TableSpec, raw: Raw) -> tuple[dict[str, str], list[str], list[str]]:
    """Column → header (its own name wins over an alias), headers not recognised, remarks."""
    chosen: dict[str, str] = {}
    aside: list[str] = []
    for header in sorted(raw.headers, key=lambda h: fold(h) not in map(fold, spec.names)):
        name = spec.headers.get(fold(header))
        if name is None or name in chosen:
            aside.append(header)
        else:
            chosen[name] = header
    aside.sort(key=raw.headers.index)
    remarks = []
    if aside:
        listed = ", ".join(f"« {header} »" for header in aside)
        remarks.append(
            _("colonnes non reconnues, gardées de côté et non utilisées : {columns}").format(columns=listed)
        )
    return chosen, aside, remarks


def _require(spec: TableSpec, chosen: Mapping[str, str], raw: Raw) -> None:
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


Problems = Mapping[int, str]  # row index → message


def parse_column(column: Column, values: pa.ChunkedArray) -> tuple[Any, dict[int, str]]:
    """A raw column → (canonical values, row index → message). Each distinct text is parsed once."""
    if not pa.types.is_string(values.type):
        typed = _typed(column, values)
        if typed is not None:
            return typed
        values = pa.chunked_array([pa.array([text_of(value) for value in values.to_pylist()], pa.string())])
    trimmed = pc.replace_substring_regex(pc.utf8_trim_whitespace(values), r"^'([=+\-@'])", r"\1")
    encoded = trimmed.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    indices = np.asarray(pc.fill_null(encoded.indices, -1))
    parsed, messages = _parse_words(column, encoded.dictionary.to_pylist())
    result = _assemble(column, parsed, indices)
    if not messages:
        return result, {}
    bad = np.flatnonzero(np.isin(indices, list(messages)))
    return result, {int(row): messages[int(indices[row])] for row in bad}


def _parse_words(column: Column, words: list[str]) -> tuple[list[Any], dict[int, str]]:
    parse = PARSERS[column.kind]
    parsed: list[Any] = []
    messages: dict[int, str] = {}
    for i, word in enumerate(words):
        value = None
        if len(word) > MAX_CELL:
            messages[i] = _("cellule de plus de {limit} caractères ; la raccourcir").format(limit=MAX_CELL)
        elif word:
            try:
                value = parse(word, column)
            except BadCell as error:
                messages[i] = str(error)
        parsed.append(None if value == "" else value)
    return parsed, messages


def _assemble(column: Column, parsed: list[Any], indices: Array) -> Any:
    """The distinct values spread over the rows (-1 is unknown), in the dtype of the column's kind."""
    if column.kind in _TEXT_KINDS:
        distinct = pd.array([*parsed, None], dtype="str")
        return distinct.take(np.where(indices < 0, len(parsed), indices))
    if column.kind is Kind.DATE:
        days = np.array([*parsed, None], dtype="datetime64[s]")
        return days[indices]
    if column.kind is Kind.TRI:
        known = np.array([*[value is not None for value in parsed], False])[indices]
        truth = np.array([*[bool(value) for value in parsed], False])[indices]
        return pd.arrays.BooleanArray(truth, ~known)
    return np.array([*[np.nan if value is None else value for value in parsed], np.nan], np.float64)[indices]


def _typed(column: Column, values: pa.ChunkedArray) -> tuple[Any, dict[int, str]] | None:
    """The fast path for columns that a typed file already gives right; None when the text path must decide."""
    kind = values.type
    if column.kind is Kind.DATE and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        days = values.to_pandas().to_numpy().astype("datetime64[D]").astype("datetime64[s]")
        return days, {}
    if column.kind is Kind.TRI and pa.types.is_boolean(kind):
        truth = np.asarray(pc.fill_null(values, False))
        return pd.arrays.BooleanArray(truth.copy(), np.asarray(pc.is_null(values)).copy()), {}
    if column.kind in _NUMBER_KINDS and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        numbers = np.asarray(pc.fill_null(values.cast(pa.float64()), np.nan))
        low = -np.inf if column.low is None else column.low
        high = np.inf if column.high is None else column.high
        whole = column.kind in (Kind.INTEGER, Kind.LEVEL)
        odd = ~np.isnan(numbers) & ((numbers < low) | (numbers > high) | (whole & (numbers != np.floor(numbers))))
        problems = {}
        for row in np.flatnonzero(odd):
            problems.update(dict.fromkeys([int(row)], _message(column, float(numbers[row]))))
        return numbers, problems
    return None


def _message(column: Column, number: float) -> str:
    try:
        PARSERS[column.kind](text_of(number) or "", column)
    except BadCell as error:
        return str(error)
    return ""


def _key_problems(spec: TableSpec, frame: pd.DataFrame, rows: Array, ok: Array) -> dict[str, dict[int, str]]:
    """Rows without their required identifier, and later rows that repeat one."""
    problems: dict[int, str] = {}
    key = frame[spec.key]
    if spec.by_name[spec.key].required:
        problems.update(
            dict.fromkeys(
                np.flatnonzero(key.isna() & ok).tolist(),
                _("identifiant manquant ; en donner un à chaque ligne"),
            )
        )
    if spec.unique:
        usable = key.where(ok)
        repeated = np.flatnonzero(usable.duplicated(keep="first") & usable.notna())
        first = {value: row for value, row in zip(usable[::-1], rows[::-1], strict=True)} if len(repeated) else {}
        for row in repeated.tolist():
            problems[row] = _(
                "identifiant déjà donné à la ligne {row} ; chaque identifiant ne sert qu'une fois"
            ).format(row=first[usable[row]])
    return {spec.key: problems}


class _Errors:
    """The first problem of each bad row, in column order."""

    def __init__(self, count: int) -> None:
        self.ok = np.ones(count, bool)
        self._found: dict[int, tuple[str, str, str]] = {}

    def add(self, column: Column, problems: Problems, values: pa.ChunkedArray) -> None:
        for row, message in problems.items():
            if self.ok[row]:
                shown = "" if column.sensitive else (text_of(values[row].as_py()) or "")[:200]
                self._found[row] = (column.name, shown, message)
                self.ok[row] = False

    def extend(
        self,
        spec: TableSpec,
        problems: Mapping[str, Problems],
        columns: Mapping[str, pa.ChunkedArray],
        chosen: Mapping[str, str],
    ) -> None:
        for name, found in problems.items():
            if found:
                self.add(spec.by_name[name], found, columns[chosen[name]])

    def table(self, raw: Raw) -> pd.DataFrame:
        """The rejected rows, in file order, with those the reader itself could not split."""
        lines = [(error.row, error.column, error.value, error.message) for error in raw.bad]
        lines += [(int(raw.rows[row]), *found) for row, found in self._found.items()]
        lines.sort(key=lambda line: line[0])
        return rejected_table([(raw.file, *line) for line in lines])


def rejected_table(lines: Sequence[tuple[str, int, str, str, str]]) -> pd.DataFrame:
    """Rows (file, row, column, value, message) as the `rejected.csv` table."""
    frame = pd.DataFrame(list(lines), columns=list(REJECTED_COLUMNS))
    return frame.astype({"file": "str", "row": "int64", "column": "str", "value": "str", "message": "str"})
