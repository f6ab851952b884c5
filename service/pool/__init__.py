"""The people and positions of the service in memory, as the tables that scoring uses, and kept fresh.

`Pool.refresh(today)` gives a `Snapshot`, and every question is asked of it. Nothing here knows of SQL or HTTP.
"""

from __future__ import annotations

from service.pool.answers import Absent, Listed, Shortlist, Suitable, Tables
from service.pool.crowd import parted
from service.pool.pool import Pool
from service.pool.snapshot import Snapshot
from service.pool.source import PeopleChanged, PositionsChanged, Source

__all__ = [
    "Absent",
    "Listed",
    "PeopleChanged",
    "Pool",
    "PositionsChanged",
    "Shortlist",
    "Snapshot",
    "Source",
    "Suitable",
    "Tables",
    "parted",
]
