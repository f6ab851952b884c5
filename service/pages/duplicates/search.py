"""The search for people entered twice: one at a time for an organisation, beside the requests.

What it is at stands in a sealed draft of the organisation, so that every worker process tells the same. Whoever runs
it says every few seconds that it is still there: a search that has stopped saying so died with its process, and may
be started again. What a search finds is kept for an hour, as any draft.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from matcher.duplicates import PEOPLE, pairs
from matcher.errors import ClausematchError
from matcher.locale import _
from service import journal
from service.clock import Clock, written
from service.pages.page import Visit
from service.problems import Problem
from service.store import drafts
from service.store import tables as t
from service.store.database import Store

KIND = "duplicates"
MOST = 2_000  # pairs kept of one search
LEAST = 0.5
BEAT = 5.0  # seconds between two signs of life
STALE = timedelta(seconds=60)  # without any for so long, the search is dead
PATIENCE = 1.5  # seconds that whoever starts a search waits for a short one
PER_PERSON = 0.0017  # seconds, before any search has been timed: 20 000 people took 33 s


@dataclass(frozen=True)
class Search:
    """The last search of an organisation. `state`: running, stopped (it died), failed, done."""

    state: str
    run: str
    people: int
    started: datetime
    at: str
    expected: float  # seconds
    took: float | None
    pairs: list[dict[str, Any]]
    problem: str | None

    def remaining(self, now: datetime) -> int | None:
        """Seconds it should still take; None once it takes longer than expected."""
        left = self.expected - (now - self.started).total_seconds()
        return None if left <= 0 else max(1, round(left))


def last(store: Store, org_id: str, at: datetime) -> Search | None:
    """The last search of that organisation."""
    with store.read() as connection:
        return _last(store, connection, org_id, at)


def _last(store: Store, connection: Connection, org_id: str, at: datetime) -> Search | None:
    row = connection.execute(select(t.drafts).filter_by(draft_id=_name(org_id), org_id=org_id)).first()
    if row is None or row.at < written(at - drafts.LIFE):
        return None
    kept = drafts.opened(store.keys, row.draft_id, row.body)
    state = kept["state"]
    if state == "running" and row.at < written(at - STALE):
        state = "stopped"
    return Search(
        state,
        kept["run"],
        kept["people"],
        datetime.fromisoformat(kept["started"]),
        row.at,
        kept["expected"],
        kept["took"],
        kept["pairs"],
        kept["problem"],
    )


def _name(org_id: str) -> str:
    return f"{KIND}:{org_id}"


def start(visit: Visit, people: pd.DataFrame) -> None:
    """Begin a search over these people. Raises Problem while another one is running."""
    job = Job(
        visit.store, visit.desk.office.clock, visit.principal.actor, visit.principal.org_id, secrets.token_hex(8)
    )
    job.claim(len(people), visit.at)
    work = threading.Thread(target=job.work, args=(people,), name="duplicates", daemon=True)
    work.start()
    threading.Thread(target=job.watch, args=(work,), name="duplicates-beat", daemon=True).start()
    work.join(PATIENCE)


@dataclass(frozen=True)
class Job:
    """One search, by the process that runs it."""

    store: Store
    clock: Clock
    actor: str
    org_id: str
    run: str

    def claim(self, people: int, at: datetime) -> None:
        """Take the organisation's turn, with an entry of the log. Raises Problem when somebody has it."""
        with self.store.write(self.actor, self.org_id, at) as change:
            before = _last(self.store, change.connection, self.org_id, at)
            if before is not None and before.state == "running":
                raise Problem("conflict", _("Une recherche est déjà en cours dans votre organisme. Attendre sa fin."))
            pace = before.took / before.people if before and before.took and before.people else PER_PERSON
            content = {
                "state": "running",
                "run": self.run,
                "people": people,
                "started": at.isoformat(),
                "expected": round(pace * people, 1),
                "took": None,
                "pairs": [],
                "problem": None,
            }
            self._put(change.connection, content, at)
            change.log("duplicates.search", "people", detail={"people": people})

    def work(self, people: pd.DataFrame) -> None:
        """Compare, and keep what was found."""
        began = self.clock()
        try:
            found = _compared(people)
        except ClausematchError as error:
            self.end({"state": "failed", "problem": str(error)})
        except Exception as error:  # told to whoever waits; its text could hold data
            journal.log.error("duplicates", kind=type(error).__name__, at=journal.place(error))
            self.end({"state": "failed", "problem": None})
        else:
            self.end({"state": "done", "pairs": found, "took": (self.clock() - began).total_seconds()})

    def watch(self, work: threading.Thread) -> None:
        """Say from time to time that the search is alive."""
        while work.is_alive():
            work.join(BEAT)
            if work.is_alive():
                self.beat()

    def beat(self) -> None:
        """One sign of life, kept unless another search took the place of this one."""
        try:
            with self.store.alter() as connection:
                if self._mine(connection) is not None:
                    query = update(t.drafts).where(t.drafts.c.draft_id == _name(self.org_id))
                    connection.execute(query.values(at=written(self.clock())))
        except ClausematchError:  # the database is busy or away: the next beat will tell
            return

    def end(self, outcome: Mapping[str, Any]) -> None:
        """Keep what came of it, unless another search took the place of this one."""
        try:
            at = self.clock()
            with self.store.write(self.actor, self.org_id, at) as change:
                kept = self._mine(change.connection)
                if kept is not None:
                    kept |= outcome
                    self._put(change.connection, kept, at)
                    detail = {"state": kept["state"], "pairs": len(kept["pairs"])}
                    change.log("duplicates.found", "people", detail=detail)
        except ClausematchError as error:  # it will be seen as stopped, and may be started again
            journal.log.error("duplicates", kind=type(error).__name__, at=journal.place(error))

    def _mine(self, connection: Connection) -> dict[str, Any] | None:
        """What is kept of this search; None once it is another's, or no longer running."""
        body = connection.execute(select(t.drafts.c.body).filter_by(draft_id=_name(self.org_id))).scalar_one_or_none()
        if body is None:
            return None
        kept = drafts.opened(self.store.keys, _name(self.org_id), body)
        return kept if kept["run"] == self.run and kept["state"] == "running" else None

    def _put(self, connection: Connection, content: Mapping[str, Any], at: datetime) -> None:
        name = _name(self.org_id)
        sealed = drafts.sealed(self.store.keys, name, content)
        connection.execute(delete(t.drafts).filter_by(draft_id=name))
        connection.execute(
            insert(t.drafts).values(
                draft_id=name,
                org_id=self.org_id,
                actor=name,  # nobody's own: it makes no room for the files of whoever began it
                kind=KIND,
                size=len(sealed),
                body=sealed,
                at=written(at),
            )
        )


def _compared(people: pd.DataFrame) -> list[dict[str, Any]]:
    found = pairs(people, PEOPLE, least=LEAST)
    rows = found[["left", "right", "probability"]].itertuples(index=False)
    lines = [
        {"left": str(left), "right": str(right), "probability": float(chance), "levels": levels}
        for (left, right, chance), levels in zip(rows, found.attrs["levels"], strict=True)
    ]
    kept: list[dict[str, Any]] = json.loads(json.dumps(lines[:MOST]))
    return kept
