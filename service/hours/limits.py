"""Which hours count. An hour that is stored is an hour that counts: a row beyond a limit is refused, with the reason.

- months: not before the contract was notified, not after the current one;
- hours of one person in one month, over the organisation's contracts, at most `per_month`;
- months of one person at one employer, from the first to the last, at most `months` (the CCAG counts a person's hours
  for 24 months);
- a person counts once a facilitator has validated their eligibility (`validated_on`, `validated_by`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from matcher.locale import _

_MONTH = re.compile(r"(?:([0-9]{4})-([0-9]{1,2})(?:-[0-9]{1,2})?|([0-9]{1,2})/([0-9]{4}))")
TOLERANCE = 1e-6
MOST_MONTHS = 240  # told of one by one
Key = tuple[str, str, str, str, str]  # award, subject, employer, mode, month


def month_of(text: str) -> str | None:
    """`AAAA-MM` of `2026-10`, `2026-10-01` or `10/2026`; None for anything else."""
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        return None
    year, month = int(found[1] or found[4]), int(found[2] or found[3])
    return f"{year:04d}-{month:02d}" if 1 <= month <= 12 and year >= 1900 else None


def months_between(first: str, last: str) -> int:
    """Whole months from one month to another: 0 for the same."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7])


@dataclass(frozen=True)
class Limits:
    """`per_month`: hours of a person in a month; `months`: of a person at one employer."""

    per_month: float
    months: int


@dataclass
class Ledger:
    """The hours of an organisation's people, as stored and as they are being received."""

    limits: Limits
    hours: dict[Key, float]
    _of_month: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    _worked: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def __post_init__(self) -> None:
        for key, hours in self.hours.items():
            self._of_month[key[1], key[4]] += hours
            self._worked[key[1], key[2]][key[4]] += hours > 0

    def refusal(self, key: Key, hours: float) -> tuple[str, str] | None:
        """Why these hours would not count: column and message; None when they would."""
        _award, subject, employer, _mode, month = key
        before = self.hours.get(key, 0.0)
        total = self._of_month[subject, month] - before + hours
        if hours > before and total > self.limits.per_month + TOLERANCE:
            return "hours", _(
                "la personne aurait plus de {most:g} heures ce mois-là, tous employeurs de vos contrats compris ; "
                "corriger, ou répartir"
            ).format(most=self.limits.per_month)
        worked = {one for one, rows in self._worked[subject, employer].items() if rows} | {month}
        if hours > before and months_between(min(worked), max(worked)) >= self.limits.months:
            return "month", _(
                "les heures d'une personne comptent {most} mois au plus chez un même employeur ; celles-ci n'en font "
                "plus partie"
            ).format(most=self.limits.months)
        return None

    def put(self, key: Key, hours: float) -> str:
        """Take the hours in: `created`, `updated` or `unchanged`. Zero hours are none."""
        before = self.hours.get(key)
        if (before or 0.0) == hours:
            return "unchanged"
        self._of_month[key[1], key[4]] += hours - (before or 0.0)
        self.hours[key] = hours
        self._worked[key[1], key[2]][key[4]] += (hours > 0) - ((before or 0.0) > 0)
        return "created" if before is None else "updated"


def outside(month: str, notified_on: str | None, today: date) -> str | None:
    """Why a month is not one of the contract's; None when it is."""
    if notified_on and month < notified_on[:7]:
        return _("mois d'avant la notification du contrat ({day}) ; le corriger").format(day=notified_on)
    if month > today.isoformat()[:7]:
        return _("mois à venir ; noter des heures une fois faites")
    return None


def is_validated(facts: Mapping[str, object]) -> bool:
    """True when a facilitator has checked the person's eligibility."""
    return bool(facts.get("validated_on")) and bool(facts.get("validated_by"))
