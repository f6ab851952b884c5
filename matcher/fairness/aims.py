"""What the charter aims at, as measured: women, RSA, priority districts, hours, people, length of contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.fairness.groups import YES
from matcher.fairness.intervals import wilson
from matcher.locale import N_
from matcher.resolve.cells import Ints
from matcher.resolve.people import Floats
from matcher.shortlist import Result

AIMS: tuple[tuple[str, str, str], ...] = (
    ("sex", "F", N_("femmes")),
    ("rsa", YES, N_("bénéficiaires du RSA")),
    ("qpv", YES, N_("habitants d'un quartier prioritaire")),
)
MONTH_DAYS = 365.25 / 12
LONG_MONTHS = 3  # the charter found contracts of 2 months and aims at half as long again
MONTHS_SLACK = 2 / MONTH_DAYS  # 1 October to 31 December is three months


@dataclass(frozen=True)
class Aim:
    """The share of a group among the people listed (with its interval) and among the pool (0 to 1); NaN where the
    group is hidden."""

    dimension: str
    group: str
    label: str
    listed: float
    share_listed: float
    low: float
    high: float
    share_pool: float


@dataclass(frozen=True)
class Commitment:
    """One more figure of the charter: `value` in the unit that `label` says, NaN when not known."""

    name: str
    label: str
    value: float


def charter_aims(rates: pd.DataFrame, listed: int, pool: int) -> tuple[Aim, ...]:
    """The share of women, RSA recipients and residents of priority districts among the `listed` people."""
    keys = zip(rates["dimension"], rates["group"], strict=True)
    counts = dict(zip(keys, zip(rates["listed"].tolist(), rates["eligible"].tolist(), strict=True), strict=True))
    aims = []
    for dimension, group, label in AIMS:
        mine, eligible = counts.get((dimension, group), (0.0, 0.0))
        low, high = (float(end[0]) for end in wilson([mine], [listed]))
        shares = (mine / listed if listed else float("nan"), low, high, eligible / pool if pool else float("nan"))
        aims.append(Aim(dimension, group, label, mine, *shares))
    return tuple(aims)


def contract_months(positions: pd.DataFrame) -> Floats:
    """Months from start to end of each position, both days counted; NaN where one is unknown or the end is first."""
    start, end = (positions[name].to_numpy("datetime64[D]") for name in ("start_date", "end_date"))
    days: Floats = np.where(end >= start, (end - start).astype(np.float64) + 1, np.nan)
    return days / MONTH_DAYS


def commitments(result: Result) -> tuple[Commitment, ...]:
    """Hours, people and length of contracts of a run, as its positions say them."""
    return tuple(_commitments(result.engine.positions, result.listed))


def _commitments(positions: pd.DataFrame, listed: tuple[Ints, ...]) -> Iterator[Commitment]:
    hours = positions["hours"].to_numpy(np.float64)
    some = np.array([len(rows) > 0 for rows in listed], bool)
    openings = positions["openings"].fillna(1).to_numpy(np.float64)
    months = contract_months(positions)
    known = ~np.isnan(months)
    weight = openings[known].sum()
    total, long = (
        float(openings[known] @ values) / weight if weight else float("nan")
        for values in (months[known], months[known] + MONTHS_SLACK >= LONG_MONTHS)
    )
    people = np.unique(np.concatenate([np.zeros(0, np.int64), *listed]))
    yield Commitment("hours", N_("heures d'insertion des postes"), float(np.nansum(hours)))
    yield Commitment("hours_listed", N_("heures des postes dont la liste a quelqu'un"), float(np.nansum(hours[some])))
    yield Commitment("people_listed", N_("personnes différentes sur les listes"), float(len(people)))
    yield Commitment("openings", N_("places à pourvoir"), float(openings.sum()))
    yield Commitment("months", N_("mois de contrat, en moyenne par place"), total)
    yield Commitment("long_share", N_("part des places à trois mois de contrat ou plus"), long)
