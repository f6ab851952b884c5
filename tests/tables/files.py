"""Small helpers of these tests: write a file, read it, look at one cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.schema import CANDIDATES, TableSpec
from matcher.tables import Import, read_table

TODAY = date(2026, 11, 1)


def read(folder: Path, content: bytes | str, name: str = "personnes.csv", spec: TableSpec = CANDIDATES) -> Import:
    """What reading a file of this content and name gives."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(spec, path, today=TODAY)


def cell(found: Import, column: str, row: int = 0) -> Any:
    """One cell of the usable rows; None when unknown."""
    value = found.table[column].iloc[row]
    return None if pd.isna(value) else value


def rejected(found: Import) -> list[tuple[int, str, str, str]]:
    """The rejected rows as (row, column, value, message)."""
    rows = found.rejected[["row", "column", "value", "message"]].itertuples(index=False, name=None)
    return [(int(row), column, value, message) for row, column, value, message in rows]


def one_cell(folder: Path, column: str, text: str) -> Import:
    """A file of one person with one more cell, quoted."""
    quoted = text.replace('"', '""')
    return read(folder, f'candidate_id;{column}\nP1;"{quoted}"\n')
