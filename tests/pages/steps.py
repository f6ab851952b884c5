"""What somebody does in the browser, then waits for."""

from __future__ import annotations

import re
from typing import Any


def arrive(control: Any) -> None:
    """Click what leads to another page, and wait for that page: a page read too soon is the one before, or none."""
    with control.page.expect_navigation():
        control.click()


def follow(page: Any, name: str | re.Pattern[str]) -> None:
    arrive(page.get_by_role("link", name=name).first)


def press(page: Any, name: str | re.Pattern[str]) -> None:
    arrive(page.locator("main").get_by_role("button", name=name).first)
