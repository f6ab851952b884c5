"""The walk: the one place that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.allocation import Ranked, allocate, reserve
from matcher.blocking import Filter
from matcher.engine import Engine
from matcher.explain import Explanation, explain
from matcher.export import save_match
from matcher.shortlist import SHORTLIST_COLUMNS, Result, exclusions, shortlist, unfilled

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


class Match(Result):
    """A result that answers for itself and can be written."""

    def explain(self, candidate_id: str, position_id: str) -> Explanation:
        """Why this pair has its score, or why the person is not on the list. Raises UsageError for unknown ids."""
        return explain(self, candidate_id, position_id)

    def save(self, folder: str | Path, outputs: Sequence[str] | None = None) -> list[Path]:
        """Write the outputs, whole or not at all, into `folder`. Raises UsageError, EnvironmentFault."""
        return save_match(self, Path(folder), outputs)


def run(engine: Engine, progress: Progress | None = None) -> Match:
    """Block, score, allocate and describe every position of the engine."""
    limit = engine.options.max_per_candidate
    count = len(engine.jobs)
    asked = [engine.asked(i) for i in range(count)]
    ranked: list[Ranked] = []
    filters: list[dict[Filter, int]] = []
    for i in progress(range(count), count) if progress else range(count):
        one, counts = engine.rank(i, reserve(asked[i], limit is not None))
        ranked.append(one)
        filters.append(counts)
    chosen = allocate(ranked, asked, limit)
    listed = tuple(one.rows[picked] for one, picked in zip(ranked, chosen, strict=True))
    points = [one.points[picked] for one, picked in zip(ranked, chosen, strict=True)]
    tables = [shortlist(engine, i, rows, above) for i, (rows, above) in enumerate(zip(listed, points, strict=True))]
    shortlists = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(SHORTLIST_COLUMNS))
    return Match(
        engine,
        listed,
        shortlists,
        exclusions(engine, filters),
        unfilled(engine, asked, listed, ranked),
        (*engine.remarks, *engine.decisions.warnings()),
    )
