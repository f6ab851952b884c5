"""Which true categories are proved by documents seen, and which documents are lacking."""

from __future__ import annotations

from functools import reduce

import numpy as np

from matcher.eligibility.dates import latest_start
from matcher.eligibility.facts import YES, Flags
from matcher.eligibility.kleene import IMPOSSIBLE, NOTHING, Masks, Reading
from matcher.rules.model import AllOf, AnyOf, Atom, Condition, Named, Not, Proof, RulePack


class Proofs:
    """Documents seen by `on`, under one reading. `fresh`: still good at `on`; else validity is set aside.

    A document counts once it was seen: one dated after `on` does not. Without a date, a document that has no
    end or its own end date counts, and one that is good for some months counts as stale.
    """

    def __init__(self, pack: RulePack, reading: Reading, *, fresh: bool) -> None:
        self._reading = reading
        self._fresh = fresh
        self._proofs = {proof.code: proof for proof in pack.proofs}
        self._bits = {proof.code: np.uint32(1 << rank) for rank, proof in enumerate(pack.proofs)}
        self._seen: dict[str, Flags] = {}

    def lacking(self, condition: Condition) -> Masks:
        """The smallest set of documents that a true condition still needs; IMPOSSIBLE where it is not true."""
        needed = self._needed(condition)
        return np.where(self._reading.levels(condition) == YES, needed, IMPOSSIBLE)

    def _needed(self, condition: Condition) -> Masks:
        match condition:
            case Named():
                return self.lacking(condition.child)
            case AnyOf():
                return reduce(np.minimum, [self.lacking(child) for child in condition.children])
            case AllOf():
                return reduce(np.bitwise_or, [self.lacking(child) for child in condition.children])
            case Atom() | Not():
                return self._document(condition.proofs)

    def _document(self, codes: tuple[str, ...]) -> Masks:
        """Nothing where one of the alternatives was seen, else the first of them."""
        if not codes:
            return np.full(len(self._reading.facts), NOTHING)
        seen = reduce(np.logical_or, [self._has(self._proofs[code]) for code in codes])
        return np.where(seen, NOTHING, self._bits[codes[0]])

    def _has(self, proof: Proof) -> Flags:
        if proof.code not in self._seen:
            on = self._reading.on
            first = None
            if self._fresh and proof.months is not None:  # on <= day + months
                first = latest_start(on, proof.months, strict=True) + np.timedelta64(1, "D")
            undated = not self._fresh or proof.months is None
            flags = self._reading.facts.evidence.seen(proof.code, first, on, undated=undated)
            if self._fresh and proof.until is not None:
                flags &= self._reading.facts.dates[proof.until] >= on
            self._seen[proof.code] = flags
        return self._seen[proof.code]
