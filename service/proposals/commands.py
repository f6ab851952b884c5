"""`clausematch store outcomes`: the table that training reads, out of the store."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.locale import _

_FILE = click.Path(dir_okay=False, path_type=Path)
ACTOR = "command:store"


def add_outcomes(group: click.Group) -> None:
    """Add the command to the group `store`."""

    @group.command(help=_("Écrire les suites données (proposals) en une table que lit « clausematch train »."))
    @click.option(
        "-o", "--output", type=_FILE, required=True, help=_("Fichier à écrire : .csv, .xlsx, .json, .parquet.")
    )
    @click.option(
        "--organisation",
        metavar="ID",
        help=_("Les personnes de cet organisme, par ses identifiants ; sinon toutes, par leurs références."),
    )
    def outcomes(output: Path, organisation: str | None) -> None:
        from matcher.tables import write_table
        from service import clock
        from service.proposals.outcomes import frame, outcome_rows
        from service.store.commands import opened

        with opened() as store:
            with store.read() as connection:
                rows, names = outcome_rows(connection, store.keys, people_of=organisation)
            with store.write(ACTOR, None, clock.now()) as change:
                change.log("outcomes.see", "outcomes", names, {"rows": len(rows), "organisation": organisation})
        write_table(frame(rows), output)
        click.echo(_("{file} : {count} suites données.").format(file=output, count=len(rows)))
