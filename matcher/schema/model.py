"""What a column specification is: type, role, aliases, words, bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from matcher.vocabulary import fold


class Kind(StrEnum):
    """How a cell is read; `matcher.cells` has one parser for each."""

    TEXT = "text"
    CODE = "code"
    CHOICE = "choice"
    DATE = "date"
    TRI = "three-valued"
    NUMBER = "number"
    RATE = "rate"
    INTEGER = "integer"
    LEVEL = "level"
    LIST = "list"
    DATED_LIST = "dated list"
    WEIGHTED_LIST = "weighted list"


class Sensitive(StrEnum):
    """Why a cell's value is never repeated in a report of errors."""

    IDENTITY = "identity"
    HEALTH = "health"
    JUSTICE = "justice"


@dataclass(frozen=True)
class Column:
    """One column. `roles` is a subset of I, E, M, S; `words` maps folded words to codes."""

    name: str
    kind: Kind
    roles: str
    about: str
    aliases: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None
    closed: bool = False
    required: bool = False
    low: float | None = None
    high: float | None = None
    special: tuple[str, ...] = ()
    width: int = 0
    private: Sensitive | None = None

    @property
    def sensitive(self) -> bool:
        """True when a rejected value must not be repeated."""
        return self.private is not None or "I" in self.roles


@dataclass(frozen=True)
class TableSpec:
    """A table's columns in the order they are written, and the column that names a row."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: str
    unique: bool = True

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {col.name: col for col in self.columns}

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Folded header → column name, aliases included."""
        table: dict[str, str] = {}
        for col in self.columns:
            for header in (col.name, *col.aliases):
                if table.setdefault(fold(header), col.name) != col.name:
                    raise ValueError(f"{self.name}: header {header!r} names two columns")
        return table

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(col.name for col in self.columns)

    def with_role(self, role: str) -> tuple[str, ...]:
        """Names of the columns that carry `role` (one letter)."""
        return tuple(col.name for col in self.columns if role in col.roles)


def column(
    name: str,
    kind: Kind,
    roles: str,
    about: str,
    aliases: str = "",
    *,
    words: Mapping[str, str] | None = None,
    closed: bool = False,
    required: bool = False,
    low: float | None = None,
    high: float | None = None,
    special: tuple[str, ...] = (),
    width: int = 0,
    private: Sensitive | None = None,
) -> Column:
    names = tuple(alias.strip() for alias in aliases.split("|") if alias.strip())
    return Column(name, kind, roles, about, names, words, closed, required, low, high, special, width, private)
