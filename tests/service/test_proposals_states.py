"""Whatever is asked in whatever order: never more hires than openings, only legal steps, one log entry per change."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service.proposals.moves import MOVES, SEATED, Stage
from service.store import tables as t
from service.store.database import open_store
from tests.service.databases import settings_for
from tests.service.follow_up import Desk
from tests.service.test_proposals import move, propose, refused

PEOPLE = ("n0", "n1", "n2", "n3")
OPENINGS = {"P1": 1, "P2": 2}


class Proposals(RuleBasedStateMachine):
    """Advisers and facilitators asking for anything; what is expected is kept in plain dictionaries."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "clausematch.db"
        shutil.copyfile(self.template, path)
        self.store = open_store(settings_for(f"sqlite:///{path}"))
        self.desk = Desk(self.store, settings_for(f"sqlite:///{path}"))
        for name in PEOPLE:
            self.desk.person(name)
        for name, openings in OPENINGS.items():
            self.desk.position(name, openings=openings)
        self.stages: dict[str, Stage] = {}
        self.pairs: dict[str, tuple[str, str]] = {}
        self.steps: Counter[str] = Counter()
        self.entries = len(self.desk.rows(t.log))

    def hired(self, position: str) -> int:
        return sum(stage in SEATED for one, stage in self.stages.items() if self.pairs[one][1] == position)

    @rule(person=st.sampled_from(PEOPLE), position=st.sampled_from(list(OPENINGS)))
    def propose_somebody(self, person: str, position: str) -> None:
        live = [one for one, stage in self.stages.items() if stage not in ("refused", "withdrawn")]
        possible = (person, position) not in [self.pairs[one] for one in live]
        possible &= self.hired(position) < OPENINGS[position]
        if not possible:
            with refused("conflict"):
                propose(self.desk, person, position)
            return
        shown = propose(self.desk, person, position)
        self.stages[shown["proposal_id"]] = Stage.PROPOSED
        self.pairs[shown["proposal_id"]] = (person, position)
        self.steps[shown["proposal_id"]] = 1
        self.entries += 1

    @rule(place=st.integers(0, 50), to=st.sampled_from(list(Stage)), role=st.sampled_from(("adviser", "facilitator")))
    def move_one(self, place: int, to: Stage, role: str) -> None:
        if not self.stages:
            return
        proposal = sorted(self.stages)[place % len(self.stages)]
        start, position = self.stages[proposal], self.pairs[proposal][1]
        legal = MOVES.get((start, to))
        possible = legal is not None and role in legal.roles
        if to in SEATED and start not in SEATED:
            possible &= self.hired(position) < OPENINGS[position]
        given: dict[str, Any] = {"reason": "other"} if to in ("refused", "withdrawn") else {}
        if to is Stage.KEPT:
            self.desk.at += timedelta(days=93)
        org = "A" if role == "adviser" else "F"
        if not possible:
            with refused("forbidden" if legal is not None and role not in legal.roles else "conflict"):
                move(self.desk, proposal, role, org, stage=to, **given)
            return
        move(self.desk, proposal, role, org, stage=to, **given)
        self.stages[proposal] = to
        self.steps[proposal] += 1
        self.entries += 1

    @invariant()
    def the_store_agrees(self) -> None:
        stages = {row["proposal_id"]: Stage(row["stage"]) for row in self.desk.rows(t.proposals)}
        assert stages == self.stages
        for row in self.desk.rows(t.positions):
            assert row["filled"] == self.hired(row["position_id"]) <= row["openings"]
            assert row["closed"] == (row["filled"] == row["openings"])
        assert Counter(row["proposal_id"] for row in self.desk.rows(t.moves)) == self.steps
        assert len(self.desk.rows(t.log)) == self.entries

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


def test_any_sequence(sqlite_template: Path) -> None:
    Proposals.template = sqlite_template
    run_state_machine_as_test(
        Proposals,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.parametrize("stage", list(Stage))
def test_final_stages_lead_nowhere(stage: Stage) -> None:
    following = [to for start, to in MOVES if start is stage]
    assert bool(following) == (stage not in (Stage.KEPT, Stage.REFUSED, Stage.WITHDRAWN))
