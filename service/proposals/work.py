"""Proposing a person, noting the steps that follow, reading them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from matcher.locale import _
from service.access.principals import Role
from service.clock import written
from service.paging import page
from service.people.find import Person, absent_person, find, is_own
from service.pool import Absent
from service.problems import Problem, at_field
from service.proposals import openings
from service.proposals.models import NewProposal, ProposalChange
from service.proposals.moves import LIVE, SEATED, Move, Stage, check_days, checked
from service.proposals.rows import Found, query_all, steps, visible
from service.proposals.rows import find as find_proposal
from service.routing import Answer, Call
from service.store import tables as t
from service.store.crypto import KeyRing, SubjectKey
from service.store.database import Change
from service.versions import check_version

CONTACT = ("first_name", "last_name", "email", "phone", "adviser")


def propose(call: Call) -> Answer:
    """An adviser proposes one of their people for a position."""
    body: NewProposal = call.body
    with call.store.read() as connection:
        person = _own_person(connection, call, body.candidate_id)
        asked = asked_of(_open_position(connection, body.position_id), call)
    listed = _listed(call, person.subject, asked)
    with call.write() as change:
        person = _own_person(change.connection, call, body.candidate_id)
        _open_position(change.connection, body.position_id)
        refuse_objection(person.facts())
        _not_twice(change.connection, person.subject, body.position_id)
        row = _new_row(call, person, listed)
        change.connection.execute(insert(t.proposals).values(**row, version=1, changed=change.seq))
        _note(change, row["proposal_id"], 1, Stage.PROPOSED, None, "adviser", call.today)
        _acted(change, person.subject, call.today)
        detail = {"proposal": row["proposal_id"], "shown_rank": row["shown_rank"], "scorecard": row["scorecard"]}
        change.log("proposal.create", f"position:{body.position_id}", [person.key.log_name], detail)
        found = find_proposal(change.connection, call.principal, row["proposal_id"])
        return call.done(change, _answer(change.connection, found, status=201))


def _own_person(connection: Connection, call: Call, name: str) -> Person:
    person = find(connection, call.store.keys, call.principal, name)
    if not is_own(call.principal, person.org_id):
        raise absent_person()
    return person


def asked_of(position: Row[Any], call: Call) -> int:
    """How many people the list of a position shows."""
    return int(json.loads(position.body).get("asked") or call.settings.top)


def _listed(call: Call, subject: str, asked: int) -> tuple[int | None, float | None]:
    """The rank and score that the model gives the person now; no rank when the list does not show them."""
    try:
        rank, score = call.pool.refresh(call.today).rank_of(subject, call.body.position_id)
    except Absent:
        return None, None
    return (rank if rank is not None and rank <= asked else None), score


def _open_position(connection: Connection, position_id: str) -> Row[Any]:
    row = connection.execute(select(t.positions).filter_by(position_id=position_id)).first()
    if row is None:
        raise Problem("absent", _("Aucun poste ne porte cet identifiant. Le vérifier."))
    if row.filled >= row.openings:
        raise Problem("conflict", _("Toutes les places de ce poste sont pourvues : on n'y propose plus personne."))
    if row.closed:
        raise Problem("conflict", _("Ce poste est fermé : on n'y propose plus personne."))
    return row


def refuse_objection(facts: Mapping[str, Any]) -> None:
    """Raise Problem when the person objects to matching."""
    if facts.get("objection") is True:
        raise Problem(
            "conflict",
            _(
                "Cette personne s'oppose au rapprochement : elle ne peut être ni proposée, ni retenue, ni classée. "
                "Voir avec elle."
            ),
        )


def _not_twice(connection: Connection, subject: str, position_id: str) -> None:
    p = t.proposals.c
    query = select(p.proposal_id).where(p.subject == subject, p.position_id == position_id, p.stage.in_(LIVE))
    if connection.execute(query).first() is not None:
        raise Problem(
            "conflict",
            _("Cette personne est déjà proposée pour ce poste. Reprendre cette proposition, ou la retirer d'abord."),
        )


def new_id(at: datetime) -> str:
    """A name for a proposal: sorted by the instant, then random."""
    return f"{int(at.timestamp() * 1000):012x}{secrets.token_hex(6)}"


def _new_row(call: Call, person: Person, listed: tuple[int | None, float | None]) -> dict[str, Any]:
    rank, score = listed
    day = call.today.isoformat()
    return {
        "proposal_id": new_id(call.at),
        "position_id": call.body.position_id,
        "subject": person.subject,
        "org_id": person.org_id,
        "stage": str(Stage.PROPOSED),
        "listed_by": "adviser" if rank is None else "model",
        "shown_rank": rank,
        "shown_score": score,
        "human_rank": call.body.human_rank,
        "scorecard": call.pool.scorecard,
        "decision": "accepted",
        "decided_by": "adviser",
        "proposed_on": day,
        "decided_on": day,
    }


def _note(
    change: Change, proposal_id: str, number: int, stage: Stage, reason: str | None, decided_by: str, happened: date
) -> None:
    change.connection.execute(
        insert(t.moves).values(
            proposal_id=proposal_id,
            number=number,
            stage=str(stage),
            reason=reason,
            decided_by=decided_by,
            happened_on=happened.isoformat(),
            actor=change.actor,
            at=written(change.at),
            changed=change.seq,
        )
    )


def _acted(change: Change, subject: str, today: date) -> None:
    change.connection.execute(update(t.people).filter_by(subject=subject).values(last_action_on=today.isoformat()))


def change(call: Call) -> Answer:
    """The next step of a proposal, or a correction of what surrounds it."""
    body: ProposalChange = call.body
    with call.write() as writing:
        found = find_proposal(writing.connection, call.principal, call.path["proposal_id"])
        check_version(call, found.row.version)
        to = Stage(body.stage) if body.stage is not None else None
        _check_shape(body, found.stage, to)
        new: dict[str, Any] = {
            name: value
            for name in ("human_rank", "contract", "contract_months")
            if (value := getattr(body, name)) is not None
        }
        if body.contract == "permanent":
            new["contract_months"] = None
        if to is not None:
            new.update(_move(call, writing, found, to))
        elif not new:
            raise Problem("usage", _("Rien à changer. Donner stage, human_rank, contract ou contract_months."))
        writing.connection.execute(
            update(t.proposals)
            .filter_by(proposal_id=found.row.proposal_id)
            .values(**new, version=found.row.version + 1, changed=writing.seq)
        )
        _acted(writing, found.row.subject, call.today)
        detail = {"proposal": found.row.proposal_id, "from": str(found.stage), "changed": sorted(new)}
        if to is not None:
            detail |= {"to": str(to), "reason": body.reason}
        seats = to is not None and (found.stage in SEATED) != (to in SEATED)
        name = _log_name(writing.connection, found.row.subject)
        action = "proposal.move" if to is not None else "proposal.change"
        writing.log(action, f"position:{found.row.position_id}", [name] if name else [], detail, pool=seats)
        after = find_proposal(writing.connection, call.principal, found.row.proposal_id)
        return call.done(writing, _answer(writing.connection, after))


def _check_shape(body: ProposalChange, stage: Stage, to: Stage | None) -> None:
    """Raise Problem for fields that mean nothing at that step."""
    after = to or stage
    if to is Stage.REFUSED and body.reason is None:
        raise at_field("/reason", _("un refus dit son motif, un code de la liste des motifs."))
    if body.reason is not None and to not in (Stage.REFUSED, Stage.WITHDRAWN):
        raise at_field("/reason", _("un motif ne va qu'avec un refus ou un retrait."))
    if to is None and (body.decided_by is not None or body.on is not None):
        raise at_field("/stage", _("decided_by et on disent qui et quand pour une étape. La donner."))
    if after not in SEATED and (body.contract is not None or body.contract_months is not None):
        raise at_field("/contract", _("un contrat ne se note qu'avec une embauche."))
    if body.contract == "permanent" and body.contract_months is not None:
        raise at_field("/contract_months", _("un contrat à durée indéterminée n'a pas de durée. L'enlever."))


def _move(call: Call, writing: Change, found: Found, to: Stage) -> dict[str, Any]:
    """Note a step and take or free the opening; the columns it changes. Raises Problem for a step not allowed."""
    move: Move = checked(found.stage, to, found.roles)
    happened = call.body.on or call.today
    check_days(to, happened, found.last_day, call.today)
    if to is Stage.SHORTLISTED:
        refuse_objection(facts_of(writing.connection, call.store.keys, found.row.subject) or {})
    if to in SEATED and found.stage not in SEATED:
        openings.take(writing, found.row.position_id)
    elif found.stage in SEATED and to not in SEATED:
        openings.give_back(writing, found.row.position_id)
    by = call.body.decided_by or move.decided_by
    _note(writing, found.row.proposal_id, found.row.steps + 1, to, call.body.reason, by, happened)
    new: dict[str, Any] = {"stage": str(to)}
    if move.decision is not None:
        new |= {"decision": move.decision, "decided_by": by, "decided_on": happened.isoformat()}
    if to in (Stage.REFUSED, Stage.WITHDRAWN):
        # a withdrawal decides nothing of the steps before it: `decision` stays theirs
        new |= {"reason": call.body.reason, "decided_on": happened.isoformat()}
        new |= {"contract": None, "contract_months": None}
    return new


def _log_name(connection: Connection, subject: str) -> str | None:
    name: str | None = connection.execute(select(t.subjects.c.log_name).filter_by(subject=subject)).scalar_one()
    return name


def one(call: Call) -> Answer:
    """One proposal with its steps; a facilitator's own also has the contact, and the log says who saw it."""
    with call.store.read() as connection:
        found = find_proposal(connection, call.principal, call.path["proposal_id"])
        contact = _contact(connection, call, found)
        answer = _answer(connection, found)
        name = _log_name(connection, found.row.subject)
    if contact is not None:
        with call.write() as change:
            about = f"position:{found.row.position_id}"
            change.log("proposal.see", about, [name] if name else [], {"proposal": found.row.proposal_id})
    return replace(answer, content={**answer.content, "contact": contact})


