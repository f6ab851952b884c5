"""One model per table, generated from its column specification: the documented shape of a row.

The models describe; they do not judge. Rows are read by `matcher.tables`, as those of a file, so that a bad row is
set aside with the words of the command instead of refusing the whole request.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from matcher.schema import CANDIDATES, POSITIONS, Column, Kind, TableSpec
from service.hours.table import HOURS

_LISTS = (Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST)
_NUMBERS = (Kind.NUMBER, Kind.RATE, Kind.INTEGER)
_EXAMPLES = {Kind.DATED_LIST: "SST@2027-03-01", Kind.WEIGHTED_LIST: "F1703:18"}


def _type(column: Column) -> Any:
    if column.kind in _LISTS:
        return list[str] | str
    if column.kind is Kind.TRI:
        return bool | str
    if column.kind in _NUMBERS:
        return float | str
    if column.kind is Kind.LEVEL:
        return int | str
    return str


def _about(column: Column) -> str:
    about = column.about
    if column.kind in _LISTS:
        about += " ; liste JSON, ou texte séparé par | ; [] ou none = liste vide connue, null = inconnu"
        if column.kind in _EXAMPLES:
            about += f" ; élément : {_EXAMPLES[column.kind]}"
    elif column.kind is Kind.TRI:
        about += " ; true, false, ou null si ce n'est pas connu (yes/no, oui/non aussi)"
    elif column.kind is Kind.DATE:
        about += " ; AAAA-MM-JJ ou JJ/MM/AAAA" + "".join(f", ou {word}" for word in column.special)
    if column.words:
        known = ", ".join(dict.fromkeys(map(str, column.words.values())))
        about += f" ; {'mots admis' if column.closed else 'mots connus'} : {known}"
    if column.low is not None and column.high is not None:
        about += f" ; de {column.low:g} à {column.high:g}"
    return about


def row_model(spec: TableSpec, name: str) -> type[BaseModel]:
    """A model with every column of `spec`, optional but for the required ones; other columns are allowed."""
    fields: dict[str, Any] = {
        column.name: (_type(column), Field(description=_about(column)))
        if column.required
        else (_type(column) | None, Field(None, description=_about(column)))
        for column in spec.columns
    }
    return create_model(name, __config__=ConfigDict(extra="allow", title=name), **fields)


@lru_cache(maxsize=1)
def input_rows() -> dict[str, type[BaseModel]]:
    """Name in OpenAPI → model of a row."""
    return {
        "CandidateRow": row_model(CANDIDATES, "CandidateRow"),
        "PositionRow": row_model(POSITIONS, "PositionRow"),
        "HoursRow": row_model(HOURS, "HoursRow"),
    }
