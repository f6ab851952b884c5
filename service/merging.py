"""Rows received laid over the rows stored: what each row creates, changes or leaves as it is.

A row replaces what is stored for the columns it names, `null` included; a column it does not name stays as it was.
A row that says what is already known changes nothing, not even a version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from matcher.locale import _
from matcher.schema import TableSpec
from matcher.tables import Import
from matcher.tables.cells import BadCell, text_of
from matcher.tables.consistency import contradictions
from matcher.tables.nir import looks_like_nir
from matcher.tables.reading import match_headers
from service.facts import differing_columns, laid_over
from service.problems import Problem
from service.settings import Settings
from service.work import read_rows, usable

Array = np.ndarray[Any, np.dtype[Any]]
Result = Literal["created", "updated", "unchanged", "error"]
Problems = Mapping[int, tuple[str, str]]  # place in the table → column, message
Check = Callable[[pd.DataFrame], Problems]

LONGEST_ID = 200


class UpsertQuery(BaseModel):
    """Les paramètres d'un envoi."""

    model_config = ConfigDict(extra="forbid")

    dry_run: Annotated[bool, Field(description="true : dire ce qui changerait, sans rien enregistrer.")] = False


@dataclass(frozen=True)
class Received:
    """The rows of a request: as read, which columns each usable row names, and each row's identifier as written."""

    spec: TableSpec
    found: Import
    given: Mapping[str, Array]
    names: Mapping[int, str]

    @property
    def ids(self) -> list[str]:
        """The identifiers of the usable rows, those that cannot name a row too."""
        return [str(name) for name in self.found.table[self.spec.key]]


def received(spec: TableSpec, records: Sequence[Any], settings: Settings, today: date) -> Received:
    """Read the rows of a request, as those of a file. Raises Problem without a usable row, ClausematchError."""
    found = read_rows(spec, list(records), settings, today)
    usable(found)
    headers = tuple(dict.fromkeys(str(key) for record in records if isinstance(record, dict) for key in record))
    columns = _columns(spec, headers)
    key = next((header for header, name in columns.items() if name == spec.key), None)
    names = {
        row: shown
        for row, record in enumerate(records, 1)
        if isinstance(record, dict) and (shown := _shown_id(record.get(key)))
    }
    return Received(spec, found, _given(spec, [records[row - 1] for row in found.rows], columns), names)


def one_row(spec: TableSpec, name: str, facts: Mapping[str, Any], settings: Settings, today: date) -> Received:
    """Some columns of the row that `name` names, to be changed. Raises Problem for the first thing that is wrong."""
    chosen, _aside, remarks = match_headers(spec, tuple(facts))
    if remarks:
        raise _refusal("", remarks[0])
    if spec.key in chosen:
        raise _refusal(spec.key, _("un identifiant ne se change pas ; l'enlever d'ici"))
    record = {spec.key: name, **facts}
    found = read_rows(spec, [record], settings, today)
    for column, text in found.rejected[["column", "message"]].itertuples(index=False):
        raise _refusal(column, text)
    given = _given(spec, [record], {spec.key: spec.key, **_columns(spec, tuple(facts))})
    return Received(spec, found, given, {1: name})


def refuse_errors(merged: Merged) -> None:
    """Raise Problem for the first thing wrong in a single row."""
    for column, text in merged.problems.values():
        raise _refusal(column, text)


def _refusal(column: str, text: str) -> Problem:
    pointer = f"/facts/{column}" if column else "/facts"
    return Problem("usage", f"{column} : {text}" if column else text, [{"pointer": pointer, "detail": text}])


def _columns(spec: TableSpec, headers: tuple[str, ...]) -> dict[str, str]:
    """Header → the column it is read as."""
    return {headers[place]: name for name, place in match_headers(spec, headers)[0].items()}


def _shown_id(value: Any) -> str:
    try:
        text = (text_of(value) or "").strip()[:LONGEST_ID]
    except BadCell:
        return ""
    return "" if looks_like_nir(text) else text


