"""What need not be solved: people who cannot exceed the limit, and edges that such people make useless."""

from __future__ import annotations

import numpy as np

from matcher.allocation.graph import Graph, before
from matcher.resolve.cells import Bools, Ints

ROUNDS = 50


def useful(graph: Graph) -> Ints:
    """The edges that the answer may need, in order.

    Somebody kept for `limit` positions at most can never be refused one: free. Once a position has met as many free
    people as it asks (and free favoured ones as its floor), anybody after them would only stand in the place of a
    free person who is left out and comes before: fewer points, or as many and a later rank; so these edges go. That
    makes others free, and so on. Any number of rounds is sound.
    """
    edges = np.arange(len(graph))
    for _round in range(ROUNDS):
        part = graph.part(edges)
        free = free_people(part)[part.person]
        enough = before(free, part) >= part.asked[part.owner]
        if part.floor.any():
            enough &= before(free & part.favoured, part) >= part.floor[part.owner]
        if not enough.any():
            break
        edges = edges[~enough]
    return edges


def free_people(graph: Graph) -> Bools:
    """For each person, whether all their edges together stay within the limit."""
    free: Bools = np.bincount(graph.person, minlength=graph.people) <= graph.limit
    return free


def components(graph: Graph) -> Ints:
    """A number per position; positions that share no contested person, directly or not, have different ones."""
    from scipy.sparse import coo_array  # slow to import, and seldom needed
    from scipy.sparse.csgraph import connected_components

    contested = ~free_people(graph)[graph.person]
    owner, person = graph.owner[contested], graph.positions + graph.person[contested]
    size = graph.positions + graph.people
    links = coo_array((np.ones(len(owner), np.int8), (owner, person)), shape=(size, size))
    labels = connected_components(links, directed=False)[1][: graph.positions]
    return np.asarray(labels, np.int64)
