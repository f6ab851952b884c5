"""`clausematch audit …`: is the log whole, and does a list that it says was shown come out again?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matcher.locale import _

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from service.chain.told import Replay
    from service.chain.verify import Verdict


def register(group: click.Group) -> None:
    """Add the group `audit` to the command line."""

    @group.group(help=_("Le journal : le vérifier, refaire une liste qu'il dit avoir été montrée (DATABASE_URL)."))
    def audit() -> None:
        pass

    _add_verify(audit)
    _add_replay(audit)


def _add_verify(audit: click.Group) -> None:
    @audit.command(
        help=_(
            "Relire tout le journal : une entrée modifiée, retirée, ajoutée ou déplacée est trouvée, et sa place "
            "dite. Sans clé ni secret. Statut 0 : entier ; 1 : non ; 3 : la base ne répond pas."
        )
    )
    @click.option("--expect", metavar=_("EMPREINTE"), help=_("Empreinte d'une entrée, notée ailleurs auparavant."))
    @click.option(
        "--from-backup",
        metavar=_("FICHIER"),
        type=click.Path(path_type=Path),
        help=_("Relire le journal d'une sauvegarde (clausematch store backup), sans base ni réglage."),
    )
    def verify(expect: str | None, from_backup: Path | None) -> None:
        from matcher.errors import CheckFailed
        from service.chain.verify import verify as walk
        from service.store.database import snapshot

        expected = _digest(expect)
        if from_backup is not None:
            found = _walk_backup(from_backup, expected)
        else:
            with _engine() as engine, snapshot(engine) as connection:
                found = walk(connection, expected)
        _tell(found)
        if not found.whole:
            raise CheckFailed(
                _("Le journal n'est pas entier."),
                _("Garder la base telle quelle, et la comparer à la dernière sauvegarde (clausematch store)."),
            )


def _walk_backup(path: Path, expected: str | None) -> Verdict:
    """The walk over the log of a backup. Raises UnreadableFile."""
    from service.chain.verify import verify_rows
    from service.store.backup import damaged, read_parts, read_summary

    read_summary(path)  # the file is whole
    try:
        return verify_rows(((part.table.name, row) for part in read_parts(path) for row in part.rows), expected)
    except (AttributeError, TypeError):  # the rows are not those of a log
        raise damaged(path) from None


def _digest(text: str | None) -> str | None:
    """The digest as it is stored. Raises UsageError for a text that is none."""
    from matcher.errors import UsageError

    if text is None:
        return None
    digest = text.strip().lower()
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise UsageError(
            _("--expect : une empreinte a 64 chiffres hexadécimaux."),
            _("La reprendre de la dernière vérification, telle qu'elle a été affichée."),
        )
    return digest


def _tell(found: Verdict) -> None:
    if found.whole:
        click.echo(_("Journal entier : {count} entrées.").format(count=found.entries))
        click.echo(_("Empreinte de la dernière, à noter ailleurs : {digest}").format(digest=found.digest))
        if found.expected_at is not None:
            click.echo(_("L'empreinte attendue est celle de l'entrée {seq}.").format(seq=found.expected_at))
        return
    for fault in found.faults:
        click.echo(str(fault))
    if found.more:
        click.echo(_("… et {count} autres défauts.").format(count=found.more))


def _add_replay(audit: click.Group) -> None:
    @audit.command(
        help=_(
            "Refaire la liste d'une entrée (shortlist.see, positions.see, match.run) avec les personnes et les "
            "postes d'alors, et la comparer à celle qui a été montrée. Statut 0 : rien ne diffère de ce qui reste ; "
            "1 : la liste diffère, ou ne peut plus être refaite ; 2 : la demande donnée n'est pas la bonne."
        )
    )
    @click.argument("entry", metavar=_("ENTRÉE"), type=click.IntRange(1))
    @click.option(
        "--inputs",
        metavar=_("FICHIER"),
        type=click.Path(path_type=Path),
        help=_("Pour match.run : la demande telle qu'elle a été envoyée (JSON) ; le service ne la garde pas."),
    )
    def replay(entry: int, inputs: Path | None) -> None:
        from matcher.errors import CheckFailed
        from service.chain.replay import replay as again
        from service.chain.rerun import request_of
        from service.settings import Settings
        from service.store.database import open_store

        settings = Settings().checked()
        request = None if inputs is None else request_of(inputs)
        with _engine():
            pass
        store = open_store(settings)
        try:
            found: Replay = again(store, entry, settings, request)
        finally:
            store.close()
        if not found.same:
            raise CheckFailed(found.words())
        click.echo(found.words())


@contextmanager
def _engine() -> Iterator[Engine]:
    """The database of the settings, which must be there with the tables of this version. Raises EnvironmentFault."""
    from service.settings import Settings
    from service.store.database import connect, snapshot
    from service.store.migrate import newest, version_of

    engine = connect(Settings().database_url)
    try:
        path = engine.url.database
        if engine.dialect.name == "sqlite" and not (path and Path(path).is_file()):
            raise _no_log()
        with snapshot(engine) as connection:
            at = version_of(connection.engine)
        if at != newest():
            raise _no_log()
        yield engine
    finally:
        engine.dispose()


def _no_log() -> Exception:
    from matcher.errors import EnvironmentFault

    return EnvironmentFault(
        _("La base de DATABASE_URL n'a pas le journal de cette version de clausematch."),
        _("Vérifier l'adresse ; mettre la base à jour en démarrant le service : clausematch serve."),
    )
