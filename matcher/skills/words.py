"""Words of a skill: the family of a word (verb, noun), and the fixed lists of synonyms.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from matcher.skills.certificates import normalise_certificate
from matcher.titles.inflection import stem
from matcher.titles.lexicon import lexicon
from matcher.titles.normalise import LONGEST, plain
from matcher.yamltext import load_yaml

_WORD = re.compile(r"[a-z0-9]+")
# Endings of a verb and of the nouns made from it, longest first; what remains names the family.
_ENDINGS = (
    "isation",
    "ication",
    "ation",
    "ement",
    "aison",
    "erie",
    "iser",
    "age",
    "eur",
    "ion",
    "ure",
    "ant",
    "er",
    "ir",
)
_SHORTEST_ROOT = 5
_NAMED_BY_ROOT = 7


@dataclass(frozen=True)
class Words:
    """The lists of synonyms.yml, in families."""

    families: Mapping[str, str]
    empty: frozenset[str]
    generic: frozenset[str]
    turning: frozenset[str]
    synonyms: tuple[tuple[str, ...], ...]
    narrower: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def _raw() -> dict[str, Any]:
    found: dict[str, Any] = load_yaml(files("matcher.skills").joinpath("synonyms.yml").read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def _families() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for group in _raw()["families"]:
        name = root(group[0])
        # A short root may be another word (jardin, plan): the verb itself names the family then.
        table.update({stem(word): name if len(name) >= _NAMED_BY_ROOT else stem(group[0]) for word in group})
    return MappingProxyType(table)


def root(word: str) -> str:
    """A word without the ending that makes it a verb or its noun: ``soudure``, ``souder`` → ``soud``."""
    short = stem(word)
    for ending in _ENDINGS:
        end = ending.removesuffix("e")  # as stem leaves it
        if ending in ("ir", "ant") and not word.endswith(ending):  # secondaire, plante
            continue
        if short.endswith(end) and len(short) - len(end) >= _SHORTEST_ROOT:
            short = short[: -len(end)]
            break
    return re.sub("[gq]u$", lambda found: {"gu": "g", "qu": "c"}[found.group()], short)


@lru_cache(maxsize=200_000)
def family(word: str) -> str:
    """The family of a plain word: by the table, else by its ending."""
    return _families().get(stem(word)) or root(word)


@lru_cache(maxsize=1)
def words() -> Words:
    """The lists shipped with the package."""
    raw = _raw()

    def roots(name: str) -> frozenset[str]:
        return frozenset(family(str(word)) for word in raw[name])

    return Words(
        families=_families(),
        empty=frozenset(stem(str(word)) for word in raw["empty"]),
        generic=roots("generic"),
        turning=roots("turning"),
        synonyms=tuple(tuple(str(text) for text in group) for group in raw["synonyms"]),
        narrower=MappingProxyType(
            {str(broad): tuple(str(text) for text in phrases) for broad, phrases in raw["narrower"].items()}
        ),
    )


@lru_cache(maxsize=400_000)
def skill_words(text: str) -> tuple[str, ...]:
    """Plain words of a skill without grammar words."""
    lower = plain(text[:LONGEST])
    if "caces" in lower:  # one word: a category more or less is another certificate
        return (normalise_certificate(text).lower().replace("_", ""),)
    stop = lexicon().stop - {"sur"}
    found = _WORD.findall(lower.replace("c++", "cplusplus").replace("c#", "csharp"))
    return tuple(w for w in found if w not in stop) or tuple(found)


@lru_cache(maxsize=400_000)
def normalise_skill(text: str) -> str:
    """One form for a skill: plain masculine singular words in the skill's order; idempotent.

    Two skills of one form are the same skill (grade exact).
    """
    return " ".join(stem(word) for word in skill_words(text))


@lru_cache(maxsize=400_000)
def skill_families(text: str) -> tuple[str, ...]:
    """The families of a skill's telling words, in order, each once."""
    found = skill_words(text)
    telling = [word for word in found if stem(word) not in words().empty] or found
    return tuple(dict.fromkeys(family(word) for word in telling))
