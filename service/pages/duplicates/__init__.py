"""People entered twice: pairs proposed, looked at side by side, made one or said to be two, undone."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.duplicates import pages
from service.pages.page import Page

_ADVISER = frozenset({Role.ADVISER})

PAGES = (
    Page("GET", "/duplicates", pages.listing, _ADVISER),
    Page("POST", "/duplicates", pages.search, _ADVISER, heavy=True),
    Page("GET", "/duplicates/pair", pages.pair, _ADVISER),
    Page("POST", "/duplicates/merge", pages.merge, _ADVISER),
    Page("POST", "/duplicates/apart", pages.apart, _ADVISER),
    Page("POST", "/duplicates/undo", pages.undo, _ADVISER),
)
