"""Pairs of records that may be one person."""

from __future__ import annotations

from matcher.duplicates.model import Field, Key, Kind, Level, Pass, Plan
from matcher.duplicates.pairs import COLUMNS, LEAST, against, learn_weights, link, pairs
from matcher.duplicates.people import PEOPLE
from matcher.duplicates.weights import Weights
from matcher.duplicates.words import reason

__all__ = [
    "COLUMNS",
    "LEAST",
    "PEOPLE",
    "Field",
    "Key",
    "Kind",
    "Level",
    "Pass",
    "Plan",
    "Weights",
    "against",
    "learn_weights",
    "link",
    "pairs",
    "reason",
]
