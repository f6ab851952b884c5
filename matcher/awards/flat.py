"""Flat tables of notices (one line per award, holder or modification), as data.gouv.fr publishes them → notices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matcher.awards.decp import Notice, given
from matcher.tables.formats import Raw
from matcher.vocabulary import DECP_SOCIAL, fold

# Folded headers, in order of preference, for each thing a notice says.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "idmarche"),
    "buyer": ("acheteurid", "idacheteur", "autoriteconcedanteid"),
    "object": ("objet",),
    "cpv": ("codecpv",),
    "amount": ("montantmodification", "montant", "valeurglobale"),
    "notified_on": ("datenotification", "datedebutexecution", "datesignature"),
    "duration": ("dureemoismodification", "dureemois"),
    "place_code": ("lieuexecutioncode",),
    "place_kind": ("lieuexecutiontypecode",),
    "nature": ("nature",),
    "buyer_department": ("acheteurdepartementcode",),
}
_SOCIAL = ("considerationssociales", "considerationsocialeexecution")
_TECHNIQUES = ("techniques", "modalitesexecution")
_HOLDER = re.compile(r"titulaire(s)?id\d*")
_NAME = re.compile(r"titulaire(s)?(nom|denominationsociale)\d*")
_MODIFIED = ("montantmodification", "dureemoismodification", "idmodification")


def is_flat_decp(headers: Sequence[str]) -> bool:
    """True when the headers are those of the DECP rather than of our awards table."""
    known = {fold(header) for header in headers}
    return "awardid" not in known and "id" in known and not known.isdisjoint(_COLUMNS["buyer"])


def flat_notices(raw: Raw) -> Iterator[Notice]:
    """One notice per line of a flat DECP table; `row` is the line's number, the header being row 1."""
    folded = [fold(header) for header in raw.headers]
    cells = [[None if value is None else str(value) for value in column.to_pylist()] for column in raw.columns]
    for place, row in enumerate(raw.rows.tolist()):
        line = {name: given(column[place]) for name, column in zip(folded, cells, strict=True)}
        yield _notice(line, int(row))


def _notice(line: Mapping[str, str | None], row: int) -> Notice:
    values: dict[str, Any] = {
        name: next((line[header] for header in headers if line.get(header) is not None), None)
        for name, headers in _COLUMNS.items()
    }
    department = values.pop("buyer_department")
    if values["place_code"] is None and department is not None:
        values.update(place_code=department, place_kind="departement", place_of_buyer=True)
    return Notice(
        row=row,
        source="decp-plat",
        values=values,
        contractors=_all(line, _HOLDER),
        names=_all(line, _NAME),
        social=_social(line),
        techniques=tuple(word for name in _TECHNIQUES for word in _items(line.get(name))),
        modified=any(line.get(name) is not None for name in _MODIFIED),
    )


def _all(line: Mapping[str, str | None], wanted: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name, value in line.items() if value and wanted.fullmatch(name)))


def _items(cell: str | None) -> tuple[str, ...]:
    """`['Bons de commande', 'Tranches']`, `a|b` or `a` → its items."""
    if not cell:
        return ()
    inner = cell.strip("[]() ")
    quoted = re.findall(r"'([^']+)'|\"([^\"]+)\"", inner)
    items = [one or other for one, other in quoted] or re.split(r"[|;]", inner)
    return tuple(item.strip() for item in items if item.strip())


def _social(line: Mapping[str, str | None]) -> tuple[str, ...] | None:
    """The decree's words in the social field, however they are joined; None when there is no such column."""
    columns = [name for name in _SOCIAL if name in line]
    if not columns:
        return None
    text = next((line[name] for name in columns if line[name]), None)
    if text is None:
        return None
    found = [word for word in DECP_SOCIAL if fold(word) in fold(text)]
    return tuple(found) or _items(text)