def _answer(connection: Connection, found: Found, *, status: int = 200) -> Answer:
    content = {**found.shown(), "steps": steps(connection, found.row.proposal_id)}
    return Answer(content, status, version=str(found.row.version))


def _contact(connection: Connection, call: Call, found: Found) -> dict[str, Any] | None:
    """For the position's facilitator, as long as the proposal is not withdrawn; an adviser has their own file."""
    if Role.FACILITATOR not in found.roles or found.stage is Stage.WITHDRAWN:
        return None
    return contact_of(connection, call.store.keys, found.row.subject)


def contact_of(connection: Connection, keys: KeyRing, subject: str) -> dict[str, Any] | None:
    """How to reach a person and their adviser; None once erased."""
    facts = facts_of(connection, keys, subject)
    return None if facts is None else {name: facts.get(name) for name in CONTACT}


def facts_of(connection: Connection, keys: KeyRing, subject: str) -> dict[str, Any] | None:
    """Everything held about a person; None once erased."""
    people, subjects = t.people, t.subjects
    row = connection.execute(
        select(people.c.body, subjects.c.wrapped_key)
        .join(subjects, subjects.c.subject == people.c.subject)
        .where(people.c.subject == subject)
    ).first()
    if row is None or row.body is None or row.wrapped_key is None:
        return None
    key: SubjectKey = keys.unwrap(subject, row.wrapped_key)
    facts: dict[str, Any] = key.open(row.body)
    return facts


def listing(call: Call) -> Answer:
    """The proposals of one's own people or positions, the oldest first."""
    query = query_all().where(visible(call.principal))
    if call.query.position_id is not None:
        query = query.where(t.proposals.c.position_id == call.query.position_id)
    if call.query.candidate_id is not None:
        with call.store.read() as connection:
            person = _own_person(connection, call, call.query.candidate_id)
        query = query.where(t.proposals.c.subject == person.subject)
    if call.query.stage is not None:
        query = query.where(t.proposals.c.stage == call.query.stage)
    if call.query.waiting_since is not None:
        waiting = [Stage.PROPOSED, Stage.SHORTLISTED, Stage.INTERVIEWED, Stage.HIRED]
        query = query.where(t.proposals.c.stage.in_(waiting))
        query = query.where(t.moves.c.happened_on <= call.query.waiting_since.isoformat())
    with call.store.read() as connection:
        found = page(connection, query, [t.proposals.c.proposal_id], call, "proposals")
    rows = [Found(row, call.principal).shown() for row in found.rows]
    return Answer({"proposals": rows, "next": found.next})
