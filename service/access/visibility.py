"""What those who do not follow a person may not read about them."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.locale import _
from matcher.rules.vocabulary import fact_table
from matcher.wording import PHRASES

# Categories that a health or justice fact can open (BOETH, AAH, the invalidity pension, RQTH, detention), and the
# other minimum incomes with them: were RSA and ASS shown, somebody eligible by nothing shown would have AAH.
REVEALING_CATEGORIES = frozenset({"boeth", "minima", "TH", "AAH", "RSA", "ASS", "DETENTION_MJ", "justice"})

# Facts that one may not even be told to ask for: their being asked says that nothing else would do.
REVEALING_FACTS = frozenset(fact.name for fact in fact_table().facts if fact.tier == "sante_justice")

# What is known of limits at work; an employer's arrangement may be asked about in general, never for what.
REVEALING_FEATURES = frozenset({"demands"})

SMALLEST_COUNT = 5


def open_categories(categories: Iterable[str]) -> list[str]:
    """The categories that anybody who sees the person may read."""
    return [code for code in categories if code not in REVEALING_CATEGORIES]


def open_missing(missing: Iterable[str]) -> list[str]:
    """The facts to ask for that anybody who sees the person may read."""
    return [name for name in missing if name not in REVEALING_FACTS]


def open_words(words: str) -> str:
    """Strengths or concerns without what they say of limits at work."""
    hidden = {_(text) for name in REVEALING_FEATURES for text in PHRASES[name].values()}
    return " ; ".join(part for part in words.split(" ; ") if part not in hidden)


def open_count(people: int) -> int | None:
    """A number of people, None when it is too small to be shown."""
    return people if people >= SMALLEST_COUNT else None
