"""Proposals: who may do which step, what each step changes, and the last opening on both databases."""

from __future__ import annotations

import copy
import itertools
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from service.access.principals import Role
from service.problems import Problem
from service.proposals import moves, work
from service.proposals.models import NewProposal, ProposalChange, ProposalQuery
from service.proposals.moves import MOVES, REASONS, Stage
from service.settings import Settings
from service.store import tables as t
from service.store.database import Store, open_store
from tests.service.follow_up import Desk, content
from tests.service.support import ROOT


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    one = Desk(store, settings)
    one.position("P1", openings=2, asked=10)
    return one


def propose(desk: Desk, person: str, position: str = "P1", org: str = "A", **more: Any) -> dict[str, Any]:
    body = NewProposal(position_id=position, candidate_id=person, **more)
    answer = work.propose(desk.call("adviser", org, body=body))
    assert answer.status == 201
    return content(answer)


def move(desk: Desk, proposal_id: str, roles: Any = "facilitator", org: str = "F", **body: Any) -> dict[str, Any]:
    if_match = body.pop("if_match", None)
    change = ProposalChange.model_validate(body)
    call = desk.call(roles, org, path={"proposal_id": proposal_id}, body=change, if_match=if_match)
    return content(work.change(call))


def refused(code: str, *words: str) -> Any:
    class _Check:
        def __enter__(self) -> None:
            self.found = pytest.raises(Problem)
            self.caught = self.found.__enter__()

        def __exit__(self, *error: Any) -> Any:
            out = self.found.__exit__(*error)
            assert self.caught.value.code == code, self.caught.value
            for word in words:
                assert word in self.caught.value.detail
            return out

    return _Check()


def to_hire(desk: Desk, proposal_id: str, **more: Any) -> dict[str, Any]:
    move(desk, proposal_id, stage="shortlisted")
    move(desk, proposal_id, stage="interviewed")
    return move(desk, proposal_id, stage="hired", **more)


def test_a_proposal_keeps_what_the_model_said(desk: Desk) -> None:
    first, second, third = (desk.person(name) for name in ("un", "deux", "trois"))
    desk.ranks.said = {(first, "P1"): (10, 71.5), (second, "P1"): (11, 70.0)}
    shown = propose(desk, "un", human_rank=3)
    assert (shown["shown_rank"], shown["shown_score"], shown["listed_by"]) == (10, 71.5, "model")
    assert (shown["scorecard"], shown["human_rank"], shown["stage"]) == ("expert-test", 3, "proposed")
    assert (shown["decision"], shown["decided_by"], shown["decided_on"]) == ("accepted", "adviser", "2026-10-01")
    below = propose(desk, "deux")  # ranked, but below the ten that the list shows
    assert (below["shown_rank"], below["shown_score"], below["listed_by"]) == (None, 70.0, "adviser")
    unknown = propose(desk, "trois")
    assert (unknown["shown_rank"], unknown["shown_score"], unknown["listed_by"]) == (None, None, "adviser")
    assert third != first
    assert [step["stage"] for step in shown["steps"]] == ["proposed"]
    assert shown["next"] == ["withdrawn"]
    assert shown["candidate_id"] == "un"


def test_what_cannot_be_proposed(desk: Desk, store: Store) -> None:
    desk.person("un")
    desk.person("non", objection=True)
    desk.person("ailleurs", org="B")
    with refused("absent", "Aucun poste"):
        propose(desk, "un", "P9")
    with refused("absent", "Aucune personne"):
        propose(desk, "ailleurs")
    with refused("conflict", "s'oppose au rapprochement"):
        propose(desk, "non")
    propose(desk, "un")
    with refused("conflict", "déjà proposée"):
        propose(desk, "un")
    desk.position("P2")
    with store.write("command:tests", None, desk.at) as change:
        change.connection.execute(update(t.positions).filter_by(position_id="P2").values(closed=True))
        change.log("position.close", "position:P2", pool=True)
    with refused("conflict", "fermé"):
        propose(desk, "un", "P2")
    assert len(desk.rows(t.proposals)) == 1


