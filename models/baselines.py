"""What the scorecard is compared with: random order, freshness, words in common, the 6/3/2 occupation rule."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.engine import Engine
from matcher.nearness import Near, nearness
from matcher.reference import occupations
from matcher.reference.occupations import Occupations
from matcher.resolve.cells import Lists

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NAMES = ("random", "freshness", "tfidf", "rule_632")


class Baselines:
    """Scores of people for the positions of an engine; the higher the better."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.reference: Occupations = occupations()

    def scores(self, i: int, rows: Ints) -> Mapping[str, Floats]:
        """One score per baseline and person, for position i."""
        return {
            "random": self._random(i, rows),
            "freshness": self._fresh[rows],
            "tfidf": self._similar(i, rows),
            "rule_632": self._rule(i, rows),
        }

    def _random(self, i: int, rows: Ints) -> Floats:
        """Drawn from the identifiers: the same whatever the order of the files."""
        position = self.engine.jobs[i].position_id
        ids = self.engine.candidates["candidate_id"]
        keys = [hashlib.sha256(f"{position}|{ids.iloc[row]}".encode()).digest()[:8] for row in rows]
        return np.array([int.from_bytes(key) / 2**64 for key in keys], np.float64)

    @cached_property
    def _fresh(self) -> Floats:
        """Days of `facts_on`; unknown last."""
        days = self.engine.candidates["facts_on"].to_numpy("datetime64[D]")
        return np.where(np.isnat(days), -np.inf, days.astype(np.int64).astype(np.float64))

    @cached_property
    def _texts(self) -> tuple[csr_matrix, csr_matrix]:
        people = [self._of_person(row) for row in self.engine.candidates.itertuples(index=False)]
        jobs = [
            self._of_job(row, job.occupation)
            for row, job in zip(self.engine.positions.itertuples(index=False), self.engine.jobs, strict=True)
        ]
        words: Any = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True)
        words.fit([*people, *jobs, "métier"])
        return csr_matrix(words.transform(people)), csr_matrix(words.transform(jobs))

    def _of_person(self, row: Any) -> str:
        cells = [cell for cell in (row.occupations, row.experience) if isinstance(cell, str)]
        words = [item.rpartition(":")[0] or item for cell in cells for item in cell.split("|")]
        skills = row.skills.replace("|", " ") if isinstance(row.skills, str) else ""
        return " ".join([*(self._label(word) for word in words), skills])

    def _of_job(self, row: Any, code: str | None) -> str:
        parts = [row.title, row.tasks, row.skills]
        texts = [part.replace("|", " ") for part in parts if isinstance(part, str)]
        return " ".join([*texts, self._label(code) if code else ""])

    def _label(self, word: str) -> str:
        return self.reference.label(word) if self.reference.known(word) else word

    def _similar(self, i: int, rows: Ints) -> Floats:
        people, jobs = self._texts
        found: Floats = np.asarray((people[rows] @ jobs[[i]].T).todense(), np.float64).ravel()
        return found

    def _rule(self, i: int, rows: Ints) -> Floats:
        """6 when the job is wished and practised; 3 when another of the same domain is; 2 when only wished.

        The domain is ROME's domaine professionnel (the first three characters of the code).
        """
        code = self.engine.jobs[i].occupation
        if code is None:
            return np.zeros(len(rows))
        people = self.engine.people
        near = nearness(code, people.occupation_codes, self.reference)
        wish = _best(people.wishes, near)[people.wish_ids[rows]]
        done = _best(people.practice.lists, near)[people.practice.cells[rows]]
        domain = np.array([other[:3] == code[:3] for other in people.occupation_codes], np.int64)
        both = np.minimum(
            _best(people.wishes, domain)[people.wish_ids[rows]],
            _best(people.practice.lists, domain)[people.practice.cells[rows]],
        )
        same = int(Near.SAME)
        rule: Floats = np.select([(wish == same) & (done == same), both == 1, wish == same], [6.0, 3.0, 2.0], 0.0)
        return rule


def _best(lists: Lists, of_code: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The greatest value in each list of codes, then one more place (-1) for an unknown list."""
    values = of_code[lists.values] if len(lists.values) else lists.values
    return np.append(lists.best(values, -1), -1)


def ids_order(ids: pd.Series[Any], rows: Sequence[int] | Ints) -> Ints:
    """People's places by identifier as text, to settle equal scores."""
    names = ids.to_numpy(dtype=object)[rows]
    places: Ints = np.argsort(np.argsort(names, kind="stable"), kind="stable")
    return places
