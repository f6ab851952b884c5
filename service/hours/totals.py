"""The hours of one contract: due, planned, signed, done, remaining, late. docs/suivi-des-heures.md says the same."""

from __future__ import annotations

import json
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, Connection, func, select, union_all

from matcher.rules.modes import MODES
from service.hours.limits import MOST_MONTHS
from service.store import tables as t

GONE = "effacées"  # hours of erased people, whose mode is not kept


def hours_of(connection: Connection, award_id: str, today: date) -> dict[str, Any]:
    """The hours of an award that is there, as `models.AwardHours`.

    planned: Σ over the award's positions of their hours, a closed one counting its filled openings only;
    signed: Σ hours × filled ÷ openings; done: Σ of the hours stored, and of those that erased people left;
    remaining: max(due - done, 0); expected: due × days gone by ÷ days of the contract; late: max(expected - done, 0).
    """
    award = connection.execute(select(t.awards).filter_by(award_id=award_id)).one()
    planned, signed = _positions(connection, award_id, award.org_id)
    done = _done(connection, award_id)
    total = sum(done.values())
    expected = _expected(award.hours_due, award.notified_on, award.ends_on, today)
    modes = [mode for mode in (*MODES, GONE) if planned.get(mode) or done.get(mode)]
    return {
        "due": award.hours_due,
        "planned": _rounded(sum(planned.values())),
        "signed": _rounded(sum(signed.values())),
        "done": _rounded(total),
        "remaining": None if award.hours_due is None else _rounded(max(award.hours_due - total, 0.0)),
        "expected": None if expected is None else _rounded(expected),
        "late": None if expected is None else _rounded(max(expected - total, 0.0)),
        "by_mode": [
            {
                "mode": mode,
                "planned": _rounded(planned.get(mode, 0.0)),
                "signed": _rounded(signed.get(mode, 0.0)),
                "done": _rounded(done.get(mode, 0.0)),
            }
            for mode in modes
        ],
    }


def months_of(connection: Connection, award_id: str, today: date) -> list[dict[str, Any]]:
    """The hours of each month, as `models.MonthHours`: from the first one of the contract, or that has hours, to the
    last one that has hours or has begun."""
    award = connection.execute(select(t.awards).filter_by(award_id=award_id)).one()
    done: dict[str, float] = defaultdict(float)
    for row in connection.execute(_by_month(award_id)):
        done[row.month] += float(row.hours)
    end = min(today.isoformat(), award.ends_on or today.isoformat())[:7]
    known = sorted({*done, *([award.notified_on[:7], end] if award.notified_on else [])})
    found, so_far = [], 0.0
    for month in _all_months(known[0], known[-1])[-MOST_MONTHS:] if known else ():
        so_far += done[month]
        expected = _expected(award.hours_due, award.notified_on, award.ends_on, min(_last_day(month), today))
        found.append(
            {
                "month": month,
                "done": _rounded(done[month]),
                "so_far": _rounded(so_far),
                "expected": None if expected is None else _rounded(expected),
            }
        )
    return found


def _by_month(award_id: str) -> CompoundSelect[Any]:
    h, f = t.hours.c, t.figures.c
    left = select(f.month, f.value.label("hours")).where(
        f.award_id == award_id, f.measure == "hours", f.part == "all"
    )
    own = select(h.month, func.sum(h.hours).label("hours")).where(h.award_id == award_id).group_by(h.month)
    return union_all(own, left)


def _all_months(first: str, last: str) -> list[str]:
    start, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, monthrange(year, number)[1])


def _positions(connection: Connection, award_id: str, org_id: str) -> tuple[dict[str, float], dict[str, float]]:
    """Mode → hours planned, hours signed. A position's hours are those of all its openings together."""
    planned: dict[str, float] = defaultdict(float)
    signed: dict[str, float] = defaultdict(float)
    for row in connection.execute(select(t.positions).filter_by(award_id=award_id, org_id=org_id)):
        facts = json.loads(row.body)
        hours = float(facts.get("hours") or 0.0)
        mode = facts.get("mode") or "direct"
        filled = min(row.filled / row.openings, 1.0)
        planned[mode] += hours * (filled if row.closed else 1.0)
        signed[mode] += hours * filled
    return planned, signed


def _done(connection: Connection, award_id: str) -> Mapping[str, float]:
    """Mode → hours done."""
    h, f = t.hours.c, t.figures.c
    rows = connection.execute(select(h.mode, func.sum(h.hours)).where(h.award_id == award_id).group_by(h.mode))
    done = {mode: float(hours) for mode, hours in rows}
    left = select(func.sum(f.value)).where(f.award_id == award_id, f.measure == "hours", f.part == "all")
    gone = connection.execute(left).scalar_one()
    return {**done, GONE: float(gone)} if gone else done


def _expected(due: float | None, starts: str | None, ends: str | None, today: date) -> float | None:
    if due is None or not starts or not ends:
        return None
    first, last = date.fromisoformat(starts), date.fromisoformat(ends)
    whole = (last - first).days
    if whole <= 0:
        return due if today >= last else 0.0
    return due * min(max((today - first).days / whole, 0.0), 1.0)


def _rounded(hours: float) -> float:
    return round(hours, 2)
