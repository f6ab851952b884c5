"""A list that the log says was shown is made again from the people and positions of that moment, and compared.

What was erased since cannot come back: the people who are left must then stand in their order, with their scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from matcher.errors import CheckFailed, UsageError
from matcher.locale import _
from service.chain.entry import GENESIS, Entry
from service.chain.past import Past
from service.chain.record import VERSIONS, Line, content_digest, lines_of, versions
from service.chain.verify import read_entry, wrong
from service.pool import Absent, Pool, Snapshot
from service.store import tables as t
from service.store.database import Store

REPLAYED = ("shortlist.see",)


@dataclass(frozen=True)
class Replay:
    """What came of it. `same`: nothing differs in what is still there; `gone`: people erased since, of those looked
    at and of those listed; `differ`: keys of VERSIONS that are no longer the same; `lost`: the position is gone."""

    seq: int
    same: bool
    listed: int
    gone: int
    gone_listed: int
    differ: tuple[str, ...]
    lost: bool = False

    def words(self) -> str:
        """The whole in a few sentences."""
        parts = [self._verdict()]
        if self.gone:
            parts.append(
                _("{count} personne(s) de ce moment ont été effacées depuis, dont {listed} sur la liste.").format(
                    count=self.gone, listed=self.gone_listed
                )
            )
        if self.differ:
            names = ", ".join(_(VERSIONS[key]) for key in self.differ)
            parts.append(_("Ne sont plus celles d'alors : {names}.").format(names=names))
        return " ".join(parts)

    def _verdict(self) -> str:
        if self.lost:
            return _("Entrée {seq} : le poste n'est plus gardé, la liste ne peut pas être refaite.").format(
                seq=self.seq
            )
        if not self.same:
            return _("Entrée {seq} : la liste refaite n'est pas celle qui a été montrée.").format(seq=self.seq)
        if self.gone:
            return _("Entrée {seq} : mêmes scores et même ordre pour les personnes qui restent.").format(seq=self.seq)
        return _("Entrée {seq} : la même liste, de {count} personne(s).").format(seq=self.seq, count=self.listed)


def replay(store: Store, seq: int) -> Replay:
    """Make the list of an entry again. Raises UsageError for an entry that is no list, CheckFailed for one that was
    changed, EnvironmentFault."""
    with store.read() as connection:
        entry = _entry(connection, seq)
        query = select(t.subjects.c.subject, t.subjects.c.log_name).where(t.subjects.c.log_name.is_not(None))
        names = {row.subject: row.log_name for row in connection.execute(query)}
    detail = entry.detail
    pool = Pool(Past(store, detail["data"]))
    now = pool.refresh(date.fromisoformat(detail["on"]))
    known = set(names.values())
    gone_listed = sum(name not in known for name in entry.subjects)
    used = versions(pool.card)
    differ = tuple(key for key in VERSIONS if used[key] != detail["versions"].get(key))
    gone = detail["people"] - len(now)
    try:
        lines = _again(now, detail["asked"], names)
    except Absent:
        return Replay(seq, False, len(entry.subjects), gone, gone_listed, differ, lost=True)
    same = _same(entry, lines, known) if gone else content_digest(lines) == detail["list"]
    return Replay(seq, same, len(entry.subjects), gone, gone_listed, differ)


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
            _("L'entrée {seq} ({action}) n'est pas une liste de personnes pour un poste.").format(
                seq=seq, action=entry.action
            ),
            _("Choisir une entrée shortlist.see."),
        )
    return entry


def _again(now: Snapshot, asked: Mapping[str, Any], names: Mapping[str, str]) -> list[Line]:
    found = now.shortlist(asked["position"], asked["top"], org_id=asked["people_of"])
    return lines_of(found.people, names)


def _same(entry: Entry, lines: Sequence[Line], known: set[str]) -> bool:
    """Those of the list who are still there stand first, in their order, with their scores."""
    pairs = zip(entry.subjects, entry.detail["scores"], strict=True)
    before = [(name, score) for name, score in pairs if name in known]
    return before == [(line[2], line[3]) for line in lines[: len(before)]]
