"""People alike in what a question reads are looked at once: levels, points and filters as small tables.

A facet is a few features and filters that read the same columns of a person. People who agree in these columns are
one class; positions that ask the same are one key. For each key the features are worked out once per class, so that
one position against everybody is a few look-ups and sums, and the explanation comes from the same table.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from matcher.blocking import CHECKS, Distances, Filter, Sight
from matcher.features import FEATURES, NOT_ASKED, Context, Levels, Pair
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import Job
from matcher.resolve.people import People
from matcher.scoring import Scorecard

Points = np.ndarray[Any, np.dtype[np.signedinteger[Any]]]

MANY = 20_000
"""People under whom a table of all classes is always small."""
SHELF_BYTES = 48 << 20
"""How much of one facet's tables is kept; the one not asked for the longest time leaves first."""


@dataclass(frozen=True)
class Facet:
    """Features and filters, the columns of a person that they read, and what they read of a position."""

    features: tuple[str, ...]
    filters: tuple[Filter, ...]
    person: Callable[[People], Sequence[np.ndarray[Any, Any]]]
    job: Callable[[Job], Hashable]


def _of(*names: str) -> Callable[[People], Sequence[np.ndarray[Any, Any]]]:
    return lambda people: [getattr(people, name) for name in names]


def _asks(*names: str) -> Callable[[Job], Hashable]:
    """What a position asks; an unknown number or day (never equal to itself) becomes None."""

    def read(job: Job) -> Hashable:
        values = (getattr(job, name) for name in names)
        return tuple(value if value == value else None for value in values)

    return read


def _certificates(people: People) -> Sequence[np.ndarray[Any, Any]]:
    return people.certificates.ids, people.certificates.complete


def _practice(people: People) -> Sequence[np.ndarray[Any, Any]]:
    return (people.practice.cells,)


FACETS: tuple[Facet, ...] = (
    Facet(
        ("distance", "transport"),
        (Filter.DISTANCE,),
        _of("commune", "max_distance", "vehicle"),
        _asks("places", "wide", "bus"),
    ),
    Facet(("availability",), (Filter.AVAILABILITY,), _of("available"), _asks("start", "end")),
    Facet(
        ("schedule", "demands"),
        (Filter.SCHEDULE, Filter.WORK_LIMITS),
        _of("accepts", "accepts_known", "limits", "limits_known"),
        _asks("schedule", "demands"),
    ),
    Facet(
        ("driving",),
        (Filter.LICENCE,),
        _of("licences", "licences_known", "vehicle"),
        _asks("licences", "vehicle"),
    ),
    Facet(
        ("certificates",),
        (Filter.CERTIFICATE,),
        _certificates,
        lambda job: (job.certificates, job.last_day) if job.certificates else (),
    ),
    Facet(
        ("wished_certificates",),
        (),
        _certificates,
        lambda job: (job.wished_certificates, job.start) if job.wished_certificates else (),
    ),
    Facet(("french", "qualification"), (), _of("french", "qualification"), _asks("french", "qualification")),
    Facet(("hours", "wage"), (), _of("hours_min", "hours_max", "wage_min"), _asks("weekly_hours", "wage")),
    Facet(("skills",), (), _of("skill_ids", "skills_complete"), _asks("skills")),
    Facet(("wish",), (), _of("wish_ids"), _asks("occupation")),
    Facet(("practice",), (), _practice, _asks("occupation")),
    Facet(
        ("experience",),
        (),
        _practice,
        lambda job: (job.occupation, job.experience_months) if job.experience_months > 0 else (),
    ),
)


@dataclass(frozen=True)
class Look:
    """What one key gives each class: `levels` [features, classes], points [classes], who each filter sets aside.

    Points are `least` + `above`, and `above` goes from 0 to `spread`. A filter that sets nobody aside is left out.
    `classes` has the class of each person.
    """

    classes: Ints
    levels: Levels
    least: int
    above: Points
    spread: int
    lacks: Mapping[Filter, Bools]

    @property
    def size(self) -> int:
        """Bytes held for this key alone."""
        return self.levels.nbytes + self.above.nbytes + sum(verdict.nbytes for verdict in self.lacks.values())

    def levels_of(self, rows: Ints) -> Levels:
        """Level numbers [features of the facet, people] of some people."""
        return self.levels.take(self.classes.take(rows), axis=1)

    def above_of(self, rows: Ints) -> Points:
        """The points of some people, less the fewest."""
        return self.above.take(self.classes.take(rows))

    def above_one(self, row: int) -> int:
        """The points of one person, less the fewest: read without letting go of the interpreter's lock, which a
        thousand small look-ups under many threads would wait for a thousand times."""
        return int(self.above[self.classes[row]])


@dataclass(frozen=True)
class OneByOne:
    """The same for the people asked about alone, where classes are hardly fewer than people; no filter."""

    view: View
    job: Job
    least: int
    spread: int
    lacks: Mapping[Filter, Bools] = field(default_factory=dict)
    size: int = 256  # bytes held, about

    def levels_of(self, rows: Ints) -> Levels:
        """Level numbers [features of the facet, people] of some people."""
        return self.view.read(self.job, rows, np.full(len(rows), np.nan))

    def above_of(self, rows: Ints) -> Points:
        """The points of some people, less the fewest of a `spread` that is not 0."""
        points = self.view.points(self.levels_of(rows))
        points -= points.dtype.type(self.least)
        return points

    def above_one(self, row: int) -> int:
        """The same of one person."""
        return int(self.above_of(np.array([row]))[0])


