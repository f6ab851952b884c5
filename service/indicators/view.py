"""The figures of what is asked about, without those that must be hidden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.indicators.apart import Asked, Parts, award_of, buyer_of, given_away, parts_of
from service.indicators.counting import Figures, count, hidden_cells, kept, shown
from service.indicators.cuts import Cuts, Months, by_period, cut_through, cuts, grouped
from service.indicators.events import Events

_NOTHING = Events([], [], {})


@dataclass(frozen=True)
class View:
    """`during`: the months asked for, of all contracts in view; `wanted`: those asked about alone."""

    asked: Asked
    first: str
    last: str
    everything: Months
    cuts: Cuts
    every: Events
    during: Events
    wanted: Events
    total: Figures

    @classmethod
    def of(cls, events: Events, asked: Asked, first: str, last: str) -> View:
        """The contracts asked about, from a month to another. `events` are those of every month."""
        everything = Months(events)
        where = cuts(Months(kept(events, asked.has)), everything)
        during = kept(events, lambda _contract, month: first <= month <= last)
        wanted = kept(during, asked.has)
        return cls(asked, first, last, everything, where, events, during, wanted, count(wanted))

    def _hidden(self, events: Events, first: str, last: str) -> set[str]:
        """What must be hidden of what is asked about: others, or other months, would tell by subtracting."""
        return given_away(events, self.asked) | cut_through(self.cuts, self.everything.names, first, last)

    @cached_property
    def _hidden_of_all(self) -> set[str]:
        """The same over all the months asked for."""
        return self._hidden(self.during, self.first, self.last)

    def _cut_through(self, part: Events) -> set[str]:
        """What must be hidden of a buyer or contract because of its own other months; nothing when all are asked."""
        names = self.everything.names
        if not names or (self.first <= names[0] and self.last >= names[-1]):
            return set()
        return cut_through(cuts(Months(part), self.everything), names, self.first, self.last)

    def periods(self, by: str | None) -> tuple[list[dict[str, Any]], set[str]]:
        """Each period in which something happened to anybody in view, and what to hide of the total."""
        around = by_period(self.during, by) if by else {}
        wanted = by_period(self.wanted, by) if by else {}
        cells = [count(wanted.get(name, _NOTHING)) for name in around]
        forced = []
        for events in around.values():
            months = [one.month for one in events.all]
            forced.append(self._hidden(events, min(months), max(months)))
        away, gone = hidden_cells(cells, self.total, forced)
        rows = [{"period": name, **shown(cell, names)} for name, cell, names in zip(around, cells, away, strict=True)]
        return rows, gone | self._hidden_of_all

    @cached_property
    def _compared(self) -> Parts:
        """What must be hidden of the buyers and contracts of the place asked about, compared with each other."""
        return parts_of(kept(self.during, Asked(place=self.asked.place).has))

    def parts(self, each: str) -> list[dict[str, Any]]:
        """Each `buyer`, or each contract (`award`), of what is asked about, those with most hours first."""
        name = buyer_of if each == "buyer" else award_of
        compared = self._compared.buyers if each == "buyer" else self._compared.awards
        every = grouped(self.every, name)
        parts = grouped(self.wanted, name)
        forced = [self._hidden_of_all | compared[part] | self._cut_through(every[part]) for part in parts]
        cells = [count(events) for events in parts.values()]
        away, _gone = hidden_cells(cells, self.total, forced)
        rows = [
            {
                "part": each,
                "buyer": (part if each == "buyer" else buyer_of(events.all[0])) or None,
                "award_id": None if each == "buyer" else part or None,
                **shown(cell, names),
            }
            for (part, events), cell, names in zip(parts.items(), cells, away, strict=True)
        ]
        return sorted(rows, key=lambda row: (-row["hours"], row["buyer"] or "", row["award_id"] or ""))
