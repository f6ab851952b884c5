"""People as the scorer sees them: the matching columns only, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from matcher.locale import _
from matcher.reference.communes import Communes
from matcher.reference.occupations import Occupations
from matcher.resolve.cells import (
    UNKNOWN,
    Bools,
    Dates,
    Ints,
    Lists,
    flags,
    holders,
    list_cells,
    no_more,
)
from matcher.resolve.words import Occupation, certificate_codes, licences_implied, resolve_occupations, unknown_words
from matcher.schema import CANDIDATES
from matcher.tables.cells import EMPTY_LIST
from matcher.tables.items import Cut
from matcher.vocabulary import FRENCH_LEVELS, LICENCES, PERMANENT, SCHEDULE, WORK_LIMITS

Floats = np.ndarray[Any, np.dtype[np.float64]]
Rows = Ints | slice
ALL = slice(None)

MATCHING_COLUMNS = (*CANDIDATES.with_role("M"), "postal_code", "city")
DEFAULT_DISTANCE_KM = 25.0
COMPLETABLE = ("certificates", "skills")


@dataclass(frozen=True)
class Practice:
    """The distinct experience cells: for each entry its occupation and months (NaN when not said), and whether every
    word of the cell was recognised."""

    cells: Ints
    lists: Lists
    months: Floats
    whole: Bools


@dataclass(frozen=True)
class Held:
    """Who holds a certificate and until when (PERMANENT without an end); who is known to lack any other."""

    ids: Ints
    lists: Lists
    until: Dates
    names: Mapping[str, int]
    complete: Bools

    def until_of(self, code: str, rows: Rows = ALL) -> tuple[Dates, Bools]:
        """For some people the end of validity of certificate `code`, and whether it is held at all."""
        until, held = self._by_cell(code)
        cells = self.ids[rows]
        return until[cells], held[cells]

    @cached_property
    def _by_cell(self) -> Callable[[str], tuple[Dates, Bools]]:
        """A look-up from a certificate to its end in each distinct cell, one more for people without any."""

        @lru_cache(maxsize=256)
        def look_up(code: str) -> tuple[Dates, Bools]:
            until = np.full(len(self.lists) + 1, np.datetime64("0001-01-01", "D"))
            held = np.zeros(len(self.lists) + 1, bool)
            number = self.names.get(code)
            if number is not None:
                named = np.flatnonzero(self.lists.values == number)
                cells = self.lists.owners()[named]
                until[cells], held[cells] = self.until[named], True
            return until, held

        return look_up


@dataclass(frozen=True)
class Doubts:
    """What was not understood of some people: codes that ROME does not have, titles without a sure code, homes not
    found, people who do not say how far they travel. `official`: the official appellations are installed."""

    strange: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    lost: int = 0
    silent: int = 0
    official: bool = False

    def __add__(self, other: Doubts) -> Doubts:
        """Those of two groups of people, nobody being in both."""
        return Doubts(
            self.strange | other.strange,
            self.unsure | other.unsure,
            self.lost + other.lost,
            self.silent + other.silent,
            self.official or other.official,
        )

    def remarks(self) -> tuple[str, ...]:
        """One sentence for each kind."""
        told = []
        if self.strange:
            told.append(
                _("codes ROME inconnus, gardés tels quels : {codes}").format(
                    codes=", ".join(sorted(self.strange)[:20])
                )
            )
        if self.unsure:
            remark = _(
                "{count} intitulé(s) de métier sans code ROME assez sûr, par exemple « {example} » ; donner le code"
            ).format(count=len(self.unsure), example=min(self.unsure))
            if not self.official:
                remark += _(", ou installer les appellations officielles du ROME (clausematch reference install)")
            told.append(remark)
        if self.lost:
            told.append(
                _("{count} lieu(x) de résidence non reconnu(s) ; la distance reste inconnue").format(count=self.lost)
            )
        if self.silent:
            told.append(
                _("{count} personne(s) sans distance maximale : {km:g} km à vol d'oiseau pris par défaut").format(
                    count=self.silent, km=DEFAULT_DISTANCE_KM
                )
            )
        return tuple(told)


@dataclass(frozen=True)
class People:
    """Matching facts of n people. Unknown is -1 (integers), NaN (numbers), NaT (dates).

    For each distinct list of wishes, `wishes_led` tells whether its first word was recognised, `wishes_whole` whether
    every word was.
    """

    commune: Ints
    max_distance: Floats
    wish_ids: Ints
    wishes: Lists
    wishes_led: Bools
    wishes_whole: Bools
    practice: Practice
    skill_ids: Ints
    skills: Lists
    skill_words: tuple[str, ...]
    skills_complete: Bools
    certificates: Held
    licences: Ints
    licences_known: Bools
    vehicle: Ints
    available: Dates
    hours_min: Floats
    hours_max: Floats
    accepts: Ints
    accepts_known: Bools
    limits: Ints
    limits_known: Bools
    french: Ints
    qualification: Floats
    wage_min: Floats
    occupation_codes: tuple[str, ...]
    doubts: Doubts

    def __len__(self) -> int:
        return len(self.commune)

    @cached_property
    def skill_cells(self) -> Callable[[int], Ints]:
        """Look-up from a skill's number to the distinct cells that name it."""
        return holders(self.skills)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was not understood, in words."""
        return self.doubts.remarks()

    @cached_property
    def reach_km(self) -> Floats:
        """The farthest each person will travel, in km; the documented default where not said."""
        return np.where(np.isnan(self.max_distance), DEFAULT_DISTANCE_KM, self.max_distance)


def encode_people(
    table: pd.DataFrame, communes: Communes, reference: Occupations, complete: Sequence[str] = ()
) -> People:
    """Matching columns of a canonical candidates table → People.

    `complete` names the columns (certificates, skills) whose lists lack nothing.
    """
    matching = table[[name for name in MATCHING_COLUMNS if name in table]]
    wish_ids, wished = list_cells(matching["occupations"])
    practice_ids, practised = list_cells(matching["experience"])
    entries = [_weighted(word) for word in practised.words]
    found = resolve_occupations([*wished.words, *(word for word, _months in entries)], reference)
    numbers = _numbers(found)
    wish_codes = _codes(wished.words, found, numbers)
    skill_ids, skills = list_cells(matching["skills"])
    licences, licences_known = flags(matching["licences"], LICENCES, licences_implied)
    accepts, accepts_known = flags(matching["accepts"], SCHEDULE, no_more)
    limits, limits_known = flags(matching["work_limits"], WORK_LIMITS, no_more)
    commune = communes.resolve(matching["commune"], matching["postal_code"], matching["city"]).astype(np.int64)
    return People(
        commune=commune,
        max_distance=matching["max_distance_km"].to_numpy(np.float64),
        wish_ids=wish_ids,
        wishes=_known(wished, wish_codes)[0],
        wishes_led=_led(wished, wish_codes >= 0),
        wishes_whole=_whole(wished, wish_codes >= 0),
        practice=_practice(practice_ids, practised, entries, _codes([word for word, _m in entries], found, numbers)),
        skill_ids=skill_ids,
        skills=Lists.grouped(skills.owners(), skills.items, len(skills.starts) - 1)[0],
        skill_words=tuple(skills.words),
        skills_complete=_complete(matching["skills"], "skills" in complete),
        certificates=_certificates(matching["certificates"], "certificates" in complete),
        licences=licences,
        licences_known=licences_known,
        vehicle=matching["vehicle"].to_numpy(np.int64, na_value=UNKNOWN),
        available=matching["available_from"].to_numpy("datetime64[D]"),
        hours_min=matching["weekly_hours_min"].to_numpy(np.float64),
        hours_max=matching["weekly_hours_max"].to_numpy(np.float64),
        accepts=accepts,
        accepts_known=accepts_known,
        limits=limits,
        limits_known=limits_known,
        french=pd.Index(FRENCH_LEVELS).get_indexer(pd.Index(matching["french_level"])).astype(np.int64),
        qualification=matching["qualification_level"].to_numpy(np.float64),
        wage_min=matching["wage_min"].to_numpy(np.float64),
        occupation_codes=tuple(numbers),
        doubts=_doubts(found, matching, commune, reference.installed),
    )


def with_no(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The table with empty cells of some matching columns read as no: false, or the known empty list."""
    named = [name for name in columns if name in MATCHING_COLUMNS]
    no = {name: False if table[name].dtype == "boolean" else EMPTY_LIST for name in named}
    return table.fillna(no) if no else table


