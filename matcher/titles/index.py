"""Job titles to the codes of any taxonomy: letters, and what the ROME says of words; no model weights, no network."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import compress

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from matcher.titles.confidence import FOREIGN, Calibration, Evidence, confidence
from matcher.titles.knowledge import Knowledge, Meaning, knowledge
from matcher.titles.normalise import forms, normalise
from matcher.titles.scorer import Cosines, Scorer

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]

EXACT_BONUS = 1.0
"""Added when the title, normalised, is one of the code's labels: above 1 a score means word for word."""
OCCUPATIONS_WEIGHT, AROUND_WEIGHT, WORDS_WEIGHT = 0.3, 0.2, 0.2
"""What the three likenesses of meaning weigh, against 1 for the letters; each counts twice, for the nearest label of
a code and for its labels on average. The first two weigh less where the ROME has the taxonomy's labels word for word:
what it could say of them, they say. Chosen on earlier draws of the files of scripts/measure_titles.py."""
BLOCK = 64
"""Queries compared at once; bounds memory to about 4 × BLOCK × (labels + codes) bytes for each thread."""
THREADS = 2


@dataclass(frozen=True)
class Matches:
    """The k best codes of each query, best first; None, 0.0 where fewer were found."""

    codes: Objects
    """Distinct codes of each query, [n, k]."""
    labels: Objects
    """The label of that code nearest to the query, [n, k]."""
    scores: Floats
    """Similarity, from 0 to about 2; above 1 the title is word for word a label, [n, k]."""
    confidence: Floats
    """Probability, calibrated, that the code is the right one, [n, k]."""


@dataclass(frozen=True)
class _Answers:
    """Arrays [n, k] filled block by block."""

    codes: Objects
    labels: Objects
    score: Floats
    exact: npt.NDArray[np.bool_]
    coverage: Floats
    filled: Floats

    @classmethod
    def blank(cls, n: int, k: int) -> _Answers:
        empty = np.full((n, k), None, dtype=object)
        zero = np.zeros((n, k))
        return cls(empty, empty.copy(), zero, np.zeros((n, k), np.bool_), zero.copy(), zero.copy())

    def rows(self, first: int, last: int) -> _Answers:
        """A view of some rows."""
        return _Answers(*(getattr(self, f.name)[first:last] for f in fields(self)))


@dataclass(frozen=True)
class _Labels:
    """The meaning of the taxonomy's forms, weighted and transposed: one product gives the likeness to a query's."""

    occupations: csr_matrix
    vectors: npt.NDArray[np.float32]
    scales: tuple[float, float, float]

    @property
    def total(self) -> float:
        """What meaning weighs at most, letters being 1."""
        return 2.0 * sum(self.scales)


