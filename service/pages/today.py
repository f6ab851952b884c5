"""The start page: what waits for the visitor today."""

from __future__ import annotations

from service.access.principals import EVERYONE
from service.pages.page import Outcome, Page, Shown, Visit


def today(visit: Visit) -> Outcome:
    """What waits, by role."""
    return Shown("today.html", {})


PAGES = (Page("GET", "/", today, EVERYONE),)
