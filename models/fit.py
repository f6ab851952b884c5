"""The update of a scorecard by what followed: the most probable points given the decisions and the parent's points.

Each decision is an observation of whether somebody passed a gate (accepted, interviewed, hired, kept):

    logit P(pass) = intercept(gate, origin) + offset(position) + Σ points(level) × s

with a Gaussian prior of standard deviation `tau` points around the parent's points for every level, and of one logit
for the offset of a position. Written with β = s × points the penalty |β − s·prior|² is convex in (β, s), so that the
answer is unique; `tau` counts in points of the parent's own scale, fitted first. Bounds keep order and signs (see
models.design).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from models.design import Design, indicators
from models.signals import GATES, Feedback, Floats, Ints

OFFSET_SD = 1.0
INTERCEPT_RIDGE = 0.01  # keeps the intercept of a gate that everybody passes finite
SCALE_BOUNDS = (0.01, 0.5)  # logits per point
SCALE_DRIFT = 4.0
PAIR_WEIGHT = 0.5
PROPENSITY_POWER, PROPENSITY_CLIP = 0.5, 5.0
STEP_UNIT = 10.0  # points; keeps the directions of the search of one size
LOOSE, TIGHT = 1e-6, 1e-9  # relative tolerance of the search: while cross-validating, and for the answer
IMPLICIT = 2 * len(GATES)  # the intercept of choices nobody wrote down
INTERCEPTS = IMPLICIT + 1


@dataclass(frozen=True)
class Observations:
    """Yes or no answers: the proposal, its intercept, the answer, its weight; and who was put before whom.

    Somebody who stopped at a gate for a reason about them is a no for that gate and the following ones: the farther
    the person got, the more yes they count. Nobody else's no is invented, but for people accepted in a position
    where somebody went farther and they did not.
    """

    row: Ints
    intercept: Ints
    answer: Floats
    weight: Floats
    better: Ints
    worse: Ints
    pair_weight: Floats


def observe(feedback: Feedback, *, implicit: bool = False) -> Observations:
    """The observations of some proposals; with `implicit`, choices nobody wrote down enter too (see `propensity`)."""
    gates, answers, rows = _gates(feedback)
    intercepts = gates + len(GATES) * feedback.added[rows]
    weights = np.ones(len(rows))
    if implicit:
        chosen = np.flatnonzero(feedback.picked)
        yes = feedback.picked[chosen] > 0
        rows, answers = np.concatenate([rows, chosen]), np.concatenate([answers, yes.astype(float)])
        intercepts = np.concatenate([intercepts, np.full(len(chosen), IMPLICIT)])
        weights = np.concatenate([weights, np.where(yes, 1 / propensity(feedback.rank[chosen]), 1.0)])
    better, worse, share = _ranked_pairs(feedback)
    return Observations(rows, intercepts, answers, weights, better, worse, PAIR_WEIGHT * share)


def propensity(rank: Floats) -> Floats:
    """How likely a line is to be looked at, by the rank shown: rank^-0.5, not under 1/5 (the clip of the weights)."""
    seen: Floats = np.maximum(np.nan_to_num(rank, nan=1.0) ** -PROPENSITY_POWER, 1 / PROPENSITY_CLIP)
    return seen


def _gates(feedback: Feedback) -> tuple[Ints, Floats, Ints]:
    """Gate number from 0, answer and proposal of each observation, gate after gate."""
    passed, failed = feedback.passed, feedback.failed
    unwritten = feedback.picked != 0
    farthest = np.zeros(max(feedback.groups, 1), np.int64)
    np.maximum.at(farthest, feedback.group, passed)
    left_behind = (passed > 0) & ~failed & ~feedback.excused
    gates, answers, rows = [], [], []
    for gate in range(1, len(GATES) + 1):
        no = (passed < gate) & (failed | (left_behind & (farthest[feedback.group] >= gate)))
        yes = passed >= gate
        asked = np.flatnonzero((yes | no) & ~(unwritten & (gate == 1)))  # the first gate alone is a choice unwritten
        rows.append(asked)
        answers.append(yes[asked].astype(float))
        gates.append(np.full(len(asked), gate - 1))
    return np.concatenate(gates), np.concatenate(answers), np.concatenate(rows)


def _ranked_pairs(feedback: Feedback) -> tuple[Ints, Ints, Floats]:
    """Within each position, every two people whom somebody ranked; a person weighs 1/2 whatever their number."""
    ranked = np.flatnonzero(~np.isnan(feedback.human))
    order = ranked[np.lexsort((feedback.human[ranked], feedback.group[ranked]))]
    better, worse, weight = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    if len(order):
        starts = np.unique(feedback.group[order], return_index=True)[1]
        for rows in np.split(order, starts[1:]):
            first, second = np.triu_indices(len(rows), 1)
            apart = feedback.human[rows[first]] < feedback.human[rows[second]]
            better.append(rows[first[apart]])
            worse.append(rows[second[apart]])
            weight.append(np.full(int(apart.sum()), 1.0 / max(len(rows) - 1, 1)))
    return np.concatenate(better), np.concatenate(worse), np.concatenate(weight)


@dataclass(frozen=True)
class Fit:
    """Points per level [L] (not rounded), logits per point `scale`, the parent's own scale, and the intercepts."""

    points: Floats
    scale: float
    parent_scale: float
    intercepts: Floats


