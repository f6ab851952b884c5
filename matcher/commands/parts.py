"""Large runs of the commands: people in parts, here within a bounded memory or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import click
import pandas as pd

from matcher.allocation import reserve
from matcher.commands.inputs import today
from matcher.commands.progress import bar
from matcher.engine import Options
from matcher.errors import UsageError
from matcher.export import chosen_outputs
from matcher.locale import _
from matcher.partitions import PART_ROWS, Crowd, Run, match_in_parts, people_that_fit, read_memory, split
from matcher.partitions.gathered import Runner
from matcher.partitions.sizes import check_reading
from matcher.partitions.store import Store
from matcher.pipeline import Match
from matcher.scoring import Scorecard
from matcher.tables.writing import write_fault

LOCAL, DASK = ENGINES = ("local", "dask")
WHOLE_ONLY = ("report",)  # outputs that need everybody in memory


@dataclass(frozen=True)
class PartOptions:
    """How a large run is made: where, in how much memory, and where what is finished is kept."""

    engine: str = LOCAL
    scheduler: str | None = None
    memory: str | None = None
    work: Path | None = None

    def checked(self) -> PartOptions:
        """Itself. Raises UsageError."""
        if self.engine == DASK and not self.scheduler:
            raise UsageError(
                _("--engine dask demande --scheduler, l'adresse de l'ordonnanceur."),
                _("Écrire par exemple --scheduler tcp://machine:8786."),
            )
        if self.engine == LOCAL and self.scheduler:
            raise UsageError(
                _("--scheduler ne sert qu'avec --engine dask."), _("Ajouter --engine dask, ou enlever --scheduler.")
            )
        if self.memory is not None:
            read_memory(self.memory)
        return self

    def in_parts(self, candidates: Path) -> bool:
        """Whether people are cut into parts: for a cluster, a bounded memory, a work folder, a folder of people."""
        return self.engine == DASK or self.memory is not None or self.work is not None or candidates.is_dir()


WHOLE = PartOptions()


def chosen_in_parts(outputs: Sequence[str] | None, positions: int) -> tuple[str, ...]:
    """The outputs of a run in parts: those that need everybody in memory are left out unless asked by name.

    Raises UsageError when they are.
    """
    for name in set(outputs or ()) & set(WHOLE_ONLY):
        raise UsageError(
            _("--outputs : « {name} » demande toutes les personnes en mémoire.").format(name=name),
            _("L'enlever de la liste, ou lancer sans --engine, --memory ni --work sur un seul fichier."),
        )
    return tuple(name for name in chosen_outputs(outputs, positions) if name not in WHOLE_ONLY)


@dataclass(frozen=True)
class InParts:
    """People cut into parts, and all that a run over them needs."""

    crowd: Crowd
    store: Store
    memory: int | None
    runner: Runner | None

    def match(self, positions: pd.DataFrame, options: Options, card: Scorecard) -> Match:
        """The lists. Raises UsageError, EnvironmentFault."""
        found = self.store.inside("found")
        if self.runner is not None:  # one département at a time, to keep many workers busy
            how = Run(found, rows=1, runner=self.runner, progress=bar(_("parties")))
        else:
            fit = PART_ROWS if self.memory is None else _fit(self.memory, positions, options)
            how = Run(found, rows=min(fit, PART_ROWS), progress=bar(_("parties")))
        return match_in_parts(self.crowd, positions, options, card, how)


def _fit(memory: int, positions: pd.DataFrame, options: Options) -> int:
    limited = options.max_per_candidate is not None or options.floor is not None
    asked = positions["asked"].fillna(options.top)
    return people_that_fit(memory, len(positions), sum(reserve(int(count), limited) for count in asked))


@contextmanager
def cut(candidates: Path, options: PartOptions, outputs: Sequence[str] | None) -> Iterator[InParts | None]:
    """A file or folder of people cut into parts, in the work folder or in one that goes away at the end; None where
    the options ask for no parts. An interrupt tells how to go on.

    Raises UsageError, UnreadableFile, NirRefused, EnvironmentFault.
    """
    if not options.checked().in_parts(candidates):
        yield None
        return
    chosen_in_parts(outputs, 1)  # before any work
    with ExitStack() as stack:
        try:
            folder = options.work or Path(stack.enter_context(TemporaryDirectory(prefix="clausematch-")))
        except OSError as error:
            raise write_fault(Path(gettempdir()), error) from None
        try:
            runner = _cluster(options.scheduler, stack)
            store = Store.at(folder)
            memory = None if options.memory is None else read_memory(options.memory)
            rows = PART_ROWS if memory is None else min(PART_ROWS, people_that_fit(memory, 0, 0))
            if memory is not None and runner is None:
                check_reading(candidates, memory)  # before hours of work
            yield InParts(split(candidates, store, rows, today()), store, memory, runner)
        except KeyboardInterrupt:
            click.echo(_how_to_go_on(options), err=True)
            raise


def _cluster(address: str | None, stack: ExitStack) -> Runner | None:
    """What runs tasks at this address, until the stack closes."""
    if address is None:
        return None
    from matcher.partitions.cluster import Cluster

    return stack.enter_context(Cluster(address)).run


def _how_to_go_on(options: PartOptions) -> str:
    if options.work is None:
        return _("Rien n'a été gardé ; avec --work DOSSIER, une même commande reprendrait aux parties finies.")
    return _("Les parties finies sont dans {folder} ; la même commande reprendra à partir d'elles.").format(
        folder=options.work
    )
