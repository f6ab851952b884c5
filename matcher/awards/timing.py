"""When the positions of a contract start and end, and how many people its hours call for."""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS_PER_MONTH = 52 / 12
DAYS_PER_MONTH = 365.25 / 12
_MAX_DAY = date(9999, 12, 31)


def add_months(day: date, months: float) -> date:
    """`day` + months, month ends clamped; the fraction of a month in days. Never past year 9999."""
    whole = math.floor(months)
    year, month = divmod(day.year * 12 + day.month - 1 + whole, 12)
    if year > _MAX_DAY.year - 1:
        return _MAX_DAY
    moved = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    return moved + timedelta(days=round((months - whole) * DAYS_PER_MONTH))


def openings(hours: float, weekly_hours: float, months: float) -> int:
    """`max(1, floor(hours ÷ (weekly_hours × 52/12 × months)))`."""
    return max(1, math.floor(hours / (weekly_hours * WEEKS_PER_MONTH * months) + 1e-9))


@dataclass(frozen=True)
class Timing:
    """`over`: the contract is over on the day asked. `months`: the length of a position, at least 1 for counting."""

    over: bool
    start: date
    end: date
    months: float
    contract_end: date | None
    begun: bool
    guessed: bool = False


def timing(award_id: str, notified: date | None, duration: float | None, on: date, target: float) -> Timing:
    """The dates of an award's positions: from the later of `notified` and `on`, for `target` months at most.

    Without a notification date, the year that opens a 2019 identifier (`2018…`) tells when the contract was over
    at the latest: it is only used for that.
    """
    start = on if notified is None else max(notified, on)
    latest, guessed = _contract_end(award_id, notified, duration)
    over = latest is not None and start >= latest
    contract_end = None if guessed else latest
    wished = add_months(start, target)
    if contract_end is None or wished <= contract_end or over:
        return Timing(over, start, wished, target, contract_end, notified is not None and notified < on, guessed)
    months = max(1.0, (contract_end - start).days / DAYS_PER_MONTH)
    return Timing(
        over, start, contract_end, min(months, target), contract_end, notified is not None and notified < on
    )


def _contract_end(award_id: str, notified: date | None, duration: float | None) -> tuple[date | None, bool]:
    if notified is not None:
        return (None, False) if duration is None else (add_months(notified, duration), False)
    year = re.search(r"-((?:19|20)\d\d)[^-]*$", award_id) or re.match(r"\d{14}-((?:19|20)\d\d)", award_id)
    if year is None or duration is None:
        return None, False
    return add_months(date(int(year[1]), 12, 31), duration), True
