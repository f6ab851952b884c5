"""What one cell cannot tell: rows that cannot be, which are refused, and facts that disagree, which are only told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from matcher.locale import N_, _
from matcher.schema import TableSpec

MAX_SHOWN = 5


def impossible_rows(spec: TableSpec, frame: pd.DataFrame, today: date) -> Mapping[str, dict[int, str]]:
    """Column → {row index → message} for rows that cannot be used as they are."""
    if spec.name == "candidates":
        born_later = frame["birth_date"] > pd.Timestamp(today).as_unit("s")
        message = _("date de naissance dans le futur ; vérifier l'année")
        return {"birth_date": dict.fromkeys(np.flatnonzero(born_later).tolist(), message)}
    return {}


def _true(column: pd.Series[Any]) -> Any:
    return column.fillna(False).astype(bool)


def _false(column: pd.Series[Any]) -> Any:
    return ~column.fillna(True).astype(bool)


# Facts that disagree: each is used as given, the file's owner is told.
_Checks = tuple[tuple[str, Callable[[pd.DataFrame], Any]], ...]
_CANDIDATE_CHECKS: _Checks = (
    (
        N_("non inscrite à France Travail, mais une date d'inscription est donnée"),
        lambda t: _false(t["jobseeker"]) & t["jobseeker_since"].notna(),
    ),
    (
        N_("n'a jamais travaillé, mais travaille ou a des mois d'activité"),
        lambda t: _false(t["ever_worked"]) & (_true(t["employed"]) | (t["months_worked_12"] > 0)),
    ),
    (
        N_("travaille actuellement, mais aucun mois d'activité sur douze"),
        lambda t: _true(t["employed"]) & (t["months_worked_12"] == 0),
    ),
    (
        N_("sans reconnaissance de handicap, mais une fin de validité est donnée"),
        lambda t: _false(t["disability"]) & t["disability_until"].notna(),
    ),
    (
        N_("heures minimales au-dessus des heures maximales"),
        lambda t: t["weekly_hours_min"] > t["weekly_hours_max"],
    ),
    (
        N_("inscription à France Travail avant la naissance"),
        lambda t: t["jobseeker_since"] < t["birth_date"],
    ),
)
_CHECKS: Mapping[str, _Checks] = {
    "candidates": _CANDIDATE_CHECKS,
    "positions": ((N_("fin avant le début"), lambda t: t["end_date"] < t["start_date"]),),
}


def contradictions(spec: TableSpec, frame: pd.DataFrame, rows: np.ndarray[Any, Any]) -> list[str]:
    """One remark per kind of disagreement, with its count and the first rows."""
    remarks = []
    for text, check in _CHECKS.get(spec.name, ()):
        found = rows[np.asarray(check(frame), bool)]
        if len(found):
            shown = ", ".join(map(str, found[:MAX_SHOWN])) + ("…" if len(found) > MAX_SHOWN else "")
            remarks.append(
                _("{count} ligne(s) se contredisent : {what} (lignes {rows}) ; chaque fait est pris tel quel").format(
                    count=len(found), what=_(text), rows=shown
                )
            )
    return remarks
