"""Files of people and positions: sent, looked at, accepted."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.imports import pages
from service.pages.page import Page

_BOTH = frozenset({Role.ADVISER, Role.FACILITATOR})
_ONE = "/imports/{draft_id}"

PAGES = (
    Page("GET", "/imports", pages.start, _BOTH),
    Page("POST", "/imports", pages.send, _BOTH, heavy=True),
    Page("GET", _ONE, pages.look, _BOTH),
    Page("POST", f"{_ONE}/columns", pages.columns, _BOTH, heavy=True),
    Page("POST", f"{_ONE}/accept", pages.accept, _BOTH, heavy=True),
    Page("POST", f"{_ONE}/leave", pages.leave, _BOTH),
    Page("GET", f"{_ONE}/rejected", pages.rejected, _BOTH),
)
