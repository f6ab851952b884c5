"""Ranking metrics, one query (position) at a time. A query with nothing relevant has no NDCG, and is left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def order_of(scores: Floats, ties: Ints | None = None) -> Ints:
    """Places from the best score to the worst; equal scores by `ties`, the smaller first, else as given."""
    second = np.arange(len(scores)) if ties is None else ties
    ranked: Ints = np.lexsort((second, -np.asarray(scores, float)))
    return ranked


def dcg(gains: Floats, k: int) -> float:
    """Σ gain ÷ log2(rank + 1) over the first k (Järvelin and Kekäläinen, 2002)."""
    top = np.asarray(gains, np.float64)[:k]
    return float(top @ (1.0 / np.log2(np.arange(2, len(top) + 2))))


def ndcg(relevance: Ints, ranked: Ints, k: int) -> float:
    """DCG of the order given over that of the best order, with gains 2^relevance − 1; NaN with nothing relevant."""
    gains = np.exp2(np.asarray(relevance, np.float64)) - 1.0
    best = dcg(np.sort(gains)[::-1], k)
    return dcg(gains[ranked], k) / best if best > 0 else float("nan")


def reciprocal_rank(relevant: npt.NDArray[np.bool_], ranked: Ints) -> float:
    """One over the rank of the first relevant person; NaN with none."""
    places = np.flatnonzero(relevant[ranked])
    return float(1.0 / (places[0] + 1)) if len(places) else float("nan")


def recall(relevant: npt.NDArray[np.bool_], ranked: Ints, k: int) -> float:
    """Share of the relevant people among the first k; NaN with none."""
    total = int(relevant.sum())
    return float(relevant[ranked[:k]].sum() / total) if total else float("nan")


def hit(relevant: npt.NDArray[np.bool_], ranked: Ints, k: int) -> float:
    """1 when one of the first k is relevant; NaN with none relevant."""
    return float(relevant[ranked[:k]].any()) if relevant.any() else float("nan")


def auc(positive: npt.NDArray[np.bool_], scores: Floats) -> float:
    """Chance that a positive scores above a negative, ties for half; NaN with one class only."""
    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        return float("nan")
    _values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    return float((mean_rank[inverse][positive].sum() - yes * (yes + 1) / 2) / (yes * no))


def interval(
    values: Floats, statistic: Callable[[Floats], float] | None = None, *, draws: int = 1_000, seed: int = 91
) -> tuple[float, float, float]:
    """The mean of values per position (NaN left out), with its 95 % bootstrap interval over positions."""
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan"), float("nan")
    drawn = known[np.random.default_rng(seed).integers(0, len(known), (draws, len(known)))]
    found = drawn.mean(axis=1) if statistic is None else np.array([statistic(line) for line in drawn])
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(known.mean() if statistic is None else statistic(known)), float(low), float(high)
