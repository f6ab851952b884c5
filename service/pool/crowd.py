"""Some people of the pool: their rows, and these made ready for scoring."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from matcher.engine import Engine, Options, Posts
from matcher.fairness import DIMENSIONS, group_codes
from matcher.resolve.cells import Bools, Ints
from matcher.schema import CANDIDATES
from matcher.scoring import Scorecard
from matcher.tables.items import one_piece
from matcher.vocabulary import fold
from service.pool.papers import Ends, ends
from service.pool.source import PeopleChanged

SEPARATOR = "\x1f"  # before every character of an identifier: text order stays that of the identifiers
Names = np.ndarray[Any, np.dtype[np.object_]]


def parted(engine_id: str) -> tuple[str, str]:
    """A person's identifier in the tables of the pool → the organisation's own, and the organisation."""
    candidate_id, _separator, org_id = engine_id.rpartition(SEPARATOR)
    return candidate_id, org_id


@dataclass(frozen=True, eq=False, repr=False)
class Rows:
    """People as they came. Two organisations may use the same `candidate_id`: in the table it is followed by the
    organisation's."""

    table: pd.DataFrame
    subjects: Names
    references: Names

    @classmethod
    def of(cls, changed: PeopleChanged) -> Rows:
        """From a canonical table whose identifiers are the organisations' own."""
        pairs = zip(changed.table["candidate_id"], changed.organisations, strict=True)
        ids = pd.array([f"{candidate}{SEPARATOR}{org}" for candidate, org in pairs], dtype="str")
        names = list(CANDIDATES.names)
        table = changed.table if list(changed.table.columns) == names else changed.table[names]
        table = table.assign(candidate_id=ids).reset_index(drop=True)
        return cls(table, np.array(changed.subjects, object), np.array(changed.references, object))

    def __len__(self) -> int:
        return len(self.subjects)

    @cached_property
    def _organisations(self) -> tuple[Ints, dict[str, int]]:
        """The number of each person's organisation, and the number of each organisation."""
        codes, names = pd.factorize(np.array([parted(name)[1] for name in self.table["candidate_id"]], object))
        return codes, {str(name): number for number, name in enumerate(names)}

    def of_organisation(self, org_id: str) -> Bools:
        """True for the people of one organisation."""
        codes, numbers = self._organisations
        return np.asarray(codes == numbers.get(org_id, -1), bool)

    def texts(self, column: str) -> tuple[Ints, Mapping[str, int]]:
        """A number for each distinct text of a column, by row (-1: none), and the number of each text."""
        if column not in self._texts:
            codes, words = pd.factorize(self.table[column])
            self._texts[column] = codes, {str(word): number for number, word in enumerate(words)}
        return self._texts[column]

    def beginning(self, start: str) -> Bools:
        """True for those whose identifier, last or first name begins so, accents and case set aside."""
        ids = one_piece(self.table["candidate_id"])
        found: Bools = np.asarray(pc.starts_with(ids, start, ignore_case=True), bool)
        folded = fold(start)
        for column in ("last_name", "first_name") if folded else ():
            codes, words = self._folded(column)
            found |= np.array([*(word.startswith(folded) for word in words), False])[codes]
        return found

    def _folded(self, column: str) -> tuple[Ints, Sequence[str]]:
        """The number of each row's text among the distinct ones (-1: none), and these folded."""
        if column not in self._folds:
            codes, words = self.texts(column)
            self._folds[column] = codes, [fold(word) for word in words]
        return self._folds[column]

    @cached_property
    def _folds(self) -> dict[str, tuple[Ints, Sequence[str]]]:
        return {}

    @cached_property
    def _texts(self) -> dict[str, tuple[Ints, Mapping[str, int]]]:
        return {}

    @cached_property
    def ends(self) -> Ends:
        """When everybody's papers end."""
        return ends(self.table)

    def groups(self, on: date) -> Mapping[str, Ints]:
        """Dimension of `matcher.fairness` → the number of each person's group, at day `on`."""
        if on not in self._groups:
            codes = group_codes(self.table, on)
            self._groups.clear()
            self._groups[on] = {
                name: pd.Index(list(one.groups)).get_indexer(pd.Index(codes[name])).astype(np.int64)
                for name, one in DIMENSIONS.items()
            }
        return self._groups[on]

    @cached_property
    def _groups(self) -> dict[date, Mapping[str, Ints]]:
        return {}

    def taken(self, which: Ints | Bools) -> Rows:
        """Some of them."""
        places = np.flatnonzero(which) if which.dtype == bool else which
        table = self.table.take(places).reset_index(drop=True)
        return Rows(table, self.subjects[places], self.references[places])

    def among(self, subjects: Container[str]) -> Bools:
        """Who is one of `subjects`."""
        return np.fromiter((subject in subjects for subject in self.subjects), bool, len(self))

    def none(self) -> Rows:
        """Nobody, in a table of the same columns."""
        return self.taken(np.zeros(0, np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """Those of several groups of people, nobody being in two; at least one group."""
        filled = [part for part in parts if len(part)] or list(parts[:1])
        if len(filled) == 1:
            return filled[0]
        return cls(
            pd.concat([part.table for part in filled], ignore_index=True),
            np.concatenate([part.subjects for part in filled]),
            np.concatenate([part.references for part in filled]),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Crowd:
    """People made ready before the positions of the pool. Some rows may be absent (`without`)."""

    rows: Rows
    engine: Engine
    absent: Bools

    @classmethod
    def of(cls, rows: Rows, posts: Posts, options: Options, card: Scorecard) -> Crowd:
        """Encode everything."""
        return cls(rows, Engine(rows.table, posts, options, card), np.zeros(len(rows), bool))

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each subject stands, absent ones included."""
        return {subject: place for place, subject in enumerate(self.rows.subjects)}

    def find(self, subject: str) -> int | None:
        """The row of somebody who is not absent."""
        place = self.places.get(subject)
        return None if place is None or self.absent[place] else place

    def without(self, subjects: Iterable[str]) -> Crowd:
        """The same people, some more of them absent."""
        places = [self.places[subject] for subject in subjects if subject in self.places]
        if not places:
            return self
        absent = self.absent.copy()
        absent[places] = True
        return self._with(self.engine.without(absent), absent)

    def only(self, org_id: str) -> Crowd:
        """The same people, those of other organisations absent."""
        absent = self.absent | ~self.rows.of_organisation(org_id)
        return self._with(self.engine.without(absent), absent)

    def asking(self, posts: Posts) -> Crowd:
        """The same people before other positions."""
        return self._with(self.engine.asking(posts), self.absent)

    def _with(self, engine: Engine, absent: Bools) -> Crowd:
        other = Crowd(self.rows, engine, absent)
        other.__dict__["places"] = self.places  # of the same rows
        return other

    @property
    def present(self) -> Rows:
        """Those who are not absent."""
        return self.rows.taken(~self.absent) if self.absent.any() else self.rows

    def __len__(self) -> int:
        return len(self.rows) - int(np.count_nonzero(self.absent))
