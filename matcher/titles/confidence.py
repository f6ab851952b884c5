"""How sure an answer is: a logistic of what can be seen, calibrated on titles held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MAX_GAP = 0.4
"""Beyond this a rival is no longer one."""


@dataclass(frozen=True)
class Calibration:
    """Coefficients of the logistic, and the confidence under which the answer is "not sure"."""

    score: float
    gap: float
    coverage: float
    filled: float
    intercept: float
    not_sure: float


# Both fitted by scripts/calibrate_titles.py.
RICH = Calibration(score=3.35, gap=7.78, coverage=0.23, filled=1.31, intercept=-4.66, not_sure=0.5)
"""An index that holds many titles for each code. ROME 4.0 (version 60, 13 120 appellations), five sets of equal
weight: appellations held out, perturbed, official short labels, appellations cut to one or two words, and an index of
one label for each code. On the half not fitted, a confidence of 0.6-0.7 was right 64 times of 100, 0.9-1.0 93 times.
Under 0.5 an answer would be wrong more often than right."""
FOREIGN = Calibration(score=2.37, gap=7.86, coverage=0.31, filled=1.61, intercept=-3.9, not_sure=0.5)
"""An index that compares meaning too, fitted on the same sets as RICH; 0.6-0.7 was right 66 times of 100, 0.9-1.0 93
times."""
SPARSE = Calibration(score=3.37, gap=4.07, coverage=0.0, filled=2.02, intercept=-4.83, not_sure=0.6)
"""The embedded index: one label for each code, and the everyday titles of the trades met in clauses. Fitted on three
sets of equal weight of official appellations that it does not hold: of the codes met in clauses, of the other codes
that have everyday titles, of all the others. Word for word, an answer has 0.9. The bar is higher: where a code has
but one label, the nearest one is often a neighbour's."""

NOT_SURE = RICH.not_sure
"""Under this confidence the answer of a rich index is "not sure"."""


@dataclass(frozen=True)
class Evidence:
    """What is known of each answer, arrays [n, k] in rank order (score 0 where there is none)."""

    score: Floats
    exact: npt.NDArray[np.bool_]
    coverage: Floats
    """Share of the query's words that the label holds, weighted by rarity."""
    filled: Floats
    """Share of the label's words that the query holds, weighted by rarity."""


def variables(evidence: Evidence) -> Floats:
    """The logistic's variables, [n, k, 4]: score without the exact bonus, gap to the best rival, coverage, filled."""
    exact = evidence.exact.astype(np.float64)
    total = evidence.score
    rival = np.repeat(total[:, :1], total.shape[1], axis=1)
    rival[:, 0] = total[:, 1] if total.shape[1] > 1 else 0.0
    gap = np.clip(total - rival, -MAX_GAP, MAX_GAP)
    return np.stack([np.minimum(total - exact, 1.0), gap, evidence.coverage, evidence.filled], axis=2)


def confidence(evidence: Evidence, by: Calibration = RICH) -> Floats:
    """Probability that each answer is right, in [0, 1], never rising with the rank; 0 where there is no answer."""
    z = variables(evidence) @ np.array([by.score, by.gap, by.coverage, by.filled]) + by.intercept
    probability = np.where(evidence.score > 0, 1.0 / (1.0 + np.exp(-z)), 0.0)
    return np.asarray(np.round(np.minimum.accumulate(probability, axis=1), 4), dtype=np.float64)
