"""What a file of invented people contains, against what it aims at: the table of DATASHEET.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Figure:
    """One proportion: its name, the aim, the tolerance on 600 people, the value found among known cells."""

    name: str
    aim: float
    tolerance: float
    found: float


def _share(truth: pd.Series[bool], known: pd.Series[bool] | None = None) -> float:
    return float((truth if known is None else truth[known]).mean())


def _true(column: pd.Series[bool]) -> pd.Series[bool]:
    return column.fillna(False).astype(bool)


def figures(people: pd.DataFrame, on: date) -> list[Figure]:
    """Proportions of a canonical table of people (as the reader gives it), unknown cells left out of each."""
    day = pd.Timestamp(on)
    birth = people["birth_date"]
    under_26 = birth > day - pd.DateOffset(years=26)
    over_50 = birth <= day - pd.DateOffset(years=50)
    benefits = people["benefits"]
    rsa = benefits.fillna("").str.split("|").map(lambda items: "RSA" in items)
    seeker = _true(people["jobseeker"])
    since = people["jobseeker_since"]
    long_term = seeker & (since <= day - pd.DateOffset(months=12))
    dated = since.notna() | (~seeker & people["jobseeker"].notna())
    level = people["qualification_level"]
    licences = people["licences"]
    known_sex = people["sex"].notna()
    return [
        Figure("femmes", 0.40, 0.06, _share(people["sex"] == "F", known_sex)),
        Figure("moins de 26 ans", 0.25, 0.05, _share(under_26, birth.notna())),
        Figure("50 ans et plus", 0.20, 0.05, _share(over_50, birth.notna())),
        Figure("inscrits depuis plus de 12 mois", 0.47, 0.06, _share(long_term, dated)),
        Figure("RSA", 0.30, 0.05, _share(rsa, benefits.notna())),
        Figure("niveau CAP/BEP ou moins", 0.61, 0.06, _share(level <= 3, level.notna())),
        Figure("RQTH", 0.10, 0.04, _share(_true(people["disability"]), people["disability"].notna())),
        Figure("habitent un QPV", 0.19, 0.06, _share(_true(people["qpv"]), people["qpv"].notna())),
        Figure("permis B", 0.47, 0.08, _share(licences.fillna("").str.contains("B"), licences.notna())),
        Figure("titulaires d'un PASS IAE valide", 0.10, 0.05, _pass(people, day)),
    ]


def _pass(people: pd.DataFrame, day: pd.Timestamp) -> float:
    until = people["pass_iae_until"]
    return _share(until >= day, until.notna())
