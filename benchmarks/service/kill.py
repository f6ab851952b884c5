"""kill -9 of a worker in the middle of upserts and proposals, again and again; then the database is read.

    python -m benchmarks.service.kill [--database sqlite|postgresql] [--times 20] [--upserts 0.1]

Each time, four clients send 1 000 rows of people, proposals and steps of proposals between them, and one of the two
workers is killed somewhere in the middle. A client whose answer is lost sends a POST again under the same
Idempotency-Key, and leaves the rest in doubt. `benchmarks.service.after` says what must then be true.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.service.after import Ledger, faults
from benchmarks.service.stand import Stand, database, environment, fill, organise, tables

PEOPLE, POSITIONS, ROUND, CLIENTS, WORKERS = 2000, 50, 1000, 4, 2
NARROW, NARROW_OPENINGS, OPENINGS = 10, 2, 500  # some positions fill up, and their last opening is fought for
MOST_ROWS = 20
NEXT = {"proposed": "shortlisted", "shortlisted": "interviewed", "interviewed": "hired"}
PATIENCE = 60.0


class Client:
    """One caller, with people of its own and positions shared with the others; `done` counts what it sent."""

    def __init__(
        self, stand: Stand, number: int, people: Sequence[str], positions: Sequence[str], upserts: float
    ) -> None:
        self.ledger = Ledger()
        self.done = 0
        self._stand, self._number, self._people, self._positions = stand, number, people, positions
        self._key = stand.keys["org00"]
        self._draw = random.Random(number)
        self._turns = 0
        self._upserts = upserts  # their share of the requests; each has up to twenty rows

    def work(self, many: int) -> None:
        """Send `many` rows, proposals and steps."""
        until = self.done + many
        while self.done < until:
            self._turns += 1
            chance = self._draw.random()
            if chance < self._upserts:
                self.done += self._upsert(self._draw.randint(1, MOST_ROWS))
            elif chance < self._upserts + 2 / 3 * (1 - self._upserts) or not self._advance():
                self._propose()
                self.done += 1
            else:
                self.done += 1

    def _upsert(self, rows: int) -> int:
        value = self._turns + self._number / CLIENTS  # no two requests send the same
        who = self._draw.sample(self._people, rows)
        body = {"candidates": [{"candidate_id": one, "max_distance_km": str(value)} for one in who]}
        status, answer = self._stand.ask("PUT", "/candidates", self._key, body)
        self.ledger.upserted(who, value, self._heard(status, (200,), answer))
        return rows

    def _propose(self) -> None:
        where, who = self._draw.choice(self._positions), self._draw.choice(self._people)
        name = f"{self._number}-{self._turns}"
        for status, answer in self._until_answered(
            "POST", "/proposals", {"position_id": where, "candidate_id": who}, name
        ):
            if self._heard(status, (201, 409), answer) and status == 201:
                self.ledger.proposed(name, answer["proposal_id"], where, who)

    def _advance(self) -> bool:
        """The next step of one of its proposals, at a narrow position where there is one."""
        stages, left = self.ledger.stages, self.ledger.left
        open_ones = [one for one in stages if one not in left and stages[one] in NEXT]
        if not open_ones:
            return False
        narrow = [one for one in open_ones if self.ledger.places[one] in self._positions[:NARROW]]
        which = self._draw.choice(narrow or open_ones)
        to = NEXT[stages[which]]
        status, answer = self._stand.ask("PATCH", f"/proposals/{which}", self._key, {"stage": to})
        if self._heard(status, (200, 409), answer):
            self.ledger.moved(which, to, status == 200)
        else:
            self.ledger.in_doubt(which, to)
        return True

    def _until_answered(self, method: str, path: str, body: Any, name: str) -> Iterator[tuple[int, Any]]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            status, answer = self._stand.ask(method, path, self._key, body, **{"Idempotency-Key": name})
            yield status, answer
            if status:
                return
        raise SystemExit("no answer for a minute")

    def _heard(self, status: int, expected: Sequence[int], answer: Any) -> bool:
        """Whether there was an answer. Anything but those expected is a failure of its own."""
        self.ledger.lost_answers += not status
        if status and status not in expected:
            self.ledger.surprises.append(f"{status} {answer}")
        return status in expected


def kill_one(stand: Stand, clients: Sequence[Client], at: int) -> None:
    """kill -9 of a worker once the clients have sent `at` things."""
    while sum(one.done for one in clients) < at:
        time.sleep(0.005)
    workers = stand.family()[1:]
    os.kill(random.Random(at).choice(workers), signal.SIGKILL)


def rounds(stand: Stand, clients: Sequence[Client], times: int) -> None:
    """`times` rounds of work with a kill in each; then the same number of workers must be there as before."""
    draw = random.Random(7)
    for _turn in range(times):
        before = sum(one.done for one in clients)
        threads = [threading.Thread(target=one.work, args=(ROUND // CLIENTS,)) for one in clients]
        for one in threads:
            one.start()
        kill_one(stand, clients, before + draw.randint(ROUND // 10, ROUND * 7 // 10))
        for one in threads:
            one.join()
    if len(stand.family()) != 1 + WORKERS:
        raise SystemExit(f"{len(stand.family()) - 1} workers are left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--upserts", type=float, default=0.1, help="their share of the requests")
    asked = parser.parse_args()
    people, positions = tables(PEOPLE, POSITIONS)
    people = [{**person, "objection": None} for person in people]
    positions = [
        {**one, "openings": str(NARROW_OPENINGS if number < NARROW else OPENINGS)}
        for number, one in enumerate(positions)
    ]
    names = [one["candidate_id"] for one in people]
    with tempfile.TemporaryDirectory() as name, database(asked.database, Path(name)) as address:
        stand = Stand(Path(name), environment(address), workers=WORKERS)
        organise(stand, 1)
        stand.start()
        try:
            fill(stand, people, positions)
            started = time.monotonic()
            places = [one["position_id"] for one in positions]
            clients = [
                Client(stand, number, names[number::CLIENTS], places, asked.upserts) for number in range(CLIENTS)
            ]
            rounds(stand, clients, asked.times)
            took = time.monotonic() - started
        finally:
            status = stand.stop()
        print(f"{asked.database}: {asked.times} workers killed in {took:.0f} s; stopped with status {status}")
        found = faults(stand, [one.ledger for one in clients])
        print(stand.command("audit", "verify").strip())
        for one in found:
            print("FAULT", one)
        raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
