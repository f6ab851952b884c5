"""Whom a key or a member is for."""

from __future__ import annotations

from sqlalchemy import select

from matcher.errors import UsageError
from matcher.locale import _
from service.store import tables as t
from service.store.database import Change


def check_organisation(change: Change, org_id: str) -> None:
    """Raise UsageError for an organisation that is not there."""
    if change.connection.execute(select(t.organisations.c.org_id).filter_by(org_id=org_id)).first() is None:
        raise UsageError(_("L'organisme « {id} » n'existe pas.").format(id=org_id[:40]), _("Le créer d'abord."))
