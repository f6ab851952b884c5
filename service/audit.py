"""The log for those who check it: what was done and seen, by which key, about what; never who a person is.

People stand in it under their log names, which mean nothing without the keys of the store. Reading it is logged too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, Select, select

from service.access.principals import Role
from service.chain.entry import GENESIS
from service.chain.verify import read_entry, verify
from service.clock import HERE, written
from service.models import Day, _Row
from service.paging import PageQuery, page
from service.routing import Answer, Call, Route
from service.store import tables as t

READERS = frozenset({Role.AUDITOR, Role.ADMIN})
_DAY = timedelta(days=1)


class AuditQuery(PageQuery):
    """Ce que l'on cherche dans le journal."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    action: str | None = Field(None, description="Une action : shortlist.see, people.update…")
    actor: str | None = Field(None, description="Une clé, un membre, une commande : key:…")
    object: str | None = Field(None, description="Ce dont il s'agit : position:P1, award:…")
    organisation: str | None = Field(None, description="L'organisme de la clé.")
    since: Annotated[Day | None, Field(alias="from", description="Premier jour.")] = None
    until: Annotated[Day | None, Field(alias="to", description="Dernier jour, compris.")] = None


class LogEntry(_Row):
    """Une entrée du journal. `subjects` nomme les personnes par des noms que seul le service sait relier."""

    seq: int
    at: str
    actor: str
    organisation: str | None
    action: str
    object: str
    subjects: list[str]
    detail: dict[str, Any]
    digest: str


class LogPage(_Row):
    """Une page du journal, la dernière entrée d'abord ; `next` est à redonner en `cursor`."""

    entries: list[LogEntry]
    next: str | None


class LogFault(_Row):
    """Ce qui ne va pas, et à quelle entrée."""

    seq: int
    kind: str
    message: str


class LogVerdict(_Row):
    """Le journal entier, relu depuis sa première entrée."""

    whole: bool = Field(description="Vrai quand rien n'a été modifié, retiré, ajouté ni déplacé.")
    entries: int
    digest: str = Field(description="L'empreinte de la dernière entrée, à garder ailleurs.")
    expected_at: int | None = Field(description="L'entrée qui porte l'empreinte attendue (`expect`).")
    faults: list[LogFault]
    more: int = Field(description="Défauts de plus, non montrés.")


class VerifyQuery(BaseModel):
    """Comment relire le journal."""

    model_config = ConfigDict(extra="forbid")

    expect: str | None = Field(
        None, pattern=f"^[0-9a-f]{{{len(GENESIS)}}}$", description="Une empreinte gardée ailleurs."
    )


def listing(call: Call) -> Answer:
    """A page of the log; that it was read is logged, once for the page."""
    with call.store.read() as connection:
        found = page(connection, _query(call.query), [t.log.c.seq], call, "audit", descending=True)
    shown = [entry_shown(row) for row in found.rows]
    with call.write() as change:
        seen = {"from": shown[-1]["seq"], "to": shown[0]["seq"]} if shown else {}
        change.log("audit.see", "log", detail={"entries": len(shown), **seen})
    return Answer({"entries": shown, "next": found.next})


def _query(asked: AuditQuery) -> Select[Any]:
    query, log = select(t.log), t.log.c
    wanted = ((log.action, asked.action), (log.actor, asked.actor), (log.object, asked.object))
    for column, value in (*wanted, (log.org_id, asked.organisation)):
        if value is not None:
            query = query.where(column == value)
    if asked.since is not None:
        query = query.where(log.at >= _start(asked.since))
    if asked.until is not None:
        query = query.where(log.at < _start(min(asked.until, date.max - _DAY) + _DAY))
    return query


def _start(day: date) -> str:
    """The first instant of a calendar day here."""
    try:
        return written(datetime.combine(day, time.min, HERE))
    except (OverflowError, OSError, ValueError):  # the first or last days of the calendar
        return written(datetime.combine(day, time.min, UTC))


def entry_shown(row: Row[Any]) -> dict[str, Any]:
    """One entry as it is answered; one that was changed into something else has no subjects and no detail."""
    entry = read_entry(row)
    return {
        "seq": row.seq,
        "at": row.at,
        "actor": row.actor,
        "organisation": row.org_id,
        "action": row.action,
        "object": row.object,
        "subjects": entry.subjects if entry else [],
        "detail": entry.detail if entry else {},
        "digest": row.digest,
    }


def check(call: Call) -> Answer:
    """Walk the whole log."""
    with call.store.read() as connection:
        found = verify(connection, call.query.expect)
    with call.write() as change:
        change.log("audit.verify", "log", detail={"entries": found.entries, "whole": found.whole})
    faults = [{"seq": fault.seq, "kind": fault.kind, "message": str(fault)} for fault in found.faults]
    return Answer(
        {
            "whole": found.whole,
            "entries": found.entries,
            "digest": found.digest,
            "expected_at": found.expected_at,
            "faults": faults,
            "more": found.more,
        }
    )


ROUTES = (
    Route(
        "GET",
        "/audit",
        "list_audit",
        "Lire le journal",
        "Qui a fait ou vu quoi, et quand, la dernière entrée d'abord. Les personnes n'y ont pas de nom. Lire le "
        "journal est écrit au journal.",
        listing,
        READERS,
        query=AuditQuery,
        answer=LogPage,
        statuses=(422,),
    ),
    Route(
        "GET",
        "/audit/verify",
        "verify_audit",
        "Vérifier que le journal est entier",
        "Relit tout le journal : une entrée modifiée, retirée, ajoutée ou déplacée est trouvée, et sa place dite. "
        "`expect` est l'empreinte d'une entrée, gardée ailleurs : sans elle, qui tient la base peut tout réécrire.",
        check,
        READERS,
        query=VerifyQuery,
        answer=LogVerdict,
        heavy=True,
        statuses=(422,),
    ),
)
