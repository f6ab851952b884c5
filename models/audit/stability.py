"""Stability: how far people move when a field that is unknown is filled at random, or a known one is blanked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from matcher.engine import Engine
from matcher.fairness.merit import evenly
from matcher.schema import CANDIDATES
from models.audit.pools import Bools, Floats, Ints
from models.ranking import interval

PEOPLE, POSITIONS, DRAWS = 600, 30, 3
DEPTH = 10
BLANKED = 0.2
FILL, BLANK, ALL = "fill", "blank", "all"
MEASURES = ("changed", "set_aside", "moved", "tau")


def stability(engine: Engine, eligible: Bools, seed: int = 91) -> dict[str, Any]:
    """For each matching field, filled where unknown and blanked in a fifth of the known: how the lists change.

    `changed`: share of the first DEPTH places held by somebody else; `set_aside`: share of those people whom a
    filter now sets aside; `moved`: places that the others move, on average; `tau`: Kendall's between both orders
    of the pool. Means over positions and draws, bootstrapped over positions. On a sample of PEOPLE eligible people
    and POSITIONS positions.
    """
    draw = np.random.default_rng([seed, 3])
    rows = np.flatnonzero(eligible)
    rows = np.sort(draw.choice(rows, PEOPLE, replace=False)) if len(rows) > PEOPLE else rows
    people = engine.candidates.iloc[rows].reset_index(drop=True)
    jobs = engine.positions.iloc[evenly(len(engine.positions), POSITIONS)].reset_index(drop=True)
    before = _orders(engine, people, jobs)
    result: dict[str, Any] = {"people": len(people), "positions": len(jobs), "draws": DRAWS, FILL: {}, BLANK: {}}
    fields = matching_fields(people)
    for mode in (FILL, BLANK):
        for name, columns in {**{name: (name,) for name in fields}, ALL: fields}.items():
            cells = touched(people, columns, mode)
            if not cells:
                continue
            draws = []
            for number in range(DRAWS):
                noisy = disturbed(people, columns, mode, np.random.default_rng([seed, 4, number]))
                draws.append(_compare(before, _orders(engine, noisy, jobs)))
            result[mode][name] = {"cells": round(cells / (len(columns) * len(people)), 4), **_means(draws)}
    return result


def matching_fields(people: pd.DataFrame) -> tuple[str, ...]:
    """The matching columns, the place left out: it is nearly always known, and moving it at random means little."""
    return tuple(name for name in CANDIDATES.with_role("M") if name != "commune" and people[name].notna().any())


def touched(people: pd.DataFrame, columns: Sequence[str], mode: str) -> int:
    """How many cells the noise could touch."""
    unknown = people[list(columns)].isna()
    return int(unknown.to_numpy().sum() if mode == FILL else (~unknown).to_numpy().sum())


def disturbed(people: pd.DataFrame, columns: Sequence[str], mode: str, draw: np.random.Generator) -> pd.DataFrame:
    """The same people, unknown cells drawn from the known of their column, or a part of the known ones emptied."""
    noisy = people.copy()
    for name in columns:
        column = noisy[name].copy()
        unknown = column.isna().to_numpy()
        if mode == FILL:
            known = np.flatnonzero(~unknown)
            column[unknown] = column.iloc[draw.choice(known, int(unknown.sum()))].to_numpy()
        else:
            column[~unknown & (draw.random(len(column)) < BLANKED)] = pd.NA
        noisy[name] = column.astype(people[name].dtype)
    return noisy


Order = tuple[Ints, Ints]


def _orders(engine: Engine, people: pd.DataFrame, jobs: pd.DataFrame) -> list[Order]:
    """For each position the pool in order, and the points."""
    made = Engine(people, jobs, engine.options, engine.card)
    found = [made.rank(i, len(people)).best for i in range(len(made.jobs))]
    return [(best.rows, made.card.raw(best.levels)) for best in found]


def _compare(before: Sequence[Order], after: Sequence[Order]) -> dict[str, Floats]:
    """Each measure for each position, NaN where the pool was empty."""
    lines = [moved(*pair) for pair in zip(before, after, strict=True)]
    return {name: np.array([line[name] for line in lines], np.float64) for name in MEASURES}


def moved(before: Order, after: Order) -> dict[str, float]:
    """The measures of one position."""
    (old, points), (new, others) = before, after
    first = old[:DEPTH]
    if not len(first):
        return dict.fromkeys(MEASURES, float("nan"))
    place = {int(row): rank for rank, row in enumerate(new.tolist())}
    kept = [(rank, place[int(row)]) for rank, row in enumerate(first.tolist()) if int(row) in place]
    _both, left, right = np.intersect1d(old, new, return_indices=True)
    tau = kendalltau(points[left], others[right]).statistic if len(left) > 2 else float("nan")
    return {
        "changed": 1 - len(np.intersect1d(first, new[:DEPTH])) / len(first),
        "set_aside": 1 - len(kept) / len(first),
        "moved": float(np.mean([abs(now - then) for then, now in kept])) if kept else float("nan"),
        "tau": float(tau),
    }


def _means(draws: Sequence[Mapping[str, Floats]]) -> dict[str, list[float | None]]:
    result: dict[str, list[float | None]] = {}
    for name in MEASURES:
        table = np.stack([found[name] for found in draws])
        seen = ~np.isnan(table)
        count = seen.sum(axis=0)
        means = np.where(count > 0, np.nan_to_num(table).sum(axis=0) / np.maximum(count, 1), np.nan)
        result[name] = [None if np.isnan(value) else round(value, 4) for value in interval(means)]
    return result
