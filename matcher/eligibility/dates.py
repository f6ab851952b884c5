"""Calendar arithmetic: months that clamp at month ends, and the cut-off days that replace it on long columns.

Adding months never changes the order of two days, so `D + N months <= on` holds exactly up to one last day D.
Finding that day once turns every rule of the kind "more than N months since D" into one comparison per row.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Day = np.datetime64 | Days
"""One day for everybody, or a day for each."""
DAY = np.timedelta64(1, "D")
EARLIEST = np.datetime64("0001-01-01", "D")


def add_months(days: Days, months: int) -> Days:
    """Each day `months` later (datetime64[D]); a day that the month lacks becomes its last one; NaT stays."""
    month = days.astype("datetime64[M]")
    offset = days - month.astype("datetime64[D]")
    target = month + np.timedelta64(months, "M")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - DAY
    clamped: Days = np.minimum(target.astype("datetime64[D]") + offset, last)
    return clamped


def day_after_months(day: date, months: int) -> date:
    """The same for one day, to say in words when a rule will be met."""
    later: date = add_months(np.array([day], "datetime64[D]"), months)[0].astype(object)
    return later


def latest_start(on: Day, months: int, *, strict: bool = False) -> Days:
    """The last day D with `D + months <= on`, or `< on` when `strict`; in the shape of `on`, one day or many."""
    return _latest_of_one(on, months, strict) if isinstance(on, np.datetime64) else _latest(on, months, strict)


def _latest(on: Day, months: int, strict: bool) -> Days:
    days, place = np.unique(on, return_inverse=True)
    target = days - DAY if strict else days
    near = add_months(target, -months)[:, None] + np.arange(-1, 5) * DAY  # clamping moves a day by three at most
    count = (add_months(near, months) <= target[:, None]).sum(axis=1)  # true up to the last one: months keep order
    last: Days = near[np.arange(len(near)), count - 1]
    return last[place].reshape(np.shape(on))


# Every question of a day asks for the same few.
_latest_of_one = lru_cache(maxsize=1024)(_latest)
