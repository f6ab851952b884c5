"""How near two occupations are, as named levels, from ROME codes, parents, mobilities and shared competences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_matrix, csr_matrix

from matcher.reference.occupations import BEHAVIOUR, CORE_MAIN, KNOW_HOW, Occupations
from matcher.resolve.cells import Ints

Floats = np.ndarray[Any, np.dtype[np.float64]]

ENOUGH_SHARED = 0.09
"""Two occupations are related by their competences from this share on. Of the pairs of ROME 4.60 that score 0.09 to
0.12, ROME itself lists three in four as moves or as one former code; of 44 others read there, 35 were sensible
(29 of 44 between 0.07 and 0.09)."""
CORE_TWICE = 2.0
"""A core know-how (« coeur de métier ») weighs this many times another competence."""


class Near(IntEnum):
    """From the farthest to the nearest."""

    OTHER = 0
    DOMAIN = 1
    FAMILY = 2
    SKILLS = 3
    PARENT = 4
    MOBILITY = 5
    SAME = 6


def nearness(target: str, codes: Sequence[str], reference: Occupations) -> np.ndarray[Any, np.dtype[np.int8]]:
    """For each of `codes` its nearness to the position's code `target`.

    SAME: the same code. MOBILITY: ROME lists a move between the two, either way. PARENT: they come from the same code
    of the previous ROME. SKILLS: :func:`shared_skills` is ENOUGH_SHARED or more. FAMILY: the same three first
    characters (domaine professionnel). DOMAIN: the same letter (grand domaine). The embedded data know SAME, FAMILY,
    DOMAIN and OTHER alone.
    """
    placed = _placed(tuple(codes))
    levels: np.ndarray[Any, np.dtype[np.int8]] = (placed.domains == target[:1]).astype(np.int8) + (
        placed.families == target[:3]
    )
    for code, near in _neighbours(target, reference).items():
        levels[placed.places.get(code, [])] = near
    return levels


@dataclass(frozen=True)
class _Placed:
    """A list of codes: their first letters, their three first characters, and where each code stands."""

    domains: np.ndarray[Any, np.dtype[np.str_]]
    families: np.ndarray[Any, np.dtype[np.str_]]
    places: Mapping[str, list[int]]


@lru_cache(maxsize=4)
def _placed(codes: tuple[str, ...]) -> _Placed:
    places: dict[str, list[int]] = {}
    for place, code in enumerate(codes):
        places.setdefault(code, []).append(place)
    names = np.array(codes, dtype=np.str_)
    return _Placed(names.astype("U1"), names.astype("U3"), MappingProxyType(places))


@lru_cache(maxsize=4096)
def _neighbours(target: str, reference: Occupations) -> Mapping[str, Near]:
    """The codes nearer to `target` than its family; those that two levels fit have the nearer one."""
    shared = shared_skills(target, reference)
    related = [reference.codes[i] for i in np.flatnonzero(shared >= ENOUGH_SHARED)]
    near = dict.fromkeys(related, Near.SKILLS)
    near.update(dict.fromkeys(reference.children(reference.parent(target)), Near.PARENT))
    near.update(dict.fromkeys((*reference.mobilities(target), *reference.origins(target)), Near.MOBILITY))
    return MappingProxyType({**near, target: Near.SAME})


@dataclass(frozen=True)
class _Competences:
    """Occupations × their competences, the core know-how a second time; the weight of each column, and the sum of an
    occupation's weights; `of` has the columns of each occupation."""

    held: csc_matrix[Any]
    weights: Floats
    sizes: Floats
    of: tuple[Ints, ...]


def shared_skills(target: str, reference: Occupations) -> Floats:
    """For each of `reference.codes`, 0 to 1: the weight of the competences it shares with `target`, over that of
    all the competences of either (a weighted Jaccard index).

    A competence (know-how or knowledge, never behaviour) weighs ln(N / n), n being how many of the N occupations have
    it: what nearly all have weighs next to nothing. A core know-how weighs CORE_TWICE as much, in so far as both
    have it as such. All zeros without the official files.
    """
    competences = _competences(reference)
    if competences is None or not reference.known(target):
        return np.zeros(len(reference.codes))
    row = bisect_left(reference.codes, target)
    own = competences.of[row]
    shared = competences.held[:, own] @ competences.weights[own]
    either = competences.sizes + competences.sizes[row] - shared
    share: Floats = np.divide(shared, either, out=np.zeros(len(shared)), where=either > 0)
    return share


@lru_cache(maxsize=4)
def _competences(reference: Occupations) -> _Competences | None:
    links = reference.skill_links
    links = links[links["kind"] != BEHAVIOUR]
    if links.empty:
        return None
    rows = np.searchsorted(reference.codes, links["code"].to_numpy(np.str_))
    columns, skills = pd.factorize(links["skill"])
    core = ((links["core"] == CORE_MAIN) & (links["kind"] == KNOW_HOW)).to_numpy()
    count, width = len(reference.codes), len(skills)
    places = (np.concatenate([rows, rows[core]]), np.concatenate([columns, columns[core] + width]))
    held = csr_matrix((np.ones(len(places[0])), places), shape=(count, 2 * width))
    of = tuple(held.indices[start:end].astype(np.int64) for start, end in pairwise(held.indptr))
    weights = np.log(count / np.bincount(columns, minlength=width))
    weights = np.concatenate([weights, (CORE_TWICE - 1) * weights])
    return _Competences(csc_matrix(held), weights, held @ weights, of)
