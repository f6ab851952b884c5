"""Tables made ready once; every question about a position or a pair is asked here."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from matcher.allocation import Floor, Ranked, best, recipients, tie_order
from matcher.blocking import CHECKS, Distances, Filter, Gate, gates
from matcher.clause import DecisionOptions, Decisions, RuleSet, rule_set
from matcher.eligibility import check_assume_no, facts
from matcher.errors import UsageError
from matcher.facets import FACETS, Look, OneByOne, Points, View, classes
from matcher.features import FEATURES, Context, Levels
from matcher.locale import _
from matcher.reference import communes, occupations
from matcher.reference.communes import Communes
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import Job, encode_jobs
from matcher.resolve.people import People, encode_people, with_no
from matcher.scoring import Scorecard, load_scorecard

DEFAULT_TOP = 10
MOST_THREADS, THREADS_FROM = 4, 150_000  # people under whom look-ups are too short to be shared between threads
AHEAD, WORTH_CUTTING = 4, 8  # times the people wanted: those tried for a bar, and from how many on it is worth it
POSITIONS_AT_HAND, RULE_SETS_AT_HAND = 8, 16


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
        check_assume_no(self.assume_no)
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


@dataclass(frozen=True)
class Posts:
    """Positions made ready: their table in the order of outputs, what each demands, and the rules it calls for."""

    whole: pd.DataFrame
    jobs: tuple[Job, ...]
    rule_sets: tuple[RuleSet, ...]
    remarks: tuple[str, ...]
    which: tuple[int, ...] | None = None  # the lines of `whole`, where they are not all

    @cached_property
    def table(self) -> pd.DataFrame:
        """One line per position, in order."""
        return self.whole if self.which is None else self.whole.iloc[list(self.which)].reset_index(drop=True)

    @classmethod
    def of(cls, positions: pd.DataFrame, rules: str | None) -> Posts:
        """A canonical table of positions; `rules` are those of direct ones that name none."""
        table = _in_order(positions)
        jobs, remarks = encode_jobs(table, communes(), occupations())
        return cls(table, jobs, tuple(rule_set(row, rules) for row in table.itertuples(index=False)), remarks)

    def only(self, which: Sequence[int]) -> Posts:
        """Some of them, in the order given; their table is made when it is asked for."""
        lines = tuple(which) if self.which is None else tuple(self.which[i] for i in which)
        jobs, rule_sets = tuple(self.jobs[i] for i in which), tuple(self.rule_sets[i] for i in which)
        return Posts(self.whole, jobs, rule_sets, (), lines)


class Engine:
    """Tables made ready once: every question about a pair, a position or a person is asked here."""

    pool_elsewhere: int = 0  # people who could have been listed and are not in this table: see `partitions`

    def __init__(
        self,
        candidates: pd.DataFrame,
        positions: pd.DataFrame | Posts,
        options: Options,
        card: Scorecard | None = None,
        people: People | None = None,
    ) -> None:
        """`people` are the candidates already encoded, with the same options, where that was kept."""
        self.options = options.checked()
        self.card = card or load_scorecard()
        self.candidates = candidates
        self.communes: Communes = communes()
        reference = occupations()
        self.people = (
            people
            if people is not None
            else encode_people(with_no(candidates, options.assume_no), self.communes, reference, options.complete)
        )
        self._ask(positions)
        self.decisions = Decisions(
            facts(candidates),
            DecisionOptions(options.on, options.rules, options.assume_no, options.require_proof),
        )
        self.gate = _gate(candidates, options.on)
        self.distances = Distances(self.people, self.communes)
        self.context = Context(self.people, self._skills(), reference)
        grouped = cache(lambda columns: classes(columns(self.people)))  # some facets read the same columns
        self.views = tuple(
            View(facet, grouped(facet.person), self.context, self.distances, self.card, self.day) for facet in FACETS
        )
        by_filter = {name: place for place, view in enumerate(self.views) for name in view.facet.filters}
        self._filters = tuple((name, by_filter[name]) for name in CHECKS)
        self._places = np.argsort([place for view in self.views for place in view.places])
        self._absent = np.zeros(len(self.people), bool)
        self._entrance = lru_cache(maxsize=RULE_SETS_AT_HAND)(self._enter)
        self.ties = tie_order(self.people.available, candidates["candidate_id"])

    def _ask(self, positions: pd.DataFrame | Posts) -> None:
        """Make the positions ready."""
        self.posts = positions if isinstance(positions, Posts) else Posts.of(positions, self.options.rules)
        self.jobs, self.rule_sets = self.posts.jobs, self.posts.rule_sets
        self._answers = lru_cache(maxsize=POSITIONS_AT_HAND)(self._answer)

    @property
    def positions(self) -> pd.DataFrame:
        """The table of the positions, in the order of outputs."""
        return self.posts.table

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was not understood of people and positions, in words."""
        return (*self.people.warnings, *self.posts.remarks)

    def _skills(self) -> Iterator[str]:
        return (skill for job in self.jobs for skill in job.skills)

    def asking(self, positions: pd.DataFrame | Posts) -> Engine:
        """The same people before other positions; what was worked out of people, and for a demand, is shared."""
        other = copy.copy(self)
        other._ask(positions)
        return other

    def without(self, absent: Bools) -> Engine:
        """The same tables without some people (one boolean each), who are neither ranked nor counted any more."""
        other = copy.copy(self)
        other._absent = absent
        other._entrance = lru_cache(maxsize=RULE_SETS_AT_HAND)(other._enter)
        return other

    @property
    def absent(self) -> Bools:
        """True for the people who are not to be counted."""
        return self._absent

    @property
    def day(self) -> np.datetime64:
        return np.datetime64(self.options.on, "D")

    def asked(self, i: int) -> int:
        """How many people position i wants."""
        asked = self.jobs[i].asked
        return self.options.top if asked is None else asked

    def levels(self, i: int, rows: Ints) -> Levels:
        """Level numbers [features, people] of some people for position i."""
        levels: Levels = np.concatenate([answer.levels_of(rows) for answer in self._answers(i)])
        return levels.take(self._places, axis=0)

    def passing(self, i: int) -> Passing:
        """Who passes every hard filter of position i, and how many each filter sets aside."""
        rows, counts = self._entrance(self.rule_sets[i])
        answers, excluded = self._answers(i), dict(counts)
        for name, place in self._filters:
            lacks = answers[place].lacks.get(name)
            if lacks is not None:
                kept = rows.compress(~lacks.take(self.views[place].classes.take(rows)))
                rows, excluded[name] = kept, len(rows) - len(kept)
        return Passing(rows, excluded)

    def best(self, i: int, rows: Ints, count: int) -> tuple[Ints, Ints]:
        """The `count` best of `rows` for position i and their raw scores, best first.

        Facets are added in the order of what they can change. What those ahead after the first come to in the end is
        a bar: people whom what is left cannot lift to it are dropped on the way.
        """
        answers = sorted(self._answers(i), key=lambda answer: -answer.spread)
        total = np.full(len(rows), self.card.base + sum(answer.least for answer in answers), np.int32)
        telling = [answer for answer in answers if answer.spread]
        left, bar = sum(answer.spread for answer in telling), None
        for place, answer in enumerate(telling, 1):
            total += answer.above_of(rows)
            left -= answer.spread
            if place == 1 and len(rows) > WORTH_CUTTING * count:
                bar = _bar(telling[1:], rows, total, count)
            if bar is not None:
                kept = np.flatnonzero(total >= bar - left)
                rows, total = rows.take(kept), total.take(kept)
        raw = total.astype(np.int64)
        chosen = best(raw, self.ties[rows], count)
        return rows[chosen], raw[chosen]

    def within_reach(self, i: int) -> int:
        """How many people are known to live within their own distance of position i."""
        near = self.distances.to(self.jobs[i].places) <= self.people.reach_km
        return int(np.count_nonzero(near & ~self._absent))

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
        threads = min(os.cpu_count() or 1, MOST_THREADS) if len(self.people) >= THREADS_FROM else 1
        with ThreadPoolExecutor(threads) as pool:
            asked = range(len(self.jobs)) if which is None else which
            yield from pool.map(self.rank, asked, counts, repeat(among))

    def recipients(self) -> Bools:
        """Who counts for a floor."""
        return recipients(self.candidates)

    def _answer(self, i: int) -> tuple[Look | OneByOne, ...]:
        """What position i asks of each facet."""
        return tuple(view.answer(self.jobs[i]) for view in self.views)

    def _enter(self, rules: RuleSet) -> tuple[Ints, Mapping[Filter, int]]:
        """Who is left under a set of rules before anything that a position asks, and how many each filter sets
        aside."""
        out, counts = self._absent.copy(), {}
        for name, verdict in gates(self.gate, self.decisions.outcome(rules)).items():
            counts[name] = int(np.count_nonzero(verdict & ~out))
            out |= verdict
        return np.flatnonzero(~out), counts


def _bar(left: Sequence[Look | OneByOne], rows: Ints, total: Points, count: int) -> int:
    """A score that `count` people reach: that of the last one among those ahead, with what is left added."""
    wanted, most = AHEAD * count, int(total.max())
    at_least = np.cumsum(np.bincount(most - total))  # people by points behind the first: many have the same
    last = most - int(np.searchsorted(at_least, wanted))
    ahead = np.concatenate([np.flatnonzero(total > last), np.flatnonzero(total == last)])[:wanted]
    whole = total.take(ahead)
    for answer in left:
        whole += answer.above_of(rows.take(ahead))
    return nth_largest(whole, count)


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
