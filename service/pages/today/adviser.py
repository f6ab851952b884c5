"""What waits for an adviser: answers, papers that end, people nobody proposed, positions that lack people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, or_, select

from matcher.locale import _
from service.addresses import address
from service.lists.access import log_names
from service.pages import words
from service.pages.page import Visit
from service.pages.render import link
from service.pages.today import openings
from service.pages.today.block import MOST, PAPER_DAYS, SOON_DAYS, WAITING_DAYS, Block, Line
from service.pool.papers import label
from service.pool.waiting import Person, ending, idle
from service.proposals.moves import LIVE
from service.proposals.rows import query_all
from service.store import tables as t

_WAITING = ("proposed", "shortlisted", "interviewed")


def blocks(visit: Visit) -> list[Block]:
    """Those of an adviser; that people were shown is written down."""
    seen: list[str] = []
    made = [_answers(visit, seen), _papers(visit, seen), _short(visit), _idle(visit, seen)]
    if seen:
        with visit.write() as change:
            names = log_names(change.connection, set(seen))
            change.log("people.see", "people", sorted(names.values()), {"list": True})
    return made


def _answers(visit: Visit, seen: list[str]) -> Block:
    day = openings.before(visit.today, WAITING_DAYS)
    query = query_all().where(
        t.proposals.c.org_id == visit.principal.org_id,
        t.proposals.c.stage.in_(_WAITING),
        t.moves.c.happened_on <= day,
    )
    with visit.read() as connection:
        rows = connection.execute(query.order_by(t.moves.c.happened_on, t.proposals.c.proposal_id).limit(MOST)).all()
        counted = (
            connection.execute(select(func.count()).select_from(query.subquery())) if len(rows) == MOST else None
        )
        count = len(rows) if counted is None else int(counted.scalar_one())
        titles = _titles(connection, [row.position_id for row in rows])
    seen += [row.subject for row in rows]
    return Block(
        "answers",
        _("Propositions sans réponse"),
        count,
        tuple(_answer(row, titles) for row in rows),
        _("Aucune proposition n'attend depuis {days} jours.").format(days=WAITING_DAYS),
        _("Rien de nouveau depuis {days} jours : relancer le facilitateur du poste.").format(days=WAITING_DAYS),
        ((link("/proposals", waiting=1), _("Voir toutes ces propositions")),),
    )


def _titles(connection: Any, ids: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(select(t.positions).where(t.positions.c.position_id.in_(ids)))
    return {row.position_id: openings.title(row) for row in rows}


def _answer(row: Any, titles: dict[str, str]) -> Line:
    text = _("{person} pour {position}").format(
        person=row.candidate_id or row.reference, position=titles.get(row.position_id, row.position_id)
    )
    note = _("depuis le {day}").format(day=words.day(row.last_step_on))
    return Line(address("proposals", row.proposal_id), text, note, row.stage)


def _papers(visit: Visit, seen: list[str]) -> Block:
    now = visit.desk.office.pool.refresh(visit.today)
    first = np.datetime64(visit.today, "D")
    last = first + np.timedelta64(PAPER_DAYS, "D")
    count, found = ending(now.crowds, visit.principal.org_id, first, last, MOST)
    seen += [one.person.subject for one in found]
    lines = tuple(
        Line(
            address("people", one.person.candidate_id),
            who(one.person),
            _("{paper} : fin le {day}").format(paper=label(one.paper), day=words.day(one.day.item())),
        )
        for one in found
    )
    return Block(
        "papers",
        _("Documents bientôt périmés"),
        count,
        lines,
        _("Aucun document connu ne se termine dans les {days} jours.").format(days=PAPER_DAYS),
        _("Fin dans les {days} jours : demander le document récent, puis corriger les faits.").format(
            days=PAPER_DAYS
        ),
    )


def _short(visit: Visit) -> Block:
    count, lines = openings.short(visit)
    return Block(
        "openings",
        _("Postes qui commencent bientôt et manquent de personnes"),
        count,
        lines,
        _("Aucun poste ouvert ne commence dans les {days} jours sans assez de personnes.").format(days=SOON_DAYS),
        _("Moins de personnes en cours que de places : en proposer."),
        (("/positions", _("Voir tous les postes")),),
    )


def _idle(visit: Visit, seen: list[str]) -> Block:
    p = t.proposals.c
    recent = or_(p.stage.in_([str(stage) for stage in LIVE]), p.proposed_on > openings.before(visit.today, SOON_DAYS))
    query = select(p.subject).where(p.org_id == visit.principal.org_id, recent)
    with visit.read() as connection:
        proposed = {row[0] for row in connection.execute(query)}
    now = visit.desk.office.pool.refresh(visit.today)
    free = np.datetime64(visit.today + timedelta(days=SOON_DAYS), "D")
    count, found = idle(now.crowds, visit.principal.org_id, proposed, free, MOST)
    seen += [one.subject for one in found]
    return Block(
        "idle",
        _("Personnes sans proposition depuis {days} jours").format(days=SOON_DAYS),
        count,
        tuple(Line(address("people", one.candidate_id), who(one)) for one in found),
        _("Toutes vos personnes disponibles ont une proposition récente ou en cours."),
        _("Disponibles dans le mois et sans opposition ; la fiche vérifiée il y a le plus longtemps d'abord."),
        (("/people", _("Voir toutes vos personnes")),),
    )


def who(person: Person) -> str:
    """Name and identifier."""
    return f"{person.name} ({person.candidate_id})" if person.name else person.candidate_id
