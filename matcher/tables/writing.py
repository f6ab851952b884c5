"""Writing tables: whole or not at all, safe in a spreadsheet, readable back."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import EnvironmentFault, UsageError
from matcher.locale import _
from matcher.tables.raw import reason
from matcher.vocabulary import NEVER, PERMANENT

# OWASP, « CSV injection »: what a spreadsheet takes for a formula, full-width signs included. The apostrophe before
# it is taken off again by the reader, hence one more where the text itself begins so.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_LOOKS_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_SHEET_ROWS, _SHEET_COLUMNS, _SHEET_CELL = 1_048_576, 16_384, 32_767
_WHOLE_UP_TO = 2.0**53


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that replaces it at the end, or disappears on an error.

    Raises EnvironmentFault when the disk or the rights do not allow it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".{path.name[:100]}.{secrets.token_hex(6)}"
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise write_fault(path, error) from None
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise write_fault(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def write_fault(path: Path, error: OSError) -> EnvironmentFault:
    """The error that says why `path` could not be written."""
    return EnvironmentFault(
        _("{file} n'a pas pu être écrit ({reason}).").format(file=path, reason=reason(error)),
        _("Vérifier la place sur le disque et les droits d'écriture ; aucun fichier partiel n'a été laissé."),
    )


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column as people write it: ISO dates and their words, yes / no, whole numbers without decimals."""
    return pd.DataFrame({name: _shown_column(frame[name]) for name in frame.columns})


def _shown_column(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _shown_days(column)
    if column.dtype == "boolean" or column.dtype == bool:
        return column.astype(object).map({True: "yes", False: "no"})
    if column.dtype.kind == "f":
        whole = column.notna() & (column == column.round()) & (column.abs() < _WHOLE_UP_TO)
        if whole.any():
            texts = column.astype(object)
            return texts.where(~whole, column.where(whole, 0).astype("int64").astype(object))
    return column.astype(object)


def _shown_days(column: pd.Series[Any]) -> Any:
    """ISO dates, each distinct day written once, and the words for the two days that stand for one."""
    codes, days = pd.factorize(column)
    words = {PERMANENT: "permanent", NEVER: "none"}
    values = np.asarray(days).astype("datetime64[D]")
    texts = [words.get(day, text) for day, text in zip(values, np.datetime_as_string(values, "D"), strict=True)]
    return pd.Series(np.array([*map(str, texts), None], object)[codes], index=column.index, dtype=object)


def _guarded(value: object) -> object:
    """The cell's text with its line breaks as a spreadsheet writes them, and never taken for a formula."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    return "'" + text if _FORMULA.match(text) else text


def _kept_text(value: object) -> object:
    """In a workbook text is text; only what the reader would take for a guard needs one."""
    return "'" + value if isinstance(value, str) and _LOOKS_GUARDED.match(value) else value


def _to_csv(frame: pd.DataFrame, path: Path) -> None:
    _csv_table(frame).to_csv(path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\n", compression=None)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as `write_table` writes it in a CSV file."""
    text: str = _csv_table(frame).to_csv(None, sep=";", index=False, lineterminator="\n")
    return text.encode("utf-8-sig")


def _csv_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells as people write them, none of which a spreadsheet takes for a formula."""
    table = shown(frame)
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(frame[name].dtype):
            numbers, words = pd.factorize(table[name])
            table[name] = np.array([*map(_guarded, words), None], object)[numbers]
    table.columns = [_guarded(name) for name in table.columns]
    return table


def _to_xlsx(frame: pd.DataFrame, path: Path) -> None:
    write_workbook({"clausematch": frame}, path)


def write_workbook(sheets: dict[str, pd.DataFrame], path: Path) -> None:
    """One sheet per table, header frozen and filtered; text is never taken for a formula or a link.

    Raises UsageError for a table larger than a sheet, EnvironmentFault when the disk is full.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    for frame in sheets.values():
        _check_size(frame, path)
    try:
        _write_sheets(xlsxwriter, sheets, path)
    except FileCreateError as error:
        cause = error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))
        raise write_fault(path, cause) from None


def _check_size(frame: pd.DataFrame, path: Path) -> None:
    if len(frame) >= _SHEET_ROWS or frame.shape[1] > _SHEET_COLUMNS:
        raise UsageError(
            _("{file} : {rows} lignes ne tiennent pas dans une feuille de classeur.").format(
                file=path.name, rows=len(frame)
            ),
            _("Choisir un nom en .csv ou .parquet."),
        )


def _write_sheets(xlsxwriter: Any, sheets: dict[str, pd.DataFrame], path: Path) -> None:

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for title, frame in sheets.items():
            sheet = book.add_worksheet(title[:31])
            table = shown(frame)
            sheet.write_row(0, 0, list(map(str, table.columns)), bold)
            for row, values in enumerate(table.itertuples(index=False, name=None), 1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value, wrap)
            for i, name in enumerate(table.columns):
                lengths = table[name].head(200).map(lambda value: len(str(value)), na_action="ignore")
                sheet.set_column(
                    i,
                    i,
                    float(min(60, max(10, len(str(name)) + 2, lengths.max() if lengths.notna().any() else 0))),
                )
            sheet.freeze_panes(1, 0)
            if len(table):
                sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _write_cell(sheet: Any, row: int, column: int, value: object, style: Any) -> None:
    if isinstance(value, str):
        text = str(_kept_text(value))
        if len(text) > _SHEET_CELL:  # the format's own limit; a file that lost text in silence would be worse
            text = text[: _SHEET_CELL - 1] + "…"
        sheet.write_string(row, column, text, style)
    elif pd.isna(value):  # type: ignore[call-overload]  # any object of a cell
        sheet.write_blank(row, column, None, style)
    else:
        sheet.write(row, column, value, style)


def json_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON objects; unknown is null."""
    table = shown(frame)
    names = list(map(str, table.columns))
    return [
        {name: None if pd.isna(value) else value for name, value in zip(names, row, strict=True)}
        for row in table.itertuples(index=False, name=None)
    ]


def _to_json(frame: pd.DataFrame, path: Path) -> None:
    path.write_text(json.dumps(json_records(frame), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _to_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _to_csv,
    ".xlsx": _to_xlsx,
    ".json": _to_json,
    ".parquet": _to_parquet,
}


def writer_of(path: Path) -> Callable[[pd.DataFrame, Path], None]:
    """What writes a file with this ending. Raises UsageError for one that is not .csv, .xlsx, .json or .parquet."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            _("{file} : extension non prévue.").format(file=path.name),
            _("Choisir un nom en .csv, .xlsx, .json ou .parquet."),
        )
    return writer


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write by the file's ending: .csv, .xlsx, .json or .parquet. Raises UsageError, EnvironmentFault."""
    writer = writer_of(path)
    with atomic(path) as temporary:
        writer(frame, temporary)
