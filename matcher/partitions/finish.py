"""From what all parts kept to the result: lists made together, then words for the people listed alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from matcher.allocation import Ranked
from matcher.engine import Engine, Options, Ranking
from matcher.fairness import eligible_pool
from matcher.features import FEATURES
from matcher.partitions.gathered import Gathered, Progress, Runner, Totals, one_by_one
from matcher.partitions.people import Crowd, empty_people
from matcher.partitions.sizes import PART_ROWS
from matcher.partitions.store import Store
from matcher.pipeline import Match, worded
from matcher.resolve.cells import Ints
from matcher.scoring import Scorecard
from matcher.sharing import Shared, share


@dataclass(frozen=True)
class Run:
    """How parts are searched: at most so many people in one, where answers are kept, by what, with what progress."""

    store: Store
    rows: int = PART_ROWS
    runner: Runner = one_by_one
    progress: Progress | None = None


class _Few(Engine):
    """An engine over the people listed, which knows the figures of everybody."""

    def __init__(
        self, people: pd.DataFrame, positions: pd.DataFrame, options: Options, card: Scorecard, totals: Totals
    ) -> None:
        super().__init__(people, positions, options, card)
        self._reach = totals.reach
        self._doubts = totals.doubts
        self.pool_elsewhere = totals.pool - int(eligible_pool(self).sum())

    @property
    def remarks(self) -> tuple[str, ...]:
        return (*self._doubts.remarks(), *self.posts.remarks)

    def within_reach(self, i: int) -> int:
        return int(self._reach[i])


def match_in_parts(crowd: Crowd, positions: pd.DataFrame, options: Options, card: Scorecard, how: Run) -> Match:
    """The result of `pipeline.run` over everybody, made part by part. Its tables are those of a run that holds
    everybody; its engine knows only the people listed, so that nobody else can be explained or reported.

    Raises UsageError, EnvironmentFault.
    """
    blank = Engine(empty_people(), positions, options, card)
    gathered = Gathered(crowd, crowd.parts(how.rows), blank, how.store, how.runner, how.progress)
    asked = [blank.asked(i) for i in range(len(blank.jobs))]
    shared = share(gathered, asked)
    chosen = [one.best.rows[picked] for one, picked in zip(shared.rankings, shared.allocation.chosen, strict=True)]
    people = np.unique(np.concatenate([np.zeros(0, np.int64), *chosen, *shared.alone]))
    assert gathered.totals is not None
    engine = _Few(crowd.rows(people), positions, options, card, gathered.totals)
    return worded(engine, asked, _moved(shared, people, engine, chosen))


def _moved(shared: Shared, people: Ints, engine: Engine, chosen: Sequence[Ints]) -> Shared:
    """The same lists with people numbered by the rows of `engine`: -1 for those on no list."""
    rankings = []
    for i, (ranking, picked) in enumerate(zip(shared.rankings, shared.allocation.chosen, strict=True)):
        rows = np.full(len(ranking.best.rows), -1)
        rows[picked] = np.searchsorted(people, chosen[i])
        levels = np.zeros((len(FEATURES), len(rows)), np.int8)
        levels[:, picked] = engine.levels(i, rows[picked])
        rankings.append(Ranking(Ranked(rows, ranking.best.points, levels), ranking.excluded))
    allocation = replace(shared.allocation, person_price=_priced(shared.allocation.person_price, people))
    alone = tuple(np.searchsorted(people, rows) for rows in shared.alone)
    return replace(shared, rankings=tuple(rankings), allocation=allocation, alone=alone)


def _priced(prices: Ints, people: Ints) -> Ints:
    """The prices of some people; those beyond the last one kept have none."""
    found = np.zeros(len(people), np.int64)
    known = people < len(prices)
    found[known] = prices[people[known]]
    return found