def test_whoever_objects_since_is_not_chosen_from_the_list(desk: Desk) -> None:
    subject = desk.person("un")
    proposal = str(propose(desk, "un")["proposal_id"])
    desk.change_facts(subject, objection=True)
    with refused("conflict", "s'oppose au rapprochement", "ni retenue"):
        move(desk, proposal, stage="shortlisted")
    assert move(desk, proposal, stage="refused", reason="person_wish")["stage"] == "refused"


def test_what_happens_after_an_interview_is_noted_all_the_same(desk: Desk) -> None:
    subject = desk.person("un")
    proposal = str(propose(desk, "un")["proposal_id"])
    move(desk, proposal, stage="shortlisted")
    desk.change_facts(subject, objection=True)
    move(desk, proposal, stage="interviewed")
    assert move(desk, proposal, stage="hired")["stage"] == "hired"


def test_a_facilitator_who_is_an_adviser_too_proposes_only_their_own_people(desk: Desk) -> None:
    other = desk.person("un", org="B")
    body = NewProposal(position_id="P1", candidate_id=desk.reference(other))
    with refused("absent"):
        work.propose(desk.call(["adviser", "facilitator"], "F", body=body))


def test_a_person_may_be_proposed_again_once_withdrawn(desk: Desk) -> None:
    desk.person("un")
    first = propose(desk, "un")
    move(desk, first["proposal_id"], "adviser", "A", stage="withdrawn", reason="person_wish")
    second = propose(desk, "un")
    assert second["proposal_id"] != first["proposal_id"]
    assert [row["stage"] for row in desk.rows(t.proposals, proposal_id=second["proposal_id"])] == ["proposed"]


# The table of the guide, written again by hand: stage → next → who.
TABLE = """
proposed      shortlisted    facilitator
proposed      refused        facilitator
proposed      withdrawn      adviser
shortlisted   interviewed    facilitator
shortlisted   refused        facilitator
shortlisted   withdrawn      adviser
interviewed   hired          adviser facilitator
interviewed   refused        facilitator
interviewed   withdrawn      adviser
hired         kept_3_months  adviser facilitator
hired         refused        facilitator
hired         withdrawn      adviser facilitator
"""
WRITTEN = {(start, to): set(roles) for start, to, *roles in (line.split() for line in TABLE.split("\n") if line)}
WAY = ("shortlisted", "interviewed", "hired", "kept_3_months")


@pytest.mark.parametrize("start", list(Stage))
def test_every_stage_move_and_role(desk: Desk, start: Stage) -> None:
    people = itertools.count()
    proposal = ""
    for to, role in itertools.product(Stage, ("adviser", "facilitator")):
        if not proposal or desk.rows(t.proposals, proposal_id=proposal)[0]["stage"] != start:
            desk.position(f"P-{to}-{role}", openings=9)
            desk.person(name := f"n{next(people)}")
            proposal = _brought(desk, name, f"P-{to}-{role}", start)
        roles = WRITTEN.get((start, to))
        given = {"stage": to, **({"reason": "other"} if to in ("refused", "withdrawn") else {})}
        org = "A" if role == "adviser" else "F"
        if roles is None:
            with refused("conflict", start, to):
                move(desk, proposal, role, org, **given)
        elif role not in roles:
            with refused("forbidden", *roles):
                move(desk, proposal, role, org, **given)
        else:
            before = desk.rows(t.moves, proposal_id=proposal)
            assert to in content(work.one(desk.call(role, org, path={"proposal_id": proposal})))["next"]
            shown = move(desk, proposal, role, org, **given)
            assert shown["stage"] == to
            assert len(shown["steps"]) == len(before) + 1
            continue
        assert desk.rows(t.proposals, proposal_id=proposal)[0]["stage"] == start


