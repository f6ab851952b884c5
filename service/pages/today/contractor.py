"""What a contractor comes for: its positions, and the sheets of the people kept for each."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import false, func, select

from matcher.locale import _
from service.addresses import address
from service.pages import words
from service.pages.page import Visit
from service.pages.today.block import MOST, Block, Line
from service.store import tables as t


def blocks(visit: Visit) -> list[Block]:
    """The open positions of its SIRET."""
    siret = visit.principal.siret
    mine = (t.positions.c.siret == siret if siret else false(), t.positions.c.closed.is_(False))
    query = select(t.positions).where(*mine).order_by(t.positions.c.position_id).limit(MOST)
    with visit.read() as connection:
        rows = connection.execute(query).all()
        count = int(connection.execute(select(func.count()).select_from(t.positions).where(*mine)).scalar_one())
    return [
        Block(
            "contractor",
            _("Vos postes ouverts"),
            count,
            tuple(_line(row) for row in rows),
            _("Aucun poste ouvert à votre SIRET. Le facilitateur de votre contrat les enregistre."),
            _("La fiche d'un poste montre les personnes que le facilitateur a retenues et validées."),
            (("/positions", _("Voir tous vos postes")),),
        )
    ]


def _line(row: Any) -> Line:
    facts = json.loads(row.body)
    note = _("{left} place(s) libre(s) sur {openings}").format(left=row.openings - row.filled, openings=row.openings)
    if facts.get("start_date"):
        note += " ; " + _("à partir du {day}").format(day=words.day(facts["start_date"]))
    return Line(
        address("positions", row.position_id, "company-sheet"), str(facts.get("title") or row.position_id), note
    )
