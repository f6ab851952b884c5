"""Pairs of a person and a position that stop at something a course or a document can give, and at nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations
from typing import Any

import numpy as np

from matcher.blocking import Filter, certificate_lacking, failing
from matcher.engine import Engine
from matcher.features import FEATURES
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import Job
from matcher.resolve.people import People
from matcher.shortlist import SENSIBLE
from matcher.training_needs.documents import Papers
from matcher.training_needs.needs import EVIDENCE, PREREQUISITES, RIGHT_TO_WORK, Kind, Need, certificate_need
from matcher.vocabulary import FRENCH_LEVELS, LICENCES, NEVER

Counts = np.ndarray[Any, np.dtype[np.int8]]
Needs = tuple[Need, ...]  # one need, or two that are lacking together

# What no course or document changes.
FIXED = (
    Filter.OBJECTION,
    Filter.DISTANCE,
    Filter.AVAILABILITY,
    Filter.SCHEDULE,
    Filter.WORK_LIMITS,
)


PROOF = Need(Kind.DOCUMENT, EVIDENCE)


class State(IntEnum):
    """Where a person stands before a position, for one need."""

    STOPPED = 0  # a hard filter stops them, for this need (or these two) alone
    SHORT = 1  # on the lists, yet known to be under what the position asks when it starts
    WISHED = 2  # on the lists, known to lack something that the position only wishes for
    UNKNOWN = 3  # on the lists, may have it already: to be asked first


@dataclass(frozen=True)
class Shortfalls:
    """One entry per need, person and position: `need` counts in `needs`, `row` in people, `job` in positions.

    `sensible`: the person wishes for this work or work near it, or has done it. `french`: this position asks for
    more French than the person is known to have. `ready`: for each position, the people who look for such work or
    have done it, whom no filter stops, and who are not known to be short of anything. `early`: positions left out
    because they begin too early.
    """

    needs: tuple[Needs, ...]
    need: Ints
    row: Ints
    job: Ints
    state: Ints
    sensible: Bools
    french: Bools
    ready: tuple[Ints, ...]
    early: int


@dataclass(frozen=True)
class _Found:
    """Some people at one state for one position's needs."""

    needs: Needs
    state: State
    rows: Ints


def shortfalls(engine: Engine, weeks: int = 0) -> Shortfalls:
    """Every pair that one need, or two together, would open or bring nearer.

    Only positions with a known place that start more than `weeks` weeks after the run's date, or on a day not known,
    are looked at: a course must end before. A pair with three blocking needs or more counts nowhere.
    """
    papers = Papers(engine)
    numbers: dict[Needs, int] = {}
    parts: list[tuple[Ints, ...]] = []
    ready = [np.zeros(0, np.int64) for _job in engine.jobs]
    early = 0
    for i, job in enumerate(engine.jobs):
        if job.start <= engine.day + np.timedelta64(7 * weeks, "D"):
            early += 1
            continue
        if not job.places:
            continue
        found, listed = _of_position(engine, papers, i)
        seen, low = _sensible(engine, i, [*(one.rows for one in found), listed]), _french_below(engine.people, job)
        short = np.concatenate([np.zeros(0, np.int64), *(one.rows for one in found if one.state == State.SHORT)])
        ready[i] = np.setdiff1d(listed[seen[listed]], short)
        for one in found:
            number = numbers.setdefault(one.needs, len(numbers))
            rows = one.rows[seen[one.rows]] if one.needs == (PROOF,) else one.rows
            same = np.ones(len(rows), np.int64)
            parts.append((number * same, rows, i * same, int(one.state) * same, seen[rows] * 1, low[rows] * 1))
    columns = [np.concatenate([np.zeros(0, np.int64), *arrays]) for arrays in zip(*parts, strict=True)]
    need, row, place, state, sensible, french = columns or [np.zeros(0, np.int64)] * 6
    return Shortfalls(tuple(numbers), need, row, place, state, sensible == 1, french == 1, tuple(ready), early)


def _sensible(engine: Engine, i: int, found: list[Ints]) -> Bools:
    """n booleans: of the people found, who wish for this work or work near it, or have done it."""
    seen = np.zeros(len(engine.people), bool)
    rows = np.unique(np.concatenate(found))
    levels = engine.levels(i, rows)
    names = list(FEATURES)
    for name, wanted in SENSIBLE.items():
        seen[rows] |= np.isin(levels[names.index(name)], [FEATURES[name].number(level) for level in wanted])
    return seen


