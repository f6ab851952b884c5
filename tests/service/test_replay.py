"""Every list that the log says was shown comes out again, whatever happened since."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from matcher.cli import main
from matcher.errors import CheckFailed, UsageError
from service.chain.replay import replay
from service.chain.told import Replay
from service.models import MatchRequest
from service.store import guards
from service.store import tables as t
from tests.service.databases import KEYS, SECRET, Api
from tests.service.lists import POSITION, World, person

FACTS: dict[str, tuple[Any, ...]] = {
    "commune": ("91228", "91377", "75056", None),
    "occupations": (["F1703"], ["F1603", "F1703"], ["K2204"], None),
    "experience": (["F1703:24"], ["F1704:6"], "none", None),
    "jobseeker_since": ("2024-01-01", "2026-09-01", None),
    "benefits": (["RSA"], ["AAH"], "none", None),
    "disability": ("yes", "no", None),
    "max_distance_km": (5, 40, None),
    "available_from": ("2026-01-01", "2027-06-01", None),
    "licences": (["B"], "none", None),
    "objection": ("yes", None, None, None),
}
DEMANDS: dict[str, tuple[Any, ...]] = {
    "occupation": ("F1703", "F1603"),
    "commune": ("91228", "75056"),
    "licences": (["B"], None),
    "experience_months": (12, None),
    "openings": (1, 3),
    "asked": (3, None),
}


@pytest.fixture
def world(api: Api) -> World:
    return World(api)


def some(chance: random.Random, choices: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    return {name: chance.choice(values) for name, values in choices.items() if chance.random() < 0.7}


def live(world: World, chance: random.Random, steps: int) -> None:
    """A random history: people and positions come and change, lists are looked at, people proposed and hired."""
    world.put(world.adviser, "candidates", [person(candidate_id=f"P{n}", **some(chance, FACTS)) for n in range(6)])
    world.put(world.other, "candidates", [person(candidate_id=f"P{n}", **some(chance, FACTS)) for n in range(4)])
    for name in ("J1", "J2"):
        world.positions({**POSITION, **some(chance, DEMANDS), "position_id": name})
    for _step in range(steps):
        position = chance.choice(("J1", "J2"))
        what = chance.randrange(6)
        if what == 0:
            row = {"candidate_id": f"P{chance.randrange(9)}", **some(chance, FACTS)}
            world.put(chance.choice((world.adviser, world.other)), "candidates", [row])
        elif what == 1:
            world.positions({"position_id": position, **some(chance, DEMANDS)})
        elif what == 2:
            body = {"position_id": position, "candidate_id": f"P{chance.randrange(6)}"}
            answer = world.adviser.post("/api/v1/proposals", json=body)
            assert answer.status_code in (201, 404, 409)
            if answer.status_code == 201:
                for stage in ("shortlisted", "interviewed", "hired")[: chance.randrange(4)]:
                    world.move(world.facilitator, answer.json()["proposal_id"], stage)
        elif what == 3:
            answer = world.adviser.get(f"/api/v1/positions/{position}/shortlist")
            assert answer.status_code in (200, 404)
            name = f"P{chance.randrange(9)}"
            assert world.adviser.get(f"/api/v1/candidates/{name}/positions").status_code in (200, 404)
        else:
            world.shortlist(world.facilitator, position, **chance.choice(({}, {"top": 2}, {"top": 50})))


def again(world: World, seq: int, request: dict[str, Any] | None = None) -> Replay:
    asked = None if request is None else MatchRequest.model_validate(request)
    return replay(world.api.store, seq, world.api.office.settings, asked)


def lists(world: World) -> list[int]:
    return [entry["seq"] for action in ("shortlist.see", "positions.see") for entry in world.log(action=action)]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_list_of_a_random_history_comes_out_again(world: World, seed: int) -> None:
    live(world, random.Random(seed), 30)
    found = lists(world)
    assert len(found) > 8
    for seq in found:
        done = again(world, seq)
        assert done.same, seq
        assert (done.gone, done.gone_listed, done.differ) == (0, 0, ())
        assert done.words().startswith(f"Entrée {seq} : la même liste, de ")
    assert world.log(action="positions.see")


def test_it_is_not_the_list_of_today(world: World) -> None:
    """The slow obvious twin: what was answered then, against what is answered now and what is replayed."""
    world.fill()
    before = world.shortlist(world.facilitator)["people"]
    world.put(world.adviser, "candidates", [{"candidate_id": "P4", "experience": ["F1703:36"]}])
    after = world.shortlist(world.facilitator)["people"]
    assert [one["candidate_id"] for one in before] != [one["candidate_id"] for one in after]
    first, second = sorted(lists(world))
    assert again(world, first).same
    assert again(world, second).same


def test_after_an_erasure_it_says_so_and_compares_those_who_are_left(world: World) -> None:
    world.fill()
    world.shortlist(world.facilitator, top=3)
    world.shortlist(world.other)
    assert world.adviser.delete("/api/v1/candidates/P1").status_code == 204
    whole, theirs = sorted(lists(world))
    done = again(world, whole)
    assert done == Replay(whole, True, 3, 1, 1, ())
    assert done.words() == (
        f"Entrée {whole} : mêmes scores et même ordre pour les personnes qui restent. "
        "1 personne(s) de ce moment ont été effacées depuis, dont 1 sur la liste."
    )
    done = again(world, theirs)
    assert (done.same, done.gone, done.gone_listed) == (True, 1, 0)


def written(world: World, **changes: Any) -> int:
    """An entry like the last list, changed: what another version, or a liar, would have written."""
    entry = world.log(action="shortlist.see")[0]
    with world.api.store.write("key:x", "F", datetime(2026, 10, 1, tzinfo=UTC)) as change:
        change.log("shortlist.see", entry["object"], entry["subjects"], {**entry["detail"], **changes})
        return change.entries[0].seq


def test_a_list_that_was_never_made_is_found_out(world: World) -> None:
    world.fill()
    world.shortlist(world.facilitator)
    seq = written(world, list="0" * 64)
    done = again(world, seq)
    assert not done.same
    assert done.words() == f"Entrée {seq} : la liste refaite n'est pas celle qui a été montrée."


def test_what_is_no_longer_the_same_is_named(world: World) -> None:
    world.fill()
    world.shortlist(world.facilitator)
    versions = world.log(action="shortlist.see")[0]["detail"]["versions"]
    seq = written(world, list="0" * 64, versions={**versions, "scorecard": "x", "clausematch": "0"})
    done = again(world, seq)
    assert done.differ == ("clausematch", "scorecard")
    assert done.words().endswith("Ne sont plus celles d'alors : la version du logiciel, la grille de points.")


def test_scores_that_changed_are_found_among_those_who_are_left(world: World) -> None:
    world.fill()
    world.shortlist(world.facilitator)
    seq = written(world, scores=[99.0] * 6)
    world.adviser.delete("/api/v1/candidates/P1")
    assert not again(world, seq).same


def test_an_entry_that_is_no_list_or_was_changed_is_refused(world: World) -> None:
    world.fill()
    world.shortlist(world.facilitator)
    seq = lists(world)[0]
    with pytest.raises(UsageError, match=r"Le journal n'a pas d'entrée 9999\."):
        again(world, 9999)
    with pytest.raises(
        UsageError, match=r"L'entrée 1 \(organisation.create\) n'est pas une liste qui puisse être refaite"
    ):
        again(world, 1)
    with world.api.store.engine.begin() as connection:
        guards.remove(connection)
        connection.execute(t.log.update().where(t.log.c.seq == seq).values(actor="key:x"))
    with pytest.raises(CheckFailed, match=f"L'entrée {seq} du journal a été modifiée"):
        again(world, seq)


JOBS: dict[str, Any] = {"positions": [{**POSITION, "position_id": "X1"}], "top": 3, "on": "2026-10-01"}


def matched(world: World, body: dict[str, Any]) -> int:
    """The entry of a run of matching."""
    answer = world.facilitator.post("/api/v1/match", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["shortlists"]
    seq: int = world.log(action="match.run")[0]["seq"]
    return seq


def test_a_run_over_the_store_comes_out_again_with_its_request(world: World) -> None:
    world.fill()
    seq = matched(world, JOBS)
    world.put(world.adviser, "candidates", [{"candidate_id": "P4", "experience": ["F1703:36"]}])
    assert again(world, seq, JOBS) == Replay(seq, True, 3, 0, 0, ())
    for other in ({**JOBS, "top": 4}, {**JOBS, "positions": [{**POSITION, "position_id": "X2"}]}):
        with pytest.raises(UsageError, match=f"n'est pas la demande de l'entrée {seq}"):
            again(world, seq, other)
    with pytest.raises(UsageError, match="dont la demande n'est pas gardée ici"):
        again(world, seq)


def test_a_run_over_the_store_after_an_erasure(world: World) -> None:
    world.fill()
    whole, limited = matched(world, JOBS), matched(world, {**JOBS, "max_per_candidate": 1})
    assert world.adviser.delete("/api/v1/candidates/P1").status_code == 204
    done = again(world, whole, JOBS)
    assert (done.same, done.gone, done.gone_listed) == (True, 1, 1)
    done = again(world, limited, {**JOBS, "max_per_candidate": 1})
    assert (done.same, done.untold) == (False, True)
    assert "les listes ne peuvent plus être comparées" in done.words()


def test_a_run_over_people_of_the_request_keeps_nobody_and_comes_out_again(world: World) -> None:
    people = [person(candidate_id="Marqueur-1"), person(candidate_id="Marqueur-2", benefits=["AAH"])]
    body = {**JOBS, "candidates": people}
    seq = matched(world, body)
    entry = world.log(action="match.run")[0]
    assert entry["object"] == "request"
    assert entry["subjects"] == []
    assert "Marqueur" not in str(entry)
    assert set(entry["detail"]) == {"on", "people", "positions", "versions", "request", "list"}
    assert again(world, seq, body) == Replay(seq, True, 2, 0, 0, ())
    for other in ({**body, "candidates": people[:1]}, {**body, "top": 1}, {**body, "candidates": people[::-1]}):
        with pytest.raises(UsageError, match=f"n'est pas la demande de l'entrée {seq}"):
            again(world, seq, other)
    with world.api.store.write("key:x", "F", datetime(2026, 10, 1, tzinfo=UTC)) as change:
        change.log("match.run", "request", (), {**entry["detail"], "list": "0" * 64})
        lie = change.entries[0].seq
    assert not again(world, lie, body).same


def test_the_positions_of_somebody_erased_cannot_be_made_again(world: World) -> None:
    world.fill()
    world.get(world.adviser, "/candidates/P1/positions")
    (entry,) = world.log(action="positions.see")
    assert again(world, entry["seq"]).same
    world.adviser.delete("/api/v1/candidates/P1")
    done = again(world, entry["seq"])
    assert (done.same, done.lost) == (False, True)


@pytest.fixture
def command(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    for name, value in (
        ("DATABASE_URL", database),
        ("CLAUSEMATCH_SECRET", SECRET),
        ("CLAUSEMATCH_ENCRYPTION_KEYS", KEYS[0]),
    ):
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as done:
            main(["audit", "replay", *arguments])
        told = capsys.readouterr()
        return int(done.value.code or 0), told.out + told.err

    return run


def test_the_command(world: World, command: Callable[..., tuple[int, str]]) -> None:
    world.fill()
    world.shortlist(world.facilitator, top=4)
    seq = lists(world)[0]
    assert command(str(seq)) == (0, f"Entrée {seq} : la même liste, de 4 personne(s).\n")
    wrong = written(world, list="1" * 64)
    status, words = command(str(wrong))
    assert (status, "la liste refaite n'est pas celle" in words) == (1, True)
    assert command("9999")[0] == 2


def test_the_command_with_a_request(world: World, command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    body = {**JOBS, "candidates": [person(candidate_id="P1")]}
    seq = matched(world, body)
    kept, other = tmp_path / "demande.json", tmp_path / "autre.json"
    kept.write_text(json.dumps(body, indent=2), encoding="utf-8")
    other.write_text("[]", encoding="utf-8")
    assert command(str(seq), "--inputs", str(kept)) == (0, f"Entrée {seq} : la même liste, de 1 personne(s).\n")
    assert command(str(seq))[0] == 2
    status, words = command(str(seq), "--inputs", str(other))
    assert (status, "autre.json n'est pas le corps d'une demande POST /match." in words) == (2, True)
