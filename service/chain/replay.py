"""A list that the log says was shown is made again from the people and positions of that moment, and compared.

What was erased since cannot come back: the people who are left must then stand in their order, with their scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from matcher.errors import CheckFailed, UsageError
from matcher.locale import _
from service.chain.entry import GENESIS, Entry
from service.chain.past import Past, log_names
from service.chain.record import Line, content_digest, differing, lines_of, still_first
from service.chain.rerun import rerun
from service.chain.told import Replay
from service.chain.verify import read_entry, wrong
from service.models import MatchRequest
from service.pool import Absent, Pool, Snapshot
from service.settings import Settings
from service.store import tables as t
from service.store.database import Store

REPLAYED = ("shortlist.see", "positions.see", "match.run")


def replay(store: Store, seq: int, settings: Settings, request: MatchRequest | None = None) -> Replay:
    """Make the list of an entry again; `request` is what `match.run` was asked. Raises UsageError for an entry that
    is no list, CheckFailed for one that was changed, EnvironmentFault."""
    with store.read() as connection:
        entry = _entry(connection, seq)
        names = log_names(connection)
    if entry.action == "match.run":
        return rerun(store, settings, entry, _asked(entry, request))
    detail = entry.detail
    pool = Pool(Past(store, detail["data"]))
    now = pool.refresh(date.fromisoformat(detail["on"]))
    known = set(names.values())
    gone_listed = sum(name not in known for name in entry.subjects)
    differ = differing(pool.card, detail["versions"])
    gone = detail["people"] - len(now)
    alone = entry.action == "positions.see"
    try:
        lines = _of_person(now, entry, names) if alone else _again(now, detail["asked"], names)
    except Absent:
        return Replay(seq, False, detail.get("listed", len(entry.subjects)), gone, gone_listed, differ, lost=True)
    if alone:
        return Replay(seq, content_digest(lines) == detail["list"], len(lines), 0, 0, differ)
    if gone:
        same = still_first(list(zip(entry.subjects, detail["scores"], strict=True)), lines, known)
    else:
        same = content_digest(lines) == detail["list"]
    return Replay(seq, same, len(entry.subjects), gone, gone_listed, differ)


def _asked(entry: Entry, request: MatchRequest | None) -> MatchRequest:
    """The request of a run. Raises UsageError without one."""
    if request is None:
        raise UsageError(
            _("L'entrée {seq} est un rapprochement dont la demande n'est pas gardée ici.").format(seq=entry.seq),
            _("Donner la demande gardée par qui l'a faite : --inputs FICHIER."),
        )
    return request


def _entry(connection: Connection, seq: int) -> Entry:
    rows = connection.execute(select(t.log).where(t.log.c.seq.in_([seq - 1, seq])).order_by(t.log.c.seq)).all()
    found = next((row for row in rows if row.seq == seq), None)
    if found is None:
        raise UsageError(
            _("Le journal n'a pas d'entrée {seq}.").format(seq=seq),
            _("Les voir : GET /api/v1/audit?action=shortlist.see."),
        )
    entry = read_entry(found)
    before = next((row.digest for row in rows if row.seq == seq - 1), GENESIS)
    if entry is None or wrong(before, found):
        raise CheckFailed(
            _("L'entrée {seq} du journal a été modifiée : elle ne dit plus ce qui a été fait.").format(seq=seq),
            _("Relire tout le journal : clausematch audit verify."),
        )
    if entry.action not in REPLAYED or "list" not in entry.detail:
        raise UsageError(
            _("L'entrée {seq} ({action}) n'est pas une liste qui puisse être refaite.").format(
                seq=seq, action=entry.action
            ),
            _("Choisir une entrée {actions}.").format(actions=", ".join(REPLAYED)),
        )
    return entry


def _again(now: Snapshot, asked: Mapping[str, Any], names: Mapping[str, str]) -> list[Line]:
    found = now.shortlist(asked["position"], asked["top"], org_id=asked["people_of"])
    return lines_of(found.people, names)


def _of_person(now: Snapshot, entry: Entry, names: Mapping[str, str]) -> list[Line]:
    """The positions for a person. Raises Absent for somebody who was erased."""
    subject = next((one for one, name in names.items() if name == entry.subjects[0]), None)
    if subject is None:
        raise Absent("person")
    found = now.positions_for(subject, entry.detail["asked"]["top"])
    return lines_of(found.positions, names)
