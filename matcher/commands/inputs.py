"""Files and dates as commands take them, and the rejected rows they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from matcher.errors import ClausematchError, UsageError
from matcher.locale import _
from matcher.schema import CANDIDATES, POSITIONS, TableSpec
from matcher.tables import Import, read_table, rejected_table, write_table
from matcher.tables.cells import BadCell, parse_date
from matcher.tables.writing import writer_of
from matcher.usable_rules import with_usable_rules

REJECTED = "rejected.csv"


def today() -> date:
    """The calendar's day, for the commands alone: no stage reads the clock."""
    return date.today()  # noqa: DTZ011 - the user's own calendar day


def day(text: str | None) -> date:
    """`--on`, today by default. Raises UsageError."""
    if text is None:
        return today()
    try:
        return parse_date(text.strip())
    except BadCell as error:
        raise UsageError(_("--on : {reason}.").format(reason=error), _("Écrire par exemple 2026-03-31.")) from None


def names(text: str | None, separators: str = ",") -> tuple[str, ...]:
    """A list given in one option."""
    if not text:
        return ()
    for separator in separators[1:]:
        text = text.replace(separator, separators[0])
    return tuple(part.strip() for part in text.split(separators[0]) if part.strip())


def read_people(path: Path) -> Import:
    """The candidates file of a command."""
    return read_table(CANDIDATES, path, today=today())


def read_jobs(path: Path, rules: str | None = None) -> Import:
    """The positions file of a command; rows whose rules cannot be applied are rejected (`rules`: the run's own).

    Raises UsageError when `rules` cannot be applied.
    """
    return with_usable_rules(read_table(POSITIONS, path, today=today()), rules)


def read_any(spec: TableSpec, path: Path) -> Import:
    """Another table of the contract."""
    return read_table(spec, path, today=today())


def all_rejected(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rejected rows of several files as one table."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else rejected_table([])


def usable(imports: Sequence[Import], folder: Path | None, *, strict: bool) -> None:
    """Check that every file gave something to work on; when one did not, `rejected.csv` is written all the same (no
    `folder`: nowhere).

    Raises StrictRejection, NothingUsable.
    """
    try:
        for one in imports:
            one.usable(strict=strict)
    except ClausematchError:
        if folder is not None:
            write_table(all_rejected(one.rejected for one in imports), folder / REJECTED)
        raise


def result_file(path: Path) -> Path:
    """The name asked for a result, checked before the work. Raises UsageError."""
    writer_of(path)
    if path.name.casefold() == REJECTED:
        raise UsageError(
            _("{file} est le nom du fichier des lignes rejetées, écrit à côté du résultat.").format(file=path.name),
            _("Donner un autre nom au résultat."),
        )
    return path


def beside(path: Path) -> Path:
    """Where `rejected.csv` stands for an output file."""
    return path.parent / REJECTED
