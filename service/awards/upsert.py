"""Notices received from a facilitator: converted as the command does, then stored with the positions they open.

Only the notices that the selection takes are stored. A notice sent again replaces its row when it says something
else; the positions that it opened before stay as they are, since a facilitator may have edited them: only those that
are missing are created.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from matcher.awards import Conversion, ConversionOptions, awards_of, convert
from matcher.awards.selection import DEFAULT_SOCIAL
from matcher.locale import _
from matcher.schema import POSITIONS
from matcher.tables import json_records
from service.awards.models import AwardsBody
from service.facts import facts_of
from service.merging import can_name
from service.positions.upsert import columns_of, openings_of, stored_rows, unseen_text
from service.problems import Problem
from service.settings import Settings
from service.store import tables as t
from service.store.database import Change
from service.taken import taken_text
from service.work import too_many_rows

_AT_ONCE = 5000
_IN_ONE_ENTRY = 1000
_PASSING = ("reason", "positions", "file", "row", "warnings")  # what depends on the day or on the file


def converted(body: AwardsBody, settings: Settings, today: date) -> Conversion:
    """The notices of a request, converted. Raises Problem, ClausematchError."""
    if (body.awards is None) == (body.marches is None):
        raise Problem("usage", _("Donner « awards » ou « marches », l'un des deux."))
    document = body.awards if body.awards is not None else {"marches": body.marches}
    found = awards_of(document, "awards", today=today)
    if found.read > settings.max_rows:
        raise too_many_rows("awards", settings)
    if not len(found.table):
        raise Problem(
            "nothing_usable",
            _("{file} : aucune ligne utilisable ({count} rejetée(s)). Voir les motifs dans rejected.").format(
                file="awards", count=len(found.rejected)
            ),
            rejected=json_records(found.rejected),
        )
    options = ConversionOptions(
        on=today,
        social="|".join(body.social or ()) or DEFAULT_SOCIAL,
        place=body.place or None,
        weekly_hours=35.0 if body.weekly_hours is None else body.weekly_hours,
        months=3.0 if body.months is None else body.months,
        asked=body.asked,
    )
    return convert(found, options)


@dataclass
class Plan:
    """What the notices change, and a line of report for each."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    positions: list[dict[str, Any]] = field(default_factory=list)
    report: list[dict[str, Any]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """True when nothing changes."""
        return not (self.created or self.updated or self.positions)

    def answer(self, made: Conversion, *, dry_run: bool) -> dict[str, Any]:
        """The counts and the report."""
        results = [line["result"] for line in self.report]
        return {
            **{name: results.count(name) for name in ("created", "updated", "unchanged", "not_selected")},
            "rejected": results.count("error"),
            "positions": len(self.positions),
            "dry_run": dry_run,
            "report": self.report,
            "warnings": list(made.warnings),
        }


def plan(connection: Connection, org_id: str, made: Conversion) -> Plan:
    """What the notices change for this organisation."""
    rows = json_records(made.shown_awards())
    opened = _opened(made)
    stored = _stored(connection, [row["award_id"] for row in rows if can_name(row["award_id"])])
    known = {
        row.position_id: row
        for row in stored_rows(connection, [name for award, one in opened.items() if can_name(award) for name in one])
    }
    found = Plan()
    for row in rows:
        before = stored.get(row["award_id"])
        problem = _problem(
            row, before, org_id, [known[name] for name in opened.get(row["award_id"], {}) if name in known]
        )
        if row["selected"] != "yes" or problem:
            column, text = problem or (None, row["reason"])
            found.report.append(_line(row, "error" if problem else "not_selected", 0, column, text))
            continue
        new = [one for name, one in opened.get(row["award_id"], {}).items() if name not in known]
        found.positions.extend({**one, "org_id": org_id} for one in new)
        result = _place(found, row, before, org_id)
        found.report.append(_line(row, result, len(new), None, row["reason"]))
    for row_number, name, column, text in _rejected(made):
        line = {"row": row_number, "award_id": name, "hours": None}
        found.report.append(_line(line, "error", 0, column, text))
    found.report.sort(key=lambda line: int(line["row"]))
    return found


def _opened(made: Conversion) -> dict[str, dict[str, dict[str, Any]]]:
    """Award → its positions as the store has them, by name."""
    table = made.shown_positions()
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for facts, openings in zip(facts_of(POSITIONS, table), openings_of(table), strict=True):
        found.setdefault(facts["award_id"], {})[facts["position_id"]] = columns_of(facts, openings)
    return found


def _stored(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(t.awards).where(t.awards.c.award_id.in_(ids[start : start + _AT_ONCE]))
        found.update((row.award_id, row) for row in connection.execute(query))
    return found


def _problem(
    row: Mapping[str, Any], before: Row[Any] | None, org_id: str, positions: Sequence[Row[Any]]
) -> tuple[str, str] | None:
    if row["selected"] != "yes":
        return None
    for column in ("award_id", "buyer_siret"):
        if not can_name(row[column] or ""):
            return column, unseen_text()
    if any(one is not None and one.org_id != org_id for one in (before, *positions)):
        return "award_id", taken_text()
    return None


def _place(found: Plan, row: Mapping[str, Any], before: Row[Any] | None, org_id: str) -> str:
    """Put a notice among those created or updated; what it is."""
    columns = {
        "award_id": row["award_id"],
        "org_id": org_id,
        "body": json.dumps(dict(row), ensure_ascii=False, separators=(",", ":")),
        "buyer_siret": row["buyer_siret"],
        "hours_due": row["hours"],
        "notified_on": row["notified_on"],
        "ends_on": row["contract_end"],
    }
    if before is None:
        found.created.append(columns)
        return "created"
    if _lasting(json.loads(before.body)) == _lasting(row):
        return "unchanged"
    found.updated.append(columns)
    return "updated"


def _lasting(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _PASSING}


def _line(
    row: Mapping[str, Any], result: str, positions: int, column: str | None, text: str | None
) -> dict[str, Any]:
    return {
        "row": row["row"],
        "award_id": row["award_id"],
        "result": result,
        "hours": row["hours"],
        "positions": positions,
        "column": column,
        "message": text,
    }


def _rejected(made: Conversion) -> list[tuple[int, str | None, str | None, str]]:
    lines = made.rejected[["row", "column", "message"]].itertuples(index=False)
    return [(int(row), None, column or None, text) for row, column, text in lines]


def write(change: Change, made: Plan) -> None:
    """The rows and the log of a plan, inside a transaction."""
    more = {"version": 1, "changed": change.seq}
    if made.created:
        change.connection.execute(insert(t.awards), [{**row, **more} for row in made.created])
        _log(change, "awards.create", "awards", [row["award_id"] for row in made.created], pool=False)
    if made.updated:
        names = ("body", "buyer_siret", "hours_due", "notified_on", "ends_on")
        change.connection.execute(
            update(t.awards)
            .where(t.awards.c.award_id == bindparam("name"))
            .values({name: bindparam(name) for name in names})
            .values(version=t.awards.c.version + 1, changed=change.seq),
            [{"name": row["award_id"], **{name: row[name] for name in names}} for row in made.updated],
        )
        _log(change, "awards.update", "awards", [row["award_id"] for row in made.updated], pool=False)
    if made.positions:
        rows = [{**row, **more, "filled": 0, "closed": False} for row in made.positions]
        change.connection.execute(insert(t.positions), rows)
        _log(change, "positions.create", "positions", [row["position_id"] for row in rows], pool=True)


def _log(change: Change, action: str, about: str, names: Sequence[str], *, pool: bool) -> None:
    for start in range(0, len(names), _IN_ONE_ENTRY):
        change.log(action, about, detail={about: list(names[start : start + _IN_ONE_ENTRY])}, pool=pool)
