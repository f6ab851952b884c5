"""What each feature adds to a score, as far as a caller may read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.explain import Contribution
from matcher.features import FEATURES
from matcher.locale import _
from matcher.scoring import Scorecard
from service.access.visibility import REVEALING_FEATURES


def may_read(feature: str, *, own: bool) -> bool:
    """Whether what is known of that feature may be told: all of it to those who follow the person."""
    return own or feature not in REVEALING_FEATURES


def part(one: Contribution) -> dict[str, Any]:
    """One of them as it is answered."""
    return {
        "feature": one.feature,
        "title": _(FEATURES[one.feature].title),
        "level": one.level,
        "text": one.text,
        "points": one.points,
        "most": one.most,
        "side": one.side,
    }


def parts(card: Scorecard, levels: Mapping[str, str], *, own: bool) -> list[dict[str, Any]]:
    """Those of a pair, from the level of each feature."""
    found = []
    for (name, feature), table in zip(FEATURES.items(), card.tables, strict=True):
        if may_read(name, own=own):
            points, most = int(table[int(feature.number(levels[name]))]), int(table.max())
            found.append(part(Contribution(name, levels[name], points, most, feature.side)))
    return found
