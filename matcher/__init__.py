"""clausematch: from contract awards to explained shortlists of people eligible to a social clause.

The names below are the library's front door; they are imported when first used, so that small commands start fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "read_candidates": "matcher.front",
    "read_positions": "matcher.front",
    "read_awards": "matcher.awards",
    "read_outcomes": "matcher.front",
    "load_rules": "matcher.rules",
    "decide": "matcher.front",
    "insertion_hours": "matcher.awards",
    "positions_from_awards": "matcher.front",
    "Matcher": "matcher.front",
    "TitleIndex": "matcher.titles",
}

if TYPE_CHECKING:
    from matcher.awards import insertion_hours, read_awards
    from matcher.front import Matcher, decide, positions_from_awards, read_candidates, read_outcomes, read_positions
    from matcher.rules import load_rules
    from matcher.titles import TitleIndex

__all__ = [
    "Matcher",
    "TitleIndex",
    "decide",
    "insertion_hours",
    "load_rules",
    "positions_from_awards",
    "read_awards",
    "read_candidates",
    "read_outcomes",
    "read_positions",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'matcher' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