class TitleIndex:
    """Labels of a taxonomy, ready to be searched.

    ``codes[i]`` is the code of ``labels[i]``; several labels may share a code. The order of the labels changes no
    result: equal scores are ordered by code, as text. Titles and labels are compared in the form that
    :func:`matcher.titles.normalise` gives, so gender, number, accents, case and advertisement words weigh nothing.
    ``calibration`` says how far a resemblance may be trusted in such a taxonomy. ``known`` says which occupations
    words have in common, that of the ROME in use when left out; it is drawn at the first search.
    """

    def __init__(
        self,
        codes: Sequence[str],
        labels: Sequence[str],
        calibration: Calibration = FOREIGN,
        known: Knowledge | None = None,
    ) -> None:
        if len(codes) != len(labels):
            raise ValueError(f"{len(codes)} codes for {len(labels)} labels")
        self.calibration = calibration
        self.codes: tuple[str, ...] = tuple(sorted({str(code) for code in codes}))
        number = {code: i for i, code in enumerate(self.codes)}
        entries = sorted(
            {(number[str(c)], form, str(la)) for c, la in zip(codes, labels, strict=True) for form in forms(str(la))}
        )
        entries = [entry for entry in entries if entry[1]]
        self._labels = np.array([entry[2] for entry in entries], dtype=object)
        self._forms = [entry[1] for entry in entries]
        self._scorer = Scorer(self._forms, np.array([entry[0] for entry in entries], dtype=np.int64))
        held = Counter(word for form in self._forms for word in form.split())
        self._rarest = math.log(1 + len(self._forms)) + 1.0
        self._rarity = {word: self._rarest - math.log(1 + count) for word, count in held.items()}
        self._known = known

    def search(self, titles: Sequence[str] | str, k: int = 10) -> tuple[Objects, Floats]:
        """(codes, scores), arrays [n, k], best first; None and 0.0 pad; the codes of one query are distinct. A title
        alone is a list of one."""
        found = self.search_labels(titles, k)
        return found.codes, found.scores

    def search_labels(self, titles: Sequence[str] | str, k: int = 10) -> Matches:
        """As search, with the label that matched and a calibrated confidence.

        Raises ValueError when k is under 1.
        """
        if k < 1:
            raise ValueError("k must be at least 1")
        # One answer needs its rival to be judged, so that k changes no confidence.
        codes, labels, evidence = self.search_evidence(titles, max(k, 2))
        sure = confidence(evidence, self.calibration)
        return Matches(codes[:, :k], labels[:, :k], evidence.score[:, :k], sure[:, :k])

    def first(self, titles: Sequence[str]) -> tuple[Objects, Floats]:
        """(code, confidence) of the best answer to each title, arrays [n]: those of search_labels.

        Where letters alone count, a title that is word for word a label of one code needs no search: its rival is
        always too far to weigh on its confidence.
        """
        plain = self._plain(titles)
        queries = self._scorer.asked(plain)
        columns = [self._scorer.exact(query) for query in queries]
        known = np.array([len(found) == 1 and not self._knowledge.trust for found in columns], np.bool_)
        codes, sure = np.full(len(titles), None, dtype=object), np.full(len(titles), self._word_for_word)
        codes[known] = [self.codes[int(self._scorer.present[found[0]])] for found in compress(columns, known)]
        rest = np.flatnonzero(~known)
        found, _labels, evidence = self._evidence([plain[i] for i in rest], [queries[i] for i in rest], 2)
        codes[rest], sure[rest] = found[:, 0], confidence(evidence, self.calibration)[:, 0]
        return codes, sure

    @cached_property
    def _word_for_word(self) -> float:
        """The confidence of a title that is a label of one code."""
        whole, none = np.array([[1.0, 0.0]]), np.array([[True, False]])
        return float(confidence(Evidence(whole * (1.0 + EXACT_BONUS), none, whole, whole), self.calibration)[0, 0])

    @staticmethod
    def _plain(titles: Sequence[str] | str) -> list[str]:
        titles = [titles] if isinstance(titles, str) else titles
        return [normalise(title) if isinstance(title, str) else "" for title in titles]

    def search_evidence(self, titles: Sequence[str] | str, k: int) -> tuple[Objects, Objects, Evidence]:
        """Codes and labels, [n, k], and what their confidence rests on."""
        plain = self._plain(titles)
        return self._evidence(plain, self._scorer.asked(plain), k)

    def _evidence(self, plain: Sequence[str], queries: Sequence[str], k: int) -> tuple[Objects, Objects, Evidence]:
        """The same of normalised titles, and of what each asks."""
        known = self._knowledge.asked(plain) if self._knowledge.trust else plain
        pairs = list(zip(queries, known, strict=True))
        distinct = sorted(set(pairs))
        place = {pair: i for i, pair in enumerate(distinct)}
        back = np.array([place[pair] for pair in pairs], dtype=np.int64)
        means = self._mean([text for _query, text in distinct]) if self._knowledge.trust else None
        labels = self._meanings if means else None  # drawn once, before the threads
        answers = _Answers.blank(len(distinct), k)
        starts = range(0, len(distinct) if self._forms else 0, BLOCK)
        # scipy releases the interpreter's lock inside the sparse product; each block fills rows of its own.
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda at: self._fill(at, distinct, means, labels, answers.rows(at, at + BLOCK)), starts))
        a = answers
        return a.codes[back], a.labels[back], Evidence(a.score[back], a.exact[back], a.coverage[back], a.filled[back])

    @cached_property
    def _knowledge(self) -> Knowledge:
        return self._known if self._known is not None else knowledge()

    @cached_property
    def _foreign(self) -> float:
        """Share of the labels that the ROME does not have word for word, as far as it may be trusted."""
        return self._knowledge.trust * (1.0 - self._knowledge.familiar(self._forms))

    def _mean(self, texts: Sequence[str]) -> Meaning:
        return self._knowledge.meaning(texts) if self._foreign > 0 else self._knowledge.wording(texts)

    @cached_property
    def _meanings(self) -> _Labels:
        means, foreign = self._mean(self._forms), self._foreign
        scales = (OCCUPATIONS_WEIGHT * foreign, AROUND_WEIGHT * foreign, WORDS_WEIGHT * self._knowledge.trust)
        vectors = np.hstack([means.around * scales[1], means.words * scales[2]]).astype(np.float32)
        return _Labels(csr_matrix(means.occupations.T) * scales[0], np.ascontiguousarray(vectors.T), scales)

    def scores(
        self, queries: Sequence[str], cosines: Cosines, means: Meaning | None, labels: _Labels | None
    ) -> Floats:
        """Score of each code present, [queries, codes].

        (letters + the meaning's likeness to the nearest label + that to the labels on average) ÷ (1 + what meaning
        weighs at most) + the bonus of an exact form. Letters alone without `means` and `labels`.
        """
        scores = self._scorer.scores(cosines)
        if means is not None and labels is not None:
            scores = (scores + self._likeness(means, labels)) / (1.0 + labels.total)
        for i, query in enumerate(queries):
            for column in self._scorer.exact(query):
                scores[i, column] += EXACT_BONUS
        # One label more or less must not reorder codes by the last bits of a sum.
        return np.asarray(np.round(scores, 6), dtype=np.float64)

    def _likeness(self, means: Meaning, labels: _Labels) -> Floats:
        """The meaning's likeness to the nearest label of each code, plus that to its labels on average."""
        likeness = np.hstack([means.around, means.words]) @ labels.vectors
        if labels.scales[0] > 0:
            likeness += (means.occupations @ labels.occupations).toarray()
        starts = self._scorer.starts
        meaning = np.maximum.reduceat(likeness, starts, axis=1).astype(np.float64)
        meaning += np.add.reduceat(likeness, starts, axis=1, dtype=np.float64) / self._scorer.sizes
        return np.maximum(meaning, 0.0)

    def _fill(
        self,
        at: int,
        pairs: Sequence[tuple[str, str]],
        means: Meaning | None,
        labels: _Labels | None,
        out: _Answers,
    ) -> None:
        queries = [query for query, _known in pairs[at : at + BLOCK]]
        cosines = self._scorer.cosines(queries)
        scores = self.scores(queries, cosines, means.part(at, at + BLOCK) if means else None, labels)
        starts, ends = self._scorer.starts, self._scorer.starts + self._scorer.sizes
        exact = [frozenset(self._scorer.exact(query)) for query in queries]
        for i, column, rank in _ranked(scores, out.codes.shape[1]):
            nearest = starts[column] + int(np.argmax(cosines[i, starts[column] : ends[column]]))
            out.codes[i, rank] = self.codes[int(self._scorer.present[column])]
            out.labels[i, rank], out.score[i, rank] = self._labels[nearest], scores[i, column]
            out.exact[i, rank] = column in exact[i]
            out.coverage[i, rank] = self.share(queries[i], self._forms[nearest])
            out.filled[i, rank] = self.share(self._forms[nearest], queries[i])

    def share(self, text: str, other: str) -> float:
        """Share of a text's words, weighted by their rarity in the taxonomy, that the other text holds; 0 to 1.

        A word unknown to the taxonomy is as rare as can be.
        """
        words = text.split()
        held = frozenset(other.split())
        weights = [self._rarity.get(word, self._rarest) for word in words]
        total = sum(weights)
        return sum(w for word, w in zip(words, weights, strict=True) if word in held) / total if total else 0.0


def _ranked(scores: Floats, k: int) -> Iterator[tuple[int, int, int]]:
    """(query, column, rank) of the k best positive scores; columns are in the order of codes, which settles ties."""
    size = min(k, scores.shape[1])
    cut = -np.partition(-scores, size - 1, axis=1)[:, size - 1]
    for i, row in enumerate(scores):
        columns = np.flatnonzero((row >= cut[i]) & (row > 0))
        for rank, column in enumerate(columns[np.argsort(-row[columns], kind="stable")][:size]):
            yield i, int(column), rank
