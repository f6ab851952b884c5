"""What different people share by chance, and what people of one home share: where learning starts."""

from __future__ import annotations

import numpy as np

from matcher.duplicates.compare import levels
from matcher.duplicates.evidence import USUAL_PAIRS, Floats, exact_share, swapped
from matcher.duplicates.model import EXPECTED, LEVELS, USUAL, Kind, Level, Plan
from matcher.duplicates.records import Records

SAMPLE = 300_000
SPREAD = 2.0
"""What is expected of one person's records, counted as this many pairs: no level may be seen as impossible."""
WRITTEN_SWAPPED = 0.05
"""Records with two fields exchanged, as a share; a judgement, on the high side since a wrong merge costs more."""


def by_chance(data: Records, plan: Plan, seed: int) -> Floats:
    """Shares of levels among random pairs, one row per field; the same value is counted exactly, over all pairs."""
    random = np.random.default_rng(seed)
    size = len(data)
    drawn = SAMPLE if size > 1 else 0
    left = random.integers(0, max(size, 1), drawn)
    right = (left + 1 + random.integers(0, max(size - 1, 1), drawn)) % max(size, 1)
    real = min(drawn, size * (size - 1) / 2)  # a small table has fewer pairs than are drawn
    found = levels(data, plan, left, right)
    made = np.zeros((len(plan.fields), LEVELS))
    for number, one in enumerate(plan.fields):
        counts = np.bincount(found[:, number], minlength=LEVELS)[1:] * (real / max(drawn, 1))
        counts += SPREAD * np.array(EXPECTED[one.kind]) + USUAL_PAIRS / 10 * _usual(one.kind)
        counts /= counts.sum()
        if one.kind is not Kind.PLACE:
            counts[0] = exact_share(data, one)
            counts[1:] *= (1 - counts[0]) / counts[1:].sum()
        made[number, 1:] = counts
    for lead, partner in swapped(plan):
        made[lead, Level.SWAPPED] = _crossed(data, plan, made, lead, partner)
    return made


def _usual(kind: Kind) -> Floats:
    """Levels of pairs of people where nothing is known of the table."""
    same = USUAL[kind]
    return np.array([same, same / 2, same, same / 2, 0.0, 1 - 3 * same])


def _crossed(data: Records, plan: Plan, chance: Floats, lead: int, partner: int) -> float:
    """The chance that records of two people agree crosswise on two fields: too rare to be seen in a sample.

    Either the same two values happen to stand in both fields; or they are namesakes, and one is written so.
    """
    columns = [data.columns[plan.fields[number].name] for number in (lead, partner)]
    texts = len(columns[0].texts)
    a, b = (np.bincount(one.codes[one.codes >= 0], minlength=texts).astype(np.float64) for one in columns)
    across = (a @ b + 1.0) / (a.sum() * b.sum() + 2.0)
    alike = chance[:, Level.EXACT] + chance[:, Level.CLOSE]
    wider = alike[lead] / chance[lead, Level.EXACT]
    return float(min((across * wider) ** 2 + WRITTEN_SWAPPED * alike[lead] * alike[partner], 0.01))


def of_one_home(plan: Plan, chance: Floats) -> Floats:
    """What is expected of people of one home: as by chance, but for the share of EXACT that a field declares."""
    made = chance.copy()
    for number, one in enumerate(plan.fields):
        if one.household is not None:
            made[number] *= (1 - one.household) / (1 - made[number, Level.EXACT])
            made[number, Level.EXACT] = one.household
    return made
