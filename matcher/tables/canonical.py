"""Which texts are already what reading them would give: a file that this project wrote is read without parsing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matcher.schema import Column, Kind
from matcher.tables.cells import EMPTY_LIST, ITEM_PARSERS, MAX_CELL, BadCell, item_reader
from matcher.tables.items import cut

Bools = np.ndarray[Any, np.dtype[np.bool_]]

_PLAIN = (Kind.TEXT, Kind.CODE)


def already_canonical(column: Column, texts: pa.Array, *, guarded: bool) -> Bools | None:
    """For each distinct text whether it surely is its own canonical value; None for kinds that are not text.

    False only means "not sure": such a text is parsed.
    """
    if column.kind not in _PLAIN and column.kind not in ITEM_PARSERS:
        return None
    sure = _clean(texts, guarded)
    if column.kind in _PLAIN:
        return sure & _coded(column, texts) if column.width else sure
    return sure & _listed(column, texts)


def _clean(texts: pa.Array, guarded: bool) -> Bools:
    """Without blanks around, carriage returns, a spreadsheet's guard, or more than a cell may hold."""
    length = pc.binary_length(texts)
    sure = pc.and_(pc.greater(length, 0), pc.less_equal(length, MAX_CELL))
    sure = pc.and_(sure, pc.equal(pc.utf8_trim_whitespace(texts), texts))
    sure = pc.and_not(sure, pc.match_substring(texts, "\r"))
    # Python's blanks are more than Arrow's: the ASCII separators 28 to 31.
    sure = pc.and_not(sure, pc.match_substring_regex(texts, r"^[\x1c-\x1f]|[\x1c-\x1f]$"))
    if guarded:
        sure = pc.and_not(sure, pc.starts_with(texts, "'"))
    return np.asarray(pc.fill_null(sure, False))


def _coded(column: Column, texts: pa.Array) -> Bools:
    """As long as the code should be, and no number that a program gave decimals."""
    exact = pc.equal(pc.utf8_length(texts), column.width)
    return np.asarray(pc.fill_null(pc.and_not(exact, pc.ends_with(texts, ".0")), False))


def _listed(column: Column, texts: pa.Array) -> Bools:
    """The word for an empty list, or items that are all canonical, each once."""
    cells = cut(texts)
    read = item_reader(column)

    def same(item: str) -> bool:
        try:
            return bool(item) and item.strip() == item and read(item) == item
        except BadCell:
            return False

    good = np.fromiter((same(item) for item in cells.words), bool, len(cells.words))
    sure: Bools = cells.whole(good) | np.asarray(pc.fill_null(pc.equal(texts, EMPTY_LIST), False))
    return sure
