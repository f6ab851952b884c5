"""Where the pool takes its people and positions from, and what changed since it last looked.

Rows come as canonical tables. The number that comes with them was read before them, or in the same picture of the
data: every change up to it is in them; a later one may be, and comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd


class PeopleChanged(Protocol):
    """People created or changed, in the order of `table`, and the subjects of the erased ones (`gone`)."""

    @property
    def seq(self) -> int: ...
    @property
    def subjects(self) -> Sequence[str]: ...
    @property
    def organisations(self) -> Sequence[str]: ...
    @property
    def references(self) -> Sequence[str]: ...
    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def gone(self) -> Sequence[str]: ...


class PositionsChanged(Protocol):
    """Positions created or changed, in the order of `table`; each is open while not closed and not filled."""

    @property
    def seq(self) -> int: ...
    @property
    def organisations(self) -> Sequence[str]: ...
    @property
    def openings(self) -> Sequence[int]: ...
    @property
    def filled(self) -> Sequence[int]: ...
    @property
    def closed(self) -> Sequence[bool]: ...
    @property
    def table(self) -> pd.DataFrame: ...


class Source(Protocol):
    """What changed since a number (0: everything there is)."""

    def head(self) -> int:
        """The number of the last change of people or positions; cheap, asked at every question."""

    def people_since(self, seq: int) -> PeopleChanged:
        """People created, changed or erased after `seq`."""

    def positions_since(self, seq: int) -> PositionsChanged:
        """Positions created or changed after `seq`."""
