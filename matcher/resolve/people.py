"""People as the scorer sees them: the matching columns only, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    cell_items,
    distinct_cells,
    flags,
    holders,
    no_more,
)
from matcher.resolve.words import Occupation, certificate_codes, licences_implied, resolve_occupations, unknown_words
from matcher.schema import CANDIDATES
from matcher.vocabulary import FRENCH_LEVELS, LICENCES, PERMANENT, SCHEDULE, WORK_LIMITS

Floats = np.ndarray[Any, np.dtype[np.float64]]

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

    @cached_property
    def _by_row(self) -> tuple[Ints, Dates, Ints]:
        lengths = np.where(self.ids >= 0, np.diff(self.lists.starts)[self.ids], 0)
        rows = np.repeat(np.arange(len(self.ids)), lengths)
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.repeat(self.lists.starts[self.ids * (self.ids >= 0)], lengths) + offsets
        order = np.argsort(self.lists.values[places], kind="stable")
        return rows[order], self.until[places][order], self.lists.values[places][order]

    def until_of(self, code: str, count: int) -> tuple[Dates, Bools]:
        """For each person the end of validity of certificate `code`, and whether it is held at all."""
        until = np.full(count, np.datetime64("0001-01-01", "D"))
        held = np.zeros(count, bool)
        number = self.names.get(code)
        if number is not None:
            rows, ends, values = self._by_row
            low, high = np.searchsorted(values, [number, number + 1])
            np.maximum.at(until, rows[low:high], ends[low:high])
            held[rows[low:high]] = True
        return until, held


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
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.commune)

    @cached_property
    def skill_holders(self) -> Any:
        """Look-up from a skill's number to the people who name it."""
        return holders(self.skill_ids, self.skills)


def encode_people(
    table: pd.DataFrame, communes: Communes, reference: Occupations, complete: Sequence[str] = ()
) -> People:
    """Matching columns of a canonical candidates table → People.

    `complete` names the columns (certificates, skills) whose lists lack nothing.
    """
    matching = table[[name for name in MATCHING_COLUMNS if name in table]]
    wish_ids, wish_texts = distinct_cells(matching["occupations"])
    practice_ids, practice_texts = distinct_cells(matching["experience"])
    wished = [cell_items(text) for text in wish_texts]
    practised = [[_weighted(item) for item in cell_items(text)] for text in practice_texts]
    words = [word for items in wished for word in items] + [word for items in practised for word, _m in items]
    found = resolve_occupations(words, reference)
    numbers = _numbers(found)
    skill_ids, skill_texts = distinct_cells(matching["skills"])
    skill_items = [cell_items(text) for text in skill_texts]
    skill_numbers = {word: i for i, word in enumerate(dict.fromkeys(w for items in skill_items for w in items))}
    licences, licences_known = flags(matching["licences"], LICENCES, licences_implied)
    accepts, accepts_known = flags(matching["accepts"], SCHEDULE, no_more)
    limits, limits_known = flags(matching["work_limits"], WORK_LIMITS, no_more)
    commune = communes.resolve(matching["commune"], matching["postal_code"], matching["city"]).astype(np.int64)
    return People(
        commune=commune,
        max_distance=matching["max_distance_km"].to_numpy(np.float64),
        wish_ids=wish_ids,
        wishes=Lists.of([_codes(items, found, numbers) for items in wished]),
        wishes_led=_whole([items[:1] for items in wished], found) & np.array([bool(items) for items in wished], bool),
        wishes_whole=_whole(wished, found),
        practice=_practice(practice_ids, practised, found, numbers),
        skill_ids=skill_ids,
        skills=Lists.of([[skill_numbers[word] for word in items] for items in skill_items]),
        skill_words=tuple(skill_numbers),
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
        warnings=tuple(_warnings(found, matching, commune, reference.installed)),
    )


