"""The clock of the service, read at its edge only, and how instants are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def written(instant: datetime) -> str:
    """An instant as it is stored and shown: UTC, to the millisecond, sorted as text."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> datetime:
    """The instant of `written`."""
    return datetime.fromisoformat(text)


def local_day(instant: datetime) -> date:
    """The user's own calendar day at that instant."""
    return instant.astimezone().date()
