"""A seeded labour market with known truth: see SIMULATION.md, written before anything was fitted to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_samples.generate import DEFAULT_ON, people_table
from data_samples.generate import Options as SampleOptions
from data_samples.positions import SPECIAL
from data_samples.positions import positions as invented_positions
from matcher.blocking import Filter, Gate, failing
from matcher.engine import Engine, Options
from matcher.features import FEATURES, Levels
from matcher.schema import CANDIDATES, OUTCOMES, POSITIONS
from matcher.scoring import Scorecard, load_scorecard
from matcher.tables import coerce

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Row = dict[str, Any]

PEOPLE, TEST_POSITIONS, TRAIN_POSITIONS = 1_200, 200, 1_000
SHOWN, FOLLOWED, SHORTLISTED = 15, 40, 5
FEATURE_TASTE, LEVEL_TASTE, USELESS = 0.8, 0.35, 2
CLASH, SOFTNESS = -20.0, 8.0
CLASHES = (
    Filter.DISTANCE,
    Filter.AVAILABILITY,
    Filter.SCHEDULE,
    Filter.LICENCE,
    Filter.CERTIFICATE,
    Filter.WORK_LIMITS,
)
BAR, GRADES = 85.0, ((0.70, 1), (0.85, 2), (0.95, 3), (0.99, 4))
REASONS = ("person_skills", "person_distance", "person_wish", "person_availability")


@dataclass(frozen=True)
class Habits:
    """How a market may differ from the one of the main figures, which the defaults describe.

    `weights` multiplies the hidden points of some features, on top of their taste; the features of `reversed` have
    the opposite sign in truth; `per_km` is points lost by kilometre beside the levels of distance. `shown` people are
    listed, a line at rank r is looked at with probability max(least_looked, r^-looking); `excused` is the share of
    lines looked at that end for a reason of the position's. `unknown` is the share of matching cells blanked.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    reversed: tuple[str, ...] = ()
    per_km: float = 0.0
    shown: int = SHOWN
    looking: float = 0.35
    least_looked: float = 0.25
    excused: float = 0.08
    unknown: float = 0.0


USUAL = Habits()


@dataclass(frozen=True)
class Query:
    """One position as seen by the tool, with what is true of each person of its pool."""

    position: int
    rows: Ints
    levels: Levels
    merit: Floats

    @property
    def relevance(self) -> Ints:
        """0 to 4 by the person's place in the pool."""
        place = np.argsort(np.argsort(self.merit, kind="stable"), kind="stable")
        share = (place + 0.5) / max(len(place), 1)
        grades: Ints = np.zeros(len(place), np.int64)
        for least, grade in GRADES:
            grades[share >= least] = grade
        return grades


@dataclass(frozen=True)
class Market:
    """Tables as an office would hold them, and the positions kept for measuring, whose truth is known."""

    candidates: pd.DataFrame
    positions: pd.DataFrame
    outcomes: pd.DataFrame
    engine: Engine
    tests: tuple[Query, ...]

    def first(self, count: int) -> pd.DataFrame:
        """The outcomes of the first `count` positions that had any."""
        ids = self.outcomes["position_id"].drop_duplicates().head(count)
        return self.outcomes[self.outcomes["position_id"].isin(set(ids))].reset_index(drop=True)


class _Truth:
    """The hidden tastes of one market, and the merit they give."""

    def __init__(
        self, complete: pd.DataFrame, positions: pd.DataFrame, card: Scorecard, seed: int, on: date, habits: Habits
    ) -> None:
        self.engine = Engine(complete, positions, Options(on, complete=("certificates", "skills")), card)
        draw = np.random.default_rng([seed, 1])
        self.tables = _hidden_points(card, draw, habits)
        self.per_km = habits.per_km
        people, families = len(complete), sorted({job.occupation[:3] for job in self.engine.jobs if job.occupation})
        self.family = {name: place for place, name in enumerate(families)}
        self.liking = draw.normal(0, 3, (people, len(families)))
        self.energy = draw.normal(0, 3, people)
        employers = self.engine.positions["employer"].fillna("").astype(object)
        names = sorted(set(employers))
        tastes = dict(zip(names, draw.normal(0, 3, (len(names), 2)), strict=True))
        self.taste = [tastes[name] for name in employers]
        nobody = np.zeros(people, bool)
        self.gate, self.open = Gate(nobody, nobody), np.full(people, 2)

    def merit(self, i: int, rows: Ints) -> Floats:
        """The true merit of some people for position i, in points."""
        engine, job = self.engine, self.engine.jobs[i]
        levels = engine.levels(i, rows)
        parts = {name: table[line] for name, table, line in zip(FEATURES, self.tables, levels, strict=True)}
        at = dict(zip(FEATURES, levels, strict=True))
        total: Floats = np.sum(list(parts.values()), axis=0) + _interactions(at, parts["practice"])
        km = engine.distances.to(job.places)
        clashes = failing(engine.people, self.gate, self.open, job, km, engine.day)
        total += CLASH * np.sum([clashes[name][rows] for name in CLASHES], axis=0)
        if job.occupation:
            total += self.liking[rows, self.family[job.occupation[:3]]]
        french, experience = self.taste[i]
        total += french * _is(at, "french", "met") + experience * _is(at, "experience", "met")
        total -= self.per_km * np.nan_to_num(km[rows], nan=float(np.nanmedian(km)) if not np.isnan(km).all() else 0.0)
        merit: Floats = total + self.energy[rows]
        return merit


