"""Character n-grams of normalised titles as sparse TF-IDF rows, in plain numpy and scipy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SMALLEST, LARGEST = 2, 5
"""Sizes of the n-grams, in characters."""
ACROSS_WEIGHT = 0.7
"""Weight of an n-gram that runs over the boundary of two words: word order counts, but less than the words."""
_BASE = 37  # the space, 10 digits, 26 letters


def _symbols(texts: Sequence[str]) -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
    """Symbol, line end and document number of every character of the lines ``' text '``."""
    raw = np.frombuffer(("\n".join(f" {text} " for text in texts) + "\n").encode("ascii", "replace"), np.uint8)
    values = np.zeros(256, np.int64)
    values[ord("0") : ord("9") + 1] = np.arange(1, 11)
    values[ord("a") : ord("z") + 1] = np.arange(11, 37)
    end = raw == ord("\n")
    return values[raw], end, (np.cumsum(end) - end).astype(np.int64)


def ngrams(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """(document, key) of every character n-gram, sizes 2 to 5, of texts padded by one space on each side.

    Texts hold ``a-z0-9`` and single spaces (what normalise returns). The key's lowest bit tells whether the n-gram
    runs over the boundary of two words.
    """
    symbol, end, document = _symbols(texts)
    space = symbol == 0
    documents: list[Ints] = []
    keys: list[Ints] = []
    for size in range(SMALLEST, LARGEST + 1):
        length = max(len(symbol) - size + 1, 0)
        key = np.full(length, size, np.int64)
        valid = np.ones(length, np.bool_)
        across = np.zeros(length, np.bool_)
        for k in range(size):
            key = key * _BASE + symbol[k : k + length]
            valid &= ~end[k : k + length]
            if 0 < k < size - 1:
                across |= space[k : k + length]
        documents.append(document[:length][valid])
        keys.append((key[valid] << 1) | across[valid])
    return np.concatenate(documents), np.concatenate(keys)


class TfIdf:
    """Sublinear TF-IDF rows of unit length: ``(1 + ln tf) × (1 + ln((1+N)/(1+df)))``, less across words.

    n-grams that no indexed text holds count in no row (scikit-learn's convention).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        documents, keys = ngrams(texts)
        self.vocabulary: Ints
        self.vocabulary, columns = np.unique(keys, return_inverse=True)
        width = max(len(self.vocabulary), 1)
        pairs = np.unique(documents * width + columns)
        frequency = np.bincount(pairs % width, minlength=len(self.vocabulary))
        self.idf: Floats = np.log((1 + len(texts)) / (1 + frequency)) + 1.0
        self.weights: Floats = self.idf * np.where(self.vocabulary & 1, ACROSS_WEIGHT, 1.0)

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """The unit rows of texts over the indexed vocabulary: float32, shape (texts, vocabulary)."""
        width, n = len(self.vocabulary), len(texts)
        documents, keys = ngrams(texts)
        at = np.minimum(np.searchsorted(self.vocabulary, keys), max(width - 1, 0))
        known = self.vocabulary[at] == keys if width else np.zeros(len(keys), np.bool_)
        pair, count = np.unique(documents[known] * max(width, 1) + at[known], return_counts=True)
        document, column = pair // max(width, 1), pair % max(width, 1)
        weight = (1.0 + np.log(count)) * self.weights[column]
        length = np.sqrt(np.bincount(document, weights=weight * weight, minlength=n))
        weight = (weight / length[document]).astype(np.float32)
        starts = np.zeros(n + 1, np.int32)
        np.cumsum(np.bincount(document, minlength=n), out=starts[1:])
        return csr_matrix((weight, column.astype(np.int32), starts), shape=(n, width))
