"""One raw column → its canonical values: each distinct text is parsed once, typed columns are taken as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.locale import _
from matcher.schema import Column, Kind
from matcher.tables.canonical import already_canonical
from matcher.tables.cells import MAX_CELL, BadCell, bad_year, parser, text_of
from matcher.tables.nir import refuse_nir_words
from matcher.tables.raw import Flaws, texts
from matcher.vocabulary import NEVER

Array = np.ndarray[Any, np.dtype[Any]]
Problems = Mapping[int, str]  # row index → message

_TEXT_KINDS = (Kind.TEXT, Kind.CODE, Kind.CHOICE, Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST)
_NUMBER_KINDS = (Kind.NUMBER, Kind.RATE, Kind.INTEGER, Kind.LEVEL)
_GUARD = re.compile(r"'('*[=+\-@\t\r\n＝＋－＠])")
_FIRST_DAY, _LAST_DAY = np.datetime64("1900-01-01", "D"), np.datetime64("9999-12-31", "D")
_LONG_NUMBER = 1e12  # shorter whole numbers cannot be a NIR


@dataclass(frozen=True)
class Cells:
    """A column as distinct texts and one index per row (-1 unknown), or as typed values when a file has types."""

    words: pa.Array
    indices: Array
    flaws: Flaws
    guarded: bool = False
    typed: pa.ChunkedArray | None = None

    def text(self, row: int) -> str:
        """A cell's text as the file has it, for the report of rejected rows."""
        if self.typed is not None:
            return encode_texts(self.typed.slice(row, 1)).text(0)
        index = int(self.indices[row])
        return "" if index < 0 else str(self.words[index].as_py() or "")

    def filled(self) -> Array:
        """True for rows that hold something else than blanks."""
        if self.typed is not None:
            return np.asarray(pc.is_valid(self.typed))
        empty = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(self.words, "")), "")
        return ~np.append(np.asarray(empty), True)[self.indices]

    def values(self) -> Any:
        """The column untouched, for those set aside."""
        if self.typed is not None:
            return self.typed.to_numpy()
        return _spread(self.words, self.indices)

    def refuse_nir(self, header: str, file: str) -> None:
        """Raise NirRefused when at least half the filled cells have the structure of a NIR."""
        cells = self if self.typed is None else self._long_numbers()
        if cells is not None:
            counts = np.bincount(cells.indices[cells.indices >= 0], minlength=len(cells.words))
            refuse_nir_words(header, cells.words, counts, file)

    def _long_numbers(self) -> Cells | None:
        kind = self.typed.type if self.typed is not None else pa.null()
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            return None
        largest = pc.max(self.typed).as_py()
        return encode_texts(self.typed) if largest is not None and largest >= _LONG_NUMBER else None


def arrow_column(series: pd.Series[Any]) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """A DataFrame's column as an arrow one, with the flaws of cells that are no cell."""
    if series.dtype != object:
        try:
            array = pa.array(series, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError):
            return texts(series)
        return (array, {}) if isinstance(array, pa.ChunkedArray) else (pa.chunked_array([array]), {})
    return texts(series)


def encode(values: pa.ChunkedArray, flaws: Flaws, *, guarded: bool = False) -> Cells:
    """A raw column ready to be parsed."""
    kind = values.type
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type):
        return _from_dictionary(values, flaws, guarded)
    if _is_text(kind):
        return _from_dictionary(values.dictionary_encode(), flaws, guarded)
    if pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return encode(values.cast(pa.large_string()), flaws, guarded=guarded)
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
    ):
        return Cells(pa.array([], pa.string()), np.empty(0, np.int64), flaws, guarded, values)
    return encode_texts(values)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _from_dictionary(values: pa.ChunkedArray, flaws: Flaws, guarded: bool) -> Cells:
    whole = values.unify_dictionaries()
    chunks = [np.asarray(pc.fill_null(chunk.indices, -1)) for chunk in whole.chunks]
    indices = np.concatenate([np.empty(0, np.int32), *chunks])
    words = whole.chunk(0).dictionary if whole.num_chunks else pa.array([], pa.string())
    return Cells(words, indices, flaws, guarded)