def _of_position(engine: Engine, papers: Papers, i: int) -> tuple[list[_Found], Ints]:
    """The shortfalls of one position, and the people whom no filter stops."""
    job, rules = engine.jobs[i], engine.rule_sets[i]
    km = engine.distances.to(job.places)
    outcome = engine.decisions.outcome(rules)
    failed = failing(engine.people, engine.gate, outcome, job, km, engine.day)
    lacking = _lacking(engine, job, failed, papers.opening(rules))
    fixed = np.logical_or.reduce([failed[name] for name in FIXED])
    count = np.zeros(len(engine.people), np.int8)
    for mask in lacking.values():
        count += mask
    # A filter that fails for a reason no need explains is fixed too: not eligible, or without the right to work.
    explained = {need.code: mask for need, mask in lacking.items() if need.kind == Kind.DOCUMENT}
    renewed = np.logical_or.reduce([mask for code, mask in explained.items() if code != RIGHT_TO_WORK])
    fixed |= failed[Filter.NOT_ELIGIBLE] & ~renewed
    fixed |= failed[Filter.RIGHT_TO_WORK] & ~explained[RIGHT_TO_WORK]
    listed = ~fixed & (count == 0)
    near = [_Found((need,), state, np.flatnonzero(listed & mask)) for need, state, mask in _near(engine, papers, i)]
    return [*_stopped(lacking, count, ~fixed), *near], np.flatnonzero(listed)


def _stopped(
    lacking: Mapping[Need, Bools], count: np.ndarray[tuple[int], np.dtype[np.int8]], free: Bools
) -> Iterator[_Found]:
    """Who lacks one thing alone, and who lacks two."""
    for need, mask in lacking.items():
        yield _Found((need,), State.STOPPED, np.flatnonzero(free & mask & (count == 1)))
    two = free & (count == 2)
    for pair in combinations(sorted(lacking), 2):
        yield _Found(pair, State.STOPPED, np.flatnonzero(two & lacking[pair[0]] & lacking[pair[1]]))


def _lacking(
    engine: Engine, job: Job, failed: Mapping[Filter, Bools], renewals: Mapping[str, Bools]
) -> dict[Need, Bools]:
    """For each thing that a hard filter asks for and that can be given, who is known to lack it (n booleans)."""
    people = engine.people
    until = engine.candidates["right_to_work_until"].to_numpy("datetime64[D]")
    found = {Need(Kind.DOCUMENT, RIGHT_TO_WORK): failed[Filter.RIGHT_TO_WORK] & (until > NEVER)}
    found |= {Need(Kind.DOCUMENT, paper): mask for paper, mask in renewals.items()}
    for code in job.certificates:
        found[certificate_need(code)] = certificate_lacking(people, code, engine.day)
    for code, mask in _licences_lacking(people, job).items():
        found[Need(Kind.LICENCE, code)] = mask
    if job.vehicle:
        found[Need(Kind.VEHICLE, "vehicle")] = people.vehicle == 0
    return found


def _licences_lacking(people: People, job: Job) -> dict[str, Bools]:
    """For each licence the position asks for, and each one that must be held before it, who is known to lack it."""
    found: dict[str, Bools] = {}
    for bit, asked in enumerate(LICENCES):
        if not job.licences >> bit & 1:
            continue
        wanting = people.licences_known & (people.licences >> bit & 1 == 0)
        code: str | None = asked
        while code:
            held = people.licences >> LICENCES.index(code) & 1 == 1
            found[code] = found.get(code, np.zeros(len(people), bool)) | (wanting & ~held)
            code = PREREQUISITES.get(code)
    return found


def _french_below(people: People, job: Job) -> Bools:
    return (job.french >= 0) & (people.french >= 0) & (people.french < job.french)


def _near(engine: Engine, papers: Papers, i: int) -> Iterator[tuple[Need, State, Bools]]:
    """Of people whom no filter stops: what they are under, what is only wished for, what nobody knows."""
    people, job = engine.people, engine.jobs[i]
    start = engine.day if np.isnat(job.start) else job.start
    if job.french >= 0:
        french = Need(Kind.FRENCH, FRENCH_LEVELS[job.french])
        yield french, State.SHORT, _french_below(people, job)
        yield french, State.UNKNOWN, people.french < 0
    for code in job.certificates:
        until, held = people.certificates.until_of(code)
        yield certificate_need(code), State.SHORT, held & (until < start)
        yield certificate_need(code), State.UNKNOWN, ~held & ~people.certificates.complete
    for code in job.wished_certificates:
        if code not in job.certificates:
            yield certificate_need(code), State.WISHED, certificate_lacking(people, code, start)
    for bit, code in enumerate(LICENCES):
        if job.licences >> bit & 1:
            yield Need(Kind.LICENCE, code), State.UNKNOWN, ~people.licences_known
    if job.vehicle:
        yield Need(Kind.VEHICLE, "vehicle"), State.UNKNOWN, people.vehicle < 0
    right = engine.candidates["right_to_work_until"].to_numpy("datetime64[D]")
    yield Need(Kind.DOCUMENT, RIGHT_TO_WORK), State.SHORT, right < start
    old, none = papers.evidence(engine.rule_sets[i])
    yield PROOF, State.SHORT, old
    yield PROOF, State.UNKNOWN, none
