"""What the `train` and `evaluate` commands do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.inputs import REJECTED, all_rejected, day, names, read_any, read_jobs, read_people, usable
from matcher.errors import NothingUsable
from matcher.export import sha256_of, whole_folder
from matcher.locale import _
from matcher.schema import OUTCOMES
from matcher.scoring import load_scorecard
from matcher.tables import Import, write_table

if TYPE_CHECKING:
    from models.signals import Checked

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """The files and options of one command, as the command line gives them."""

    outcomes: Path
    candidates: Path
    positions: Path
    output: Path
    on: str | None
    complete: str | None
    strict: bool
    scorecard: Path | None
    audit: bool = True


def _read(asked: Asked) -> tuple[Import, Import, Import]:
    """The three files. Outcomes may hold no usable row; people and positions may not."""
    found = read_any(OUTCOMES, asked.outcomes)
    people, jobs = read_people(asked.candidates), read_jobs(asked.positions)
    if asked.strict:
        usable([found], asked.output, strict=True)
    usable([people, jobs], asked.output, strict=asked.strict)
    return found, people, jobs


def _say_of(files: tuple[Import, Import, Import], checked: Checked, say: Say) -> None:
    """What the user should know of the files, and of the outcomes set aside."""
    for remark in (*(text for one in files for text in one.warnings), *checked.remarks):
        say(remark)
    for message, count in checked.rejected["message"].value_counts(sort=False).items():
        say(_("{count} suite(s) mise(s) de côté : {message}").format(count=count, message=message))


def run_train(asked: Asked, say: Say) -> None:
    """Learn, write the files, and say what came of it."""
    from models.signals import check_outcomes
    from models.train import save_training, train

    today = day(asked.on)
    parent = load_scorecard(asked.scorecard)
    source = files("matcher").joinpath("scorecards/expert.json") if asked.scorecard is None else asked.scorecard
    found, people, jobs = _read(asked)
    checked = check_outcomes(found.table, people.table, jobs.table, today, file=found.file, rows=found.rows)
    training = train(
        found.table,
        people.table,
        jobs.table,
        on=today,
        parent=parent,
        parent_text=source.read_text(encoding="utf-8"),
        data_sha256=sha256_of(asked.outcomes),
        complete=names(asked.complete),
        checked=checked,
    )
    with whole_folder(asked.output) as staging:
        written = save_training(training, staging)
        write_table(
            all_rejected([found.rejected, people.rejected, jobs.rejected, checked.rejected]), staging / REJECTED
        )
    _say_of((found, people, jobs), checked, say)
    if training.learned.moved:
        gain = training.metrics["cross_validation"]["pair_loss_gain"]
        say(
            _(
                "Grille apprise : perte par comparaison {gain} plus basse [{low} ; {high}] sur des postes non vus."
            ).format(gain=gain[0], low=gain[1], high=gain[2])
        )
    else:
        say(_("La grille de départ reste en place : {reason}.").format(reason=training.learned.reason))
    say(_("Écrit dans {folder} : {files}").format(folder=asked.output, files=", ".join(written)))


def run_evaluate(asked: Asked, say: Say) -> None:
    """Measure, write the files, and say the main figure. Raises NothingUsable when no outcome can be judged."""
    from models.audit import audit, save_audit
    from models.cards import shown
    from models.evaluate import SCORECARD, evaluate, save_measure
    from models.signals import check_outcomes

    today = day(asked.on)
    card = load_scorecard(asked.scorecard)
    found, people, jobs = _read(asked)
    checked = check_outcomes(found.table, people.table, jobs.table, today, file=found.file, rows=found.rows)
    rejected = all_rejected([found.rejected, people.rejected, jobs.rejected, checked.rejected])
    _say_of((found, people, jobs), checked, say)
    measure = evaluate(
        found.table,
        people.table,
        jobs.table,
        on=today,
        card=card,
        data_sha256=sha256_of(asked.outcomes),
        complete=names(asked.complete),
        checked=checked,
    )
    if not measure.metrics["rows"]["judged"]:
        write_table(rejected, asked.output / REJECTED)
        raise NothingUsable(
            _("{file} : aucune suite décidée sur ces personnes et ces postes.").format(file=asked.outcomes.name),
            _("Vérifier les identifiants, et les colonnes decision et stage."),
        )
    with whole_folder(asked.output) as staging:
        written = save_measure(measure, staging)
        if asked.audit:
            written += save_audit(audit(measure.engine, measure.feedback), staging)
        write_table(rejected, staging / REJECTED)
    say(_("NDCG@10 de la grille : {value}").format(value=shown(measure.metrics["rankings"][SCORECARD]["ndcg@10"])))
    say(_("Écrit dans {folder} : {files}").format(folder=asked.output, files=", ".join(written)))
