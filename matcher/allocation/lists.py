"""From people kept for each position to lists: each position's best, within a limit of lists per person and a floor.

Exact on the people kept. `Allocation.wanting` names the positions for which somebody beyond the people kept could
still change the total: once none of those has anybody beyond, the total is the best over everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matcher.allocation.flow import flow, installed
from matcher.allocation.graph import Graph, alone
from matcher.allocation.greedy import greedy
from matcher.allocation.linear import solve
from matcher.allocation.order import Ranked
from matcher.allocation.prices import Prices, prices
from matcher.allocation.reduce import components, useful
from matcher.allocation.ties import canonical
from matcher.resolve.cells import Bools, Ints

MOST_EDGES = 600_000  # of one group of positions that share people: above, lists are made greedily
BIN_EDGES = 20_000  # small groups are solved together up to this size
STAKES = (2, 16, 128)  # how many times the spread of points a place filled weighs, before the weight sure to suffice


@dataclass(frozen=True)
class Worth:
    """The three steps of the goal, for a price or a total: places filled, places of the floor held, points."""

    places: int
    floor: int
    points: int


@dataclass(frozen=True)
class Allocation:
    """`chosen`: for each position, which of its ranked people are listed (indices in order). `wanting` and
    `wanting_favoured`: positions that somebody, or somebody favoured, who was not kept could still serve.

    Prices (see `prices`: `person_price` by row of the people table, `place_price` and, for favoured people,
    `favoured_price` by position) are in the one sum of the goal; `worth_of` splits them.

    `greedy` positions were listed greedily: their prices are not known, and `loss` is the most points by which the
    total of these lists may miss the best.
    """

    chosen: tuple[Ints, ...]
    wanting: tuple[int, ...]
    wanting_favoured: tuple[int, ...]
    person_price: Ints
    place_price: Ints
    favoured_price: Ints
    total: Worth
    greedy: Bools
    loss: int
    fill: int
    bonus: int

    def worth_of(self, price: int) -> Worth:
        """A price, or a difference of prices, in places, floor places and points."""
        places = round(price / self.fill)
        rest = price - places * self.fill
        floor = round(rest / self.bonus) if self.bonus else 0
        return Worth(places, floor, rest - floor * self.bonus)


def allocate(
    ranked: Sequence[Ranked],
    asked: Sequence[int],
    limit: int | None,
    floor: Sequence[int] | None = None,
    favoured: Bools | None = None,
    most_edges: int = MOST_EDGES,
) -> Allocation:
    """The lists of all positions together: at most `asked[i]` people each, nobody on more than `limit` lists (None:
    no limit), `floor[i]` of them `favoured` (one boolean per row of the people table) where that can be.

    The most places filled, then the most floor places held, then the most points; of equal totals the one that
    `ties` defines. Groups of positions with more than `most_edges` useful edges are listed greedily.
    """
    whole = Graph.of(ranked, asked, limit, floor, favoured)
    edges = useful(whole)
    graph = whole.part(edges)
    made = _solved(graph, most_edges)
    taken = np.zeros(len(whole), bool)
    taken[edges[made.taken]] = True
    place = np.arange(len(whole)) - whole.starts[whole.owner]
    ends = np.searchsorted(whole.owner[taken], np.arange(whole.positions + 1))
    listed = place[taken]
    anybody, recipients = _wanting(whole, taken, made)
    return Allocation(
        tuple(listed[low:high] for low, high in pairwise(ends)),
        tuple(np.flatnonzero(anybody).tolist()),
        tuple(np.flatnonzero(recipients).tolist()),
        made.proof.person,
        made.proof.place,
        made.proof.favoured_place,
        Worth(*whole.worth(taken)),
        made.greedy,
        made.loss,
        whole.fill,
        whole.bonus,
    )


@dataclass
class _Made:
    """What is known so far: edges taken, prices, positions listed greedily and what they may lose."""

    taken: Bools
    proof: Prices
    greedy: Bools
    loss: int = 0


def _solved(graph: Graph, most_edges: int) -> _Made:
    """Positions whose best lists respect the limit keep them; the others are solved with those they share people
    with."""
    taken = alone(graph)
    made = _Made(taken, _free_prices(graph, taken), np.zeros(graph.positions, bool))
    over = graph.lists(taken) > graph.limit
    if not over.any():
        return made
    groups = components(graph)
    crowded = np.isin(groups, groups[np.unique(graph.owner[over[graph.person]])])
    for members in _bins(graph, groups, crowded):
        edges = np.flatnonzero(members[graph.owner])
        part = graph.part(edges)
        found = _proved(part) if len(edges) <= most_edges else None
        if found is None:
            rough = greedy(part)
            made.taken[edges] = rough.taken
            made.greedy |= members
            made.loss += rough.loss
            continue
        made.taken[edges], proof = found
        made.proof.person[part.person] = proof.person[part.person]
        made.proof.place[members] = proof.place[members]
        made.proof.favoured_place[members] = proof.favoured_place[members]
    return made


def _free_prices(graph: Graph, taken: Bools) -> Prices:
    """The prices when nobody is limited: no person has one."""
    unlimited = prices(graph.without_limit(), taken)
    if unlimited is None:
        raise AssertionError("lists made apart are the best without a limit")
    return unlimited


def _bins(graph: Graph, groups: Ints, crowded: Bools) -> Iterator[Bools]:
    """The crowded groups, small ones put together, as masks of positions."""
    sizes = np.bincount(groups, weights=np.diff(graph.starts))
    held = np.zeros(len(sizes), bool)
    edges = 0.0
    for group in np.unique(groups[crowded]).tolist():
        if edges and edges + sizes[group] > BIN_EDGES:
            yield held[groups]
            held, edges = np.zeros(len(sizes), bool), 0.0
        held[group] = True
        edges += sizes[group]
    if edges:
        yield held[groups]


def _proved(graph: Graph) -> tuple[Bools, Prices] | None:
    """The lists that the fixed order chooses among the best, with the prices that prove them; None when the solver's
    arithmetic does not reach a proof."""
    if installed():
        taken = flow(graph)
        proof = prices(graph, taken)
        if proof is not None:
            return canonical(graph, taken, proof), proof
    for stake in (*STAKES, 0):
        bonus = min(stake * graph.spread, graph.bonus) if stake else graph.bonus
        fill = min(stake * (bonus + graph.spread), graph.fill) if stake else graph.fill
        taken = solve(graph, fill, bonus)
        proof = prices(graph, taken)
        if proof is not None:
            return canonical(graph, taken, proof), proof
    return None


def _wanting(graph: Graph, taken: Bools, made: _Made) -> tuple[Bools, Bools]:
    """Positions where somebody after the last person kept could add to the total: anybody; favoured people."""
    open_ = graph.filled(taken) < graph.asked
    missed = graph.held(taken) < graph.floor
    anybody = open_ | _beaten(graph, ~graph.favoured, made.proof.place, made.greedy)
    favoured = open_ | missed | _beaten(graph, graph.favoured, made.proof.favoured_place, made.greedy)
    return anybody, favoured & (graph.floor > 0)


def _beaten(graph: Graph, group: Bools, place: Ints, greedy: Bools) -> Bools:
    """Positions with a proof where somebody of the group just after the last one kept could be worth a place."""
    last = np.full(graph.positions, -1)
    edges = np.flatnonzero(group)
    last[graph.owner[edges]] = edges
    some = last >= 0
    beaten = ~greedy & some
    beaten[some] &= graph.fill + graph.points[last[some]] > place[some]
    return beaten
