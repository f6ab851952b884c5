"""Proposals in the store: which ones a caller may see, and how one is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from matcher.locale import _
from service.access.principals import Principal, Role
from service.problems import Problem
from service.proposals.moves import Stage, allowed
from service.store import tables as t

_EARLIER = t.moves.alias("earlier")
_LAST = (
    select(func.max(_EARLIER.c.number))
    .where(_EARLIER.c.proposal_id == t.proposals.c.proposal_id)
    .correlate(t.proposals)
    .scalar_subquery()
)
SHOWN = (
    "proposal_id",
    "position_id",
    "stage",
    "listed_by",
    "shown_rank",
    "shown_score",
    "human_rank",
    "scorecard",
    "decision",
    "decided_by",
    "decided_on",
    "reason",
    "proposed_on",
    "contract",
    "contract_months",
    "version",
)


def query_all() -> Select[Any]:
    """Every proposal beside its person's names, its position's organisation and its last step."""
    p, people, positions, moves = t.proposals, t.people, t.positions, t.moves
    return (
        select(
            p,
            people.c.candidate_id,
            people.c.reference,
            positions.c.org_id.label("position_org"),
            moves.c.happened_on.label("last_step_on"),
            moves.c.number.label("steps"),
        )
        .join(people, people.c.subject == p.c.subject)
        .join(positions, positions.c.position_id == p.c.position_id)
        .join(moves, and_(moves.c.proposal_id == p.c.proposal_id, moves.c.number == _LAST))
    )


def visible(principal: Principal) -> ColumnElement[bool]:
    """An adviser's: of their own people. A facilitator's: for their own positions."""
    parts: list[ColumnElement[bool]] = []
    if principal.has(Role.ADVISER):
        parts.append(t.proposals.c.org_id == principal.org_id)
    if principal.has(Role.FACILITATOR):
        parts.append(t.positions.c.org_id == principal.org_id)
    return or_(*parts) if parts else ~true()


@dataclass(frozen=True)
class Found:
    """One proposal as a caller sees it."""

    row: Row[Any]
    principal: Principal

    @property
    def stage(self) -> Stage:
        return Stage(self.row.stage)

    @property
    def roles(self) -> frozenset[Role]:
        """In which roles the caller stands before this proposal, of those that may be theirs."""
        held = set()
        if self.principal.has(Role.ADVISER) and self.row.org_id == self.principal.org_id:
            held.add(Role.ADVISER)
        if self.principal.has(Role.FACILITATOR) and self.row.position_org == self.principal.org_id:
            held.add(Role.FACILITATOR)
        return frozenset(held)

    @property
    def last_day(self) -> date:
        """The day of the last step."""
        return date.fromisoformat(self.row.last_step_on)

    def shown(self) -> dict[str, Any]:
        """The proposal as it is answered."""
        row = self.row._mapping
        name = row["candidate_id"] if Role.ADVISER in self.roles else row["reference"]
        content = {column: row[column] for column in SHOWN}
        following = [str(stage) for stage in allowed(self.stage, self.roles)]
        return {**content, "candidate_id": name, "last_step_on": row["last_step_on"], "next": following}


def find(connection: Connection, principal: Principal, proposal_id: str) -> Found:
    """One proposal. Raises Problem `absent`, the same whether it is somebody else's or nobody's."""
    query = query_all().where(t.proposals.c.proposal_id == proposal_id, visible(principal))
    row = connection.execute(query).first()
    if row is None:
        raise Problem("absent", _("Aucune de vos propositions ne porte cet identifiant. Le vérifier."))
    return Found(row, principal)


def steps(connection: Connection, proposal_id: str) -> list[Mapping[str, Any]]:
    """Every step of a proposal, the first one first."""
    moves = t.moves.c
    query = select(moves.stage, moves.happened_on, moves.decided_by, moves.reason, moves.actor, moves.at)
    found = connection.execute(query.where(moves.proposal_id == proposal_id).order_by(moves.number))
    return [dict(row._mapping) for row in found]
