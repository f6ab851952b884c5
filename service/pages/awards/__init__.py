"""The facilitator's contracts: the list, one of them, files of notices; and what a clause could carry."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.awards import feasibility as before
from service.pages.awards import follow, importing
from service.pages.page import Page

_FACILITATOR = frozenset({Role.FACILITATOR})
_DRAFT = "/notices/{draft_id}"

PAGES = (
    Page("GET", "/awards", follow.listing, _FACILITATOR),
    Page("GET", "/notices", importing.start, _FACILITATOR),
    Page("POST", "/notices", importing.send, _FACILITATOR, heavy=True),
    Page("GET", _DRAFT, importing.look, _FACILITATOR),
    Page("POST", _DRAFT, importing.change, _FACILITATOR, heavy=True),
    Page("POST", f"{_DRAFT}/leave", importing.leave, _FACILITATOR),
    Page("GET", "/awards/{award_id}", follow.one, _FACILITATOR),
    Page("GET", "/feasibility", before.ask, _FACILITATOR, heavy=True),
)
