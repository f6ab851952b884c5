"""What would open more positions to one person: the one thing that stands between them and each position.

The hard filters of `matcher.blocking`, asked of one person before every open position at once: those positions are
kept that a single step would open, in an occupation the person wishes for or has done, or one near to it. Unknown
stops nobody, and a person of whom no occupation is known is told of every position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from matcher.blocking import certificate_lacking
from matcher.nearness import Near, nearness
from matcher.reference import occupations
from matcher.reference.distance import distance_km
from matcher.resolve.jobs import Job
from matcher.resolve.people import Floats, People
from matcher.resolve.words import licences_implied
from matcher.vocabulary import LICENCES, SCHEDULE
from service.pool.crowd import Crowd
from service.pool.openings import Openings

STEPS_KM = (5, 10, 20, 40)
Kind = Literal["licence", "vehicle", "certificate", "schedule", "distance"]


@dataclass(frozen=True)
class Door:
    """One step, and the positions that it alone would open, by identifier. `code`: a licence, a certificate, a word
    of the schedule, or the kilometres to accept beyond the present limit."""

    kind: Kind
    code: str
    positions: tuple[str, ...]


def doors(crowd: Crowd, row: int, openings: Openings) -> tuple[Door, ...]:
    """The steps for somebody, the one that opens most first; distances add up (10 km more includes 5)."""
    engine = crowd.engine
    if engine.gate.objects[row] or engine.gate.no_right_to_work[row]:
        return ()
    person = _Person(engine.people, row, engine.day)
    # One whose rules set the person aside stays shut whatever the step.
    looking = np.flatnonzero(openings.open_to(engine.decisions, row)).tolist()
    jobs = [openings.posts.jobs[place] for place in looking]
    more = _kilometres(person, jobs, engine.communes.latitude, engine.communes.longitude)
    found: dict[tuple[Kind, str], list[str]] = {}
    for job, km in zip(jobs, more, strict=True):
        for kind, code in _single(person, job, km) if person.would_take(job.occupation) else ():
            found.setdefault((kind, code), []).append(job.position_id)
    steps = [Door(kind, code, tuple(ids)) for (kind, code), ids in found.items()]
    return tuple(sorted(steps, key=lambda door: (-len(door.positions), door.kind, door.code)))


class _Person:
    """One row of the people, as plain numbers."""

    def __init__(self, people: People, row: int, on: np.datetime64) -> None:
        self._people, self._row, self._on = people, np.array([row]), on
        self._reference = occupations()
        self.commune = int(people.commune[row])
        self.reach = float(people.reach_km[row])
        self.available = people.available[row]
        self.licences = int(people.licences[row]) if people.licences_known[row] else None
        self.accepts = int(people.accepts[row]) if people.accepts_known[row] else None
        self.limits = int(people.limits[row]) if people.limits_known[row] else 0
        self.no_vehicle = bool(people.vehicle[row] == 0)
        self._known = tuple(people.occupation_codes[code] for code in sorted(_occupations(people, row)))
        self.lacks = lru_cache(maxsize=None)(self._lacks)
        self.would_take = lru_cache(maxsize=None)(self._would_take)

    def _lacks(self, code: str) -> bool:
        return bool(certificate_lacking(self._people, code, self._on, self._row)[0])

    def _would_take(self, occupation: str | None) -> bool:
        if not self._known:
            return True
        return occupation is not None and bool(
            (nearness(occupation, self._known, self._reference) >= Near.SKILLS).any()
        )


def _occupations(people: People, row: int) -> set[int]:
    """The numbers of the occupations that somebody wishes for or has done."""
    found: set[int] = set()
    for cell, lists in ((people.wish_ids[row], people.wishes), (people.practice.cells[row], people.practice.lists)):
        if cell >= 0:
            found.update(lists.values[lists.starts[cell] : lists.starts[cell + 1]].tolist())
    return found


def _kilometres(person: _Person, jobs: Sequence[Job], latitude: Floats, longitude: Floats) -> Sequence[float]:
    """For each position the kilometres beyond the person's limit, 0 within it or when home is unknown."""
    if not jobs or person.commune < 0:
        return [0.0] * len(jobs)
    sizes = [len(job.places) for job in jobs]
    places = np.array([place for job in jobs for place in job.places])
    home = person.commune
    km = distance_km(latitude[home], longitude[home], latitude[places], longitude[places])
    km[places == home] = 0.0
    nearest = np.minimum.reduceat(km, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    more: list[float] = np.maximum(nearest - person.reach, 0.0).tolist()
    return more


def _single(person: _Person, job: Job, km: float) -> Iterator[tuple[Kind, str]]:
    """The steps any of which opens this position; nothing when none or two things are lacking."""
    if person.available > job.end or person.limits & job.demands:
        return
    lacking: list[tuple[Kind, str]] = []
    if person.licences is not None:
        lacking += [("licence", word) for word in _highest(_words(job.licences & ~person.licences, LICENCES))]
    if job.vehicle and person.no_vehicle:
        lacking.append(("vehicle", ""))
    lacking += [("certificate", code) for code in job.certificates if person.lacks(code)]
    if person.accepts is not None:
        lacking += [("schedule", word) for word in _words(job.schedule & ~person.accepts, SCHEDULE)]
    if len(lacking) + (km > 0) != 1:
        return
    if km > 0:
        yield from (("distance", str(step)) for step in STEPS_KM if km <= step)
    else:
        yield lacking[0]


def _highest(licences: Sequence[str]) -> list[str]:
    """Those that no other one of them brings along."""
    return [one for one in licences if not any(one in licences_implied(other) for other in licences if other != one)]


def _words(bits: int, names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if bits >> place & 1]
