"""Nearness of words learned from the codes that share them: latent semantic analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags
from threadpoolctl import threadpool_limits

Vectors = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

DIMENSIONS = 200
"""Dimensions of the space; 400 measured no better."""
SKILL_WEIGHT = 0.3
"""What a word of a skill counts, against 1 in a title; twice that in a core skill."""

SEED, EXTRA, TURNS = 2024, 40, 4
"""Of the subspace iteration: its start, the directions carried along beyond those kept, its turns."""


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """Rows of length 1; a row of zeros stays so."""
    length = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float32)


def _leading(gram: Floats, size: int) -> tuple[Floats, Floats]:
    """(values, vectors) of a symmetric matrix's largest eigenvalues, by subspace iteration from a seeded start.

    All of them, ten times slower, would change no figure.
    """
    start = np.random.default_rng(SEED).standard_normal((len(gram), min(size + EXTRA, len(gram))))
    basis = np.linalg.qr(gram @ start)[0]
    for _turn in range(TURNS):
        basis = np.linalg.qr(gram @ basis)[0]
    value, turn = np.linalg.eigh(basis.T @ gram @ basis)
    return value[-size:], (basis @ turn)[:, -size:]


class WordSpace:
    """Words as vectors, two words near when the same codes have them.

    ``titles`` and ``skills`` are normalised texts; ``of_title[i]`` is the code's number of ``titles[i]``, and
    ``skill_of`` is (codes, skills) with the weight of each skill in each code. Words × codes, ln(1 + count) × idf,
    columns of length 1, truncated to the directions of largest singular value; the same at each run.
    """

    def __init__(
        self, titles: Sequence[str], of_title: npt.NDArray[np.int64], skills: Sequence[str], skill_of: csr_matrix
    ) -> None:
        words = sorted({word for text in (*titles, *skills) for word in text.split()})
        self._number = {word: i for i, word in enumerate(words)}
        held = Counter(word for text in titles for word in set(text.split()))
        self._rarity = np.log((1 + len(titles)) / (1 + np.array([max(held[word], 2) for word in words], dtype=float)))
        ones, shape = np.ones(len(titles)), (skill_of.shape[0], len(titles))
        member = csr_matrix((ones, (of_title, np.arange(len(titles)))), shape)
        counts = csr_matrix(member @ self._counts(titles) + SKILL_WEIGHT * (skill_of @ self._counts(skills)))
        counts.data = np.log1p(counts.data)
        codes = counts.shape[0]
        carried = np.bincount(counts.indices, minlength=len(words))
        weighted = csr_matrix(counts @ diags(np.log((1 + codes) / (1 + carried))))
        length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        rows = csr_matrix(diags(1.0 / np.where(length > 0, length, 1.0)) @ weighted)
        with threadpool_limits(1):  # matrices this small are slower on several threads
            value, vector = _leading((rows @ rows.T).toarray(), DIMENSIONS)
        kept = value > 1e-9
        self._vectors = np.asarray(rows.T @ (vector[:, kept] / np.sqrt(value[kept])), dtype=np.float64)

    def _counts(self, texts: Sequence[str]) -> csr_matrix:
        """Occurrences of the known words, (texts, words)."""
        found = [[self._number[word] for word in text.split() if word in self._number] for text in texts]
        starts = np.cumsum([0, *map(len, found)])
        columns = np.array([column for row in found for column in row], dtype=np.int32)
        return csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(texts), len(self._number)))

    def rows(self, texts: Sequence[str]) -> Vectors:
        """The unit vector of each normalised text, words weighted by rarity; 0 when none is known."""
        return unit(np.asarray((self._counts(texts) @ diags(self._rarity)) @ self._vectors))
