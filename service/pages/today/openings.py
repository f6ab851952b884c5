"""Positions that start soon and have fewer live proposals than places left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.sql.elements import ColumnElement

from matcher.locale import _
from service.addresses import address
from service.pages import words
from service.pages.page import Visit
from service.pages.today.block import MOST, SOON_DAYS, Line
from service.store import tables as t

_UNDER_WAY = ("proposed", "shortlisted", "interviewed")
_AT_ONCE = 500


def short(visit: Visit, *mine: ColumnElement[bool]) -> tuple[int, tuple[Line, ...]]:
    """How many open positions of those (`mine` restricts the table of positions) start within the month, or did so
    the month before, with fewer people under way than places left; and the first ones to start."""
    starts = _soon(visit)
    p = t.positions.c
    query = select(p.position_id, p.openings, p.filled).where(p.closed.is_(False), *mine)
    with visit.read() as connection:
        left = {row[0]: row[1] - row[2] for row in connection.execute(query) if row[0] in starts}
        live = _live(connection, list(left))
        lacking = sorted((starts[name], name) for name, places in left.items() if live.get(name, 0) < places)
        shown = connection.execute(
            select(t.positions).where(p.position_id.in_([name for _d, name in lacking[:MOST]]))
        )
        titles = {row.position_id: title(row) for row in shown}
    lines = (_line(visit.today, day, name, titles, left, live) for day, name in lacking[:MOST])
    return len(lacking), tuple(lines)


def _soon(visit: Visit) -> dict[str, date]:
    """The open positions of the pool that start about now, and when."""
    openings = visit.desk.office.pool.refresh(visit.today).openings
    table = openings.posts.table
    days = table["start_date"].to_numpy("datetime64[D]") if len(table) else np.zeros(0, "datetime64[D]")
    today, month = np.datetime64(visit.today, "D"), np.timedelta64(SOON_DAYS, "D")
    places = np.flatnonzero(openings.looking & (days >= today - month) & (days <= today + month))
    return {openings.posts.jobs[place].position_id: days[place].item() for place in places.tolist()}


def _live(connection: Connection, ids: list[str]) -> dict[str, int]:
    p = t.proposals.c
    found: dict[str, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = p.position_id.in_(ids[start : start + _AT_ONCE])
        query = select(p.position_id, func.count()).where(part, p.stage.in_(_UNDER_WAY)).group_by(p.position_id)
        found |= {row[0]: int(row[1]) for row in connection.execute(query)}
    return found


def _line(
    today: date, start: date, name: str, titles: Mapping[str, str], left: Mapping[str, int], live: Mapping[str, int]
) -> Line:
    begins = _("a commencé le {day}") if start < today else _("commence le {day}")
    note = _("{begins} ; {left} place(s) libre(s), {live} personne(s) en cours").format(
        begins=begins.format(day=words.day(start)), left=left[name], live=live.get(name, 0)
    )
    return Line(address("positions", name), titles.get(name, name), note)


def title(row: Row[Any]) -> str:
    """The title of a position; its identifier when it has none."""
    return str(json.loads(row.body).get("title") or row.position_id)


def before(today: date, days: int) -> str:
    """The day so many days before, as the store writes days."""
    return (today - timedelta(days=days)).isoformat()
