"""How near two occupations are, as named levels, from ROME codes, parents and mobilities."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from matcher.reference.occupations import Occupations
from matcher.resolve.cells import Ints


class Near(IntEnum):
    """From the farthest to the nearest."""

    OTHER = 0
    DOMAIN = 1
    FAMILY = 2
    MOBILITY = 3
    SAME = 4


def nearness(target: str, codes: Sequence[str], reference: Occupations) -> Ints:
    """For each of `codes` its nearness to the position's code `target`.

    SAME: the same code. MOBILITY: ROME lists a move between the two, either way, or they come from the same code
    of the previous ROME. FAMILY: the same three first characters (domaine professionnel). DOMAIN: the same letter
    (grand domaine).
    """
    moves_from_target = set(reference.mobilities(target))
    parent = reference.parent(target)
    return np.array([_level(target, parent, moves_from_target, code, reference) for code in codes], np.int64)


def _level(target: str, parent: str, moves: set[str], code: str, reference: Occupations) -> Near:
    if code == target:
        return Near.SAME
    if code in moves or target in reference.mobilities(code) or reference.parent(code) == parent:
        return Near.MOBILITY
    if code[:3] == target[:3]:
        return Near.FAMILY
    return Near.DOMAIN if code[:1] == target[:1] else Near.OTHER
