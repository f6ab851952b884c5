"""The clock of the service, read at its edge only, and how instants are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
HERE = ZoneInfo("Europe/Paris")


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
    """The users' own calendar day at that instant."""
    return here(instant).date()


def here(instant: datetime) -> datetime:
    """The same instant by the users' own clocks, whatever the machine's is set to."""
    return instant.astimezone(HERE)
