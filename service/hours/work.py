"""Taking in monthly hours: one row for a contract, a person, an employer, a mode and a month."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from matcher.locale import _
from service.access.principals import Principal, Role
from service.facts import facts_of
from service.hours.limits import Key, Ledger, Limits, is_validated, month_of, outside
from service.hours.table import HOURS
from service.people.find import absent_person
from service.routing import Answer, Call
from service.store import tables as t
from service.store.crypto import KeyRing
from service.store.database import Change
from service.work import read_rows, usable

_AT_ONCE = 5000
LONGEST_NAME = 200


@dataclass(frozen=True)
class Worker:
    """A person whose hours are sent."""

    subject: str
    log_name: str
    validated: bool


@dataclass(frozen=True)
class Line:
    """One row of the request: what it says, then what it becomes."""

    row: int
    award_id: str | None
    key: Key | None = None
    hours: float = 0.0
    result: str = "error"
    column: str | None = None
    message: str | None = None

    def refused(self, column: str, message: str) -> Line:
        return replace(self, result="error", column=column, message=message)

    def shown(self) -> dict[str, Any]:
        names = ("row", "award_id", "result", "column", "message")
        return {name: getattr(self, name) for name in names}


def put(call: Call) -> Answer:
    """Take the hours in; a report per row. A dry run saves nothing."""
    found = read_rows(HOURS, call.body.hours, call.settings, call.today)
    usable(found)
    records = facts_of(HOURS, found.table)
    rows = list(zip(found.rows.tolist(), records, strict=True))
    with call.store.read() as connection:
        principal = replace(call.principal, roles=call.principal.roles & {Role.ADVISER, Role.FACILITATOR})
        workers = _workers(connection, call.store.keys, principal, {str(one.get("candidate_id")) for one in records})
        if call.query.dry_run:
            lines = _judged(connection, call, rows, workers)
    if not call.query.dry_run:
        with call.write() as change:
            lines = _judged(change.connection, call, rows, workers)
            _write(change, call, lines, workers)
    bad = [
        Line(int(row), None, column=column or None, message=text)
        for row, column, text in found.rejected[["row", "column", "message"]].itertuples(index=False)
    ]
    return Answer(_report(sorted([*lines, *bad], key=lambda line: line.row), found.warnings, call.query.dry_run))


def _workers(connection: Connection, keys: KeyRing, principal: Principal, names: set[str]) -> dict[str, Worker]:
    """Name as sent → the person: an adviser's own identifier first, else a reference."""
    people, subjects = t.people.c, t.subjects.c
    query = select(people.subject, people.candidate_id, people.reference, people.body, subjects.wrapped_key)
    query = query.join(t.subjects, subjects.subject == people.subject)
    found: dict[str, Worker] = {}
    wanted = sorted(name for name in names if name.isprintable())
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        for row in connection.execute(query.where(people.reference.in_(part))):
            found[row.reference] = _worker(keys, row)
        if principal.has(Role.ADVISER):
            own = query.where(people.org_id == principal.org_id, people.candidate_id.in_(part))
            found |= {row.candidate_id: _worker(keys, row) for row in connection.execute(own)}
    return found


def _worker(keys: KeyRing, row: Any) -> Worker:
    key = keys.unwrap(row.subject, row.wrapped_key)
    return Worker(row.subject, key.log_name, is_validated(key.open(row.body)))


def _judged(
    connection: Connection, call: Call, rows: Sequence[tuple[int, Mapping[str, Any]]], workers: Mapping[str, Worker]
) -> list[Line]:
    """Each row with what it becomes, in order: a row is judged after those before it."""
    awards = _awards(connection, call.principal.org_id)
    limits = Limits(call.settings.hours_per_month, call.settings.hours_months)
    subjects = {worker.subject for worker in workers.values()}
    alive = _alive(connection, subjects)
    ledger = Ledger(limits, _stored(connection, set(awards), subjects))
    seen: dict[Key, int] = {}
    lines = []
    for number, record in rows:
        line = _read(number, record, awards, workers, alive, call)
        lines.append(line if line.key is None else _counted(line, line.key, seen, ledger))
    return lines


def _counted(line: Line, key: Key, seen: dict[Key, int], ledger: Ledger) -> Line:
    """The row once entered in the ledger, or why its hours would not count."""
    if key in seen:
        text = _("mêmes contrat, personne, employeur, mode et mois qu'à la ligne {row} ; n'en garder qu'une")
        return line.refused("month", text.format(row=seen[key]))
    seen[key] = line.row
    refusal = ledger.refusal(key, line.hours)
    return line.refused(*refusal) if refusal else replace(line, result=ledger.put(key, line.hours))