def _brought(desk: Desk, name: str, position: str, stage: Stage) -> str:
    proposal = str(propose(desk, name, position)["proposal_id"])
    if stage in ("refused", "withdrawn"):
        who = ("facilitator", "F") if stage == "refused" else ("adviser", "A")
        move(desk, proposal, *who, stage=stage, reason="other")
    elif stage != "proposed":
        for step in WAY[: WAY.index(stage) + 1]:
            desk.at += timedelta(days=100)
            move(desk, proposal, stage=step)
        desk.at += timedelta(days=100)
    return proposal


def test_the_table_in_the_code_is_the_one_written_here() -> None:
    assert {(str(a), str(b)): set(map(str, move.roles)) for (a, b), move in MOVES.items()} == WRITTEN


def test_somebody_else_s_proposal_is_nobody_s(desk: Desk) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    said = set()
    for role, org in (("adviser", "B"), ("facilitator", "G"), ("adviser", "F"), ("facilitator", "A")):
        for name in (proposal, "0" * 24):
            with pytest.raises(Problem) as found:
                move(desk, name, role, org, stage="withdrawn")
            said.add((found.value.code, found.value.detail))
            with pytest.raises(Problem) as found:
                work.one(desk.call(role, org, path={"proposal_id": name}))
            said.add((found.value.code, found.value.detail))
    assert len(said) == 1
    assert said.pop()[0] == "absent"


def test_a_hire_takes_an_opening_and_its_undoing_gives_it_back(desk: Desk) -> None:
    ids = [(desk.person(name), propose(desk, name)["proposal_id"])[1] for name in ("un", "deux", "trois")]
    to_hire(desk, ids[0], contract="fixed", contract_months=8.5)
    assert desk.rows(t.positions)[0]["filled"] == 1
    assert not desk.rows(t.positions)[0]["closed"]
    to_hire(desk, ids[1], contract="permanent")
    full = desk.rows(t.positions)[0]
    assert (full["filled"], full["closed"], full["version"]) == (2, True, 3)
    with refused("conflict", "pourvues"):
        to_hire(desk, ids[2])
    desk.person("quatre")
    with refused("conflict", "pourvues"):
        propose(desk, "quatre")
    shown = move(desk, ids[0], "adviser", "A", stage="withdrawn", reason="other_found_a_job")
    assert (shown["contract"], shown["contract_months"]) == (None, None)
    again = desk.rows(t.positions)[0]
    assert (again["filled"], again["closed"]) == (1, False)
    move(desk, ids[2], stage="hired")
    assert desk.rows(t.positions)[0]["closed"]
    past = desk.rows(t.positions_past)
    assert [row["closed"] for row in sorted(past, key=lambda row: row["changed"])] == [False, False, True, False]
    spans = sorted((row["changed"], row["replaced"]) for row in past)
    assert [a for a, _ in spans[1:]] == [b for _, b in spans[:-1]]  # no gap between what was and what replaced it


def test_a_position_closed_by_hand_stays_closed_when_a_hire_is_undone(desk: Desk, store: Store) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    to_hire(desk, proposal)
    with store.write("command:tests", None, desk.at) as change:
        change.connection.execute(update(t.positions).values(closed=True))
        change.log("position.close", "position:P1", pool=True)
    move(desk, proposal, stage="refused", reason="position_cancelled")
    assert desk.rows(t.positions)[0]["closed"]
    assert desk.rows(t.positions)[0]["filled"] == 0


def test_three_months_are_three_months(desk: Desk) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    to_hire(desk, proposal)
    desk.at += timedelta(days=91)  # 31 December
    with refused("conflict", "01/01/2027"):
        move(desk, proposal, "adviser", "A", stage="kept_3_months")
    desk.at += timedelta(days=1)
    shown = move(desk, proposal, "adviser", "A", stage="kept_3_months")
    assert (shown["stage"], shown["decided_on"], shown["last_step_on"]) == (
        "kept_3_months",
        "2026-10-01",
        "2027-01-01",
    )
    assert shown["next"] == []


