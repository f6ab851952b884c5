"""The sheet for an employer: `matcher.company_sheet`, its whitelist, and who may ask for whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, select

from matcher.company_sheet import Sheet, reference
from matcher.locale import _
from matcher.tables import json_records, write_table
from service.access.principals import Role
from service.lists.access import absent_position, check_usable, log_names
from service.people.find import is_own
from service.people.resource import in_role
from service.pool import Absent
from service.positions.resource import find as find_position
from service.problems import Problem
from service.proposals.moves import LIVE, SEATED, Stage
from service.routing import Answer, Call
from service.store import tables as t

CHOSEN = SEATED | {Stage.SHORTLISTED, Stage.INTERVIEWED}  # those whom the facilitator has kept for the employer
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_NAMES = 200


def company_sheet(call: Call) -> Answer:
    """The sheet of people proposed for a position, written down before it leaves."""
    position_id = call.path["position_id"]
    caller = in_role(call, Role.FACILITATOR, Role.CONTRACTOR)
    with call.store.read() as connection:
        position = find_position(connection, caller, position_id)
        facilitator = caller.has(Role.FACILITATOR) and position.org_id == caller.org_id
        names = _names(connection, call, position_id, facilitator=facilitator)
    now = call.pool.refresh(call.today)
    check_usable(now, position_id)
    subjects = _wanted(call, names)
    try:
        sheet = now.company_sheet(position_id, [one for one in subjects if now.knows(one)])
    except Absent:
        raise absent_position() from None
    content = {
        "position_id": position_id,
        "people": json_records(sheet.table),
        "references": _named(sheet.references, subjects, "reference") if facilitator else [],
        "refused": _named(sheet.refused, subjects, "rule") if facilitator else [],
    }
    with call.write() as change:
        logged = log_names(change.connection, sheet.references)
        shown = [logged[subject] for subject in sheet.references if subject in logged]
        change.log("sheet.see", f"position:{position_id}", shown, {"format": call.query.format})
    return Answer(content) if call.query.format == "json" else _file(sheet, call.query.format)


def _names(connection: Connection, call: Call, position_id: str, *, facilitator: bool) -> dict[str, str]:
    """The caller's name for each person who may be on the sheet → subject: those proposed for this position, for an
    employer those whom its facilitator has kept, by their pseudonym on the sheet."""
    stages = [str(stage) for stage in (LIVE if facilitator else CHOSEN)]
    p, people = t.proposals.c, t.people.c
    query = (
        select(p.subject, people.org_id, people.candidate_id, people.reference)
        .join(t.people, people.subject == p.subject)
        .where(p.position_id == position_id, p.stage.in_(stages), people.reference.is_not(None))
        .order_by(p.proposal_id)
    )
    names: dict[str, str] = {}
    for row in connection.execute(query):
        if not facilitator:
            names[reference(position_id, row.subject)] = row.subject
        elif is_own(call.principal, row.org_id):
            names[row.candidate_id] = row.subject
        else:
            names[row.reference] = row.subject
    return names


def _wanted(call: Call, names: Mapping[str, str]) -> dict[str, str]:
    """Subject → the caller's name for each person asked for; everybody when the caller names nobody."""
    if call.query.candidates is None:
        asked = list(names)[:MOST_NAMES]
    else:
        asked = list(dict.fromkeys(part.strip() for part in call.query.candidates.split("|") if part.strip()))
    if any(name not in names for name in asked):
        raise Problem(
            "absent",
            _("candidates : une de ces personnes n'est pas proposée pour ce poste, ou pas encore retenue. Vérifier."),
        )
    return {names[name]: name for name in asked}


def _named(values: Mapping[str, str], subjects: Mapping[str, str], key: str) -> list[dict[str, str]]:
    return [{"candidate_id": subjects[subject], key: value} for subject, value in values.items()]


def _file(sheet: Sheet, kind: str) -> Answer:
    """The sheet as `clausematch company-sheet` writes it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"fiche.{kind}"
        write_table(sheet.table, path)
        content: Any = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="fiche-entreprise.{kind}"'}
    return Answer(content, media_type=MEDIA[kind], headers=headers)
