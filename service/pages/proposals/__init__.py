"""Proposals: those that one follows, and each with its history and the steps that may be noted."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.page import Page
from service.pages.proposals import listing, one

_FOLLOWING = frozenset({Role.ADVISER, Role.FACILITATOR})

PAGES = (
    Page("GET", "/proposals", listing.listing, _FOLLOWING),
    Page("GET", "/proposals/{proposal_id}", one.one, _FOLLOWING),
    Page("POST", "/proposals/{proposal_id}", one.move, _FOLLOWING),
)
