"""The pages for anybody: how lists are made, and how accessible the pages are."""

from __future__ import annotations

from service.pages.page import Page
from service.pages.public_pages import about

PAGES = (
    Page("GET", "/about", about.about, public=True),
    Page("GET", "/accessibility", about.accessibility, public=True),
)
