"""Which awards are taken and how they become positions: the options of `awards`, `batch` and `feasibility`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matcher.locale import _

if TYPE_CHECKING:
    from matcher.awards import ConversionOptions

Command = Callable[..., None]


@dataclass(frozen=True)
class AwardOptions:
    """What the command line gave; None leaves the converter's default."""

    social: str | None = None
    place: str | None = None
    months: float | None = None
    defaults: Path | None = None
    templates: Path | None = None

    def conversion(self, on: str | None) -> ConversionOptions:
        """The converter's options. Raises UsageError."""
        from matcher.awards import ConversionOptions  # late: a command that shows its help reads no table
        from matcher.commands.inputs import day

        given = {name: value for name, value in vars(self).items() if value not in (None, "")}
        return ConversionOptions(on=day(on), **given).checked()


def award_options(command: Command) -> Command:
    """Give `command` the options of awards, as one argument `award_options`."""

    @wraps(command)
    def gathered(**given: Any) -> None:
        chosen = {field.name: given.pop(field.name) for field in fields(AwardOptions)}
        command(award_options=AwardOptions(**chosen), **given)

    file = click.Path(path_type=Path)
    described = (
        click.option("--social", help=_("Considérations sociales retenues, séparées par | ; any pour toutes.")),
        click.option("--place", help=_("Début du code INSEE du lieu (91) ou région (R11).")),
        click.option("--months", type=float, help=_("Durée visée d'un contrat de travail, en mois (par défaut 3).")),
        click.option(
            "--defaults",
            type=file,
            help=_("Hypothèses d'heures à la place des nôtres : coût horaire, taux, parts de main-d'œuvre (YAML)."),
        ),
        click.option("--templates", type=file, help=_("Modèles de postes à la place des nôtres (YAML).")),
    )
    for option in reversed(described):
        gathered = option(gathered)
    return gathered
