"""The library's front door: files and any DataFrame in, decisions and shortlists out.

Here, and in the commands, is where "today" may be read from the clock; no stage below does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from matcher import eligibility
from matcher.awards import positions_from_awards as from_awards
from matcher.engine import DEFAULT_TOP, Engine, Options
from matcher.errors import UsageError
from matcher.locale import _
from matcher.pipeline import Match, run
from matcher.rules import RulePack
from matcher.schema import CANDIDATES, OUTCOMES, POSITIONS, TableSpec
from matcher.scoring import load_scorecard
from matcher.tables import coerce, read_table
from matcher.tables.cells import BadCell, parse_date
from matcher.usable_rules import with_usable_rules


def _day(on: date | str | None) -> date:
    """A day: a date, its text, or none for today. Raises UsageError."""
    if on is None:
        return date.today()  # noqa: DTZ011 - the user's own calendar day
    if isinstance(on, str):
        try:
            return parse_date(on.strip())
        except BadCell as error:
            raise UsageError(_("on : {reason}.").format(reason=error), _("Écrire par exemple 2026-03-31.")) from None
    return pd.Timestamp(on).date()  # a moment, of whatever kind, stands for its day


def _read(spec: TableSpec, path: str | Path, today: date | None) -> pd.DataFrame:
    found = read_table(spec, Path(path), today=_day(today))
    table = found.usable().table
    table.attrs["rejected"] = found.rejected.to_dict("records")
    table.attrs["warnings"] = list(found.warnings)
    return table


def read_candidates(path: str | Path, *, today: date | None = None) -> pd.DataFrame:
    """People from a CSV, XLSX, JSON or Parquet file, canonical; rejected rows and remarks are in `.attrs`.

    Raises UnreadableFile, NirRefused, NothingUsable. `today` (default: the calendar's) refuses later birth dates.
    """
    return _read(CANDIDATES, path, today)


def read_positions(path: str | Path, *, today: date | None = None) -> pd.DataFrame:
    """Positions, in the same way."""
    return _read(POSITIONS, path, today)


def read_outcomes(path: str | Path, *, today: date | None = None) -> pd.DataFrame:
    """What followed proposals, in the same way."""
    return _read(OUTCOMES, path, today)


def _names(columns: str | Iterable[str]) -> tuple[str, ...]:
    given = columns.split(",") if isinstance(columns, str) else columns
    return tuple(name.strip() for name in given if name.strip())


def decide(
    candidates: pd.DataFrame,
    rules: str | Path | RulePack | None = None,
    *,
    on: date | str | None = None,
    mode: str | None = None,
    categories: Iterable[str] | None = None,
    assume_no: str | Iterable[str] = (),
    require_proof: bool = False,
) -> pd.DataFrame:
    """One eligibility decision per person, in the contract's columns; `candidates` may hold raw text.

    `on` is a date or its text, today by default. Raises UsageError for unknown rules, mode, categories or columns;
    NirRefused.
    """
    table = coerce(CANDIDATES, candidates).table
    return eligibility.decide(
        table,
        rules,
        on=_day(on),
        mode=mode,
        categories=categories,
        assume_no=_names(assume_no),
        require_proof=require_proof,
    )


def positions_from_awards(awards: pd.DataFrame, *, on: date | str | None = None, **options: Any) -> pd.DataFrame:
    """`matcher.awards.positions_from_awards`, whose options and errors these are; `on` as for `decide`."""
    return from_awards(awards, on=_day(on), **options)


class Matcher:
    """The library's front door: options once, then `match` on tables. Columns are named in a list, or in one text
    with commas."""

    def __init__(
        self,
        *,
        rules: str | None = None,
        scorecard: str | Path | None = None,
        max_per_candidate: int | None = None,
        complete: str | Sequence[str] = (),
        assume_no: str | Sequence[str] = (),
        require_proof: bool = False,
        floor: str | None = None,
    ) -> None:
        self._rules = rules
        self._card = load_scorecard(None if scorecard is None else Path(scorecard))
        self._limit = max_per_candidate
        self._complete, self._assume_no = _names(complete), _names(assume_no)
        self._require_proof = require_proof
        self._floor = floor

    def match(
        self,
        candidates: pd.DataFrame,
        positions: pd.DataFrame,
        *,
        on: date | str | None = None,
        top: int = DEFAULT_TOP,
    ) -> Match:
        """Shortlists of `positions` among `candidates` (canonical, or any tables with the contract's columns).

        `on` is a date or its text, today by default. Rows that cannot be read are left out, as `read_candidates` and
        `read_positions` would. Raises UsageError, NirRefused, UnreadableFile.
        """
        options = Options(
            _day(on),
            top,
            self._rules,
            self._limit,
            self._complete,
            self._assume_no,
            self._require_proof,
            self._floor,
        )
        people = coerce(CANDIDATES, candidates).table
        jobs = with_usable_rules(coerce(POSITIONS, positions), self._rules).table
        return run(Engine(people, jobs, options, self._card))
