"""What a score means: the probability that somebody shown with it reaches an interview."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from matcher.scoring import Calibration
from models.selection import folds
from models.signals import INTERVIEWED, Bools, Feedback, Floats, Ints

LEAST_OF_EACH = 10
KNOTS = 21
PENDING_DAYS = 60
LOGISTIC, ISOTONIC = "logistic", "isotonic"


def concluded(feedback: Feedback, on: date) -> Bools:
    """Proposals the model showed whose story is over: not the last 60 days' that nobody said a word of."""
    fresh = feedback.day > np.datetime64(on, "D") - np.timedelta64(PENDING_DAYS, "D")
    over: Bools = ~feedback.added & ~(fresh & ~feedback.explicit & ~feedback.excused)
    return over


def calibrate(raw: Floats, reached: Bools, group: Ints) -> Calibration | None:
    """The rising curve from raw score to probability, isotonic or logistic, whichever has the lower Brier score in
    cross-validation over positions; None with fewer than ten people on either side.
    """
    yes = int(reached.sum())
    if min(yes, len(reached) - yes) < LEAST_OF_EACH:
        return None
    held = {name: held_out(raw, reached, group, name) for name in (LOGISTIC, ISOTONIC)}
    losses = {name: float(np.mean((found - reached) ** 2)) for name, found in held.items()}
    method = ISOTONIC if losses[ISOTONIC] < losses[LOGISTIC] else LOGISTIC
    knots, values = _curve(raw, reached, method)
    edge = 1 / (len(reached) + 2)
    shown = np.round(np.maximum.accumulate(np.clip(values, edge, 1 - edge)), 4)
    return Calibration(tuple(np.round(knots, 2).tolist()), tuple(shown.tolist()), len(reached), yes, method)


def held_out(raw: Floats, reached: Bools, group: Ints, method: str = LOGISTIC) -> Floats:
    """Probabilities for each proposal from a curve fitted on other positions [n]."""
    groups = np.unique(group, return_inverse=True)[1]
    assigned = folds(int(groups.max()) + 1)[groups]
    found = np.full(len(raw), float(np.mean(reached)))
    for fold in np.unique(assigned).tolist():
        test = assigned == fold
        if len(np.unique(reached[~test])) == 2:
            knots, values = _curve(raw[~test], reached[~test], method)
            found[test] = np.interp(raw[test], knots, values)
    return found


def _curve(raw: Floats, reached: Bools, method: str) -> tuple[Floats, Floats]:
    if method == LOGISTIC:
        knots = np.linspace(float(raw.min()), float(raw.max()), KNOTS)
        return knots, _logistic(raw, reached, knots)
    fitted: Any = IsotonicRegression(out_of_bounds="clip").fit(raw, reached.astype(float))
    return np.asarray(fitted.X_thresholds_, np.float64), np.asarray(fitted.y_thresholds_, np.float64)


def _logistic(raw: Floats, reached: Bools, at: Floats) -> Floats:
    """A logistic curve that never falls, with a touch of ridge so that it is finite."""
    middle, spread = float(raw.mean()), float(raw.std()) or 1.0
    z = (raw - middle) / spread

    def loss(vector: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        logits = vector[0] + vector[1] * z
        residual = expit(logits) - reached
        value = float(np.sum(np.logaddexp(0, logits) - reached * logits) + 0.01 * vector @ vector)
        return value, np.array([residual.sum(), residual @ z]) + 0.02 * vector

    found: Any = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(None, None), (0, None)])
    curve: Floats = expit(found.x[0] + found.x[1] * (at - middle) / spread)
    return curve


def reached_interview(feedback: Feedback) -> Bools:
    """Who got as far as an interview."""
    reached: Bools = feedback.passed >= INTERVIEWED
    return reached


def reliability(probability: Floats, reached: Bools, bins: int = 10) -> list[dict[str, float]]:
    """The reliability curve: in bins of equal numbers, what was said and what happened."""
    order = np.argsort(probability, kind="stable")
    return [
        {
            "people": len(chosen),
            "said": round(float(probability[chosen].mean()), 4),
            "happened": round(float(reached[chosen].mean()), 4),
        }
        for chosen in np.array_split(order, min(bins, len(order)))
        if len(chosen)
    ]
