"""From a commune code, a postal code and a city as typed to one commune. Cautious: a doubt stays unknown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz

from matcher.reference.text import normalise_place, numbered_arrondissement

if TYPE_CHECKING:
    from matcher.reference.communes import Communes

# A column of cells: missing ones are None or NA.
Column: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]"

# Postal codes nobody has, commonly given for the whole city.
WHOLE_CITIES = {"75000": "75056", "69000": "69123", "13000": "13055"}
FIRST_ARRONDISSEMENT = {"paris": 75100, "lyon": 69380, "marseille": 13200}
# Similarity (0-100) from which a misspelled city is the commune; the runner-up must be as far behind as MARGIN.
SAME_POSTAL, SAME_DEPARTMENT, MARGIN = 85.0, 90.0, 5.0

_NUMBER = re.compile(r"^(\d+)\.0+$")
_CEDEX = re.compile(r"CEDEX\d*$")


def clean_code(code: str) -> str:
    """A postal or INSEE code without spaces, in capitals, its lost leading zero (``1400``, ``1400.0``) put back."""
    text = code.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").upper()
    text = _CEDEX.sub("", _NUMBER.sub(r"\1", text).removeprefix("F-").removeprefix("FR-"))
    return f"0{text}" if len(text) == 4 and text.isdigit() and text[0] != "0" else text


def postal_department(postal_code: str) -> str:
    """The département a postal code begins with, CEDEX ones too: ``91012`` → ``91``, ``20200`` → ``2B``."""
    if len(postal_code) != 5 or not postal_code.isdigit():
        return ""
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" or postal_code.startswith("207") else "2B"  # 207: Ajaccio CEDEX
    return postal_code[:3] if postal_code[:2] in {"97", "98"} else postal_code[:2]


def as_series(values: Column) -> pd.Series[Any]:
    """The column as a Series; one that is a Series already stays as it is."""
    return values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)


def resolve_residence(
    communes: Communes, commune: Column, postal_code: Column, city: Column
) -> npt.NDArray[np.int32]:
    """Index of the commune of each row (-1 unknown), from three columns of one length, empty cells as NA.

    A known INSEE code wins (old, merged ones included); else the city among the communes of the postal code, then
    of its département (CEDEX); else the postal code's most populated commune. A city without a postal code is
    taken only where its name is unique in France. Work is done once per distinct combination.
    """
    known = communes.index(commune)
    left = np.flatnonzero(known < 0)
    if len(left) == 0:
        return known
    columns = [_factorise(values, left) for values in (commune, postal_code, city)]
    key = np.zeros(len(columns[0][0]), dtype=np.int64)
    for positions, distinct in columns:
        key = key * (len(distinct) + 1) + positions
    rows, combinations = pd.factorize(key)
    found = np.empty(len(combinations), dtype=np.int32)
    sizes = [len(distinct) + 1 for _positions, distinct in columns]
    for row, combination in enumerate(combinations.tolist()):
        combination, third = divmod(combination, sizes[2])
        first, second = divmod(combination, sizes[1])
        texts = [
            distinct[at - 1] if at else ""
            for (_positions, distinct), at in zip(columns, (first, second, third), strict=True)
        ]
        found[row] = resolve_one(communes, *texts)
    known[left] = found[rows]
    return known


def _factorise(values: Column, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Positions (0 = missing) of these rows' values in their distinct texts."""
    positions, distinct = pd.factorize(as_series(values).iloc[rows])
    return positions.astype(np.int64) + 1, [str(value).strip() for value in distinct]


def resolve_one(communes: Communes, commune: str, postal_code: str, city: str) -> int:
    """The same for one row; empty texts are unknown."""
    if commune:
        found = communes.by_code.get(clean_code(commune), -1)
        if found >= 0:
            return found
    postal, name = clean_code(postal_code), normalise_place(city)
    if commune and not postal and any(character.isdigit() for character in commune):
        postal = clean_code(commune)  # a postal code stands in the commune column
    elif commune and not name:
        name = normalise_place(commune)  # or a name
    return _from_postal_and_name(communes, postal, name)


def _from_postal_and_name(communes: Communes, postal: str, name: str) -> int:
    inside = communes.by_postal.get(postal, ())
    numbered = numbered_arrondissement(name)
    if numbered:
        arrondissement = communes.by_code.get(str(FIRST_ARRONDISSEMENT[numbered[0]] + numbered[1]), -1)
        department = _department_of(communes, postal, inside)
        if arrondissement >= 0 and (not postal or department == communes.departments[arrondissement]):
            return arrondissement
        name = numbered[0]
    if name:
        found = _by_name(communes, postal, inside, name)
        if found >= 0:
            return found
    if inside:
        return inside[0]
    return communes.by_code.get(WHOLE_CITIES.get(postal, postal), -1) if postal else -1


def _department_of(communes: Communes, postal: str, inside: Sequence[int]) -> str:
    return str(communes.departments[inside[0]]) if inside else postal_department(postal)


def _by_name(communes: Communes, postal: str, inside: Sequence[int], name: str) -> int:
    found = _best_inside(communes, inside, name)
    if found >= 0:
        return found
    department = _department_of(communes, postal, inside)
    if not department:
        # Without a usable postal code only a name that is unique in France says where.
        return _alone_in_france(communes, name)
    names = communes.names_in_department(department)
    exact = _only(names.get(name, ()))
    if exact >= 0 or inside:
        return exact
    beginning = {index for spelling, indices in names.items() if spelling.startswith(f"{name} ") for index in indices}
    return _only(tuple(beginning)) if beginning else _closest(names.items(), name, SAME_DEPARTMENT)


def _alone_in_france(communes: Communes, name: str) -> int:
    """The one commune of that name, unless a larger one is commonly called so for short (Évry-Courcouronnes)."""
    found = _only(communes.names_in_france.get(name, ()))
    if found < 0:
        return -1
    spellings = communes.sorted_names
    population = communes.people[found]
    for spelling in spellings[bisect_left(spellings, f"{name} ") : bisect_left(spellings, f"{name}!")]:
        if any(communes.people[index] > population for index in communes.names_in_france[spelling]):
            return -1
    return found


def _best_inside(communes: Communes, inside: Sequence[int], name: str) -> int:
    """The commune of this postal code that the city names: exactly, by its beginning, or nearly."""
    for index in inside:
        if name in communes.spellings(index):
            return index
    spellings = [(spelling, (index,)) for index in inside for spelling in communes.spellings(index)]
    partial = {
        index
        for spelling, (index,) in spellings
        if spelling.startswith(f"{name} ") or name.startswith(f"{spelling} ")
    }
    return _only(tuple(partial)) if partial else _closest(spellings, name, SAME_POSTAL)


def _only(indices: Sequence[int]) -> int:
    return indices[0] if len(indices) == 1 else -1


def _closest(spellings: Iterable[tuple[str, tuple[int, ...]]], name: str, least: float) -> int:
    """The one commune spelled nearly so, when no other comes close."""
    scores: dict[int, float] = {}
    for spelling, indices in spellings:
        score = fuzz.ratio(name, spelling, score_cutoff=least - MARGIN)
        for index in indices:
            if score > scores.get(index, 0.0):
                scores[index] = score
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < least:
        return -1
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= MARGIN else -1
