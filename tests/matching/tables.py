"""Small tables for the tests: rows of raw words made canonical, and random ones with unknowns everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from matcher.engine import Engine, Options
from matcher.pipeline import Match, run
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import coerce

ON = date(2026, 9, 1)
Raw = dict[str, Any]

# Somebody eligible who suits JOB, and a position that asks for nothing.
PERSON: Raw = {"candidate_id": "A", "benefits": "ASS", "commune": "91228"}
JOB: Raw = {"position_id": "P", "commune": "91228"}


def people(*rows: Raw) -> pd.DataFrame:
    """Canonical candidates; identifiers are given to rows without one."""
    given = [{**PERSON, "candidate_id": f"A{i}", **row} for i, row in enumerate(rows)]
    table = coerce(CANDIDATES, pd.DataFrame(given))
    assert not len(table.rejected), table.rejected
    return table.table


def positions(*rows: Raw) -> pd.DataFrame:
    """Canonical positions, in the same way."""
    given = [{**JOB, "position_id": f"P{i}", **row} for i, row in enumerate(rows)]
    table = coerce(POSITIONS, pd.DataFrame(given))
    assert not len(table.rejected), table.rejected
    return table.table


def made(candidates: pd.DataFrame, jobs: pd.DataFrame, **options: Any) -> Match:
    """A run on ON."""
    return run(Engine(candidates, jobs, Options(**{"on": ON, **options})))


def one(person: Raw, job: Raw, **options: Any) -> Match:
    """A run of one person and one position."""
    return made(people(person), positions(job), **options)


def listed(result: Match, position_id: str = "P0") -> list[str]:
    """The identifiers on one list, in order."""
    mine = result.shortlists["position_id"] == position_id
    return result.shortlists.loc[mine, "candidate_id"].tolist()


def excluded(result: Match) -> dict[str, int]:
    """People each filter set aside, all positions together."""
    return result.exclusions.groupby("filter")["people"].sum().to_dict()


def level(result: Match, feature: str) -> str:
    """The level of the only pair listed."""
    table = result.contributions.set_index("feature")
    return str(table.loc[feature, "level"])


# Random tables: every cell may be unknown; lists may be known empty; few values, so that pairs meet.

DAYS = ["2025-01-15", "2026-08-31", "2026-09-01", "2026-10-02", "2026-10-03", "2027-01-31", "2027-02-01"]
TRI = ["yes", "no"]
PLACES = ["91228", "91174", "91223", "75056", "77288", "99999"]
JOBS = ["F1703", "F1704", "F1602", "G1602", "maçon", "zzzz qqqq", "K2204"]
SKILLS = ["lire un plan", "couler du béton", "lecture de plan", "conduire une mini-pelle", "nettoyer un chantier"]
CERTIFICATES = ["SST", "CACES_R482_A", "CACES_R489_1A_3", "CARTE_BTP", "AIPR", "diplome maison"]
ENDS = ["", "", "@2026-08-31", "@2026-09-01", "@2027-01-31"]
LICENCES = ["B", "C", "CE", "D1E", "A2", "AM"]
ACCEPTS = ["night", "weekend", "early", "outdoor", "travel"]
LIMITS = ["heavy_lifting", "heights", "standing", "outdoor"]


def maybe(values: Iterable[Any]) -> st.SearchStrategy[Any]:
    """One of these, or unknown."""
    return st.one_of(st.none(), st.sampled_from(list(values)))


def several(values: Iterable[str], ends: Iterable[str] = ("",)) -> st.SearchStrategy[str | None]:
    """A list of these, `none`, or unknown."""
    items = st.builds(str.__add__, st.sampled_from(list(values)), st.sampled_from(list(ends)))
    lists = st.lists(items, max_size=3, unique_by=lambda item: item.partition("@")[0]).map("|".join)
    return st.one_of(st.none(), lists.map(lambda text: text or "none"))


PEOPLE = st.fixed_dictionaries(
    {
        "birth_date": maybe(["1960-01-01", "1976-09-01", "2001-05-05", "2005-05-05"]),
        "jobseeker": maybe(TRI),
        "jobseeker_since": maybe(["2022-01-01", "2025-09-01", "2026-05-05"]),
        "months_worked_12": maybe([0, 5, 6, 12]),
        "benefits": several(["RSA", "ASS", "ARE"]),
        "disability": maybe(TRI),
        "disability_until": maybe(["2026-08-31", "2026-10-01", "permanent"]),
        "programmes": several(["IAE", "CEJ"]),
        "pass_iae_until": maybe(["none", "2026-09-01", "2027-01-01"]),
        "qpv": maybe(TRI),
        "refugee": maybe(TRI),
        "qualification_level": maybe(range(9)),
        "right_to_work_until": maybe(["none", "permanent", "2026-08-31", "2026-09-01"]),
        "objection": maybe(["yes", None, None, None]),
        "commune": maybe(PLACES),
        "postal_code": maybe(["91000", "91100"]),
        "occupations": several(JOBS),
        "experience": several([f"{job}{months}" for job in JOBS for months in ("", ":6", ":12", ":40.5")]),
        "skills": several(SKILLS),
        "certificates": several(CERTIFICATES, ENDS),
        "licences": several(LICENCES),
        "vehicle": maybe(TRI),
        "max_distance_km": maybe([0, 5, 15, 60]),
        "available_from": maybe(DAYS),
        "weekly_hours_min": maybe([0, 20, 35]),
        "weekly_hours_max": maybe([20, 35]),
        "accepts": several(ACCEPTS),
        "work_limits": several(LIMITS),
        "french_level": maybe(["A0", "A1", "A2", "B1", "C2"]),
        "wage_min": maybe([11.5, 12, 13]),
    }
)
POSITION = st.fixed_dictionaries(
    {
        "title": maybe(["maçon", "zzzz qqqq"]),
        "occupation": maybe(["F1703", "G1602", "K2204"]),
        "commune": maybe(PLACES),
        "place_code": maybe(["91", "91100", "11", "00000"]),
        "start_date": maybe(["2026-08-01", "2026-09-01", "2026-10-01"]),
        "end_date": maybe(["2026-10-02", "2027-01-31"]),
        "weekly_hours": maybe([20, 24, 35]),
        "mode": maybe(["direct", "direct", "ETTI", "EI", "GEIQ"]),
        "reserved": maybe([None, None, "insertion", "handicap", "ess", "unspecified"]),
        "skills": several(SKILLS),
        "certificates": several(CERTIFICATES),
        "certificates_wished": several(CERTIFICATES),
        "licences": several(LICENCES),
        "vehicle": maybe(TRI),
        "experience_months": maybe([0, 6, 12, 24]),
        "qualification_min": maybe(range(6)),
        "french_min": maybe(["A0", "A1", "B1"]),
        "demands": several(LIMITS),
        "schedule": several(ACCEPTS),
        "wage": maybe([11.8, 12, 12.5]),
        "bus_reachable": maybe(TRI),
        "asked": maybe([1, 2, 50]),
    }
)
