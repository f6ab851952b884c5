"""What a clause could carry: who is eligible and within reach, by occupation and place, and for how many hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from matcher.clause import pack_names
from matcher.engine import Engine
from matcher.features import FEATURES
from matcher.locale import N_, _
from matcher.report.lists import place_label
from matcher.shortlist import SENSIBLE
from matcher.vocabulary import Outcome

FEASIBILITY_COLUMNS = (
    "occupation",
    "label",
    "place",
    "rules",
    "mode",
    "categories",
    "positions",
    "hours_due",
    "within_reach",
    "eligible",
    "to_verify",
    "ready",
    "interested",
    "hours_possible",
    "verdict",
)
DEFAULT_WEEKLY_HOURS = 35.0
DEFAULT_MONTHS = 3.0


def feasibility(engine: Engine) -> pd.DataFrame:
    """One row per occupation, place and set of rules (packs, modes, categories) of the engine's positions
    (FEASIBILITY_COLUMNS).

    `within_reach`: people who live within their own distance and do not object; `eligible`, `to_verify`: of these, by
    the rules;
    `ready`: who pass every hard filter of at least one of the positions; `interested`: of these, who wish for or
    have done this work or one near to it. `hours_possible`: what the interested could work if each took one such
    contract, weekly hours × 52 ÷ 12 × months; an upper bound, since a person counts for every row they suit.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, job in enumerate(engine.jobs):
        groups.setdefault((job.occupation or "", job.places, engine.rule_sets[i]), []).append(i)
    rows = [_row(engine, members) for members in groups.values()]
    table = pd.DataFrame(rows, columns=list(FEASIBILITY_COLUMNS))
    return table.sort_values(["occupation", "place", "rules", "mode", "categories"], kind="stable", ignore_index=True)


def _row(engine: Engine, members: list[int]) -> Mapping[str, Any]:
    first = members[0]
    job, asked = engine.jobs[first], engine.rule_sets[first]
    outcome = engine.decisions.outcome(asked)
    km = engine.distances.to(job.places)
    reach = (km <= engine.people.reach_km) & ~engine.absent & ~engine.gate.objects
    ready = np.zeros(len(engine.people), bool)
    for i in members if job.places else []:
        ready[engine.passing(i).rows] = True
    rows = np.flatnonzero(ready & reach)
    interested = int(np.count_nonzero(_willing(engine, first, rows)))
    due = float(np.nansum(engine.positions["hours"].iloc[members].to_numpy(np.float64)))
    possible = interested * max(_hours_each(engine, i) for i in members)
    return {
        "occupation": job.occupation or "",
        "label": str(engine.positions["title"].fillna("").iloc[first]),
        "place": place_label(engine, first),
        "rules": "|".join(pack_names(asked)),
        "mode": "|".join(dict.fromkeys(rule.mode for rule in asked.rules if rule.mode)),
        "categories": "|".join(code for rule in asked.rules for code in rule.categories or ()),
        "positions": len(members),
        "hours_due": round(due),
        "within_reach": int(np.count_nonzero(reach)),
        "eligible": int(np.count_nonzero(reach & (outcome == int(Outcome.ELIGIBLE)))),
        "to_verify": int(np.count_nonzero(reach & (outcome == int(Outcome.TO_VERIFY)))),
        "ready": len(rows),
        "interested": interested,
        "hours_possible": round(possible),
        "verdict": _(_verdict(due, possible, bool(job.places))),
    }


def _willing(
    engine: Engine, i: int, rows: np.ndarray[Any, np.dtype[np.int64]]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    levels = engine.levels(i, rows)
    names = list(FEATURES)
    willing = np.zeros(len(rows), bool)
    for name, wanted in SENSIBLE.items():
        willing |= np.isin(levels[names.index(name)], [FEATURES[name].number(level) for level in wanted])
    return willing


def _hours_each(engine: Engine, i: int) -> float:
    """Hours of one contract on position i: its weekly hours over its length, 35 h and 3 months where not said."""
    job = engine.jobs[i]
    weekly = DEFAULT_WEEKLY_HOURS if np.isnan(job.weekly_hours) else job.weekly_hours
    known = not (np.isnat(job.start) or np.isnat(job.end))
    months = (job.end - job.start) / np.timedelta64(1, "D") * 12 / 365.25 if known else DEFAULT_MONTHS
    return float(weekly * 52 / 12 * months)


def _verdict(due: float, possible: float, placed: bool) -> str:
    if not placed:
        return N_("lieu inconnu")
    if possible >= 3 * due:
        return N_("réaliste")
    return N_("juste : peu de marge") if possible >= due else N_("peu réaliste : trop peu de personnes")
