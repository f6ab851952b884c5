"""Short titles: what the field means by them, where a taxonomy has that word for word."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from matcher.titles.inflection import stem
from matcher.titles.lexicon import lexicon
from matcher.titles.normalise import normalise


@lru_cache(maxsize=1)
def _soft() -> frozenset[str]:
    return frozenset(stem(word) for word in lexicon().soft)


@lru_cache(maxsize=1)
def _usual() -> dict[str, str]:
    return {normalise(title): normalise(meant) for title, meant in lexicon().usual.items()}


def meant(query: str, held: Container[str]) -> str:
    """What a normalised title asks, when the forms held do not have it word for word.

    What the field means by such a short title, when they have that; else the title without its words of grade or
    status, when only so they have it; else the title.
    """
    if query in held:
        return query
    usual, soft = _usual(), _soft()
    shorter = " ".join(word for word in query.split() if word not in soft)
    candidates = (usual.get(query, ""), shorter, usual.get(shorter, ""))
    return next((text for text in candidates if text in held), query)
