"""What clients were told, and whether the database, read without the service, holds exactly that."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Row, select

from benchmarks.service.stand import Stand
from service import clock
from service.settings import Settings
from service.store import tables as t
from service.store.answers import Named
from service.store.crypto import KeyRing
from service.store.database import open_store

SEATED = ("hired", "kept_3_months")


@dataclass
class Ledger:
    """What one client sent and was told."""

    values: dict[str, float] = field(default_factory=dict)  # person → the last one acknowledged
    doubts: dict[str, set[float]] = field(default_factory=dict)  # person → sent since, never answered
    last_sent: dict[str, float] = field(default_factory=dict)
    unanswered: list[tuple[float, list[str]]] = field(default_factory=list)
    requests: dict[str, str] = field(default_factory=dict)  # Idempotency-Key → proposal
    places: dict[str, str] = field(default_factory=dict)  # proposal → position
    people: dict[str, str] = field(default_factory=dict)  # proposal → person
    stages: dict[str, str] = field(default_factory=dict)  # proposal → the last stage acknowledged
    maybe: dict[str, str] = field(default_factory=dict)  # proposal → the stage sent since, never answered
    acknowledged: Counter[str] = field(default_factory=Counter)
    left: set[str] = field(default_factory=set)  # proposals for which nothing more is sent
    refused: int = 0
    lost_answers: int = 0
    surprises: list[str] = field(default_factory=list)

    def upserted(self, who: Sequence[str], value: float, answered: bool) -> None:
        """Rows sent together, with the same value."""
        for one in who:
            self.last_sent[one] = value
            if answered:
                self.values[one] = value
                self.doubts.pop(one, None)
            else:
                self.doubts.setdefault(one, set()).add(value)
        if answered:
            self.acknowledged["rows of people"] += len(who)
        else:
            self.unanswered.append((value, list(who)))

    def proposed(self, key: str, proposal: str, position: str, person: str) -> None:
        """A proposal that was acknowledged, at once or when it was sent again."""
        self.requests[key] = proposal
        self.places[proposal], self.people[proposal], self.stages[proposal] = position, person, "proposed"
        self.acknowledged["proposals"] += 1

    def moved(self, proposal: str, stage: str, accepted: bool) -> None:
        """A step, acknowledged or refused because the position is full; after a refusal nothing more is sent."""
        if accepted:
            self.stages[proposal] = stage
            self.acknowledged["hires" if stage == "hired" else "other steps"] += 1
        else:
            self.refused += 1
            self.left.add(proposal)

    def in_doubt(self, proposal: str, stage: str) -> None:
        """A step whose answer was lost: nothing more is sent for that proposal."""
        self.maybe[proposal] = stage
        self.left.add(proposal)


def faults(stand: Stand, ledgers: Sequence[Ledger]) -> list[str]:
    """Everything that is not as the clients were told, or not whole; prints what was looked at."""
    told: Counter[str] = Counter()
    for one in ledgers:
        told += one.acknowledged
    lost, refused = sum(one.lost_answers for one in ledgers), sum(one.refused for one in ledgers)
    print(f"acknowledged: {dict(told)}; steps refused: {refused}; answers lost: {lost}")
    with patch.dict(os.environ, stand.environment):
        settings = Settings().checked()
    store = open_store(settings)
    try:
        with store.read() as connection:
            looks = (
                (surprise for one in ledgers for surprise in one.surprises),
                people_kept(connection, store.keys, ledgers),
                people_whole(connection),
                proposals_kept(connection, ledgers),
                proposals_whole(connection),
                seats_whole(connection),
                answers_whole(connection, store.keys, ledgers),
            )
            return [fault for look in looks for fault in look]
    finally:
        store.close()


def people_kept(connection: Connection, keys: KeyRing, ledgers: Sequence[Ledger]) -> Iterator[str]:
    """Each person has the last value acknowledged, or one sent since; an unanswered request was done whole or not."""
    query = select(t.people.c.candidate_id, t.people.c.body, t.subjects.c.subject, t.subjects.c.wrapped_key).join(
        t.subjects, t.subjects.c.subject == t.people.c.subject
    )
    held = {
        row.candidate_id: float(keys.unwrap(row.subject, row.wrapped_key).open(row.body).get("max_distance_km") or -1)
        for row in connection.execute(query)
    }
    done = undone = 0
    for one in ledgers:
        for who, value in one.values.items():
            if held.get(who) != value and held.get(who) not in one.doubts.get(who, ()):
                yield f"person {who}: {held.get(who)} instead of {value}"
        for value, names in one.unanswered:
            found = Counter(held[who] == value for who in names if one.last_sent[who] == value)
            if len(found) == 2:
                yield f"half of a request for {len(names)} people: {dict(found)}"
            done, undone = done + bool(found[True]), undone + bool(found[False])
    print(f"people: {len(held)} read; unanswered requests found done {done}, not done {undone}")


def people_whole(connection: Connection) -> Iterator[str]:
    """Each state of each person has its entry of the log, and each entry its state."""
    logged: Counter[str] = Counter()
    last: dict[str, int] = {}
    for row in connection.execute(select(t.log).where(t.log.c.action.in_(("people.create", "people.update")))):
        for name in json.loads(row.subjects):
            logged[name] += 1
            last[name] = max(last.get(name, 0), row.seq)
    past = Counter(connection.execute(select(t.people_past.c.subject)).scalars())
    query = select(t.people.c.subject, t.people.c.version, t.people.c.changed, t.subjects.c.log_name).join(
        t.subjects, t.subjects.c.subject == t.people.c.subject
    )
    rows = connection.execute(query).all()
    for row in rows:
        states = (row.version, 1 + past[row.subject], logged[row.log_name])
        if len(set(states)) != 1 or row.changed > last[row.log_name]:
            yield f"person changed {states} times by the row, the past, the log"
    print(f"people: {sum(logged.values())} states, each with its entry of the log")


def proposals_kept(connection: Connection, ledgers: Sequence[Ledger]) -> Iterator[str]:
    """Each acknowledged proposal is there once, at the stage acknowledged last or at the one sent since."""
    query = select(t.proposals, t.people.c.candidate_id).join(t.people, t.people.c.subject == t.proposals.c.subject)
    held = {row.proposal_id: row for row in connection.execute(query)}
    for one in ledgers:
        for proposal, stage in one.stages.items():
            row = held.pop(proposal, None)
            if row is None:
                yield f"proposal {proposal} is lost"
            elif (row.position_id, row.candidate_id) != (one.places[proposal], one.people[proposal]):
                yield f"proposal {proposal} is of others"
            elif row.stage not in (stage, one.maybe.get(proposal)):
                yield f"proposal {proposal}: {row.stage} instead of {stage}"
    for proposal in held:
        yield f"proposal {proposal} was told to nobody"


def proposals_whole(connection: Connection) -> Iterator[str]:
    """Each step is written down three times: in the proposal, in its steps, in the log."""
    moves: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(select(t.moves).order_by(t.moves.c.number)):
        moves.setdefault(row.proposal_id, []).append(row)
    logged: Counter[str] = Counter()
    query = select(t.log.c.detail).where(t.log.c.action.in_(("proposal.create", "proposal.move")))
    for detail in connection.execute(query).scalars():
        logged[json.loads(detail)["proposal"]] += 1
    proposals = connection.execute(select(t.proposals)).all()
    for row in proposals:
        steps = moves.pop(row.proposal_id, [])
        counts = (row.version, len(steps), logged.pop(row.proposal_id, 0))
        if len(set(counts)) != 1 or steps[-1].stage != row.stage or steps[-1].changed != row.changed:
            yield f"proposal {row.proposal_id}: {counts} steps by the row, the steps, the log"
    if moves or logged:
        yield f"steps or entries of no proposal: {len(moves)}, {len(logged)}"
    print(f"proposals: {len(proposals)} read, with all their steps")


def seats_whole(connection: Connection) -> Iterator[str]:
    """A position has as many places taken as people hired, never more than its openings."""
    seated = Counter(
        connection.execute(select(t.proposals.c.position_id).where(t.proposals.c.stage.in_(SEATED))).scalars()
    )
    full = 0
    for row in connection.execute(select(t.positions)):
        full += row.filled == row.openings
        if row.filled != seated[row.position_id] or row.filled > row.openings:
            yield f"position {row.position_id}: {row.filled} taken of {row.openings}, {seated[row.position_id]} hired"
    print(f"positions: {sum(seated.values())} places taken, {full} positions full")


def answers_whole(connection: Connection, keys: KeyRing, ledgers: Sequence[Ledger]) -> Iterator[str]:
    """Each Idempotency-Key that made a proposal keeps the answer that its caller was told, and no other is kept."""
    told = {hashlib.sha256(key.encode()).hexdigest(): one for led in ledgers for key, one in led.requests.items()}
    rows = connection.execute(select(t.answers)).all()
    for row in rows:
        named = Named(row.actor, row.key_digest, row.request_digest, keys)
        answer = named.before(connection, clock.now())
        proposal = None if answer is None else answer.content["proposal_id"]
        if proposal is None or told.pop(row.key_digest, None) != proposal:
            yield f"Idempotency-Key {row.key_digest[:8]} keeps another answer than its caller was told"
    for digest in told:
        yield f"Idempotency-Key {digest[:8]} is forgotten"
    print(f"Idempotency-Key: {len(rows)} read, each with its proposal")
