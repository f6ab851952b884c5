"""Tables made ready once; every question about a position or a pair is asked here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from matcher.allocation import Floor, Ranked, best, recipients, tie_order
from matcher.blocking import CHECKS, Distances, Filter, Gate, gates
from matcher.clause import DecisionOptions, Decisions, RuleSet, rule_set
from matcher.eligibility import facts
from matcher.errors import UsageError
from matcher.facets import FACETS, View, classes
from matcher.features import FEATURES, Context, Levels
from matcher.locale import _
from matcher.reference import communes, occupations
from matcher.reference.communes import Communes
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import encode_jobs
from matcher.resolve.people import People, encode_people
from matcher.scoring import Scorecard, load_scorecard

DEFAULT_TOP = 10
MOST_THREADS = 4
CUT_FROM, WORTH_CUTTING = 2, 8  # facets added, and times the people wanted, before dropping some is worth its cost


@dataclass(frozen=True)
class Options:
    """What one run was asked. `on` is the day decisions are taken; `top` the people listed where a position does not
    say; `max_per_candidate` the lists one person may be on (None: no limit); `complete` the columns whose lists lack
    nothing; `assume_no` the columns whose empty cells mean no; `floor` the places kept for a group, as `rsa:0.3`."""

    on: date
    top: int = DEFAULT_TOP
    rules: str | None = None
    max_per_candidate: int | None = None
    complete: tuple[str, ...] = ()
    assume_no: tuple[str, ...] = ()
    require_proof: bool = False
    floor: str | None = None

    def checked(self) -> Options:
        """Itself. Raises UsageError for a number of people or lists below one, an unknown column or floor."""
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
        if self.floor is not None:
            Floor.read(self.floor)
        return self


@dataclass(frozen=True)
class Passing:
    """Who passes the hard filters (sorted rows), and how many each filter sets aside, counted under the first."""

    rows: Ints
    excluded: Mapping[Filter, int]


@dataclass(frozen=True)
class Ranking:
    """One position's best people, and the people each filter set aside."""

    best: Ranked
    excluded: Mapping[Filter, int]


