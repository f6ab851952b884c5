"""How sure an answer is: a logistic of what can be seen, calibrated on titles held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Fitted by scripts/calibrate_titles.py on ROME 4.0 (version 60, 13 120 appellations) over five sets of equal weight:
# appellations held out, perturbed, official short labels, appellations cut to one or two words, and an index of one
# label for each code. On the half not fitted, a confidence of 0.6-0.7 was right 64 times of 100, 0.9-1.0 93 times.
INTERCEPT = -4.66
SCORE = 3.35
GAP = 7.78
COVERAGE = 0.23
FILLED = 1.31
MAX_GAP = 0.4
"""Beyond this a rival is no longer one."""
NOT_SURE = 0.5
"""Under this confidence the answer is "not sure": it would be wrong more often than right."""


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


def confidence(evidence: Evidence) -> Floats:
    """Probability that each answer is right, in [0, 1], never rising with the rank; 0 where there is no answer."""
    z = variables(evidence) @ np.array([SCORE, GAP, COVERAGE, FILLED]) + INTERCEPT
    probability = np.where(evidence.score > 0, 1.0 / (1.0 + np.exp(-z)), 0.0)
    return np.asarray(np.round(np.minimum.accumulate(probability, axis=1), 4), dtype=np.float64)
