"""Conditions over arrays of people: what is true, what to ask where it is unknown, what document is lacking.

Three readings of one tree. Levels: 0 no, 1 unknown, 2 yes; "all" is the minimum, "any" the maximum.
Masks are sets written as bits, ordered from the least to the most intrusive, so that the smaller of two masks
is the less intrusive request: "all" unites what its children need, "any" takes the smallest.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility.dates import Day, latest_start
from matcher.eligibility.facts import NO, UNKNOWN, YES, Facts, Flags, Levels
from matcher.rules.model import AllOf, AnyOf, Atom, Condition, Named, Not
from matcher.rules.vocabulary import fact_table

Masks = NDArray[np.uint32]
IMPOSSIBLE = np.uint32(2**32 - 1)
NOTHING = np.uint32(0)
_BITS = {fact.name: np.uint32(1 << fact.bit) for fact in fact_table().facts}


class Reading:
    """The answers of a set of people at `on`, each atom computed once.

    `on` is one day for everybody, or an array with a day for each. `assume_no`: columns whose empty cells are read
    as no.
    """

    def __init__(self, facts: Facts, on: Day, assume_no: Collection[str] = ()) -> None:
        self.facts = facts
        self.on = on
        self.assumed = frozenset(assume_no)
        self._levels: dict[Condition, Levels] = {}
        self._asks: dict[Condition, Masks] = {}

    def levels(self, condition: Condition) -> Levels:
        """No, unknown or yes for each person. Do not write into the array: it is shared."""
        if condition not in self._levels:
            self._levels[condition] = self._answer(condition)
        return self._levels[condition]

    def _answer(self, condition: Condition) -> Levels:
        match condition:
            case Atom():
                return _ATOMS[condition.kind](self, condition)
            case Not():
                return YES - self.levels(condition.child)
            case Named():
                return self.levels(condition.child)
            case AllOf():
                return reduce(np.minimum, [self.levels(child) for child in condition.children])
            case AnyOf():
                return reduce(np.maximum, [self.levels(child) for child in condition.children])

    def asks(self, condition: Condition) -> Masks:
        """The least intrusive set of facts that could make an undecided condition true; IMPOSSIBLE elsewhere."""
        if condition not in self._asks:
            self._asks[condition] = self._ask(condition)
        return self._asks[condition]

    def _ask(self, condition: Condition) -> Masks:
        levels = self.levels(condition)
        match condition:
            case Named() | Not():
                return self.asks(condition.child)
            case AnyOf():
                asked = reduce(np.minimum, [self.asks(child) for child in condition.children])
            case AllOf():
                asked = reduce(
                    np.bitwise_or,
                    [
                        np.where(self.levels(child) == UNKNOWN, self.asks(child), NOTHING)
                        for child in condition.children
                    ],
                )
            case Atom():
                asked = self._ask_atom(condition)
        return np.where(levels == UNKNOWN, asked, IMPOSSIBLE)

    def _ask_atom(self, atom: Atom) -> Masks:
        if atom.author:
            return np.full(len(self.facts), _BITS[atom.author])
        if atom.kind.startswith("last_activity"):
            never = self.tri("ever_worked") == NO
            return np.where(never, min(_BITS["left_education"], _BITS[atom.fact]), _BITS[atom.fact])
        return np.full(len(self.facts), _BITS[atom.fact])

    def tri(self, name: str) -> Levels:
        """A three-valued fact, with the assumption where there is one."""
        levels = self.facts.tri[name]
        return np.where(levels == UNKNOWN, NO, levels) if name in self.assumed else levels

    def by_day(self, name: str, met: Flags) -> Levels:
        """`met` where the date is known, unknown elsewhere (no, where that is the assumption)."""
        levels = met.astype(np.int8) * YES
        if name not in self.assumed:
            levels[self.facts.empty(name)] = UNKNOWN
        return levels

    def when_empty(self, name: str) -> np.int8:
        """What an empty cell of a list or word says."""
        return NO if name in self.assumed else UNKNOWN


def _fact(reading: Reading, atom: Atom) -> Levels:
    return reading.tri(atom.fact)


def _not_past(reading: Reading, atom: Atom) -> Levels:
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] >= reading.on)


def _since_more_than(reading: Reading, atom: Atom) -> Levels:
    last = latest_start(reading.on, atom.number, strict=True)
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] <= last)


def _since_at_least(reading: Reading, atom: Atom) -> Levels:
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] <= latest_start(reading.on, atom.number))


def _since_under(reading: Reading, atom: Atom) -> Levels:
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] > latest_start(reading.on, atom.number))


def _years(atom: Atom) -> int:
    return 12 * atom.number


def _age_under(reading: Reading, atom: Atom) -> Levels:
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] > latest_start(reading.on, _years(atom)))


def _age_over(reading: Reading, atom: Atom) -> Levels:
    last = latest_start(reading.on, _years(atom), strict=True)
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] <= last)


def _age_at_least(reading: Reading, atom: Atom) -> Levels:
    return reading.by_day(atom.fact, reading.facts.dates[atom.fact] <= latest_start(reading.on, _years(atom)))


def _last_activity(reading: Reading, atom: Atom) -> Levels:
    """False for someone who works; else since the last activity; else, for who never worked, since school."""
    last = latest_start(reading.on, atom.number, strict=atom.kind == "last_activity_more_than")
    dates = reading.facts.dates
    levels = reading.by_day(atom.fact, dates[atom.fact] <= last)
    from_school = reading.facts.empty(atom.fact) & (reading.tri("ever_worked") == NO)
    school = reading.by_day("left_education", dates["left_education"] <= last)
    levels = np.where(from_school, school, levels)
    levels[reading.tri("employed") == YES] = NO
    return levels


def _number(reading: Reading, atom: Atom) -> Levels:
    values = reading.facts.numbers[atom.fact]
    compare = _COMPARISONS[atom.kind]
    return reading.by_day(atom.fact, compare(values, atom.number))


_COMPARISONS: dict[str, np.ufunc] = {
    "number_at_most": np.less_equal,
    "number_at_least": np.greater_equal,
    "number_under": np.less,
    "number_over": np.greater,
}


def _holds(reading: Reading, atom: Atom) -> Levels:
    return reading.facts.words[atom.fact].holding(atom.items, reading.when_empty(atom.fact))


def _given_within(reading: Reading, atom: Atom) -> Levels:
    """An opinion or a diagnosis: no date says that there is none; a missing author leaves it undecided."""
    days = reading.facts.dates[atom.fact]
    # on <= day + months is exactly "not (day + months < on)"
    valid = (days <= reading.on) & (days > latest_start(reading.on, atom.number, strict=True))
    levels = valid.astype(np.int8) * YES
    if atom.author:
        levels[valid & reading.facts.empty(atom.author)] = UNKNOWN
    return levels


_ATOMS = {
    "fact": _fact,
    "not_past": _not_past,
    "months_since_more_than": _since_more_than,
    "months_since_at_least": _since_at_least,
    "months_since_under": _since_under,
    "age_under": _age_under,
    "age_over": _age_over,
    "age_at_least": _age_at_least,
    "last_activity_more_than": _last_activity,
    "last_activity_at_least": _last_activity,
    "number_at_most": _number,
    "number_at_least": _number,
    "number_under": _number,
    "number_over": _number,
    "holds": _holds,
    "value_is": _holds,
    "given_within": _given_within,
}
