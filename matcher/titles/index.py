"""Job titles to the codes of any taxonomy, by words alone: no model weights, no network."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from matcher.titles.confidence import RICH, Calibration, Evidence, confidence
from matcher.titles.features import TfIdf
from matcher.titles.inflection import stem
from matcher.titles.lexicon import lexicon
from matcher.titles.normalise import forms, normalise
from matcher.titles.spelling import Speller

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]

POWER = 12
"""A code's score is the 12-norm of its labels' cosines: the best one, a little helped by the others."""
EXACT_BONUS = 1.0
"""Added when the title, normalised, is one of the code's labels: above 1 a score means word for word."""
WHOLE_WEIGHT = 0.6
"""What a code's labels taken together weigh, times how far the title is from being any label (1 − best cosine)."""
BLOCK = 256
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


class TitleIndex:
    """Labels of a taxonomy, ready to be searched.

    ``codes[i]`` is the code of ``labels[i]``; several labels may share a code. The order of the labels changes no
    result: equal scores are ordered by code, as text. Titles and labels are compared in the form that
    :func:`matcher.titles.normalise` gives, so gender, number, accents, case and advertisement words weigh nothing.
    ``calibration`` says how far a resemblance may be trusted in such a taxonomy.
    """

    def __init__(self, codes: Sequence[str], labels: Sequence[str], calibration: Calibration = RICH) -> None:
        if len(codes) != len(labels):
            raise ValueError(f"{len(codes)} codes for {len(labels)} labels")
        self.calibration = calibration
        self.codes: tuple[str, ...] = tuple(sorted({str(code) for code in codes}))
        number = {code: i for i, code in enumerate(self.codes)}
        entries = sorted(
            {(form, number[str(c)], str(la)) for c, la in zip(codes, labels, strict=True) for form in forms(str(la))}
        )
        entries = [entry for entry in entries if entry[0]]
        entries.sort(key=lambda entry: (entry[1], entry[0], entry[2]))
        self._labels = np.array([entry[2] for entry in entries], dtype=object)
        self._forms = [entry[0] for entry in entries]
        self._code_of = np.array([entry[1] for entry in entries], dtype=np.int64)
        self._starts = np.flatnonzero(np.diff(self._code_of, prepend=-1))
        self._present = self._code_of[self._starts]
        self._exact: dict[str, set[int]] = {}
        for form, code, _label in entries:
            self._exact.setdefault(form, set()).add(code)
        self._features = TfIdf(self._forms)
        rows = self._features.rows(self._forms)
        self._matrix = csr_matrix(rows.T)
        bounds = np.append(self._starts, len(entries)).astype(np.int32)
        ones, columns = np.ones(len(entries), np.float32), np.arange(len(entries), dtype=np.int32)
        member = csr_matrix((ones, columns, bounds), shape=(len(self._present), len(entries)))
        sums = csr_matrix(member @ rows)
        self._centroid_length = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1), dtype=np.float64).ravel())
        held = Counter(word for form in self._forms for word in form.split())
        self._rarest = math.log(1 + len(self._forms)) + 1.0
        self._rarity = {word: self._rarest - math.log(1 + count) for word, count in held.items()}
        self._soft = frozenset(stem(word) for word in lexicon().soft)
        self._usual = {normalise(title): normalise(meant) for title, meant in lexicon().usual.items()}
        self._speller = Speller(held)

    def search(self, titles: Sequence[str], k: int = 10) -> tuple[Objects, Floats]:
        """(codes, scores), arrays [n, k], best first; None and 0.0 pad; the codes of one query are distinct."""
        found = self.search_labels(titles, k)
        return found.codes, found.scores

    def search_labels(self, titles: Sequence[str], k: int = 10) -> Matches:
        """As search, with the label that matched and a calibrated confidence.

        Raises ValueError when k is under 1.
        """
        if k < 1:
            raise ValueError("k must be at least 1")
        # One answer needs its rival to be judged, so that k changes no confidence.
        codes, labels, evidence = self.search_evidence(titles, max(k, 2))
        sure = confidence(evidence, self.calibration)
        return Matches(codes[:, :k], labels[:, :k], evidence.score[:, :k], sure[:, :k])

    def search_evidence(self, titles: Sequence[str], k: int) -> tuple[Objects, Objects, Evidence]:
        """Codes and labels, [n, k], and what their confidence rests on."""
        spelt = self._speller.mend([normalise(title) if isinstance(title, str) else "" for title in titles])
        queries = [self._sober(query) for query in spelt]
        distinct = sorted(set(queries))
        place = {query: i for i, query in enumerate(distinct)}
        back = np.array([place[query] for query in queries], dtype=np.int64)
        answers = _Answers.blank(len(distinct), k)
        starts = range(0, len(distinct) if self._forms else 0, BLOCK)
        # scipy releases the interpreter's lock inside the sparse product; each block fills rows of its own.
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda at: self._fill(distinct[at : at + BLOCK], answers.rows(at, at + BLOCK)), starts))
        a = answers
        return a.codes[back], a.labels[back], Evidence(a.score[back], a.exact[back], a.coverage[back], a.filled[back])

    def _sober(self, query: str) -> str:
        """What is asked, when that is no label word for word.

        What the field means by such a short title, when the taxonomy has that; else the title without its words of
        grade or status, when only so it is a label.
        """
        if query in self._exact:
            return query
        shorter = " ".join(word for word in query.split() if word not in self._soft)
        candidates = (self._usual.get(query, ""), shorter, self._usual.get(shorter, ""))
        return next((text for text in candidates if text in self._exact), query)

    def cosines(self, queries: Sequence[str]) -> npt.NDArray[np.float32]:
        """Cosine of each normalised query with each indexed form, dense, [queries, forms]."""
        return np.asarray((self._features.rows(queries) @ self._matrix).toarray(), dtype=np.float32)

    def code_scores(self, queries: Sequence[str], cosines: npt.NDArray[np.float32]) -> Floats:
        """Score of each code present, [queries, codes].

        12-norm of its forms' cosines + WHOLE_WEIGHT × (1 − best cosine of the query) × cosine with the centroid of
        its forms + the bonus of an exact form.
        """
        fourth = np.square(np.square(cosines))
        scores = np.add.reduceat(fourth * fourth * fourth, self._starts, axis=1, dtype=np.float64) ** (1.0 / POWER)
        centroid = np.add.reduceat(cosines, self._starts, axis=1, dtype=np.float64) / self._centroid_length
        scores += WHOLE_WEIGHT * np.clip(1.0 - cosines.max(axis=1, keepdims=True), 0.0, 1.0) * centroid
        for i, query in enumerate(queries):
            for code in self._exact.get(query, ()):
                scores[i, np.searchsorted(self._present, code)] += EXACT_BONUS
        # One label more or less must not reorder codes by the last bits of a sum.
        return np.asarray(np.round(scores, 6), dtype=np.float64)

    def _fill(self, queries: list[str], out: _Answers) -> None:
        cosines = self.cosines(queries)
        scores = self.code_scores(queries, cosines)
        ends = np.append(self._starts[1:], len(self._forms))
        for i, column, rank in _ranked(scores, out.codes.shape[1]):
            first, last = self._starts[column], ends[column]
            at = first + int(np.argmax(cosines[i, first:last]))
            code = int(self._present[column])
            out.codes[i, rank], out.labels[i, rank] = self.codes[code], self._labels[at]
            out.score[i, rank] = scores[i, column]
            out.exact[i, rank] = code in self._exact.get(queries[i], ())
            out.coverage[i, rank] = self.share(queries[i], self._forms[at])
            out.filled[i, rank] = self.share(self._forms[at], queries[i])

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
