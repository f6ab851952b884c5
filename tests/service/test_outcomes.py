"""The table of outcomes: what training reads, with nobody's name in it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner

import matcher
from matcher.schema import CANDIDATES, OUTCOMES, POSITIONS
from matcher.tables import coerce, read_table, write_table
from models.signals import check_outcomes, meaning
from service.proposals.models import OrderBody, OutcomesQuery
from service.proposals.order import put_order
from service.proposals.outcomes import frame, outcome_rows, outcomes
from service.settings import Settings
from service.store import tables as t
from service.store.commands import register
from service.store.database import Store
from tests.service.databases import KEYS, SECRET
from tests.service.follow_up import Desk, content
from tests.service.test_proposals import move, propose, to_hire


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    one = Desk(store, settings)
    one.position("P1", openings=5)
    one.position("P2", org="G")
    return one


def every_end(desk: Desk) -> dict[str, str]:
    """Somebody at each end: name → proposal."""
    names = ("listé", "retenu", "refusé tôt", "refusé tard", "embauché", "défait", "resté", "retiré")
    for place, name in enumerate(names):
        desk.ranks.said[desk.person(name), "P1"] = (place + 1, 90.0 - place)
    ids = {name: str(propose(desk, name)["proposal_id"]) for name in names}
    move(desk, ids["retenu"], stage="shortlisted")
    move(desk, ids["refusé tôt"], stage="refused", reason="person_skills")
    move(desk, ids["refusé tard"], stage="shortlisted")
    move(desk, ids["refusé tard"], stage="interviewed")
    move(desk, ids["refusé tard"], stage="refused", reason="position_filled")
    for name in ("embauché", "défait", "resté"):
        to_hire(desk, ids[name])
    move(desk, ids["défait"], stage="refused", reason="position_employer")
    move(desk, ids["retiré"], "adviser", "A", stage="withdrawn", reason="other_found_a_job")
    desk.at += timedelta(days=100)
    move(desk, ids["resté"], stage="kept_3_months")
    return ids


def test_each_end_means_to_training_what_happened(desk: Desk) -> None:
    ids = every_end(desk)
    with desk.store.read() as connection:
        rows, names = outcome_rows(connection, desk.store.keys, people_of="A")
    assert len(names) == len(rows) == 8
    table = coerce(OUTCOMES, frame(rows)).table
    passed, failed, excused, _picked = meaning(table)
    place = {name: table["proposal_id"].tolist().index(one) for name, one in ids.items()}
    said = {name: (int(passed[i]), bool(failed[i]), bool(excused[i])) for name, i in place.items()}
    assert said == {
        "listé": (1, False, False),
        "retenu": (1, False, False),
        "refusé tôt": (0, True, False),
        "refusé tard": (2, False, True),
        "embauché": (3, False, False),
        "défait": (2, False, True),
        "resté": (4, False, False),
        "retiré": (1, False, True),
    }


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".json", ".parquet"])
def test_the_file_is_read_without_a_rejected_row(desk: Desk, tmp_path: Path, ending: str) -> None:
    every_end(desk)
    with desk.store.read() as connection:
        rows, _names = outcome_rows(connection, desk.store.keys, people_of="A")
    path = tmp_path / f"outcomes{ending}"
    write_table(frame(rows), path)
    found = read_table(OUTCOMES, path, today=date(2027, 2, 1))
    assert len(found.rejected) == 0
    assert found.warnings == ()
    assert len(matcher.read_outcomes(path)) == len(rows) == 8
    people = pd.DataFrame({"candidate_id": sorted({row["candidate_id"] for row in rows})})
    jobs = pd.DataFrame({"position_id": ["P1"]})
    checked = check_outcomes(
        found.table, coerce(CANDIDATES, people).table, coerce(POSITIONS, jobs).table, date(2027, 2, 1)
    )
    assert len(checked.rejected) == 0
    assert len(checked.table) == 8


def test_who_reads_what(desk: Desk) -> None:
    subject, other = desk.person("Nom-Repérable"), desk.person("m", org="B")
    propose(desk, "Nom-Repérable")
    propose(desk, "m", "P2", "B")
    own = content(outcomes(desk.call("facilitator", "F", query=OutcomesQuery())))["outcomes"]
    assert [row["candidate_id"] for row in own] == [desk.reference(subject)]
    everything = content(outcomes(desk.call("auditor", "A", query=OutcomesQuery())))["outcomes"]
    assert {row["candidate_id"] for row in everything} == {desk.reference(subject), desk.reference(other)}
    assert set(own[0]) == set(OUTCOMES.names)
    csv = outcomes(desk.call("facilitator", "F", query=OutcomesQuery(format="csv")))
    assert csv.media_type.startswith("text/csv")
    assert csv.content.startswith(b"\xef\xbb\xbfproposal_id;position_id")
    assert "Repérable" not in csv.content.decode()
    assert [entry["actor"] for entry in desk.rows(t.log, action="outcomes.see")] == ["key:f", "key:a", "key:f"]


def test_nothing_is_told_of_whoever_objects_since(desk: Desk) -> None:
    kept, objecting = desk.person("oui"), desk.person("non")
    propose(desk, "oui")
    propose(desk, "non")
    desk.change_facts(objecting, objection=True)
    for role, org in (("facilitator", "F"), ("auditor", "A")):
        found = content(outcomes(desk.call(role, org, query=OutcomesQuery())))["outcomes"]
        assert [row["candidate_id"] for row in found] == [desk.reference(kept)]
    assert len(json.loads(desk.rows(t.log, action="outcomes.see")[-1]["subjects"])) == 1


def test_an_order_is_the_human_rank_unless_the_proposal_has_one(desk: Desk) -> None:
    first, second = desk.person("un"), desk.person("deux")
    propose(desk, "un")
    propose(desk, "deux", human_rank=7)
    order = OrderBody(order=[desk.reference(second), desk.reference(first)])
    put_order(desk.call("facilitator", "F", path={"position_id": "P1"}, body=order))
    with desk.store.read() as connection:
        rows, _names = outcome_rows(connection, desk.store.keys, people_of="A")
    assert {row["candidate_id"]: row["human_rank"] for row in rows} == {"un": 2, "deux": 7}


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    write_table(frame([]), tmp_path / "outcomes.csv")
    found = read_table(OUTCOMES, tmp_path / "outcomes.csv", today=date(2027, 2, 1))
    assert (len(found.table), len(found.rejected), found.warnings) == (0, 0, ())


def test_the_command_writes_what_the_store_holds(
    desk: Desk, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_end(desk)
    desk.person("m", org="B")
    propose(desk, "m", "P2", "B")
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("CLAUSEMATCH_SECRET", SECRET)
    monkeypatch.setenv("CLAUSEMATCH_ENCRYPTION_KEYS", KEYS[0])
    everybody, own = tmp_path / "tous.csv", tmp_path / "A.csv"
    done = CliRunner().invoke(_group(), ["store", "outcomes", "-o", str(everybody)])
    assert (done.exit_code, done.output) == (0, f"{everybody} : 9 suites données.\n")
    assert CliRunner().invoke(_group(), ["store", "outcomes", "--organisation", "A", "-o", str(own)]).exit_code == 0
    read = read_table(OUTCOMES, own, today=date(2027, 2, 1))
    assert (len(read.table), len(read.rejected)) == (8, 0)
    assert "refusé tôt" in read.table["candidate_id"].tolist()
    references = read_table(OUTCOMES, everybody, today=date(2027, 2, 1)).table["candidate_id"]
    assert references.str.startswith("R-").all()
    assert [entry["actor"] for entry in desk.rows(t.log, action="outcomes.see")] == ["command:store"] * 2


def _group() -> click.Group:
    group = click.Group()
    register(group)
    return group