def test_days_of_a_step(desk: Desk) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    desk.at += timedelta(days=10)
    with refused("usage", "/on", "avenir"):
        move(desk, proposal, stage="shortlisted", on="2026-10-12")
    with refused("usage", "/on", "01/10/2026"):
        move(desk, proposal, stage="shortlisted", on="2026-09-30")
    shown = move(desk, proposal, stage="shortlisted", on="2026-10-05")
    assert (shown["decided_on"], shown["last_step_on"]) == ("2026-10-05", "2026-10-05")
    assert moves.check_days(Stage.KEPT, date(2027, 2, 28), date(2026, 11, 30), date(2027, 3, 1)) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"stage": "refused"}, "/reason"),
        ({"stage": "shortlisted", "reason": "other"}, "/reason"),
        ({"stage": "shortlisted", "contract": "fixed"}, "/contract"),
        ({"contract_months": 3.0}, "/contract"),
        ({"on": "2026-10-01"}, "/stage"),
        ({"decided_by": "person"}, "/stage"),
        ({}, "Rien à changer"),
    ],
)
def test_fields_that_mean_nothing(desk: Desk, body: dict[str, Any], words: str) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    with refused("usage", words):
        move(desk, proposal, **body)
    assert desk.rows(t.proposals)[0]["version"] == 1


def test_a_permanent_contract_has_no_length(desk: Desk) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    to_hire(desk, proposal, contract="fixed", contract_months=6.0)
    with refused("usage", "/contract_months"):
        move(desk, proposal, contract="permanent", contract_months=3.0)
    shown = move(desk, proposal, contract="permanent")
    assert (shown["contract"], shown["contract_months"], shown["stage"]) == ("permanent", None, "hired")


def test_a_version_read_before_is_refused(desk: Desk) -> None:
    desk.person("un")
    proposal = propose(desk, "un")["proposal_id"]
    move(desk, proposal, human_rank=2, if_match="1")
    with refused("changed"):
        move(desk, proposal, stage="shortlisted", if_match="1")
    assert move(desk, proposal, stage="shortlisted", if_match="2")["version"] == 3


def test_the_facilitator_has_the_contact_until_it_is_withdrawn_and_the_log_says_so(desk: Desk) -> None:
    subject = desk.person("un", first_name="Ana", last_name="Inventée", phone="0600000000", benefits="RSA")
    proposal = propose(desk, "un")["proposal_id"]
    path = {"proposal_id": proposal}
    log_name = desk.rows(t.subjects)[0]["log_name"]
    seen = content(work.one(desk.call("facilitator", "F", path=path)))
    assert seen["contact"] == {
        "first_name": "Ana",
        "last_name": "Inventée",
        "email": None,
        "phone": "0600000000",
        "adviser": None,
    }
    assert seen["candidate_id"] == desk.reference(subject)
    assert "RSA" not in str(seen)
    entries = desk.rows(t.log, action="proposal.see")
    assert [(entry["object"], entry["subjects"], entry["actor"]) for entry in entries] == [
        ("position:P1", f'["{log_name}"]', "key:f")
    ]
    own = content(work.one(desk.call("adviser", "A", path=path)))
    assert (own["contact"], own["candidate_id"]) == (None, "un")
    move(desk, proposal, "adviser", "A", stage="withdrawn")
    assert content(work.one(desk.call("facilitator", "F", path=path)))["contact"] is None
    assert len(desk.rows(t.log, action="proposal.see")) == 1


def test_every_change_is_logged_without_a_name(desk: Desk) -> None:
    desk.person("Nom-Repérable")
    proposal = propose(desk, "Nom-Repérable")["proposal_id"]
    to_hire(desk, proposal)
    move(desk, proposal, contract="permanent")
    entries = desk.rows(t.log)[-5:]
    assert [entry["action"] for entry in entries] == ["proposal.create", *["proposal.move"] * 3, "proposal.change"]
    assert "Repérable" not in str(entries)
    head = desk.rows(t.head)[0]
    assert head["data_seq"] == entries[3]["seq"]  # only the hire changed what the pool holds
    assert desk.rows(t.people)[0]["last_action_on"] == "2026-10-01"


