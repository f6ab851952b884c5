"""A run of matching that the log says was done, done again with the request that whoever asked has kept.

The positions, and for some runs the people, were in the request and are not stored. The entry tells whether the file
given is that request; the people of the store are those of that moment.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from matcher.engine import Engine
from matcher.errors import UnreadableFile, UsageError
from matcher.locale import _
from matcher.pipeline import run
from matcher.schema import POSITIONS
from matcher.scoring import load_scorecard
from service import work
from service.bodies import parse_json, validate
from service.chain.entry import Entry
from service.chain.past import Past, log_names
from service.chain.record import Line, content_digest, differing, still_first, table_lines
from service.chain.told import Replay
from service.facts import facts_of
from service.lists.given import REQUEST, list_digest, request_digest
from service.models import MatchRequest
from service.pool import Pool
from service.problems import Problem
from service.settings import Settings
from service.store.database import Store


def request_of(path: Path) -> MatchRequest:
    """The body of a request from a file. Raises UnreadableFile."""
    try:
        return validate(MatchRequest, parse_json(path.read_bytes()))
    except (OSError, Problem):
        raise UnreadableFile(
            _("{file} n'est pas le corps d'une demande POST /match.").format(file=path.name),
            _("Donner le JSON tel qu'il a été envoyé."),
        ) from None


def rerun(store: Store, settings: Settings, entry: Entry, request: MatchRequest) -> Replay:
    """Do the run of an entry again. Raises UsageError for a file that is not its request, EnvironmentFault."""
    try:
        if entry.object == REQUEST:
            return _of_request(settings, entry, request)
        return _of_store(store, settings, entry, request)
    except Problem as problem:
        raise UsageError(problem.detail, _("Le refaire avec les réglages d'alors.")) from None


def _of_request(settings: Settings, entry: Entry, request: MatchRequest) -> Replay:
    detail, secret = entry.detail, settings.secret_bytes
    if request_digest(request, secret) != detail["request"]:
        raise _other_request(entry)
    found = work.match(request, settings, date.fromisoformat(detail["on"]))["shortlists"]
    differ = differing(load_scorecard(), detail["versions"])
    return Replay(entry.seq, list_digest(found, secret) == detail["list"], len(found), 0, 0, differ)


def _of_store(store: Store, settings: Settings, entry: Entry, request: MatchRequest) -> Replay:
    detail = entry.detail
    on, asked = date.fromisoformat(detail["on"]), detail["asked"]
    options = work.match_options(request, on)
    jobs = work.match_jobs(request, options, settings, on)
    given = json.loads(json.dumps({**asdict(options), "on": options.on.isoformat()}))
    if given != asked["options"] or content_digest(facts_of(POSITIONS, jobs.table)) != asked["positions"]:
        raise _other_request(entry)
    pool = Pool(Past(store, detail["data"]))
    tables = pool.refresh(on).tables(asked["people_of"])
    with store.read() as connection:
        names = log_names(connection)
    of = {
        str(name): names.get(one, "")
        for name, one in zip(tables.people["candidate_id"], tables.subjects, strict=True)
    }
    rows = work.match_answer(run(Engine(tables.people, jobs.table, options, pool.card)), jobs)["shortlists"]
    lines = table_lines(rows, of)
    gone = detail["people"] - len(tables.people)
    gone_listed = len(set(entry.subjects) - set(names.values()))
    differ = differing(pool.card, detail["versions"])
    if not gone:
        same = content_digest(lines) == detail["list"]
        return Replay(entry.seq, same, len(lines), 0, gone_listed, differ)
    if options.max_per_candidate is not None or "lines" not in detail:
        return Replay(entry.seq, False, len(lines), gone, gone_listed, differ, untold=True)
    same = _still(detail["lines"], lines, set(names.values()))
    return Replay(entry.seq, same, len(lines), gone, gone_listed, differ)


def _still(before: Sequence[Sequence[Any]], now: Sequence[Line], known: set[str]) -> bool:
    """Those of each list who are still there stand first on it."""
    return all(
        still_first(
            [(one[1], one[2]) for one in before if one[0] == position],
            [line for line in now if line[0] == position],
            known,
        )
        for position in {line[0] for line in before}
    )


def _other_request(entry: Entry) -> UsageError:
    return UsageError(
        _("Ce fichier n'est pas la demande de l'entrée {seq} : son empreinte est une autre.").format(seq=entry.seq),
        _("Donner le corps de la demande tel qu'il a été envoyé, et le CLAUSEMATCH_SECRET d'alors."),
    )
