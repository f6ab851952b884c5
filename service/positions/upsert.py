"""Positions received from their organisation, laid over what is stored; see `service.people.upsert`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from matcher.locale import _
from matcher.schema import POSITIONS
from matcher.usable_rules import unusable_rules
from service.facts import facts_of, frame_of
from service.merging import LONGEST_ID, Merged, Problems, Received, aligned, can_name, merge
from service.people.upsert import state
from service.routing import Call
from service.store import tables as t
from service.store.database import Change
from service.taken import taken_text

_AT_ONCE = 5000
_IN_ONE_ENTRY = 1000  # positions named in one entry of the log


@dataclass(frozen=True)
class Plan:
    """What is to be written; `seen` is the state of the data it was made from, `rows` those it is about."""

    seen: int
    rows: Mapping[str, Row[Any]]
    merged: Merged
    created: list[dict[str, Any]]
    updated: list[dict[str, Any]]
    past: list[dict[str, Any]]

    @property
    def empty(self) -> bool:
        """True when nothing changes."""
        return not (self.created or self.updated)


def plan(connection: Connection, org_id: str, call: Call, rows: Received) -> Plan:
    """What the rows change. The state is read first: whatever comes later makes it stale."""
    seen = state(connection)
    ids = rows.ids
    stored = {row.position_id: row for row in stored_rows(connection, [name for name in ids if can_name(name)])}
    own = [row for row in stored.values() if row.org_id == org_id]
    place_of = {row.position_id: place for place, row in enumerate(own)}
    places = np.array([place_of.get(name, -1) for name in ids], np.int64)
    before = aligned(frame_of(POSITIONS, [row.body.encode() for row in own]), places)
    merged = merge(rows, before, places >= 0, _checks(org_id, ids, stored))
    return _written(merged, org_id, stored, seen)


def stored_rows(connection: Connection, ids: Sequence[str]) -> list[Row[Any]]:
    """The stored positions of these names, whosever they are."""
    found: list[Row[Any]] = []
    for start in range(0, len(ids), _AT_ONCE):
        query = select(t.positions).where(t.positions.c.position_id.in_(ids[start : start + _AT_ONCE]))
        found.extend(connection.execute(query))
    return found


def _checks(org_id: str, ids: Sequence[str], stored: Mapping[str, Row[Any]]) -> Callable[[pd.DataFrame], Problems]:
    def check(table: pd.DataFrame) -> Problems:
        found = {**unusable_rules(table, None, files=False), **_unseen(table)}
        for place, (name, openings) in enumerate(zip(ids, openings_of(table), strict=True)):
            row = stored.get(name)
            if row is not None and row.org_id != org_id:
                found[place] = ("position_id", taken_text())
            elif row is not None and openings < row.filled:
                found[place] = (
                    "openings",
                    _("moins de places que d'embauches déjà notées ({filled}) ; corriger l'un ou l'autre").format(
                        filled=row.filled
                    ),
                )
        return found

    return check


def _unseen(table: pd.DataFrame) -> dict[int, tuple[str, str]]:
    """Rows whose codes hold characters that nobody sees, which no database would compare alike."""
    text = unseen_text()
    return {
        place: (name, text)
        for name in ("award_id", "siret")
        for place, code in enumerate(table[name].tolist())
        if isinstance(code, str) and not can_name(code)
    }


def unseen_text() -> str:
    """What is wrong with such a code."""
    return _("code de plus de {longest} caractères, ou avec des caractères invisibles ; le corriger").format(
        longest=LONGEST_ID
    )


def openings_of(table: pd.DataFrame) -> list[int]:
    """Openings of each position; one where it does not say."""
    return [int(number) for number in table["openings"].fillna(1).tolist()]


def _written(merged: Merged, org_id: str, stored: Mapping[str, Row[Any]], seen: int) -> Plan:
    created = [{**row, "org_id": org_id} for row in _rows(merged.table.iloc[merged.places("created")])]
    updated = _rows(merged.table.iloc[merged.places("updated")])
    past = []
    for row in updated:
        before = stored[row["position_id"]]
        past.append(past_row(before))
        row["closed"] = closed_after(before, row["openings"])
        row["name"] = row.pop("position_id")
    return Plan(seen, stored, merged, created, updated, past)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        columns_of(facts, openings)
        for facts, openings in zip(facts_of(POSITIONS, table), openings_of(table), strict=True)
    ]


def columns_of(facts: Mapping[str, Any], openings: int) -> dict[str, Any]:
    """The columns of the store for a position's facts."""
    return {
        "position_id": facts["position_id"],
        "award_id": facts.get("award_id"),
        "siret": facts.get("siret"),
        "body": json.dumps(facts, ensure_ascii=False, separators=(",", ":")),
        "openings": openings,
    }


def past_row(row: Row[Any]) -> dict[str, Any]:
    """What replaying a run of matching needs of a position about to change, but for `replaced`."""
    return {name: getattr(row, name) for name in ("position_id", "changed", "body", "closed")}


def closed_after(row: Row[Any], openings: int) -> bool:
    """Whether a position looks for nobody once it has so many openings: full, or closed by hand before."""
    return bool(row.filled >= openings or (row.closed and row.filled < row.openings))


def save(call: Call, rows: Received, made: Plan) -> Plan:
    """Write a plan, made again when somebody changed these positions since; the plan that was written."""
    org_id = call.principal.org_id
    with call.write() as change:
        if _stale(change.connection, made):
            made = plan(change.connection, org_id, call, rows)
        if not made.empty:
            write(change, made)
    return made


def _stale(connection: Connection, made: Plan) -> bool:
    if state(connection) == made.seen:
        return False
    names = [name for name in made.merged.received.ids if can_name(name)]
    return {row.position_id: row for row in stored_rows(connection, names)} != made.rows


def write(change: Change, made: Plan) -> None:
    """The rows and the log of a plan, inside a transaction."""
    if made.created:
        more = {"filled": 0, "closed": False, "version": 1, "changed": change.seq}
        change.connection.execute(insert(t.positions), [{**row, **more} for row in made.created])
        _log(change, "positions.create", [row["position_id"] for row in made.created])
    if made.updated:
        keep_past(change, made.past)
        names = ("award_id", "siret", "body", "openings", "closed")
        change.connection.execute(
            update(t.positions)
            .where(t.positions.c.position_id == bindparam("name"))
            .values({name: bindparam(name) for name in names})
            .values(version=t.positions.c.version + 1, changed=change.seq),
            [{name: row[name] for name in ("name", *names)} for row in made.updated],
        )
        _log(change, "positions.update", [row["name"] for row in made.updated])


def keep_past(change: Change, past: Sequence[Mapping[str, Any]]) -> None:
    """Keep the rows that are about to be replaced."""
    change.connection.execute(insert(t.positions_past), [{**row, "replaced": change.seq} for row in past])


def _log(change: Change, action: str, names: Sequence[str]) -> None:
    if len(names) == 1:
        change.log(action, f"position:{names[0]}", pool=True)
        return
    for start in range(0, len(names), _IN_ONE_ENTRY):
        change.log(action, "positions", detail={"positions": list(names[start : start + _IN_ONE_ENTRY])}, pool=True)