def _hidden_points(card: Scorecard, draw: np.random.Generator, habits: Habits = USUAL) -> tuple[Floats, ...]:
    """What each level is truly worth: the expert's signs and order (but where reversed), other weights."""
    useless = set(draw.choice(len(FEATURES), USELESS, replace=False).tolist())
    tables = []
    for place, (name, feature) in enumerate(FEATURES.items()):
        weight = 0.1 if place in useless else np.exp(FEATURE_TASTE * draw.normal())
        points = np.array([card.of(name, level) for level in feature.order], float)
        points *= weight * np.exp(LEVEL_TASTE * draw.normal(size=len(points)))
        points = np.sort(points)[::-1] * habits.weights.get(name, 1.0) * (-1.0 if name in habits.reversed else 1.0)
        tables.append(np.concatenate([points, np.zeros(len(feature.neutral))]))
    return tuple(tables)


def _is(at: dict[str, Any], feature: str, *levels: str) -> Any:
    return np.isin(at[feature], [FEATURES[feature].number(level) for level in levels])


def _interactions(at: dict[str, Any], practice: Floats) -> Floats:
    total: Floats = 8.0 * (_is(at, "wish", "first") & _is(at, "practice", "confirmed"))
    total -= 10.0 * (_is(at, "distance", "far") & ~_is(at, "transport", "easy"))
    total += 6.0 * (_is(at, "experience", "short") & _is(at, "skills", "all", "most"))
    total -= 0.5 * practice * _is(at, "wish", "elsewhere")
    return total


