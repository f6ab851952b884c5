"""People shared between positions: enough of them ranked for each, lists made together, and what a floor costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from matcher.allocation import Allocation, Floor, Ranked, allocate, best, reserve
from matcher.engine import Options, Ranking
from matcher.locale import _
from matcher.resolve.cells import Bools, Ints

GROWTH = 4  # how many times more people are kept where those kept do not settle the lists
FLOOR_COLUMNS = ("position_id", "asked", "listed", "floor", "missing", "points_lost")

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True)
class Shared:
    """Lists made together. `alone` has the rows that each position would list by itself, without limit or floor;
    `floor` one row per position that keeps places (FLOOR_COLUMNS), and `floor_cost` the points it takes in total.
    """

    rankings: tuple[Ranking, ...]
    allocation: Allocation
    alone: tuple[Ints, ...]
    floor: pd.DataFrame
    floor_cost: int

    @property
    def remarks(self) -> tuple[str, ...]:
        """What must be said of how the lists were made."""
        told = []
        made = self.allocation
        if made.greedy.any():
            told.append(
                _(
                    "{count} poste(s) partagent trop de personnes pour un calcul exact : leurs listes sont faites de "
                    "proche en proche, et le total des points est à {loss} points au plus du meilleur ({share})."
                ).format(count=int(made.greedy.sum()), loss=made.loss, share=_percent(made.loss, made.total.points))
            )
        if len(self.floor):
            short = self.floor[self.floor["missing"] > 0]
            told.append(
                _(
                    "Plancher RSA : atteint sur {reached} liste(s) sur {count} ; il manque {missing} place(s) sur "
                    "{wanted} ; coût {cost} points ({share}). Détail dans floor.csv."
                ).format(
                    reached=len(self.floor) - len(short),
                    count=len(self.floor),
                    missing=int(short["missing"].sum()),
                    wanted=int(self.floor["floor"].sum()),
                    cost=self.floor_cost,
                    share=_percent(self.floor_cost, made.total.points + self.floor_cost),
                )
            )
        return tuple(told)


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0.0
    return _("{share:.2f} % du total").format(share=share)


class Source(Protocol):
    """What lists are made from: an engine that holds everybody, or what was gathered from engines that each hold a
    part of the people. Rows and ties number everybody."""

    @property
    def options(self) -> Options: ...
    @property
    def positions(self) -> pd.DataFrame: ...
    @property
    def ties(self) -> Ints: ...
    def recipients(self) -> Bools: ...
    def rankings(
        self, counts: Sequence[int], which: Sequence[int] | None = None, among: Bools | None = None
    ) -> Iterable[Ranking]: ...


def share(engine: Source, asked: Sequence[int], progress: Progress | None = None) -> Shared:
    """Rank enough people for each position and make all lists together.

    More people are kept, and the lists made again, until nobody beyond those kept could add to the total: the lists
    are then the best over everybody who passes the filters (but for positions listed greedily).
    """
    options = engine.options
    needed, favoured = floor_of(engine, asked)
    pool = _Pool(engine, asked, options.max_per_candidate is not None, favoured)
    pool.fill(progress)
    while True:
        ranked = [ranking.best for ranking in pool.rankings]
        made = allocate(ranked, asked, options.max_per_candidate, needed, favoured)
        if not pool.enlarge(made):
            break
    alone = tuple(one.rows[:count] for one, count in zip(ranked, asked, strict=True))
    table, cost = _cost_of_floor(engine, ranked, asked, made, needed, favoured)
    return Shared(tuple(pool.rankings), made, alone, table, cost)


def floor_of(engine: Source, asked: Sequence[int]) -> tuple[list[int] | None, Bools | None]:
    """The places that the floor keeps on each list, and who counts for them; None without a floor."""
    if engine.options.floor is None:
        return None, None
    floor = Floor.read(engine.options.floor)
    return [floor.places(count) for count in asked], engine.recipients()


class _Pool:
    """The people kept for each position, best first: the best, and with a floor the best recipients too."""

    def __init__(self, engine: Source, asked: Sequence[int], limited: bool, favoured: Bools | None) -> None:
        self.engine = engine
        self.favoured = favoured
        self.counts = [reserve(count, limited or favoured is not None) for count in asked]
        self.favoured_counts = list(self.counts)
        self.rankings: list[Ranking] = []
        self.passing = [0] * len(asked)
        self.favoured_kept = [0] * len(asked)

    def fill(self, progress: Progress | None) -> None:
        found: Iterable[Ranking] = self.engine.rankings(self.counts)
        plain = list(progress(found, len(self.counts)) if progress else found)
        self.passing = [len(ranking.best.rows) for ranking in plain]
        self.rankings = plain
        self._add_favoured(range(len(plain)))

    def enlarge(self, made: Allocation) -> bool:
        """Keep more people where that could add to the total; whether there was anybody more to keep."""
        more = {i for i in made.wanting if self.passing[i] >= self.counts[i]}
        more_favoured = {i for i in made.wanting_favoured if self.favoured_kept[i] >= self.favoured_counts[i]}
        again = sorted(more | more_favoured)
        if not again:
            return False
        for i in again:
            self.counts[i] *= GROWTH if i in more else 1
            self.favoured_counts[i] *= GROWTH if i in more_favoured else 1
        found = self.engine.rankings([self.counts[i] for i in again], again)
        for i, ranking in zip(again, found, strict=True):
            self.passing[i], self.rankings[i] = len(ranking.best.rows), ranking
        self._add_favoured(again)
        return True

    def _add_favoured(self, which: Sequence[int]) -> None:
        """Add to the rankings of some positions their best favoured people."""
        if self.favoured is None:
            return
        found = self.engine.rankings([self.favoured_counts[i] for i in which], which, self.favoured)
        for i, favoured in zip(which, found, strict=True):
            self.favoured_kept[i] = len(favoured.best.rows)
            self.rankings[i] = replace(
                self.rankings[i], best=_together(self.rankings[i].best, favoured.best, self.engine.ties)
            )


def _together(kept: Ranked, more: Ranked, ties: Ints) -> Ranked:
    """The people of both, each once, in order."""
    new = ~np.isin(more.rows, kept.rows)
    rows = np.concatenate([kept.rows, more.rows[new]])
    points = np.concatenate([kept.points, more.points[new]])
    levels = np.concatenate([kept.levels, more.levels[:, new]], axis=1)
    order = best(points, ties[rows], len(rows))
    return Ranked(rows[order], points[order], levels[:, order])


def _cost_of_floor(
    engine: Source,
    ranked: Sequence[Ranked],
    asked: Sequence[int],
    made: Allocation,
    needed: Sequence[int] | None,
    favoured: Bools | None,
) -> tuple[pd.DataFrame, int]:
    """What the floor asks, what it misses and the points it takes, beside the lists made without it."""
    if needed is None or favoured is None:
        return pd.DataFrame(columns=list(FLOOR_COLUMNS)), 0
    free = allocate(ranked, asked, engine.options.max_per_candidate)
    held = [int(favoured[one.rows[picked]].sum()) for one, picked in zip(ranked, made.chosen, strict=True)]
    points = [
        [int(one.points[picked].sum()) for one, picked in zip(ranked, lists, strict=True)]
        for lists in (made.chosen, free.chosen)
    ]
    table = pd.DataFrame(
        {
            "position_id": engine.positions["position_id"].to_numpy(),
            "asked": np.asarray(asked, np.int64),
            "listed": [len(picked) for picked in made.chosen],
            "floor": needed,
            "missing": np.maximum(np.asarray(needed, np.int64) - held, 0),
            "points_lost": np.subtract(points[1], points[0]),
        },
        columns=list(FLOOR_COLUMNS),
    )
    return table, free.total.points - made.total.points
