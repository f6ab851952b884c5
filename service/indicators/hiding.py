"""Small groups hidden, and what would give them away hidden too.

A group is `k` people out of `n`. It is shown when both it and the others, `n - k`, are at least FEWEST (or `n` is 0:
nobody is nobody's secret). Among cells that add up to a total, what is hidden is known as a sum: so the hidden cells
together must be several, and again at least FEWEST people in and FEWEST out; otherwise the smallest cell shown is
hidden too, and when none is left, the total.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

FEWEST = 5


class Group(NamedTuple):
    """`inside` people of a group and `outside` the others; `outside` is None where nobody is (a plain count)."""

    inside: float
    outside: float | None = None

    @property
    def size(self) -> float:
        return self.inside + (self.outside or 0)

    @property
    def safe(self) -> bool:
        """True when it can be shown by itself."""
        enough = self.inside >= FEWEST and (self.outside is None or self.outside >= FEWEST)
        return enough or self.size == 0


def hidden(cells: Sequence[Group], total: Group, forced: Collection[int] = ()) -> tuple[set[int], bool]:
    """Which cells to hide, and whether to hide the total. `forced` cells are hidden whatever they hold."""
    if not total.safe:
        return {place for place, cell in enumerate(cells) if cell.size} | set(forced), True
    away = {place for place, cell in enumerate(cells) if not cell.safe} | set(forced)
    shown = sorted((cell.size, place) for place, cell in enumerate(cells) if cell.size and place not in away)
    while away and _tells(cells, away):
        if not shown:
            return away, True
        away.add(shown.pop(0)[1])
    return away, False


def _tells(cells: Sequence[Group], away: Collection[int]) -> bool:
    """True when the sum of the hidden cells says too much about one of them."""
    filled = [cells[place] for place in away if cells[place].size]
    if not filled:
        return False
    inside = sum(cell.inside for cell in filled)
    outside = None if filled[0].outside is None else sum(cell.outside or 0 for cell in filled)
    return len(filled) == 1 or not Group(inside, outside).safe
