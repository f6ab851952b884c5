"""A file that was sent: its table as text, and which of our columns each of its own is taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from rapidfuzz import fuzz
from sqlalchemy import Connection, delete, insert, select

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.schema import CANDIDATES, POSITIONS, TableSpec
from matcher.tables.columns import clean
from matcher.tables.formats import parse_raw
from matcher.tables.nir import refuse_nir_header, refuse_nir_values
from matcher.tables.raw import Raw
from matcher.tables.reading import match_headers
from matcher.vocabulary import fold
from service.hours.table import HOURS
from service.pages.forms import Upload
from service.settings import Settings
from service.store import tables as t

SPECS: Mapping[str, TableSpec] = {"candidates": CANDIDATES, "positions": POSITIONS, "hours": HOURS}
ALIKE = 88.0  # of 100: under this a header is taken for nothing
LONGEST_HEADER = 200


@dataclass(frozen=True)
class Sheet:
    """A table as text, None where a cell is empty; `numbers` are the file's own row numbers."""

    name: str
    headers: tuple[str, ...]
    rows: list[list[str | None]]
    numbers: list[int]
    bad: list[tuple[int, str]]
    remarks: list[str]


def read_sheet(file: Upload, settings: Settings) -> Sheet:
    """The table of a file. Raises UnreadableFile for what is no table of ours, NirRefused."""
    name = file.name.replace("\\", "/").rpartition("/")[2][:100] or _("fichier")
    if file.content[:4] == b"PAR1":
        raise UnreadableFile(
            _("{file} n'est ni un CSV, ni un XLSX, ni un JSON.").format(file=name),
            _("L'exporter dans l'un de ces formats."),
        )
    raw = parse_raw(file.content, name)
    if len(raw.rows) > settings.max_rows:
        raise UnreadableFile(
            _("{file} a plus de {limit} lignes.").format(file=name, limit=settings.max_rows),
            _("Le couper en plusieurs fichiers."),
        )
    if not any(raw.headers):
        raise UnreadableFile(
            _("{file} ne contient aucune fiche.").format(file=name), _("Vérifier que c'est le bon fichier.")
        )
    for header, values in zip(raw.headers, raw.columns, strict=True):
        refuse_nir_header(header, name)
        refuse_nir_values(header, values.cast(pa.string()), name)
    return _sheet(raw, name)


def _sheet(raw: Raw, name: str) -> Sheet:
    columns = [
        [clean(text, guarded=raw.guarded) or None if text else None for text in column.to_pylist()]
        for column in raw.columns
    ]
    rows = [list(row) for row in zip(*columns, strict=True)]
    filled = [i for i, row in enumerate(rows) if any(cell is not None for cell in row)]
    return Sheet(
        name,
        tuple(header[:LONGEST_HEADER] for header in raw.headers),
        [rows[i] for i in filled],
        [int(raw.rows[i]) for i in filled],
        [(error.row, error.message) for error in raw.bad],
        list(raw.warnings),
    )


@dataclass(frozen=True)
class Match:
    """What a header is taken for (empty: set aside) and how that was found: `name`, `kept`, `alike`, `none`."""

    header: str
    column: str
    how: str


def proposed(spec: TableSpec, headers: Sequence[str], kept: Mapping[str, str]) -> list[Match]:
    """One per header: what the organisation said last time, our own names and aliases, then what is written alike.

    No column of health or justice is ever guessed from a likeness.
    """
    exact = {place: name for name, place in match_headers(spec, headers)[0].items()}
    found: list[Match] = []
    for place, header in enumerate(headers):
        before = kept.get(fold(header))
        if before is not None and (before == "" or before in spec.by_name):
            found.append(Match(header, before, "kept"))
        elif place in exact:
            found.append(Match(header, exact[place], "name"))
        else:
            found.append(Match(header, "", "none"))
    found = _once(found)
    taken = {one.column for one in found if one.column}
    for place, one in enumerate(found):
        if one.how == "none" and (name := _alike(spec, one.header, taken)):
            found[place] = Match(one.header, name, "alike")
            taken.add(name)
    return found


def _once(found: Sequence[Match]) -> list[Match]:
    """The same, each column once: what the organisation said wins."""
    said = {one.column for one in found if one.how == "kept"}
    seen: set[str] = set()
    kept = []
    for one in found:
        again = one.column in seen or (one.how == "name" and one.column in said)
        kept.append(Match(one.header, "", "none") if one.column and again else one)
        seen.add(one.column)
    return kept


def _alike(spec: TableSpec, header: str, taken: set[str]) -> str:
    folded = fold(header)
    if len(folded) < 4:
        return ""
    best, score = "", ALIKE
    for known, name in spec.headers.items():
        if name in taken or spec.by_name[name].private is not None:
            continue
        alike = max(fuzz.ratio(folded, known), fuzz.token_sort_ratio(folded, known))
        if alike > score:
            best, score = name, alike
    return best


def chosen_columns(spec: TableSpec, headers: Sequence[str], names: Sequence[str]) -> list[Match]:
    """What somebody chose in the form, in the order of the headers; a column chosen twice keeps its first header."""
    found, seen = [], set()
    for header, name in zip(headers, [*names, *[""] * len(headers)], strict=False):
        good = name in spec.by_name and name not in seen
        found.append(Match(header, name if good else "", "chosen"))
        seen.add(name)
    return found


def remembered(connection: Connection, org_id: str, kind: str) -> dict[str, str]:
    """Folded header → the column this organisation takes it for."""
    h = t.headers.c
    query = select(h.header, h.column).where(h.org_id == org_id, h.kind == kind)
    return {row.header: row.column for row in connection.execute(query)}


def remember(connection: Connection, org_id: str, kind: str, matches: Sequence[Match]) -> None:
    """Keep what differs from what our own names say. A header is no place for data: only short ones are kept."""
    spec = SPECS[kind]
    for one in matches:
        folded = fold(one.header)
        connection.execute(delete(t.headers).filter_by(org_id=org_id, kind=kind, header=folded))
        if folded and len(folded) <= 80 and spec.headers.get(folded, "") != one.column:
            row = {"org_id": org_id, "kind": kind, "header": folded, "column": one.column}
            connection.execute(insert(t.headers).values(row))


def records(
    sheet: Sheet, matches: Sequence[Match], usual: Mapping[str, str], *, empties: bool
) -> list[dict[str, Any]]:
    """The rows as the API takes them. `empties`: an empty cell forgets what was known; else it leaves it. `usual` has
    what a row is about when the file has no column for it."""
    names = [one.column for one in matches]
    usual = {name: value for name, value in usual.items() if name not in names}
    return [
        usual | {name: cell for name, cell in zip(names, row, strict=True) if name and (cell is not None or empties)}
        for row in sheet.rows
    ]
