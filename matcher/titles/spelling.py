"""Long words that a taxonomy does not know, mended to the nearest word it knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 5
"""Shortest word, in letters, whose spelling may be mended."""
NEAR = 0.82
"""Least similarity of the word it is mended to."""


class Speller:
    """Known words by length. Nearness is the optimal string alignment similarity (a letter more, less, other, or two
    neighbours swapped); among equals the first in alphabetical order is taken."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = frozenset(words)
        by_length: dict[int, list[str]] = {}
        for word in sorted(self._known):
            if word.isalpha() and len(word) >= SHORTEST - 1:
                by_length.setdefault(len(word), []).append(word)
        self._by_length = by_length

    def _candidates(self, length: int) -> list[str]:
        reach = int(length * (1 - NEAR) / NEAR) + 1
        return sorted(w for n in range(length - reach, length + reach + 1) for w in self._by_length.get(n, ()))

    def mend(self, texts: Sequence[str]) -> list[str]:
        """Texts with their unknown long words mended where a known word is near; each word once."""
        unknown = {w for text in texts for w in text.split() if len(w) >= SHORTEST and w not in self._known}
        candidates = {length: self._candidates(length) for length in {len(word) for word in unknown}}
        right: dict[str, str] = {}
        for word in sorted(unknown):
            found = process.extractOne(
                word, candidates[len(word)], scorer=OSA.normalized_similarity, score_cutoff=NEAR
            )
            if found is not None:
                right[word] = str(found[0])
        return [" ".join(dict.fromkeys(right.get(word, word) for word in text.split())) for text in texts]
