"""What waits for an organisation among its people: papers about to end, people whom nobody proposed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.resolve.cells import Bools, Ints
from service.pool.crowd import Crowd, parted


@dataclass(frozen=True, repr=False)
class Person:
    """Somebody of the pool, as those who follow them know them."""

    subject: str
    candidate_id: str
    name: str


@dataclass(frozen=True, repr=False)
class Ending:
    """A paper of somebody that ends on a day."""

    person: Person
    paper: str
    day: np.datetime64


def ending(crowds: Collection[Crowd], org_id: str, first: np.datetime64, last: np.datetime64, most: int) -> Any:
    """How many papers of an organisation's people end from one day to another, and the `most` first ones."""
    count, found = 0, []
    for crowd in crowds:
        ends = crowd.rows.ends
        span = ends.between(first, last)
        rows = ends.rows[span]
        kept = np.flatnonzero(_open(crowd, org_id)[rows])
        count += len(kept)
        places = kept[:most] + span.start
        days, papers = ends.days[places], ends.paper[places]
        for row, day, paper in zip(ends.rows[places].tolist(), days, papers.tolist(), strict=True):
            found.append(Ending(person(crowd, row), ends.names[paper], day))
    found.sort(key=lambda one: (one.day, one.person.candidate_id))
    return count, found[:most]


def idle(
    crowds: Collection[Crowd], org_id: str, proposed: Collection[str], before: np.datetime64, most: int
) -> tuple[int, list[Person]]:
    """How many of an organisation's people could be proposed and are none of `proposed` (subjects), and the `most`
    whose facts were checked longest ago: those who do not object, may work, and are free before that day or do not
    say when."""
    count = 0
    found: list[tuple[np.datetime64, Person]] = []
    for crowd in crowds:
        good = _open(crowd, org_id) & ~crowd.engine.gate.no_right_to_work
        good &= ~(crowd.engine.people.available > before)
        places = [row for subject in proposed if (row := crowd.find(subject)) is not None]
        good[places] = False
        rows = np.flatnonzero(good)
        count += len(rows)
        found += [(day, person(crowd, row)) for day, row in _oldest(crowd, rows, most)]
    found.sort(key=lambda one: (bool(np.isnat(one[0])), one[0].astype(np.int64), one[1].candidate_id))
    return count, [one for _day, one in found[:most]]


def _oldest(crowd: Crowd, rows: Ints, most: int) -> Iterator[tuple[np.datetime64, int]]:
    days = crowd.rows.table["facts_on"].to_numpy("datetime64[D]")[rows]
    order = np.argsort(days, kind="stable")[:most]  # not known comes last
    yield from zip(days[order], rows[order].tolist(), strict=True)


def _open(crowd: Crowd, org_id: str) -> Bools:
    """The people of an organisation who do not object to matching."""
    good: Bools = crowd.rows.of_organisation(org_id) & ~crowd.absent & ~crowd.engine.gate.objects
    return good


def person(crowd: Crowd, row: int) -> Person:
    """Who a row is."""
    line = crowd.rows.table
    names = (line[column].iloc[row] for column in ("first_name", "last_name"))
    name = " ".join(text for text in names if isinstance(text, str))
    return Person(str(crowd.rows.subjects[row]), parted(str(line["candidate_id"].iloc[row]))[0], name)
