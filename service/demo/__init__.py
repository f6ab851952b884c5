"""`clausematch serve --demo`: a store thrown away at the end, filled with the samples, and keys to try it."""

from __future__ import annotations

import base64
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from matcher.locale import _
from service.access.keys import create
from service.access.organisations import create_organisation, invite
from service.access.principals import Role
from service.app import office
from service.demo.story import ACTOR, FORGOTTEN, Story, sample, tell
from service.desk import Office
from service.settings import Settings
from service.store.database import Change
from service.store.migrate import upgrade

ORGANISATION, OTHER = "plie-demo", "mission-demo"
KEY_DAYS, EXPIRING_DAYS = 1, 5
_ROLES = (Role.ADVISER, Role.FACILITATOR, Role.AUDITOR, Role.ADMIN)


@contextmanager
def prepared() -> Iterator[tuple[Settings, list[str]]]:
    """Settings of a filled store that lasts as long as the block, and the lines that show its keys."""
    with tempfile.TemporaryDirectory(prefix="clausematch-demo-") as folder:
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'demo.db'}",
            secret=SecretStr(secrets.token_urlsafe(48)),
            encryption_keys=(SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()),),
            demo=True,
        )
        one = office(settings)
        try:
            upgrade(one.store.engine)
            lines = _fill(one)
        finally:
            one.store.close()
        yield settings, lines


def _fill(one: Office) -> list[str]:
    """The story of half a year, told in order: what is imported, proposed, hired, worked, and what waits today."""
    with one.store.write(ACTOR, None, one.clock() - timedelta(days=FORGOTTEN)) as change:
        create_organisation(change, ORGANISATION, "PLIE de démonstration", "facilitator")
        create_organisation(change, OTHER, "Mission locale de démonstration", "prescriber")
        contractor = str(sample("positions.csv")[0]["siret"])
        create_organisation(change, "entreprise-demo", "Entreprise de démonstration", "contractor", contractor)
    tell(one, Story(ORGANISATION, OTHER, FORGOTTEN))
    with one.store.write(ACTOR, None, one.clock()) as change:
        create(change, ORGANISATION, (Role.FACILITATOR,), "tableau de bord (bientôt périmée)", days=EXPIRING_DAYS)
        invite(change, "conseil@plie-demo.example", ORGANISATION, [Role.ADVISER])
        return _keys(change)


def _keys(change: Change) -> list[str]:
    every = create(change, ORGANISATION, _ROLES, "démonstration", days=KEY_DAYS)
    lines = [_("Clé de démonstration, tous les rôles : {key}").format(key=every.text)]
    wanted = [(role, ORGANISATION) for role in _ROLES]
    wanted += [(Role.ADVISER, OTHER), (Role.CONTRACTOR, "entreprise-demo")]
    for role, org in wanted:
        key = create(change, org, (role,), "démonstration", days=KEY_DAYS)
        lines.append(_("  {role}, {organisation} : {key}").format(role=role, organisation=org, key=key.text))
    lines.append(_("Ces clés et ces données disparaissent à l'arrêt ; cette machine seulement."))
    return lines
