"""The `train` and `evaluate` commands: their options and help. What they need is loaded when one of them runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from matcher.locale import _


def _files(command: Callable[..., None]) -> Callable[..., None]:
    """The arguments and options that both commands share."""
    decorators = (
        click.argument("outcomes", type=click.Path(path_type=Path)),
        click.argument("candidates", type=click.Path(path_type=Path)),
        click.argument("positions", type=click.Path(path_type=Path)),
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), required=True, help=_("Dossier des résultats.")
        ),
        click.option("--on", help=_("Jour du calcul, AAAA-MM-JJ ou JJ/MM/AAAA (par défaut aujourd'hui).")),
        click.option("--complete", help=_("Colonnes dont les listes sont complètes : certificates, skills.")),
        click.option("--strict", is_flag=True, help=_("S'arrêter dès qu'une ligne est rejetée.")),
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def register_train(group: click.Group) -> None:
    """Add `train` to the command line."""

    @group.command(help=_("Apprendre une grille de score de ce qui a suivi les propositions."))
    @_files
    @click.option(
        "--scorecard",
        type=click.Path(path_type=Path),
        help=_("Grille de départ (JSON) ; par défaut celle d'expert."),
    )
    def train(**given: Any) -> None:
        from models.tasks import Asked, run_train

        run_train(Asked(**given), click.echo)


def register_evaluate(group: click.Group) -> None:
    """Add `evaluate` to the command line."""

    @group.command(help=_("Mesurer une grille de score sur ce qui a suivi, à côté de repères simples."))
    @_files
    @click.option(
        "--scorecard",
        type=click.Path(path_type=Path),
        help=_("Grille à mesurer (JSON) ; par défaut celle d'expert."),
    )
    @click.option(
        "--audit/--no-audit",
        default=True,
        help=_("Écrire aussi l'audit de la grille : équité, mérite, indices indirects, stabilité."),
    )
    def evaluate(**given: Any) -> None:
        from models.tasks import Asked, run_evaluate

        run_evaluate(Asked(**given), click.echo)
