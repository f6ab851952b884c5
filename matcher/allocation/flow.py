"""The same programme as a flow of least cost, by OR-tools where it is installed (`clausematch[ortools]`).

The lists are the same: prices prove any best total, and `ties` chooses among them.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from matcher.allocation.graph import Graph
from matcher.allocation.reduce import free_people
from matcher.resolve.cells import Bools


def installed() -> bool:
    """Whether OR-tools is there."""
    return find_spec("ortools") is not None


def flow(graph: Graph) -> Bools:
    """Which edges to take: from a source to positions, their favoured halves, people and a sink, one unit a list.

    As much as can flow fills the most places; the least cost then has the bonus of the floor and the points.
    Raises RuntimeError when OR-tools does not find the optimum.
    """
    count = graph.positions
    half = np.where(graph.favoured & (graph.floor > 0)[graph.owner], count, 0)
    free = free_people(graph)
    seats = np.flatnonzero(~free)
    number = np.full(graph.people, 2 * count + 2)  # one node takes all who cannot exceed the limit
    number[seats] = 2 * count + 3 + np.arange(len(seats))
    source, sink, everybody = 2 * count, 2 * count + 1, 2 * count + 2
    floored = np.flatnonzero(graph.floor > 0)
    each = np.arange(count)
    arcs = [
        (graph.owner + half, number[graph.person], 0 * graph.owner + 1, -graph.points),
        (0 * each + source, each, graph.asked, 0 * each),
        (floored, floored + count, graph.floor[floored], 0 * floored - graph.bonus),
        (floored, floored + count, graph.asked[floored], 0 * floored),
        (number[seats], 0 * seats + sink, 0 * seats + graph.limit, 0 * seats),
        tuple(np.array([value]) for value in (everybody, sink, len(graph), 0)),
    ]
    tail, head, room, cost = (np.concatenate(column).astype(np.int64) for column in zip(*arcs, strict=True))
    solver: Any = import_module("ortools.graph.python.min_cost_flow").SimpleMinCostFlow()
    numbers = solver.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)
    total = int(graph.asked.sum())
    solver.set_nodes_supplies(np.array([source, sink]), np.array([total, -total]))
    if solver.solve_max_flow_with_min_cost() != solver.OPTIMAL:
        raise RuntimeError("OR-tools stopped without an optimum")
    return np.asarray(solver.flows(numbers[: len(graph)]) > 0)
