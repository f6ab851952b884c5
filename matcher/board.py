"""One person against every position: the tables of the facets turned round, one line of each for a person."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.engine import Engine
from matcher.facets import Look, View
from matcher.resolve.cells import Bools, Ints
from matcher.vocabulary import Outcome


@dataclass(frozen=True)
class Suited:
    """The positions a person may be listed for (numbers in the engine's order), best first, and their raw scores."""

    positions: Ints
    raw: Ints


@dataclass(frozen=True)
class _Side:
    """One facet for every class of people and every distinct demand: points [classes, demands], who is set aside by
    any of its filters (None: nobody), and the demand of each position."""

    view: View
    points: np.ndarray[Any, np.dtype[np.signedinteger[Any]]]
    lacks: Bools | None
    demand: Ints

    @classmethod
    def of(cls, view: View, engine: Engine) -> _Side:
        numbers: dict[Hashable, int] = {}
        looks: list[Look] = []
        demand = []
        for job in engine.jobs:
            key = view.facet.job(job)
            if key not in numbers:
                numbers[key] = len(looks)
                looks.append(view.look(job))
            demand.append(numbers[key])
        points = np.empty((len(view.rows), len(looks)), np.result_type(np.int16, *(look.above for look in looks)))
        lacks = np.zeros(points.shape, bool) if any(look.lacks for look in looks) else None
        for number, look in enumerate(looks):
            points[:, number] = look.above
            points[:, number] += points.dtype.type(look.least)
            if lacks is not None:
                for verdict in look.lacks.values():
                    lacks[:, number] |= verdict
        return cls(view, points, lacks, np.array(demand, np.int64))


class Board:
    """Every position beside any one person. Takes memory: 2 or 3 bytes for each class and demand of each facet."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sides = [_Side.of(view, engine) for view in engine.views]
        rules = list(dict.fromkeys(engine.rule_sets))
        outcomes = [engine.decisions.outcome(one) == int(Outcome.NOT_ELIGIBLE) for one in rules]
        self._refused = np.array(outcomes, bool).reshape(len(rules), len(engine.people)).T.copy()
        self._rule_of = np.array([rules.index(one) for one in engine.rule_sets], np.int64)
        self._placed = np.array([bool(job.places) for job in engine.jobs], bool)

    def suited(self, row: int) -> Suited:
        """The positions for which the person of `row` passes every hard filter, higher raw score first, equal ones
        in the order of their identifiers."""
        gate = self._engine.gate
        if gate.objects[row] or gate.no_right_to_work[row]:
            return Suited(np.zeros(0, np.int64), np.zeros(0, np.int64))
        raw = np.full(len(self._rule_of), self._engine.card.base, np.int64)
        good = self._placed & ~self._refused[row].take(self._rule_of)
        for side in self._sides:
            mine = side.view.classes[row]
            raw += side.points[mine].take(side.demand)
            if side.lacks is not None:
                good &= ~side.lacks[mine].take(side.demand)
        positions = np.flatnonzero(good)
        order = positions[np.argsort(-raw[positions], kind="stable")]
        return Suited(order, raw[order])
