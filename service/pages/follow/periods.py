"""Periods as they are named, and those in which nothing happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.locale import current_language
from service.hours.limits import MOST_MONTHS

FIGURES = (
    "hours", "people", "contracts", "buyers", "hires", "average_months", "durable", "women", "rsa", "qpv",
    "disability",
)  # fmt: skip


def named(period: str) -> str:
    """`2026-05` → `05/2026`, `2026-T2` → `T2 2026` (`Q2 2026` in English)."""
    year, _dash, part = period.partition("-")
    english = current_language() == "en"
    if part.startswith("T"):
        return f"{'Q' if english else 'T'}{part[1:]} {year}"
    return period if english or not part else f"{part}/{year}"


def following(period: str) -> str:
    """The period after one of the same kind."""
    year, _dash, part = period.partition("-")
    if not part:
        return f"{int(year) + 1:04d}"
    letter, number, most = (part[0], int(part[1:]), 4) if part[0] == "T" else ("", int(part), 12)
    year, number = (str(int(year) + 1), 1) if number == most else (year, number + 1)
    return f"{year}-{letter}{number if letter else f'{number:02d}'}"


def filled(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows, with those in between where nothing happened: a gap in time is seen."""
    found: list[dict[str, Any]] = []
    for row in rows:
        while found and following(found[-1]["period"]) != row["period"] and len(found) < MOST_MONTHS:
            blank: dict[str, Any] = {**dict.fromkeys(FIGURES, 0), "average_months": None, "hidden": []}
            found.append({**blank, "period": following(found[-1]["period"])})
        found.append(dict(row))
    return found
