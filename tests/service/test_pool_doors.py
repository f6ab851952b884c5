"""What would open more positions, against the slow obvious way: make the step, and see which positions open."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.schema import CANDIDATES, POSITIONS
from matcher.shortlist import SENSIBLE
from matcher.tables import read_records
from service.pool import Pool, Snapshot
from service.pool.doors import STEPS_KM, Door
from tests.service.pool_source import TODAY, Memory

HOME: dict[str, Any] = {
    "candidate_id": "X",
    "commune": "91228",
    "jobseeker": "yes",
    "jobseeker_since": "2024-01-01",
    "months_worked_12": 0,
    "occupations": ["F1703"],
    "licences": "none",
    "vehicle": "no",
    "qpv": "no",
    "accepts": "none",
    "work_limits": "none",
    "max_distance_km": 8,
    "certificates": ["SST@2020-01-01"],
}
JOB: dict[str, Any] = {"title": "maçon", "occupation": "F1703", "commune": "91228", "openings": 2}
JOBS: tuple[dict[str, Any], ...] = (
    {"position_id": "open"},
    {"position_id": "licence", "licences": ["B"]},
    {"position_id": "truck", "licences": ["C", "B"]},
    {"position_id": "car", "vehicle": "yes"},
    {"position_id": "both", "licences": ["B"], "vehicle": "yes"},
    {"position_id": "first-aid", "certificates": ["SST"]},
    {"position_id": "unknown-card", "certificates": ["CACES_R482_A"]},
    {"position_id": "night", "schedule": ["night"]},
    {"position_id": "nights", "schedule": ["night", "weekend"]},
    {"position_id": "far", "commune": "91377"},
    {"position_id": "farther", "commune": "91223"},
    {"position_id": "far-and-night", "commune": "91377", "schedule": ["night"]},
    {"position_id": "other-work", "title": "secrétaire", "occupation": "M1607", "licences": ["B"]},
    {"position_id": "shut", "title": "maçon", "rules": "npnru", "licences": ["B"]},
)


def memory_of(people: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> Memory:
    return Memory(
        read_records(CANDIDATES, people, "candidates", today=TODAY).table,
        read_records(POSITIONS, jobs, "positions", today=TODAY).table,
    )


def passed(now: Snapshot, subject: str) -> set[str]:
    """Every position that somebody passes."""
    return {one.position_id for one in now.positions_for(subject, 10_000).positions}


def step(row: dict[str, Any], door: Door) -> dict[str, Any]:
    """The facts of somebody who made the step."""
    if door.kind == "vehicle":
        return {"vehicle": True}
    if door.kind == "distance":
        known = row["max_distance_km"]
        return {"max_distance_km": (25.0 if known != known else known) + float(door.code)}
    column = {"licence": "licences", "certificate": "certificates", "schedule": "accepts"}[door.kind]
    held = row[column]
    kept = [] if not isinstance(held, str) or held == "none" else held.split("|")
    if door.kind == "certificate":
        kept = [item for item in kept if item.partition("@")[0] != door.code]
    return {column: "|".join([*kept, door.code])}


def sensible(now: Snapshot, subject: str, names: set[str]) -> set[str]:
    levels = now.levels(subject, sorted(names))
    return {name for name in names if any(levels[name][one] in SENSIBLE[one] for one in SENSIBLE)}


def test_each_step_opens_what_it_says_and_no_other(people: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> None:
    memory = memory_of(people[:12], jobs)
    pool = Pool(memory)
    told = 0
    for subject, person in list(memory.people.items()):
        row = dict(person.row or {})
        now = pool.refresh(TODAY)
        was = passed(now, subject)
        for door in now.doors(subject)[:4]:
            memory.change(subject, **{**row, **step(row, door)})
            now = pool.refresh(TODAY)
            opened = passed(now, subject) - was
            if any(isinstance(row[name], str) for name in ("occupations", "experience")):
                opened = sensible(now, subject, opened)
            assert set(door.positions) == opened, (subject, door)
            told += len(opened)
        memory.change(subject, **row)
    pool.close()
    assert told > 10


@pytest.fixture
def doors() -> dict[tuple[str, str], tuple[str, ...]]:
    memory = memory_of([HOME], [{**JOB, **one} for one in JOBS])
    pool = Pool(memory)
    found = pool.refresh(TODAY).doors("s0")
    pool.close()
    return {(door.kind, door.code): door.positions for door in found}


def test_one_step_and_one_alone(doors: dict[tuple[str, str], tuple[str, ...]]) -> None:
    assert doors["licence", "B"] == ("licence",)
    assert doors["licence", "C"] == ("truck",)  # whoever has C has B
    assert doors["vehicle", ""] == ("car",)
    assert doors["certificate", "SST"] == ("first-aid",)  # known to be over
    assert doors["schedule", "night"] == ("night",)
    named = {name for names in doors.values() for name in names}
    assert named.isdisjoint({"open", "both", "nights", "far-and-night", "unknown-card", "other-work", "shut"})


def test_kilometres_add_up(doors: dict[tuple[str, str], tuple[str, ...]]) -> None:
    counts = [len(doors.get(("distance", str(step)), ())) for step in STEPS_KM]
    assert counts == sorted(counts)
    assert counts[-1] >= 1


def test_whoever_objects_is_told_of_nothing() -> None:
    memory = memory_of([{**HOME, "objection": "yes"}], [{**JOB, **one} for one in JOBS])
    pool = Pool(memory)
    assert pool.refresh(TODAY).doors("s0") == ()
    pool.close()
