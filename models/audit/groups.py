"""A scorecard's lists and its outcomes, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from matcher.engine import Engine
from matcher.fairness import (
    AIMS,
    MIN_GROUP,
    Groups,
    Merit,
    contract_months,
    eligible_pool,
    equal_merits,
    expected,
    exposure_summary,
    hidden,
    list_places,
    rank_weight,
    selection_rates,
    standardised_ratio,
    wilson,
)
from models.audit.pools import Bools, Floats, Ints, lists
from models.calibration import concluded, held_out, reached_interview
from models.ranking import order_of
from models.signals import GATES, Feedback

SURE_DAYS = 91  # hired for less, a job cannot have lasted three months
HIRED, KEPT = 3, 4


def number(value: float, digits: int = 4) -> float | None:
    """Rounded; None where not known."""
    return None if not np.isfinite(value) else round(float(value), digits)


def list_figures(engine: Engine, groups: Groups) -> dict[str, Any]:
    """Selection, exposure and exposure at equal merit of the lists the scorecard would make today."""
    listed = lists(engine)
    kept = ~engine.gate.objects
    pool = eligible_pool(engine)[kept]
    places, exposure = list_places(listed, len(engine.candidates))
    found = equal_merits(engine, listed)
    merits = {name: Merit(one.observed[kept], one.expected[kept]) for name, one in found.by_name.items()}
    own = groups.take(kept)
    rates = selection_rates(own.codes, pool, places[kept], exposure[kept], own.dimensions, merits)
    rows = [
        {key: value if isinstance(value, str | bool) else number(float(value)) for key, value in row.items()}
        for row in rates.to_dict("records")
    ]
    summary = exposure_summary(places[kept][pool])
    return {"pool": summary.pool, "listed": summary.listed, "places": summary.places, "groups": rows}


def outcome_figures(engine: Engine, groups: Groups, feedback: Feedback, on: date) -> dict[str, Any]:
    """What followed, group by group: exposure of people who got as far, the chance said against what happened, and
    the charter's aims. Groups of fewer than MIN_GROUP people proposed are hidden."""
    judged = feedback.take(feedback.explicit)
    over = feedback.take(concluded(feedback, on))
    return {
        "exposure": _by_group(groups, judged.person, _equal_outcome(judged, engine)),
        "calibration": _calibration(groups, over, engine),
        "aims": _aims(engine, groups, feedback, on),
    }


def _equal_outcome(judged: Feedback, engine: Engine) -> Merit:
    """Per proposal: the exposure the scorecard gives among the people judged for the position, over its mean there,
    and the mean of the proposals that passed as many gates, wherever they were."""
    scores = engine.card.raw(judged.levels).astype(np.float64)
    exposure = np.zeros(len(judged))
    for group in range(judged.groups):
        rows = np.flatnonzero(judged.group == group)
        weights = rank_weight(len(rows))
        exposure[rows[order_of(scores[rows])]] = weights / weights.mean()
    return Merit(exposure, expected(exposure, judged.passed))


def _by_group(groups: Groups, person: Ints, merit: Merit) -> list[dict[str, Any]]:
    """The exposure ratio of each group, a person being one cluster."""
    people, place = np.unique(person, return_inverse=True)
    sums = [np.bincount(place, values).astype(np.float64) for values in (merit.observed, merit.expected)]
    rows: list[dict[str, Any]] = []
    for dimension, names in groups.dimensions.items():
        code = groups.numbers(dimension)[people]
        sizes, out = _sizes(code, len(names.groups))
        for k, name in enumerate(names.groups):
            if not sizes[k]:
                continue
            row: dict[str, Any] = {"dimension": dimension, "group": name, "hidden": bool(out[k])}
            if not out[k]:
                ratio = standardised_ratio(code == k, *sums)
                row |= {"people": int(sizes[k]), "ratio": [number(value) for value in ratio]}
            rows.append(row)
    return rows


def _sizes(code: Ints, count: int) -> tuple[Ints, Bools]:
    """People of each group, and which groups to hide among those that have people."""
    sizes = np.bincount(code, minlength=count).astype(np.int64)
    out = np.zeros(count, bool)
    some = sizes > 0
    out[some] = hidden(sizes[some])
    return sizes, out


def _calibration(groups: Groups, over: Feedback, engine: Engine) -> list[dict[str, Any]]:
    """For each group the mean chance of an interview said by the score, and the share that had one."""
    reached = reached_interview(over)
    if len(np.unique(reached)) < 2:
        return []
    raw = engine.card.raw(over.levels).astype(np.float64)
    own = engine.card.calibration
    said = own.at(raw) if own else held_out(raw, reached, over.group)
    rows: list[dict[str, Any]] = []
    for dimension, names in groups.dimensions.items():
        numbers = groups.numbers(dimension)
        code = numbers[over.person]
        sizes, out = _sizes(numbers[np.unique(over.person)], len(names.groups))
        for k, name in enumerate(names.groups):
            mine = code == k
            if not sizes[k]:
                continue
            row: dict[str, Any] = {"dimension": dimension, "group": name, "hidden": bool(out[k])}
            if not out[k]:
                row |= {"proposals": int(mine.sum()), "said": number(float(said[mine].mean()))}
                row["happened"] = _share(reached[mine])
            rows.append(row)
    return rows


def _share(yes: Bools | Floats) -> list[float | None]:
    """A share and its Wilson interval."""
    low, high = wilson([float(yes.sum())], [len(yes)])
    share = float(yes.mean()) if len(yes) else float("nan")
    return [number(share), number(float(low[0])), number(float(high[0]))]


def _aims(engine: Engine, groups: Groups, feedback: Feedback, on: date) -> dict[str, Any]:
    """The charter's aims where outcomes say them: shares of people at each gate, hours, contracts, durable jobs."""
    shares = {
        f"{dimension}:{group}": _gates(groups, dimension, group, feedback)
        for dimension, group, _label in AIMS
        if group in groups.dimensions[dimension].groups
    }
    hired = feedback.passed >= HIRED
    positions = engine.positions.iloc[np.unique(feedback.position[hired])]
    months = contract_months(engine.positions)[feedback.position[hired]]
    known = months[~np.isnan(months)]
    old = hired & (feedback.day <= np.datetime64(on, "D") - np.timedelta64(SURE_DAYS, "D"))
    return {
        "shares": shares,
        "people_hired": len(np.unique(feedback.person[hired])),
        "hires": int(hired.sum()),
        "hours": number(float(positions["hours"].fillna(0).sum()), 0),
        "months": number(float(known.mean()), 2) if len(known) else None,
        "kept_3_months": {"hired": int(old.sum()), "share": _share(feedback.passed[old] >= KEPT)},
    }


def _gates(groups: Groups, dimension: str, group: str, feedback: Feedback) -> Mapping[str, Any]:
    """Share of the group among the different people proposed, and at each gate; None where it would tell of fewer
    than MIN_GROUP people proposed in a group."""
    numbers = groups.numbers(dimension)
    place = list(groups.dimensions[dimension].groups).index(group)
    out = _sizes(numbers[np.unique(feedback.person)], len(groups.dimensions[dimension].groups))[1]
    found: dict[str, Any] = {}
    for gate, name in enumerate(("proposed", *GATES)):
        people = np.unique(feedback.person[feedback.passed >= gate])
        enough = len(people) >= MIN_GROUP and not out[place]
        found[name] = {"people": len(people), "share": _share(numbers[people] == place)} if enough else None
    return found
