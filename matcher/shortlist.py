"""The tables of a run: shortlists, contributions, exclusions, positions not filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from matcher.engine import Engine, Ranking
from matcher.features import FEATURES
from matcher.locale import _
from matcher.resolve.cells import Ints
from matcher.wording import summaries

SHORTLIST_COLUMNS = (
    "position_id",
    "rank",
    "candidate_id",
    "score",
    "outcome",
    "at_start",
    "categories",
    "missing",
    "distance_km",
    "strengths",
    "concerns",
    "rules",
)


@dataclass(frozen=True)
class Result:
    """The result of a run. Tables as the contract names them; `listed` has the rows of the people on each list."""

    engine: Engine
    listed: tuple[Ints, ...]
    shortlists: pd.DataFrame
    exclusions: pd.DataFrame
    unfilled: pd.DataFrame
    remarks: tuple[str, ...] = field(default=())

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """`position_id`, `candidate_id`, `feature`, `level`, `points`, `side`: one row per pair and feature, and
        the base; the points of a pair sum to its raw score."""
        return contributions(self.engine, self.listed)


def shortlist(engine: Engine, i: int, rows: Ints, points: Ints) -> pd.DataFrame:
    """One position's list, in the columns of the contract."""
    job, rules = engine.jobs[i], engine.rule_sets[i]
    numbers = engine.levels(i, rows)
    strengths, concerns = summaries(numbers, engine.card)
    words = engine.decisions.describe(rules, rows)
    start = None if np.isnat(job.start) else job.start.astype(date)
    return pd.DataFrame(
        {
            "position_id": pd.array([job.position_id] * len(rows), dtype="str"),
            "rank": np.arange(1, len(rows) + 1),
            "candidate_id": engine.candidates["candidate_id"].take(rows).to_numpy(),
            "score": engine.card.score(points + engine.card.least),
            "outcome": words["outcome"],
            "at_start": engine.decisions.at_start(rules, rows, start),
            "categories": words["categories"],
            "missing": words["missing"],
            "distance_km": np.round(engine.distances.to(job.places)[rows], 1),
            "strengths": strengths,
            "concerns": concerns,
            "rules": words["rules"],
        },
        columns=list(SHORTLIST_COLUMNS),
    )


def exclusions(engine: Engine, rankings: Sequence[Ranking]) -> pd.DataFrame:
    """How many people each filter set aside, for each position."""
    lines = [
        (job.position_id, str(name), people)
        for job, ranking in zip(engine.jobs, rankings, strict=True)
        for name, people in ranking.excluded.items()
        if people
    ]
    return pd.DataFrame(lines, columns=["position_id", "filter", "people"])


def unfilled(
    engine: Engine, asked: Sequence[int], listed: Sequence[Ints], rankings: Sequence[Ranking]
) -> pd.DataFrame:
    """Positions with fewer people than asked, and why."""
    lines = [
        (job.position_id, wanted, len(rows), _shortage(engine, i, rankings[i], len(rows)))
        for i, (job, wanted, rows) in enumerate(zip(engine.jobs, asked, listed, strict=True))
        if len(rows) < wanted
    ]
    return pd.DataFrame(lines, columns=["position_id", "asked", "listed", "reason"])


def _shortage(engine: Engine, i: int, ranking: Ranking, listed: int) -> str:
    if not engine.jobs[i].places:
        return _("lieu inconnu")
    if not ranking.within_reach and not listed:
        return _("personne de ce fichier n'habite à portée de ce lieu")
    if len(ranking.best.rows) > listed:
        return _("les autres personnes sont déjà sur le nombre de listes permis")
    if not listed:
        return _("aucune des {count} personnes à portée ne passe les critères ; voir exclusions.csv").format(
            count=ranking.within_reach
        )
    return _("moins de personnes que demandé passent les critères ; voir exclusions.csv")


def contributions(engine: Engine, listed: Sequence[Ints]) -> pd.DataFrame:
    """The long table of points for the people listed for each position."""
    names = [*FEATURES, "base"]
    sides = [feature.side for feature in FEATURES.values()]
    ids = engine.candidates["candidate_id"]
    parts = []
    for i, rows in enumerate(listed):
        numbers = engine.levels(i, rows)
        count = len(rows)
        words = [np.array(f.levels)[line] for f, line in zip(FEATURES.values(), numbers, strict=True)]
        points = [table[line] for table, line in zip(engine.card.tables, numbers, strict=True)]
        parts.append(
            pd.DataFrame(
                {
                    "position_id": engine.jobs[i].position_id,
                    "candidate_id": np.repeat(ids.take(rows).to_numpy(), len(names)),
                    "feature": np.tile(names, count),
                    "level": np.array([*words, np.full(count, "")]).T.ravel(),
                    "points": np.array([*points, np.full(count, engine.card.base)]).T.ravel(),
                    "side": np.tile([*sides, ""], count),
                }
            )
        )
    columns = ["position_id", "candidate_id", "feature", "level", "points", "side"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