def sample_tables(
    seed: int, people: int, positions: int, on: date, *, gaps: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """People as the tool sees them, the same people complete, and positions: canonical tables."""
    told = SampleOptions(on=on, people=people, seed=seed, gaps=gaps)
    known = SampleOptions(on=on, people=people, seed=seed, gaps=False)
    jobs = pd.DataFrame(invented_positions(seed, positions + len(SPECIAL), told.towns(), on)[:positions])
    seen, complete = (coerce(CANDIDATES, people_table(o).to_pandas()).table for o in (told, known))
    return seen, complete, coerce(POSITIONS, jobs).table


def simulate(
    seed: int,
    positions: int = TRAIN_POSITIONS,
    *,
    people: int = PEOPLE,
    tests: int = TEST_POSITIONS,
    on: date = DEFAULT_ON,
    gaps: bool = True,
    habits: Habits = USUAL,
) -> Market:
    """The market of a seed: `tests` positions kept for measuring, then `positions` with what followed."""
    card = load_scorecard()
    seen, complete, jobs = sample_tables(seed, people, tests + positions, on, gaps=gaps)
    seen = _blanked(seen, habits.unknown, seed)
    engine = Engine(seen, jobs, Options(on, top=habits.shown), card)
    truth = _Truth(complete, jobs, card, seed, on, habits)
    queries = []
    rows: list[Row] = []
    for i in range(len(engine.jobs)):
        pool = engine.rank(i, people).best.rows
        query = Query(i, pool, engine.levels(i, pool), truth.merit(i, pool))
        if i < tests:
            queries.append(query)
        elif len(pool):
            draw = np.random.default_rng([seed, 2, i])
            rows += _Followed(query, engine, draw, habits).outcomes(i - tests, on)
    table = pd.DataFrame(rows, columns=list(OUTCOMES.names)) if rows else pd.DataFrame(columns=list(OUTCOMES.names))
    outcomes = coerce(OUTCOMES, table).table
    return Market(seen, engine.positions, outcomes, engine, tuple(queries))


def _blanked(people: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """The same people with that share of each matching column emptied at random; places and identifiers stay."""
    if not share:
        return people
    draw = np.random.default_rng([seed, 3])
    names = [name for name in CANDIDATES.with_role("M") if name != "commune"]
    return people.assign(**{name: people[name].mask(draw.random(len(people)) < share) for name in names})


def _chance(merit: Floats, bar: float) -> Floats:
    chance: Floats = 1.0 / (1.0 + np.exp(-(merit - bar) / SOFTNESS))
    return chance


class _Followed:
    """What becomes of one position's list: who looks, who decides, who is hired."""

    def __init__(self, query: Query, engine: Engine, draw: np.random.Generator, habits: Habits = USUAL) -> None:
        self.query, self.engine, self.draw, self.habits = query, engine, draw, habits
        self.bar = float(np.percentile(query.merit, BAR))
        self.shown = min(habits.shown, len(query.rows))
        self.members = list(range(self.shown)) + self._added()
        self.rows: list[Row] = []

    def outcomes(self, number: int, on: date) -> list[Row]:
        """One row per proposal; `number` places it in the year that ends 135 days before `on`."""
        asked = on - pd.Timedelta(days=500 - int(365 * (number % TRAIN_POSITIONS) / TRAIN_POSITIONS))
        raw = self.engine.card.raw(self.query.levels)
        scores = self.engine.card.score(raw)
        position = self.engine.jobs[self.query.position].position_id
        for member in self.members:
            listed = member < self.shown
            self.rows.append(
                {
                    "proposal_id": f"{position}-{member}",
                    "position_id": position,
                    "candidate_id": self.engine.candidates["candidate_id"].iloc[self.query.rows[member]],
                    "proposed_on": asked,
                    "shown_rank": member + 1 if listed else None,
                    "shown_score": float(scores[member]) if listed else None,
                    "listed_by": "model" if listed else "adviser",
                    "scorecard": self.engine.card.id,
                    "stage": "proposed",
                }
            )
        accepted = self._advise()
        self._hire(self._choose(accepted), asked)
        return self.rows

    def _added(self) -> list[int]:
        outside = np.arange(self.shown, len(self.query.rows))
        if not len(outside) or self.draw.random() >= 0.4:
            return []
        known = self.draw.choice(outside, min(FOLLOWED, len(outside)), replace=False)
        felt = self.query.merit[known] + self.draw.normal(0, 6, len(known))
        count = int(self.draw.integers(1, 3))
        return [int(member) for member in known[np.argsort(-felt, kind="stable")][:count]]

    def _decide(self, place: int, decision: str, by: str, reason: str | None = None) -> None:
        row = self.rows[place]
        row.update(decision=decision, decided_by=by, reason=reason)
        row["decided_on"] = row["proposed_on"] + pd.Timedelta(days=7)

    def _advise(self) -> list[int]:
        bar = self.bar + self.draw.normal(0, 4)
        chance = _chance(self.query.merit, bar)
        accepted = []
        for place, member in enumerate(self.members):
            looked, liked, odd, about, which = self.draw.random(5)
            added = member >= self.shown
            if not added and looked >= max(self.habits.least_looked, (member + 1) ** -self.habits.looking):
                continue
            if about < self.habits.excused:
                reason = "position_cancelled" if which < 0.5 else "other_no_answer"
                self._decide(place, "rejected", "adviser", reason)
            elif added or (liked < chance[member]) != (odd < 0.05):
                self._decide(place, "accepted", "adviser")
                accepted.append(place)
            else:
                self._decide(place, "rejected", "adviser", REASONS[int(which * len(REASONS))])
        return accepted

    def _merits(self, places: Sequence[int], noise: float) -> Floats:
        merit: Floats = self.query.merit[[self.members[place] for place in places]]
        return merit + self.draw.normal(0, noise, len(places))

    def _choose(self, accepted: list[int]) -> list[int]:
        staying = []
        for place in accepted:
            if self.draw.random() < 0.06:
                self.rows[place].update(stage="withdrawn", reason="other_found_a_job")
            else:
                staying.append(place)
        felt = self._merits(staying, 6)
        ranked = [staying[k] for k in np.argsort(-felt, kind="stable")]
        if self.draw.random() < 0.6:
            for rank, place in enumerate(ranked, 1):
                self.rows[place]["human_rank"] = rank
        for place in ranked[:SHORTLISTED]:
            self._decide(place, "accepted", "facilitator")
            self.rows[place]["stage"] = "shortlisted"
        return ranked[:SHORTLISTED]

    def _hire(self, shortlist: list[int], asked: Any) -> None:
        chance = _chance(self._merits(shortlist, 0), self.bar)
        met = [place for place, luck in zip(shortlist, chance, strict=True) if self.draw.random() < luck]
        for place in met:
            self.rows[place]["stage"] = "interviewed"
        felt = self._merits(met, 8)
        ranked = [met[k] for k in np.argsort(-felt, kind="stable") if felt[k] > self.bar - 5]
        openings = int(self.engine.positions["openings"].iloc[self.query.position])
        for place in met:
            if place in ranked[:openings]:
                self._decide(place, "accepted", "employer")
                stays = _chance(self.query.merit[[self.members[place]]], self.bar - 10)[0]
                self.rows[place]["stage"] = "kept_3_months" if self.draw.random() < stays else "hired"
            else:
                reason = "position_filled" if self.draw.random() < 0.6 else "person_skills"
                self._decide(place, "rejected", "employer", reason)
