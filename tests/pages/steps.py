"""What somebody does in the browser, then waits for."""

from __future__ import annotations

import re
from typing import Any


def follow(page: Any, name: str | re.Pattern[str]) -> None:
    page.get_by_role("link", name=name).first.click()
    page.wait_for_load_state()


def press(page: Any, name: str | re.Pattern[str]) -> None:
    page.locator("main").get_by_role("button", name=name).first.click()
    page.wait_for_load_state()
