"""One function per feature: a position and people → a named level. Its docstring is its public documentation.

Every feature has a level `unknown`, and most `not_asked`: both are worth nothing. The levels of a feature are
ordered from the best to the worst; a scorecard may change their points, never that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from matcher.locale import N_
from matcher.nearness import Near, nearness
from matcher.reference.occupations import Occupations
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import Job
from matcher.resolve.people import Floats, People
from matcher.skills import match_skills

Levels = np.ndarray[Any, np.dtype[np.int8]]

CONFIRMED_MONTHS = 12
WALKING_KM = 3.0
NEARLY = 0.95
POSITION, CANDIDATE = "position", "candidate"
UNKNOWN, NOT_ASKED = "unknown", "not_asked"


@dataclass(frozen=True)
class Feature:
    """A feature's name, the side that asks for it, its levels from best to worst, and its French name."""

    name: str
    side: str
    order: tuple[str, ...]
    title: str
    read: Callable[[Pair], Levels]
    neutral: tuple[str, ...] = (UNKNOWN, NOT_ASKED)

    @property
    def levels(self) -> tuple[str, ...]:
        """All levels; a level's number is its place here."""
        return (*self.order, *self.neutral)

    @cached_property
    def numbers(self) -> Mapping[str, np.int8]:
        """The number of each level."""
        return {level: np.int8(number) for number, level in enumerate(self.levels)}

    def number(self, level: str) -> np.int8:
        return self.numbers[level]


class Context:
    """What is worked out once for all positions: nearness of occupations and of skills."""

    def __init__(self, people: People, asked_skills: Iterable[str], reference: Occupations) -> None:
        self.people = people
        self._answers: dict[str, np.ndarray[Any, np.dtype[np.int32]]] = {}
        self.ask(asked_skills)
        self._reference = reference
        self.wish = lru_cache(maxsize=256)(self._wish)
        self.practice = lru_cache(maxsize=256)(self._practice)
        self.skill_cells = lru_cache(maxsize=4096)(self._skill_cells)
        self.covered = lru_cache(maxsize=16)(self._covered)

    def ask(self, skills: Iterable[str]) -> None:
        """Positions may ask for these skills too; each is compared with those of people once."""
        asked = [skill for skill in dict.fromkeys(skills) if skill not in self._answers]
        if asked:
            matches = match_skills(asked, self.people.skill_words)
            self._answers |= {skill: match.held for skill, match in zip(asked, matches, strict=True)}

    def _near(self, occupation: str) -> Levels:
        return nearness(occupation, self.people.occupation_codes, self._reference)

    def _wish(self, occupation: str) -> tuple[Levels, Levels]:
        """For each distinct list of wishes: nearness of the first (-1 when not recognised), and of the nearest (-1
        when there is none)."""
        wishes = self.people.wishes
        near = self._near(occupation).take(wishes.values)
        first = np.full(len(wishes) + 1, -1, near.dtype)
        led = np.flatnonzero(self.people.wishes_led)
        first[led] = near[wishes.starts[led]]
        return first, np.append(wishes.best(near, -1), near.dtype.type(-1))

    def _practice(self, occupation: str) -> tuple[Levels, Floats, Bools]:
        """For each distinct experience: nearness of the nearest occupation practised (-1 for none), the months said
        in the same or a near occupation, and whether there may be more (no duration said, a word not recognised)."""
        practice = self.people.practice
        lists = practice.lists
        near = self._near(occupation).take(lists.values)
        counted = near >= Near.PARENT  # a related occupation helps, but its months are not months of this one
        owners, said = lists.owners()[counted], practice.months[counted]
        months, more = np.zeros(len(lists) + 1), np.append(~practice.whole, False)
        np.add.at(months, owners, np.nan_to_num(said))
        more[owners[np.isnan(said)]] = True
        return np.append(lists.best(near, -1), near.dtype.type(-1)), months, more

    def _skill_cells(self, skill: str) -> Ints:
        """The distinct lists (sorted) that name this skill or one that means the same."""
        self.ask((skill,))
        look_up = self.people.skill_cells
        cells = [look_up(int(number)) for number in self._answers[skill]]
        if len(cells) == 1:
            return cells[0]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *cells]))

    def _covered(self, skills: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.int16]]:
        """How many of these skills each distinct list names; the last one, which -1 finds, is no list."""
        counts = np.zeros(len(self.people.skills) + 1, np.int16)
        for skill in skills:
            counts[self.skill_cells(skill)] += 1
        return counts

    def has_skill(self, row: int, skill: str) -> bool:
        """Whether a person names this skill or one that means the same."""
        return bool(np.isin(self.people.skill_ids[row], self.skill_cells(skill)))


