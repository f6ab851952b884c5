"""Where the invented people live and work: communes of the reference data, weighted by population.

The shares of people in a priority neighbourhood are rounded guesses kept by hand to make plausible files; they
are not the official list of neighbourhoods and say nothing of any real street.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_samples.draws import Bools, Floats
from matcher.errors import UsageError
from matcher.locale import _
from matcher.reference.communes import Communes, communes

HOME = "91"
# Essonne: commune → share of the followed people who live in a priority neighbourhood.
QPV = {
    "91027": 0.18,
    "91103": 0.12,
    "91114": 0.15,
    "91174": 0.40,
    "91201": 0.12,
    "91215": 0.45,
    "91223": 0.28,
    "91228": 0.50,
    "91235": 0.22,
    "91286": 0.80,
    "91345": 0.12,
    "91377": 0.22,
    "91421": 0.12,
    "91477": 0.08,
    "91514": 0.12,
    "91521": 0.22,
    "91570": 0.12,
    "91589": 0.10,
    "91657": 0.30,
    "91687": 0.35,
    "91692": 0.30,
}
# Elsewhere: share in the communes of 20 000 inhabitants and more, by département.
QPV_LARGE = {"75": 0.12, "77": 0.2, "78": 0.2, "92": 0.14, "93": 0.42, "94": 0.2, "95": 0.3}
DENSE = ("75", "92", "93", "94")
# South of this latitude, Essonne is the country around Étampes, Dourdan, Milly-la-Forêt and Méréville.
SOUTH = 48.535


@dataclass(frozen=True)
class Towns:
    """Parallel arrays, one element per commune where people may live."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    postal: tuple[str, ...]
    weights: Floats
    qpv: Floats
    rural: Bools


def _embedded() -> Communes:
    """The embedded communes, whatever is installed on the machine: no official file lies in this folder."""
    return communes(Path(__file__).parent)


def _postal_codes(reference: Communes) -> dict[int, str]:
    """Commune index → its lowest post code ("" when it has none)."""
    lowest = dict.fromkeys(range(len(reference)), "")
    for code in sorted(reference.by_postal, reverse=True):
        lowest.update(dict.fromkeys(reference.by_postal[code], code))
    return lowest


def towns(departments: Sequence[str], home_share: float | None = None) -> Towns:
    """Communes of `departments`, weighted by population and, within it, towards priority neighbourhoods.

    `home_share`: share of the people given to the first department; None lets populations alone decide.
    Raises UsageError for a department without communes.
    """
    reference = _embedded()
    codes = np.asarray(reference.codes, dtype=object)
    department = np.asarray(reference.departments, dtype=object)
    population = np.nan_to_num(np.asarray(reference.population, dtype=np.float64))
    whole_city = np.isin(codes, [w for w, a in (("75056", "75101"), ("69123", "69381")) if a in set(codes)])
    kept = np.isin(department, list(departments)) & (population > 0) & ~whole_city
    for wanted in departments:
        if not (kept & (department == wanted)).any():
            raise UsageError(_("Département inconnu : {code}.").format(code=wanted))
    codes, department, population = codes[kept], department[kept], population[kept]
    latitude = np.asarray(reference.latitude, dtype=np.float64)[kept]
    share = np.array(
        [
            QPV.get(code, QPV_LARGE.get(dep, 0.1) if dep != HOME and people >= 20_000 else 0.0)
            for code, dep, people in zip(codes, department, population, strict=True)
        ]
    )
    country = (population < 4_000) & ~np.isin(department, DENSE)
    south = (department == HOME) & (latitude < SOUTH) & (population < 30_000)
    weights = population * (1.0 + 1.2 * share)
    if home_share is not None and len(departments) > 1:
        first = department == departments[0]
        weights = np.where(
            first, home_share * weights / weights[first].sum(), (1 - home_share) * weights / weights[~first].sum()
        )
    postal = _postal_codes(reference)
    return Towns(
        codes=tuple(codes),
        names=tuple(np.asarray(reference.names, dtype=object)[kept]),
        postal=tuple(postal[index] for index in np.flatnonzero(kept).tolist()),
        weights=weights,
        qpv=share,
        rural=country | south,
    )
