"""What is compared and what is looked up: fields, passes, and the plan that joins them, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property


class Level(IntEnum):
    """How two values compare. Unknown weighs nothing, whatever the field."""

    UNKNOWN = 0
    EXACT = 1
    CLOSE = 2
    NEAR = 3
    PARTIAL = 4
    SWAPPED = 5
    DIFFERENT = 6


LEVELS = len(Level)
Clean = Callable[[str], str]


class Kind(IntEnum):
    """How the values of a field are compared; `compare` has one function for each."""

    NAME = 1
    TEXT = 2
    CODE = 3
    DATE = 4
    EMAIL = 5
    PLACE = 6


# Where learning starts, and what it falls back on when a table holds few duplicates: shares of each level among pairs
# of records of one person (EXACT, CLOSE, NEAR, PARTIAL, SWAPPED, DIFFERENT). Judgement, not a measure.
EXPECTED: Mapping[Kind, tuple[float, ...]] = {
    Kind.NAME: (0.80, 0.07, 0.02, 0.04, 0.01, 0.06),
    Kind.TEXT: (0.70, 0.12, 0.06, 0.04, 0.01, 0.07),
    Kind.CODE: (0.82, 0.08, 0.02, 0.0, 0.0, 0.08),
    Kind.DATE: (0.90, 0.04, 0.02, 0.0, 0.02, 0.02),
    Kind.EMAIL: (0.75, 0.06, 0.04, 0.0, 0.0, 0.15),
    Kind.PLACE: (0.75, 0.05, 0.10, 0.0, 0.0, 0.10),
}

# How often two people have the same value where nothing is known of the table; it counts in small tables alone.
USUAL: Mapping[Kind, float] = {
    Kind.NAME: 0.004,
    Kind.TEXT: 0.004,
    Kind.CODE: 0.0005,
    Kind.DATE: 0.0001,
    Kind.EMAIL: 0.00001,
    Kind.PLACE: 0.03,
}


@dataclass(frozen=True)
class Field:
    """One thing compared: the columns it is read from, how it is cleaned, how it is compared.

    `columns` are tried in order and the first filled one is used; for PLACE they are the code of the commune, the
    postal code and the town. `swap` names the field whose value is sometimes written here instead. `rare`: agreeing
    on a rare value weighs more than on a common one. `household`: how often people of one home agree on it (share of
    EXACT), where they do more than others; `weights` tells such people apart from one person entered twice.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    clean: Clean
    kind: Kind
    swap: str | None = None
    rare: bool = True
    household: float | None = None


@dataclass(frozen=True)
class Key:
    """A part of what puts two records in one block: a view (see `keys`) of one field, or of either of several."""

    view: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Pass:
    """Records that agree on every key (one or two) are compared, within `window` neighbours once sorted by `order`.

    A block no larger than the window is compared whole; in a larger one only neighbours meet, so a pass never makes
    more than rows × window pairs. Other passes bring the others together.
    """

    keys: tuple[Key, ...]
    order: tuple[str, ...]
    window: int = 30

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= 2:
            raise ValueError("a pass has one or two keys")


@dataclass(frozen=True)
class Plan:
    """Everything declared about a table: the column that names a row, the fields, the passes."""

    key: str
    fields: tuple[Field, ...]
    passes: tuple[Pass, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column read, the key first."""
        return (self.key, *dict.fromkeys(name for one in self.fields for name in one.columns))
