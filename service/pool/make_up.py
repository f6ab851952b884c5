"""Who could be on a position's list, who passes its filters, and who is listed, by group: figures to discuss, that
never enter a score. Few people are not shown, and the list itself says nothing of benefits or disability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.fairness import DIMENSIONS, MIN_GROUP, hidden
from matcher.resolve.cells import Ints
from matcher.vocabulary import Outcome
from service.pool.crowd import Crowd

OF_THE_LIST = ("sex", "age", "qpv")  # elsewhere somebody on the list could be known by it


@dataclass(frozen=True)
class Group:
    """One group's share of those who are eligible, of those who pass the filters, and of the list (to the nearest
    tenth). None: too few people to be shown."""

    name: str
    eligible: float | None
    passing: float | None
    listed: float | None


@dataclass(frozen=True)
class MakeUp:
    """How many people each step has, and the groups of each dimension."""

    eligible: int
    passing: int
    listed: int
    dimensions: dict[str, tuple[Group, ...]]


def make_up(crowds: Sequence[Crowd], listed: Sequence[Ints]) -> MakeUp:
    """The figures of position number 0 of the crowds; `listed` are the rows listed in each."""
    steps = ([_eligible(crowd) for crowd in crowds], [crowd.engine.passing(0).rows for crowd in crowds], list(listed))
    dimensions = {}
    for name, dimension in DIMENSIONS.items():
        names = list(dimension.groups)
        eligible, passing, on_list = (_counts(crowds, step, name, names) for step in steps)
        shares = (_shares(eligible), _shares(passing), _tenths(on_list, shown=name in OF_THE_LIST))
        dimensions[name] = tuple(
            Group(group, *(share[number] for share in shares))
            for number, group in enumerate(names)
            if eligible[number]
        )
    sizes = [sum(len(rows) for rows in step) for step in steps]
    return MakeUp(sizes[0], sizes[1], sizes[2], dimensions)


def _eligible(crowd: Crowd) -> Ints:
    """Those whom the rules of the position do not set aside, who do not object and may work."""
    engine = crowd.engine
    good = engine.decisions.outcome(engine.rule_sets[0]) != int(Outcome.NOT_ELIGIBLE)
    good &= ~engine.gate.objects & ~engine.gate.no_right_to_work & ~crowd.absent
    return np.flatnonzero(good)


def _counts(crowds: Sequence[Crowd], rows: Sequence[Ints], name: str, names: Sequence[str]) -> Ints:
    total = np.zeros(len(names), np.int64)
    for crowd, some in zip(crowds, rows, strict=True):
        codes = crowd.rows.groups(crowd.engine.options.on)[name]
        total += np.bincount(codes[some], minlength=len(names))
    return total


def _shares(counts: Ints) -> list[float | None]:
    few = hidden(counts)
    total = int(counts.sum())
    return [None if few[i] or not total else float(counts[i] / total) for i in range(len(counts))]


def _tenths(counts: Ints, *, shown: bool) -> list[float | None]:
    """Shares of the list, where neither the group nor the rest of the list is few people."""
    total = int(counts.sum())
    return [
        round(float(10 * one / total)) / 10 if shown and min(one, total - one) >= MIN_GROUP else None
        for one in counts.tolist()
    ]
