"""The command for training needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matcher.commands.inputs import REJECTED, all_rejected, read_jobs, read_people, usable
from matcher.commands.people import PairOptions
from matcher.engine import Engine
from matcher.locale import _
from matcher.tables import write_table
from matcher.training_needs import WEEKS, training_needs

Say = Callable[[str], None]
TABLE, STEPS = "training_needs", "training_steps"


@dataclass(frozen=True)
class TrainingOptions:
    """What the command is asked beside the options of pairs: the weeks needed before a start, a file for names."""

    weeks: int = WEEKS
    people: Path | None = None


def needs(
    candidates: Path,
    positions: Path,
    options: PairOptions,
    asked: TrainingOptions,
    strict: bool,
    output: Path,
    say: Say,
) -> None:
    """Write the table for training providers, that of the other steps, and the rejected rows."""
    people, jobs = read_people(candidates), read_jobs(positions, options.rules)
    table, steps = _paths(output)
    usable([people, jobs], table.parent, strict=strict)
    found = training_needs(Engine(people.table, jobs.table, options.engine_options()), asked.weeks)
    write_table(found.courses, table)
    write_table(found.steps, steps)
    write_table(all_rejected([people.rejected, jobs.rejected]), table.parent / REJECTED)
    if asked.people:
        write_table(found.people(), asked.people)
        say(
            _("{file} porte des références de personnes : pour leurs conseillers, à ne pas transmettre.").format(
                file=asked.people
            )
        )
    for remark in (*people.warnings, *jobs.warnings, *found.remarks):
        say(remark)
    for line in found.courses["sentence"].head(3):
        say(f"– {line}")
    say(
        _("{courses} lignes de formation, {steps} de démarches. Écrit : {table}, {other}").format(
            courses=len(found.courses), steps=len(found.steps), table=table, other=steps
        )
    )


def _paths(output: Path) -> tuple[Path, Path]:
    """The table and that of the steps: in a folder, or the file named and another beside it."""
    if output.suffix:
        return output, output.with_name(f"{output.stem}_steps{output.suffix}")
    return output / f"{TABLE}.csv", output / f"{STEPS}.csv"