def test_lists_by_page_and_filter(desk: Desk) -> None:
    desk.position("P2", org="G")
    for place in range(5):
        desk.person(f"n{place}")
        propose(desk, f"n{place}")
        desk.at += timedelta(days=1)
    desk.person("m", org="B")
    mine = propose(desk, "m", "P2", "B")["proposal_id"]

    def names(role: str, org: str, **query: Any) -> list[str]:
        found, cursor = [], None
        while True:
            asked = ProposalQuery.model_validate({**query, "cursor": cursor, "limit": 2}, strict=False)
            answer = content(work.listing(desk.call(role, org, query=asked)))
            found += [row["proposal_id"] for row in answer["proposals"]]
            assert len(answer["proposals"]) <= 2
            cursor = answer["next"]
            if cursor is None:
                return found

    everything = names("adviser", "A")
    assert len(everything) == len(set(everything)) == 5
    assert names("facilitator", "F") == everything == sorted(everything)
    assert names("adviser", "B") == names("facilitator", "G") == [mine]
    assert names("facilitator", "F", position_id="P2") == []
    assert names("adviser", "A", candidate_id="n3") == everything[3:4]
    for role, org, name in (("adviser", "A", "m"), ("facilitator", "F", "n3")):  # nobody of theirs
        with refused("absent", "Aucune personne de vos fichiers"):
            names(role, org, candidate_id=name)
    move(desk, everything[0], stage="shortlisted")
    assert names("adviser", "A", stage="shortlisted") == everything[:1]
    assert names("adviser", "A", waiting_since="2026-10-03") == everything[1:3]
    move(desk, everything[1], stage="refused", reason="other")
    assert names("adviser", "A", waiting_since="2026-10-03") == everything[2:3]


def test_of_two_who_take_the_last_opening_one_does(desk: Desk) -> None:
    desk.position("L")
    count = 6
    ids = []
    for place in range(count):
        desk.person(f"n{place}")
        ids.append(propose(desk, f"n{place}", "L")["proposal_id"])
        move(desk, ids[-1], stage="shortlisted")
        move(desk, ids[-1], stage="interviewed")
    start = threading.Barrier(count)
    results: list[str] = []

    def hire(proposal: str) -> None:
        server = copy.copy(desk)  # with a store of its own, as another process has
        server.store = open_store(desk.settings)
        start.wait()
        try:
            results.append(move(server, proposal, stage="hired")["stage"])
        except Problem as problem:
            results.append(problem.code)
        finally:
            server.store.close()

    threads = [threading.Thread(target=hire, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == ["conflict"] * (count - 1) + ["hired"]
    row = desk.rows(t.positions, position_id="L")[0]
    assert (row["filled"], row["closed"]) == (1, True)
    assert sorted(row["stage"] for row in desk.rows(t.proposals)) == ["hired"] + ["interviewed"] * (count - 1)


def test_the_same_person_proposed_twice_at_once_is_proposed_once(desk: Desk) -> None:
    desk.person("un")
    start = threading.Barrier(4)
    results: list[str] = []

    def ask() -> None:
        start.wait()
        try:
            results.append(propose(desk, "un")["stage"])
        except Problem as problem:
            results.append(problem.code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == ["conflict"] * 3 + ["proposed"]


def test_reasons_are_codes_that_training_reads() -> None:
    assert all(code.startswith(("person_", "position_", "other")) for code in REASONS)
    assert {Role.ADVISER, Role.FACILITATOR} == set().union(*(move.roles for move in MOVES.values()))


def test_the_guide_has_the_same_tables() -> None:
    text = (ROOT / "docs" / "propositions.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line]
    steps = [row for row in rows if len(row) == 4 and row[0] in set(Stage)]
    assert steps == [[*pair, ", ".join(sorted(move.roles)), move.decision or ""] for pair, move in MOVES.items()]
    assert {row[0]: row[1] for row in rows if row[0] in REASONS} == dict(REASONS)
