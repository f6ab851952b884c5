"""What sharing asks instead of an engine: every question goes to all parts, and the best over them come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.allocation import Ranked
from matcher.engine import Engine, Options, Ranking
from matcher.errors import EnvironmentFault
from matcher.features import FEATURES
from matcher.locale import _
from matcher.partitions.merge import Edges, merged
from matcher.partitions.people import Crowd, Part
from matcher.partitions.search import FILTERS, Found, Task, made_with, positions_content, search
from matcher.partitions.store import Store, digest
from matcher.reference.storage import sha256_bytes
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.people import Doubts

MERGE_FROM = 500_000  # pairs held before they are cut down to the best

Tasks = Iterable[tuple[int, Callable[[], Task]]]
Runner = Callable[[Tasks], Iterator[tuple[int, bytes]]]
"""Runs numbered tasks, each made when its turn comes, and gives their answers as they end, in any order."""

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def one_by_one(tasks: Tasks) -> Iterator[tuple[int, bytes]]:
    """Here, one part after the other: memory holds one."""
    for number, make in tasks:
        yield number, search(make())


@dataclass
class Totals:
    """Figures over all parts, of the first question asked."""

    excluded: Ints
    reach: Ints
    pool: int = 0
    doubts: Doubts = field(default_factory=Doubts)

    def add(self, found: Found) -> None:
        self.excluded += found.excluded
        self.reach += found.reach
        self.pool += found.pool
        self.doubts += found.doubts


class Gathered:
    """A `sharing.Source` over the parts of a crowd. `blank` is an engine that holds nobody: the positions in order,
    the options and the scorecard. Rows number everybody, through the pieces in order."""

    def __init__(
        self,
        crowd: Crowd,
        parts: Sequence[Part],
        blank: Engine,
        store: Store,
        runner: Runner,
        progress: Progress | None = None,
    ) -> None:
        self.crowd, self.parts, self.blank = crowd, parts, blank
        self._store, self._runner, self._progress = store, runner, progress
        for rules in blank.rule_sets:
            blank.decisions.outcome(rules)
        self._made_with = made_with(blank)
        self.totals: Totals | None = None

    @property
    def options(self) -> Options:
        return self.blank.options

    @property
    def positions(self) -> pd.DataFrame:
        return self.blank.positions

    @cached_property
    def ties(self) -> Ints:
        return self.crowd.ties

    def recipients(self) -> Bools:
        return self.crowd.recipients()

    def rankings(
        self, counts: Sequence[int], which: Sequence[int] | None = None, among: Bools | None = None
    ) -> list[Ranking]:
        """`Engine.rankings` of everybody. `among` is None or `recipients()`; levels are not known here."""
        asked = list(range(len(self.blank.jobs))) if which is None else list(which)
        edges, totals = self._ask(np.asarray(counts, np.int64), asked, among is not None)
        if self.totals is None:
            self.totals = totals
        return [self._ranking(edges, k, i) for k, i in enumerate(asked)]

    def _ranking(self, edges: Edges, k: int, i: int) -> Ranking:
        assert self.totals is not None
        mine = edges.of(k)
        levels = np.broadcast_to(np.int8(0), (len(FEATURES), mine.stop - mine.start))
        excluded = dict(zip(FILTERS, self.totals.excluded[i].tolist(), strict=True))
        return Ranking(Ranked(edges.row[mine], edges.points[mine], levels), excluded)

    def _ask(self, counts: Ints, which: Sequence[int], favoured: bool) -> tuple[Edges, Totals]:
        """The best of all parts, and figures over them."""
        positions = positions_content(self.positions, which)
        key = self._key(positions, counts, favoured)
        size = len(which)
        totals = Totals(np.zeros((size, len(FILTERS)), np.int64), np.zeros(size, np.int64))
        held: list[Edges] = []
        whole = 0
        answers: Iterable[tuple[Part, Found]] = self._answers(positions, counts, favoured, key)
        for part, found in self._progress(answers, len(self.parts)) if self._progress else answers:
            totals.add(found)
            held.append(Edges(found.owner, part.first + found.row, found.points))
            if sum(map(len, held)) > max(MERGE_FROM, 2 * whole):
                held = [merged(held, counts, self.ties)]
                whole = len(held[0])
        return merged(held, counts, self.ties), totals

    def _answers(self, positions: bytes, counts: Ints, favoured: bool, key: str) -> Iterator[tuple[Part, Found]]:
        """The answer of each part: those finished earlier first, then the others as they end, kept for later."""
        names = [f"{digest(key, [piece.sha256 for piece in part.pieces])}.npz" for part in self.parts]
        left = []
        for number, (part, name) in enumerate(zip(self.parts, names, strict=True)):
            known = self._store.sealed(name)
            if known is None:
                left.append(number)
            else:
                yield part, Found.read(known)

        def task(part: Part) -> Task:
            contents = tuple(self.crowd.content(piece) for piece in part.pieces)
            return Task(contents, positions, self.options, self.blank.card, tuple(counts.tolist()), favoured)

        tasks = ((number, lambda part=self.parts[number]: task(part)) for number in left)
        for number, content in self._runner(tasks):
            found = Found.read(content)
            self._check(found)
            self._store.seal(names[number], content)
            yield self.parts[number], found

    def _key(self, positions: bytes, counts: Ints, favoured: bool) -> str:
        """All that an answer depends on but the people."""
        options = {k: v for k, v in vars(self.options).items() if k not in ("max_per_candidate", "floor", "top")}
        return digest(options, sha256_bytes(positions), counts.tolist(), favoured, self._made_with)

    def _check(self, found: Found) -> None:
        """Raises EnvironmentFault for an answer made with other versions than those here."""
        for name, mine in self._made_with.items():
            theirs = found.made_with.get(name)
            if name == "rules":
                theirs = {**mine, **(theirs or {})}  # only the rules that met somebody are told
            if theirs != mine:
                raise EnvironmentFault(
                    _("Un worker n'a pas la même version que ce poste : {what}.").format(what=name),
                    _("Installer partout la même version de clausematch, des données de référence et des règles."),
                )
