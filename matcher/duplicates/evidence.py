"""What is known of pairs of records: the level of each field, and how rare the values are on which they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.duplicates.compare import LevelArray, levels
from matcher.duplicates.model import USUAL, Field, Kind, Level, Plan
from matcher.duplicates.records import Ints, Records

Floats = NDArray[np.float64]
RareBits = NDArray[np.float32]
OWN, SHARED = 0, 1
USUAL_PAIRS, USUAL_RECORDS = 1000.0, 100.0
"""How much what is usual counts beside what the table says, so that a small table is not taken at its word."""
STEP = 1 << 20


@dataclass(frozen=True)
class Evidence:
    """Pairs that passes brought together: places in the records, levels (one column per field), and bits for rare or
    common values (columns OWN and SHARED: what is one's own, what a home shares)."""

    left: Ints
    right: Ints
    levels: LevelArray
    rarity: RareBits

    def __len__(self) -> int:
        return len(self.left)

    def at(self, chosen: Any) -> Evidence:
        """Some of the pairs."""
        return Evidence(self.left[chosen], self.right[chosen], self.levels[chosen], self.rarity[chosen])


def evidence(data: Records, plan: Plan, pairs: Ints) -> Evidence:
    """What is known of `pairs` (as `keys.candidate_pairs` gives them), compared STEP pairs at a time."""
    left, right = np.divmod(pairs, max(len(data), 1))
    found = np.empty((len(pairs), len(plan.fields)), np.int8)
    rarity = np.zeros((len(pairs), 2), np.float32)
    rare = _Rare(data, plan)
    for start in range(0, len(pairs), STEP):
        part = slice(start, start + STEP)
        found[part] = levels(data, plan, left[part], right[part])
        rarity[part] = rare.bits(left[part], right[part], found[part])
    return Evidence(left, right, found, rarity)


def exact_share(data: Records, one: Field) -> float:
    """The share of random pairs with known values whose values are the same; what is usual counts as USUAL_PAIRS."""
    known = data.columns[one.name].codes
    known = known[known >= 0]
    counts = np.bincount(known).astype(np.float64)
    every = len(known) * (len(known) - 1.0)
    return float(((counts * (counts - 1)).sum() + USUAL_PAIRS * USUAL[one.kind]) / (every + USUAL_PAIRS))


def value_shares(data: Records, one: Field, average: float) -> Floats:
    """For each value, the chance that another record has it too; at least as if one did. The average counts as
    USUAL_RECORDS."""
    column = data.columns[one.name]
    known = column.codes[column.codes >= 0]
    counts = np.bincount(known, minlength=len(column.texts))
    others = np.maximum(counts - 1, 1) + USUAL_RECORDS * average
    return np.asarray(others / (max(len(known) - 1, 1) + USUAL_RECORDS), np.float64)


def shared(one: Field) -> int:
    """The column of `rarity`. A birth date is one's own, twins or not."""
    return SHARED if one.household is not None and one.kind is not Kind.DATE else OWN


def swapped(plan: Plan) -> list[tuple[int, int]]:
    """Places of the fields written one in the other's place: the one that carries the weight, and its partner."""
    numbers = {one.name: number for number, one in enumerate(plan.fields)}
    pairs = [(numbers[one.name], numbers[one.swap]) for one in plan.fields if one.swap is not None]
    return [(lead, partner) for lead, partner in pairs if lead < partner]


class _Rare:
    """Bits by which agreeing on this very value differs from agreeing on an average one."""

    def __init__(self, data: Records, plan: Plan) -> None:
        self.data, self.plan = data, plan
        rare = [one for one in plan.fields if one.rare]
        self.average: Mapping[str, float] = {one.name: exact_share(data, one) for one in rare}
        self.shares: Mapping[str, Floats] = {
            one.name: value_shares(data, one, self.average[one.name]) for one in rare
        }

    def bits(self, left: Ints, right: Ints, found: LevelArray) -> RareBits:
        """One row per pair, columns OWN and SHARED."""
        total = np.zeros((len(left), 2), np.float32)
        for number, one in enumerate(self.plan.fields):
            if not one.rare:
                continue
            codes = self.data.columns[one.name].codes
            same = np.flatnonzero((found[:, number] == Level.EXACT) & (codes[left] == codes[right]))
            total[same, shared(one)] += np.log2(self.average[one.name] / self.shares[one.name][codes[left[same]]])
        for lead, partner in swapped(self.plan):
            self._exchanged(lead, partner, left, found, total)
        return total

    def _exchanged(self, lead: int, partner: int, left: Ints, found: LevelArray, total: RareBits) -> None:
        """Two fields exchanged: which record is right is not known, so the more common reading counts."""
        names = (self.plan.fields[lead].name, self.plan.fields[partner].name)
        pairs = np.flatnonzero(found[:, lead] == Level.SWAPPED)
        if not len(pairs) or not all(name in self.shares for name in names):
            return
        first, second = (self.data.columns[name].codes[left[pairs]] for name in names)
        mine, theirs = (self.shares[name] for name in names)
        common = np.maximum(mine[first] * theirs[second], mine[second] * theirs[first])
        total[pairs, OWN] += np.log2(self.average[names[0]] * self.average[names[1]] / common)
