"""The positions of the pool, made ready one by one as they change, and what they demand."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from matcher.clause import Decisions, RuleSet
from matcher.engine import Posts
from matcher.facets import FACETS
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import Job
from matcher.schema import POSITIONS
from matcher.usable_rules import unusable_rules
from matcher.vocabulary import Outcome
from service.pool.source import PositionsChanged

NOTHING = Posts(pd.DataFrame({name: pd.Series(dtype="str") for name in POSITIONS.names}), (), (), ())


@dataclass(frozen=True)
class Demands:
    """For one facet: the number of each position's demand; for each demand, what the facet reads of a position and
    a position that makes it."""

    of_position: Ints
    keys: tuple[Hashable, ...]
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Openings:
    """Every position of the pool in the order of identifiers, and which of them look for people.

    `unusable` has the positions whose rules cannot be applied, with the reason; they are in no table.
    """

    posts: Posts
    looking: Bools
    keys: tuple[tuple[Hashable, ...], ...]
    unusable: Mapping[str, str]

    @classmethod
    def none(cls) -> Openings:
        """No position at all."""
        return cls(NOTHING, np.zeros(0, bool), (), {})

    def changed(self, change: PositionsChanged, rules: str | None) -> Openings:
        """With the positions of a change in the place of those of the same identifiers."""
        table = change.table[list(POSITIONS.names)].reset_index(drop=True)
        if not len(table):
            return self
        ids = [str(name) for name in table["position_id"]]
        states = zip(change.openings, change.filled, change.closed, strict=True)
        looking = dict(
            zip(ids, (not closed and filled < openings for openings, filled, closed in states), strict=True)
        )
        wrong = unusable_rules(table, rules, files=False)
        new = Posts.of(table.drop(index=list(wrong)).reset_index(drop=True), rules)
        unusable = {name: why for name, why in self.unusable.items() if name not in looking}
        unusable |= {ids[row]: message for row, (_column, message) in wrong.items()}
        kept = [place for place, job in enumerate(self.posts.jobs) if job.position_id not in looking]
        old = self.posts.only(kept)
        keys = [*(self.keys[place] for place in kept), *map(_keys, new.jobs)]
        states_now = [*self.looking[kept].tolist(), *(looking[job.position_id] for job in new.jobs)]
        posts, order = _joined(old, new)
        return Openings(
            posts, np.array(states_now, bool)[order], tuple(keys[place] for place in order.tolist()), unusable
        )

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each position stands."""
        return {job.position_id: place for place, job in enumerate(self.posts.jobs)}

    @cached_property
    def demands(self) -> tuple[Demands, ...]:
        """What positions demand, facet by facet, each distinct demand once."""
        found = []
        for facet in range(len(FACETS)):
            numbers: dict[Hashable, int] = {}
            jobs: list[Job] = []
            of_position = np.empty(len(self.keys), np.int64)
            for place, keys in enumerate(self.keys):
                number = numbers.setdefault(keys[facet], len(jobs))
                if number == len(jobs):
                    jobs.append(self.posts.jobs[place])
                of_position[place] = number
            found.append(Demands(of_position, tuple(numbers), tuple(jobs)))
        return tuple(found)

    @cached_property
    def rules(self) -> tuple[tuple[RuleSet, ...], Ints]:
        """The distinct rule sets, and the number of each position's."""
        numbers: dict[RuleSet, int] = {}
        of_position = [numbers.setdefault(rules, len(numbers)) for rules in self.posts.rule_sets]
        return tuple(numbers), np.array(of_position, np.int64)

    def open_to(self, decisions: Decisions, row: int) -> Bools:
        """The positions that look for people, and whose rules do not set aside the person of `row`."""
        distinct, of_position = self.rules
        good = np.array([decisions.outcome_of(rules, row) is not Outcome.NOT_ELIGIBLE for rules in distinct], bool)
        found: Bools = self.placed & good[of_position]
        return found

    @cached_property
    def placed(self) -> Bools:
        """Positions whose place is known, and that look for people."""
        placed: Bools = self.looking & np.array([bool(job.places) for job in self.posts.jobs], bool)
        return placed


def _keys(job: Job) -> tuple[Hashable, ...]:
    return tuple(facet.job(job) for facet in FACETS)


def _joined(old: Posts, new: Posts) -> tuple[Posts, Ints]:
    """Both in the order of identifiers, and that order over the positions of the first then of the second."""
    jobs: Sequence[Job] = (*old.jobs, *new.jobs)
    rule_sets = (*old.rule_sets, *new.rule_sets)
    ids = np.array([job.position_id for job in jobs], object)
    order = np.argsort(ids, kind="stable")
    parts = [part.table for part in (old, new) if len(part.jobs)] or [new.table]
    table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    table = table.take(order).reset_index(drop=True)
    places = order.tolist()
    return Posts(table, tuple(jobs[i] for i in places), tuple(rule_sets[i] for i in places), ()), order
