"""The commands about people: eligibility, company sheet, explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matcher.commands.inputs import all_rejected, beside, day, names, read_jobs, read_people, usable
from matcher.company_sheet import company_sheet
from matcher.eligibility import decide
from matcher.engine import Engine, Options
from matcher.errors import CheckFailed, UsageError
from matcher.explain import OUTCOME_LABELS
from matcher.locale import _
from matcher.pipeline import run
from matcher.scoring import load_scorecard
from matcher.tables import write_table

Say = Callable[[str], None]


@dataclass(frozen=True)
class FactOptions:
    """How the eligibility command takes its decisions."""

    rules: str | None = None
    on: str | None = None
    assume_no: str | None = None
    require_proof: bool = False
    mode: str | None = None


@dataclass(frozen=True)
class PairOptions:
    """The options shared by the commands that look at pairs."""

    rules: str | None = None
    on: str | None = None
    assume_no: str | None = None
    require_proof: bool = False
    top: int = 10
    max_per_candidate: int | None = None
    complete: str | None = None
    scorecard: Path | None = None
    floor: str | None = None

    def engine_options(self) -> Options:
        """The engine's options. Raises UsageError."""
        return Options(
            day(self.on),
            self.top,
            self.rules,
            self.max_per_candidate,
            names(self.complete),
            names(self.assume_no),
            self.require_proof,
            self.floor,
        ).checked()


def eligibility(candidates: Path, options: FactOptions, strict: bool, output: Path, say: Say) -> None:
    """Write the decision of each person, and the rejected rows beside."""
    people = read_people(candidates)
    usable([people], output.parent, strict=strict)
    decisions = decide(
        people.table,
        options.rules,
        on=day(options.on),
        mode=options.mode,
        assume_no=names(options.assume_no),
        require_proof=options.require_proof,
    )
    write_table(decisions.replace("", None), output)
    write_table(people.rejected, beside(output))
    for warning in (*people.warnings, *decisions.attrs["warnings"]):
        say(warning)
    counts = decisions["outcome"].value_counts()
    parts = [f"{_(label)} {int(counts.get(code, 0))}" for code, label in OUTCOME_LABELS.items()]
    say(
        _("{people} personnes : {parts} ; {rejected} ligne(s) rejetée(s). Écrit : {file}").format(
            people=len(decisions), parts=", ".join(parts), rejected=len(people.rejected), file=output
        )
    )


def explain(
    candidates: Path, positions: Path, candidate: str, position: str, options: PairOptions, strict: bool, say: Say
) -> None:
    """Say everything about one pair, as the run over these files would see it."""
    people, jobs = read_people(candidates), read_jobs(positions, options.rules)
    people.usable(strict=strict)
    jobs.usable(strict=strict)
    engine = Engine(people.table, jobs.table, options.engine_options(), load_scorecard(options.scorecard))
    say(str(run(engine).explain(candidate, position)))
    for warning in engine.decisions.warnings():
        say(warning)


def sheet(
    candidates: Path,
    positions: Path,
    position: str,
    chosen: str,
    options: PairOptions,
    strict: bool,
    output: Path,
    say: Say,
) -> None:
    """Write what may go to the employer. Raises CheckFailed when nobody may be shown."""
    asked = names(chosen, "|")
    if not asked:
        raise UsageError(
            _("--candidates ne nomme personne."), _("Donner les identifiants des personnes, séparés par |.")
        )
    people, jobs = read_people(candidates), read_jobs(positions, options.rules)
    usable([people, jobs], output.parent, strict=strict)
    engine = Engine(people.table, jobs.table, options.engine_options(), load_scorecard(options.scorecard))
    made = company_sheet(engine, position, asked)
    for warning in engine.decisions.warnings():
        say(warning)
    for key, rule in made.refused.items():
        say(_("{candidate} : refusé, règle {rule}").format(candidate=key, rule=rule))
    if not len(made.table):
        raise CheckFailed(
            _("Aucune des personnes choisies ne peut être montrée à l'employeur."),
            _("Faire valider leur éligibilité (validated_on, validated_by), ou en choisir d'autres."),
        )
    write_table(made.table, output)
    write_table(all_rejected([people.rejected, jobs.rejected]), beside(output))
    for key, shown in made.references.items():
        say(_("{reference} = {candidate} (à ne pas transmettre)").format(reference=shown, candidate=key))
    say(_("Écrit : {file}").format(file=output))