@dataclass(frozen=True)
class Pair:
    """One position and the rows of the people to compare with it; `km` are their distances."""

    job: Job
    rows: Ints
    km: Floats
    context: Context

    @property
    def people(self) -> People:
        return self.context.people

    def fill(self, feature: str, level: str) -> Levels:
        """Everybody at one level."""
        return np.full(len(self.rows), FEATURES[feature].number(level), np.int8)

    def choose(self, feature: str, *cases: tuple[Any, str], otherwise: str) -> Levels:
        """The level of the first condition that holds."""
        numbers = FEATURES[feature]
        chosen = np.full(len(self.rows), numbers.number(otherwise), np.int8)
        for condition, level in reversed(cases):
            np.copyto(chosen, numbers.number(level), where=condition)
        return chosen


def wish(pair: Pair) -> Levels:
    """How near the position's occupation is to those the person asked for.

    `first`: their first wish; `wished`: another of their wishes; `near`: an occupation ROME lists as a move from
    or to one of them, or of the same code of the previous ROME; `related`: one that shares enough know-how in ROME
    (official files only); `family`: the same professional domain; `elsewhere`: none of these. Where none is near and
    a wish was written in words that no ROME label is near enough to, the level is unknown.
    """
    if pair.job.occupation is None:
        return pair.fill("wish", UNKNOWN)
    first, best = pair.context.wish(pair.job.occupation)
    whole = np.append(pair.people.wishes_whole, True)
    cell = pair.people.wish_ids.take(pair.rows)
    near = best.take(cell)
    return pair.choose(
        "wish",
        (near < 0, UNKNOWN),
        (first.take(cell) == Near.SAME, "first"),
        (near == Near.SAME, "wished"),
        (near >= Near.PARENT, "near"),
        (near == Near.SKILLS, "related"),
        (near == Near.FAMILY, "family"),
        (whole.take(cell), "elsewhere"),
        otherwise=UNKNOWN,
    )


def practice(pair: Pair) -> Levels:
    """Whether the person has done this work before.

    `confirmed`: this occupation, twelve months or more with near ones; `some`: this occupation, less or not said;
    `near`: an occupation near by ROME mobility, or of the same code of the previous ROME; `related`: one that shares
    enough know-how in ROME (official files only); `family`: the same professional domain; `elsewhere`: other work;
    `none`: known to have no experience. Months in a related occupation are not counted. Where none is near and a
    job was written in words that no ROME label is near enough to, the level is unknown.
    """
    if pair.job.occupation is None:
        return pair.fill("practice", UNKNOWN)
    best, months, _more = pair.context.practice(pair.job.occupation)
    whole = np.append(pair.people.practice.whole, True)
    cell = pair.people.practice.cells.take(pair.rows)
    near = best.take(cell)
    return pair.choose(
        "practice",
        ((cell < 0) | ((near < Near.FAMILY) & ~whole.take(cell)), UNKNOWN),
        (near < 0, "none"),
        ((near == Near.SAME) & (months.take(cell) >= CONFIRMED_MONTHS), "confirmed"),
        (near == Near.SAME, "some"),
        (near >= Near.PARENT, "near"),
        (near == Near.SKILLS, "related"),
        (near == Near.FAMILY, "family"),
        otherwise="elsewhere",
    )


def experience(pair: Pair) -> Levels:
    """Months in this or a near occupation against the months the position asks for.

    `met`: at least as many; `half`: at least half; `short`: fewer, or unknown where there may be more
    (a duration not said, a word not recognised).
    """
    asked = pair.job.experience_months
    if not asked > 0:
        return pair.fill("experience", NOT_ASKED)
    if pair.job.occupation is None:
        return pair.fill("experience", UNKNOWN)
    _near, months, more = pair.context.practice(pair.job.occupation)
    cell = pair.people.practice.cells[pair.rows]
    done = months[cell]
    return pair.choose(
        "experience",
        (cell < 0, UNKNOWN),
        (done >= asked, "met"),
        (2 * done >= asked, "half"),
        (more[cell], UNKNOWN),
        otherwise="short",
    )


