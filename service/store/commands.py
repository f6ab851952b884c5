"""`clausematch store …`: secrets, tables, backups and keys, on the machine of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matcher.locale import _
from service.people import commands as retention
from service.proposals.commands import add_outcomes

if TYPE_CHECKING:
    from service.store.database import Store

_FILE = click.Path(dir_okay=False, path_type=Path)


@contextmanager
def opened() -> Iterator[Store]:
    """The store of the environment's settings. Raises UsageError."""
    from service.settings import Settings
    from service.store.database import open_store

    store = open_store(Settings().checked())
    try:
        yield store
    finally:
        store.close()


def register(group: click.Group) -> None:
    """Add the group `store` to the command line."""

    @group.group(
        help=_("Ce que le service garde : secrets, tables, sauvegardes, clés (DATABASE_URL dit quelle base).")
    )
    def store() -> None:
        pass

    _add_secrets(store)
    _add_tables(store)
    _add_backups(store)
    add_outcomes(store)
    retention.register(store)


def _add_secrets(group: click.Group) -> None:
    @group.command("new-secrets", help=_("Tirer les secrets d'une nouvelle installation, à garder hors de la base."))
    def new_secrets() -> None:
        import base64
        import secrets

        from service.settings import KEY_BYTES

        click.echo(f"CLAUSEMATCH_SECRET={secrets.token_urlsafe(48)}")
        click.echo(f"CLAUSEMATCH_ENCRYPTION_KEYS={base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}")
        click.echo(_("Ils ne sont gardés nulle part : sans eux, les données ne s'ouvrent plus."), err=True)

    @group.command("rotate-key", help=_("Sceller de nouveau, par la première clé, ce que les autres avaient scellé."))
    def rotate_key() -> None:
        from service import clock
        from service.store.rotate import rotate

        with opened() as store:
            done = rotate(
                store, clock.now, lambda number: click.echo(_("{number} faits").format(number=number), err=True)
            )
        click.echo(
            _("{number} clés et textes scellés de nouveau : les anciennes clés ne servent plus à cette base.").format(
                number=done
            )
        )


def _add_tables(group: click.Group) -> None:
    @group.command(help=_("Mettre les tables à jour pour cette version."))
    def upgrade() -> None:
        from service.store import migrate

        with opened() as store:
            before = migrate.version_of(store.engine)
            migrate.upgrade(store.engine)
            after = migrate.version_of(store.engine)
        click.echo(
            _("Les tables sont à jour ({after}).").format(after=after)
            if before == after
            else _("Tables mises à jour : {before} → {after}.").format(before=before or "-", after=after)
        )


def _add_backups(group: click.Group) -> None:
    @group.command(help=_("Tout sauvegarder dans un fichier, pendant que le service continue."))
    @click.option("-o", "--output", type=_FILE, required=True, help=_("Fichier à écrire, nouveau."))
    def backup(output: Path) -> None:
        from service import clock
        from service.store.backup import write_backup

        with opened() as store:
            summary = write_backup(store, output, clock.now())
        click.echo(
            _("{file} : {people} personnes, {positions} postes, journal jusqu'à {seq} (empreinte {digest}).").format(
                file=output,
                people=summary.rows["people"],
                positions=summary.rows["positions"],
                seq=summary.seq,
                digest=summary.digest,
            )
        )

    @group.command(help=_("Remettre une sauvegarde, une fois vérifiée. Arrêter le service d'abord."))
    @click.argument("file", type=_FILE, metavar=_("FICHIER"))
    @click.option("--replace", is_flag=True, help=_("Remplacer ce que contient la base."))
    def restore(file: Path, replace: bool) -> None:
        from service import clock
        from service.store.restore import restore as put_back

        with opened() as store:
            summary = put_back(store, file, clock.now(), replace=replace)
        click.echo(
            _("Restauré : {people} personnes, {positions} postes, état du {day}.").format(
                people=summary.rows["people"], positions=summary.rows["positions"], day=summary.at
            )
        )