def _read(
    number: int,
    record: Mapping[str, Any],
    awards: Mapping[str, str | None],
    workers: Mapping[str, Worker],
    alive: set[str],
    call: Call,
) -> Line:
    """What a row says, or why it cannot be taken."""
    award = str(record["award_id"])
    line = Line(number, award[:LONGEST_NAME])
    if award not in awards:
        return line.refused("award_id", _("aucun de vos contrats ne porte cet identifiant ; le vérifier"))
    worker = workers.get(str(record["candidate_id"]))
    if worker is None or worker.subject not in alive:
        return line.refused("candidate_id", absent_person().detail)
    employer = str(record["employer"]).strip()
    if not employer.isprintable() or len(employer) > LONGEST_NAME:
        return line.refused(
            "employer", _("nom trop long, ou avec des caractères invisibles ; le raccourcir ou donner le SIRET")
        )
    month = month_of(str(record["month"]))
    if month is None:
        return line.refused("month", _("mois illisible ; l'écrire AAAA-MM"))
    why = outside(month, awards[award], call.today)
    if why is not None:
        return line.refused("month", why)
    hours = float(record["hours"])
    if not worker.validated and hours > 0:
        return line.refused(
            "candidate_id",
            _(
                "éligibilité non validée : ces heures ne comptent pas ; noter validated_on et validated_by sur la "
                "fiche de la personne, puis renvoyer"
            ),
        )
    return replace(
        line,
        key=(award, worker.subject, employer, str(record["mode"]), month),
        hours=hours if math.isfinite(hours) else 0.0,
    )


def _awards(connection: Connection, org_id: str) -> dict[str, str | None]:
    """The organisation's contracts and the day each was notified."""
    query = select(t.awards.c.award_id, t.awards.c.notified_on).filter_by(org_id=org_id)
    return {row.award_id: row.notified_on for row in connection.execute(query)}


def _alive(connection: Connection, subjects: Iterable[str]) -> set[str]:
    """Those of the subjects who have not been erased since."""
    wanted, found = sorted(subjects), set()
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(t.people.c.subject).where(
            t.people.c.subject.in_(wanted[start : start + _AT_ONCE]), t.people.c.body.is_not(None)
        )
        found |= set(connection.execute(query).scalars())
    return found


def _stored(connection: Connection, awards: set[str], subjects: Iterable[str]) -> dict[Key, float]:
    """The hours of these people on these contracts."""
    h = t.hours.c
    wanted, found = sorted(subjects), {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = h.subject.in_(wanted[start : start + _AT_ONCE])
        query = select(h.award_id, h.subject, h.employer, h.mode, h.month, h.hours).where(part)
        for row in connection.execute(query):
            if row.award_id in awards:
                found[row.award_id, row.subject, row.employer, row.mode, row.month] = row.hours
    return found


_COLUMNS = ("award_id", "subject", "employer", "mode", "month")


def _write(change: Change, call: Call, lines: Sequence[Line], workers: Mapping[str, Worker]) -> None:
    """Store what changes, and log it: one entry per contract."""
    names = {worker.subject: worker.log_name for worker in workers.values()}
    touched: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.key is None or line.result not in ("created", "updated"):
            continue
        where = dict(zip(_COLUMNS, line.key, strict=True))
        change.connection.execute(delete(t.hours).filter_by(**where))
        if line.hours > 0:
            change.connection.execute(insert(t.hours).values(**where, hours=line.hours, changed=change.seq))
        touched[line.key[0]].add(line.key[1])
        counts[line.key[0]] += 1
    for award, subjects in sorted(touched.items()):
        today = call.today.isoformat()
        for subject in sorted(subjects):
            change.connection.execute(update(t.people).filter_by(subject=subject).values(last_action_on=today))
        change.log("hours.put", f"award:{award}", sorted(names[one] for one in subjects), {"rows": counts[award]})


def _report(lines: Sequence[Line], warnings: Sequence[str], dry_run: bool) -> dict[str, Any]:
    count = Counter(line.result for line in lines)
    return {
        "created": count["created"],
        "updated": count["updated"],
        "unchanged": count["unchanged"],
        "rejected": count["error"],
        "dry_run": dry_run,
        "report": [line.shown() for line in lines],
        "warnings": list(warnings),
    }
