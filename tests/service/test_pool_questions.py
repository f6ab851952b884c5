"""Explanations, sheets, tables, and what erasure and objection leave."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from matcher.board import Board
from matcher.company_sheet import company_sheet
from matcher.eligibility import evaluate, facts
from matcher.engine import Engine, Options, Posts
from matcher.rules import load_rules
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_records
from service.pool import Absent, Pool, parted
from service.pool.openings import Openings
from tests.service.pool_source import TODAY, Memory, table_of

MARKER = "marqueur-7f3a-à-oublier"


@pytest.fixture
def memory(people: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> Memory:
    few = read_records(CANDIDATES, people[:60], "candidates", today=TODAY).table
    return Memory(few, read_records(POSITIONS, jobs[:8], "positions", today=TODAY).table)


@pytest.fixture
def pool(memory: Memory) -> Any:
    pool = Pool(memory)
    yield pool
    pool.close()


def test_an_explanation_is_that_of_the_whole(memory: Memory, pool: Pool) -> None:
    pool.refresh(TODAY)
    memory.change("s7", occupations="F1701", max_distance_km=80.0)
    memory.change("s3", objection=True)
    now, whole = pool.refresh(TODAY), memory.whole()
    for subject in ("s7", "s3", "s2", "s11"):
        for name in list(memory.positions)[:4]:
            found = now.explain(subject, name)
            expected = whole.explain(memory.name(subject), name)
            assert found == replace(expected, candidate_id=found.candidate_id)
            row = memory.people[subject].row
            assert row is not None
            assert found.candidate_id == row["candidate_id"]
            assert "\x1f" not in str(found)


def test_nobody_and_nothing_are_absent(memory: Memory, pool: Pool) -> None:
    memory.move("POSTE-002", rules="iae-2021", mode="DIRECT")  # rules that need another mode
    now = pool.refresh(TODAY)
    asks: list[tuple[str, Any]] = [
        ("person", lambda: now.positions_for("nobody")),
        ("person", lambda: now.explain("nobody", "POSTE-001")),
        ("person", lambda: now.facts("nobody")),
        ("person", lambda: now.company_sheet("POSTE-001", ["s1", "nobody"])),
        ("person", lambda: now.rank_of("nobody", "POSTE-001")),
        ("position", lambda: now.shortlist("nothing")),
        ("position", lambda: now.explain("s1", "nothing")),
        ("position", lambda: now.rank_of("s1", "POSTE-002")),
        ("position", lambda: now.company_sheet("nothing", ["s1"])),
    ]
    for what, ask in asks:
        with pytest.raises(Absent) as caught:
            ask()
        assert caught.value.what == what
    assert not now.knows_position("POSTE-002")
    assert "ne vont pas avec le mode" in now.unusable["POSTE-002"]
    memory.move("POSTE-002", rules=None, mode="EI")
    after = pool.refresh(TODAY)
    assert after.knows_position("POSTE-002")
    assert after.unusable == {}


def test_somebody_erased_leaves_every_answer_and_then_memory(memory: Memory, pool: Pool) -> None:
    memory.change("s5", skills=MARKER)
    before = pool.refresh(TODAY)
    pool.close()
    assert holds(before, MARKER)
    memory.erase("s5")
    now = pool.refresh(TODAY)
    assert not now.knows("s5")
    assert len(now) == len(memory.living) == len(memory.people) - 1
    assert "s5" not in now.tables().subjects
    for name in memory.positions:
        assert "s5" not in {one.subject for one in now.shortlist(name, 80).people}
    with pytest.raises(Absent):
        now.positions_for("s5")
    pool.close()  # the tables made again because of the erasure
    after = pool.refresh(TODAY)
    del before, now
    gc.collect()
    assert not holds(after, MARKER)
    assert "s5" not in after.base.places
    assert not any(
        MARKER in one for one in gc.get_objects() if isinstance(one, tuple) and one and isinstance(one[0], str)
    )


def holds(now: Any, text: str) -> bool:
    return any(
        crowd.rows.table["skills"].fillna("").str.contains(text).any() or text in crowd.engine.people.skill_words
        for crowd in (now.base, now.recent)
    )


def test_somebody_erased_who_had_just_changed_is_forgotten_too(memory: Memory, pool: Pool) -> None:
    pool.refresh(TODAY)
    memory.change("s5", skills=MARKER)
    memory.add("fresh", "s6", candidate_id="F1", skills=MARKER)
    pool.refresh(TODAY)
    memory.erase("s5")
    memory.erase("fresh")
    now = pool.refresh(TODAY)
    assert not holds(now, MARKER)
    assert len(now) == len(memory.living)


def test_whoever_objects_is_listed_nowhere_at_once(memory: Memory, pool: Pool) -> None:
    first = pool.refresh(TODAY).shortlist("POSTE-001").people[0].subject
    memory.change(first, objection=True)
    now = pool.refresh(TODAY)
    assert all(first not in {one.subject for one in now.shortlist(name, 80).people} for name in memory.positions)
    assert now.exclusions("POSTE-001")["objection"] >= 1
    assert now.exclusions("POSTE-001") == now.shortlist("POSTE-001").exclusions
    found = now.positions_for(first)
    assert (found.aside, found.positions) == ("objection", ())
    assert now.rank_of(first, "POSTE-001") == (None, None)
    assert now.knows(first)
    assert first in now.tables().subjects
    memory.change(first, objection=False)
    assert pool.refresh(TODAY).shortlist("POSTE-001").people[0].subject == first


def test_a_sheet_is_that_of_the_matcher_and_names_people_by_subject(memory: Memory, pool: Pool) -> None:
    pool.refresh(TODAY)
    for subject in ("s1", "s4"):
        memory.change(subject, validated_on=pd.Timestamp("2026-08-01"), validated_by="Facilitateur", objection=False)
    now = pool.refresh(TODAY)
    names = ["s4", "s1", "s2"]
    rows = [dict(memory.people[name].row or {}, candidate_id=name) for name in names]
    engine = Engine(table_of(rows, memory.candidates), memory.positions_since(0).table, Options(TODAY))
    found, expected = now.company_sheet("POSTE-001", names), company_sheet(engine, "POSTE-001", names)
    pd.testing.assert_frame_equal(found.table, expected.table)
    assert found.references == expected.references
    assert found.refused == expected.refused
    assert set(found.references) | set(found.refused) == set(names)
    assert not len(now.company_sheet("POSTE-001", []).table)


def test_what_somebody_says_is_read_as_it_would_be_of_them_alone(memory: Memory, pool: Pool) -> None:
    pool.refresh(TODAY)
    memory.change("s4", benefits="RSA|ARE", jobseeker_since=pd.Timestamp("2024-02-29"), objection=True)
    now = pool.refresh(TODAY)
    for subject in list(memory.living)[:25]:
        alone = facts(table_of([memory.people[subject].row or {}], memory.candidates))
        for name in ("ccag-2021", "charte-91-2018", "geiq"):
            found = evaluate(now.facts(subject), load_rules(name), on=TODAY)
            expected = evaluate(alone, load_rules(name), on=TODAY)
            assert found.levels.tolist() == expected.levels.tolist()
            assert found.documents.tolist() == expected.documents.tolist()


def test_tables_of_one_organisation_and_open_positions(memory: Memory, pool: Pool) -> None:
    pool.refresh(TODAY)
    memory.change("s1", max_distance_km=12.0)
    memory.erase("s3")
    memory.move("POSTE-003", closed=True)
    now = pool.refresh(TODAY)
    found = now.tables("B")
    expected = {name for name in memory.living if memory.people[name].org == "B"}
    assert set(found.subjects) == expected
    assert {parted(name)[1] for name in found.people["candidate_id"]} == {"B"}
    distance = dict(zip(found.subjects, found.people["max_distance_km"], strict=True))
    assert distance["s1"] == 12.0
    assert len(now.tables().people) == len(now) == len(memory.living)
    assert found.positions["position_id"].tolist() == sorted(set(memory.positions) - {"POSTE-003"})
    assert now.positions_for("s2", 20) == now.positions_for("s2", 8)
    assert "POSTE-003" not in {one.position_id for one in now.positions_for("s2", 20).positions}


def test_a_pool_without_anybody_or_any_position(memory: Memory) -> None:
    empty = Memory(memory.candidates.iloc[:0], memory.jobs.iloc[:0])
    pool = Pool(empty)
    now = pool.refresh(TODAY)
    assert len(now) == 0
    assert now.tables().subjects == ()
    with pytest.raises(Absent):
        now.shortlist("POSTE-001")
    empty.people["s1"] = replace(memory.people["s1"], seq=2)
    empty.positions["POSTE-001"] = replace(memory.positions["POSTE-001"], seq=2)
    empty.seq = 2
    after = pool.refresh(TODAY)
    assert len(after) == 1
    assert len(after.shortlist("POSTE-001").people) + sum(after.exclusions("POSTE-001").values()) == 1
    pool.close()


def test_positions_of_a_person_are_those_of_the_board(memory: Memory, pool: Pool) -> None:
    now = pool.refresh(TODAY)
    engine = now.base.engine
    board = Board(engine)
    for row, subject in enumerate(now.base.rows.subjects):
        suited = board.suited(row)
        found = now.positions_for(subject, 20).positions
        assert [one.position_id for one in found] == [engine.jobs[i].position_id for i in suited.positions]
        assert [one.raw for one in found] == suited.raw.tolist()


def test_positions_changed_one_by_one_are_those_made_at_once(memory: Memory) -> None:
    memory.post("POSTE-000", "POSTE-003", commune="91377")
    one_by_one = Openings.none().changed(memory.positions_since(0), None)
    memory.move("POSTE-004", licences="B", certificates="SST")
    one_by_one = one_by_one.changed(memory.positions_since(2), None)
    table = memory.positions_since(0).table
    at_once = Posts.of(table, None)
    assert repr(one_by_one.posts.jobs) == repr(at_once.jobs)  # an unknown number is not equal to itself
    assert one_by_one.posts.rule_sets == at_once.rule_sets
    pd.testing.assert_frame_equal(one_by_one.posts.table, at_once.table)


def test_skills_asked_later_are_answered_as_if_asked_at_first(memory: Memory) -> None:
    people, jobs = memory.people_since(0).table, memory.positions_since(0).table
    later = Engine(people, jobs.iloc[:1], Options(TODAY)).asking(jobs)
    at_once = Engine(people, jobs, Options(TODAY))
    for i, job in enumerate(at_once.jobs):
        for skill in job.skills:
            assert later.context.skill_cells(skill).tolist() == at_once.context.skill_cells(skill).tolist()
        assert later.rank(i, 50).best.rows.tolist() == at_once.rank(i, 50).best.rows.tolist()


def test_an_engine_without_some_people_is_one_over_the_others(memory: Memory) -> None:
    people, jobs = memory.people_since(0).table, memory.positions_since(0).table
    absent = pd.Series([number % 3 == 0 for number in range(len(people))]).to_numpy()
    without = Engine(people, jobs, Options(TODAY)).without(absent)
    others = Engine(people[~absent].reset_index(drop=True), jobs, Options(TODAY))
    for i in range(len(others.jobs)):
        mine, theirs = without.rank(i, 200), others.rank(i, 200)
        ids = [engine.candidates["candidate_id"].to_numpy() for engine in (without, others)]
        assert ids[0][mine.best.rows].tolist() == ids[1][theirs.best.rows].tolist()
        assert mine.excluded == theirs.excluded
        assert without.within_reach(i) == others.within_reach(i)


def test_nothing_about_people_shows_in_a_log(memory: Memory, pool: Pool) -> None:
    memory.change("s5", skills=MARKER, first_name=MARKER)
    now = pool.refresh(TODAY)
    shown = [now, now.base, now.base.rows, now.tables(), now.shortlist("POSTE-001"), now.positions_for("s5"), pool]
    for one in [*shown, *now.shortlist("POSTE-001").people]:
        text = f"{one!r} {one}"
        assert MARKER not in text
        assert "candidate_id" not in text