def _given(spec: TableSpec, records: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> dict[str, Array]:
    """Column → True for the rows that name it."""
    shapes: dict[tuple[str, ...], int] = {}
    codes = np.array([shapes.setdefault(tuple(record), len(shapes)) for record in records], np.int64)
    known = [frozenset(columns[key] for key in shape if key in columns) for shape in shapes]
    return {name: np.array([name in names for names in known], bool)[codes] for name in spec.names}


@dataclass(frozen=True)
class Merged:
    """Every usable row once laid over what is stored. `results` has one of `Result` per row of `table`."""

    received: Received
    table: pd.DataFrame
    results: Array
    problems: Problems
    changed: Mapping[int, list[str]]  # place in the table → the columns that change, for rows already there

    def places(self, result: Result) -> Array:
        """Where the rows of that result stand in the table."""
        return np.flatnonzero(self.results == result)

    def report(self) -> list[dict[str, Any]]:
        """One object per row received, in order."""
        found, names, key = self.received.found, self.received.names, self.received.spec.key
        lines = [
            {
                "row": int(row),
                key: names.get(int(row)),
                "result": "error",
                "column": column or None,
                "message": text,
                "changed": [],
            }
            for row, column, text in found.rejected[["row", "column", "message"]].itertuples(index=False)
        ]
        for place, (row, result) in enumerate(zip(found.rows.tolist(), self.results.tolist(), strict=True)):
            column, message = self.problems.get(place, (None, None))
            lines.append(
                {
                    "row": row,
                    key: names.get(row),
                    "result": result,
                    "column": column,
                    "message": message,
                    "changed": self.changed.get(place, []) if result == "updated" else [],
                },
            )
        return sorted(lines, key=lambda line: int(line["row"]))

    @property
    def warnings(self) -> list[str]:
        """What there is to tell of the rows received, and of what they make of the rows stored."""
        found = self.received.found
        told = (f"{found.file} : {text}" for text in contradictions(self.received.spec, self.table, found.rows))
        return list(dict.fromkeys([*found.warnings, *told]))

    def answer(self, *, dry_run: bool) -> dict[str, Any]:
        """The counts and the report, as every upsert answers."""
        kinds, counts = np.unique(self.results, return_counts=True)
        count = dict(zip(kinds.tolist(), counts.tolist(), strict=True))
        return {
            "created": count.get("created", 0),
            "updated": count.get("updated", 0),
            "unchanged": count.get("unchanged", 0),
            "rejected": count.get("error", 0) + len(self.received.found.rejected),
            "dry_run": dry_run,
            "report": self.report(),
            "warnings": self.warnings,
        }


def merge(one: Received, stored: pd.DataFrame, known: Array, check: Check) -> Merged:
    """Lay the rows over `stored` (the same rows; unknown where `known` is False), then check what came of it."""
    new = one.found.table
    table = laid_over(new, stored, one.given) if known.any() else new
    problems = {**check(table), **_bad_ids(one.ids, one.spec.key)}
    results = np.where(known, "updated", "created").astype(object)
    changed = differing_columns(table, stored, known) if known.any() else {}
    results[[place for place in np.flatnonzero(known).tolist() if place not in changed]] = "unchanged"
    results[list(problems)] = "error"
    return Merged(one, table, results, problems, changed)


def can_name(text: str) -> bool:
    """True for what may identify a row: short enough for an address, and without characters that nobody sees."""
    return len(text) <= LONGEST_ID and text.isprintable()


def _bad_ids(ids: Sequence[str], key: str) -> dict[int, tuple[str, str]]:
    message = _("identifiant de plus de {longest} caractères, ou avec des caractères invisibles ; le changer").format(
        longest=LONGEST_ID
    )
    return {place: (key, message) for place, name in enumerate(ids) if not can_name(name)}


def aligned(stored: pd.DataFrame, places: Array) -> pd.DataFrame:
    """The rows of `stored` at `places`, unknown everywhere where the place is -1."""
    if np.array_equal(places, np.arange(len(stored))):
        return stored
    return stored.reindex(places).reset_index(drop=True)
