"""Reading and writing tables."""

from __future__ import annotations

from matcher.tables.reading import Import, coerce, read_records, read_table, rejected_table
from matcher.tables.writing import atomic, json_records, write_table, write_workbook

__all__ = [
    "Import",
    "atomic",
    "coerce",
    "json_records",
    "read_records",
    "read_table",
    "rejected_table",
    "write_table",
    "write_workbook",
]
