"""How lists share the people of a file, before and after a limit; and who is on none, for their adviser."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.fairness import Exposure, eligible_pool, exposure_summary, list_places
from matcher.locale import _
from matcher.resolve.cells import Bools, Ints
from matcher.sharing import Shared
from matcher.shortlist import Result
from matcher.vocabulary import Outcome

NEVER_COLUMNS = ("candidate_id", "prescriber", "adviser", "outcome", "reason", "position_id", "points_short")


@dataclass(frozen=True)
class Share:
    """Exposure of the pool, and the part of all places that the most listed 1 % of it hold (0 to 1; NaN without
    places)."""

    exposure: Exposure
    top_share: float

    @classmethod
    def of(cls, places: Ints) -> Share:
        """From the places on lists of each person of the pool."""
        most = np.sort(places)[::-1][: -(-len(places) // 100)]
        total = int(places.sum())
        return cls(exposure_summary(places), float(most.sum() / total) if total else float("nan"))

    def record(self) -> dict[str, Any]:
        """For run.json; what is not a number is None."""
        figures = {**asdict(self.exposure), "coverage": self.exposure.coverage, "top_1_percent": self.top_share}
        return {name: None if value != value else round(value, 4) for name, value in figures.items()}


@dataclass(frozen=True)
class Shares:
    """The lists that each position would make by itself, and the lists of the run."""

    before: Share
    after: Share


def shares(engine: Engine, shared: Shared) -> Shares:
    """Exposure over the people who could have been listed (`fairness.eligible_pool`), before and after sharing."""
    pool = eligible_pool(engine)
    listed = [
        ranking.best.rows[chosen] for ranking, chosen in zip(shared.rankings, shared.allocation.chosen, strict=True)
    ]
    elsewhere = np.zeros(engine.pool_elsewhere, np.int64)
    places = [list_places(lists, len(pool))[0][pool] for lists in (shared.alone, listed)]
    return Shares(*(Share.of(np.concatenate([one, elsewhere])) for one in places))


def lists_record(result: Result) -> dict[str, Any]:
    """How the lists were made, for run.json: exact or not, totals, what a floor costs, exposure before and after."""
    made = result.shared.allocation
    record: dict[str, Any] = {
        "exact": not bool(made.greedy.any()),
        "places": made.total.places,
        "points": made.total.points,
        "points_lost_at_most": made.loss,
        "positions_greedy": int(made.greedy.sum()),
        "exposure": {name: share.record() for name, share in vars(shares(result.engine, result.shared)).items()},
    }
    floor = result.shared.floor
    if len(floor):
        record["floor"] = {
            "places": int(floor["floor"].sum()),
            "missing": int(floor["missing"].sum()),
            "points_lost": result.shared.floor_cost,
        }
    return record


def exposure_remark(engine: Engine, shared: Shared) -> tuple[str, ...]:
    """A sentence on what a limit changed; none without a limit."""
    limit = engine.options.max_per_candidate
    if limit is None:
        return ()
    both = shares(engine, shared)
    text = _(
        "Limite de {limit} liste(s) par personne : {before} personne(s) listée(s) sans elle, {after} avec ; la plus "
        "listée passe de {most_before} à {most_after} listes."
    )
    return (
        text.format(
            limit=limit,
            before=both.before.exposure.listed,
            after=both.after.exposure.listed,
            most_before=both.before.exposure.most,
            most_after=both.after.exposure.most,
        ),
    )


def never_listed(result: Result) -> pd.DataFrame:
    """Who is on no list, in NEVER_COLUMNS: their best outcome over the positions, why, and, for people kept for one
    position at least, the position they come nearest to and the points that part them from its last place.

    Nobody who objects to matching is named. Sorted by prescriber, adviser and identifier.
    """
    engine = result.engine
    count = len(engine.candidates)
    places, _weights = list_places(result.listed, count)
    best = np.full(count, int(Outcome.NOT_ELIGIBLE))
    for rules in dict.fromkeys(engine.rule_sets):
        best = np.maximum(best, engine.decisions.outcome(rules))
    rows = np.flatnonzero((places == 0) & ~engine.gate.objects)
    nearest, short = _nearest(result)
    known = nearest[rows] >= 0
    ids = np.array([*engine.positions["position_id"], None], object)
    table = engine.candidates.loc[rows, ["candidate_id", "prescriber", "adviser"]].reset_index(drop=True)
    table["outcome"] = np.array([outcome.code for outcome in Outcome], object)[best[rows]]
    table["reason"] = _reasons(result, best)[rows]
    table["position_id"] = pd.array(ids[nearest[rows]], dtype="str")
    table["points_short"] = pd.array(np.where(known, short[rows], 0), dtype="Int64")
    table.loc[~known, "points_short"] = pd.NA
    order = ["prescriber", "adviser", "candidate_id"]
    return table[list(NEVER_COLUMNS)].sort_values(order, kind="stable", ignore_index=True)


def _nearest(result: Result) -> tuple[Ints, Ints]:
    """For each person the position, among those they were kept for, whose last place they miss by the fewest points
    (-1 none), and these points."""
    count = len(result.engine.candidates)
    nearest, short = np.full(count, -1), np.full(count, np.iinfo(np.int64).max)
    lists = zip(result.shared.rankings, result.shared.allocation.chosen, strict=True)
    for i, (ranking, chosen) in enumerate(lists):
        if not len(chosen):
            continue
        kept = ranking.best
        gap = np.maximum(kept.points[chosen[-1]] - kept.points, 0)
        closer = gap < short[kept.rows]
        nearest[kept.rows[closer]] = i
        short[kept.rows[closer]] = gap[closer]
    return nearest, short


def _reasons(result: Result, best: Ints) -> np.ndarray[Any, np.dtype[np.object_]]:
    """The first reason that holds for each person, the most final first."""
    engine = result.engine
    reached, passes = _met(result)
    cases = [
        (engine.gate.no_right_to_work, _("droit de travailler terminé ou connu comme absent")),
        (best == int(Outcome.NOT_ELIGIBLE), _("non éligible aux règles d'aucun poste")),
        (~reached, _("aucun poste à portée du domicile")),
        (~passes, _("un critère met de côté sur chaque poste à portée ; explain dit lequel")),
    ]
    words = [text for _mask, text in cases]
    last = _("classée après les dernières places de chaque liste")
    return np.asarray(np.select([mask for mask, _text in cases], np.array(words, object), last), object)


def _met(result: Result) -> tuple[Bools, Bools]:
    """Who lives within reach of one position at least (or may, where a place is unknown); who passes every filter of
    one."""
    engine = result.engine
    reached, passes = np.zeros(len(engine.candidates), bool), np.zeros(len(engine.candidates), bool)
    for places in {job.places for job in engine.jobs if job.places}:
        reached |= ~(engine.distances.to(places) > engine.people.reach_km)
    for i, job in enumerate(engine.jobs):
        if job.places:
            passes[engine.passing(i).rows] = True
    return reached, passes
