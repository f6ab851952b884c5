"""Who belongs to which group: sex, age, RSA, disability, priority district, territory of residence.

What is not known is a group of its own. Nothing here enters a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from matcher.eligibility import add_months, evaluate, facts
from matcher.locale import N_
from matcher.reference import communes
from matcher.resolve.cells import Bools, Dates, Ints, holding
from matcher.rules import load_rules

MIN_GROUP = 5  # people of the eligible pool under which a group's figures are not shown
UNKNOWN = "unknown"
YES, NO = "yes", "no"
HOME, ELSEWHERE = "home", "elsewhere"
# A territory with fewer people joins the others, so that little is hidden and the table stays short.
LEAST_AT_HOME, MOST_TERRITORIES = 20, 8
# The pack whose `boeth` category is BOETH alone, without a condition of registration.
BOETH_PACK = "charte-91-2018"

_YES_NO = {YES: N_("oui"), NO: N_("non"), UNKNOWN: N_("non renseigné")}
Texts = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class Dimension:
    """One way to split people: its French title and the French names of its groups, in order."""

    title: str
    groups: Mapping[str, str]


DIMENSIONS: Mapping[str, Dimension] = {
    "sex": Dimension(
        N_("Sexe"),
        {"F": N_("femmes"), "M": N_("hommes"), "X": N_("autre"), UNKNOWN: N_("non renseigné")},
    ),
    "age": Dimension(
        N_("Âge"),
        {
            "under_26": N_("moins de 26 ans"),
            "26_49": N_("de 26 à 49 ans"),
            "50_over": N_("50 ans ou plus"),
            UNKNOWN: N_("non renseigné"),
        },
    ),
    "rsa": Dimension(N_("Bénéficiaire du RSA"), _YES_NO),
    "disability": Dimension(N_("Obligation d'emploi (handicap)"), _YES_NO),
    "qpv": Dimension(N_("Quartier prioritaire (QPV)"), _YES_NO),
}


@dataclass(frozen=True)
class Groups:
    """The group of each person (rows of `codes`) in each dimension (its columns), and their names."""

    codes: pd.DataFrame
    dimensions: Mapping[str, Dimension]

    @classmethod
    def of(cls, candidates: pd.DataFrame, on: date) -> Groups:
        """Those of a canonical table at day `on`; territories that hold nobody are not among the names."""
        codes, home = home_groups(candidates)
        table = group_codes(candidates, on).assign(**{HOME: pd.Series(codes, dtype="str")})
        return cls(table, {**DIMENSIONS, HOME: home})

    def take(self, chosen: Bools | Ints) -> Groups:
        """Some people."""
        return Groups(self.codes[chosen] if chosen.dtype == bool else self.codes.iloc[chosen], self.dimensions)

    def numbers(self, name: str) -> Ints:
        """For each person the place of their group among those of the dimension."""
        found = pd.Index(list(self.dimensions[name].groups)).get_indexer(pd.Index(self.codes[name]))
        return found.astype(np.int64)


def group_codes(candidates: pd.DataFrame, on: date) -> pd.DataFrame:
    """The group of each person (canonical table, day `on`) in each of DIMENSIONS, as text; `unknown` where not
    known."""
    boeth = evaluate(facts(candidates), load_rules(BOETH_PACK), on=on, categories=("boeth",)).truth[0]
    return pd.DataFrame(
        {
            "sex": candidates["sex"].fillna(UNKNOWN).to_numpy(object),
            "age": age_bands(candidates["birth_date"].to_numpy("datetime64[D]"), on),
            "rsa": _yes_no(holding(candidates["benefits"], "RSA")),
            "disability": _yes_no(boeth),
            "qpv": _yes_no(candidates["qpv"].to_numpy(np.int8, na_value=-1)),
        },
        dtype="str",
    )


def age_bands(birth: Dates, on: date) -> Texts:
    """`under_26` when `on` < birth + 26 years, `50_over` when `on` ≥ birth + 50 years, else `26_49`."""
    day = np.datetime64(on, "D")
    cases = [np.isnat(birth), day < add_months(birth, 12 * 26), day >= add_months(birth, 12 * 50)]
    return np.asarray(np.select(cases, [UNKNOWN, "under_26", "50_over"], "26_49"), object)


def home_groups(candidates: pd.DataFrame) -> tuple[Texts, Dimension]:
    """The territory where each person lives, and its names: by département, and where half of the people or more
    live in one, by intercommunality there.

    The MOST_TERRITORIES with most people are named, of LEAST_AT_HOME people each at least; the others are one group.
    """
    reference = communes()
    place = reference.resolve(candidates["commune"], candidates["postal_code"], candidates["city"])
    departments = np.append(reference.departments, UNKNOWN)[place]
    counts = Counter(departments[place >= 0].tolist())
    main, most = min(counts.items(), key=lambda item: (-item[1], item[0])) if counts else ("", 0)
    codes = departments.astype(object)
    if 2 * most >= sum(counts.values()) > 0:
        inside = departments == main
        codes[inside] = _intercommunalities(main)[place[inside]]
    names = dict(_territories(codes))
    codes[~np.isin(codes, list(names))] = ELSEWHERE
    codes[place < 0] = UNKNOWN
    return codes, Dimension(
        N_("Territoire où vit la personne"), {**names, ELSEWHERE: N_("autres lieux"), UNKNOWN: N_("non renseigné")}
    )


def _intercommunalities(department: str) -> Texts:
    """For each commune its intercommunality; the département itself where it has none."""
    reference = communes()
    found = np.full(len(reference), department, object)
    for code, members in reference.by_epci.items():
        if code:
            found[list(members)] = code
    return found


def _territories(codes: Texts) -> Iterator[tuple[str, str]]:
    """The territories shown and their names, most people first."""
    names = communes().territory_names
    counts = Counter(str(code) for code in codes if code != UNKNOWN)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for code, count in ranked[:MOST_TERRITORIES]:
        if count >= LEAST_AT_HOME:
            yield code, names.get(("epci", code)) or names.get(("departement", code)) or code


def _yes_no(truth: np.ndarray[Any, Any]) -> Texts:
    """1, 0, -1 → the three groups."""
    return np.asarray(np.array([NO, YES, UNKNOWN], object)[truth], object)


def hidden(sizes: Ints, least: int = MIN_GROUP) -> Bools:
    """Which groups of a partition to hide: those of fewer than `least` people; and, so that none of them follows
    from the total by subtraction, the next smallest ones, until two at least are hidden and hold `least` together.
    """
    mask = sizes < least
    for group in np.argsort(sizes, kind="stable"):
        if not mask.any() or (np.count_nonzero(mask) > 1 and sizes[mask].sum() >= least):
            break
        mask[group] = True
    return mask
