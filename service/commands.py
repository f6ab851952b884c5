"""The `serve` command."""

from __future__ import annotations

import click

from matcher.locale import _


def register(group: click.Group) -> None:
    """Add the service's commands to the command line."""

    @group.command(help=_("Le service HTTP, pour cette machine seulement : éligibilité et listes, rien n'est gardé."))
    @click.option(
        "--host", default="127.0.0.1", show_default=True, help=_("Adresse de cette machine (boucle locale).")
    )
    @click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8000,
        show_default=True,
        help=_("Port ; 0 en prend un libre."),
    )
    def serve(host: str, port: int) -> None:
        from service import server
        from service.settings import Settings
        from service.work import warm_up

        with server.listen(host, port) as listener:
            warm_up()
            click.echo(
                _(
                    "clausematch répond sur {address} ; description : {address}/openapi.json ; Ctrl+C pour arrêter."
                ).format(address=server.address_of(listener))
            )
            server.serve(listener, Settings())
