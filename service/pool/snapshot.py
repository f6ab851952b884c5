"""The pool at one moment of one day: what every question is asked of. Nothing in it changes; threads may share it.

Everybody known when the tables were last made whole is in `base`; whoever changed since is absent there and stands in
`recent`. A pair's score depends on that pair alone, so the best of both together are those of one engine over all.
The tables of `recent` are made at every change: no position is made ready with them, only those asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.clause import RuleSet
from matcher.company_sheet import Sheet, company_sheet
from matcher.eligibility.facts import Facts
from matcher.engine import Engine, Options, Posts, Ranking
from matcher.explain import Explanation, Standing, explained
from matcher.features import FEATURES
from matcher.resolve.cells import Ints
from matcher.shortlist import shortage
from service.pool.answers import Absent, Listed, Shortlist, Suitable, Tables
from service.pool.crowd import Crowd, Names, Rows, parted
from service.pool.doors import Door, doors
from service.pool.make_up import MakeUp, make_up
from service.pool.offers import suited
from service.pool.openings import Openings
from service.pool.wording import Pairs, worded

Key = tuple[int, bool, int, str]


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot:
    """The pool with every change up to `head`, decided on one day."""

    head: int
    options: Options
    base: Crowd
    recent: Crowd
    openings: Openings

    @property
    def on(self) -> date:
        """The day of every decision here."""
        return self.options.on

    @property
    def unusable(self) -> Mapping[str, str]:
        """Positions whose rules cannot be applied, and why: they are absent for every question."""
        return self.openings.unusable

    def __len__(self) -> int:
        return len(self.base) + len(self.recent)

    def knows(self, subject: str) -> bool:
        """Whether somebody is here, objecting or not."""
        return any(crowd.find(subject) is not None for crowd in self.crowds)

    def knows_position(self, position_id: str) -> bool:
        """Whether a position is here, open or not."""
        return position_id in self.openings.places

    # --- questions -----------------------------------------------------------------------------------------------
    def shortlist(self, position_id: str, top: int | None = None, org_id: str | None = None) -> Shortlist:
        """The best people for a position: `top` of them, or as many as it asks for; those of one organisation only
        where given, as if there were no others. Raises Absent."""
        crowds = self._before(position_id)
        if org_id is not None:
            crowds = (crowds[0].only(org_id), crowds[1].only(org_id))
        asked = crowds[0].engine.asked(0) if top is None else top
        rankings = [crowd.engine.rank(0, asked) for crowd in crowds]
        chosen = _best(crowds, rankings, asked)
        people = _words(crowds, rankings, chosen)
        return Shortlist(position_id, asked, people, _excluded(rankings), _reason(crowds, len(people), asked))

    def line(self, subject: str, position_id: str) -> Listed | None:
        """Somebody's line for a position, listed or not: `rank` among all who pass the filters, 0 for whom one sets
        aside. None for whom objects, who is never scored. Raises Absent."""
        crowd, row = self._person(subject)
        if crowd.engine.gate.objects[row]:
            self._post(position_id)
            return None
        rank, _score = self.rank_of(subject, position_id)
        engine = crowd.engine.asking(self._post(position_id))
        rows = np.array([row])
        levels = engine.levels(0, rows)
        pair = Pairs(np.zeros(1, np.int64), rows, levels, engine.card.raw(levels), np.array([rank or 0]))
        return next(worded(crowd.rows, engine, pair))

    def exclusions(self, position_id: str) -> Mapping[str, int]:
        """How many people each filter sets aside for a position, each counted under the first one. Raises Absent."""
        return _excluded([crowd.engine.rank(0, 1) for crowd in self._before(position_id)])

    def positions_for(self, subject: str, top: int = 10) -> Suitable:
        """The best open positions for somebody. Raises Absent.

        Whoever objects to matching is offered nothing, and `aside` says so: it is their choice, not a lack.
        """
        crowd, row = self._person(subject)
        engine = crowd.engine
        if engine.gate.objects[row]:
            return Suitable(subject, "objection", ())
        if engine.gate.no_right_to_work[row]:
            return Suitable(subject, "right_to_work", ())
        found = suited(crowd, row, self.base, self.openings)
        chosen, raw = found.positions[:top].tolist(), found.raw[:top]
        if not chosen:
            return Suitable(subject, None, ())
        few = engine.asking(self.openings.posts.only(chosen))
        levels = np.concatenate([few.levels(i, np.array([row])) for i in range(len(chosen))], axis=1)
        numbers = np.arange(len(chosen))
        return Suitable(
            subject,
            None,
            tuple(worded(crowd.rows, few, Pairs(numbers, np.full(len(chosen), row), levels, raw, numbers + 1))),
        )

    def beginning(self, org_id: str, start: str) -> list[str]:
        """The identifiers, in order, of the people of one organisation whose identifier, last or first name begins
        so."""
        found: list[str] = []
        for crowd in self.crowds:
            good = crowd.rows.of_organisation(org_id) & ~crowd.absent & crowd.rows.beginning(start)
            found += (parted(str(name))[0] for name in crowd.rows.table["candidate_id"].iloc[np.flatnonzero(good)])
        return sorted(found)

    def facts(self, subject: str) -> Facts:
        """What somebody says, objecting or not, as rule packs read it. Raises Absent."""
        crowd, row = self._person(subject)
        return crowd.engine.decisions.facts_of(row)

    def outcomes(self, subjects: Sequence[str], rules: RuleSet) -> Mapping[str, str]:
        """Subject → what a set of rules says of each today; who is not here has none."""
        found = ((subject, crowd, crowd.find(subject)) for subject in subjects for crowd in self.crowds)
        return {
            subject: crowd.engine.decisions.outcome_of(rules, row).code
            for subject, crowd, row in found
            if row is not None
        }

    def levels(self, subject: str, position_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Position → the level of each feature for somebody, of those positions that are here; of none for whom
        objects to matching. Raises Absent."""
        crowd, row = self._person(subject)
        places = self.openings.places
        known = [name for name in position_ids if name in places and not crowd.engine.gate.objects[row]]
        engine = crowd.engine.asking(self.openings.posts.only([places[name] for name in known]))
        numbers = [engine.levels(i, np.array([row]))[:, 0].tolist() for i in range(len(known))]
        return {
            name: {feature: FEATURES[feature].levels[number] for feature, number in zip(FEATURES, line, strict=True)}
            for name, line in zip(known, numbers, strict=True)
        }

    def doors(self, subject: str) -> tuple[Door, ...]:
        """The single steps that would open more positions to somebody, the one that opens most first. Raises
        Absent."""
        crowd, row = self._person(subject)
        return doors(crowd, row, self.openings)

    def rank_of(self, subject: str, position_id: str) -> tuple[int | None, float | None]:
        """Somebody's rank among all who pass the filters of a position, 1 for the best, and their score from 0 to
        100. No rank for whom a filter sets aside, neither for whom objects. Raises Absent."""
        mine, row = self._person(subject)
        crowds = self._before(position_id)
        place = next(i for i, crowd in enumerate(self.crowds) if crowd is mine)
        engine = crowds[place].engine
        if engine.gate.objects[row]:
            return None, None
        raw = engine.card.raw(engine.levels(0, np.array([row])))
        score = float(engine.card.score(raw)[0])
        passing = [crowd.engine.passing(0).rows for crowd in crowds]
        if not engine.jobs[0].places or row not in passing[place]:
            return None, score
        key = _key(crowds[place], row, int(raw[0]))
        return 1 + sum(_ahead(crowd, rows, key) for crowd, rows in zip(crowds, passing, strict=True)), score

    def explain(self, subject: str, position_id: str) -> Explanation:
        """One pair in words, with the list as long as the position asks for. Raises Absent."""
        mine, row = self._person(subject)
        crowds = self._before(position_id)
        place = next(i for i, crowd in enumerate(self.crowds) if crowd is mine)
        engine = crowds[place].engine
        found = explained(engine, 0, row, _standing(crowds, place, row))
        return replace(found, candidate_id=parted(found.candidate_id)[0])

    def make_up(self, position_id: str) -> MakeUp:
        """Who could be on the list of a position, who passes its filters, who is listed, by group. Raises Absent."""
        crowds = self._before(position_id)
        rankings = [crowd.engine.rank(0, crowds[0].engine.asked(0)) for crowd in crowds]
        chosen = dict(_best(crowds, rankings, crowds[0].engine.asked(0)))
        return make_up(crowds, [ranking.best.rows[chosen[i]] for i, ranking in enumerate(rankings)])

    def company_sheet(self, position_id: str, subjects: Sequence[str]) -> Sheet:
        """What may go to the employer about some people; references and refusals by subject. Raises Absent."""
        posts = self._post(position_id)
        found = [self._person(subject) for subject in subjects]
        if not found:
            return company_sheet(self._few(self.base.rows.table.iloc[:0], posts), position_id, [])
        rows = Rows.joined([crowd.rows.taken(np.array([row])) for crowd, row in found])
        # Named by subject, pseudonyms cannot be found again by trying an organisation's identifiers.
        table = rows.table.assign(candidate_id=pd.array(rows.subjects, dtype="str"))
        return company_sheet(self._few(table, posts), position_id, list(rows.subjects))

    def tables(self, org_id: str | None = None) -> Tables:
        """The tables of the moment, those who object included: people (of one organisation), and open positions."""
        rows = self._everybody
        if org_id is not None:
            mine = [parted(name)[1] == org_id for name in rows.table["candidate_id"]]
            rows = rows.taken(np.array(mine, bool))
        positions = self.openings.posts.table[self.openings.looking].reset_index(drop=True)
        return Tables(rows.table, tuple(rows.subjects), positions)

    # --- parts ---------------------------------------------------------------------------------------------------
    @property
    def crowds(self) -> tuple[Crowd, Crowd]:
        """Everybody, in two groups; some of the first may be absent."""
        return self.base, self.recent

    @cached_property
    def _everybody(self) -> Rows:
        return Rows.joined([crowd.present for crowd in self.crowds])

    def _person(self, subject: str) -> tuple[Crowd, int]:
        for crowd in self.crowds:
            row = crowd.find(subject)
            if row is not None:
                return crowd, row
        raise Absent("person")

    def _post(self, position_id: str) -> Posts:
        place = self.openings.places.get(position_id)
        if place is None:
            raise Absent("position")
        return self.openings.posts.only([place])

    def _before(self, position_id: str) -> tuple[Crowd, Crowd]:
        """Everybody before one position, number 0."""
        posts = self._post(position_id)
        return self.base.asking(posts), self.recent.asking(posts)

    def _few(self, people: pd.DataFrame, posts: Posts) -> Engine:
        return Engine(people, posts, self.options, self.base.engine.card)


