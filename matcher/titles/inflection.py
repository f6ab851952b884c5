"""Light French inflection: gender and number are taken off a word, nothing else.

The aim is not a linguist's lemma but one form for ``maçon / maçonne / maçons``, the same whatever the sex of the
person who writes the title. The rules were checked on the 10 900 official gender pairs of ROME 4.0.
"""

from __future__ import annotations

from functools import lru_cache

from matcher.titles.lexicon import lexicon

# ending → replacement, first match wins; the number is the shortest word it applies to.
_PLURALS: tuple[tuple[str, str, int], ...] = (
    ("eaux", "eau", 5),
    ("aux", "al", 5),
    ("oux", "ou", 6),
    ("eux", "eur", 5),  # religieux, religieuse: one form, that of -eur/-euse
    ("ss", "ss", 3),
    ("us", "us", 3),
    ("is", "is", 4),
    ("s", "", 4),
)
_FEMININES: tuple[tuple[str, str, int], ...] = (
    ("woman", "man", 7),
    ("maid", "man", 7),
    ("trice", "teur", 6),
    ("drice", "deur", 6),
    ("euse", "eur", 6),
    ("eure", "eur", 6),
    ("esse", "e", 9),
    ("iere", "ier", 6),
    ("ere", "er", 5),
    ("ienne", "ien", 7),
    ("enne", "en", 6),
    ("onne", "on", 5),
    ("anne", "an", 6),
    ("elle", "el", 6),
    ("ette", "et", 7),
    ("otte", "ot", 6),
    ("effe", "ef", 5),
    ("ive", "if", 5),
    ("aive", "aif", 6),
    ("que", "c", 7),  # publique, technique
    ("ouse", "oux", 6),
    ("oise", "ois", 6),
    ("aise", "ais", 6),
    ("ee", "e", 4),
)


def _ending(word: str, rules: tuple[tuple[str, str, int], ...]) -> str:
    for ending, instead, shortest in rules:
        if len(word) >= shortest and word.endswith(ending):
            return word[: -len(ending)] + instead
    return word


def _once(word: str) -> str:
    lex = lexicon()
    if len(word) < 4 or not word.isalpha() or word in lex.invariable:
        return word
    word = _ending(word, _PLURALS)
    known = lex.gender.get(word)
    if known is not None:
        return known
    masculine = _ending(word, _FEMININES)
    if masculine != word:
        return masculine
    # A muted e: avocate, adjointe, apprentie; also taken off peintre, so that one letter less or more weighs nothing.
    return word[:-1] if len(word) >= 5 and word[-1] == "e" else word


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The masculine singular of a plain lower-case word, or something as stable: ``stem(stem(w)) == stem(w)``."""
    for _turn in range(6):
        shorter = _once(word)
        if shorter == word:
            break
        word = shorter
    return word