def encode_texts(values: pa.ChunkedArray) -> Cells:
    """A column of any arrow type through the text of each value, once per distinct value where arrow can tell."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return encode_texts(values.cast(kind.value_type))
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return encode(_without_zone(values).cast(pa.string()), {})
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        whole = values.dictionary_encode().unify_dictionaries()
        words, wrong = texts(whole.chunk(0).dictionary.to_pylist() if whole.num_chunks else [])
        parts = [np.asarray(pc.fill_null(chunk.indices, -1)) for chunk in whole.chunks]
        indices = np.concatenate([np.empty(0, np.int32), *parts])
        rows = np.flatnonzero(np.isin(indices, list(wrong)))
        return Cells(words.combine_chunks(), indices, {int(row): wrong[int(indices[row])] for row in rows})
    column, flaws = texts(_python_values(values))
    return encode(column, flaws)


def _python_values(values: pa.ChunkedArray) -> list[Any]:
    try:
        return list(values.to_pylist())
    except (ValueError, OverflowError, KeyError, pa.ArrowException):  # a duration or time that Python cannot hold
        return [{} if value.is_valid else None for value in values]


def parse_column(column: Column, cells: Cells) -> tuple[Any, dict[int, str]]:
    """A raw column → (canonical values, row index → message)."""
    if cells.typed is not None:
        known = _typed(column, cells.typed)
        if known is not None:
            return known
        cells = encode_texts(cells.typed)
    parsed, messages = _parse_words(column, cells)
    result = assemble(column.kind, parsed, cells.indices)
    problems = dict(cells.flaws)
    if messages:
        bad = np.flatnonzero(np.isin(cells.indices, list(messages)))
        problems = {int(row): messages[int(cells.indices[row])] for row in bad} | problems
    return result, problems


def _parse_words(column: Column, cells: Cells) -> tuple[Any, dict[int, str]]:
    """The value of each distinct text (None unknown), and the messages of those that cannot be read."""
    parse = parser(column)
    ready = already_canonical(column, cells.words, guarded=cells.guarded)
    left = range(len(cells.words)) if ready is None else np.flatnonzero(~ready).tolist()
    parsed: dict[int, Any] = {}
    messages: dict[int, str] = {}
    for i, text in zip(left, cells.words.take(pa.array(left, pa.int64())).to_pylist(), strict=True):
        value = None
        if text:
            word = clean(text, guarded=cells.guarded)
            if len(word) > MAX_CELL:
                messages[i] = _("cellule de plus de {limit} caractères ; la raccourcir").format(limit=MAX_CELL)
            elif word:
                try:
                    value = parse(word)
                except BadCell as error:
                    messages[i] = str(error)
        parsed[i] = None if value == "" else value
    if ready is None:
        return list(parsed.values()), messages
    if not parsed:
        return cells.words, messages
    changed = pa.array(list(parsed.values()), cells.words.type)
    return pc.replace_with_mask(cells.words, pa.array(~ready), changed), messages


def clean(text: str, *, guarded: bool) -> str:
    """A cell's text without the blanks around it, a spreadsheet's guard or carriage returns."""
    if guarded and text[:1] == "'" and _GUARD.match(text):
        text = text[1:]
    word = text.strip()
    return word.replace("\r\n", "\n").replace("\r", "\n") if "\r" in word else word


def _spread(words: Any, indices: Array) -> Any:
    """Distinct texts laid over the rows (-1 unknown) as pandas `str`."""
    places = pa.array(indices, mask=indices < 0)
    array = pa.array(words, pa.large_string()) if isinstance(words, list) else words.cast(pa.large_string())
    chunks = pa.chunked_array([array.take(places)])
    return pd.StringDtype(na_value=np.nan).__from_arrow__(chunks)  # type: ignore[attr-defined]  # not in the stubs


def assemble(kind: Kind, parsed: Any, indices: Array) -> Any:
    """The distinct values spread over the rows (-1 is unknown), in the dtype of a column of that kind."""
    if kind in _TEXT_KINDS:
        return _spread(parsed, indices)
    if kind is Kind.DATE:
        return np.array([*parsed, None], dtype="datetime64[s]")[indices]
    if kind is Kind.TRI:
        known = np.array([*[value is not None for value in parsed], False])[indices]
        truth = np.array([*[bool(value) for value in parsed], False])[indices]
        return pd.arrays.BooleanArray(truth, ~known)
    return np.array([*[np.nan if value is None else value for value in parsed], np.nan], np.float64)[indices]


def _typed(column: Column, values: pa.ChunkedArray) -> tuple[Any, dict[int, str]] | None:
    """The fast path for columns that a typed file already gives right; None when the text path must decide."""
    kind = values.type
    if column.kind is Kind.DATE and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return _days(column, values)
    if column.kind is Kind.TRI and pa.types.is_boolean(kind):
        truth = np.array(pc.fill_null(values, False), bool)
        return pd.arrays.BooleanArray(truth, np.array(pc.is_null(values), bool)), {}
    if column.kind in _NUMBER_KINDS and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return _numbers(column, np.array(pc.fill_null(values.cast(pa.float64(), safe=False), np.nan)))
    return None


def _days(column: Column, values: pa.ChunkedArray) -> tuple[Any, dict[int, str]]:
    """Calendar days, in the time zone of the file where it names one."""
    days = _without_zone(values).to_numpy().astype("datetime64[D]")
    odd = ~np.isnat(days) & ((days < _FIRST_DAY) | (days > _LAST_DAY))
    if "none" in column.special:
        odd &= days != NEVER
    problems = dict.fromkeys(np.flatnonzero(odd).tolist(), bad_year()) if odd.any() else {}
    days[odd] = np.datetime64("NaT")
    return days.astype("datetime64[s]"), problems


def _without_zone(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as the clocks of their own zone show them; in UTC when this machine does not know the zone."""
    if not pa.types.is_timestamp(values.type) or values.type.tz is None:
        return values
    try:
        return pc.local_timestamp(values)
    except pa.ArrowException:
        return values.cast(pa.timestamp(values.type.unit))


def _numbers(column: Column, numbers: Array) -> tuple[Any, dict[int, str]]:
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    whole = column.kind in (Kind.INTEGER, Kind.LEVEL)
    odd = (numbers < low) | (numbers > high) | np.isinf(numbers) | (whole & (numbers != np.floor(numbers)))
    odd &= ~np.isnan(numbers)
    return numbers, {int(row): _message(column, float(numbers[row])) for row in np.flatnonzero(odd)}


def _message(column: Column, number: float) -> str:
    try:
        parser(column)(text_of(number) or "")
    except BadCell as error:
        return str(error)
    return ""
