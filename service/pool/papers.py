"""When each person's papers end: what was seen of them, what they hold, and what the rules count from a day.

Worked out once for a table of people, in the order of days, so that "before that day" is a slice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from matcher.eligibility import add_months
from matcher.locale import N_, _
from matcher.resolve.cells import Dates, Ints
from matcher.rules import PACK_IDS, load_rules
from matcher.rules.model import Atom, atoms
from matcher.tables.items import cut, one_piece
from matcher.training_needs.needs import certificate_need
from matcher.vocabulary import NEVER, PERMANENT

_HELD = "certificate:"
# What one must not read beside a name on a page of many people: health and justice.
_PRIVATE = frozenset({"notification_rqth", "attestation_aah", "titre_pension", "justificatif_justice"})
_DISCREET = N_("un document personnel, voir la fiche")
# Columns that are an end themselves; and those that the rules count some months from.
_UNTIL: Mapping[str, str] = {
    "pass_iae_until": N_("PASS IAE"),
    "right_to_work_until": N_("droit de travailler"),
    "disability_until": _DISCREET,
}
_FROM: Mapping[str, str] = {
    "adviser_opinion_on": N_("avis motivé"),
    "iae_diagnosis_on": N_("diagnostic d'un prescripteur habilité"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Ends:
    """One entry per person and paper, the last end of each, days rising: the row, the place of the paper's name in
    `names` (see `label`), the last day that it is good for."""

    rows: Ints
    names: tuple[str, ...]
    paper: Ints
    days: Dates

    def between(self, first: np.datetime64, last: np.datetime64) -> slice:
        """The entries that end from one day to another, both included."""
        low = int(np.searchsorted(self.days, first, "left"))
        return slice(low, int(np.searchsorted(self.days, last, "right")))


def ends(table: pd.DataFrame) -> Ends:
    """The ends of everybody's papers, where known."""
    parts = [
        *(_until(table, name, label) for name, label in _UNTIL.items()),
        *(_since(table, name, label) for name, label in _FROM.items()),
        *_evidence(table["evidence"]),
        *_certificates(table["certificates"]),
    ]
    labels = list(dict.fromkeys(label for label, _rows, _days in parts))
    place = {label: number for number, label in enumerate(labels)}
    rows = np.concatenate([rows for _label, rows, _days in parts])
    days = np.concatenate([days for _label, _rows, days in parts])
    paper = np.concatenate([np.full(len(rows), place[label]) for label, rows, _days in parts])
    order = np.lexsort((days, paper, rows))
    rows, days, paper = rows[order], days[order], paper[order]
    last = np.append((rows[1:] != rows[:-1]) | (paper[1:] != paper[:-1]), True)[: len(rows)]
    rows, days, paper = rows[last], days[last], paper[last]
    order = np.argsort(days, kind="stable")
    return Ends(rows[order], tuple(labels), paper[order], days[order])


def label(name: str) -> str:
    """What a paper is called, in the current language."""
    return certificate_need(name.removeprefix(_HELD)).label if name.startswith(_HELD) else _(name)


_Part = tuple[str, Ints, Dates]


def _until(table: pd.DataFrame, name: str, label: str) -> _Part:
    days = table[name].to_numpy("datetime64[D]")
    known = (days > NEVER) & (days < PERMANENT)
    if name == "disability_until":
        known &= table["disability"].to_numpy(bool, na_value=False)
    return label, np.flatnonzero(known), days[known]


def _since(table: pd.DataFrame, name: str, label: str) -> _Part:
    days = table[name].to_numpy("datetime64[D]")
    known = ~np.isnat(days)
    return label, np.flatnonzero(known), add_months(days[known], _given_months()[name])


def _evidence(column: pd.Series[Any]) -> list[_Part]:
    """Proofs seen that are good for some months; those with an end of their own are in `_UNTIL`."""
    rows, codes, days = _dated(column)
    months = _proof_months()
    found = []
    for code in dict.fromkeys(codes.tolist()):
        if code in months:
            label, number = months[code]
            mine = codes == code
            found.append((label, rows[mine], add_months(days[mine], number)))
    return found


def _certificates(column: pd.Series[Any]) -> list[_Part]:
    rows, codes, days = _dated(column)
    return [(f"{_HELD}{code}", rows[codes == code], days[codes == code]) for code in dict.fromkeys(codes.tolist())]


def _dated(column: pd.Series[Any]) -> tuple[Ints, Any, Dates]:
    """The rows, codes and days of the items of a dated list that have a day."""
    cells = cut(one_piece(column))
    parts = [str(word).partition("@") for word in cells.words]
    codes = np.array([code for code, _at, _day in parts], object)
    days = np.array([np.datetime64(day or "NaT", "D") for _code, _at, day in parts], "datetime64[D]")
    items = np.asarray(cells.items, np.int64)
    rows = np.asarray(cells.owners(), np.int64)
    if not len(items):
        return rows, codes[:0], days[:0]
    known = ~np.isnat(days[items])
    return rows[known], codes[items[known]], days[items[known]]


@lru_cache(maxsize=1)
def _proof_months() -> Mapping[str, tuple[str, int]]:
    """Proof → its name and for how many months it is good, for those that are good for some months."""
    proofs = (proof for name in PACK_IDS for proof in load_rules(name).proofs)
    return {
        proof.code: (_DISCREET if proof.code in _PRIVATE else proof.label, proof.months)
        for proof in proofs
        if proof.months is not None
    }


@lru_cache(maxsize=1)
def _given_months() -> Mapping[str, int]:
    """For how many months an opinion or a diagnosis counts: the longest of any pack."""
    found: dict[str, int] = dict.fromkeys(_FROM, 0)
    for name in PACK_IDS:
        for category in load_rules(name).categories:
            for atom in atoms(category.condition):
                if isinstance(atom, Atom) and atom.kind == "given_within" and atom.fact in found:
                    found[atom.fact] = max(found[atom.fact], atom.number)
    return found
