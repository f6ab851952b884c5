"""`GET /indicators`: the charter's figures by period, for a buyer or a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcher.locale import N_, _
from service.access.principals import Role
from service.hours.limits import month_of, months_between
from service.indicators.counting import Figures, count, hidden_cells, kept, shown
from service.indicators.events import Contract, Events, in_view
from service.problems import Problem
from service.routing import Answer, Call

MOST_MONTHS = 240
FIRST = "2000-01"
DEPARTEMENT = 2
ESSONNE = "91"
# What the 2018-2020 charter of the Essonne set out to reach.
AIMS = {"hours": 2_000_000, "people": 3_500}
AIMS_SOURCE = N_("Charte Achat socialement responsable du département de l'Essonne, 2018-2020")


def period_of(month: str, by: str) -> str:
    """The name of the period of a month: 2026-05, 2026-T2 or 2026."""
    if by == "month":
        return month
    return month[:4] if by == "year" else f"{month[:4]}-T{(int(month[5:7]) + 2) // 3}"


def indicators(call: Call) -> Answer:
    """The figures of the caller's own contracts, or of all for an auditor or an administrator."""
    query = call.query
    first, last = _months(call)
    everything = call.principal.has(Role.AUDITOR, Role.ADMIN)
    with call.store.read() as connection:
        org_id = None if everything else call.principal.org_id
        events = in_view(connection, call.store.keys, org_id, first, last)
    wanted = kept(events, _chosen(query.buyer, query.place))
    periods = _periods(events, query.by) if query.by else []
    cells = [count(kept(wanted, _during(period, query.by))) for period in periods]
    total = count(wanted)
    given_away = [
        _given_away(kept(events, _during(period, query.by)), query.buyer, query.place) for period in periods
    ]
    away, gone = hidden_cells(cells, total, given_away)
    gone |= _given_away(events, query.buyer, query.place)
    aimed = (query.place or "").startswith(ESSONNE)
    return Answer(
        {
            "from": first if query.from_ else None,
            "to": last,
            "total": {"period": None, **shown(total, gone)},
            "periods": [
                {"period": period, **shown(cell, names)}
                for period, cell, names in zip(periods, cells, away, strict=True)
            ],
            "aims": {**AIMS, "source": _(AIMS_SOURCE)} if aimed else None,
        }
    )


def _months(call: Call) -> tuple[str, str]:
    """The first and last months asked for. Raises Problem."""
    found = []
    for name, text, usual in (("from", call.query.from_, FIRST), ("to", call.query.to, call.today.isoformat()[:7])):
        month = usual if text is None else month_of(text)
        if month is None:
            raise Problem("usage", _("/{name} : mois illisible ; l'écrire AAAA-MM.").format(name=name))
        found.append(month)
    if found[0] > found[1]:
        raise Problem("usage", _("/from : ce mois vient après « to ». Les échanger."))
    if call.query.from_ is not None and months_between(*found) >= MOST_MONTHS:
        raise Problem("usage", _("/from : plus de {most} mois. Demander moins à la fois.").format(most=MOST_MONTHS))
    return found[0], found[1]


def _periods(events: Events, by: str) -> list[str]:
    """The periods in which something happened to anybody in view."""
    return sorted({period_of(one.month, by) for one in events.all})


def _during(period: str, by: str) -> Callable[[Contract, str], bool]:
    return lambda _contract, month: period_of(month, by) == period


def _chosen(buyer: str | None, place: str | None) -> Callable[[Contract, str], bool]:
    def where(contract: Contract, _month: str) -> bool:
        right_buyer = buyer is None or contract.buyer == buyer
        return right_buyer and (place is None or (contract.place or "").startswith(place))

    return where


def _given_away(events: Events, buyer: str | None, place: str | None) -> set[str]:
    """Measures to hide for this buyer or place because the other ones, and all of them together, can be asked for."""
    away: set[str] = set()
    for cells, mine, total in _partitions(events, buyer, place):
        hidden_here, _gone = hidden_cells(cells, total)
        away |= hidden_here[mine]
    return away


def _partitions(events: Events, buyer: str | None, place: str | None) -> Iterator[tuple[list[Figures], int, Figures]]:
    """The cells that the one asked for is among, its place in them, and their total: a commune among those of its
    département, a département among all, a buyer among those of the same place."""
    if place is not None and len(place) > DEPARTEMENT:
        around = kept(events, _chosen(None, place[:DEPARTEMENT]))
        yield _cut(around, lambda contract: (contract.place or "")[: len(place)], place)
    if place is not None:
        short = place[:DEPARTEMENT]
        yield _cut(events, lambda contract: (contract.place or "")[: len(short)], short)
    if buyer is not None:
        yield _cut(kept(events, _chosen(None, place)), lambda contract: contract.buyer or "", buyer)


def _cut(events: Events, part: Callable[[Contract], str], mine: str) -> tuple[list[Figures], int, Figures]:
    names = sorted({mine, *(part(one.contract) for one in events.all)})
    cells = [count(kept(events, lambda contract, _month, name=name: part(contract) == name)) for name in names]  # type: ignore[misc]
    return cells, names.index(mine), count(events)
