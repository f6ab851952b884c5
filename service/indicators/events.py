"""What the figures are counted from: hours and hires of people who are there, and what erased people left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from service.people.figures import HIRED, is_durable, parts
from service.people.find import facts_of_people
from service.proposals.moves import Stage
from service.store import tables as t
from service.store.crypto import KeyRing

PARTS = ("women", "rsa", "qpv", "disability")
# `awards.csv` writes a resolved place as « Évry-Courcouronnes (commune 91228) »; a region is asked for as R11.
_CODE = re.compile(r"\((commune|departement|region|postal) (\w+)\)$")


class Contract(NamedTuple):
    """A contract as far as figures go; a position without an award has no name."""

    award_id: str
    buyer: str | None
    place: str | None


class Event(NamedTuple):
    """Hours of a person in a month, or their hire (`hours` is then None)."""

    contract: Contract
    month: str
    subject: str
    hours: float | None
    durable: bool = False
    months: float | None = None


class Left(NamedTuple):
    """A count that erased people left; see `service.people.figures`."""

    contract: Contract
    month: str
    measure: str
    part: str
    value: float


@dataclass(frozen=True)
class Events:
    """Everything in view. `groups` tells which of PARTS each person belongs to."""

    events: Sequence[Event]
    left: Sequence[Left]
    groups: dict[str, frozenset[str]]

    @property
    def all(self) -> list[Event | Left]:
        """Both kinds."""
        return [*self.events, *self.left]


def in_view(connection: Connection, keys: KeyRing, org_id: str | None, first: str, last: str) -> Events:
    """The events of those months: of an organisation's contracts, or of all. Only the people in them are opened."""
    contracts = _contracts(connection, org_id)
    events = [*_hours(connection, contracts, first, last), *_hires(connection, contracts, org_id, first, last)]
    left = list(_left(connection, contracts, org_id, first, last))
    return Events(events, left, _groups(connection, keys, {event.subject for event in events}))


def _contracts(connection: Connection, org_id: str | None) -> dict[str, Contract]:
    query = select(t.awards.c.award_id, t.awards.c.buyer_siret, t.awards.c.body)
    if org_id is not None:
        query = query.where(t.awards.c.org_id == org_id)
    return {
        row.award_id: Contract(row.award_id, row.buyer_siret, place_of(json.loads(row.body)))
        for row in connection.execute(query)
    }


def place_of(award: dict[str, Any]) -> str | None:
    """The code of an award's place: the resolved one, else the one it was given."""
    found = _CODE.search(str(award.get("place") or ""))
    if found is None:
        return str(award["place_code"]) if award.get("place_code") else None
    return f"R{found[2]}" if found[1] == "region" else found[2]


def _hours(connection: Connection, contracts: dict[str, Contract], first: str, last: str) -> Iterable[Event]:
    h = t.hours.c
    query = select(h.award_id, h.month, h.subject, func.sum(h.hours).label("hours"))
    query = query.where(h.month >= first, h.month <= last).group_by(h.award_id, h.month, h.subject)
    for row in connection.execute(query):
        if row.award_id in contracts and row.hours > 0:
            yield Event(contracts[row.award_id], row.month, row.subject, float(row.hours))


def _hires(
    connection: Connection, contracts: dict[str, Contract], org_id: str | None, first: str, last: str
) -> Iterable[Event]:
    p, moves = t.proposals.c, t.moves.c
    query = (
        select(p.subject, p.contract, p.contract_months, t.positions.c.award_id, moves.happened_on)
        .join(t.positions, t.positions.c.position_id == p.position_id)
        .join(t.moves, and_(moves.proposal_id == p.proposal_id, moves.stage == str(Stage.HIRED)))
        .where(p.stage.in_(HIRED), moves.happened_on >= first, moves.happened_on < f"{last}-99")
    )
    if org_id is not None:
        query = query.where(t.positions.c.org_id == org_id)
    for row in connection.execute(query):
        contract = contracts.get(row.award_id or "", Contract("", None, None))
        durable = is_durable(row.contract, row.contract_months)
        yield Event(contract, row.happened_on[:7], row.subject, None, durable, row.contract_months)


def _left(
    connection: Connection, contracts: dict[str, Contract], org_id: str | None, first: str, last: str
) -> Iterable[Left]:
    f = t.figures.c
    query = select(f.award_id, f.month, f.measure, f.part, f.value).where(f.month >= first, f.month <= last)
    for row in connection.execute(query):
        if row.award_id in contracts:
            yield Left(contracts[row.award_id], row.month, row.measure, row.part, row.value)
        elif org_id is None:  # of a position without an award, whose organisation is not kept
            yield Left(Contract("", None, None), row.month, row.measure, row.part, row.value)


def _groups(connection: Connection, keys: KeyRing, subjects: Iterable[str]) -> dict[str, frozenset[str]]:
    return {subject: frozenset(parts(facts)) for subject, facts in facts_of_people(connection, keys, subjects)}
