"""What the stateless endpoints compute: rows in, the pipeline's own functions, JSON objects out."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from matcher.eligibility import DECISION_COLUMNS, describe, evaluate, facts
from matcher.engine import DEFAULT_TOP, Engine, Options
from matcher.errors import UsageError
from matcher.locale import _
from matcher.pipeline import Match, run
from matcher.reference import communes, occupations
from matcher.rules import PACK_IDS, load_rules, rules_for_mode
from matcher.schema import CANDIDATES, POSITIONS, TableSpec
from matcher.scoring import load_scorecard
from matcher.tables import Import, json_records, rejected_table
from matcher.tables.formats import from_records
from matcher.tables.reading import from_raw
from matcher.usable_rules import with_usable_rules
from service.models import EligibilityRequest, MatchRequest
from service.problems import Problem
from service.settings import Settings

LISTS = ("categories", "possible", "missing")
BLANKS = ("position_id", "at_start")  # an empty text there means there is none


def warm_up() -> None:
    """Load what every request reads, so that the first one is as fast as the next. Raises EnvironmentFault."""
    communes()
    occupations()
    load_scorecard()
    for pack in PACK_IDS:
        load_rules(pack)


def eligibility(request: EligibilityRequest, settings: Settings, today: date) -> dict[str, Any]:
    """`decisions`, `rejected`, `warnings`. Raises Problem, ClausematchError. `today` stands where `on` is not given
    and refuses later birth dates."""
    usual = rules_for_mode(request.mode)
    pack = load_rules(_known_pack(request.rules or usual))
    people = read_rows(CANDIDATES, request.candidates, settings, today)
    usable(people)
    evaluation = evaluate(
        facts(people.table),
        pack,
        on=request.on or today,
        mode=request.mode,
        assume_no=request.assume_no or (),
        require_proof=bool(request.require_proof),
    )
    decisions = describe(evaluation).assign(position_id="", at_start="")[list(DECISION_COLUMNS)]
    return {
        "decisions": rows(decisions),
        "rejected": json_records(people.rejected),
        "warnings": [*people.warnings, *evaluation.warnings],
    }


def match(request: MatchRequest, settings: Settings, today: date) -> dict[str, Any]:
    """`shortlists`, `exclusions`, `unfilled`, `rejected`, `warnings`, for the people of the request. Raises Problem,
    ClausematchError."""
    options = match_options(request, today)
    people = read_rows(CANDIDATES, request.candidates or [], settings, today)
    jobs = match_jobs(request, options, settings, today)
    usable(people, jobs)
    check_size(len(people.table), jobs.table, options, settings)
    return match_answer(run(Engine(people.table, jobs.table, options)), people, jobs)


def match_options(request: MatchRequest, today: date) -> Options:
    """What a request asks of a run. Raises UsageError."""
    return Options(
        on=request.on or today,
        top=DEFAULT_TOP if request.top is None else request.top,
        rules=None if request.rules is None else _known_pack(request.rules),
        max_per_candidate=request.max_per_candidate,
        complete=request.complete or (),
        assume_no=request.assume_no or (),
    ).checked()


def match_jobs(request: MatchRequest, options: Options, settings: Settings, today: date) -> Import:
    """The positions of a request. Raises Problem, ClausematchError."""
    return with_usable_rules(read_rows(POSITIONS, request.positions, settings, today), options.rules, files=False)


def match_answer(found: Match, *tables: Import) -> dict[str, Any]:
    """What a run answers; `tables` are those read from the request."""
    return {
        "shortlists": rows(found.shortlists),
        "exclusions": json_records(found.exclusions),
        "unfilled": json_records(found.unfilled),
        "rejected": [row for table in tables for row in json_records(table.rejected)],
        "warnings": [*(text for table in tables for text in table.warnings), *found.remarks],
    }


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON objects: lists as lists, unknown and absent as null."""
    table = json_records(frame)
    lists = [name for name in LISTS if name in frame]
    blanks = [name for name in BLANKS if name in frame]
    for row in table:
        for name in lists:
            row[name] = row[name].split("|") if row[name] else []
        for name in blanks:
            row[name] = row[name] or None
    return table


def _known_pack(name: str) -> str:
    """`name`, one of the packs that come with the software: a request never makes the server open a file."""
    if name not in PACK_IDS:
        raise UsageError(
            _("Le jeu de règles « {id} » est inconnu.").format(id=name[:80]),
            _("Choisir parmi {ids}.").format(ids=", ".join(PACK_IDS)),
        )
    return name


def read_rows(spec: TableSpec, records: list[Any], settings: Settings, today: date) -> Import:
    """The rows of a request, as those of a file named like its field."""
    if len(records) > settings.max_rows:
        raise too_many_rows(spec.name, settings)
    raw = from_records(records, spec.name, first_row=1)
    if not raw.headers:
        bad = [(raw.file, error.row, error.column, error.value, error.message) for error in raw.bad]
        raise Problem(
            "nothing_usable",
            _("« {file} » ne contient aucune fiche.").format(file=spec.name),
            rejected=json_records(rejected_table(bad)),
        )
    return from_raw(spec, raw, today=today)


def too_many_rows(name: str, settings: Settings) -> Problem:
    """A table longer than the settings allow."""
    return Problem(
        "too_large",
        _("{file} : plus de {limit} lignes. Envoyer en plusieurs fois, ou utiliser la commande.").format(
            file=name, limit=settings.max_rows
        ),
    )


def usable(*tables: Import) -> None:
    """Raise Problem when one has no usable row, with the rows set aside of all."""
    for table in tables:
        if not len(table.table):
            raise Problem(
                "nothing_usable",
                _("{file} : aucune ligne utilisable ({count} rejetée(s)). Voir les motifs dans rejected.").format(
                    file=table.file, count=len(table.rejected)
                ),
                rejected=[row for one in tables for row in json_records(one.rejected)],
            )


def check_size(people: int, jobs: pd.DataFrame, options: Options, settings: Settings) -> None:
    """Raise Problem for more pairs or lines than one request may ask for."""
    asked = jobs["asked"].fillna(options.top).to_numpy(np.float64)
    listed = float(np.minimum(asked, people).sum())
    if people * len(jobs) > settings.max_pairs or listed > settings.max_listed:
        raise Problem(
            "too_large",
            _(
                "{people} personnes × {positions} postes : trop pour une demande. Envoyer en plusieurs fois, "
                "demander des listes plus courtes, ou utiliser la commande."
            ).format(people=people, positions=len(jobs)),
        )
