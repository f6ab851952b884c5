"""What the ROME says of occupations beyond their letters: titles of one code, words of one code, shared skills.

« Plaquiste » and « plâtrier » have few letters in common, but appellations of one code, and skills that few other
codes have. From the ROME in use (the official files, or the embedded labels and everyday titles) each text, be it of
another taxonomy, gets a meaning that can be compared with another's; nothing is downloaded, nothing is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from matcher.reference.occupations import SKILL_KINDS, Occupations, occupations
from matcher.titles.everyday import with_everyday
from matcher.titles.normalise import forms, normalise
from matcher.titles.scorer import Scorer
from matcher.titles.words import Vectors, WordSpace, unit

KEPT = 20
"""Codes kept of a text's likeness to the ROME."""
TEMPERATURE = 0.1
"""A code whose score is lower by this much weighs e times less."""
ENOUGH = 4.0
"""Titles for each code, on average, from which a ROME is fully trusted; one title a code teaches nothing."""
BEHAVIOUR = SKILL_KINDS[2]
"""The kind of skill that every occupation asks: it tells none."""
BLOCK = 256
"""Texts compared at once."""
THREADS = 2


@dataclass(frozen=True)
class Meaning:
    """What is known of n texts; rows of length 1, or 0 where nothing is."""

    occupations: csr_matrix
    """Likeness to each code, KEPT of them at most, [n, codes]."""
    around: Vectors
    """The same, codes near by their words and skills brought together, [n, dimensions]."""
    words: Vectors
    """The words alone, [n, dimensions]."""

    def part(self, first: int, last: int) -> Meaning:
        """Some rows."""
        return Meaning(self.occupations[first:last], self.around[first:last], self.words[first:last])


class Knowledge:
    """Titles by code, and the skills of these codes: (label, weight) pairs."""

    def __init__(
        self,
        codes: Sequence[str],
        labels: Sequence[str],
        skills: dict[str, list[tuple[str, float]]] | None = None,
    ) -> None:
        names = sorted(set(codes))
        number = {code: i for i, code in enumerate(names)}
        entries = sorted(
            {(number[c], form) for c, label in zip(codes, labels, strict=True) for form in forms(label) if form}
        )
        texts, code_of = [form for _c, form in entries], np.array([c for c, _f in entries], dtype=np.int64)
        self._scorer = Scorer(texts, code_of)
        column_of = np.repeat(np.arange(len(self._scorer.present)), self._scorer.sizes)
        present = [names[i] for i in self._scorer.present]
        said = [(column, *skill) for column, code in enumerate(present) for skill in (skills or {}).get(code, ())]
        skill_number = {label: i for i, label in enumerate(sorted({label for _c, label, _w in said}))}
        at = ([column for column, _l, _w in said], [skill_number[label] for _c, label, _w in said])
        skill_of = csr_matrix(
            ([w for _c, _l, w in said], at), shape=(len(present), len(skill_number)), dtype=np.float64
        )
        self._space = WordSpace(texts, column_of, [normalise(label) for label in skill_number], skill_of)
        sums = np.add.reduceat(self._space.rows(texts), self._scorer.starts, axis=0) if texts else np.zeros((0, 0))
        self._codes = unit(sums)

    @property
    def trust(self) -> float:
        """How much this ROME can tell, 0 to 1: see ENOUGH."""
        codes = max(len(self._scorer.present), 1)
        return min(max((len(self._scorer.forms) / codes - 1.0) / (ENOUGH - 1.0), 0.0), 1.0)

    def familiar(self, texts: Sequence[str]) -> float:
        """Share of normalised texts that are titles of this ROME, word for word."""
        return sum(text in self._scorer for text in texts) / len(texts) if texts else 1.0

    def asked(self, titles: Sequence[str]) -> list[str]:
        """Normalised titles as this ROME would write them."""
        return self._scorer.asked(titles)

    def meaning(self, texts: Sequence[str]) -> Meaning:
        """Of normalised texts."""
        distinct = sorted(set(texts))
        place = {text: i for i, text in enumerate(distinct)}
        back = np.array([place[text] for text in texts], dtype=np.int64)
        like = self._like(distinct)
        around = unit(np.asarray(like @ self._codes))
        squares = np.sqrt(np.asarray(like.multiply(like).sum(axis=1)).ravel())
        like.data *= np.repeat(1.0 / np.where(squares > 0, squares, 1.0), np.diff(like.indptr)).astype(np.float32)
        return Meaning(csr_matrix(like[back]), around[back], self._space.rows(texts))

    def wording(self, texts: Sequence[str]) -> Meaning:
        """As meaning, the words alone, ten times faster: the codes are left out, with no columns."""
        n = len(texts)
        return Meaning(
            csr_matrix(np.zeros((n, 0), np.float32)), np.zeros((n, 0), np.float32), self._space.rows(texts)
        )

    def _like(self, texts: Sequence[str]) -> csr_matrix:
        """Softmax, up to a factor, of the scores of the best codes, (texts, codes)."""
        kept = min(KEPT, len(self._scorer.present))
        columns = np.zeros((len(texts), kept), np.int32)
        weights = np.zeros((len(texts), kept), np.float32)

        def fill(first: int) -> None:
            part = texts[first : first + BLOCK]
            scores = self._scorer.quick_scores(part)
            for i, text in enumerate(part):
                scores[i, list(self._scorer.exact(text))] += 1.0
            # Equal scores go to the code that comes first, so that no order of texts changes what is kept.
            scores = np.round(scores, 6) - 1e-9 * np.arange(scores.shape[1])
            best = np.sort(np.argpartition(-scores, kept - 1, axis=1)[:, :kept], axis=1)
            top = np.take_along_axis(scores, best, axis=1)
            soft = np.where(top > 0, np.exp((top - top.max(axis=1, keepdims=True)) / TEMPERATURE), 0.0)
            columns[first : first + BLOCK], weights[first : first + BLOCK] = best, soft

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(fill, range(0, len(texts) if kept else 0, BLOCK)))
        starts = np.arange(0, len(texts) * kept + 1, kept) if kept else np.zeros(len(texts) + 1, np.int64)
        return csr_matrix((weights.ravel(), columns.ravel(), starts), shape=(len(texts), len(self._scorer.present)))


def skills_of(reference: Occupations) -> dict[str, list[tuple[str, float]]]:
    """Know-how and knowledge of each code, (label, weight): 2 for the core ones, 1 for the others."""
    kinds, names = reference.skill_kinds, reference.skill_labels
    core = {code: frozenset(reference.core_skill_codes(code)) for code in reference.codes}
    return {
        code: [
            (names[skill], 2.0 if skill in core[code] else 1.0)
            for skill in reference.skill_codes(code)
            if kinds[skill] != BEHAVIOUR
        ]
        for code in reference.codes
    }


@lru_cache(maxsize=2)
def _known(source: str, sha256: str, data_dir: Path | None) -> Knowledge:
    reference = occupations(data_dir)
    table = reference.appellations
    return Knowledge(*with_everyday(table["code"].tolist(), table["label"].tolist()), skills_of(reference))


@lru_cache(maxsize=1)
def nothing_known() -> Knowledge:
    """For an index that compares letters alone."""
    return Knowledge((), ())


def knowledge(data_dir: Path | None = None) -> Knowledge:
    """That of the ROME in use; built once, at first use."""
    reference = occupations(data_dir)
    return _known(reference.source, reference.sha256, data_dir)
