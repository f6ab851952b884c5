"""Walking the log from its first entry: any edit, removal, insertion, move or cut tail is found, and where.

Each digest covers the one before, so the digest of the last entry stands for the whole log. Whoever owns the database
could rewrite everything from some entry on, digests included: a digest kept elsewhere (`--expect`) shows that too.
Memory does not grow with the log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, select

from matcher.locale import N_, _
from service.chain.entry import GENESIS, Entry, digest_of
from service.store import tables as t

MOST_FAULTS = 20  # those shown; one edit shows as one fault, a rewritten log as many
AT_ONCE = 500

WORDS = {
    "edited": N_("entrée {seq} : modifiée, ou précédée d'une autre que celle d'origine"),
    "missing": N_("entrée {seq} : absente, elle a été retirée"),
    "unreadable": N_("entrée {seq} : illisible, elle a été modifiée"),
    "cut": N_("entrée {seq} : absente, la fin du journal a été retirée"),
    "beyond": N_("entrée {seq} : au-delà de la fin notée, elle a été ajoutée hors du service"),
    "head": N_("la fin notée du journal (table head) ne correspond pas à l'entrée {seq}"),
    "unexpected": N_(
        "l'empreinte attendue n'est celle d'aucune entrée : le journal a été réécrit, ou ce n'est pas lui"
    ),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong; `kind` is a key of WORDS, `seq` the entry where it shows."""

    kind: str
    seq: int

    def __str__(self) -> str:
        return _(WORDS[self.kind]).format(seq=self.seq)


@dataclass(frozen=True)
class Verdict:
    """What a walk found. `digest` is that of the last entry, to be kept elsewhere; `expected_at` the entry whose
    digest was expected."""

    entries: int
    digest: str
    faults: tuple[Fault, ...]
    more: int = 0
    expected_at: int | None = None

    @property
    def whole(self) -> bool:
        """True when nothing is wrong."""
        return not self.faults


def verify(connection: Connection, expected: str | None = None, seen: Callable[[int], None] | None = None) -> Verdict:
    """Walk the whole log; `expected` is the digest of some entry kept elsewhere, `seen` hears each number."""
    walk = _Walk(expected)
    with _raw_text(connection):
        heads = connection.execute(select(t.head)).all()
        query = select(t.log).order_by(t.log.c.seq).execution_options(yield_per=AT_ONCE)
        for row in connection.execute(query):
            walk.step(row)
            if seen is not None:
                seen(walk.last)
    walk.end(heads)
    return Verdict(walk.entries, walk.digest, tuple(walk.faults), walk.more, walk.expected_at)


def verify_rows(tables: Iterable[tuple[str, Mapping[str, Any]]], expected: str | None = None) -> Verdict:
    """The same walk over rows kept elsewhere, those of the log in their order, each with its table's name."""
    walk = _Walk(expected)
    heads = []
    for table, row in tables:
        if table == t.log.name:
            walk.step(SimpleNamespace(**row))
        elif table == t.head.name:
            heads.append(SimpleNamespace(**row))
    walk.end(heads)
    return Verdict(walk.entries, walk.digest, tuple(walk.faults), walk.more, walk.expected_at)


class _Walk:
    """The state of a walk: the last entry seen and what was wrong so far."""

    def __init__(self, expected: str | None) -> None:
        self.entries = self.last = self.more = 0
        self.digest = GENESIS
        self.faults: list[Fault] = []
        self.expected = expected
        self.expected_at = 0 if expected == GENESIS else None

    def step(self, row: Row[Any] | SimpleNamespace) -> None:
        """One entry. What is stored as its digest is what the next one must follow, so that each fault shows once."""
        if row.seq != self.last + 1:
            self._fault("missing", self.last + 1)
        self.entries += 1
        self.last = row.seq
        kind = wrong(self.digest, row)
        if kind is not None:
            self._fault(kind, row.seq)
        self.digest = row.digest if isinstance(row.digest, str) else ""
        if self.digest == self.expected:
            self.expected_at = row.seq

    def end(self, heads: list[Any] | Any) -> None:
        """The end of the log against the end written down, and what was expected."""
        head = heads[0] if len(heads) == 1 else None
        if head is None or not isinstance(head.seq, int) or head.data_seq > head.seq:
            self._fault("head", self.last)
        elif head.seq > self.last:
            self._fault("cut", self.last + 1)
        elif head.seq < self.last:
            self._fault("beyond", head.seq + 1)
        elif head.digest != self.digest:
            self._fault("head", self.last)
        if self.expected is not None and self.expected_at is None:
            self._fault("unexpected", self.last)

    def _fault(self, kind: str, seq: int) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, seq))
        else:
            self.more += 1


def wrong(previous: str, row: Row[Any] | SimpleNamespace) -> str | None:
    """What is wrong with an entry that follows the digest `previous` (a key of WORDS), None when nothing is."""
    entry = read_entry(row)
    if entry is None:
        return "unreadable"
    return None if _digest(previous, entry) == row.digest else "edited"


def read_entry(row: Row[Any] | SimpleNamespace) -> Entry | None:
    """The entry of a row, None when its text is not exactly what the service writes."""
    try:
        subjects, detail = json.loads(row.subjects), json.loads(row.detail)
        exact = (
            json.dumps(subjects) == row.subjects
            and json.dumps(detail, ensure_ascii=False, sort_keys=True) == row.detail
        )
    except (TypeError, ValueError, RecursionError):
        return None
    if not (exact and isinstance(subjects, list) and isinstance(detail, dict)):
        return None
    return Entry(row.seq, row.at, row.actor, row.org_id, row.action, row.object, subjects, detail)


def _digest(previous: str, entry: Entry) -> str:
    try:
        return digest_of(previous, entry)
    except (TypeError, ValueError):  # bytes where text was, half a character
        return ""


@contextmanager
def _raw_text(connection: Connection) -> Iterator[None]:
    """SQLite gives text that is no UTF-8 with marks in it rather than stopping the walk; PostgreSQL holds none."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    before = driver.text_factory
    driver.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = before
