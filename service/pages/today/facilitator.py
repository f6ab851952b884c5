"""What waits for a facilitator: positions about to open, proposals to answer, awards just brought in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from matcher.locale import _
from matcher.report import formats
from service.addresses import address
from service.clock import written
from service.pages import words
from service.pages.page import Visit
from service.pages.render import link
from service.pages.today import openings
from service.pages.today.block import IMPORTED_DAYS, MOST, SOON_DAYS, WAITING_DAYS, Block, Line
from service.proposals.moves import Stage
from service.store import tables as t


def blocks(visit: Visit) -> list[Block]:
    """Those of a facilitator."""
    return [_short(visit), _to_answer(visit), _awards(visit)]


def _short(visit: Visit) -> Block:
    count, lines = openings.short(visit, t.positions.c.org_id == visit.principal.org_id)
    return Block(
        "own-openings",
        _("Vos postes qui commencent bientôt et manquent de personnes"),
        count,
        lines,
        _("Aucun de vos postes ne commence dans les {days} jours sans assez de personnes.").format(days=SOON_DAYS),
        _("Moins de personnes en cours que de places : voir la liste du poste."),
        (("/positions", _("Voir tous vos postes")),),
    )


def _to_answer(visit: Visit) -> Block:
    day = openings.before(visit.today, WAITING_DAYS)
    p, people, positions = t.proposals.c, t.people.c, t.positions
    asked = (
        p.stage == str(Stage.PROPOSED),
        p.proposed_on <= day,
        positions.c.org_id == visit.principal.org_id,
        people.reference.is_not(None),
    )
    joined = t.proposals.join(positions, positions.c.position_id == p.position_id).join(
        t.people, people.subject == p.subject
    )
    query = (
        select(p.proposal_id, p.proposed_on, people.reference, positions.c.position_id, positions.c.body)
        .select_from(joined)
        .where(*asked)
        .order_by(p.proposed_on, p.proposal_id)
        .limit(MOST)
    )
    with visit.read() as connection:
        rows = connection.execute(query).all()
        count = int(connection.execute(select(func.count()).select_from(joined).where(*asked)).scalar_one())
    return Block(
        "to-answer",
        _("Propositions qui attendent votre réponse"),
        count,
        tuple(_proposal(row) for row in rows),
        _("Aucune proposition n'attend votre réponse depuis {days} jours.").format(days=WAITING_DAYS),
        _("Proposées il y a {days} jours ou plus : retenir, ou refuser avec un motif.").format(days=WAITING_DAYS),
        ((link("/proposals", stage="proposed", waiting=1), _("Voir toutes les propositions à traiter")),),
    )


def _proposal(row: Any) -> Line:
    text = _("{person} pour {position}").format(person=row.reference, position=openings.title(row))
    return Line(
        address("proposals", row.proposal_id),
        text,
        _("proposée le {day}").format(day=words.day(row.proposed_on)),
        str(Stage.PROPOSED),
    )


def _awards(visit: Visit) -> Block:
    since = datetime.combine(visit.today - timedelta(days=IMPORTED_DAYS), time.min, UTC)
    mine = (t.awards.c.org_id == visit.principal.org_id, t.log.c.at >= written(since))
    joined = t.awards.join(t.log, t.log.c.seq == t.awards.c.changed)
    query = (
        select(t.awards.c.award_id, t.awards.c.body, t.awards.c.hours_due, t.log.c.at)
        .select_from(joined)
        .where(*mine)
        .order_by(t.log.c.at.desc(), t.awards.c.award_id)
        .limit(MOST)
    )
    with visit.read() as connection:
        rows = connection.execute(query).all()
        count = int(connection.execute(select(func.count()).select_from(joined).where(*mine)).scalar_one())
    return Block(
        "awards",
        _("Contrats importés ou modifiés ces {days} jours").format(days=IMPORTED_DAYS),
        count,
        tuple(_award(row) for row in rows),
        _("Aucun contrat importé ces {days} jours.").format(days=IMPORTED_DAYS),
        act=(("/awards", _("Voir tous les contrats")), ("/imports", _("Importer des contrats"))),
    )


def _award(row: Any) -> Line:
    facts = json.loads(row.body)
    due = (
        _("{hours} heures dues").format(hours=formats.whole(row.hours_due))
        if row.hours_due
        else _("heures à préciser")
    )
    note = _("{due} ; le {day}").format(due=due, day=words.day(row.at))
    return Line(address("awards", row.award_id), str(facts.get("object") or row.award_id), note)
