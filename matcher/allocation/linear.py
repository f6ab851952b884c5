"""The linear programme: the most worth under asked, limit and floor, by HiGHS on the sparse graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.allocation.graph import Graph
from matcher.allocation.reduce import free_people
from matcher.resolve.cells import Bools


def solve(graph: Graph, fill: int, bonus: int) -> Bools:
    """Which edges to take. Positions, limits and floors make a network, so that a vertex of the programme is whole.

    `fill` and `bonus` weigh a place filled and a place of the floor. Raises RuntimeError when HiGHS fails.
    """
    from scipy.optimize import linprog  # slow to import, and seldom needed
    from scipy.sparse import csr_array, vstack

    count = len(graph)
    owners, owner = np.unique(graph.owner, return_inverse=True)
    contested = np.flatnonzero(~free_people(graph))
    number = np.full(graph.people, -1, np.int64)
    number[contested] = np.arange(len(contested))
    column = number[graph.person]
    floored = np.flatnonzero(graph.floor[owners] > 0)
    width, edges, ones = count + len(floored), np.arange(count), np.ones(count)
    shared = column >= 0
    rows = [
        csr_array((ones, (owner, edges)), shape=(len(owners), width)),
        csr_array((ones[shared], (column[shared], edges[shared])), shape=(len(contested), width)),
    ]
    bounds = [graph.asked[owners], np.full(len(contested), graph.limit)]
    if len(floored):
        line = np.full(len(owners), -1, np.int64)
        line[floored] = np.arange(len(floored))
        counted = graph.favoured & (line[owner] >= 0)
        data = np.concatenate([-ones[counted], np.ones(len(floored))])
        where = np.concatenate([line[owner[counted]], np.arange(len(floored))])
        which = np.concatenate([edges[counted], count + np.arange(len(floored))])
        rows.append(csr_array((data, (where, which)), shape=(len(floored), width)))
        bounds.append(np.zeros(len(floored), np.int64))
    upper = np.concatenate([ones, graph.floor[owners[floored]]])
    gains = np.concatenate([fill + graph.points, np.full(len(floored), bonus)])
    programme: Any = linprog
    found = programme(
        -gains.astype(np.float64),
        A_ub=vstack(rows).tocsr(),
        b_ub=np.concatenate(bounds).astype(np.float64),
        bounds=np.column_stack([np.zeros(width), upper]),
        method="highs-ds",
        options={"presolve": False},  # the rows are a network already: it only costs time
    )
    if found.x is None:
        raise RuntimeError(f"HiGHS stopped without a solution: {found.message}")
    return np.asarray(found.x[:count] > 0.5)
