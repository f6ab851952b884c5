"""What the pool answers. None of it shows itself in a log: it is about people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd


class Absent(LookupError):
    """Nobody, or no position, of that name in the pool; `what` tells which."""

    def __init__(self, what: Literal["person", "position"]) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, repr=False)
class Listed:
    """One person for one position, in the words of shortlists.csv, with the raw score and the level of each feature.

    It says all there is to say: who may see what is for the route to know.
    """

    position_id: str
    rank: int
    subject: str
    org_id: str
    reference: str
    candidate_id: str
    raw: int
    score: float
    outcome: str
    at_start: str
    categories: tuple[str, ...]
    missing: tuple[str, ...]
    distance_km: float | None
    strengths: str
    concerns: str
    rules: str
    meaning: str
    levels: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class Shortlist:
    """The best people for a position, best first, of `asked` wanted; how many people each filter set aside; why the
    list is shorter than asked (empty: it is not)."""

    position_id: str
    asked: int
    people: tuple[Listed, ...]
    exclusions: Mapping[str, int]
    reason: str


@dataclass(frozen=True, repr=False)
class Suitable:
    """The best open positions for a person, best first (`rank` is the place here). `aside` says why there is none for
    somebody to whom nothing may be offered."""

    subject: str
    aside: Literal["objection", "right_to_work"] | None
    positions: tuple[Listed, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Tables:
    """Canonical tables of the moment: people (their `candidate_id` is unique among organisations, see `parted`), the
    subject of each, and the open positions."""

    people: pd.DataFrame
    subjects: tuple[str, ...]
    positions: pd.DataFrame
