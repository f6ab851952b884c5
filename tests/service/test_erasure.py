"""A person's file, their erasure at their request or at the end of the retention, and what is left of them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from matcher.cli import main
from service.people.figures import is_durable, parts
from service.people.retention import by_organisation, due, erase_due
from service.people.source import StoredPool
from service.store import tables as t
from tests.service.databases import KEYS, SECRET, Api
from tests.service.people import API, MARKED, MARKS, actions, counts, one, person, put, put_positions
from tests.service.support import refused

NAME = MARKED["candidate_id"]


def subject_of(connection: Connection, name: str) -> str:
    return str(connection.execute(select(t.people.c.subject).filter_by(candidate_id=name)).scalar_one())


def follow(api: Api, name: str) -> None:
    """A hire of seven months in July, after hours in two months, and a proposal withdrawn for another position."""
    put_positions(api.client("facilitator"), {"position_id": "J", "award_id": "W"}, {"position_id": "K"})
    with api.store.write("command:tests", None, datetime(2026, 9, 1, tzinfo=UTC)) as change:
        connection, seq = change.connection, change.seq
        subject = subject_of(connection, name)
        award = {"award_id": "W", "org_id": "A", "body": "{}", "version": 1, "changed": seq}
        connection.execute(insert(t.awards), award)
        for month, hours in (("2026-07", 70.5), ("2026-08", 100.0)):
            row = {"award_id": "W", "employer": "E", "mode": "direct", "month": month, "hours": hours}
            connection.execute(insert(t.hours), {**row, "subject": subject, "changed": seq})
        for number, (position, stage, steps) in enumerate(
            (("J", "hired", ("proposed", "hired")), ("K", "withdrawn", ("proposed", "withdrawn")))
        ):
            hired = {"contract": "fixed", "contract_months": 7.0} if stage == "hired" else {}
            row = {
                "proposal_id": f"R{number}",
                "position_id": position,
                "subject": subject,
                "org_id": "A",
                "stage": stage,
                "listed_by": "model",
                "scorecard": "S",
                "proposed_on": "2026-06-15",
                **hired,
            }
            connection.execute(insert(t.proposals), {**row, "version": 1, "changed": seq})
            for place, step in enumerate(steps, 1):
                day = "2026-06-15" if step == "proposed" else "2026-07-02"
                move = {"proposal_id": f"R{number}", "number": place, "stage": step, "happened_on": day}
                connection.execute(insert(t.moves), {**move, "actor": "key:x", "at": day, "changed": seq})
        order = {"position_id": "J", "subject": subject, "place": 1, "added": False, "changed": seq}
        connection.execute(insert(t.places_in_order), order)
        change.log("tests", "tests")


def test_the_file_holds_everything_and_who_saw_it(api: Api) -> None:
    adviser, admin = api.client("adviser"), api.client("admin", "Z")
    put(adviser, MARKED)
    put(adviser, person(NAME, city="Ailleurs"))
    follow(api, NAME)
    reference = one(adviser, NAME)["reference"]
    answer = admin.get(f"{API}/candidates/{reference}/file")
    file = answer.json()
    assert answer.headers["etag"] == '"2"'
    assert (file["facts"]["city"], file["facts"]["last_name"]) == ("Ailleurs", "Marquedenom")
    assert [past["facts"]["city"] for past in file["history"]] == ["Marqueville"]
    assert file["history"][0]["since"] <= file["history"][0]["until"]
    assert [one["stage"] for one in file["proposals"]] == ["hired", "withdrawn"]
    assert [move["stage"] for move in file["proposals"][0]["moves"]] == ["proposed", "hired"]
    assert [row["hours"] for row in file["hours"]] == [70.5, 100.0]
    assert [row["place"] for row in file["orders"]] == [1]
    assert [line["action"] for line in file["log"]] == ["people.create", "people.update"]
    assert [(line["action"], line["organisation"]) for line in file["seen"]] == [
        ("people.see", "Organisme A"),
        ("file.see", "Organisme Z"),
    ]
    assert "subject" not in answer.text


def test_everything_about_a_person_has_its_place_in_the_file_and_in_the_erasure() -> None:
    """A table added later that speaks of people must be thought of in both."""
    about = {
        table.name
        for table in t.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is t.subjects.c.subject
    }
    assert about == {"people", "people_past", "proposals", "hours", "places_in_order", "merges", "apart"}
    assert {table.name for table in t.metadata.sorted_tables if "proposal_id" in table.c} == {"proposals", "moves"}


def test_nothing_is_left_of_an_erased_person_but_counts(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, MARKED, person("Other", last_name="Reste"))
    put(adviser, person(NAME, wage_min=13))
    follow(api, NAME)
    read = one(adviser, NAME)
    before = StoredPool(api.store).head()
    with api.store.read() as connection:
        subject = subject_of(connection, NAME)
        row = connection.execute(select(t.subjects).filter_by(subject=subject)).one()
        sealed = [one.body for one in connection.execute(select(t.people_past.c.body).filter_by(subject=subject))]
        sealed += [connection.execute(select(t.people.c.body).filter_by(subject=subject)).scalar_one()]
    answer = adviser.delete(f"{API}/candidates/{NAME}")
    assert (answer.status_code, answer.content) == (204, b"")
    refused(adviser.delete(f"{API}/candidates/{NAME}"), 404, "absent")
    refused(adviser.get(f"{API}/candidates/{NAME}"), 404, "absent")
    found = StoredPool(api.store).people_since(before)
    assert (found.gone, found.subjects) == ([subject], [])
    assert actions(api)[-1] == "people.erase"

    held = everything(api)
    for mark in (*MARKS, read["reference"]):
        assert mark not in held, mark
    assert row.log_name not in everything(api, without=("log",))
    assert "Other" in held
    leftovers = raw_bytes(api)
    for content in (*(mark.encode() for mark in MARKS), row.wrapped_key, *sealed):
        assert content not in leftovers
    assert one(adviser, "Other")["facts"]["last_name"] == "Reste"
    assert counts(put(adviser, MARKED)) == (1, 0, 0, 0)


def everything(api: Api, without: tuple[str, ...] = ()) -> str:
    """Every cell of every table, as text."""
    with api.store.read() as connection:
        tables = [table for table in t.metadata.sorted_tables if table.name not in without]
        return "\n".join(str(tuple(row)) for table in tables for row in connection.execute(select(table)))


def raw_bytes(api: Api) -> bytes:
    """The database's own file; nothing where the database is a server."""
    path = api.store.engine.url.database
    if api.store.engine.dialect.name != "sqlite" or path is None:
        return b""
    api.store.engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(path).read_bytes() + b"".join(one.read_bytes() for one in Path(path).parent.glob("*.db-wal"))


