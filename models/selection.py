"""How strongly to shrink, and whether to move at all: cross-validation over positions, never over pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.design import Design, indicators
from models.fit import IMPLICIT, LOOSE, Observations, Posterior, fit, fit_parent, observe
from models.signals import GATES, Feedback, Floats, Ints

TAUS = (1.0, 2.0, 4.0, 8.0, 16.0)  # points
FOLDS, MORE_FOLDS, FEW_POSITIONS = 5, 10, 100  # a fifth of few positions is too much to learn without
CAUTION = 0.10  # chance of moving for nothing: the interval of the gain is at 80 %
BOOTSTRAPS = 2_000
SEED = 20_260_901


@dataclass(frozen=True)
class Pairs:
    """Held-out comparisons: within one position and gate, somebody who passed and somebody who did not; in a position
    without any, two people whom somebody ranked."""

    better: Ints
    worse: Ints
    group: Ints


def comparisons(feedback: Feedback, observations: Observations) -> Pairs:
    """Every yes against every no of the same position, gate and origin; choices nobody wrote down are left out."""
    said = observations.intercept < IMPLICIT
    row, answer = observations.row[said], observations.answer[said]
    key = feedback.group[row] * (2 * len(GATES)) + observations.intercept[said]
    order = np.argsort(key, kind="stable")
    better, worse = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    starts = np.unique(key[order], return_index=True)[1]
    for chosen in np.split(order, starts[1:]) if len(order) else ():
        yes, no = row[chosen[answer[chosen] == 1]], row[chosen[answer[chosen] == 0]]
        better.append(np.repeat(yes, len(no)))
        worse.append(np.tile(no, len(yes)))
    alone = ~np.isin(feedback.group[observations.better], feedback.group[np.concatenate(better)])
    left = np.concatenate([*better, observations.better[alone]])
    return Pairs(left, np.concatenate([*worse, observations.worse[alone]]), feedback.group[left])


def pair_losses(pairs: Pairs, scores: Floats, groups: int) -> Floats:
    """For each position the mean logistic loss of its comparisons, in nats; NaN where it has none."""
    loss = np.logaddexp(0, scores[pairs.worse] - scores[pairs.better])
    count = np.bincount(pairs.group, minlength=groups)
    total = np.bincount(pairs.group, loss, groups)
    means: Floats = np.divide(total, count, out=np.full(groups, np.nan), where=count > 0)
    return means


def folds(groups: int, seed: int = SEED) -> Ints:
    """A fold number for each position, drawn once: ten folds up to a hundred positions, else five."""
    count = MORE_FOLDS if groups <= FEW_POSITIONS else FOLDS
    order = np.random.default_rng(seed).permutation(groups)
    assigned: Ints = np.empty(groups, np.int64)
    assigned[order] = np.arange(groups) % min(count, max(groups, 2))
    return assigned


def lower_bound(gains: Floats, level: float = CAUTION, seed: int = SEED) -> tuple[float, float, float]:
    """Mean of a gain per position, and the bounds of its 80 % bootstrap interval over positions."""
    known = gains[~np.isnan(gains)]
    if not len(known):
        return float("nan"), float("nan"), float("nan")
    drawn = np.random.default_rng(seed).integers(0, len(known), (BOOTSTRAPS, len(known)))
    means = known[drawn].mean(axis=1)
    low, high = np.quantile(means, [level, 1 - level])
    return float(known.mean()), float(low), float(high)


@dataclass(frozen=True)
class Selection:
    """What cross-validation says. Gains are parent minus learned pair loss, in nats per comparison, by position.

    `scores` are out-of-fold scores in logits [n], `parent_scores` the same for the parent.
    """

    tau: float
    gain: float
    low: float
    high: float
    losses: dict[float, float]
    parent_loss: float
    positions: int
    scores: Floats
    parent_scores: Floats
    gains: Floats

    @property
    def moves(self) -> bool:
        """True when the gain's lower bound is above zero."""
        return bool(self.low > 0)


def select(
    feedback: Feedback,
    design: Design,
    *,
    taus: Sequence[float] = TAUS,
    implicit: bool = False,
    least: float | None = 0.0,
) -> Selection:
    """Choose `tau` by the held-out comparisons. The gain itself is measured with, for each fold, the `tau` that the
    other folds choose, so that choosing is not counted as gaining. `least` bounds the steps (see models.fit.fit)."""
    assigned = folds(feedback.groups)
    pairs = comparisons(feedback, observe(feedback))
    matrix = indicators(feedback.levels)
    scores = np.zeros((len(taus), len(feedback)))
    parent_scores = np.zeros(len(feedback))
    for fold in np.unique(assigned).tolist():
        held = assigned[feedback.group] == fold
        training = feedback.take(~held)
        posterior = Posterior(training, observe(training, implicit=implicit), design)
        parent = fit_parent(posterior)
        raw = matrix[held]
        warm = None
        for k, tau in enumerate(taus):
            found, warm = fit(posterior, tau, parent, warm, LOOSE, least)
            parent_scores[held] = found.parent_scale * (raw @ design.prior)
            scores[k, held] = found.scale * (raw @ found.points)
    losses = np.stack([pair_losses(pairs, line, feedback.groups) for line in scores])
    base = pair_losses(pairs, parent_scores, feedback.groups)
    chosen = np.array([_best(losses[:, assigned != fold]) for fold in range(int(assigned.max()) + 1)])[assigned]
    gains = base - losses[chosen, np.arange(feedback.groups)]
    best = _best(losses)
    mean, low, high = lower_bound(gains)
    return Selection(
        taus[best],
        mean,
        low,
        high,
        {tau: _mean(line) for tau, line in zip(taus, losses, strict=True)},
        _mean(base),
        int(np.count_nonzero(~np.isnan(gains))),
        scores[chosen[feedback.group], np.arange(len(feedback))],
        parent_scores,
        gains,
    )


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _best(losses: Floats) -> int:
    means = [_mean(line) for line in losses]
    return 0 if np.isnan(means).all() else int(np.nanargmin(means))
