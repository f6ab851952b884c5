"""Writing tables: whole or not at all, safe in a spreadsheet, readable back."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.errors import EnvironmentFault, UsageError
from matcher.locale import _
from matcher.vocabulary import NEVER, PERMANENT

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'=", "'+", "'-", "'@")


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that replaces it at the end, or disappears on an error.

    Raises EnvironmentFault when the disk or the rights do not allow it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise write_fault(path, error) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise write_fault(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def write_fault(path: Path, error: OSError) -> EnvironmentFault:
    """The error that says why `path` could not be written."""
    return EnvironmentFault(
        _("{file} n'a pas pu être écrit ({reason}).").format(file=path, reason=error.strerror or error),
        _("Vérifier la place sur le disque et les droits d'écriture ; aucun fichier partiel n'a été laissé."),
    )


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column as people write it: ISO dates and their words, yes / no, whole numbers without decimals."""
    return pd.DataFrame({name: _shown_column(frame[name]) for name in frame.columns})


def _shown_column(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = column.dt.strftime("%Y-%m-%d").astype(object)
        words = {PERMANENT: "permanent", NEVER: "none"}
        for day, word in words.items():
            days = days.mask(column == pd.Timestamp(day.astype("datetime64[s]")), word)
        return days
    if column.dtype == "boolean":
        return column.astype(object).map({True: "yes", False: "no"})
    if column.dtype.kind == "f":
        whole = column.notna() & (column == column.round())
        if whole.any():
            texts = column.astype(object)
            return texts.where(~whole, column.where(whole, 0).astype("int64").astype(object))
    return column.astype(object)


def _guarded(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _to_csv(frame: pd.DataFrame, path: Path) -> None:
    table = shown(frame)
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(frame[name].dtype):
            table[name] = table[name].map(_guarded, na_action="ignore")
    table.columns = [_guarded(name) for name in table.columns]
    table.to_csv(path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\n")


def _to_xlsx(frame: pd.DataFrame, path: Path) -> None:
    write_workbook({"clausematch": frame}, path)


def write_workbook(sheets: dict[str, pd.DataFrame], path: Path) -> None:
    """One sheet per table, header frozen and filtered; text is never taken for a formula or a link."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for title, frame in sheets.items():
            sheet = book.add_worksheet(title[:31])
            table = shown(frame)
            sheet.write_row(0, 0, list(map(str, table.columns)), bold)
            for row, values in enumerate(table.itertuples(index=False, name=None), 1):
                sheet.write_row(row, 0, [None if pd.isna(value) else value for value in values], wrap)
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


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write by the file's ending: .csv, .xlsx, .json or .parquet. Raises UsageError, EnvironmentFault."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            _("{file} : extension non prévue.").format(file=path.name),
            _("Choisir un nom en .csv, .xlsx, .json ou .parquet."),
        )
    with atomic(path) as temporary:
        writer(frame, temporary)
