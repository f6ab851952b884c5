"""Where outcomes contradict the signs or the order of levels, which learning never crosses, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.features import FEATURES
from models.design import Design
from models.fit import Posterior, fit, fit_parent, observe
from models.selection import Selection, lower_bound, select
from models.signals import Feedback, Floats

CLEARLY = 3.0  # points by which a level must be on the wrong side, or above a better one


@dataclass(frozen=True)
class Contradicted:
    """Features whose points would break a sign or an order if they might, and the mean gain of held-out pair loss
    (nats per comparison) that breaking them would bring, with its 80 % interval over positions."""

    features: tuple[str, ...]
    gain: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """True when forgetting the bounds would be a gain for certain."""
        return bool(self.features) and bool(self.low > 0)

    def figures(self) -> Mapping[str, Any]:
        """For metrics.json."""
        gain = [None if np.isnan(v) else round(v, 5) for v in (self.gain, self.low, self.high)]
        return {"features": list(self.features), "pair_loss_gain": gain, "sure": self.sure}


def contradicted(feedback: Feedback, design: Design, bounded: Selection) -> Contradicted:
    """The same fit with signs and order forgotten, beside the one that keeps them, on the same folds and `tau`."""
    free = select(feedback, design, taus=(bounded.tau,), least=None)
    kept = select(feedback, design, taus=(bounded.tau,))
    posterior = Posterior(feedback, observe(feedback), design)
    points = fit(posterior, bounded.tau, fit_parent(posterior), least=None)[0].points
    gain, low, high = lower_bound(free.gains - kept.gains)
    return Contradicted(breaking(points, design), gain, low, high)


def breaking(points: Floats, design: Design) -> tuple[str, ...]:
    """Features with a level clearly on the wrong side of zero, or clearly above a better one, for points [L]."""
    found = []
    place = 0
    for name, feature in FEATURES.items():
        own = slice(place, place + len(feature.order))
        place = own.stop
        wrong_side = np.where(design.positive[own], -points[own], points[own]).max()
        wrong_order = np.diff(points[own]).max(initial=0.0)
        if max(wrong_side, wrong_order) >= CLEARLY:
            found.append(name)
    return tuple(found)
