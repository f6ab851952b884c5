"""The pool answers as one engine over everybody would, whatever changed and whenever its tables were made again."""

from __future__ import annotations

import random
import threading
from datetime import date
from typing import Any

import pandas as pd
import pytest

from matcher.pipeline import Match
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_records
from service.pool import Pool, Snapshot
from service.pool.crowd import SEPARATOR
from tests.service.pool_source import TODAY, Memory

COLUMNS = (
    "rank",
    "score",
    "outcome",
    "at_start",
    "categories",
    "missing",
    "distance_km",
    "strengths",
    "concerns",
    "rules",
    "meaning",
)


@pytest.fixture(scope="session")
def samples(people: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    few = read_records(CANDIDATES, people[:70], "candidates", today=TODAY).table
    return few, read_records(POSITIONS, jobs[:8], "positions", today=TODAY).table


@pytest.fixture
def memory(samples: tuple[pd.DataFrame, pd.DataFrame]) -> Memory:
    return Memory(*samples)


def joined(value: Any) -> Any:
    if isinstance(value, tuple):
        return "|".join(value)
    return None if value is None or value != value else value


def agrees(now: Snapshot, whole: Match) -> None:
    """Every list, count and reason is that of one engine over everybody."""
    points = whole.contributions.groupby(["position_id", "candidate_id"])["points"].sum()
    for job in whole.engine.jobs:
        name = job.position_id
        found = now.shortlist(name)
        expected = whole.shortlists[whole.shortlists["position_id"] == name]
        ids = [f"{one.candidate_id}{SEPARATOR}{one.org_id}" for one in found.people]
        assert ids == expected["candidate_id"].tolist(), name
        for column in COLUMNS:
            mine = [joined(getattr(one, column)) for one in found.people]
            assert mine == [joined(value) for value in expected[column]], (name, column)
        assert [one.raw for one in found.people] == [points[name, one] for one in ids]
        counts = whole.exclusions[whole.exclusions["position_id"] == name]
        assert found.exclusions == dict(zip(counts["filter"], counts["people"], strict=True))
        short = whole.unfilled[whole.unfilled["position_id"] == name]
        assert [found.reason] == (short["reason"].tolist() or [""])


def people_agree(now: Snapshot, memory: Memory, whole: Match, subjects: list[str]) -> None:
    """The positions of some people, and their rank for each, are those that ranking everybody gives."""
    engine = whole.engine
    ids = engine.candidates["candidate_id"].tolist()
    lists = [engine.rank(number, len(ids)).best for number in range(len(engine.jobs))]
    for subject in subjects:
        row = ids.index(memory.name(subject))
        expected = []
        for job, best in zip(engine.jobs, lists, strict=True):
            places = best.rows.tolist()
            rank, score = now.rank_of(subject, job.position_id)
            if row not in places:
                assert rank is None
                continue
            assert rank == places.index(row) + 1
            raw = best.points[[places.index(row)]] + engine.card.least
            assert score == engine.card.score(raw)[0]
            if not memory.positions[job.position_id].closed:
                expected.append((-int(raw[0]), job.position_id))
        found = now.positions_for(subject, 4)
        assert [(-one.raw, one.position_id) for one in found.positions] == sorted(expected)[:4]
        assert [one.rank for one in found.positions] == list(range(1, len(found.positions) + 1))


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_the_answers_are_those_of_one_engine(memory: Memory, seed: int) -> None:
    draw = random.Random(seed)
    pool = Pool(memory, fold_at=draw.choice((3, 12, 1000)))
    pool.refresh(TODAY)
    for _turn in range(3):
        for _change in range(draw.randrange(1, 9)):
            memory.random_change(draw)
        now, whole = pool.refresh(TODAY), memory.whole()
        agrees(now, whole)
        people_agree(now, memory, whole, draw.sample(memory.living, 4))
        if draw.random() < 0.5:
            pool.close()
            agrees(pool.refresh(TODAY), whole)
    pool.close()


def test_two_threads_read_while_people_and_positions_change(memory: Memory) -> None:
    pool = Pool(memory, fold_at=4)
    names = list(memory.positions)
    seen: list[Snapshot] = []
    wrong: list[BaseException] = []

    def read(seed: int) -> None:
        draw = random.Random(seed)
        try:
            for _turn in range(8):
                before = memory.head()
                now = pool.refresh(TODAY)
                assert now.head >= before  # whatever was written before the question is in the answer
                found = now.shortlist(draw.choice(names))
                assert found.people == now.shortlist(found.position_id).people
                seen.append(now)
        except BaseException as error:
            wrong.append(error)

    readers = [threading.Thread(target=read, args=(seed,)) for seed in (1, 2)]
    for one in readers:
        one.start()
    draw = random.Random(3)
    for _change in range(15):
        memory.random_change(draw)
        pool.refresh(TODAY)
    for one in readers:
        one.join()
    assert wrong == []
    assert len(seen) == 16
    agrees(pool.refresh(TODAY), memory.whole())
    pool.close()
    agrees(pool.refresh(TODAY), memory.whole())


def test_nothing_is_read_again_while_nothing_changes(memory: Memory) -> None:
    pool = Pool(memory)
    assert pool.loaded is None
    first = pool.refresh(TODAY)
    reads = memory.reads
    assert pool.refresh(TODAY) is first is pool.loaded
    assert memory.reads == reads
    pool.close()


def test_a_position_that_changes_leaves_people_encoded(memory: Memory) -> None:
    pool = Pool(memory)
    before = pool.refresh(TODAY)
    memory.move("POSTE-002", commune="91377")
    after = pool.refresh(TODAY)
    assert after.base.engine.people is before.base.engine.people
    assert after.base.engine.views is before.base.engine.views
    agrees(after, memory.whole())
    pool.close()


def test_tables_are_made_again_when_enough_people_changed(memory: Memory) -> None:
    pool = Pool(memory, fold_at=3)
    before = pool.refresh(TODAY)
    for subject in ("s1", "s2"):
        memory.change(subject, max_distance_km=50.0)
    beside = pool.refresh(TODAY)
    pool.close()
    assert pool.refresh(TODAY) is beside
    assert beside.base.rows is before.base.rows
    everybody = len(memory.people)
    assert (len(beside.recent), len(beside.base), len(beside)) == (2, everybody - 2, everybody)
    memory.change("s3", max_distance_km=50.0)
    pool.refresh(TODAY)
    pool.close()
    after = pool.refresh(TODAY)
    assert (len(after.recent), len(after.base)) == (0, everybody)
    agrees(after, memory.whole())


def test_who_changes_while_tables_are_made_is_not_forgotten(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(memory, fold_at=2)
    pool.refresh(TODAY)
    pool.close()
    started, go_on = threading.Event(), threading.Event()

    def slow(*_arguments: object) -> None:
        started.set()
        go_on.wait(20)

    monkeypatch.setattr("service.pool.pool.warm", slow)
    memory.change("s1", max_distance_km=50.0)
    memory.change("s2", max_distance_km=50.0)
    pool.refresh(TODAY)
    assert started.wait(20)
    memory.change("s1", max_distance_km=3.0)
    memory.erase("s4")
    memory.move("POSTE-001", commune="91377")
    memory.add("late", "s6", candidate_id="LATE")
    agrees(pool.refresh(TODAY), memory.whole())
    go_on.set()
    pool.close()
    after = pool.refresh(TODAY)
    agrees(after, memory.whole())
    assert not after.knows("s4")
    assert "s4" not in after.base.places  # the second making, for the erasure


def test_a_new_day_is_waited_for(memory: Memory) -> None:
    memory.change("s9", right_to_work_until=pd.Timestamp("2026-09-01"))
    pool = Pool(memory)
    pool.refresh(TODAY)
    memory.change("s8", max_distance_km=50.0)
    tomorrow = date(2026, 9, 2)
    now = pool.refresh(tomorrow)
    assert now.on == tomorrow
    agrees(now, memory.whole(tomorrow))
    assert now.positions_for("s9").aside == "right_to_work"
    back = pool.refresh(TODAY)
    assert back.on == TODAY
    assert back.positions_for("s9").aside is None
    agrees(back, memory.whole())
    pool.close()


def test_a_source_that_fails_is_asked_again(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(memory)
    pool.refresh(TODAY)
    memory.change("s1", max_distance_km=50.0)
    whole_source = memory.people_since

    def broken(_seq: int) -> Any:
        raise OSError("away")

    monkeypatch.setattr(memory, "people_since", broken)
    with pytest.raises(OSError, match="away"):
        pool.refresh(TODAY)
    monkeypatch.setattr(memory, "people_since", whole_source)
    agrees(pool.refresh(TODAY), memory.whole())
    pool.close()
