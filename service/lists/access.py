"""Who looks at a position, and as what: its facilitator sees everybody by reference, an adviser their own people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, select

from matcher.locale import _
from service.access.principals import Role
from service.pool import Snapshot
from service.positions.resource import find as find_position
from service.problems import Problem
from service.proposals.moves import Stage
from service.routing import Call
from service.store import tables as t

AT_ONCE = 500


@dataclass(frozen=True)
class Onlooker:
    """A caller before one position. `facilitator`: it is of their organisation; `org_id`: whose people they follow,
    None for somebody who follows nobody."""

    position: Row[Any]
    facilitator: bool
    org_id: str | None

    def follows(self, org_id: str) -> bool:
        """True for the people of their own organisation."""
        return self.org_id is not None and self.org_id == org_id


def onlooker(connection: Connection, call: Call, position_id: str) -> Onlooker:
    """The caller before that position. Raises Problem `absent`, the same whether it is elsewhere or nowhere."""
    caller = call.principal
    position = find_position(connection, caller, position_id)
    facilitator = caller.has(Role.FACILITATOR) and position.org_id == caller.org_id
    adviser = caller.has(Role.ADVISER)
    if not facilitator and not (adviser and not position.closed):
        raise absent_position()
    return Onlooker(position, facilitator, caller.org_id if adviser else None)


def absent_position() -> Problem:
    """No such position, as far as this caller may know."""
    return Problem("absent", _("Aucun poste que vous puissiez voir ne porte cet identifiant. Le vérifier."))


def check_usable(now: Snapshot, position_id: str) -> None:
    """Raise Problem for a position whose rules cannot be applied, which therefore has no list."""
    why = now.unusable.get(position_id)
    if why is not None:
        raise Problem(
            "conflict", _("Ce poste n'a pas de liste : {why}. Corriger le poste.").format(why=why.rstrip("."))
        )


def proposals_for(connection: Connection, position_id: str) -> dict[str, Row[Any]]:
    """Subject → the last proposal of the person for the position that was not withdrawn."""
    query = select(t.proposals).where(
        t.proposals.c.position_id == position_id, t.proposals.c.stage != str(Stage.WITHDRAWN)
    )
    return {row.subject: row for row in connection.execute(query.order_by(t.proposals.c.proposal_id))}


def log_names(connection: Connection, subjects: Collection[str]) -> Mapping[str, str]:
    """Subject → log name; who was erased in the meantime is not there."""
    return _named(connection, t.subjects.c.subject, t.subjects.c.log_name, subjects)


def references(connection: Connection, subjects: Collection[str]) -> Mapping[str, str]:
    """Subject → reference; who was erased in the meantime is not there."""
    return _named(connection, t.people.c.subject, t.people.c.reference, subjects)


def _named(
    connection: Connection, subject: Column[str], name: Column[str], subjects: Collection[str]
) -> Mapping[str, str]:
    wanted = list(subjects)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = select(subject, name).where(subject.in_(wanted[start : start + AT_ONCE]), name.is_not(None))
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found