def skills(pair: Pair) -> Levels:
    """Share of the position's skills that the person names, in the same or other words.

    `all`, `most` (two thirds or more), `some`; `none`: the person's list is known to be whole and holds none.
    A skill that is not named is unknown, not missing.
    """
    asked = pair.job.skills
    if not asked:
        return pair.fill("skills", NOT_ASKED)
    found = pair.context.covered(asked).take(pair.people.skill_ids.take(pair.rows))
    number = FEATURES["skills"].number
    of_count = np.full(len(asked) + 1, number("some"))  # a look-up: nearly everybody has a list of their own
    of_count[-(-2 * len(asked) // 3) :] = number("most")
    of_count[0], of_count[-1] = number(UNKNOWN), number("all")
    levels: Levels = of_count.take(found)
    if pair.people.skills_complete.any():
        levels[(found == 0) & pair.people.skills_complete[pair.rows]] = number("none")
    return levels


def certificates(pair: Pair) -> Levels:
    """Required certificates the person is known to hold.

    `held`: all, beyond the position's end; `expiring`: all, one of them ends before the position does;
    `part`: some, the others not known. A certificate known missing has already set the person aside.
    """
    asked = pair.job.certificates
    if not asked:
        return pair.fill("certificates", NOT_ASKED)
    last = pair.job.last_day
    held = np.zeros(len(pair.rows), np.int16)
    lasting = np.ones(len(pair.rows), bool)
    for code in asked:
        until, has = pair.people.certificates.until_of(code, pair.rows)
        held += has
        lasting &= ~(until < last)
    return pair.choose(
        "certificates",
        ((held == len(asked)) & lasting, "held"),
        (held == len(asked), "expiring"),
        (held > 0, "part"),
        otherwise=UNKNOWN,
    )


def wished_certificates(pair: Pair) -> Levels:
    """Certificates the position would like, without requiring them: `held` all, `part`, `none` known to be held."""
    asked = pair.job.wished_certificates
    if not asked:
        return pair.fill("wished_certificates", NOT_ASKED)
    held = np.zeros(len(pair.rows), np.int16)
    for code in asked:
        until, has = pair.people.certificates.until_of(code, pair.rows)
        held += has & ~(until < pair.job.start)
    return pair.choose(
        "wished_certificates",
        (held == len(asked), "held"),
        (held > 0, "part"),
        (pair.people.certificates.complete[pair.rows], "none"),
        otherwise=UNKNOWN,
    )


def driving(pair: Pair) -> Levels:
    """Licences and vehicle the position requires: `ready` when all are known to be there, `part` when some are."""
    job, people, rows = pair.job, pair.people, pair.rows
    if not job.licences and not job.vehicle:
        return pair.fill("driving", NOT_ASKED)
    licensed = people.licences_known[rows] & ((people.licences[rows] & job.licences) == job.licences)
    motorised = people.vehicle[rows] == 1
    wants = [licensed] * bool(job.licences) + [motorised] * job.vehicle
    return pair.choose(
        "driving",
        (np.logical_and.reduce(wants), "ready"),
        (np.logical_or.reduce(wants), "part"),
        otherwise=UNKNOWN,
    )


def french(pair: Pair) -> Levels:
    """Level of French against the level asked: `met`, `one_below`, `below`."""
    if pair.job.french < 0:
        return pair.fill("french", NOT_ASKED)
    known = pair.people.french[pair.rows]
    return _threshold(pair, "french", known, known < 0, pair.job.french)


def qualification(pair: Pair) -> Levels:
    """Level of qualification against the level asked: `met`, `one_below`, `below`. More than asked earns nothing."""
    if np.isnan(pair.job.qualification):
        return pair.fill("qualification", NOT_ASKED)
    known = pair.people.qualification[pair.rows]
    return _threshold(pair, "qualification", known, np.isnan(known), pair.job.qualification)


def _threshold(pair: Pair, feature: str, known: Any, unknown: Any, asked: float) -> Levels:
    return pair.choose(
        feature,
        (unknown, UNKNOWN),
        (known >= asked, "met"),
        (known + 1 >= asked, "one_below"),
        otherwise="below",
    )


def availability(pair: Pair) -> Levels:
    """When the person is available against the start: `at_start`, `within_month` (31 days after), `later`."""
    start = pair.job.start
    if np.isnat(start):
        return pair.fill("availability", NOT_ASKED)
    available = pair.people.available[pair.rows]
    return pair.choose(
        "availability",
        (np.isnat(available), UNKNOWN),
        (available <= start, "at_start"),
        (available <= start + np.timedelta64(31, "D"), "within_month"),
        otherwise="later",
    )


def distance(pair: Pair) -> Levels:
    """Distance to the work place, as the crow flies, against the person's own limit (25 km when not said).

    `next_door`: 3 km or less; `close`: within a third of the limit; `middle`: within two thirds; `far`: within it.
    Only this travel counts, never the commune as such. When the position names a wide area, the way to the exact
    place is not known.
    """
    if pair.job.wide:
        return pair.fill("distance", UNKNOWN)
    limit = pair.people.reach_km[pair.rows]
    return pair.choose(
        "distance",
        (np.isnan(pair.km), UNKNOWN),
        (pair.km <= WALKING_KM, "next_door"),
        (3 * pair.km <= limit, "close"),
        (3 * pair.km <= 2 * limit, "middle"),
        otherwise="far",
    )


def transport(pair: Pair) -> Levels:
    """Whether the person has a way to get there: `easy` on foot, by bus or with a vehicle; `hard` with none."""
    vehicle = pair.people.vehicle[pair.rows]
    by_bus = pair.job.bus is True
    on_foot = (pair.km <= WALKING_KM) & (not pair.job.wide)
    return pair.choose(
        "transport",
        (on_foot | (vehicle == 1) | by_bus, "easy"),
        ((vehicle == 0) & (pair.km > WALKING_KM) & (pair.job.bus is False), "hard"),
        otherwise=UNKNOWN,
    )


def hours(pair: Pair) -> Levels:
    """Weekly hours against those the person wants: `within`, `above` their most, `below` their least."""
    weekly = pair.job.weekly_hours
    if np.isnan(weekly):
        return pair.fill("hours", NOT_ASKED)
    least, most = pair.people.hours_min[pair.rows], pair.people.hours_max[pair.rows]
    return pair.choose(
        "hours",
        (np.isnan(least) & np.isnan(most), UNKNOWN),
        (weekly > most, "above"),
        (weekly < least, "below"),
        otherwise="within",
    )


def schedule(pair: Pair) -> Levels:
    """Night, week-end, early, outdoor or travelling work: `accepted` when the person is known to accept it all."""
    if not pair.job.schedule:
        return pair.fill("schedule", NOT_ASKED)
    return pair.choose("schedule", (pair.people.accepts_known[pair.rows], "accepted"), otherwise=UNKNOWN)


def wage(pair: Pair) -> Levels:
    """Gross hourly wage against the least the person asks: `met`, `nearly` (95 % of it or more), `below`."""
    if np.isnan(pair.job.wage):
        return pair.fill("wage", NOT_ASKED)
    least = pair.people.wage_min[pair.rows]
    return pair.choose(
        "wage",
        (np.isnan(least), UNKNOWN),
        (pair.job.wage >= least, "met"),
        (pair.job.wage >= NEARLY * least, "nearly"),
        otherwise="below",
    )


def demands(pair: Pair) -> Levels:
    """Physical demands of the work: `suited` when the person's limits at work are known and none of them clashes."""
    if not pair.job.demands:
        return pair.fill("demands", NOT_ASKED)
    return pair.choose("demands", (pair.people.limits_known[pair.rows], "suited"), otherwise=UNKNOWN)


def _feature(read: Callable[[Pair], Levels], side: str, order: str, title: str, asked: bool = True) -> Feature:
    neutral = (UNKNOWN, NOT_ASKED) if asked else (UNKNOWN,)
    return Feature(read.__name__, side, tuple(order.split()), title, read, neutral)


PRACTICE = "confirmed some near related family elsewhere none"
FEATURES: Mapping[str, Feature] = {
    feature.name: feature
    for feature in (
        _feature(practice, POSITION, PRACTICE, N_("pratique du métier"), False),
        _feature(experience, POSITION, "met half short", N_("expérience demandée")),
        _feature(skills, POSITION, "all most some none", N_("compétences")),
        _feature(certificates, POSITION, "held expiring part", N_("certificats exigés")),
        _feature(wished_certificates, POSITION, "held part none", N_("certificats souhaités")),
        _feature(driving, POSITION, "ready part", N_("permis et véhicule")),
        _feature(french, POSITION, "met one_below below", N_("niveau de français")),
        _feature(qualification, POSITION, "met one_below below", N_("niveau de qualification")),
        _feature(availability, POSITION, "at_start within_month later", N_("disponibilité")),
        _feature(wish, CANDIDATE, "first wished near related family elsewhere", N_("métier souhaité"), False),
        _feature(distance, CANDIDATE, "next_door close middle far", N_("distance"), False),
        _feature(transport, CANDIDATE, "easy hard", N_("moyen de transport"), False),
        _feature(hours, CANDIDATE, "within below above", N_("heures par semaine")),
        _feature(schedule, CANDIDATE, "accepted", N_("horaires et conditions")),
        _feature(wage, CANDIDATE, "met nearly below", N_("salaire")),
        _feature(demands, CANDIDATE, "suited", N_("contraintes du poste")),
    )
}


def level_names(numbers: Sequence[int]) -> dict[str, str]:
    """Feature → level for one pair's column of `levels`."""
    return {name: FEATURES[name].levels[number] for name, number in zip(FEATURES, numbers, strict=True)}