def _key(crowd: Crowd, row: int, raw: int) -> Key:
    """The order of the ranking rule: higher raw score, earlier available, unknown last, identifier as text."""
    day = crowd.engine.people.available[row]
    unknown = bool(np.isnat(day))
    return -raw, unknown, 0 if unknown else int(day.astype(np.int64)), str(crowd.rows.table["candidate_id"].iloc[row])


def _standing(crowds: Sequence[Crowd], place: int, row: int) -> Standing:
    """Where somebody stands on the list of the crowds' position, as long as it asks for."""
    asked = crowds[0].engine.asked(0)
    listed = _ordered(crowds, [crowd.engine.rank(0, asked) for crowd in crowds], asked)
    for rank, (_order, where, _number, other) in enumerate(listed, 1):
        if (where, other) == (place, row):
            return Standing(rank)
    if not listed or crowds[place].engine.gate.objects[row]:
        return Standing(None)
    last = listed[-1][0]
    card = crowds[place].engine.card
    return Standing(None, card.least - last[0], last[1:] < _key(crowds[place], row, 0)[1:])


def _ordered(crowds: Sequence[Crowd], rankings: Sequence[Ranking], count: int) -> list[tuple[Key, int, int, int]]:
    """The `count` best of all, best first: key, crowd, place in its ranking, row."""
    keys = [
        (_key(crowd, row, points), place, number, row)
        for place, (crowd, ranking) in enumerate(zip(crowds, rankings, strict=True))
        for number, (row, points) in enumerate(
            zip(ranking.best.rows.tolist(), ranking.best.points.tolist(), strict=True)
        )
    ]
    return sorted(keys)[:count]


