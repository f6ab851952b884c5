"""Where a range of months may begin and end, so that no two ranges subtracted tell of a small group.

Somebody who asks for January to June, then for January to May, knows June. So the months are cut into blocks, each
safe to show by itself (`hiding.Group.safe`) for whoever is asked about and for all the others too, and a measure is
shown only for ranges made of whole blocks: what can be had by subtracting is made of whole blocks again.

The blocks depend on what happened, never on what is asked: years first, as few of them together as it takes, then
quarters inside, then months. This is exact for what adds up over months (hires, lengths, durable exits). People are
counted once over a range, however many months they worked: those newly there in the last block of a range can be
fewer than the people in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import groupby

from service.indicators.counting import MEASURES, Figures, count
from service.indicators.events import Event, Events, Left

SIZES = ("year", "quarter", "month")
Cuts = Mapping[str, Collection[str]]  # measure → the first months of its blocks
Safe = Callable[[Sequence[str]], bool]


def period_of(month: str, by: str) -> str:
    """The name of the period of a month: 2026-05, 2026-T2 or 2026."""
    if by == "month":
        return month
    return month[:4] if by == "year" else f"{month[:4]}-T{(int(month[5:7]) + 2) // 3}"


def by_period(events: Events, by: str) -> dict[str, Events]:
    """The events of each period in which something happened, in order."""
    return grouped(events, lambda one: period_of(one.month, by))


def grouped(events: Events, name: Callable[[Event | Left], str]) -> dict[str, Events]:
    """The events by what `name` calls them, in the order of the names."""
    happened: dict[str, list[Event]] = {}
    left: dict[str, list[Left]] = {}
    for event in events.events:
        happened.setdefault(name(event), []).append(event)
    for one in events.left:
        left.setdefault(name(one), []).append(one)
    names = sorted({*happened, *left})
    return {one: Events(happened.get(one, []), left.get(one, []), events.groups) for one in names}


class Months:
    """Events by month, and the figures of any months together, counted once."""

    def __init__(self, events: Events) -> None:
        self.names = sorted({one.month for one in events.all})
        self._months = by_period(events, "month")
        self._groups = events.groups
        self._known: dict[tuple[str, ...], Figures] = {}

    def figures(self, months: Sequence[str]) -> Figures:
        """Of those months."""
        key = tuple(months)
        if key not in self._known:
            parts = [self._months[month] for month in key if month in self._months]
            happened = [event for part in parts for event in part.events]
            left = [one for part in parts for one in part.left]
            self._known[key] = count(Events(happened, left, self._groups))
        return self._known[key]


def cuts(wanted: Months, everything: Months) -> Cuts:
    """Where the blocks of each measure begin, for what is asked about; the rest can be had by subtracting it."""

    def safe(measure: str, block: Sequence[str]) -> bool:
        mine, whole = wanted.figures(block), everything.figures(block)
        return mine.group(measure).safe and _less(whole, mine).group(measure).safe

    return {measure: {block[0] for block in blocks(everything.names, partial(safe, measure))} for measure in MEASURES}


def _less(whole: Figures, mine: Figures) -> Figures:
    counts = {name: max(value - mine.counts[name], 0.0) for name, value in whole.counts.items()}
    return Figures(0.0, 0, 0, 0.0, counts)


def blocks(months: Sequence[str], safe: Safe) -> list[list[str]]:
    """The months, in order, in blocks that are safe: all of them in one when nothing smaller is."""
    found = [list(months)] if months else []
    for by in SIZES:
        found = [piece for block in found for piece in _split(block, by, safe)]
    return found


def _split(block: Sequence[str], by: str, safe: Safe) -> list[list[str]]:
    pieces: list[list[str]] = []
    open_: list[str] = []
    for _name, part in groupby(block, key=lambda month: period_of(month, by)):
        open_ = [*open_, *part]
        if safe(open_):
            pieces.append(open_)
            open_ = []
    while open_ and pieces and not safe(open_):  # what is left over goes with what came before it
        open_ = pieces.pop() + open_
    return [*pieces, open_] if open_ else pieces


def cut_through(where: Cuts, months: Sequence[str], first: str, last: str) -> set[str]:
    """The measures to hide from `first` to `last`: those of which a block is cut in two. `months` are all those in
    which something happened, in order."""
    begins = next((month for month in months if month >= first), None)
    follows = next((month for month in months if month > last), None)
    edges = [month for month in (begins, follows) if month is not None]
    return {measure for measure, starts in where.items() if any(month not in starts for month in edges)}
