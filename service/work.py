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
from matcher.pipeline import run
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
    people = _read(CANDIDATES, request.candidates, settings, today)
    _usable(people)
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
    """`shortlists`, `exclusions`, `unfilled`, `rejected`, `warnings`. Raises Problem, ClausematchError."""
    if request.candidates is None:
        raise Problem(
            "usage",
            _("« candidates » est absent, et ce service ne garde encore personne. Donner les personnes ici."),
            [{"pointer": "/candidates", "detail": _("champ obligatoire absent.")}],
        )
    options = Options(
        on=request.on or today,
        top=DEFAULT_TOP if request.top is None else request.top,
        rules=None if request.rules is None else _known_pack(request.rules),
        max_per_candidate=request.max_per_candidate,
        complete=request.complete or (),
        assume_no=request.assume_no or (),
    ).checked()
    people = _read(CANDIDATES, request.candidates, settings, today)
    jobs = with_usable_rules(_read(POSITIONS, request.positions, settings, today), options.rules, files=False)
    _usable(people, jobs)
    _check_size(len(people.table), jobs.table, options, settings)
    found = run(Engine(people.table, jobs.table, options))
    return {
        "shortlists": rows(found.shortlists),
        "exclusions": json_records(found.exclusions),
        "unfilled": json_records(found.unfilled),
        "rejected": [*json_records(people.rejected), *json_records(jobs.rejected)],
        "warnings": [*people.warnings, *jobs.warnings, *found.remarks],
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


def _read(spec: TableSpec, records: list[Any], settings: Settings, today: date) -> Import:
    """The rows of a request, as those of a file named like its field."""
    if len(records) > settings.max_rows:
        raise Problem(
            "too_large",
            _("{file} : plus de {limit} lignes. Envoyer en plusieurs fois, ou utiliser la commande.").format(
                file=spec.name, limit=settings.max_rows
            ),
        )
    raw = from_records(records, spec.name, first_row=1)
    if not raw.headers:
        bad = [(raw.file, error.row, error.column, error.value, error.message) for error in raw.bad]
        raise Problem(
            "nothing_usable",
            _("« {file} » ne contient aucune fiche.").format(file=spec.name),
            rejected=json_records(rejected_table(bad)),
        )
    return from_raw(spec, raw, today=today)


def _usable(*tables: Import) -> None:
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


def _check_size(people: int, jobs: pd.DataFrame, options: Options, settings: Settings) -> None:
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
