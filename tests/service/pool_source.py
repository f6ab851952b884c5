"""A source in memory for the pool, and the slow obvious way: one engine over everybody."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from matcher.engine import Engine, Options
from matcher.pipeline import Match, run
from matcher.schema import CANDIDATES, POSITIONS
from service.people.source import People, Positions
from service.pool.crowd import SEPARATOR

TODAY = date(2026, 9, 1)
ORGS = ("A", "B")
CHANGES: tuple[dict[str, Any], ...] = (
    {"max_distance_km": 60.0},
    {"occupations": "F1703|F1704", "skills": "poser des banches|ferrailler un ouvrage"},
    {"objection": True},
    {"objection": False},
    {"available_from": pd.Timestamp("2026-10-01")},
    {"licences": "none", "vehicle": False},
    {"benefits": "RSA", "certificates": "CACES_R482_A@2030-01-01"},
    {"commune": "91228", "right_to_work_until": pd.NaT},
)
MOVES: tuple[dict[str, Any], ...] = (
    {"commune": "91377"},
    {"asked": 3.0},
    {"asked": 40.0},
    {"skills": "tondre une pelouse|tailler une haie"},
    {"licences": "B"},
    {"mode": "EI", "start_date": pd.Timestamp("2026-12-01")},
    {"commune": None, "postal_code": None, "city": None, "place_code": None},
)


@dataclass
class Person:
    seq: int
    org: str
    row: dict[str, Any] | None


@dataclass
class Position:
    seq: int
    row: dict[str, Any]
    closed: bool = False


@dataclass
class Memory:
    """People and positions as rows of canonical tables, and the number of their last change."""

    candidates: pd.DataFrame
    jobs: pd.DataFrame
    seq: int = 1
    people: dict[str, Person] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)
    reads: int = 0

    def __post_init__(self) -> None:
        for number, row in enumerate(self.candidates.to_dict("records")):
            # Two organisations use the same identifiers.
            row["candidate_id"] = f"P{number // 2:03}"
            self.people[f"s{number}"] = Person(1, ORGS[number % 2], row)
        for row in self.jobs.to_dict("records"):
            self.positions[str(row["position_id"])] = Position(1, row)

    # --- changes -------------------------------------------------------------------------------------------------
    def change(self, subject: str, **facts: Any) -> None:
        with self.lock:
            self.seq += 1
            one = self.people[subject]
            assert one.row is not None
            self.people[subject] = Person(self.seq, one.org, {**one.row, **facts})

    def add(self, subject: str, like: str, **facts: Any) -> None:
        with self.lock:
            self.seq += 1
            row = self.people[like].row
            assert row is not None
            self.people[subject] = Person(self.seq, "B", {**row, **facts})

    def erase(self, subject: str) -> None:
        with self.lock:
            self.seq += 1
            self.people[subject] = Person(self.seq, self.people[subject].org, None)

    def move(self, name: str, *, closed: bool = False, **facts: Any) -> None:
        with self.lock:
            self.seq += 1
            self.positions[name] = Position(self.seq, {**self.positions[name].row, **facts}, closed)

    def post(self, name: str, like: str, **facts: Any) -> None:
        with self.lock:
            self.seq += 1
            self.positions[name] = Position(self.seq, {**self.positions[like].row, **facts, "position_id": name})

    @property
    def living(self) -> list[str]:
        return [name for name, one in self.people.items() if one.row is not None]

    def random_change(self, draw: random.Random) -> None:
        kind = draw.randrange(8)
        if kind < 4:
            self.change(draw.choice(self.living), **draw.choice(CHANGES))
        elif kind == 4:
            self.erase(draw.choice(self.living))
        elif kind == 5:
            like = draw.choice(self.living)
            # The same identifier again, now in the other organisation, or a new one.
            self.add(f"new{self.seq}", like, candidate_id=f"N{self.seq}")
        elif kind == 6:
            self.move(draw.choice(list(self.positions)), closed=draw.random() < 0.3, **draw.choice(MOVES))
        else:
            self.post(f"POSTE-{draw.randrange(100, 999)}", draw.choice(list(self.positions)), **draw.choice(MOVES))

    # --- the source ----------------------------------------------------------------------------------------------
    def head(self) -> int:
        return self.seq

    def people_since(self, seq: int) -> People:
        with self.lock:
            self.reads += 1
            changed = {name: one for name, one in self.people.items() if one.seq > seq}
            here = {name: one for name, one in changed.items() if one.row is not None}
            return People(
                self.seq,
                list(here),
                [one.org for one in here.values()],
                [f"R-{name}" for name in here],
                table_of([one.row for one in here.values() if one.row is not None], self.candidates),
                [name for name, one in changed.items() if one.row is None],
            )

    def positions_since(self, seq: int) -> Positions:
        with self.lock:
            changed = [one for one in self.positions.values() if one.seq > seq]
            count = len(changed)
            closed = [one.closed for one in changed]
            table = table_of([one.row for one in changed], self.jobs)
            return Positions(self.seq, ["F"] * count, [1] * count, [0] * count, closed, table)

    # --- the slow way --------------------------------------------------------------------------------------------
    def whole(self, on: date = TODAY) -> Match:
        """One engine over everybody and every position, as the commands run it."""
        people = self.people_since(0)
        ids = [f"{a}{SEPARATOR}{b}" for a, b in zip(people.table["candidate_id"], people.organisations, strict=True)]
        table = people.table.assign(candidate_id=pd.array(ids, dtype="str"))
        return run(Engine(table, self.positions_since(0).table, Options(on, 10)))

    def name(self, subject: str) -> str:
        """What `whole` calls somebody."""
        one = self.people[subject]
        assert one.row is not None
        return f"{one.row['candidate_id']}{SEPARATOR}{one.org}"


def table_of(rows: list[dict[str, Any]], like: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table of the same types as another."""
    names = CANDIDATES.names if "candidate_id" in like else POSITIONS.names
    columns = {name: pd.Series([row[name] for row in rows], dtype=object) for name in names}
    return pd.DataFrame({name: column.astype(like[name].dtype) for name, column in columns.items()})