def test_what_an_erased_person_leaves_to_the_figures(api: Api) -> None:
    adviser = api.client("adviser")
    put(adviser, MARKED, person("Second", sex="F"))
    follow(api, NAME)
    for name in (NAME, "Second"):
        adviser.delete(f"{API}/candidates/{name}")
    with api.store.read() as connection:
        rows = connection.execute(select(t.figures)).all()
        assert connection.execute(select(t.positions.c.filled).filter_by(position_id="J")).scalar_one() == 0
    expected = {
        ("W", "2026-07", "hours"): 70.5,
        ("W", "2026-08", "hours"): 100.0,
        ("W", "2026-07", "people"): 1,
        ("W", "2026-06", "proposals"): 1,
        ("W", "2026-07", "hires"): 1,
        ("W", "2026-07", "durable"): 1,
        ("W", "2026-07", "contracts"): 1,
        ("W", "2026-07", "contract_months"): 7,
        ("", "2026-06", "proposals"): 1,
    }
    for part in ("all", "women", "rsa", "qpv"):
        assert {(row.award_id, row.month, row.measure): row.value for row in rows if row.part == part} == expected
    assert {row.part for row in rows} == {"all", "women", "rsa", "qpv"}


def test_parts_and_durable_exits() -> None:
    assert parts({}) == ["all"]
    assert parts({"sex": "M", "benefits": "ASS", "qpv": False, "disability": True}) == ["all", "disability"]
    assert is_durable("permanent", None)
    assert not is_durable("fixed", 6)
    assert is_durable("fixed", 6.5)
    assert not is_durable(None, None)


@pytest.fixture
def forgotten(api: Api) -> Api:
    """Two people of A and one of B last seen to long ago, and one of A since."""
    put(api.client("adviser"), *[person(name) for name in ("Old", "Older", "New")])
    put(api.client("adviser", "B"), person("Old"))
    days = {("A", "Old"): "2024-02-29", ("A", "Older"): "2024-01-01", ("B", "Old"): "2024-02-28"}
    with api.store.write("command:tests", None, datetime(2026, 1, 1, tzinfo=UTC)) as change:
        for (org, name), day in days.items():
            query = update(t.people).filter_by(org_id=org, candidate_id=name).values(last_action_on=day)
            change.connection.execute(query)
        change.log("tests", "tests")
    return api


def test_retention_counts_from_the_last_action(forgotten: Api) -> None:
    store = forgotten.store

    def counted(on: str) -> dict[str, int]:
        with store.read() as connection:
            return by_organisation(due(connection, date.fromisoformat(on), 24))

    assert counted("2026-01-01") == {}
    assert counted("2026-01-02") == {"A": 1}
    assert counted("2026-02-28") == {"A": 1}
    assert counted("2026-03-01") == {"A": 2, "B": 1}
    erased = erase_due(store, date(2026, 2, 28), 24, datetime(2026, 2, 28, tzinfo=UTC))
    assert (erased, counted("2026-02-28"), counted("2026-03-01")) == (1, {}, {"A": 1, "B": 1})
    shown = forgotten.client("adviser").get(f"{API}/candidates").json()["candidates"]
    assert [line["candidate_id"] for line in shown] == ["New", "Old"]


def test_retention_by_command(
    forgotten: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", forgotten.office.settings.database_url)
    monkeypatch.setenv("CLAUSEMATCH_SECRET", SECRET)
    monkeypatch.setenv("CLAUSEMATCH_ENCRYPTION_KEYS", KEYS[0])

    def run(*arguments: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(["store", "retention", *arguments])
        told = capsys.readouterr()
        assert stopped.value.code == status, told
        return told.out + told.err

    told = run("--on", "2026-03-01")
    assert "A : 2 personne(s) : R-" in told
    assert "B : 1 personne(s) : R-" in told
    assert "3 personne(s) sans action depuis 24 mois au 2026-03-01. Rien n'est effacé sans --apply." in told
    assert "--apply n'efface pas pour un jour à venir." in run("--on", "2999-01-01", "--apply", status=2)
    assert "3 personne(s) effacée(s)." in run("--on", "2026-03-01", "--apply")
    assert "0 personne(s) sans action" in run("--on", "2026-03-01")
