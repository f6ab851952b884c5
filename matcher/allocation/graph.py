"""Who may be listed where: one edge per person kept for a position, and the numbers every solver shares.

The goal has three steps, each weighed only where the one before leaves a choice: the most places filled, the most
places of the floor held by favoured people, the most points. `Graph.fill` and `Graph.bonus` turn them into one sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher.allocation.order import Ranked
from matcher.resolve.cells import Bools, Ints


@dataclass(frozen=True)
class Graph:
    """Edges position after position, best first: `owner`, `person` (a row of the people table), `points` ≥ 0 and
    whether the person counts for the floor (`favoured`). Per position: people `asked`, of whom `floor` favoured.
    Nobody is on more than `limit` lists. Each edge is taken once at most."""

    owner: Ints
    person: Ints
    points: Ints
    favoured: Bools
    asked: Ints
    floor: Ints
    limit: int
    people: int
    spread: int  # one more than the points that one edge can win over another

    @classmethod
    def of(
        cls,
        ranked: Sequence[Ranked],
        asked: Sequence[int],
        limit: int | None,
        floor: Sequence[int] | None = None,
        favoured: Bools | None = None,
    ) -> Graph:
        """The graph of lists; `limit` None is no limit, `favoured` has one boolean per row of the people table."""
        none = np.zeros(0, np.int64)
        person = np.concatenate([none, *(one.rows for one in ranked)])
        points = np.concatenate([none, *(one.points for one in ranked)])
        people = int(person.max(initial=-1)) + 1 if favoured is None else len(favoured)
        return cls(
            np.repeat(np.arange(len(ranked)), [len(one.rows) for one in ranked]),
            person,
            points,
            np.zeros(len(person), bool) if favoured is None else favoured[person],
            np.asarray(asked, np.int64),
            np.zeros(len(ranked), np.int64) if floor is None else np.asarray(floor, np.int64),
            len(ranked) if limit is None else limit,
            people,
            int(np.ptp(points)) + 1 if len(points) else 1,
        )

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def positions(self) -> int:
        return len(self.asked)

    @cached_property
    def starts(self) -> Ints:
        """Where each position's edges begin, and the end."""
        return np.searchsorted(self.owner, np.arange(self.positions + 1)).astype(np.int64)

    @cached_property
    def bonus(self) -> int:
        """The worth of a place of the floor: more than all points that moving people along a path or a cycle, which
        enters a position twice at most (once for favoured people, once for others), can lose."""
        return self.spread * (2 * self.positions + 2) if self.floor.any() else 0

    @cached_property
    def fill(self) -> int:
        """The worth of a place filled: more than all floor places and points that one path can lose."""
        return (self.bonus + self.spread) * (2 * self.positions + 2)

    def part(self, edges: Ints) -> Graph:
        """The graph of some edges, in order; positions keep their numbers."""
        return replace(
            self,
            owner=self.owner[edges],
            person=self.person[edges],
            points=self.points[edges],
            favoured=self.favoured[edges],
        )

    def without_limit(self) -> Graph:
        """The same with room for everybody everywhere."""
        return replace(self, limit=self.positions)

    def filled(self, taken: Bools) -> Ints:
        """People per position."""
        return np.bincount(self.owner[taken], minlength=self.positions)

    def held(self, taken: Bools) -> Ints:
        """Favoured people per position."""
        return np.bincount(self.owner[taken & self.favoured], minlength=self.positions)

    def lists(self, taken: Bools) -> Ints:
        """Lists per person."""
        return np.bincount(self.person[taken], minlength=self.people)

    def worth(self, taken: Bools) -> tuple[int, int, int]:
        """The three steps of the goal: places filled, floor places held, points."""
        held = np.minimum(self.held(taken), self.floor)
        return int(np.count_nonzero(taken)), int(held.sum()), int(self.points[taken].sum())


def before(marks: Bools, graph: Graph) -> Ints:
    """For each edge, how many marked edges of its position stand before it."""
    total = np.concatenate([np.zeros(1, np.int64), np.cumsum(marks)])
    seen: Ints = total[:-1] - total[graph.starts[:-1]][graph.owner]
    return seen


def alone(graph: Graph) -> Bools:
    """The best list of each position as if nobody was limited: the best favoured people its floor needs, then the
    best of the others."""
    needed = graph.favoured & (before(graph.favoured, graph) < graph.floor[graph.owner])
    room = (graph.asked - graph.filled(needed))[graph.owner]
    return needed | (~needed & (before(~needed, graph) < room))
