"""Who a run lists, against who it could have listed: rates by group with their intervals, exposure, equal merit.

Figures to discuss, never a verdict: a rate has an interval, a small group is hidden, and what is not known is a
group of its own. Nothing here enters a score. docs/equite.md says it to readers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.fairness.aims import AIMS, Aim, Commitment, charter_aims, commitments, contract_months
from matcher.fairness.groups import (
    DIMENSIONS,
    HOME,
    MIN_GROUP,
    UNKNOWN,
    YES,
    Dimension,
    Groups,
    age_bands,
    group_codes,
    hidden,
    home_groups,
)
from matcher.fairness.intervals import gini, ratio_interval, standardised_ratio, wilson
from matcher.fairness.merit import Merit, Merits, equal_merits, expected, rank_weight
from matcher.fairness.rates import RATE_COLUMNS, selection_rates
from matcher.fairness.table import TABLE_COLUMNS, fairness_table
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.people import Floats
from matcher.shortlist import Result
from matcher.vocabulary import Outcome

__all__ = [
    "AIMS",
    "DIMENSIONS",
    "HOME",
    "MIN_GROUP",
    "RATE_COLUMNS",
    "TABLE_COLUMNS",
    "UNKNOWN",
    "YES",
    "Aim",
    "Commitment",
    "Dimension",
    "Exposure",
    "Fairness",
    "Groups",
    "Merit",
    "Merits",
    "age_bands",
    "charter_aims",
    "contract_months",
    "eligible_pool",
    "equal_merits",
    "expected",
    "exposure_summary",
    "fairness",
    "fairness_table",
    "gini",
    "group_codes",
    "hidden",
    "home_groups",
    "list_places",
    "rank_weight",
    "ratio_interval",
    "selection_rates",
    "standardised_ratio",
    "wilson",
]


@dataclass(frozen=True)
class Exposure:
    """How the places on lists are shared among the people of the pool.

    `gini` is over all the pool, 0 for those never listed: 0 when everybody has as many places, near 1 when few
    have all; NaN without any place. `most` is the greatest number of lists that one person is on.
    """

    pool: int
    listed: int
    places: int
    gini: float
    most: int

    @property
    def never(self) -> int:
        """People of the pool on no list."""
        return self.pool - self.listed

    @property
    def coverage(self) -> float:
        """Share of the pool on one list at least; NaN for an empty pool."""
        return self.listed / self.pool if self.pool else float("nan")


@dataclass(frozen=True)
class Fairness:
    """`rates`: one row per group that has people, RATE_COLUMNS, figures NaN where hidden. `dimensions` names the
    groups; merit was compared on `positions_compared` positions."""

    rates: pd.DataFrame
    exposure: Exposure
    aims: tuple[Aim, ...]
    commitments: tuple[Commitment, ...]
    dimensions: Mapping[str, Dimension]
    positions_compared: int


def fairness(result: Result) -> Fairness:
    """The figures of a run.

    People who object to matching are counted nowhere. The pool is the others whose right to work is not known to
    be over and who are eligible, or to verify, for one position of known place at least.
    """
    engine = result.engine
    kept = ~engine.gate.objects
    pool = eligible_pool(engine)[kept]
    places, exposure = list_places(result.listed, len(engine.candidates))
    groups = Groups.of(engine.candidates, engine.options.on).take(kept)
    merits = equal_merits(engine, result.listed)
    own = {name: Merit(one.observed[kept], one.expected[kept]) for name, one in merits.by_name.items()}
    rates = selection_rates(groups.codes, pool, places[kept], exposure[kept], groups.dimensions, own)
    summary = exposure_summary(places[kept][pool])
    aims = charter_aims(rates, summary.listed, summary.pool)
    return Fairness(rates, summary, aims, commitments(result), groups.dimensions, merits.positions)


def eligible_pool(engine: Engine) -> Bools:
    """n booleans: who could have been listed, had distance, hours or requirements not mattered."""
    best = np.full(len(engine.candidates), int(Outcome.NOT_ELIGIBLE))
    for rules in dict.fromkeys(rules for rules, job in zip(engine.rule_sets, engine.jobs, strict=True) if job.places):
        best = np.maximum(best, engine.decisions.outcome(rules))
    pool: Bools = (best >= int(Outcome.TO_VERIFY)) & ~engine.gate.objects & ~engine.gate.no_right_to_work
    return pool


def list_places(listed: Sequence[Ints], count: int) -> tuple[Ints, Floats]:
    """For each of `count` people: places on lists, and places weighted by rank, 1 ÷ log2(1 + rank).

    `listed` has the rows of the people of each list, best first. The weight is that of discounted cumulative gain
    (Järvelin and Kekäläinen, 2002): the first place is worth 1, the third a half.
    """
    rows = np.concatenate([np.zeros(0, np.int64), *listed])
    weights = np.concatenate([np.zeros(0), *(rank_weight(len(one)) for one in listed)])
    places = np.bincount(rows, minlength=count).astype(np.int64)
    return places, np.bincount(rows, weights=weights, minlength=count).astype(np.float64)


def exposure_summary(places: Ints) -> Exposure:
    """How `places`, one number per person of the pool, are shared."""
    return Exposure(
        pool=len(places),
        listed=int(np.count_nonzero(places)),
        places=int(places.sum()),
        gini=gini(places),
        most=int(places.max(initial=0)),
    )
