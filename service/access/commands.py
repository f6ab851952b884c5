"""`clausematch access …`: organisations, keys and members, on the machine of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from matcher.locale import _

if TYPE_CHECKING:
    from service.store.database import Change, Store

ROLES = ("adviser", "facilitator", "contractor", "auditor", "admin")
KINDS = ("prescriber", "facilitator", "contractor", "authority")
ACTOR = "command:access"


@contextmanager
def _opened() -> Iterator[Store]:
    from service.settings import Settings
    from service.store.database import open_store
    from service.store.migrate import upgrade

    store = open_store(Settings().checked())
    try:
        upgrade(store.engine)
        yield store
    finally:
        store.close()


@contextmanager
def _change() -> Iterator[Change]:
    from service import clock

    with _opened() as store, store.write(ACTOR, None, clock.now()) as change:
        yield change


@contextmanager
def _ending() -> Iterator[Change]:
    """A change that takes an access away: a warning when it was the last one to administer the service. It is not
    refused, as it is by the pages: whoever has the machine can always make another."""
    from service.access.organisations import admin_left

    with _change() as change:
        yield change
        left = admin_left(change)
    if not left:
        click.echo(
            _(
                "Attention : plus personne n'administre le service. Créer une clé : "
                "clausematch access key ORGANISME --role admin --label ADMINISTRATION"
            ),
            err=True,
        )


def register(group: click.Group) -> None:
    """Add the group `access` to the command line."""

    @group.group(help=_("Qui peut entrer : organismes, clés d'accès, membres (DATABASE_URL dit quelle base)."))
    def access() -> None:
        pass

    _add_organisations(access)
    _add_keys(access)
    _add_members(access)


def _roles(text: str) -> click.Option:
    return click.Option(["--role", "roles"], multiple=True, required=True, type=click.Choice(ROLES), help=text)


def _add_organisations(access: click.Group) -> None:
    @access.command(help=_("Créer un organisme."))
    @click.argument("identifier", metavar="ID")
    @click.option("--name", required=True, help=_("Nom de l'organisme."))
    @click.option("--kind", type=click.Choice(KINDS), required=True, help=_("Ce qu'il fait."))
    @click.option("--siret", help=_("SIRET, obligatoire pour une entreprise."))
    def organisation(identifier: str, name: str, kind: str, siret: str | None) -> None:
        from service.access.organisations import create_organisation

        with _change() as change:
            create_organisation(change, identifier, name, kind, siret)
        click.echo(_("Organisme « {id} » créé.").format(id=identifier))


def _add_keys(access: click.Group) -> None:
    def key(organisation: str, roles: Sequence[str], label: str, days: int, read_only: bool) -> None:
        from service.access.keys import create
        from service.access.principals import Role, Scope

        scopes = (Scope.READ,) if read_only else tuple(Scope)
        with _change() as change:
            new = create(change, organisation, [Role(name) for name in roles], label, scopes=scopes, days=days)
        _show_once(new.text)

    command = access.command(help=_("Créer une clé d'accès ; elle n'est montrée qu'une fois."))(key)
    command.params = [
        click.Argument(["organisation"], metavar="ID"),
        _roles(_("Rôle de la clé ; à répéter pour en donner plusieurs.")),
        click.Option(["--label"], required=True, help=_("À quoi sert la clé.")),
        click.Option(
            ["--days"],
            type=click.IntRange(1, 1095),
            default=365,
            show_default=True,
            help=_("Durée en jours."),
        ),
        click.Option(["--read-only"], is_flag=True, help=_("La clé ne permet pas d'écrire.")),
    ]

    @access.command(help=_("Remplacer une clé : la nouvelle est montrée, l'ancienne marche encore un jour."))
    @click.argument("key_id", metavar="CLÉ")
    def rotate(key_id: str) -> None:
        from service.access import keys

        with _change() as change:
            new = keys.rotate(change, key_id)
        _show_once(new.text)

    @access.command(help=_("Arrêter une clé tout de suite."))
    @click.argument("key_id", metavar="CLÉ")
    def revoke(key_id: str) -> None:
        from service.access import keys

        with _ending() as change:
            keys.revoke(change, key_id)
        click.echo(_("Clé {id} arrêtée.").format(id=key_id))

    @access.command("keys", help=_("Les clés, leur organisme, leurs rôles et leur fin."))
    def list_keys() -> None:
        from sqlalchemy import select

        from service.store.tables import api_keys

        with _opened() as store, store.read() as connection:
            for row in connection.execute(select(api_keys).order_by(api_keys.c.created_at)):
                end = _("arrêtée le {day}").format(day=row.revoked_at[:10]) if row.revoked_at else row.expires_at[:10]
                click.echo(f"{row.key_id}\t{row.org_id}\t{row.roles}\t{row.scopes}\t{end}\t{row.label}")


def _show_once(text: str) -> None:
    click.echo(text)
    click.echo(_("Cette clé n'est gardée nulle part : la noter maintenant."), err=True)


def _add_members(access: click.Group) -> None:
    def member(email: str, organisation: str, roles: Sequence[str]) -> None:
        from service.access.organisations import invite
        from service.access.principals import Role

        with _change() as change:
            member_id = invite(change, email, organisation, [Role(name) for name in roles])
        click.echo(_("Membre {id} : il entrera avec son compte, par ce courriel vérifié.").format(id=member_id))

    command = access.command(help=_("Laisser entrer une personne par la connexion commune (OpenID Connect)."))(member)
    command.params = [
        click.Argument(["email"], metavar=_("COURRIEL")),
        click.Argument(["organisation"], metavar="ID"),
        _roles(_("Rôle du membre ; à répéter pour en donner plusieurs.")),
    ]

    @access.command(help=_("Mettre fin tout de suite à l'accès d'un membre."))
    @click.argument("member_id", metavar=_("MEMBRE"))
    def dismiss(member_id: str) -> None:
        from service.access import organisations

        with _ending() as change:
            organisations.dismiss(change, member_id)
        click.echo(_("Accès de {id} terminé.").format(id=member_id))

    @access.command("members", help=_("Les membres, leur organisme et leurs rôles."))
    def list_members() -> None:
        from sqlalchemy import select

        from service.store.tables import members

        with _opened() as store, store.read() as connection:
            for row in connection.execute(select(members).order_by(members.c.created_at)):
                state = _("en service") if row.active else _("terminé")
                click.echo(f"{row.member_id}\t{row.org_id}\t{row.roles}\t{state}\t{row.last_seen_at or '-'}")
