"""The walk: the one place that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.allocation import allocate, reserve
from matcher.engine import Engine, Ranking
from matcher.explain import Explanation, explain
from matcher.export import Origin, chosen_outputs, run_record, whole_folder, write_json, write_result
from matcher.report import ReportContext, report_html
from matcher.resolve.cells import Ints
from matcher.shortlist import Listed, Result, exclusions, shortlists, unfilled, unsought
from matcher.tables import write_table

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


class Match(Result):
    """A result that answers for itself and can be written."""

    def explain(self, candidate_id: str, position_id: str) -> Explanation:
        """Why this pair has its score, or why the person is not on the list. Raises UsageError for unknown ids."""
        return explain(self, candidate_id, position_id)

    def save(
        self,
        folder: str | Path,
        outputs: Sequence[str] | None = None,
        *,
        origin: Origin | None = None,
        tables: Mapping[str, pd.DataFrame] | None = None,
        context: ReportContext | None = None,
    ) -> list[Path]:
        """Write the outputs asked for (see `chosen_outputs`) into `folder`, whole or not at all, and name them.

        `tables` are further files of the run (name → table), `context` what the report should say of them.
        Raises UsageError, EnvironmentFault.
        """
        chosen = chosen_outputs(outputs, len(self.engine.positions))
        with whole_folder(Path(folder)) as staging:
            write_result(self, staging, chosen)
            for name, table in (tables or {}).items():
                write_table(table, staging / name)
            if "report" in chosen:
                (staging / "report.html").write_text(report_html(self, context), encoding="utf-8")
            write_json(run_record(self, origin or Origin()), staging / "run.json")
            names = sorted(path.name for path in staging.iterdir())
        return [Path(folder) / name for name in names]


def run(engine: Engine, progress: Progress | None = None) -> Match:
    """Block, score, allocate and describe every position of the engine."""
    limit = engine.options.max_per_candidate
    count = len(engine.jobs)
    asked = [engine.asked(i) for i in range(count)]
    steps = progress(range(count), count) if progress else range(count)
    rankings = [engine.rank(i, reserve(asked[i], limit is not None)) for i in steps]
    chosen = allocate([ranking.best for ranking in rankings], asked, limit)
    if limit is not None:
        _fill_up(engine, rankings, chosen, asked, limit)
    listed = Listed.of(rankings, chosen)
    return Match(
        engine,
        listed,
        shortlists(engine, listed),
        exclusions(engine, rankings),
        unfilled(engine, asked, listed, rankings),
        (*engine.remarks, *engine.decisions.warnings(), *unsought(engine, listed)),
    )


def _fill_up(engine: Engine, rankings: list[Ranking], chosen: list[Ints], asked: Sequence[int], limit: int) -> None:
    """Lists still short because everybody kept for them is on `limit` others go on with the next people, in order."""
    lists = np.zeros(len(engine.people), np.int64)
    for ranking, picked in zip(rankings, chosen, strict=True):
        lists[ranking.best.rows[picked]] += 1
    for i, (wanted, picked) in enumerate(zip(asked, chosen, strict=True)):
        kept = len(rankings[i].best.rows)
        if len(picked) >= wanted or kept < reserve(wanted, True):
            continue
        rankings[i] = engine.rank(i, len(engine.people))
        rows = rankings[i].best.rows
        free = kept + np.flatnonzero(lists[rows[kept:]] < limit)[: wanted - len(picked)]
        chosen[i] = np.concatenate([picked, free])
        lists[rows[free]] += 1
