"""Of all the lists with the best total, the ones that a fixed order chooses.

The first position (by identifier) has the best list it can have: its first person if some best total lists them
there, then its second, and so on; then the second position, with what is left; and so on. The order within a
position is that of every list: points, then the earlier available, then the identifier. These lists are unique, so
that neither the solver nor the order of the files has a say.

Best totals differ from each other by cycles through edges of net worth zero (`prices.Prices.net`) that keep every
count. So an edge can be changed only inside a strongly connected part of that residual graph; and wanting one more
edge is looking for a path back through it, with what is already decided left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from matcher.allocation.graph import Graph
from matcher.allocation.prices import Prices
from matcher.resolve.cells import Bools, Ints


@dataclass(frozen=True)
class Arcs:
    """Unit and bundle arcs of the residual graph: `low` ≤ `flow` ≤ `high`. The first ones are edges of the graph."""

    tail: Ints
    head: Ints
    flow: Ints
    low: Ints
    high: Ints

    def part(self, which: Ints) -> Arcs:
        return Arcs(self.tail[which], self.head[which], self.flow[which], self.low[which], self.high[which])


def canonical(graph: Graph, taken: Bools, proof: Prices) -> Bools:
    """The edges that the fixed order takes, from any with the best total and the prices that prove it."""
    edges, arcs = _tight(graph, taken, proof)
    free = _within_cycles(arcs)
    mine = free[free < len(edges)]
    if not len(mine):
        return taken
    moved = _decided(arcs.part(free), len(mine))
    result = taken.copy()
    result[edges[mine]] = moved
    return result


def _tight(graph: Graph, taken: Bools, proof: Prices) -> tuple[Ints, Arcs]:
    """The arcs whose flow may change at no cost. Nodes: 0 is the hub that closes every path, then positions, then
    their favoured halves, then people."""
    count = graph.positions
    edges = np.flatnonzero(proof.net(graph) == 0)
    half = 1 + graph.owner[edges] + np.where(graph.favoured[edges], count, 0)
    person = graph.person[edges]
    people = np.unique(person)
    seat = 1 + 2 * count + person
    lists = graph.lists(taken)
    loose = people[proof.person[people] == 0]
    filled, held = graph.filled(taken), graph.held(taken)
    open_ = np.flatnonzero(proof.place == 0)
    equal = proof.favoured_place == proof.place
    paid = (proof.place - proof.favoured_place == graph.bonus) & (graph.floor > 0)
    joined = np.flatnonzero((equal & (held >= graph.floor)) | (paid & (held <= graph.floor)))
    zeros = np.zeros(len(edges), np.int64)
    parts = [
        (half, seat, taken[edges].astype(np.int64), zeros, zeros + 1),
        (1 + 2 * count + loose, 0 * loose, lists[loose], 0 * loose, 0 * loose + graph.limit),
        (0 * open_, 1 + open_, filled[open_], 0 * open_, graph.asked[open_]),
        (
            1 + joined,
            1 + count + joined,
            held[joined],
            np.where(equal, graph.floor, 0)[joined],
            np.where(equal, graph.asked, graph.floor)[joined],
        ),
    ]
    return edges, Arcs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _within_cycles(arcs: Arcs) -> Ints:
    """The arcs whose two ends lie in one strongly connected part of the residual graph: no other can change."""
    from scipy.sparse import coo_array  # slow to import, and seldom needed
    from scipy.sparse.csgraph import connected_components

    if not len(arcs.tail):
        return np.zeros(0, np.int64)
    forward, backward = arcs.flow < arcs.high, arcs.flow > arcs.low
    start = np.concatenate([arcs.tail[forward], arcs.head[backward]])
    end = np.concatenate([arcs.head[forward], arcs.tail[backward]])
    size = int(max(arcs.tail.max(), arcs.head.max())) + 1
    links = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(size, size))
    labels = connected_components(links, directed=True, connection="strong")[1]
    return np.flatnonzero(labels[arcs.tail] == labels[arcs.head])


def _decided(arcs: Arcs, edges: int) -> Bools:
    """The flow of the first `edges` arcs once each, in order, has been wanted at 1."""
    search = _Search(arcs)
    for edge in range(edges):
        search.want(edge)
    return np.array(search.residual.flow[:edges], bool)


@dataclass
class _Residual:
    """The flow so far, and the bounds of what is not decided; a decided arc has no room left."""

    tail: list[int]
    head: list[int]
    flow: list[int]
    low: list[int]
    high: list[int]
    leaving: list[list[int]]
    entering: list[list[int]]

    @classmethod
    def of(cls, arcs: Arcs) -> _Residual:
        nodes, ends = np.unique(np.concatenate([arcs.tail, arcs.head]), return_inverse=True)
        tail, head = (part.tolist() for part in np.split(ends, 2))
        leaving: list[list[int]] = [[] for _node in nodes]
        entering: list[list[int]] = [[] for _node in nodes]
        for arc, (start, end) in enumerate(zip(tail, head, strict=True)):
            leaving[start].append(arc)
            entering[end].append(arc)
        return cls(tail, head, arcs.flow.tolist(), arcs.low.tolist(), arcs.high.tolist(), leaving, entering)

    def degree(self, node: int) -> int:
        return len(self.leaving[node]) + len(self.entering[node])

    def next_steps(self, node: int) -> Iterator[tuple[int, int]]:
        """(node, signed arc) that one unit can go to; an arc is numbered from 1, negative against its direction."""
        for arc in self.entering[node]:
            if self.flow[arc] > self.low[arc]:
                yield self.tail[arc], -1 - arc
        for arc in self.leaving[node]:
            if self.flow[arc] < self.high[arc]:
                yield self.head[arc], 1 + arc

    def last_steps(self, node: int) -> Iterator[tuple[int, int]]:
        """(node, signed arc) that one unit can come from."""
        for arc in self.entering[node]:
            if self.flow[arc] < self.high[arc]:
                yield self.tail[arc], 1 + arc
        for arc in self.leaving[node]:
            if self.flow[arc] > self.low[arc]:
                yield self.head[arc], -1 - arc

    def push(self, signed: int) -> None:
        self.flow[abs(signed) - 1] += 1 if signed > 0 else -1


@dataclass
class _Side:
    """One half of a search: the nodes met and the signed arc that led to each, and the nodes to go on from."""

    steps: Callable[[int], Iterator[tuple[int, int]]]
    met: dict[int, int]
    front: list[int]
    weight: int

    def grow(self, other: _Side, shut: Collection[int], degree: Callable[[int], int]) -> int:
        """Go one step further from every front node; a node that the other half has met, or -1."""
        front, self.front, self.weight = self.front, [], 0
        for start in front:
            for node, signed in self.steps(start):
                if node in self.met or node in shut:
                    continue
                self.met[node] = signed
                if node in other.met:
                    return node
                self.front.append(node)
                self.weight += degree(node)
        return -1


class _Search:
    """Wants edges one after the other: see `want`."""

    def __init__(self, arcs: Arcs) -> None:
        self.residual = _Residual.of(arcs)
        self.target = -1
        # Of the current target: nodes known not to reach it. They never will again, for a later path would have to
        # enter them, and deciding arcs opens none.
        self.dead: set[int] = set()
        self.alive: Collection[int] | None = None  # when known, all nodes that reach it; they only get fewer

    def want(self, edge: int) -> None:
        """Take the edge if the undecided arcs allow it, and decide it."""
        residual = self.residual
        if residual.tail[edge] != self.target:
            self.target, self.dead, self.alive = residual.tail[edge], set(), None
        if not residual.flow[edge]:
            for signed in self._path(residual.head[edge]):
                residual.push(signed)
                residual.flow[edge] = 1
        residual.low[edge] = residual.high[edge] = residual.flow[edge]

    def _path(self, start: int) -> list[int]:
        """The signed arcs of a residual path to the target, searched from both ends; empty without any."""
        if start in self.dead or (self.alive is not None and start not in self.alive):
            return []
        residual = self.residual
        onward = _Side(residual.next_steps, {start: 0}, [start], residual.degree(start))
        back = _Side(residual.last_steps, {self.target: 0}, [self.target], 0)
        while onward.front and back.front:
            side, other = (onward, back) if onward.weight <= back.weight else (back, onward)
            middle = side.grow(other, self.dead, residual.degree)
            if middle >= 0:
                return [*self._trace(onward.met, middle, forward=True), *self._trace(back.met, middle, forward=False)]
        if not onward.front:
            self.dead.update(onward.met)
        if not back.front:
            self.alive = back.met
        return []

    def _trace(self, met: Mapping[int, int], node: int, *, forward: bool) -> Iterator[int]:
        """The signed arcs between a node and the end that its half of the search began from."""
        residual = self.residual
        while met[node]:
            signed = met[node]
            yield signed
            arc = abs(signed) - 1
            node = residual.tail[arc] if (signed > 0) == forward else residual.head[arc]
