"""Shortfalls gathered by need, place and month, so that no group shown is too small to hide a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.fairness import MIN_GROUP
from matcher.locale import _
from matcher.resolve.cells import Ints
from matcher.training_needs.shortfalls import Shortfalls, State

NOWHERE, ELSEWHERE = -1, -2  # home unknown; several places put together
UNDATED, OTHER_MONTHS = -1, -2  # start unknown; several months put together
KEY = ["need", "place", "month"]


@dataclass(frozen=True)
class Places:
    """The administrative arrondissement of each person: its number (NOWHERE without a known home), and for each
    number its name and département."""

    of_person: Ints
    names: tuple[str, ...]
    departments: tuple[str, ...]

    def label(self, place: int) -> str:
        if place == NOWHERE:
            return _("domicile inconnu")
        if place == ELSEWHERE:
            return _("autres lieux")
        return f"{self.names[place]} ({self.departments[place]})"

    def department(self, place: int) -> str:
        return self.departments[place] if place >= 0 else ""


def places_of(engine: Engine) -> Places:
    """Where courses could be held, by where people live. A commune without arrondissement takes its département."""
    communes = engine.communes
    of_commune = np.full(len(communes) + 1, NOWHERE, np.int64)  # the last one stands for an unknown home
    names: list[str] = []
    departments: list[str] = []
    for kind, groups in (("departement", communes.by_department), ("arrondissement", communes.by_arrondissement)):
        for code, members in groups.items():
            if code:
                of_commune[list(members)] = len(names)
                names.append(communes.territory_names.get((kind, code), code))
                departments.append(str(communes.departments[members[0]]))
    return Places(of_commune[engine.people.commune], tuple(names), tuple(departments))


def months_of(engine: Engine) -> Ints:
    """The month in which each position starts, in months since 1970; UNDATED when not known."""
    starts = np.array([job.start for job in engine.jobs], "datetime64[M]")
    return np.where(np.isnat(starts), UNDATED, starts.astype(np.int64))


def month_text(month: int) -> str:
    """`2026-10`, or what stands for it."""
    if month == UNDATED:
        return _("date inconnue")
    return _("autres mois") if month == OTHER_MONTHS else str(np.datetime64(month, "M"))


def gathered(engine: Engine, found: Shortfalls, places: Places) -> tuple[pd.DataFrame, int]:
    """One row per shortfall (columns of KEY, `row`, `job`, `state`, `sensible`, `french`), its place and month made
    wider where fewer than MIN_GROUP people are concerned, and left out where that is not enough; and how many needs
    have something left out in this way.

    Wider means first all the small places of a need and month together, then all such months.
    """
    table = pd.DataFrame(
        {
            "need": found.need,
            "place": places.of_person[found.row],
            "month": months_of(engine)[found.job],
            "row": found.row,
            "job": found.job,
            "state": found.state,
            "sensible": found.sensible,
            "french": found.french,
        }
    )
    table.loc[_small(table), "place"] = ELSEWHERE
    table.loc[_small(table), ["place", "month"]] = [ELSEWHERE, OTHER_MONTHS]
    small = _small(table)
    lost = table.loc[small & table["sensible"], "need"].nunique()
    return table.loc[~small].reset_index(drop=True), lost


def _small(table: pd.DataFrame) -> pd.Series[bool]:
    """The rows of groups that have no basis."""
    return pd.Series(~pd.MultiIndex.from_frame(table[KEY]).isin(basis(table).index), table.index)


def known(table: pd.DataFrame) -> pd.Series[bool]:
    """Who is known to lack the need for work they look for or have done."""
    return table["sensible"] & table["state"].isin([State.STOPPED, State.SHORT])


def to_ask(table: pd.DataFrame) -> pd.Series[bool]:
    """Who may have it already, for such work."""
    return table["sensible"] & (table["state"] == State.UNKNOWN)


def wished(table: pd.DataFrame) -> pd.Series[bool]:
    """Who is known to lack what such work only wishes for."""
    return table["sensible"] & (table["state"] == State.WISHED)


LACKED, ASKED, WISHED = 0, 1, 2  # what a group is shown for
BASES = (known, to_ask, wished)


def basis(table: pd.DataFrame) -> pd.Series[int]:
    """For each group shown, the first of BASES that holds for MIN_GROUP people: LACKED, ASKED or WISHED."""
    counts = pd.DataFrame({i: people(table, chosen(table)) for i, chosen in enumerate(BASES)}).fillna(0)
    enough = counts >= MIN_GROUP
    return enough[enough.any(axis=1)].idxmax(axis=1).astype("int64")


def people(table: pd.DataFrame, chosen: pd.Series[bool]) -> pd.Series[int]:
    """Distinct people of the chosen rows in each group."""
    return table.loc[chosen, [*KEY, "row"]].drop_duplicates().groupby(KEY).size()
