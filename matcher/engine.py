"""Tables made ready once; every question about a position or a pair is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from matcher.allocation import Ranked, best, tie_order
from matcher.blocking import Distances, Filter, Gate, block, own_limit
from matcher.clause import DecisionOptions, Decisions, RuleSet, rule_set
from matcher.eligibility import facts
from matcher.errors import UsageError
from matcher.features import FEATURES, Context, Levels, Pair, levels
from matcher.locale import _
from matcher.reference import communes, occupations
from matcher.reference.communes import Communes
from matcher.resolve.cells import Ints
from matcher.resolve.jobs import Job, encode_jobs
from matcher.resolve.people import People, encode_people
from matcher.scoring import Scorecard, load_scorecard

DEFAULT_TOP = 10


@dataclass(frozen=True)
class Options:
    """What one run was asked. `on` is the day decisions are taken; `top` the people listed where a position does not
    say; `max_per_candidate` the lists one person may be on (None: no limit); `complete` the columns whose lists lack
    nothing; `assume_no` the columns whose empty cells mean no."""

    on: date
    top: int = DEFAULT_TOP
    rules: str | None = None
    max_per_candidate: int | None = None
    complete: tuple[str, ...] = ()
    assume_no: tuple[str, ...] = ()
    require_proof: bool = False

    def checked(self) -> Options:
        """Itself. Raises UsageError for a number of people or lists below one, or an unknown column."""
        if self.top < 1:
            raise UsageError(_("--top doit être au moins 1."), _("Donner le nombre de personnes voulues par poste."))
        if self.max_per_candidate is not None and self.max_per_candidate < 1:
            raise UsageError(
                _("--max-per-candidate doit être au moins 1."),
                _("Enlever l'option pour ne pas limiter le nombre de listes par personne."),
            )
        odd = sorted(set(self.complete) - {"certificates", "skills"})
        if odd:
            raise UsageError(
                _("--complete : colonne « {column} » non prévue.").format(column=odd[0]),
                _("Choisir parmi certificates, skills."),
            )
        return self


@dataclass(frozen=True)
class Ranking:
    """One position's best people, the people each filter set aside, and the people known to live within reach."""

    best: Ranked
    excluded: Mapping[Filter, int]
    within_reach: int


class Engine:
    """Tables made ready once: every question about a pair, a position or a person is asked here."""

    def __init__(
        self, candidates: pd.DataFrame, positions: pd.DataFrame, options: Options, card: Scorecard | None = None
    ) -> None:
        self.options = options.checked()
        self.card = card or load_scorecard()
        self.candidates = candidates
        self.positions = _in_order(positions)
        self.communes: Communes = communes()
        reference = occupations()
        self.people: People = encode_people(candidates, self.communes, reference, options.complete)
        self.jobs, job_remarks = encode_jobs(self.positions, self.communes, reference)
        self.rule_sets: tuple[RuleSet, ...] = tuple(
            rule_set(row, options.rules) for row in self.positions.itertuples(index=False)
        )
        self.decisions = Decisions(
            facts(candidates),
            DecisionOptions(options.on, options.rules, options.assume_no, options.require_proof),
        )
        self.gate = _gate(candidates, options.on)
        self.distances = Distances(self.people, self.communes)
        self.context = Context(self.people, (skill for job in self.jobs for skill in job.skills), reference)
        self.ties = tie_order(self.people.available, candidates["candidate_id"])
        self.remarks = (*self.people.warnings, *job_remarks)

    @property
    def day(self) -> np.datetime64:
        return np.datetime64(self.options.on, "D")

    def asked(self, i: int) -> int:
        """How many people position i wants."""
        asked = self.positions["asked"].iloc[i]
        return self.options.top if pd.isna(asked) else int(asked)

    def pair(self, job: Job, rows: Ints) -> Pair:
        """One position beside some people."""
        return Pair(job, rows, self.distances.to(job.places)[rows], self.context)

    def levels(self, i: int, rows: Ints) -> Levels:
        """Level numbers [features, people] of some people for position i."""
        return levels(self.pair(self.jobs[i], rows))

    def rank(self, i: int, count: int) -> Ranking:
        """The `count` best people for position i, how many each filter set aside, how many live within reach."""
        job = self.jobs[i]
        if not job.places:
            nobody = np.zeros(0, np.int64)
            return Ranking(Ranked(nobody, nobody, np.zeros((len(FEATURES), 0), np.int8)), {}, 0)
        km = self.distances.to(job.places)
        within = int(np.count_nonzero(km <= own_limit(self.people)))
        blocked = block(self.people, self.gate, self.decisions.outcome(self.rule_sets[i]), job, km, self.day)
        numbers = levels(Pair(job, blocked.passed, km[blocked.passed], self.context))
        raw = self.card.raw(numbers)
        chosen = best(raw, self.ties[blocked.passed], count)
        kept = Ranked(blocked.passed[chosen], raw[chosen] - self.card.least, numbers[:, chosen])
        return Ranking(kept, blocked.counts, within)


def _in_order(positions: pd.DataFrame) -> pd.DataFrame:
    """Positions sorted by identifier as text, the order of every output."""
    order = np.argsort(positions["position_id"].to_numpy(dtype=object), kind="stable")
    return positions.iloc[order].reset_index(drop=True)


def _gate(candidates: pd.DataFrame, on: date) -> Gate:
    until = candidates["right_to_work_until"].to_numpy("datetime64[D]")
    return Gate(
        objects=candidates["objection"].to_numpy(bool, na_value=False),
        no_right_to_work=until < np.datetime64(on, "D"),
    )
