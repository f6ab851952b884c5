"""Events → figures, then what of them can be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from service.indicators.events import PARTS, Contract, Events
from service.indicators.hiding import Group, hidden

COUNTS = ("people", "hires", "lengths")
# Group → the count it is a part of.
WITHIN = {**dict.fromkeys(PARTS, "people"), "durable": "hires"}
MEASURES = (*COUNTS, *WITHIN)


@dataclass(frozen=True)
class Figures:
    """What was counted: `counts` has MEASURES; the others are sums and numbers of things, which hide nobody."""

    hours: float
    contracts: int
    buyers: int
    months: float
    counts: dict[str, float]

    def group(self, measure: str) -> Group:
        """A measure as a group, beside those it is not true of."""
        inside = self.counts[measure]
        if measure in COUNTS:
            return Group(inside)
        return Group(inside, max(self.counts[WITHIN[measure]] - inside, 0.0))


def count(events: Events) -> Figures:
    """The figures of some events. A person counts once, however many months or contracts they worked."""
    people = {event.subject for event in events.events}
    hires = [event for event in events.events if event.hours is None]
    lengths = [event.months for event in hires if event.months is not None]
    left: dict[tuple[str, str], float] = {}
    for one in events.left:
        left[one.measure, one.part] = left.get((one.measure, one.part), 0.0) + one.value
    counts = {
        "people": len(people) + left.get(("people", "all"), 0.0),
        "hires": len(hires) + left.get(("hires", "all"), 0.0),
        "lengths": len(lengths) + left.get(("contracts", "all"), 0.0),
        "durable": sum(event.durable for event in hires) + left.get(("durable", "all"), 0.0),
    }
    for part in PARTS:
        known = sum(part in events.groups.get(subject, ()) for subject in people)
        counts[part] = known + left.get(("people", part), 0.0)
    contracts = {one.contract for one in events.all if one.contract.award_id}
    return Figures(
        sum(event.hours or 0.0 for event in events.events) + left.get(("hours", "all"), 0.0),
        len(contracts),
        len({contract.buyer for contract in contracts if contract.buyer}),
        sum(lengths) + left.get(("contract_months", "all"), 0.0),
        counts,
    )


def kept(events: Events, where: Callable[[Contract, str], bool]) -> Events:
    """The events whose contract and month are wanted."""
    return Events(
        [event for event in events.events if where(event.contract, event.month)],
        [one for one in events.left if where(one.contract, one.month)],
        events.groups,
    )


def hidden_cells(
    cells: Sequence[Figures], total: Figures, given_away: Sequence[set[str]] = ()
) -> tuple[list[set[str]], set[str]]:
    """For each cell, then for the total, the measures to hide, so that the total gives no cell away. `given_away` are
    those that must be hidden for another reason."""
    away = [set(names) for names in given_away] or [set() for _cell in cells]
    gone: set[str] = set()
    for measure in MEASURES:
        within = WITHIN.get(measure)
        forced = {place for place, names in enumerate(away) if within in names or measure in names}
        places, whole = hidden([cell.group(measure) for cell in cells], total.group(measure), forced)
        for place in places:
            away[place].add(measure)
        if whole or within in gone:
            gone.add(measure)
    return away, gone


def shown(figures: Figures, away: Iterable[str]) -> dict[str, Any]:
    """The figures as they are answered: what is hidden is null, and named in `hidden`."""
    names = set(away)
    numbers = {name: None if name in names else round(figures.counts[name]) for name in MEASURES if name != "lengths"}
    lengths = figures.counts["lengths"]
    average = round(figures.months / lengths, 1) if lengths and "lengths" not in names else None
    if "lengths" in names:
        names = (names - {"lengths"}) | {"average_months"}
    return {
        "hours": round(figures.hours, 2),
        "contracts": figures.contracts,
        "buyers": figures.buyers,
        "average_months": average,
        **numbers,
        "hidden": sorted(names),
    }
