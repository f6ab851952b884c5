"""Word patterns of the template table, found in the words of an object, damaged letters included.

A pattern is a run of words: `macon*` any ending, `..` up to four words between, `^` only at the start of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from matcher.awards.text import LOST, STOP_WORDS

GAP = ".."
MAX_GAP = 4
_KEY = 3
_ACCENTED = frozenset("aceinouy")  # letters a French text may have lost with their accent
_ELIDED = re.compile(f"^(?:[dlnscjm]|qu){LOST}(?=.)")  # "l�entretien": an apostrophe was lost


@dataclass(frozen=True)
class Word:
    """One word of a pattern: its letters, and whether any ending will do."""

    letters: str
    open_end: bool


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; None in `parts` is a gap."""

    text: str
    parts: tuple[Word | None, ...]
    anchored: bool
    owner: int


@dataclass(frozen=True)
class Hit:
    """Where a pattern was found: index of its first word, letters matched, and the pattern."""

    position: int
    length: int
    pattern: Pattern


def compile_pattern(text: str, owner: int) -> Pattern:
    """Raises ValueError for a pattern without words or with anything but plain words, `*`, `..` and `^`."""
    anchored = text.startswith("^")
    parts: list[Word | None] = []
    for word in text.removeprefix("^").split():
        if word == GAP:
            parts.append(None)
        elif re.fullmatch(r"[a-z0-9]+\*?", word) and word not in STOP_WORDS:
            parts.append(Word(word.removesuffix("*"), word.endswith("*")))
        else:
            raise ValueError(word)
    if not parts or parts[0] is None or parts[-1] is None:
        raise ValueError(text)
    return Pattern(text, tuple(parts), anchored, owner)


@lru_cache(maxsize=4096)
def _with_losses(word: Word) -> re.Pattern[str]:
    """The word with any accented letter, or a whole `œ`, possibly lost."""
    letters = word.letters.replace("oe", "\0")
    body = "".join(f"(?:oe|{LOST})" if c == "\0" else f"[{c}{LOST}]" if c in _ACCENTED else c for c in letters)
    return re.compile(body + ("" if word.open_end else "$"))


def _fits(word: Word, token: str) -> bool:
    if LOST not in token:
        return token.startswith(word.letters) if word.open_end else token == word.letters
    regex = _with_losses(word)
    bare = _ELIDED.sub("", token)
    return any(regex.match(form) is not None for form in {token, bare, token.rstrip(LOST)})


class PatternIndex:
    """Patterns by the first letters of their first word."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._by_key: dict[str, list[Pattern]] = {}
        for pattern in patterns:
            first = pattern.parts[0]
            if first is not None:
                self._by_key.setdefault(first.letters[:_KEY], []).append(pattern)
        self._by_letter: dict[str, list[str]] = {}
        for key in self._by_key:
            self._by_letter.setdefault(key[0], []).append(key)
        self._starting: dict[str, tuple[Pattern, ...]] = {}

    def find(self, tokens: Sequence[str]) -> list[Hit]:
        """Every place where a pattern is found."""
        hits: list[Hit] = []
        for start, token in enumerate(tokens):
            for pattern in self._candidates(token):
                if pattern.anchored and start:
                    continue
                length = _rest(pattern.parts, 1, tokens, start + 1)
                if length >= 0:
                    first = pattern.parts[0]
                    hits.append(Hit(start, length + (len(first.letters) if first else 0), pattern))
        return hits

    def _candidates(self, token: str) -> tuple[Pattern, ...]:
        found = self._starting.get(token)
        if found is None:
            plausible = dict.fromkeys(self._plausible(token))
            found = tuple(p for p in plausible if p.parts[0] is not None and _fits(p.parts[0], token))
            if len(self._starting) < 100_000:
                self._starting[token] = found
        return found

    def _plausible(self, token: str) -> Iterator[Pattern]:
        """Patterns whose first letters may be those of `token`."""
        if LOST not in token:
            for length in range(1, min(_KEY, len(token)) + 1):
                yield from self._by_key.get(token[:length], ())
            return
        for form in {token, _ELIDED.sub("", token)}:
            firsts = _ACCENTED if form[:1] == LOST else form[:1]
            for first in firsts:
                for key in self._by_letter.get(first, ()):
                    if _may_begin(key, form):
                        yield from self._by_key[key]


def _may_begin(key: str, token: str) -> bool:
    """Whether `token`, some letters lost, may begin with `key`."""
    for letter, seen in zip(key, token, strict=False):
        if seen == LOST:
            if letter == "o":
                return True  # perhaps a whole œ: what follows is shifted
            if letter not in _ACCENTED:
                return False
        elif seen != letter:
            return False
    return True


def _rest(parts: Sequence[Word | None], part: int, tokens: Sequence[str], start: int) -> int:
    """Letters of the shortest match of `parts[part:]` from `start`, 0 when nothing is left; -1 when there is none."""
    if part == len(parts):
        return 0
    word, reach = parts[part], 0
    if word is None:
        part, reach = part + 1, MAX_GAP
        word = parts[part]
    if word is None:  # two gaps in a row are one
        return _rest(parts, part, tokens, start)
    for place in range(start, min(start + reach + 1, len(tokens))):
        if _fits(word, tokens[place]):
            length = _rest(parts, part + 1, tokens, place + 1)
            if length >= 0:
                return len(word.letters) + length
    return -1