def _weighted(item: str) -> tuple[str, float]:
    name, colon, months = item.rpartition(":")
    return (name, float(months)) if colon else (item, float("nan"))


def _numbers(found: Mapping[str, Occupation]) -> dict[str, int]:
    """A number for each distinct code met, in a fixed order."""
    return {code: i for i, code in enumerate(sorted({o.code for o in found.values() if o.code}))}


def _codes(words: Sequence[str], found: Mapping[str, Occupation], numbers: Mapping[str, int]) -> Ints:
    """The number of each word's code, -1 where it has none."""
    codes = (found[word].code for word in words)
    return np.array([UNKNOWN if code is None else numbers[code] for code in codes], np.int64)


def _known(cells: Cut, codes: Ints) -> tuple[Lists, Ints, Ints]:
    """The recognised codes of each cell, each once; for every recognised item its place there, and its word."""
    known = codes[cells.items] >= 0
    words = cells.items[known]
    lists, places = Lists.grouped(cells.owners()[known], codes[words], len(cells.starts) - 1)
    return lists, places, words


def _whole(cells: Cut, good: Bools) -> Bools:
    """For each cell whether all its words have a code."""
    result = np.ones(len(cells.starts) - 1, bool)
    result[cells.owners()[~good[cells.items]]] = False
    return result