def _best(crowds: Sequence[Crowd], rankings: Sequence[Ranking], count: int) -> list[tuple[int, Ints]]:
    """For each crowd its number and the places in its ranking of those who are among the `count` best of all."""
    kept = _ordered(crowds, rankings, count)
    return [
        (place, np.array([number for _key, where, number, _row in kept if where == place], np.int64))
        for place in range(len(crowds))
    ]


def _words(
    crowds: Sequence[Crowd], rankings: Sequence[Ranking], chosen: Sequence[tuple[int, Ints]]
) -> tuple[Listed, ...]:
    """Those chosen, best first."""
    found: list[tuple[Key, Listed]] = []
    for place, numbers in chosen:
        if not len(numbers):
            continue
        crowd, best = crowds[place], rankings[place].best
        rows, raw = best.rows[numbers], best.points[numbers] + crowd.engine.card.least
        pairs = Pairs(np.zeros(len(rows), np.int64), rows, best.levels[:, numbers], raw, np.arange(len(rows)))
        lines = worded(crowd.rows, crowd.engine, pairs)
        found += [
            (_key(crowd, row, points), line)
            for row, points, line in zip(rows.tolist(), raw.tolist(), lines, strict=True)
        ]
    found.sort(key=lambda pair: pair[0])
    return tuple(replace(line, rank=rank) for rank, (_place, line) in enumerate(found, 1))


