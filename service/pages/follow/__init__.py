"""Hours entered month by month, and what they add up to."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.follow import hours, indicators
from service.pages.page import Page

_FACILITATOR = frozenset({Role.FACILITATOR})
_READERS = frozenset({Role.FACILITATOR, Role.AUDITOR, Role.ADMIN})

PAGES = (
    Page("GET", "/awards/{award_id}/hours", hours.show, _FACILITATOR),
    Page("POST", "/awards/{award_id}/hours", hours.save, _FACILITATOR, heavy=True),
    Page("GET", "/indicators", indicators.show, _READERS, heavy=True),
    Page("GET", "/indicators/report", indicators.report, _READERS, heavy=True),
    Page("GET", "/indicators/csv", indicators.download, _READERS, heavy=True),
)
