"""The first training needs of a run, ready for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from matcher.fairness import MIN_GROUP
from matcher.locale import _
from matcher.report.formats import DASH, clip, day, whole
from matcher.shortlist import Result
from matcher.training_needs import EFFECTS, NEARER, OPENS, training_needs

MAX_ROWS = 12
MOST_PAIRS = 3_000_000  # people × positions; beyond, the command does it apart


@dataclass(frozen=True)
class Line:
    """One row of the table of courses in words."""

    label: str
    place: str
    needed_by: str
    people: str
    to_check: str
    ready: str
    openings: str
    seats: str
    remark: str


@dataclass(frozen=True)
class Training:
    """The first lines that open positions, and the first that bring people nearer to what positions ask."""

    opening: tuple[Line, ...]
    nearer: tuple[Line, ...]


def training(result: Result) -> Training | None:
    """The needs of a run, without the lines that only have something to ask; None for one that is too large."""
    engine = result.engine
    if len(engine.candidates) * len(engine.positions) > MOST_PAIRS:
        return None
    table = training_needs(engine).courses
    ranked = table[table["rank"].notna()]
    effects = [ranked[ranked["effect"] == _(EFFECTS[name])] for name in (OPENS, NEARER)]
    opening, nearer = (tuple(_line(row) for row in part.head(MAX_ROWS).itertuples(index=False)) for part in effects)
    return Training(opening, nearer)


def _line(row: Any) -> Line:
    return Line(
        label=clip(row.label),
        place=clip(row.place),
        needed_by=day(row.needed_by),
        people=whole(row.people),
        to_check=_count(row.to_check),
        ready=_count(row.ready),
        openings=whole(row.openings),
        seats=whole(row.seats),
        remark=clip(row.remark),
    )


def _count(value: Any) -> str:
    return _("moins de {n}").format(n=MIN_GROUP) if pd.isna(value) else (whole(value) if value else DASH)
