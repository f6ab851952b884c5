"""`clausematch store retention`: who is kept for too long, and their erasure."""

from __future__ import annotations

import click

from matcher.locale import _

SHOWN = 20  # references named for each organisation


def register(group: click.Group) -> None:
    """Add the command to the group `store`."""

    @group.command(help=_("Les personnes à effacer, sans action depuis trop longtemps ; --apply les efface."))
    @click.option("--on", metavar=_("JOUR"), help=_("Jour de référence, AAAA-MM-JJ ; aujourd'hui par défaut."))
    @click.option("--apply", is_flag=True, help=_("Effacer. Sans cette option, rien n'est changé."))
    def retention(on: str | None, apply: bool) -> None:
        from matcher.commands.inputs import day as run_day
        from service import clock
        from service.people.retention import by_organisation, due, erase_due
        from service.settings import Settings
        from service.store.commands import opened

        at = clock.now()
        day = run_day(on)
        months = Settings().retention_months
        if apply and day > clock.local_day(at):
            raise _too_soon()
        with opened() as store:
            with store.read() as connection:
                found = due(connection, day, months)
            for org_id, count in by_organisation(found).items():
                names = [one.reference for one in found if one.org_id == org_id]
                more = "…" if len(names) > SHOWN else ""
                click.echo(
                    _("{organisation} : {count} personne(s) : {names}").format(
                        organisation=org_id, count=count, names=", ".join(names[:SHOWN]) + more
                    )
                )
            if not apply:
                told = _(
                    "{count} personne(s) sans action depuis {months} mois au {day}. Rien n'est effacé sans --apply."
                )
                click.echo(told.format(count=len(found), months=months, day=day.isoformat()))
                return
            erased = erase_due(store, day, months, at)
        click.echo(_("{count} personne(s) effacée(s).").format(count=erased))


def _too_soon() -> Exception:
    from matcher.errors import UsageError

    return UsageError(_("--apply n'efface pas pour un jour à venir."), _("Enlever --on, ou --apply."))