class Engine:
    """Tables made ready once: every question about a pair, a position or a person is asked here."""

    pool_elsewhere: int = 0  # people who could have been listed and are not in this table: see `partitions`

    def __init__(
        self,
        candidates: pd.DataFrame,
        positions: pd.DataFrame,
        options: Options,
        card: Scorecard | None = None,
        people: People | None = None,
    ) -> None:
        """`people` are the candidates already encoded, with the same options, where that was kept."""
        self.options = options.checked()
        self.card = card or load_scorecard()
        self.candidates = candidates
        self.positions = _in_order(positions)
        self.communes: Communes = communes()
        reference = occupations()
        self.people = (
            people if people is not None else encode_people(candidates, self.communes, reference, options.complete)
        )
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
        grouped = cache(lambda columns: classes(columns(self.people)))  # some facets read the same columns
        self.views = tuple(
            View(facet, grouped(facet.person), self.context, self.distances, self.card, self.day) for facet in FACETS
        )
        by_filter = {name: view for view in self.views for name in view.facet.filters}
        self._filters = tuple((name, by_filter[name]) for name in CHECKS)
        self._entrance = lru_cache(maxsize=None)(self._enter)
        self.ties = tie_order(self.people.available, candidates["candidate_id"])
        self.remarks = (*self.people.warnings, *job_remarks)

    @property
    def day(self) -> np.datetime64:
        return np.datetime64(self.options.on, "D")

    def asked(self, i: int) -> int:
        """How many people position i wants."""
        asked = self.positions["asked"].iloc[i]
        return self.options.top if pd.isna(asked) else int(asked)

    def levels(self, i: int, rows: Ints) -> Levels:
        """Level numbers [features, people] of some people for position i."""
        numbers = np.empty((len(FEATURES), len(rows)), np.int8)
        for view in self.views:
            numbers[view.places] = view.levels_of(self.jobs[i], rows)
        return numbers

    def passing(self, i: int) -> Passing:
        """Who passes every hard filter of position i, and how many each filter sets aside."""
        job = self.jobs[i]
        out, counts = self._entrance(self.rule_sets[i])
        looks = ((name, view, view.look(job).lacks.get(name)) for name, view in self._filters)
        verdicts = ((name, lacks[view.classes]) for name, view, lacks in looks if lacks is not None)
        out, more = _set_aside(out, verdicts)
        return Passing(np.flatnonzero(~out), {**counts, **more})

    def best(self, i: int, rows: Ints, count: int) -> tuple[Ints, Ints]:
        """The `count` best of `rows` for position i and their raw scores, best first.

        Facets are added in the order of what they can change. People whom what is left cannot lift to the place
        of the last one kept are dropped on the way: the list is the same, with less to add up.
        """
        job = self.jobs[i]
        spans = sorted(((view, *view.span(job)) for view in self.views), key=lambda seen: -seen[2])
        left = sum(spread for _view, _least, spread in spans)
        total = np.full(len(rows), self.card.base + sum(least for _view, least, _spread in spans), np.int32)
        for place, (view, _least, spread) in enumerate(spans):
            if not spread:
                break
            total += view.above(job, rows)
            left -= spread
            if place >= CUT_FROM and len(rows) > WORTH_CUTTING * count:
                kept = np.flatnonzero(total >= nth_largest(total, count) - left)
                if 2 * len(kept) < len(rows):
                    rows, total = rows.take(kept), total.take(kept)
        raw = total.astype(np.int64)
        chosen = best(raw, self.ties[rows], count)
        return rows[chosen], raw[chosen]

    def within_reach(self, i: int) -> int:
        """How many people are known to live within their own distance of position i."""
        return int(np.count_nonzero(self.distances.to(self.jobs[i].places) <= self.people.reach_km))

    def rank(self, i: int, count: int, among: Bools | None = None) -> Ranking:
        """The `count` best people for position i (of those `among`, one boolean per person), and how many each filter
        set aside."""
        if not self.jobs[i].places:
            nobody = np.zeros(0, np.int64)
            return Ranking(Ranked(nobody, nobody, np.zeros((len(FEATURES), 0), np.int8)), {})
        passing = self.passing(i)
        open_to = passing.rows if among is None else passing.rows[among[passing.rows]]
        rows, raw = self.best(i, open_to, count)
        return Ranking(Ranked(rows, raw - self.card.least, self.levels(i, rows)), passing.excluded)

    def rankings(
        self, counts: Sequence[int], which: Sequence[int] | None = None, among: Bools | None = None
    ) -> Iterator[Ranking]:
        """`rank` of every position (or those of `which`) in order, a count for each, several positions at a time."""
        # numpy leaves the interpreter's lock in the long look-ups; each position is a question of its own.
        with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as pool:
            asked = range(len(self.jobs)) if which is None else which
            yield from pool.map(self.rank, asked, counts, repeat(among))

    def recipients(self) -> Bools:
        """Who counts for a floor."""
        return recipients(self.candidates)

    def _enter(self, rules: RuleSet) -> tuple[Bools, Mapping[Filter, int]]:
        """Who is set aside under a set of rules before anything that a position asks, and how many by each filter."""
        verdicts = gates(self.gate, self.decisions.outcome(rules))
        return _set_aside(np.zeros(len(self.people), bool), verdicts.items())


def _set_aside(out: Bools, verdicts: Iterable[tuple[Filter, Bools]]) -> tuple[Bools, dict[Filter, int]]:
    """Those already `out` and those whom the filters set aside, each counted under the first one that does."""
    out, counts = out.copy(), {}
    before = int(np.count_nonzero(out))
    for name, verdict in verdicts:
        out |= verdict
        after = int(np.count_nonzero(out))
        before, counts[name] = after, after - before
    return out, counts


def nth_largest(values: np.ndarray[Any, Any], n: int) -> int:
    """The n-th largest of more than n values."""
    return int(np.partition(values, len(values) - n)[len(values) - n])


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