class Posterior:
    """Minus the log-posterior and its gradient.

    The vector is intercepts [INTERCEPTS], s, offsets [positions], then step sizes [L] in STEP_UNIT points at the
    parent's scale (absent while the parent's own scale is being fitted).
    """

    def __init__(self, feedback: Feedback, observations: Observations, design: Design) -> None:
        used = np.zeros(len(feedback), bool)
        used[observations.row] = used[observations.better] = used[observations.worse] = True
        kept = np.flatnonzero(used)
        place = np.cumsum(used) - 1
        self.matrix = indicators(feedback.levels[:, kept])
        self.row, self.group = place[observations.row], feedback.group[observations.row]
        self.better, self.worse = place[observations.better], place[observations.worse]
        self.data, self.design, self.groups = observations, design, feedback.groups
        self.prior = design.prior
        self.start = INTERCEPTS + 1 + self.groups
        raw = self.matrix @ self.prior
        self.mean = float(raw.mean()) if len(raw) else 0.0
        self.centred = raw - self.mean

    def _likelihood(self, vector: Floats, scores: Floats) -> tuple[float, Floats, Floats]:
        """Loss, gradient by intercepts and offsets (with their priors), gradient by score."""
        data = self.data
        intercepts, offsets = vector[:INTERCEPTS], vector[INTERCEPTS + 1 : self.start]
        logits = intercepts[data.intercept] + offsets[self.group] + scores[self.row]
        residual = data.weight * (expit(logits) - data.answer)
        loss = float(np.sum(data.weight * (np.logaddexp(0, logits) - data.answer * logits)))
        loss += float(offsets @ offsets) / (2 * OFFSET_SD**2) + INTERCEPT_RIDGE / 2 * float(intercepts @ intercepts)
        gap = scores[self.better] - scores[self.worse]
        loss += float(data.pair_weight @ np.logaddexp(0, -gap))
        push = data.pair_weight * expit(-gap)
        by_score: Floats = np.bincount(self.row, residual, len(scores)).astype(np.float64)
        by_score -= np.bincount(self.better, push, len(scores)) - np.bincount(self.worse, push, len(scores))
        by_intercept = np.bincount(data.intercept, residual, INTERCEPTS) + INTERCEPT_RIDGE * intercepts
        by_offset = np.bincount(self.group, residual, self.groups) + offsets / OFFSET_SD**2
        return loss, np.concatenate([by_intercept, [0.0], by_offset]), by_score

    def at_parent(self, vector: Floats) -> tuple[float, Floats]:
        """With the parent's points and the scale alone to be found; scores are centred."""
        raw = self.centred
        loss, gradient, by_score = self._likelihood(vector, vector[INTERCEPTS] * raw)
        gradient[INTERCEPTS] = by_score @ raw
        return loss, gradient

    def at(self, vector: Floats, tau: float, parent_scale: float) -> tuple[float, Floats]:
        """With free points; the steps are in points at `parent_scale`."""
        points = STEP_UNIT * (self.design.steps @ vector[self.start :])
        loss, gradient, by_score = self._likelihood(vector[: self.start], self.matrix @ (parent_scale * points))
        ratio = vector[INTERCEPTS] / parent_scale
        away = points - ratio * self.prior
        loss += float(away @ away) / (2 * tau**2)
        gradient[INTERCEPTS] = -float(away @ self.prior) / (tau**2 * parent_scale)
        by_points = parent_scale * (self.matrix.T @ by_score) + away / tau**2
        return loss, np.concatenate([gradient, STEP_UNIT * (self.design.steps.T @ by_points)])


def fit_parent(posterior: Posterior) -> Floats:
    """The vector [intercepts, scale, offsets] that suits the parent's points best."""
    start = np.zeros(posterior.start)
    start[INTERCEPTS] = 0.07
    free: list[tuple[float | None, float | None]] = [(None, None)] * posterior.start
    free[INTERCEPTS] = SCALE_BOUNDS
    vector = _minimise(posterior.at_parent, start, free, (), LOOSE)
    vector[:INTERCEPTS] -= vector[INTERCEPTS] * posterior.mean
    return vector


def fit(
    posterior: Posterior,
    tau: float,
    parent: Floats,
    warm: Floats | None = None,
    tolerance: float = TIGHT,
    least: float | None = 0.0,
) -> tuple[Fit, Floats]:
    """The most probable points for one `tau` > 0, from `fit_parent`'s vector; `warm` is a solution to start from.

    `least` is the lower bound of every step: 0 keeps order and signs, None forgets them (see models.bounds).
    """
    scale = float(parent[INTERCEPTS])
    steps = posterior.design.size_of(posterior.prior) / STEP_UNIT
    bounds: list[tuple[float | None, float | None]] = [(None, None)] * posterior.start
    bounds[INTERCEPTS] = (scale / SCALE_DRIFT, scale * SCALE_DRIFT)
    bounds += [(least, None)] * len(steps)
    start = np.concatenate([parent, steps]) if warm is None else warm
    vector = _minimise(posterior.at, start, bounds, (tau, scale), tolerance)
    points = STEP_UNIT * (posterior.design.steps @ vector[posterior.start :]) * (scale / vector[INTERCEPTS])
    return Fit(points, float(vector[INTERCEPTS]), scale, vector[:INTERCEPTS]), vector


def _minimise(function: Any, start: Floats, bounds: Any, extra: tuple[float, ...], tolerance: float) -> Floats:
    options = {"maxiter": 1_000, "maxfun": 3_000, "ftol": tolerance}
    search: Any = minimize
    found = search(function, start, args=extra, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    vector: npt.NDArray[np.float64] = np.asarray(found.x, np.float64)
    return vector
