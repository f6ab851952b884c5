"""What the report must be told beside the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from matcher.tables import Import


@dataclass(frozen=True)
class FileSummary:
    """One file that came in: its name, what it holds in words (« personnes »), and its rows."""

    file: str
    kind: str
    read: int
    usable: int
    rejected: int
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Import, kind: str) -> FileSummary:
        """The summary of an import."""
        usable, rejected = len(found.table), len(found.rejected)
        return cls(Path(found.file).name, kind, usable + rejected, usable, rejected, tuple(found.warnings))


@dataclass(frozen=True)
class ReportContext:
    """Files, award notices, rejected rows, and what else a reader may want to know of the run.

    `awards` has the columns of awards.csv; `rejected` those of rejected.csv (all files together); `versions` and
    `options` are shown as they come, after those of the run itself. Keys and values are words for the reader.
    """

    imports: tuple[FileSummary, ...] = ()
    awards: pd.DataFrame | None = None
    rejected: pd.DataFrame | None = None
    versions: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
