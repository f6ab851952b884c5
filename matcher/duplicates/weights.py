"""How much each level of each field weighs, learnt from the table itself, without any pair known in advance.

The model is that of Fellegi and Sunter (« A theory for record linkage », JASA 64, 1969): `m` is the share of a level
among pairs of records of one person, `u` among pairs of different people, and a level weighs log2(m / u). Both are
estimated by expectation and maximisation (Winkler, « Using the EM algorithm for weight computation in the
Fellegi–Sunter model of record linkage », 1988, revised 2000). Fields are taken as independent of one another.

Two people of one home agree on their name, their place, often their telephone: taken for unrelated, they would look
like one person. They are a class of their own, `h`, learnt along with the others; on what a home does not share they
agree by chance alone.

All pairs of the table take part: those that no pass brought together count as pairs of different people, so that what
the passes look at biases neither `m` nor `u`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.duplicates.chance import by_chance, of_one_home
from matcher.duplicates.compare import LevelArray
from matcher.duplicates.evidence import SHARED, Evidence, Floats, shared, swapped
from matcher.duplicates.model import EXPECTED, LEVELS, Kind, Level, Plan
from matcher.duplicates.records import Ints, Records

ROUNDS = 40
SETTLED = 1e-4
STRENGTH = 20.0
"""What is expected before looking counts as this many pairs of one person."""
PRIOR_PAIRS = 0.5
EXPECTED_TWICE = 0.1
"""Where the share of records entered twice starts."""
LARGEST_SHARE = 0.4
LEAST_LEFT = 0.05
"""The part of a level's random pairs that is left to different people, however many one person may explain."""
NEUTRAL = ((Kind.EMAIL, Level.NEAR),)
"""Levels that say nothing that another field has not said."""
WORTH_KEEPING = -14.0
"""Pairs whose first log odds, in bits, are lower take no part in learning."""
_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True)
class Weights:
    """`m`, `u`, `h`: one row per field, one column per Level, for one person, for two unrelated people, for two of
    one home; `prior`, `home`: the shares of pairs that are one person, or of one home; `silent`: the fields and
    levels that weigh nothing."""

    fields: tuple[str, ...]
    m: Floats
    u: Floats
    h: Floats
    prior: float
    home: float
    silent: tuple[tuple[int, int], ...] = ()

    def table(self) -> Floats:
        """Bits per field and level for one person; unknown weighs nothing, and what was never expected neither."""
        return self._bits(self.m)

    def home_table(self) -> Floats:
        """Bits per field and level for people of one home."""
        return self._bits(self.h)

    def _bits(self, shares: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = np.log2(shares) - np.log2(self.u)
        bits[:, Level.UNKNOWN] = 0.0
        for number, level in self.silent:
            bits[number, level] = 0.0
        return np.where(np.isfinite(bits), bits, 0.0)

    def log_odds(self, found: Evidence) -> Floats:
        """Log odds in bits that each pair is one person rather than two, of one home or not."""
        one = np.log2(self.prior) + found.rarity.sum(axis=1, dtype=np.float64) + _sums(self.table(), found.levels)
        return np.asarray(one - np.logaddexp2(self._home_bits(found), self._apart()), np.float64)

    def homes(self, found: Evidence, share: Floats) -> Floats:
        """Probability that each pair is two people of one home, `share` being that of one person."""
        return (1 - share) * posterior(self._home_bits(found) - self._apart())

    def _home_bits(self, found: Evidence) -> Floats:
        rarity = found.rarity[:, SHARED].astype(np.float64)
        return np.asarray(
            np.log2(max(self.home, _TINY)) + rarity + _sums(self.home_table(), found.levels), np.float64
        )

    def _apart(self) -> float:
        return float(np.log2(1 - self.prior - self.home))

    def as_json(self) -> dict[str, Any]:
        """Plain values, to keep and to read."""
        arrays = {name: getattr(self, name).tolist() for name in ("m", "u", "h")}
        shares = {"prior": self.prior, "home": self.home}
        return {"fields": list(self.fields), **arrays, **shares, "silent": [list(one) for one in self.silent]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Weights:
        """What `as_json` gave."""
        m, u, h = (np.array(kept[name], np.float64) for name in ("m", "u", "h"))
        silent = tuple((int(number), int(level)) for number, level in kept["silent"])
        return cls(tuple(kept["fields"]), m, u, h, float(kept["prior"]), float(kept["home"]), silent)


def posterior(log_odds: Floats) -> Floats:
    """Probability from log odds in bits."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(log_odds, -1000, 1000))), np.float64)


def learn(data: Records, plan: Plan, found: Evidence, possible: float, seed: int = 0) -> Weights:
    """Weights from the pairs `found`, among `possible` pairs in all; `seed` draws the random pairs."""
    possible = max(possible, 1.0)
    expected = np.array([(0.0, *EXPECTED[one.kind]) for one in plan.fields])
    chance = by_chance(data, plan, seed)
    home = of_one_home(plan, chance)
    start = min(0.3, len(data) * EXPECTED_TWICE / possible)
    with_homes = any(map(shared, plan.fields))
    names = tuple(one.name for one in plan.fields)
    weights = Weights(names, expected, chance, home, start, start if with_homes else 0.0, _silent(plan))
    kept = found.at(weights.log_odds(found) > WORTH_KEEPING)
    known = _indicators(kept.levels)
    for _round in range(ROUNDS):
        share = posterior(weights.log_odds(kept))
        seen = (share, weights.homes(kept, share))
        following = _maximised(weights, (expected, chance, home), plan, known, seen, possible)
        moved = np.abs(following.m - weights.m).max()
        weights = following
        if moved < SETTLED:
            break
    return weights


def _silent(plan: Plan) -> tuple[tuple[int, int], ...]:
    """Two fields exchanged are one event, weighed once; and NEUTRAL."""
    alone = [(n, int(level)) for n, one in enumerate(plan.fields) for kind, level in NEUTRAL if one.kind is kind]
    return (*((partner, int(Level.SWAPPED)) for _lead, partner in swapped(plan)), *alone)


def _sums(table: Floats, found: LevelArray) -> Floats:
    total = np.zeros(len(found))
    for number in range(found.shape[1]):
        total += table[number][found[:, number]]
    return total


def _indicators(found: LevelArray) -> list[list[Ints]]:
    """For each field and level, the pairs that have it."""
    return [[np.flatnonzero(found[:, n] == level) for level in range(LEVELS)] for n in range(found.shape[1])]


def _maximised(
    weights: Weights,
    starts: tuple[Floats, Floats, Floats],
    plan: Plan,
    known: list[list[Ints]],
    shares: tuple[Floats, Floats],
    possible: float,
) -> Weights:
    """The next weights, given each pair's probabilities; what was expected counts as STRENGTH pairs."""
    expected, chance, homes = starts
    share, home = shares
    m, u, h = np.zeros_like(expected), chance.copy(), homes.copy()
    for number, per_level in enumerate(known):
        seen = _seen(share, per_level)
        m[number] = _shares(seen + STRENGTH * expected[number])
        if shared(plan.fields[number]):
            h[number] = _shares(_seen(home, per_level) + STRENGTH * homes[number])
        # Pairs of one person are among all pairs: taken away, or a telephone number would seem common.
        known_share = 1 - len(per_level[Level.UNKNOWN]) / max(sum(map(len, per_level)), 1)
        comparable = max(possible * known_share, 1.0)
        among = chance[number] * comparable
        left = np.maximum(among - seen, LEAST_LEFT * among)
        left[Level.SWAPPED] = among[Level.SWAPPED]  # worked out, not counted
        u[number] = _shares(left)
    prior = _part(share, possible)
    return Weights(weights.fields, m, u, h, prior, _part(home, possible) if weights.home else 0.0, weights.silent)


def _part(share: Floats, possible: float) -> float:
    return float(min((share.sum() + PRIOR_PAIRS) / (possible + 4 * PRIOR_PAIRS), LARGEST_SHARE))


def _seen(share: Floats, per_level: list[Ints]) -> Floats:
    seen = np.array([share[pairs].sum() for pairs in per_level])
    seen[Level.UNKNOWN] = 0.0
    return seen


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(), np.float64)
