"""Intervals and shares: what a proportion, a ratio or a division of places says, and how surely."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.resolve.cells import Bools
from matcher.resolve.people import Floats

Z95 = 1.959963984540054  # standard normal quantile at 97.5 %

Interval = tuple[Floats, Floats, Floats]


def divide(top: Any, bottom: Any) -> Floats:
    """`top` ÷ `bottom`, NaN where `bottom` is 0 or not known."""
    above, below = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    result: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return result


def wilson(successes: Any, trials: Any) -> tuple[Floats, Floats]:
    """The 95 % score interval of proportions (Wilson, 1927), in [0, 1]; NaN without trials."""
    count = np.asarray(trials, np.float64)
    share = divide(successes, count)
    safe = np.where(count > 0, count, 1.0)
    scale = 1 + Z95**2 / safe
    centre = (share + Z95**2 / (2 * safe)) / scale
    half = Z95 * np.sqrt(share * (1 - share) / safe + Z95**2 / (4 * safe**2)) / scale
    # The two ends are exact at 0 and 1; rounding must not move them inside.
    low = np.where(share == 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(share == 1, 1.0, np.minimum(centre + half, 1.0))
    return low, high


def ratio_interval(first: Interval, second: Interval) -> tuple[Floats, Floats]:
    """The 95 % interval of a ratio of two independent rates from theirs: (rate, low, high) each.

    MOVER-R (Newcombe, 2016, Statistical Methods in Medical Research 25, 1774-1778), written so that it stays exact
    where the second rate is 0. The upper end is infinite where the second rate could be 0; NaN where one is unknown.
    """
    (p1, l1, u1), (p2, l2, u2) = first, second
    product = p1 * p2
    with np.errstate(invalid="ignore", divide="ignore"):
        below, above = l1 * (2 * p1 - l1), u1 * (2 * p1 - u1)
        wide, narrow = u2 * (2 * p2 - u2), l2 * (2 * p2 - l2)
        root = np.sqrt(np.maximum(product**2 - below * wide, 0))
        low = np.where(below == 0, 0.0, below / (product + root))
        high = (product + np.sqrt(np.maximum(product**2 - above * narrow, 0))) / narrow
    unknown = np.isnan(p1) | np.isnan(p2)
    high = np.where((narrow <= 0) & ~unknown, np.inf, high)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def standardised_ratio(member: Bools, observed: Floats, expected: Floats) -> tuple[float, float, float]:
    """Observed over expected of a group, over that of the others, with its 95 % interval.

    `observed` and `expected` are per person [n]. An indirect standardisation, as of mortality ratios: 1 when the
    group receives what the others receive in the same strata. Each side has the score interval of a quasi-Poisson
    count, (seen − mean)² = z² φ mean, where φ is the variance between people over their mean, taken from everybody
    so that a small group borrows it; the two make that of the ratio as in `ratio_interval`. NaN where one side
    expects nothing.
    """
    sides = [(observed[chosen], expected[chosen]) for chosen in (member, ~member)]
    totals = [(float(seen.sum()), float(hoped.sum())) for seen, hoped in sides]
    if min(hope for _seen, hope in totals) <= 0 or not observed.any():
        return float("nan"), float("nan"), float("nan")
    spread = sum(
        float(np.sum((seen - total / hope * hoped) ** 2))
        for (seen, hoped), (total, hope) in zip(sides, totals, strict=True)
    ) / float(observed.sum())
    first, second = (_score_interval(total, hope, spread) for total, hope in totals)
    (low,), (high,) = ratio_interval(first, second)
    ratio = float(divide(first[0], second[0])[0])
    return ratio, float(low), float(high)


def _score_interval(total: float, hope: float, spread: float) -> Interval:
    """Rate, low and high of a quasi-Poisson total over what was expected."""
    margin = Z95**2 * spread
    half = np.sqrt(margin * (total + margin / 4))
    ends = (total, max(total + margin / 2 - half, 0.0) if total else 0.0, total + margin / 2 + half)
    rate, low, high = (np.array([end / hope]) for end in ends)
    return rate, low, high


def gini(values: Any) -> float:
    """The Gini coefficient of non-negative amounts: 0 all equal, towards 1 all to one; NaN when all are 0."""
    amounts = np.sort(np.asarray(values, np.float64))
    total = float(amounts.sum())
    if not total:
        return float("nan")
    ranks = np.arange(1, len(amounts) + 1)
    return float((2 * ranks - len(amounts) - 1) @ amounts / (len(amounts) * total))
