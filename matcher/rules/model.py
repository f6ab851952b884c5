"""The vocabulary of rule packs: frozen data that the loader builds and the eligibility stage evaluates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

FactKind = Literal["tri", "date", "number", "list", "text"]
Tier = Literal["ordinaire", "statut", "sante_justice"]
TIERS: tuple[Tier, ...] = ("ordinaire", "statut", "sante_justice")


@dataclass(frozen=True)
class Fact:
    """A column that conditions may read. `bit` is its rank of intrusiveness, 0 the least."""

    name: str
    kind: FactKind
    label: str
    tier: Tier
    assume_no: bool
    bit: int


@dataclass(frozen=True)
class Reference:
    """A legal source: which text, which article, of which date, and where to read it when that is sure."""

    id: str
    text: str
    article: str
    dated: date
    url: str = ""


@dataclass(frozen=True)
class Parameter:
    """A number that comes from a text: months, years, a level, how many criteria."""

    name: str
    value: int
    unit: str
    label: str
    reference: str


@dataclass(frozen=True)
class Proof:
    """A document. Good for `months`; else until the date in `until`; else, when both are empty, for ever."""

    code: str
    label: str
    months: int | None = None
    until: str | None = None


@dataclass(frozen=True)
class Atom:
    """One question asked of a person; `kind` names the question (see `loader.ATOMS`).

    `number` is the resolved threshold (months, years, level), `parameter` the name it came from.
    `proofs` are alternatives: any one of these documents proves a true answer.
    """

    kind: str
    fact: str
    number: int = 0
    parameter: str = ""
    items: tuple[str, ...] = ()
    author: str = ""
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Not:
    """The opposite of an atom; unknown stays unknown."""

    child: Atom
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True)
class AllOf:
    """True when every child is."""

    children: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """True when one child is."""

    children: tuple[Condition, ...]


@dataclass(frozen=True)
class Named:
    """A condition that the pack defines once (BOETH) and names in several categories."""

    name: str
    label: str
    child: Condition


Condition = Atom | Not | AllOf | AnyOf | Named


@dataclass(frozen=True)
class Category:
    """A ground for eligibility. `level` matters only to packs that count criteria (0 suffices alone).

    `reminder` is what a partner may still do when the category is not met (a French clause).
    """

    code: str
    label: str
    explanation: str
    reference: str
    condition: Condition
    level: int = 0
    reminder: str = ""


@dataclass(frozen=True)
class Counting:
    """How criteria add up: one of level 0 or 1 suffices, else `required[mode]` of level 2.

    Within a group of `once`, criteria left undecided by one missing fact count once.
    """

    required: tuple[tuple[str, str, int], ...]
    once: tuple[tuple[str, ...], ...] = ()

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that the pack knows, in its order."""
        return tuple(mode for mode, _parameter, _number in self.required)

    def number(self, mode: str) -> int:
        """How many level-2 criteria this mode needs. KeyError when the mode is not one of `modes`."""
        return {known: number for known, _parameter, number in self.required}[mode]


@dataclass(frozen=True)
class RulePack:
    """A dated set of rules, exactly as its file says."""

    id: str
    version: str
    title: str
    source: str
    status: Literal["official", "to_confirm"]
    valid_from: date
    valid_to: date | None
    checked_on: date
    references: tuple[Reference, ...]
    parameters: tuple[Parameter, ...]
    proofs: tuple[Proof, ...]
    categories: tuple[Category, ...]
    counting: Counting | None = None
    path: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """`id@version`, as decisions carry it."""
        return f"{self.id}@{self.version}"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the categories, in the pack's order."""
        return tuple(category.code for category in self.categories)

    def in_force(self, on: date) -> bool:
        """Whether `on` lies within the pack's validity, both ends included."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def atoms(condition: Condition) -> Iterator[Atom]:
    """Every atom of a condition, in reading order."""
    match condition:
        case Atom():
            yield condition
        case Not() | Named():
            yield from atoms(condition.child)
        case AllOf() | AnyOf():
            for child in condition.children:
                yield from atoms(child)


def facts_read(condition: Condition) -> frozenset[str]:
    """The columns that a condition may read."""
    names: set[str] = set()
    for atom in atoms(condition):
        if atom.kind.startswith("last_activity"):
            names.update(("employed", "last_activity_end", "ever_worked", "left_education"))
        else:
            names.update(name for name in (atom.fact, atom.author) if name)
    return frozenset(names)


def proofs_named(condition: Condition) -> tuple[str, ...]:
    """The documents that a condition names, in reading order, each once."""
    match condition:
        case Atom():
            return condition.proofs
        case Not():
            return condition.proofs
        case Named():
            return proofs_named(condition.child)
        case AllOf() | AnyOf():
            return tuple(dict.fromkeys(code for child in condition.children for code in proofs_named(child)))
