"""What to hide of a buyer, a contract or a place because the others, and all of them together, can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.indicators.counting import Figures, count, hidden_cells, kept
from service.indicators.cuts import grouped
from service.indicators.events import Contract, Event, Events, Left

DEPARTEMENT = 2
Away = Mapping[str, set[str]]  # name → measures to hide


class Asked(NamedTuple):
    """Which contracts are asked about; None is any."""

    buyer: str | None = None
    award: str | None = None
    place: str | None = None

    def has(self, contract: Contract, _month: str = "") -> bool:
        """True for a contract that is asked about."""
        return (
            self.buyer in (None, contract.buyer)
            and self.award in (None, contract.award_id)
            and (self.place is None or (contract.place or "").startswith(self.place))
        )

    def has_not(self, contract: Contract, _month: str = "") -> bool:
        """True for the others."""
        return not self.has(contract)


def buyer_of(one: Event | Left) -> str:
    """The buyer's SIRET; empty when there is none."""
    return one.contract.buyer or ""


def award_of(one: Event | Left) -> str:
    """The contract's name; empty for a position without one."""
    return one.contract.award_id


class Parts(NamedTuple):
    """What to hide of everything, of each buyer and of each contract, so that none gives another away."""

    whole: set[str]
    buyers: Away
    awards: Away


class _Family(NamedTuple):
    """Cells that add up to a total, and what is hidden of each so far."""

    total: Figures
    away: set[str]
    cells: Sequence[Figures]
    aways: Sequence[set[str]]

    def hide(self) -> None:
        """Hide what the others would tell; what is hidden of the total is hidden of every cell, whose sum it is."""
        away, gone = hidden_cells(self.cells, self.total, [names | self.away for names in self.aways])
        self.away.update(gone)
        for names, more in zip(self.aways, away, strict=True):
            names.update(more)


def parts_of(events: Events) -> Parts:
    """Contracts add up to their buyer and to everything, buyers to everything: hide until no sum tells anything."""
    total, whole = count(events), set[str]()
    of_buyer = {name: count(part) for name, part in grouped(events, buyer_of).items()}
    of_award = {name: count(part) for name, part in grouped(events, award_of).items()}
    buyers: dict[str, set[str]] = {name: set() for name in of_buyer}
    awards: dict[str, set[str]] = {name: set() for name in of_award}
    owners = {award_of(one): buyer_of(one) for one in events.all}
    families = [_Family(total, whole, list(of_buyer.values()), list(buyers.values()))]
    for buyer, figures in of_buyer.items():
        own = [award for award in of_award if owners[award] == buyer]
        families.append(_Family(figures, buyers[buyer], [of_award[one] for one in own], [awards[one] for one in own]))
    families.append(_Family(total, whole, list(of_award.values()), list(awards.values())))
    hidden = -1
    while hidden != (hidden := sum(map(len, (whole, *buyers.values(), *awards.values())))):
        for family in families:
            family.hide()
    return Parts(whole, buyers, awards)


def given_away(events: Events, asked: Asked) -> set[str]:
    """Measures to hide of what is asked about. A commune is among those of its département, a département among all,
    buyers and contracts among those of the same place."""
    away = _of_place(events, asked.place)
    found = parts_of(kept(events, Asked(place=asked.place).has))
    if asked.award is not None:
        return away | found.awards.get(asked.award, set())
    return away | (found.whole if asked.buyer is None else found.buyers.get(asked.buyer, set()))


def _of_place(events: Events, place: str | None) -> set[str]:
    if place is None:
        return set()
    size = min(len(place), DEPARTEMENT)
    away = _of_each(events, size).get(place[:size], set())
    if len(place) > DEPARTEMENT:
        around = kept(events, Asked(place=place[:DEPARTEMENT]).has)
        away = away | _of_each(around, len(place)).get(place, set())
    return away


def _of_each(events: Events, size: int) -> Away:
    """What to hide of each place, told by the beginning of its code."""
    parts = grouped(events, lambda one: (one.contract.place or "")[:size])
    away, _gone = hidden_cells([count(part) for part in parts.values()], count(events))
    return dict(zip(parts, away, strict=True))