class View:
    """One facet of some people: the class of each [n], and a row that stands for each class.

    What a position asks is answered once per class and kept (`look`), or for the people asked about where classes
    are hardly fewer than people (`alone`); an `answer` is used the same way either way.
    """

    def __init__(
        self,
        facet: Facet,
        grouped: tuple[Ints, Ints],
        context: Context,
        distances: Distances,
        card: Scorecard,
        on: np.datetime64,
    ) -> None:
        """`grouped` is what `classes` makes of the facet's columns."""
        self.facet = facet
        self._context, self._distances, self._on = context, distances, on
        self.classes, self.rows = grouped
        self._shelf: OrderedDict[Hashable, Look | OneByOne] = OrderedDict()
        self._held = 0
        self._lock = Lock()
        names = list(FEATURES)
        self.places = [names.index(name) for name in facet.features]
        tables = [card.tables[place] for place in self.places]
        narrow = 2 * sum(int(np.abs(table).max()) for table in tables) <= np.iinfo(np.int16).max
        self._tables = [table.astype(np.int16 if narrow else np.int32) for table in tables]
        self._least = sum(int(table.min()) for table in tables)
        self._spread = sum(int(table.max()) for table in tables) - self._least
        self._not_asked = [FEATURES[name].numbers.get(NOT_ASKED, -1) for name in facet.features]
        # Where hardly two people are alike, those who pass the filters are looked at one by one.
        self.alone = not facet.filters and len(self.classes) >= MANY and 2 * len(self.rows) > len(self.classes)

    def answer(self, job: Job) -> Look | OneByOne:
        """What this position asks, kept for the next that asks the same."""
        return self.answers([self.facet.job(job)], [job])[0]

    def answers(self, keys: Sequence[Hashable], jobs: Sequence[Job]) -> list[Look | OneByOne]:
        """What several positions ask; `keys` has what the facet reads of each (`facet.job`)."""
        with self._lock:
            found = [self._shelf.get(key) for key in keys]
            for key, one in zip(keys, found, strict=True):
                if one is not None:
                    self._shelf.move_to_end(key)
        new = [job for job, one in zip(jobs, found, strict=True) if one is None]
        if new and "skills" in self.facet.features:  # together, they are compared much sooner than one by one
            self._context.ask(skill for job in new for skill in job.skills)
        return [one or self._shelved(key, job) for key, job, one in zip(keys, jobs, found, strict=True)]

    def _shelved(self, key: Hashable, job: Job) -> Look | OneByOne:
        """What a position asks, worked out and kept."""
        found = self._one_by_one(job) if self.alone else self.look(job)
        with self._lock:
            if key not in self._shelf:
                self._shelf[key] = found
                self._held += found.size
            while self._held > SHELF_BYTES and len(self._shelf) > 1:
                self._held -= self._shelf.popitem(last=False)[1].size
        return found

    def _one_by_one(self, job: Job) -> OneByOne:
        asked = (self.read(job, self.rows[:1], self._nowhere[:1]).ravel() != self._not_asked).any()
        return OneByOne(self, job, *((self._least, self._spread) if asked else (0, 0)))

    def read(self, job: Job, rows: Ints, km: np.ndarray[Any, np.dtype[np.float64]]) -> Levels:
        """Level numbers [features of the facet, people] of some people, `km` away."""
        pair = Pair(job, rows, km, self._context)
        return np.array([FEATURES[name].read(pair) for name in self.facet.features])

    def points(self, levels: Levels) -> Points:
        """The points of level numbers [features of the facet, people]."""
        points: Points = self._tables[0].take(levels[0])
        for table, numbers in zip(self._tables[1:], levels[1:], strict=True):
            points += table.take(numbers)
        return points

    def look(self, job: Job) -> Look:
        """The table for what this position asks."""
        km = self._distances.to(job.places, self.rows) if Filter.DISTANCE in self.facet.filters else self._nowhere
        levels = self.read(job, self.rows, km)
        points = self.points(levels)
        sight = Sight(self._context.people, self.rows, km, job, self._on)
        lacks = {name: verdict for name in self.facet.filters if (verdict := CHECKS[name](sight)).any()}
        least, most = (int(points.min()), int(points.max())) if len(points) else (0, 0)
        return Look(self.classes, levels, least, points - points.dtype.type(least), most - least, lacks)

    @cached_property
    def _nowhere(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """In the place of distances, for facets that read none."""
        return np.full(len(self.rows), np.nan)


def classes(columns: Sequence[np.ndarray[Any, Any]]) -> tuple[Ints, Ints]:
    """Rows that agree in every column: the class of each row, and the first row of each class."""
    together = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        codes, distinct = pd.factorize(column, use_na_sentinel=False)
        together, seen = pd.factorize(together * max(len(distinct), 1) + codes)
    first = np.zeros(len(seen), np.int64)
    first[together[::-1]] = np.arange(len(together))[::-1]
    return together.astype(np.int64), first
