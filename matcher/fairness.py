"""Who a run lists, against who it could have listed: rates by group with their intervals, and how places are shared.

Figures to discuss, never a verdict: a rate has an interval, a small group is hidden, and what is not known is a
group of its own. Nothing here enters a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from matcher.eligibility import add_months, evaluate, facts
from matcher.engine import Engine
from matcher.locale import N_
from matcher.resolve.cells import Bools, Dates, Ints, cell_items, distinct_cells
from matcher.resolve.people import Floats
from matcher.rules import load_rules
from matcher.shortlist import Result
from matcher.vocabulary import Outcome

MIN_GROUP = 5  # people of the eligible pool under which a group's figures are not shown
Z95 = 1.959963984540054  # standard normal quantile at 97.5 %
UNKNOWN = "unknown"
YES, NO = "yes", "no"
# The pack whose `boeth` category is BOETH alone, without a condition of registration.
BOETH_PACK = "charte-91-2018"

_YES_NO = {YES: N_("oui"), NO: N_("non"), UNKNOWN: N_("non renseigné")}


@dataclass(frozen=True)
class Dimension:
    """One way to split people: its French title and the French names of its groups, in order."""

    title: str
    groups: Mapping[str, str]


DIMENSIONS: Mapping[str, Dimension] = {
    "sex": Dimension(
        N_("Sexe"),
        {"F": N_("femmes"), "M": N_("hommes"), "X": N_("autre"), UNKNOWN: N_("non renseigné")},
    ),
    "age": Dimension(
        N_("Âge"),
        {
            "under_26": N_("moins de 26 ans"),
            "26_49": N_("de 26 à 49 ans"),
            "50_over": N_("50 ans ou plus"),
            UNKNOWN: N_("non renseigné"),
        },
    ),
    "rsa": Dimension(N_("Bénéficiaire du RSA"), _YES_NO),
    "disability": Dimension(N_("Obligation d'emploi (handicap)"), _YES_NO),
    "qpv": Dimension(N_("Quartier prioritaire (QPV)"), _YES_NO),
}
# What the charter aims at: the groups whose share of the people listed is followed.
AIMS: tuple[tuple[str, str, str], ...] = (
    ("sex", "F", N_("femmes")),
    ("rsa", YES, N_("bénéficiaires du RSA")),
    ("qpv", YES, N_("habitants d'un quartier prioritaire")),
)

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
    "exposure_ratio",
    "hidden",
)


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
class Aim:
    """The share of a group among the people listed and among the pool (0 to 1); NaN where the group is hidden."""

    dimension: str
    group: str
    label: str
    listed: float
    share_listed: float
    share_pool: float


@dataclass(frozen=True)
class Fairness:
    """`rates`: one row per group that has people, RATE_COLUMNS, figures NaN where hidden."""

    rates: pd.DataFrame
    exposure: Exposure
    aims: tuple[Aim, ...]


def fairness(result: Result) -> Fairness:
    """The figures of a run.

    People who object to matching are counted nowhere. The pool is the others whose right to work is not known to
    be over and who are eligible, or to verify, for one position of known place at least.
    """
    engine = result.engine
    kept = ~engine.gate.objects
    pool = eligible_pool(engine)[kept]
    places, exposure = list_places(result.listed, len(engine.candidates))
    groups = group_codes(engine.candidates, engine.options.on)[kept].reset_index(drop=True)
    rates = selection_rates(groups, pool, places[kept], exposure[kept])
    summary = exposure_summary(places[kept][pool])
    return Fairness(rates, summary, charter_aims(rates, summary))


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
    ranks = np.concatenate([np.zeros(0), *(np.arange(1, len(one) + 1) for one in listed)])
    places = np.bincount(rows, minlength=count).astype(np.int64)
    return places, np.bincount(rows, weights=1 / np.log2(1 + ranks), minlength=count).astype(np.float64)


def group_codes(candidates: pd.DataFrame, on: date) -> pd.DataFrame:
    """The group of each person (canonical table, day `on`) in each dimension, as text; `unknown` where not known."""
    benefits, texts = distinct_cells(candidates["benefits"])
    rsa = np.array([*("RSA" in cell_items(text) for text in texts), False], np.int8)
    boeth = evaluate(facts(candidates), load_rules(BOETH_PACK), on=on, categories=("boeth",)).truth[0]
    return pd.DataFrame(
        {
            "sex": candidates["sex"].fillna(UNKNOWN).to_numpy(object),
            "age": age_bands(candidates["birth_date"].to_numpy("datetime64[D]"), on),
            "rsa": _yes_no(np.where(benefits >= 0, rsa[benefits], -1)),
            "disability": _yes_no(boeth),
            "qpv": _yes_no(candidates["qpv"].to_numpy(np.int8, na_value=-1)),
        },
        dtype="str",
    )


def age_bands(birth: Dates, on: date) -> np.ndarray[Any, np.dtype[np.object_]]:
    """`under_26` when `on` < birth + 26 years, `50_over` when `on` ≥ birth + 50 years, else `26_49`."""
    day = np.datetime64(on, "D")
    cases = [np.isnat(birth), day < add_months(birth, 12 * 26), day >= add_months(birth, 12 * 50)]
    return np.asarray(np.select(cases, [UNKNOWN, "under_26", "50_over"], "26_49"), object)


def _yes_no(truth: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """1, 0, -1 → the three groups."""
    return np.asarray(np.array([NO, YES, UNKNOWN], object)[truth], object)


def selection_rates(groups: pd.DataFrame, pool: Bools, places: Ints, exposure: Floats) -> pd.DataFrame:
    """One row per group that has people, in the order of DIMENSIONS; columns RATE_COLUMNS.

    `groups` as `group_codes` gives it; `pool`, `places`, `exposure` are arrays of its length. `people`, `eligible`,
    `listed` count people; `rate` is listed ÷ eligible with its 95 % Wilson interval; `ratio` is that rate over the
    rest of the pool's, with its interval; `exposure_ratio` the same for the rank-weighted places per person.
    Groups of fewer than MIN_GROUP people of the pool, and those from which they would follow, are hidden.
    """
    tables = [_dimension(name, groups[name], pool, places, exposure) for name in DIMENSIONS]
    return pd.concat(tables, ignore_index=True)[list(RATE_COLUMNS)]


def _dimension(name: str, column: pd.Series[Any], pool: Bools, places: Ints, exposure: Floats) -> pd.DataFrame:
    names = list(DIMENSIONS[name].groups)
    code = pd.Index(names).get_indexer(pd.Index(column))
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
    rest = table.sum() - table
    table["rate"], rest_rate = _divide(table["listed"], table["eligible"]), _divide(rest["listed"], rest["eligible"])
    table["low"], table["high"] = wilson(table["listed"].to_numpy(), table["eligible"].to_numpy())
    rest_low, rest_high = wilson(rest["listed"].to_numpy(), rest["eligible"].to_numpy())
    table["ratio"] = _divide(table["rate"], rest_rate)
    table["ratio_low"], table["ratio_high"] = ratio_interval(
        (table["rate"].to_numpy(), table["low"].to_numpy(), table["high"].to_numpy()),
        (rest_rate, rest_low, rest_high),
    )
    each, rest_each = _divide(table["exposure"], table["eligible"]), _divide(rest["exposure"], rest["eligible"])
    table["exposure_ratio"] = _divide(each, rest_each)
    table.insert(0, "dimension", name)
    table.insert(1, "group", names)
    table = table[table["people"] > 0].reset_index(drop=True)
    table["hidden"] = hidden(table["eligible"].to_numpy(np.int64))
    figures = table.columns.difference(["dimension", "group", "hidden"])
    table.loc[table["hidden"], figures] = np.nan
    return table


def _divide(top: Any, bottom: Any) -> Floats:
    """`top` ÷ `bottom`, NaN where `bottom` is 0 or not known."""
    above, below = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    result: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return result


def hidden(sizes: Ints, least: int = MIN_GROUP) -> Bools:
    """Which groups of a partition to hide: those of fewer than `least` people; and, so that none of them follows
    from the total by subtraction, the next smallest ones, until two at least are hidden and hold `least` together.
    """
    mask = sizes < least
    for group in np.argsort(sizes, kind="stable"):
        if not mask.any() or (np.count_nonzero(mask) > 1 and sizes[mask].sum() >= least):
            break
        mask[group] = True
    return mask


def wilson(successes: Any, trials: Any) -> tuple[Floats, Floats]:
    """The 95 % score interval of proportions (Wilson, 1927), in [0, 1]; NaN without trials."""
    count = np.asarray(trials, np.float64)
    share = _divide(successes, count)
    safe = np.where(count > 0, count, 1.0)
    scale = 1 + Z95**2 / safe
    centre = (share + Z95**2 / (2 * safe)) / scale
    half = Z95 * np.sqrt(share * (1 - share) / safe + Z95**2 / (4 * safe**2)) / scale
    # The two ends are exact at 0 and 1; rounding must not move them inside.
    low = np.where(share == 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(share == 1, 1.0, np.minimum(centre + half, 1.0))
    return low, high


Interval = tuple[Floats, Floats, Floats]


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


def gini(values: Any) -> float:
    """The Gini coefficient of non-negative amounts: 0 all equal, towards 1 all to one; NaN when all are 0."""
    amounts = np.sort(np.asarray(values, np.float64))
    total = float(amounts.sum())
    if not total:
        return float("nan")
    ranks = np.arange(1, len(amounts) + 1)
    return float((2 * ranks - len(amounts) - 1) @ amounts / (len(amounts) * total))


def exposure_summary(places: Ints) -> Exposure:
    """How `places`, one number per person of the pool, are shared."""
    return Exposure(
        pool=len(places),
        listed=int(np.count_nonzero(places)),
        places=int(places.sum()),
        gini=gini(places),
        most=int(places.max(initial=0)),
    )


def charter_aims(rates: pd.DataFrame, summary: Exposure) -> tuple[Aim, ...]:
    """The share of women, RSA recipients and residents of priority districts among the people listed."""
    keys = zip(rates["dimension"], rates["group"], strict=True)
    counts = dict(zip(keys, zip(rates["listed"].tolist(), rates["eligible"].tolist(), strict=True), strict=True))
    aims = []
    for dimension, group, label in AIMS:
        listed, eligible = counts.get((dimension, group), (0.0, 0.0))
        shares = (
            value / total if total else float("nan")
            for value, total in ((listed, summary.listed), (eligible, summary.pool))
        )
        aims.append(Aim(dimension, group, label, listed, *shares))
    return tuple(aims)