def _excluded(rankings: Sequence[Ranking]) -> Mapping[str, int]:
    """The counts of all together, filters that set nobody aside left out."""
    names = dict.fromkeys(name for ranking in rankings for name in ranking.excluded)
    counts = {str(name): sum(ranking.excluded.get(name, 0) for ranking in rankings) for name in names}
    return {name: people for name, people in counts.items() if people}


def _reason(crowds: Sequence[Crowd], listed: int, asked: int) -> str:
    if listed >= asked:
        return ""
    placed = bool(crowds[0].engine.jobs[0].places)
    reach = sum(crowd.engine.within_reach(0) for crowd in crowds) if placed else 0
    return shortage(placed, listed, reach, listed)


def _ahead(crowd: Crowd, rows: Ints, key: Key) -> int:
    """How many of some people come before somebody of that key."""
    ranked, raw = crowd.engine.best(0, rows, len(rows))
    better = int(np.count_nonzero(raw > -key[0]))
    equal = ranked[raw == -key[0]]
    return better + sum(1 for other in _until(crowd, equal, key[0]) if other < key)


def _until(crowd: Crowd, rows: Ints, minus_raw: int) -> Iterator[Key]:
    """The keys of some people of that raw score."""
    days = crowd.engine.people.available[rows]
    unknown = np.isnat(days)
    numbers = np.where(unknown, 0, days.astype("datetime64[D]").astype(np.int64))
    ids: Names = crowd.rows.table["candidate_id"].take(rows).to_numpy(dtype=object)
    lines: Any = zip(unknown.tolist(), numbers.tolist(), ids.tolist(), strict=True)
    return ((minus_raw, *line) for line in lines)
