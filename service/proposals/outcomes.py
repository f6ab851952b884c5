"""The table of outcomes that training reads, from the proposals kept here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from matcher.schema import OUTCOMES
from matcher.tables import write_table
from service.access.principals import Role
from service.people.find import facts_of_people
from service.proposals.moves import SEATED, Stage
from service.routing import Answer, Call
from service.store import tables as t
from service.store.crypto import KeyRing

_ORDER = (Stage.PROPOSED, Stage.SHORTLISTED, Stage.INTERVIEWED)


def outcome_rows(
    connection: Connection, keys: KeyRing, *, position_org: str | None = None, people_of: str | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows, by proposal, and the log names of their people, who are named by reference: those of an
    organisation's positions, or all. `people_of`: only an organisation's people, by its own identifiers. Erased
    people are left out, and those who object to matching: nothing is learnt from them."""
    p, people, order = t.proposals, t.people, t.places_in_order
    name = people.c.candidate_id if people_of is not None else people.c.reference
    query = (
        select(p, name.label("candidate_id"), order.c.place, t.subjects.c.log_name)
        .join(people, people.c.subject == p.c.subject)
        .join(t.subjects, t.subjects.c.subject == p.c.subject)
        .join(t.positions, t.positions.c.position_id == p.c.position_id)
        .outerjoin(order, and_(order.c.position_id == p.c.position_id, order.c.subject == p.c.subject))
        .where(name.is_not(None))
        .order_by(p.c.proposal_id)
    )
    if position_org is not None:
        query = query.where(t.positions.c.org_id == position_org)
    if people_of is not None:
        query = query.where(p.c.org_id == people_of)
    farthest = _farthest(connection)
    found = connection.execute(query).mappings().all()
    people_facts = facts_of_people(connection, keys, {row["subject"] for row in found})
    objecting = {subject for subject, facts in people_facts if facts.get("objection") is True}
    found = [row for row in found if row["subject"] not in objecting]
    names = sorted({row["log_name"] for row in found if row["log_name"] is not None})
    return [_row(row, farthest) for row in found], names


def _farthest(connection: Connection) -> Mapping[str, int]:
    """Proposal → the last of _ORDER that it reached."""
    moves = t.moves.c
    query = select(moves.proposal_id, moves.stage, func.count()).where(moves.stage.in_(_ORDER))
    reached: dict[str, int] = {}
    for proposal_id, stage, _count in connection.execute(query.group_by(moves.proposal_id, moves.stage)):
        reached[proposal_id] = max(reached.get(proposal_id, 0), _ORDER.index(Stage(stage)))
    return reached


def _row(row: Mapping[Any, Any], farthest: Mapping[str, int]) -> dict[str, Any]:
    """A refusal keeps the stage reached before it; a hire refused afterwards was no hire."""
    stage = Stage(row["stage"])
    content = {column: row[column] for column in OUTCOMES.names}
    content["stage"] = str(_ORDER[farthest[row["proposal_id"]]] if stage is Stage.REFUSED else stage)
    if content["human_rank"] is None:
        content["human_rank"] = row["place"]
    if stage in SEATED:
        content["reason"] = None
    return content


def frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows as a table with the columns of OUTCOMES."""
    table = pd.DataFrame(list(rows), columns=list(OUTCOMES.names), dtype=object)
    for name in ("shown_rank", "human_rank"):
        table[name] = pd.array(table[name].tolist(), dtype="Int64")
    table["shown_score"] = table["shown_score"].astype(float)
    return table


def outcomes(call: Call) -> Answer:
    """The table for a facilitator's own positions, or all of it for an auditor; references only."""
    everything = call.principal.has(Role.AUDITOR)
    with call.store.read() as connection:
        position_org = None if everything else call.principal.org_id
        rows, names = outcome_rows(connection, call.store.keys, position_org=position_org)
    if rows:
        with call.write() as change:
            change.log("outcomes.see", "outcomes", names, {"rows": len(rows), "format": call.query.format})
    if call.query.format == "json":
        return Answer({"outcomes": rows})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "outcomes.csv"
        write_table(frame(rows), path)
        content = path.read_bytes()
    headers = {"Content-Disposition": 'attachment; filename="outcomes.csv"'}
    return Answer(content, media_type="text/csv; charset=utf-8", headers=headers)