def _weighted(item: str) -> tuple[str, float]:
    name, colon, months = item.rpartition(":")
    return (name, float(months)) if colon else (item, float("nan"))


def _numbers(found: Mapping[str, Occupation]) -> dict[str, int]:
    """A number for each distinct code met, in a fixed order."""
    return {code: i for i, code in enumerate(sorted({o.code for o in found.values() if o.code}))}


def _codes(words: Sequence[str], found: Mapping[str, Occupation], numbers: Mapping[str, int]) -> list[int]:
    codes = [found[word].code for word in words]
    return list(dict.fromkeys(numbers[code] for code in codes if code))


def _whole(cells: Sequence[Sequence[str]], found: Mapping[str, Occupation]) -> Bools:
    """For each cell whether all its words have a code."""
    return np.array([all(found[word].code for word in words) for words in cells], bool)


def _practice(
    ids: Ints,
    cells: Sequence[Sequence[tuple[str, float]]],
    found: Mapping[str, Occupation],
    numbers: Mapping[str, int],
) -> Practice:
    """Entries of the same occupation in one cell are added up; one without a duration adds nothing to the others."""
    lists: list[list[int]] = []
    months: list[float] = []
    for items in cells:
        total: dict[int, float] = {}
        for word, duration in items:
            code = found[word].code
            if code:
                number = numbers[code]
                said = total.get(number)
                total[number] = duration if said is None or np.isnan(said) else said + np.nan_to_num(duration)
        lists.append(list(total))
        months.extend(total.values())
    whole = _whole([[word for word, _months in items] for items in cells], found)
    return Practice(ids, Lists.of(lists), np.array(months, np.float64), whole)


def _complete(column: pd.Series[Any], complete: bool) -> Bools:
    """Where the list is known whole: `none`, or filled in a column said to be complete."""
    if complete:
        return column.notna().to_numpy(bool)
    return (column == "none").fillna(False).to_numpy(bool)


def _certificates(column: pd.Series[Any], complete: bool) -> Held:
    ids, texts = distinct_cells(column)
    names: dict[str, int] = {}
    lists: list[list[int]] = []
    until: list[np.datetime64] = []
    for text in texts:
        ends: dict[int, np.datetime64] = {}
        for item in cell_items(text):
            name, at, day = item.rpartition("@")
            end = np.datetime64(day, "D") if at else PERMANENT
            for code in certificate_codes(name if at else item):
                number = names.setdefault(code, len(names))
                ends[number] = max(end, ends.get(number, end))
        lists.append(list(ends))
        until.extend(ends.values())
    return Held(ids, Lists.of(lists), np.array(until, "datetime64[D]"), names, _complete(column, complete))


def _warnings(found: Mapping[str, Occupation], matching: pd.DataFrame, commune: Ints, official: bool) -> list[str]:
    strange, unsure = unknown_words(found)
    remarks = []
    if strange:
        remarks.append(
            _("codes ROME inconnus, gardés tels quels : {codes}").format(codes=", ".join(sorted(set(strange))[:20]))
        )
    if unsure:
        remark = _(
            "{count} intitulé(s) de métier sans code ROME assez sûr, par exemple « {example} » ; donner le code"
        ).format(count=len(unsure), example=sorted(unsure)[0])
        if not official:
            remark += _(", ou installer les appellations officielles du ROME (clausematch reference install)")
        remarks.append(remark)
    written = matching[["commune", "postal_code", "city"]].notna().any(axis=1).to_numpy()
    lost = int((written & (commune < 0)).sum())
    if lost:
        remarks.append(
            _("{count} lieu(x) de résidence non reconnu(s) ; la distance reste inconnue").format(count=lost)
        )
    silent = int(matching["max_distance_km"].isna().sum())
    if silent:
        remarks.append(
            _("{count} personne(s) sans distance maximale : {km:g} km à vol d'oiseau pris par défaut").format(
                count=silent, km=DEFAULT_DISTANCE_KM
            )
        )
    return remarks
