"""What an administrator starts from, and what the service decides and ranks with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from matcher.rules import RulePack
from matcher.scoring import load_scorecard
from service.access.keys import in_use
from service.pages.page import Outcome, Shown, Visit
from service.pages.public_pages.about import packs, scorecard_words
from service.store import tables as t

CHECKED_WITHIN = timedelta(days=365)  # a law read longer ago is to be read again


def home(visit: Visit) -> Outcome:
    """Counts of what there is to look after."""
    with visit.read() as connection:
        data = {
            "organisations": connection.scalar(select(func.count()).select_from(t.organisations)),
            "members": connection.scalar(select(func.count()).select_from(t.members).filter_by(active=True)),
            "keys": connection.scalar(select(func.count()).select_from(t.api_keys).where(in_use(visit.at))),
        }
    stale = sum(bool(one["stale"]) for one in _packs(visit))
    return Shown("admin/home.html", {**data, "stale": stale, "months": visit.settings.retention_months})


def rules(visit: Visit) -> Outcome:
    """The rule packs in force and how old they are; the points, in words."""
    card = load_scorecard()
    return Shown("admin/rules.html", {"packs": _packs(visit), "card": card, "sides": scorecard_words(card)})


def _packs(visit: Visit) -> list[dict[str, Any]]:
    return [{**one, "stale": _stale(one["pack"], visit)} for one in packs()]


def _stale(pack: RulePack, visit: Visit) -> str:
    """Why a pack is to be looked at again: `over`, `unchecked`, or nothing."""
    if not pack.in_force(visit.today):
        return "over"
    return "unchecked" if visit.today - pack.checked_on > CHECKED_WITHIN else ""
