"""From feedback to points: whether the parent stands, and what replaces it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.locale import _
from matcher.scoring import Scorecard
from models.design import Design, as_points
from models.fit import Posterior, fit, fit_parent, observe
from models.selection import Selection, comparisons, lower_bound, select
from models.signals import Feedback, Floats

LEAST_ROWS = 30
LEAST_POSITIONS = 2


@dataclass(frozen=True)
class Learned:
    """New points, or the parent's when `moved` is False, and then `reason` says why.

    `selection` is what cross-validation says, None when there was too little to try; `held_out` are out-of-fold
    scores in points [n], when it moved; `implicit` reports the choices nobody wrote down.
    """

    points: Mapping[str, Mapping[str, int]]
    moved: bool
    reason: str
    selection: Selection | None
    held_out: Floats
    implicit: Mapping[str, Any]


def learn(feedback: Feedback, card: Scorecard) -> Learned:
    """The maximum a posteriori update of `card`; the same points, exactly, when the gain is not certain."""
    parent = {name: dict(levels) for name, levels in card.points.items()}
    design = Design.of(card)
    reason = too_little(feedback)
    if reason:
        return Learned(parent, False, reason, None, np.zeros(0), _no_implicit(feedback))
    explicit = select(feedback, design)
    implicit, chosen = _implicit(feedback, design, explicit)
    used = chosen or explicit
    if not used.moves:
        reason = _("le gain mesuré par validation croisée n'est pas sûr : {gain} [{low} ; {high}]").format(
            gain=f"{used.gain:+.4f}", low=f"{used.low:+.4f}", high=f"{used.high:+.4f}"
        )
        return Learned(parent, False, reason, used, np.zeros(0), implicit)
    posterior = Posterior(feedback, observe(feedback, implicit=chosen is not None), design)
    found, _vector = fit(posterior, used.tau, fit_parent(posterior))
    points = as_points(found.points)
    if not any(value for levels in points.values() for value in levels.values()):
        return Learned(parent, False, _("les suites effaceraient tous les points"), used, np.zeros(0), implicit)
    return Learned(points, True, "", used, used.scores / found.scale, implicit)


def too_little(feedback: Feedback) -> str:
    """Why nothing can be learned from these proposals; empty when something may."""
    count = int((feedback.explicit | feedback.ranked).sum())
    if count < LEAST_ROWS and np.count_nonzero(feedback.picked) >= LEAST_ROWS:
        return _(
            "{picks} choix que personne n'a écrits, et {count} suite(s) décidée(s) seulement : sans refus ni étape "
            "pour les vérifier, ils ne feraient que réapprendre l'ordre montré"
        ).format(picks=int(np.count_nonzero(feedback.picked)), count=count)
    if count < LEAST_ROWS:
        return _("{count} suite(s) décidée(s) et utilisables ; il en faut {least} au moins").format(
            count=count, least=LEAST_ROWS
        )
    seen = observe(feedback)
    if len(np.unique(seen.answer)) < 2 and not len(seen.better):
        return _("toutes les suites disent la même chose (tout accepté, ou tout refusé) : rien à comparer")
    compared = len(np.unique(comparisons(feedback, seen).group))
    if compared < LEAST_POSITIONS:
        return _("{count} poste(s) seulement où une personne retenue et une refusée se comparent").format(
            count=compared
        )
    return ""


def _no_implicit(feedback: Feedback) -> dict[str, Any]:
    return {"rows": int(np.count_nonzero(feedback.picked)), "used": False}


def _implicit(feedback: Feedback, design: Design, explicit: Selection) -> tuple[dict[str, Any], Selection | None]:
    """What choices nobody wrote down would add, measured on the decisions that were; used only when that is sure."""
    report = _no_implicit(feedback)
    if not report["rows"]:
        return report, None
    both = select(feedback, design, implicit=True)
    gain, low, high = lower_bound(both.gains - explicit.gains)
    figures = {"gain": gain, "low": low, "high": high}
    report |= {name: None if np.isnan(value) else round(value, 5) for name, value in figures.items()}
    report["used"] = bool(low > 0)
    return report, both if low > 0 else None
