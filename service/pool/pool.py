"""The pool and how it is kept fresh: changes stand beside large tables, and are folded into new ones meanwhile.

A question costs nothing more while nothing changed, some milliseconds after a few changes. The tables of everybody
are made again, beside the questions, once `fold_at` people changed since, and at once after an erasure, so that
nothing of the person stays in memory. A new day is waited for: decisions of a day are facts of that day.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from matcher.engine import DEFAULT_TOP, Options
from matcher.scoring import Scorecard, load_scorecard
from service.pool.crowd import Crowd, Rows
from service.pool.offers import warm
from service.pool.openings import NOTHING, Openings
from service.pool.snapshot import Snapshot
from service.pool.source import PeopleChanged, Source

FOLD_AT = 1_000  # people changed beside the large tables before these are made again
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, repr=False)
class _State:
    """A snapshot, up to where people and positions were read, and when each person not in the base as they are now
    changed last (`touched`); `erased` are those of them whom the base still holds and nobody may see."""

    now: Snapshot
    people_seq: int
    positions_seq: int
    touched: Mapping[str, int]
    erased: frozenset[str]


class Pool:
    """What the service answers from. Any number of threads may ask; one of them at a time brings it up to date."""

    def __init__(
        self, source: Source, *, top: int = DEFAULT_TOP, card: Scorecard | None = None, fold_at: int = FOLD_AT
    ) -> None:
        """Nothing is read before the first `refresh`. `top` people are listed where a position does not say."""
        self.card = card or load_scorecard()
        self._source, self._top, self._fold_at = source, top, fold_at
        self._state: _State | None = None
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    @property
    def scorecard(self) -> str:
        """The identifier of the scorecard in use."""
        return self.card.id

    @property
    def loaded(self) -> Snapshot | None:
        """The last snapshot made, for figures about the pool itself; None before the first question."""
        state = self._state
        return None if state is None else state.now

    def refresh(self, today: date) -> Snapshot:
        """The pool of this moment, decided `today`: everything written before the call is in it. Raises what the
        source raises; the next call then tries again."""
        head = self._source.head()
        state = self._state
        if state is not None and state.now.head >= head and state.now.on == today:
            return state.now
        with self._lock:
            before = state = self._state
            if state is None:
                state = self._first(today)
            elif state.now.head < head:
                state = self._later(state)
            if state.now.on != today:
                state = _folded(state, Options(today, self._top), self.card)
            self._state = state
            self._work(state, cold=before is None or before.now.on != today)
            return state.now

    def close(self) -> None:
        """Wait for the tables under way, if any."""
        worker = self._worker
        if worker is not None:
            worker.join()

    # --- keeping fresh -------------------------------------------------------------------------------------------
    def _first(self, today: date) -> _State:
        people, positions = self._source.people_since(0), self._source.positions_since(0)
        options = Options(today, self._top)
        openings = Openings.none().changed(positions, options.rules)
        rows = Rows.of(people)
        base = Crowd.of(rows, openings.posts, options, self.card)
        nobody = Crowd.of(rows.none(), NOTHING, options, self.card)
        now = Snapshot(min(people.seq, positions.seq), options, base, nobody, openings)
        return _State(now, people.seq, positions.seq, {}, frozenset())

    def _later(self, state: _State) -> _State:
        """The same with what changed since."""
        people = self._source.people_since(state.people_seq)
        positions = self._source.positions_since(state.positions_seq)
        now = state.now
        openings = now.openings.changed(positions, now.options.rules)
        now = replace(now, head=min(people.seq, positions.seq), openings=openings)
        if openings is not state.now.openings:
            now = replace(now, base=now.base.asking(openings.posts))
        state = replace(state, now=now, people_seq=people.seq, positions_seq=positions.seq)
        return _with_people(state, people, self.card)

    def _work(self, state: _State, *, cold: bool) -> None:
        """Start the background work that is due, unless some is under way; it looks again before it ends."""
        if (cold or self._due(state)) and (self._worker is None or not self._worker.is_alive()):
            self._worker = threading.Thread(target=self._tend, args=(cold,), name="pool", daemon=True)
            self._worker.start()

    def _due(self, state: _State) -> bool:
        return bool(state.erased) or len(state.touched) >= self._fold_at

    def _tend(self, cold: bool) -> None:
        """Warm new tables, and make others while it is time to. A failure is tried again after the next change."""
        try:
            state = self._state
            if cold and state is not None:
                warm(state.now.base, state.now.openings)
            while True:
                with self._lock:
                    state = self._state
                    if state is None or not self._due(state):
                        self._worker = None
                        return
                folded = _folded(state, state.now.options, self.card)
                warm(folded.now.base, folded.now.openings)
                with self._lock:
                    self._state = self._caught_up(folded)
        except Exception as error:
            _log.error("pool.tables.failed: %s", type(error).__name__)  # its text could hold personal data

    def _caught_up(self, folded: _State) -> _State:
        """New tables with what changed while they were made; the present ones when a new day came meanwhile."""
        state = self._state
        assert state is not None
        if state.now.on != folded.now.on:
            return state
        since = {subject: seq for subject, seq in state.touched.items() if seq > folded.people_seq}
        openings = state.now.openings
        base = folded.now.base.asking(openings.posts) if openings is not folded.now.openings else folded.now.base
        rows = state.now.recent.rows
        rows = rows.taken(rows.among(since))
        recent = Crowd.of(rows, NOTHING, state.now.options, self.card)
        now = replace(state.now, base=base.without(since), recent=recent)
        return replace(state, now=now, touched=since, erased=state.erased & base.places.keys())


def _with_people(state: _State, people: PeopleChanged, card: Scorecard) -> _State:
    """The same with people who changed."""
    new, now = Rows.of(people), state.now
    moved = {*new.subjects.tolist(), *people.gone}
    if not moved:
        return state
    again = now.recent.rows.among(moved)
    kept = now.recent.rows.taken(~again) if again.any() else now.recent.rows
    recent = Crowd.of(Rows.joined([kept, new]), NOTHING, now.options, card)
    gone = (state.erased | set(people.gone)) - set(new.subjects.tolist())
    return replace(
        state,
        now=replace(now, base=now.base.without(moved), recent=recent),
        touched={**state.touched, **dict.fromkeys(moved, people.seq)},
        erased=gone & now.base.places.keys(),
    )


def _folded(state: _State, options: Options, card: Scorecard) -> _State:
    """The same people and positions in tables made anew for everybody."""
    now = state.now
    rows = Rows.joined([now.base.present, now.recent.present])
    base = Crowd.of(rows, now.openings.posts, options, card)
    whole = replace(now, options=options, base=base, recent=Crowd.of(rows.none(), NOTHING, options, card))
    return replace(state, now=whole, touched={}, erased=frozenset())
