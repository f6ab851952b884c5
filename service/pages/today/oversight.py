"""What those who watch over the service look at: the log's last entry, keys that end soon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from matcher.locale import _
from matcher.report import formats
from service.access.principals import Role
from service.clock import written
from service.pages import words
from service.pages.page import Visit
from service.pages.today.block import MOST, SOON_DAYS, Block, Line
from service.store import tables as t


def blocks(visit: Visit) -> list[Block]:
    """The log, and for an administrator the keys of their organisation."""
    return [_log(visit), *([_keys(visit)] if visit.principal.has(Role.ADMIN) else [])]


def _log(visit: Visit) -> Block:
    with visit.read() as connection:
        last = connection.execute(select(t.log.c.seq, t.log.c.at).order_by(t.log.c.seq.desc()).limit(1)).first()
    text = _("Le journal est vide.")
    if last is not None:
        text = _("{entries} entrées ; la dernière le {day}.").format(
            entries=formats.whole(last.seq), day=words.day(last.at)
        )
    return Block(
        "log",
        _("Journal et bilan"),
        None,
        (),
        text,
        act=(("/log", _("Lire et vérifier le journal")), ("/indicators", _("Voir le bilan"))),
    )


def _keys(visit: Visit) -> Block:
    keys = t.api_keys.c
    mine = (
        keys.org_id == visit.principal.org_id,
        keys.revoked_at.is_(None),
        keys.expires_at >= written(visit.at),
        keys.expires_at <= written(visit.at + timedelta(days=SOON_DAYS)),
    )
    query = select(t.api_keys).where(*mine).order_by(keys.expires_at, keys.key_id).limit(MOST)
    with visit.read() as connection:
        rows = connection.execute(query).all()
        count = int(connection.execute(select(func.count()).select_from(t.api_keys).where(*mine)).scalar_one())
    return Block(
        "keys",
        _("Clés d'accès qui se terminent bientôt"),
        count,
        tuple(_key(row) for row in rows),
        _("Aucune clé de votre organisme ne se termine dans les {days} jours.").format(days=SOON_DAYS),
        _("La remplacer avant sa fin (clausematch access rotate) : l'ancienne marche encore un jour."),
    )


def _key(row: Any) -> Line:
    roles = ", ".join(words.role(name) for name in row.roles.split("|"))
    note = _("{roles} ; fin le {day}").format(roles=roles, day=words.day(row.expires_at))
    return Line("", row.label, note)
