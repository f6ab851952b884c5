"""How many openings some people could take, each person once and each opening once; and the order this gives."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.resolve.cells import Bools, Ints


@dataclass(frozen=True)
class Edges:
    """Who could take what: parallel arrays of people's rows and positions' numbers, each pair once."""

    people: Ints
    jobs: Ints

    def where(self, kept: Bools | Ints) -> Edges:
        return Edges(self.people[kept], self.jobs[kept])


def assign(edges: Edges, openings: Ints) -> Edges:
    """A largest set of pairs with each person once and each position at most `openings` times (by position number).

    A maximum flow from positions to people. No position needs more people than there are openings in all: with that
    many kept, somebody free is always left for it, so the cut changes nothing to the size.
    """
    from scipy.sparse import csr_array  # slow to import, and seldom needed
    from scipy.sparse.csgraph import maximum_flow

    edges = _cut(edges, int(openings[np.unique(edges.jobs)].sum()))
    if not len(edges.people):
        return edges
    jobs, job = np.unique(edges.jobs, return_inverse=True)
    people, person = np.unique(edges.people, return_inverse=True)
    source, sink = len(jobs) + len(people), len(jobs) + len(people) + 1
    start = np.concatenate([np.full(len(jobs), source), job, len(jobs) + np.arange(len(people))])
    end = np.concatenate([np.arange(len(jobs)), len(jobs) + person, np.full(len(people), sink)])
    room = np.concatenate([openings[jobs], np.ones(len(job)), np.ones(len(people))]).astype(np.int32)
    flow = maximum_flow(csr_array((room, (start, end)), shape=(sink + 1, sink + 1)), source, sink).flow.tocoo()
    used = (flow.data > 0) & (flow.row < len(jobs)) & (flow.col < source)
    return Edges(people[flow.col[used] - len(jobs)], jobs[flow.row[used]])


def _cut(edges: Edges, most: int) -> Edges:
    """At most `most` people for each position, the first ones."""
    order = np.lexsort((edges.people, edges.jobs))
    sorted_ = edges.where(order)  # a permutation, by position then person
    rank = np.arange(len(order)) - np.searchsorted(sorted_.jobs, sorted_.jobs)
    return sorted_.where(rank < most)


@dataclass(frozen=True)
class Step:
    """One line in the order of usefulness: which group, the openings it could fill alone, and the pairs it adds once
    those above it are served."""

    group: int
    seats: int
    added: Edges


def in_order(groups: Mapping[int, Edges], openings: Ints, people: int, ties: Sequence[int]) -> list[Step]:
    """The groups from the one that fills the most openings on, each counted over the people and openings that the
    groups before it left free. `ties[group]` decides between equal gains, the smaller first.

    What a group can add only shrinks as others are served, so a gain worked out earlier is an upper bound: a group is
    taken as soon as its gain, worked out again, is not below the bound of any other.
    """
    free, left = np.ones(people, bool), openings.copy()
    alone = {group: len(assign(edges, left).people) for group, edges in groups.items()}
    waiting = [(-seats, ties[group], group) for group, seats in alone.items()]
    heapq.heapify(waiting)
    steps: list[Step] = []
    while waiting:
        _bound, tie, group = heapq.heappop(waiting)
        edges = groups[group]
        added = assign(edges.where(free[edges.people] & (left[edges.jobs] > 0)), left)
        entry = (-len(added.people), tie, group)
        if waiting and entry > waiting[0]:
            heapq.heappush(waiting, entry)
            continue
        free[added.people] = False
        left -= np.bincount(added.jobs, minlength=len(left))
        steps.append(Step(group, alone[group], added))
    return steps
