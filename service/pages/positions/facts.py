"""The facts of a position in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.locale import _
from matcher.reference import communes, occupations
from matcher.report.words import MODES, RESERVED, word
from matcher.schema import POSITIONS
from matcher.schema.model import Kind
from matcher.wording import LIMIT_LABELS, SCHEDULE_LABELS
from service.pages import words
from service.pages.people.person import said

_LABELS: Mapping[str, Mapping[str, str]] = {
    "mode": MODES,
    "reserved": RESERVED,
    "demands": LIMIT_LABELS,
    "schedule": SCHEDULE_LABELS,
}
# What the page of a position says first; the rest is folded away.
FIRST = ("employer", "occupation", "start_date", "end_date", "weekly_hours", "wage", "mode", "award_id")
REST = tuple(
    name for name in POSITIONS.names if name not in (*FIRST, "position_id", "title", "commune", "city", "postal_code")
)


def title_of(position_id: str, facts: Mapping[str, Any]) -> str:
    """How a position is called: its title, its occupation, or its identifier."""
    return str(facts.get("title") or occupations().label(str(facts.get("occupation") or "")) or position_id)


def place_of(facts: Mapping[str, Any]) -> str:
    """Where the work is, in words; unknown is said."""
    known = communes()
    if facts.get("commune") in known.by_code:
        return str(known.names[known.by_code[str(facts["commune"])]])
    told = " ".join(str(facts[name]) for name in ("postal_code", "city") if facts.get(name))
    return told or str(facts.get("commune") or facts.get("place_code") or _("lieu inconnu"))


def label_of(name: str) -> str:
    """A column in words."""
    text = _(POSITIONS.by_name[name].about)
    return text[:1].upper() + text[1:]


def words_of(name: str, value: Any) -> str:
    """A fact in words; what is not known says so."""
    labels = _LABELS.get(name)
    if name == "occupation" and value:
        label = occupations().label(value)
        return f"{label} ({value})" if label else str(value)
    if labels is not None and value:
        return ", ".join(word(labels, one) for one in (value if isinstance(value, list) else [value]))
    if POSITIONS.by_name[name].kind is Kind.DATE and value:
        return words.day(value)
    return said(value)


def lines(facts: Mapping[str, Any], names: Sequence[str], *, known: bool = False) -> list[tuple[str, str]]:
    """Label and words of some facts; `known`: those that are known only."""
    return [
        (label_of(name), words_of(name, facts.get(name)))
        for name in names
        if not known or facts.get(name) is not None
    ]
