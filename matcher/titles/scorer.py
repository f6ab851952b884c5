"""How near a title is to each code of a list of labels, by characters alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from matcher.titles.features import TfIdf
from matcher.titles.short import meant
from matcher.titles.spelling import Speller

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Cosines = npt.NDArray[np.float32]

POWER = 12
"""A code's score is the 12-norm of its labels' cosines: the best one, a little helped by the others."""
WHOLE_WEIGHT = 0.6
"""What a code's labels taken together weigh, times how far the title is from being any label (1 − best cosine)."""

COMMON = 0.05
"""An n-gram that more than this share of the forms holds is left out of quick scores."""


class Scorer:
    """Normalised forms in the order of their codes, and their n-grams.

    ``code_of[i]`` is the code's number of ``forms[i]``, never falling. A column is a code that has a form;
    ``present[column]`` is its number.
    """

    def __init__(self, forms: Sequence[str], code_of: Ints) -> None:
        self.forms = list(forms)
        self.starts: Ints = np.flatnonzero(np.diff(code_of, prepend=-1)).astype(np.int64)
        self.present: Ints = code_of[self.starts]
        self.sizes: Ints = np.diff(np.append(self.starts, len(self.forms)))
        column_of = np.repeat(np.arange(len(self.present)), self.sizes)
        self._exact: dict[str, list[int]] = {}
        for form, column in zip(self.forms, column_of.tolist(), strict=True):
            columns = self._exact.setdefault(form, [])
            if column not in columns:
                columns.append(column)
        self._features = TfIdf(self.forms)
        rows = self._features.rows(self.forms)
        self._matrix = csr_matrix(rows.T)
        bounds = np.append(self.starts, len(self.forms)).astype(np.int32)
        ones, indices = np.ones(len(self.forms), np.float32), np.arange(len(self.forms), dtype=np.int32)
        self._member = csr_matrix((ones, indices, bounds), (len(self.present), len(self.forms)))
        sums = csr_matrix(self._member @ rows)
        self._centroid_length = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1), dtype=np.float64).ravel())

    @cached_property
    def _speller(self) -> Speller:
        return Speller({word for form in self.forms for word in form.split()})

    def asked(self, plain: Sequence[str]) -> list[str]:
        """Normalised titles as these forms would write them: spelling mended, short titles made plain."""
        distinct = list(dict.fromkeys(plain))
        found = dict(zip(distinct, self._speller.mend(distinct), strict=True))
        return [meant(found[text], self) for text in plain]

    def __contains__(self, form: object) -> bool:
        return form in self._exact

    def exact(self, query: str) -> Sequence[int]:
        """Columns of the codes that have this form, word for word."""
        return self._exact.get(query, ())

    def cosines(self, queries: Sequence[str]) -> Cosines:
        """Cosine of each normalised query with each form, dense, [queries, forms]."""
        return np.asarray((self._features.rows(queries) @ self._matrix).toarray(), dtype=np.float32)

    def scores(self, cosines: Cosines) -> Floats:
        """Score of each column, [queries, columns].

        12-norm of its forms' cosines + WHOLE_WEIGHT × (1 − best cosine of the query) × cosine with the centroid of
        its forms.
        """
        fourth = np.square(np.square(cosines))
        scores = np.add.reduceat(fourth * fourth * fourth, self.starts, axis=1, dtype=np.float64) ** (1.0 / POWER)
        centroid = np.add.reduceat(cosines, self.starts, axis=1, dtype=np.float64) / self._centroid_length
        scores += WHOLE_WEIGHT * np.clip(1.0 - cosines.max(axis=1, keepdims=True), 0.0, 1.0) * centroid
        return np.asarray(scores, dtype=np.float64)

    @cached_property
    def _telling(self) -> csr_matrix:
        """The matrix without the n-grams that many forms hold: they cost most and say least."""
        common = np.repeat(np.diff(self._matrix.indptr) > COMMON * len(self.forms), np.diff(self._matrix.indptr))
        telling = self._matrix.copy()
        telling.data[common] = 0.0
        telling.eliminate_zeros()
        return telling

    def quick_scores(self, queries: Sequence[str]) -> Floats:
        """As scores, about, from the n-grams that tell most: [queries, columns], five times faster."""
        cosines = csr_matrix(self._features.rows(queries) @ self._telling)
        best = np.asarray(cosines.max(axis=1).toarray(), dtype=np.float64)
        centroid = np.asarray((cosines @ self._member.T).toarray(), dtype=np.float64) / self._centroid_length
        cosines.data **= POWER
        scores = np.asarray((cosines @ self._member.T).toarray(), dtype=np.float64) ** (1.0 / POWER)
        return np.asarray(scores + WHOLE_WEIGHT * np.clip(1.0 - best, 0.0, 1.0) * centroid, dtype=np.float64)
