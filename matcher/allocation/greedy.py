"""Lists when the programme would be too large: the best edges first; and how far from the best they can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.allocation.graph import Graph, before
from matcher.allocation.reduce import free_people
from matcher.resolve.cells import Bools, Ints

ROUNDS = 12

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Greedy:
    """Lists made greedily, and the most points by which they may miss the best."""

    taken: Bools
    loss: int


def greedy(graph: Graph) -> Greedy:
    """Edges in one order, each taken where place and person have room; the places of the floor first.

    Two orders are tried: by points, and by what an edge is worth once the person's approximate price is paid, over
    the same at the position's last place. The better lists by the goal are kept. Equal edges go by position, then
    rank, so that only what is matched decides.
    """
    plain = _in_order(graph, graph.points.astype(np.float64))
    price, most = _bound(graph, plain)
    net = graph.points - price[graph.person]
    last = _ranks(graph, net) == graph.asked[graph.owner] - 1
    cut = np.zeros(graph.positions)
    cut[graph.owner[last]] = net[last]
    taken = max(plain, _in_order(graph, net - cut[graph.owner]), key=graph.worth)
    return Greedy(taken, max(0, most - graph.worth(taken)[2]))


def _in_order(graph: Graph, value: Floats) -> Bools:
    """The edges taken from the greatest `value` down."""
    order = np.lexsort((np.arange(len(graph)), -value))
    taken = np.zeros(len(graph), bool)
    lists, room = [graph.limit] * graph.people, graph.asked.tolist()
    if graph.floor.any():
        favoured = order[graph.favoured[order]]
        _take(graph, favoured, lists, np.minimum(graph.floor, graph.asked).tolist(), taken)
        room = (graph.asked - graph.filled(taken)).tolist()
    _take(graph, order[~taken[order]], lists, room, taken)
    return taken


def _take(graph: Graph, order: Ints, lists: list[int], room: list[int], taken: Bools) -> None:
    owners, people = graph.owner[order].tolist(), graph.person[order].tolist()
    for edge, owner, person in zip(order.tolist(), owners, people, strict=True):
        if room[owner] and lists[person]:
            room[owner] -= 1
            lists[person] -= 1
            taken[edge] = True


def _ranks(graph: Graph, value: Floats) -> Ints:
    """The rank of each edge in its position, from 0, the greatest `value` first."""
    order = np.lexsort((-value, graph.owner))
    rank = np.empty(len(graph), np.int64)
    rank[order] = before(np.ones(len(graph), bool), graph)
    return rank


def _bound(graph: Graph, known: Bools) -> tuple[Floats, int]:
    """Approximate prices of people, and points that no lists within the limit can exceed (Lagrange's bound).

    By weak duality, for any prices: each position's best list once they are paid, and the price of every list that
    people may be on. Polyak's subgradient steps lower it towards the points of `known` lists. Floors are left out:
    they only lower what can be reached.
    """
    reached = graph.worth(known)[2]
    contested = ~free_people(graph)
    price, chosen, least = np.zeros(graph.people), np.zeros(graph.people), np.inf
    for _round in range(ROUNDS):
        net = graph.points - price[graph.person]
        first = _ranks(graph, net) < graph.asked[graph.owner]
        value = float(net[first & (net > 0)].sum() + graph.limit * price.sum())
        if value < least:
            least, chosen = value, price
        slope = np.where(contested, graph.lists(first) - graph.limit, 0)
        slope[(slope < 0) & (price == 0)] = 0
        size = float(slope @ slope)
        if not size:
            break
        price = np.maximum(price + (value - reached) / size * slope, 0)
    return chosen, int(np.floor(least + 1e-6)) if len(graph) else 0
