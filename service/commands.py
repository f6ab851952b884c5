"""The `serve` command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from matcher.errors import UsageError
from matcher.locale import _

if TYPE_CHECKING:
    from service.settings import Settings


def register(group: click.Group) -> None:
    """Add the service's command to the command line."""

    @group.command(help=_("Le service : personnes, postes, listes, suites et heures, à plusieurs organismes."))
    @click.option("--host", default="127.0.0.1", show_default=True, help=_("Adresse où répondre."))
    @click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8000,
        show_default=True,
        help=_("Port ; 0 en prend un libre."),
    )
    @click.option(
        "--demo", is_flag=True, help=_("Sans réglage : données d'exemple, clé affichée, cette machine seulement.")
    )
    @click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help=_("Processus qui répondent à la fois ; un par cœur au plus."),
    )
    def serve(host: str, port: int, demo: bool, workers: int) -> None:
        from service import server
        from service import workers as several
        from service.work import warm_up

        if demo and workers > 1:
            raise UsageError(
                _("--demo ne va pas avec --workers : la démonstration est un seul processus."),
                _("Enlever l'un d'eux."),
            )
        with _settings(demo) as (settings, keys), server.listen(host, port, loopback_only=demo) as listener:
            if workers == 1:
                warm_up()
            address = server.address_of(listener)
            click.echo(
                _(
                    "clausematch répond sur {address} ; description : {address}/openapi.json ; Ctrl+C pour arrêter."
                ).format(address=address)
            )
            for line in keys:
                click.echo(line)
            if workers > 1:
                several.serve(listener, workers, settings)
            else:
                server.serve(listener, settings)


@contextmanager
def _settings(demo: bool) -> Iterator[tuple[Settings, list[str]]]:
    """The settings to serve with, the tables up to date, and what to print of the keys. Raises UsageError."""
    from service.settings import Settings

    if demo:
        from service.demo import prepared

        with prepared() as found:
            yield found
    else:
        from service.store.database import open_store
        from service.store.migrate import upgrade

        settings = Settings().checked()
        store = open_store(settings)
        upgrade(store.engine)
        store.close()
        yield settings, []
