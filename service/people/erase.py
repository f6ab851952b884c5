"""Erasing a person: nothing that says who they were is left, and the counts stay.

Their key goes with their facts, so that whatever copy of the sealed texts remains says nothing, and the name the log
gave them is nobody's. The empty row stays: it tells every server's pool that the person is gone.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from service.access.principals import Role
from service.people import figures
from service.people.find import find
from service.people.merge import forget
from service.people.resource import in_role
from service.routing import Answer, Call
from service.store import tables as t
from service.store.crypto import SubjectKey
from service.store.database import Change


def erase(call: Call) -> Answer:
    """Erase one person, at their request."""
    asker = in_role(call, Role.ADVISER, Role.ADMIN)
    with call.write() as change:
        person = find(change.connection, call.store.keys, asker, call.path["candidate_id"])
        erase_person(change, person.key, person.body)
        change.log("people.erase", "people", [person.key.log_name], {"why": "asked"}, pool=True)
    return Answer(None, 204)


def erase_person(change: Change, key: SubjectKey, body: bytes) -> None:
    """Everything but the log, which the caller writes. A hire keeps its opening filled."""
    connection, subject = change.connection, key.subject
    figures.add(connection, figures.of_person(connection, subject), figures.parts(key.open(body)))
    theirs = select(t.proposals.c.proposal_id).filter_by(subject=subject)
    connection.execute(delete(t.moves).where(t.moves.c.proposal_id.in_(theirs)))
    forget(connection, subject)
    for table in (t.proposals, t.hours, t.places_in_order, t.people_past):
        connection.execute(delete(table).where(table.c.subject == subject))
    connection.execute(
        update(t.people)
        .filter_by(subject=subject)
        .values(
            candidate_id=None, reference=None, body=None, version=t.people.c.version + 1, changed=change.seq,
            last_action_on=change.at.date().isoformat(),
        )
    )  # fmt: skip
    connection.execute(update(t.subjects).filter_by(subject=subject).values(wrapped_key=None, log_name=None))
