"""`POST /match` without people: those of the store, by the same walk as the command's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from matcher.engine import Engine
from matcher.pipeline import run
from matcher.schema import POSITIONS
from service import work
from service.access.principals import Role
from service.access.visibility import open_categories, open_count, open_missing, open_words
from service.chain.record import content_digest, run_detail, table_lines
from service.facts import facts_of
from service.lists.access import log_names, references
from service.pool import Tables, parted
from service.routing import Answer, Call

MOST_LINES = 2000  # lines whose place and score the log keeps, to compare those who are left after an erasure


def match(call: Call) -> Answer:
    """Lists for each position of the body: of the caller's own people, or of everybody by reference for a facilitator
    or an administrator; written down before they leave."""
    everybody = call.principal.has(Role.FACILITATOR, Role.ADMIN)
    options = work.match_options(call.body, call.today)
    jobs = work.match_jobs(call.body, options, call.settings, call.today)
    work.usable(jobs)
    now = call.pool.refresh(call.today)
    tables = now.tables(None if everybody else call.principal.org_id)
    work.check_size(len(tables.people), jobs.table, options, call.settings)
    content = work.match_answer(run(Engine(tables.people, jobs.table, options, call.pool.card)), jobs)
    subjects = _subjects(content["shortlists"], tables)
    asked = {
        "people_of": None if everybody else call.principal.org_id,
        "options": {**asdict(options), "on": options.on.isoformat()},
        "positions": content_digest(facts_of(POSITIONS, jobs.table)),
    }
    with call.write() as change:
        names = log_names(change.connection, set(subjects.values()))
        detail = run_detail(now.head, options.on.isoformat(), len(tables.people), call.pool.card, asked)
        lines = [row for row in content["shortlists"] if subjects[row["candidate_id"]] in names]
        told = table_lines(lines, {one: names.get(subjects[one], "") for one in subjects})
        detail["list"] = content_digest(told)
        if len(told) <= MOST_LINES:
            detail["lines"] = [[line[0], line[2], line[3]] for line in told]
        change.log("match.run", "pool", list(dict.fromkeys(names.values())), detail)
        shown_as = references(change.connection, names)
    content["shortlists"] = [_shown(call, row, shown_as, subjects) for row in lines]
    if everybody:
        content["exclusions"] = [row for row in content["exclusions"] if open_count(row["people"]) is not None]
    return Answer(content)


def _subjects(rows: list[dict[str, Any]], tables: Tables) -> dict[str, str]:
    """Identifier of the table → subject, for those listed."""
    listed = {row["candidate_id"] for row in rows}
    pairs = zip(tables.people["candidate_id"], tables.subjects, strict=True)
    return {str(name): subject for name, subject in pairs if name in listed}


def _shown(
    call: Call, row: dict[str, Any], shown_as: Mapping[str, str], subjects: Mapping[str, str]
) -> dict[str, Any]:
    """A line as the caller may read it."""
    candidate_id, org_id = parted(row["candidate_id"])
    if call.principal.has(Role.ADVISER) and org_id == call.principal.org_id:
        return {**row, "candidate_id": candidate_id}
    return {
        **row,
        "candidate_id": shown_as[subjects[row["candidate_id"]]],
        "categories": open_categories(row["categories"]),
        "missing": open_missing(row["missing"]),
        "strengths": open_words(row["strengths"]),
        "concerns": open_words(row["concerns"]),
    }
