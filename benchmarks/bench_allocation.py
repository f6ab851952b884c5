"""Times lists under a limit on made-up markets, and shows what a limit changes.

    python benchmarks/bench_allocation.py [POSITIONSxPEOPLE ...]

A market: towns where positions gather, people around them, trades unevenly wanted, and a merit that suits everybody.
Left to themselves, lists then name the same few people again and again. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from matcher.allocation import Allocation, Ranked, allocate, best, reserve
from matcher.fairness import gini

ASKED = 10


def market(positions: int, people: int, seed: int) -> list[Ranked]:
    """The people kept for each position within 25 km, by trade, merit, nearness and chance, in whole points."""
    random = np.random.default_rng(seed)
    side = 60 * np.sqrt(people / 85_510)  # kilometres; as dense as 85 510 people on 60 × 60
    homes = random.uniform(0, side, (people, 2))
    trade, merit = np.minimum(random.geometric(0.08, people), 41), random.binomial(25, 0.35, people)
    towns = random.uniform(0, side, (max(12, positions // 400), 2))
    town = np.minimum(random.geometric(min(0.25, 3 / len(towns)), positions), len(towns)) - 1
    places = towns[town] + random.normal(0, 2, (positions, 2))
    wanted = np.minimum(random.geometric(0.12, positions), 41)
    ties = random.permutation(people)
    return [
        _ranked(
            homes,
            places[i],
            np.select([trade == wanted[i], trade // 4 == wanted[i] // 4], [40, 18], 0) + 2 * merit,
            ties,
            random,
        )
        for i in range(positions)
    ]


def _ranked(
    homes: np.ndarray, place: np.ndarray, points: np.ndarray, ties: np.ndarray, random: np.random.Generator
) -> Ranked:
    km = np.hypot(*(homes - place).T)
    near = np.flatnonzero(km < 25)
    total = points[near] + np.select([km[near] < 3, km[near] < 7, km[near] < 13], [12, 8, 4], 0)
    total = (total + 3 * random.integers(0, 4, len(near))).astype(np.int64)
    chosen = best(total, ties[near], reserve(ASKED, True))
    return Ranked(near[chosen], total[chosen], np.zeros((0, len(chosen)), np.int8))


def shared(ranked: Sequence[Ranked], made: Allocation, people: int) -> list[str]:
    """How the people are shared: lists of the most listed, people listed, Gini over everybody, places, points."""
    rows = np.concatenate([one.rows[picked] for one, picked in zip(ranked, made.chosen, strict=True)])
    places = np.bincount(rows, minlength=people)
    figures = [str(places.max()), str(np.count_nonzero(places)), f"{gini(places):.3f}"]
    return [*figures, str(made.total.places), str(made.total.points)]


def line(cells: Sequence[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def one_size(positions: int, people: int, limit: int, seed: int) -> None:
    """One row per way of making the lists."""
    ranked = market(positions, people, seed)
    size = [f"{positions} × {people}", str(sum(len(one.rows) for one in ranked))]
    asked, most = [ASKED] * positions, 0
    for name, how in {
        "alone": lambda: allocate(ranked, asked, None),
        f"at most {limit}": lambda: allocate(ranked, asked, limit),
        "greedy": lambda: allocate(ranked, asked, limit, most_edges=0),
    }.items():
        start = time.perf_counter()
        made = how()
        spent = time.perf_counter() - start
        most = most or made.total.points
        lost = f"{100 * (1 - made.total.points / most):.2f} %"
        greedy = int(made.greedy.sum())
        bound = f"{made.loss} ({greedy} greedy positions)" if greedy else "0"
        line([*size, name, f"{spent:.2f}", *shared(ranked, made, people), lost, bound])


def main() -> None:
    """The table for each size asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["1000x85510", "2000x85510", "5000x85510"])
    parser.add_argument("--limit", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    names = "positions × people | edges | lists | seconds | most lists | people listed | Gini | places | points"
    columns = [*names.split(" | "), "lost to the limit", "points under the best, at most"]
    line(columns)
    line(["---"] * len(columns))
    for size in given.sizes:
        positions, people = map(int, size.split("x"))
        one_size(positions, people, given.limit, given.seed)


if __name__ == "__main__":
    main()
