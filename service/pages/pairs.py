"""What `templates/pair.html` shows of the explanation of a pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.features import NOT_ASKED, UNKNOWN
from matcher.locale import N_, _

_SIDES = {"position": N_("Ce que le poste attend"), "candidate": N_("Ce que la personne attend")}


def pair_data(found: Mapping[str, Any]) -> dict[str, Any]:
    """`pair`, `sides` (heading and contributions, the best first), `most` (points of a whole bar), `unknown`."""
    parts = [one for one in found["contributions"] if one["level"] != NOT_ASKED]
    sides = [
        (_(heading), sorted((one for one in parts if one["side"] == side), key=lambda one: -int(one["points"])))
        for side, heading in _SIDES.items()
    ]
    most = max([1, *(max(abs(one["points"]), one["most"]) for one in parts)])
    return {"pair": found, "sides": sides, "most": most, "unknown": UNKNOWN}
