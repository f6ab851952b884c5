"""The start page: what waits for the visitor today, by role."""

from __future__ import annotations

from service.access.principals import EVERYONE, Role
from service.pages.page import Outcome, Page, Shown, Visit
from service.pages.today import adviser, contractor, facilitator, oversight

_PARTS = (
    ((Role.ADVISER,), adviser.blocks),
    ((Role.FACILITATOR,), facilitator.blocks),
    ((Role.CONTRACTOR,), contractor.blocks),
    ((Role.AUDITOR, Role.ADMIN), oversight.blocks),
)


def today(visit: Visit) -> Outcome:
    """Everything that waits for somebody in these roles."""
    blocks = [block for roles, made in _PARTS if visit.principal.has(*roles) for block in made(visit)]
    return Shown("today.html", {"blocks": blocks})


PAGES = (Page("GET", "/", today, EVERYONE),)
