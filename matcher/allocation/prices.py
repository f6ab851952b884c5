"""Prices: the whole-number proof that lists are the best possible, and the reason why somebody is not on one.

The dual of the programme. A person's price is what one more list for them would add to the total; a position's is
what its last place is worth once people's prices are paid. Lists are the best exactly when prices exist such that
everybody listed is worth their price and the place's, nobody left out is worth more, and only people on as many
lists as allowed have a price (complementary slackness). All numbers are whole: nothing is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.allocation.graph import Graph
from matcher.resolve.cells import Bools, Ints

HUGE = np.int64(1) << 60
MOST_ROUNDS = 20_000


@dataclass(frozen=True)
class Prices:
    """In the one sum of the goal (see `graph`): `person` per person, the least possible; per position `place` for
    people outside the favoured group and `favoured_place` for those within (equal without a floor), the greatest."""

    person: Ints
    place: Ints
    favoured_place: Ints

    def net(self, graph: Graph) -> Ints:
        """For each edge, its worth less the person's price and the place's: ≥ 0 where taken, ≤ 0 elsewhere."""
        place = np.where(graph.favoured, self.favoured_place[graph.owner], self.place[graph.owner])
        return graph.fill + graph.points - place - self.person[graph.person]


def prices(graph: Graph, taken: Bools) -> Prices | None:
    """The prices that prove `taken` the best; None when there are none, so that it is not.

    People's prices rise from zero until nobody left out is worth more than their place and price (Bellman and Ford's
    longest paths, all edges at once); a price for somebody who still has room disproves the lists.
    """
    worth = graph.fill + graph.points
    spare = graph.lists(taken) < graph.limit
    person = np.zeros(graph.people, np.int64)
    inside, others = taken & graph.favoured, taken & ~graph.favoured
    left = np.flatnonzero(~taken)
    left = left[np.argsort(graph.person[left], kind="stable")]
    wanted, firsts = np.unique(graph.person[left], return_index=True)
    relation = _Relation.of(graph, taken)
    for _round in range(MOST_ROUNDS):
        net = worth - person[graph.person]
        place, favoured_place = relation.places(_least(graph, net, others), _least(graph, net, inside))
        if (place < 0).any():
            return None
        if not len(left):
            return Prices(person, place, favoured_place)
        own = np.where(graph.favoured[left], favoured_place[graph.owner[left]], place[graph.owner[left]])
        asked = np.maximum.reduceat(worth[left] - own, firsts)
        risen = asked > person[wanted]
        if not risen.any():
            return Prices(person, place, favoured_place)
        if spare[wanted[risen]].any() or int(asked.max()) > 2 * graph.fill:
            return None
        person[wanted[risen]] = asked[risen]
    return None


def _least(graph: Graph, net: Ints, marks: Bools) -> Ints:
    """The least `net` of the marked edges of each position; HUGE without any."""
    least = np.full(graph.positions, HUGE)
    edges = np.flatnonzero(marks)
    if len(edges):
        owners, firsts = np.unique(graph.owner[edges], return_index=True)
        least[owners] = np.minimum.reduceat(net[edges], firsts)
    return least


@dataclass(frozen=True)
class _Relation:
    """How the two prices of a position bind each other, given who is listed."""

    open: Bools  # places are left: worth nothing
    over: Bools  # more favoured people than the floor: both prices are equal
    short: Bools  # fewer: they differ by the bonus
    some: Bools  # some are paid the bonus: they differ by the bonus at most
    bonus: int

    @classmethod
    def of(cls, graph: Graph, taken: Bools) -> _Relation:
        held = graph.held(taken)
        return cls(
            graph.filled(taken) < graph.asked,
            held > graph.floor,
            held < graph.floor,
            np.minimum(held, graph.floor) > 0,
            graph.bonus,
        )

    def places(self, others: Ints, favoured: Ints) -> tuple[Ints, Ints]:
        """The greatest prices of a place under these bounds."""
        place = np.where(self.open, np.minimum(others, 0), others)
        place = np.where(self.over, np.minimum(place, favoured), place)
        place = np.where(self.some, np.minimum(place, favoured + self.bonus), place)
        favoured = np.minimum(favoured, place - np.where(self.short, self.bonus, 0))
        return place, favoured