def _led(cells: Cut, good: Bools) -> Bools:
    """For each cell whether it has a first word, and that has a code."""
    filled = np.flatnonzero(np.diff(cells.starts))
    result = np.zeros(len(cells.starts) - 1, bool)
    result[filled] = good[cells.items[cells.starts[filled]]]
    return result


def _practice(ids: Ints, cells: Cut, entries: Sequence[tuple[str, float]], codes: Ints) -> Practice:
    """Entries of the same occupation in one cell are added up; one without a duration adds nothing to the others."""
    lists, places, words = _known(cells, codes)
    said = np.array([months for _word, months in entries], np.float64)[words]
    count = len(lists.values)
    total = np.bincount(places, np.nan_to_num(said), count)
    some = np.bincount(places, ~np.isnan(said), count) > 0
    return Practice(ids, lists, np.where(some, total, np.nan), _whole(cells, codes >= 0))


def _complete(column: pd.Series[Any], complete: bool) -> Bools:
    """Where the list is known whole: `none`, or filled in a column said to be complete."""
    if complete:
        return column.notna().to_numpy(bool)
    return (column == "none").fillna(False).to_numpy(bool)


def _certificates(column: pd.Series[Any], complete: bool) -> Held:
    """Of several ends of one certificate the latest counts."""
    ids, cells = list_cells(column)
    names: dict[str, int] = {}
    numbers: list[list[int]] = []
    ends: list[np.datetime64] = []
    for word in cells.words:
        name, at, day = word.rpartition("@")
        codes = certificate_codes(name if at else word)
        numbers.append([names.setdefault(code, len(names)) for code in codes])
        ends.append(np.datetime64(day, "D") if at else PERMANENT)
    per_word = Lists.of(numbers)
    lengths = np.diff(per_word.starts)[cells.items]
    pairs = np.repeat(np.arange(len(cells.items)), lengths)
    offsets = np.arange(len(pairs)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    words = cells.items[pairs]
    values = per_word.values[per_word.starts[words] + offsets]
    lists, places = Lists.grouped(cells.owners()[pairs], values, len(cells.starts) - 1)
    until = np.full(len(lists.values), np.datetime64("0001-01-01", "D"))
    np.maximum.at(until, places, np.array(ends, "datetime64[D]")[words])
    return Held(ids, lists, until, names, _complete(column, complete))


def _doubts(found: Mapping[str, Occupation], matching: pd.DataFrame, commune: Ints, official: bool) -> Doubts:
    strange, unsure = unknown_words(found)
    written = matching[["commune", "postal_code", "city"]].notna().any(axis=1).to_numpy()
    return Doubts(
        frozenset(strange),
        frozenset(unsure),
        int((written & (commune < 0)).sum()),
        int(matching["max_distance_km"].isna().sum()),
        official,
    )
