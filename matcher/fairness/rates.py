"""Rates by group: selection, exposure, exposure at equal merit, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from matcher.fairness.groups import DIMENSIONS, Dimension, Groups, hidden
from matcher.fairness.intervals import divide, ratio_interval, standardised_ratio, wilson
from matcher.fairness.merit import EQUAL_JOB, EQUAL_SCORE, Merit
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.people import Floats

EXPOSURE = "exposure_ratio"
STANDARDISED = (EXPOSURE, EQUAL_SCORE, EQUAL_JOB)
RATE_COLUMNS = (
    "dimension",
    "group",
    "people",
    "eligible",
    "listed",
    "rate",
    "low",
    "high",
    "ratio",
    "ratio_low",
    "ratio_high",
    "places",
    "exposure",
    *(name + end for name in STANDARDISED for end in ("", "_low", "_high")),
    "hidden",
)


def selection_rates(
    groups: pd.DataFrame,
    pool: Bools,
    places: Ints,
    exposure: Floats,
    dimensions: Mapping[str, Dimension] = DIMENSIONS,
    merits: Mapping[str, Merit] | None = None,
) -> pd.DataFrame:
    """One row per group that has people, in the order of `dimensions`; columns RATE_COLUMNS.

    `groups` has a column of group codes per dimension; `pool`, `places`, `exposure` and the arrays of `merits` are
    of its length. `people`, `eligible`, `listed` count people; `rate` is listed ÷ eligible with its 95 % Wilson
    interval; `ratio` is that rate over the rest of the pool's; `exposure_ratio` the same for the rank-weighted places
    per person; `equal_score` and `equal_job` for what people of equal merit receive (see `merit`), NaN without it.
    Groups of fewer than MIN_GROUP people of the pool, and those from which they would follow, are hidden.
    """
    named = Groups(groups, dimensions)
    all_merits = {EXPOSURE: Merit(exposure, np.ones(len(pool))), **(merits or {})}
    tables = [_dimension(named, name, pool, places, exposure, all_merits) for name in dimensions]
    return pd.concat(tables, ignore_index=True)[list(RATE_COLUMNS)]


def _dimension(
    groups: Groups, name: str, pool: Bools, places: Ints, exposure: Floats, merits: Mapping[str, Merit]
) -> pd.DataFrame:
    names = list(groups.dimensions[name].groups)
    code = groups.numbers(name)
    weights = {
        "people": np.ones(len(code)),
        "eligible": pool,
        "listed": pool & (places > 0),
        "places": places * pool,
        "exposure": exposure * pool,
    }
    table = pd.DataFrame(
        {key: np.bincount(code, weights=value, minlength=len(names)) for key, value in weights.items()}
    )
    _rates(table)
    for one in STANDARDISED:
        merit = merits.get(one)
        table[[one, f"{one}_low", f"{one}_high"]] = (
            np.full((len(names), 3), np.nan) if merit is None else _standardised(code[pool], merit, pool, len(names))
        )
    table.insert(0, "dimension", name)
    table.insert(1, "group", names)
    table = table[table["people"] > 0].reset_index(drop=True)
    table["hidden"] = hidden(table["eligible"].to_numpy(np.int64))
    figures = table.columns.difference(["dimension", "group", "hidden"])
    table.loc[table["hidden"], figures] = np.nan
    return table


def _rates(table: pd.DataFrame) -> None:
    """Add the selection rates, their ratios to the rest, and both intervals."""
    rest = table.sum() - table
    table["rate"], rest_rate = divide(table["listed"], table["eligible"]), divide(rest["listed"], rest["eligible"])
    table["low"], table["high"] = wilson(table["listed"].to_numpy(), table["eligible"].to_numpy())
    rest_low, rest_high = wilson(rest["listed"].to_numpy(), rest["eligible"].to_numpy())
    table["ratio"] = divide(table["rate"], rest_rate)
    table["ratio_low"], table["ratio_high"] = ratio_interval(
        (table["rate"].to_numpy(), table["low"].to_numpy(), table["high"].to_numpy()),
        (rest_rate, rest_low, rest_high),
    )


def _standardised(code: Ints, merit: Merit, pool: Bools, count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    observed, expected = merit.observed[pool], merit.expected[pool]
    return np.array([standardised_ratio(code == group, observed, expected) for group in range(count)])
