"""The contracts a facilitator's organisation follows: the list, and one with its hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.addresses import address
from service.hours.totals import hours_of
from service.pages.page import Outcome, Shown, Visit

BY_PAGE = 25


def listing(visit: Visit) -> Outcome:
    """A page of one's own contracts, each with how far its hours are."""
    cursor = visit.query.get("after") or None
    found = visit.ask("list_awards", query={"cursor": cursor, "limit": BY_PAGE}).content
    with visit.read() as connection:  # of the awards that the route has just given
        hours = {one["award_id"]: hours_of(connection, one["award_id"], visit.today) for one in found["awards"]}
    data = {"awards": found["awards"], "hours": hours, "next": found["next"], "first": cursor is None}
    return Shown("awards/list.html", data)


def one(visit: Visit) -> Outcome:
    """One contract: its notice, its positions, its hours."""
    name = visit.path["award_id"]
    award = visit.ask("get_award", path={"award_id": name}).content
    positions = visit.ask("list_positions", query={"award_id": name, "limit": 100}).content["positions"]
    data = {
        "award": award,
        "row": award["award"],
        "hours": award["hours"],
        "positions": [_position(one) for one in positions],
        "more": len(award["positions"]) > len(positions),
        "here": address("awards", name),
        "gone": _gone(award, visit),
    }
    return Shown("awards/one.html", data)


def _position(one: Mapping[str, Any]) -> dict[str, Any]:
    facts = one["facts"]
    return {
        "id": one["position_id"],
        "title": facts.get("title") or one["position_id"],
        "occupation": facts.get("occupation"),
        "hours": facts.get("hours"),
        "start": facts.get("start_date"),
        "mode": facts.get("mode") or "direct",
        "openings": one["openings"],
        "filled": one["filled"],
        "closed": one["closed"],
    }


def _gone(award: Mapping[str, Any], visit: Visit) -> float | None:
    """The part of the contract's time that is over, from 0 to 1."""
    hours = award["hours"]
    if hours["expected"] is None or not hours["due"]:
        return None
    return min(float(hours["expected"]) / float(hours["due"]), 1.0)
