"""The walk: the one place that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from matcher.engine import Engine
from matcher.explain import Explanation, explain
from matcher.export import (
    FAIRNESS,
    FLOOR,
    NEVER_LISTED,
    Origin,
    chosen_outputs,
    run_record,
    whole_folder,
    write_json,
    write_result,
)
from matcher.exposure import exposure_remark, lists_record, never_listed
from matcher.fairness import fairness, fairness_table
from matcher.report import ReportContext, report_html
from matcher.sharing import Progress, Shared, share
from matcher.shortlist import Listed, Result, exclusions, shortlists, unfilled, unsought
from matcher.tables import write_table


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
                fair = fairness(self)
                (staging / "report.html").write_text(report_html(self, context, fair), encoding="utf-8")
                write_table(fairness_table(fair), staging / FAIRNESS)
                write_table(never_listed(self), staging / NEVER_LISTED)
            if len(self.shared.floor):
                write_table(self.shared.floor, staging / FLOOR)
            record = run_record(self, origin or Origin())
            write_json({**record, "lists": lists_record(self)}, staging / "run.json")
            names = sorted(path.name for path in staging.iterdir())
        return [Path(folder) / name for name in names]


def run(engine: Engine, progress: Progress | None = None) -> Match:
    """Block, score, allocate and describe every position of the engine."""
    asked = [engine.asked(i) for i in range(len(engine.jobs))]
    return worded(engine, asked, share(engine, asked, progress))


def worded(engine: Engine, asked: Sequence[int], shared: Shared) -> Match:
    """The tables of a run whose lists are made; `shared` numbers people by the rows of the engine."""
    listed = Listed.of(shared.rankings, shared.allocation.chosen)
    return Match(
        engine,
        listed,
        shared,
        shortlists(engine, listed),
        exclusions(engine, shared.rankings),
        unfilled(engine, asked, listed, shared.rankings),
        (
            *engine.remarks,
            *engine.decisions.warnings(),
            *shared.remarks,
            *exposure_remark(engine, shared),
            *unsought(engine, listed),
        ),
    )
