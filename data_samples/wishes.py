"""What the people can and wish to do: occupations, experience, skills, certificates, licences, availability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from data_samples import columns as c
from data_samples.draws import Bools, Draws, Floats, Ints
from data_samples.rights import Rights
from data_samples.trades import Trade, trades
from data_samples.who import Who

# SMIC, gross hourly, from each date on (arrêtés and décrets of revaluation; the last known amount goes on).
SMIC = (
    (date(2023, 5, 1), 11.52),
    (date(2024, 1, 1), 11.65),
    (date(2024, 11, 1), 11.88),
    (date(2026, 1, 1), 12.02),
)
LIMIT_RATES = {
    "heavy_lifting": 0.6,
    "heights": 0.2,
    "standing": 0.3,
    "driving": 0.08,
    "noise": 0.08,
    "outdoor": 0.06,
    "screen": 0.05,
}
SKILL_SETS = tuple(mask for mask in range(64) if 2 <= mask.bit_count() <= 4)


def smic(on: date) -> float:
    """The gross hourly minimum wage on a date (the oldest amount known before the first)."""
    return max((day, amount) for day, amount in SMIC if day <= max(on, SMIC[0][0]))[1]


@dataclass(frozen=True)
class Wishes:
    """Positions in `trades()`; −1 where there is no second or third wish, or no experience."""

    wished: tuple[Ints, Ints, Ints]
    practised: tuple[Ints, Ints]
    months: tuple[Ints, Ints]


def _seekers(every: tuple[Trade, ...]) -> Floats:
    """Weights of each trade, one line per (sex, schooling) group."""
    lines = []
    for woman in (True, False):
        for ceiling, floor in ((1, 0), (3, 0), (8, 3)):
            lines.append(
                [
                    (t.women if woman else t.men)
                    * (1.0 if t.level <= ceiling else 0.1)
                    * (2.5 if floor and t.level >= floor else 1.0)
                    for t in every
                ]
            )
    return np.array(lines)


def draw_wishes(draws: Draws, who: Who) -> Wishes:
    """Wished and practised occupations, near one another most of the time."""
    every = trades()
    group = np.where(who.woman, 0, 3) + (who.level >= 2) + (who.level >= 4)
    weights = _seekers(every)
    width = max(len(t.near) for t in every)
    near = np.array([[t.near[i % len(t.near)] for i in range(width)] for t in every])
    first = draws.pick_by("first wish", group, weights)
    count = draws.pick("wishes", [0.35, 0.4, 0.25])
    nearby = near[first, draws.pick("near", [1.0] * width)]
    second = np.where(draws.chance("second near", 0.7), nearby, draws.pick_by("second wish", group, weights))
    second = np.where((count >= 1) & (second != first), second, -1)
    third = draws.pick_by("third wish", group, weights)
    third = np.where((count == 2) & (third != first) & (third != second) & (second >= 0), third, -1)
    career = np.clip(who.years_out * 12 * 0.75, 0, 300)
    has = who.ever_worked & (career >= 1)
    practised = np.where(draws.chance("in trade", 0.65), first, draws.pick_by("practised", group, weights))
    length = draws.curve("months", [(0, 1), (0.3, 6), (0.6, 18), (0.85, 60), (1, 240)])
    months: Ints = np.floor(np.clip(length, 1, np.maximum(career, 1))).astype(np.int64)
    other = draws.pick_by("other practised", group, weights)
    also = has & draws.chance("second trade", 0.4) & (other != practised) & (career - months >= 2)
    other_length = np.floor(draws.curve("other months", [(0, 1), (0.6, 10), (1, 72)]))
    other_months: Ints = np.clip(other_length, 1, np.maximum(career - months, 1)).astype(np.int64)
    return Wishes(
        wished=(first, second, third),
        practised=(np.where(has, practised, -1), np.where(also, other, -1)),
        months=(months, other_months),
    )


def _codes(chosen: Ints) -> pa.Array:
    return c.coded([t.code for t in trades()], np.maximum(chosen, 0), chosen < 0)


def occupations(wishes: Wishes, unknown: Bools) -> pa.Array:
    """Wished ROME codes, best first."""
    return c.joined([_codes(chosen) for chosen in wishes.wished], unknown)


def experience(wishes: Wishes, unknown: Bools) -> pa.Array:
    """`ROME:months` items; `none` for those who never worked."""
    parts = [
        c.glued(_codes(chosen), ":", pa.array(months).cast(pa.string()))
        for chosen, months in zip(wishes.practised, wishes.months, strict=True)
    ]
    return c.joined(parts, unknown)


def skills(draws: Draws, wishes: Wishes, unknown: Bools) -> pa.Array:
    """Two to four skills of the practised trade (else of the wished one), some of a second one."""
    every = trades()
    texts = ["|".join(word for i, word in enumerate(t.skills) if mask >> i & 1) for t in every for mask in SKILL_SETS]
    main = np.where(wishes.practised[0] >= 0, wishes.practised[0], wishes.wished[0])
    drawn = draws.pick("skills", [1.0] * len(SKILL_SETS))
    single = [t.skills[i] for t in every for i in range(6)]
    second = wishes.wished[1]
    extra = (second >= 0) & (second != main) & draws.chance("extra skill", 0.3)
    one = np.maximum(second, 0) * 6 + draws.pick("extra which", [1.0] * 6)
    parts = [
        c.coded(texts, main * len(SKILL_SETS) + drawn, np.zeros_like(unknown)),
        c.coded(single, one, ~extra),
    ]
    return c.joined(parts, unknown)


def certificates(draws: Draws, who: Who, wishes: Wishes, unknown: Bools) -> pa.Array:
    """Certificates of the trade, dated two times in three; about one dated in six is past."""
    every = trades()
    main = np.where(wishes.practised[0] >= 0, wishes.practised[0], wishes.wished[0])
    practised = wishes.practised[0] >= 0
    parts = []
    held_sst = np.zeros_like(unknown)
    for slot in range(max(len(t.certificates) for t in every)):
        rows = [t.certificates[slot] if slot < len(t.certificates) else ("", 0, 0.0) for t in every]
        validity = np.array([row[1] for row in rows])[main]
        share = np.array([row[2] for row in rows])[main] * np.where(practised, 1.0, 0.3)
        holds = draws.chance(f"certificate {slot}", share)
        held_sst |= holds & np.array([row[0] == "SST" for row in rows])[main]
        parts.append(_certificate(draws, who, f"{slot}", [row[0] for row in rows], main, validity, holds))
    first_aid = draws.chance("first aid", 0.08) & ~held_sst
    none = np.zeros(len(unknown), dtype=np.int64)
    parts.append(_certificate(draws, who, "first aid", ["SST"], none, none + 24, first_aid))
    return c.joined(parts, unknown)


def _certificate(
    draws: Draws, who: Who, name: str, words: list[str], code: Ints, validity: Ints, holds: Bools
) -> pa.Array:
    left = validity * (1.0 - 1.2 * draws.uniform(f"age of certificate {name}"))
    dated = (validity > 0) & draws.chance(f"dated certificate {name}", 0.67)
    ends = c.day_text(c.months_before(who.on, -left), ~(dated & holds))
    plain = c.coded(words, code, ~(holds & ~dated))
    return pa.compute.coalesce(c.glued(c.coded(words, code, ~holds), "@", ends), plain)


def licences(draws: Draws, who: Who, wishes: Wishes, unknown: Bools) -> pa.Array:
    """B by age, place and means; heavy goods mostly among those who drive lorries."""
    every = trades()
    lorry = np.isin(wishes.wished[0], [i for i, t in enumerate(every) if t.licence == "C"])
    heavy = who.driver & (who.age >= 21) & draws.chance("C", np.where(lorry, 0.8, 0.025))
    return c.listed(
        [
            ("B", who.driver | heavy),
            ("C", heavy),
            ("CE", heavy & draws.chance("CE", 0.45)),
            ("D", who.driver & (who.age >= 24) & draws.chance("D", 0.012)),
        ],
        unknown,
    )


def accepts(draws: Draws, who: Who, rights: Rights, wishes: Wishes, unknown: Bools) -> pa.Array:
    """Schedules accepted, led by the wished trade and by family duties."""
    every = trades()
    usual = {
        word: np.array([word in t.schedule for t in every])[wishes.wished[0]]
        for word in ("night", "weekend", "early", "outdoor", "travel")
    }
    duty = 0.5 * rights.single_parent
    return c.listed(
        [
            ("night", draws.chance("night", 0.14 + 0.4 * usual["night"] - duty)),
            ("weekend", draws.chance("weekend", 0.33 + 0.35 * usual["weekend"] - duty)),
            ("early", draws.chance("early", 0.48 + 0.37 * usual["early"] - duty)),
            ("outdoor", draws.chance("outdoor", 0.3 + 0.62 * usual["outdoor"])),
            ("travel", draws.chance("travel", 0.1 + 0.3 * who.vehicle + 0.3 * usual["travel"] - 0.5 * duty)),
        ],
        unknown,
    )


def work_limits(draws: Draws, who: Who, rights: Rights, unknown: Bools) -> pa.Array:
    """Limits at work: most people recognised as disabled, a quarter after 50, few others."""
    limited = draws.chance("limited", np.where(rights.disability, 0.75, np.where(who.age >= 50, 0.25, 0.06)))
    flags = {word: limited & draws.chance(f"limit {word}", rate) for word, rate in LIMIT_RATES.items()}
    flags["heavy_lifting"] |= limited & ~np.logical_or.reduce(list(flags.values()))
    return c.listed(list(flags.items()), unknown)


def distance(draws: Draws, who: Who) -> Floats:
    """Farthest accepted distance in km: short on foot, long in the country and by car."""
    choices = np.array([5, 10, 15, 20, 25, 30, 40, 50, 60], dtype=np.float64)
    weights = np.array(
        [
            [20, 34, 20, 14, 6, 6, 0, 0, 0],
            [1, 8, 12, 24, 15, 22, 12, 6, 0],
            [4, 18, 24, 22, 14, 12, 4, 2, 0],
            [0, 2, 6, 18, 16, 26, 18, 10, 4],
        ],
        dtype=np.float64,
    )
    return choices[draws.pick_by("distance", who.vehicle.astype(np.int64) + 2 * who.rural, weights)]


def wage(draws: Draws, who: Who) -> Floats:
    """Lowest accepted gross hourly wage: the SMIC for more than half, up to +35 % for the most qualified."""
    floor = smic(who.on.astype(date))
    above = draws.curve("wage", [(0, 0), (0.55, 0), (0.9, 0.1), (1, 0.2)]) * np.where(who.level >= 4, 1.7, 1.0)
    return np.maximum(np.round(floor * (1 + above), 1), floor)
