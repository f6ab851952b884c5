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
    body = "".join(
        f"(?:oe|{LOST})" if c == "\0" else f"[{c}{LOST}]" if c in _ACCENTED else c for c in letters
    )
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
        self._starting: dict[str, tuple[Pattern, ...]] = {}

    def find(self, tokens: Sequence[str]) -> list[Hit]:
        """Every place where a pattern is found."""
        hits: list[Hit] = []
        for start, token in enumerate(tokens):
            for pattern in self._candidates(token):
                if pattern.anchored and start:
                    continue
                length = _match(pattern.parts, tokens, start)
                if length:
                    hits.append(Hit(start, length, pattern))
        return hits

    def _candidates(self, token: str) -> tuple[Pattern, ...]:
        found = self._starting.get(token)
        if found is None:
            found = tuple(p for p in self._plausible(token) if p.parts[0] is not None and _fits(p.parts[0], token))
            if len(self._starting) < 100_000:
                self._starting[token] = found
        return found

    def _plausible(self, token: str) -> Iterator[Pattern]:
        if LOST in token:
            for patterns in self._by_key.values():
                yield from patterns
        else:
            for length in range(1, _KEY + 1):
                key = token[:length]
                if len(key) == length:
                    yield from self._by_key.get(key, ())


def _match(parts: Sequence[Word | None], tokens: Sequence[str], start: int) -> int:
    """Letters of the shortest match of `parts` from `start`; 0 when there is none."""
    first, rest = parts[0], parts[1:]
    if start >= len(tokens) or first is None or not _fits(first, tokens[start]):
        return 0
    here = len(first.letters)
    if not rest:
        return here
    reach = MAX_GAP if rest[0] is None else 0
    rest = rest[1:] if rest[0] is None else rest
    for skipped in range(reach + 1):
        length = _match(rest, tokens, start + 1 + skipped)
        if length:
            return here + length
    return 0
