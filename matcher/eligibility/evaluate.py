"""One pack applied to many people on one day: outcome, grounds, what to ask, what to bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility.facts import NO, UNKNOWN, YES, Facts, Levels
from matcher.eligibility.kleene import IMPOSSIBLE, NOTHING, Masks, Reading
from matcher.eligibility.proof import Proofs
from matcher.errors import UsageError
from matcher.locale import _
from matcher.rules.model import Category, Counting, RulePack, facts_read
from matcher.rules.vocabulary import fact_table

NOT_ELIGIBLE, TO_VERIFY, ELIGIBLE = np.int8(0), np.int8(1), np.int8(2)
OUTCOMES = ("not_eligible", "to_verify", "eligible")
MISSING_PROOF, STALE_PROOF, SEEN_PROOF = np.int8(0), np.int8(1), np.int8(2)
PROOFS = ("missing", "stale", "seen")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The decisions of one pack for all people of `facts`, as arrays of their length.

    `levels[c, n]`: category c of `codes` for person n, 0 no, 1 unknown, 2 yes.  `outcome`: index in OUTCOMES.
    What only descriptions need (proof, requests, assumptions) is worked out when first asked for.
    """

    pack: RulePack
    categories: tuple[Category, ...]
    mode: str | None
    on: date
    levels: Levels
    outcome: Levels
    unproved: NDArray[np.bool_]
    warnings: tuple[str, ...]
    _reading: Reading
    _rule: _Rule

    @property
    def facts(self) -> Facts:
        """The people decided upon."""
        return self._reading.facts

    @property
    def reading(self) -> Reading:
        """How the conditions were read, to ask more of it."""
        return self._reading

    @property
    def codes(self) -> tuple[str, ...]:
        """The categories considered, in the pack's order."""
        return tuple(category.code for category in self.categories)

    @property
    def truth(self) -> Levels:
        """`levels` in the usual encoding: 1 true, 0 false, -1 unknown."""
        return np.array([0, -1, 1], dtype=np.int8)[self.levels]

    @property
    def proof(self) -> Levels:
        """The state of proof: index in PROOFS."""
        return self._proved[0]

    @property
    def documents(self) -> Masks:
        """What is still to bring, for people who meet the rules: bit mask over the pack's proofs."""
        return self._proved[1]

    @property
    def missing(self) -> Masks:
        """The facts worth asking for where the outcome is open: bit mask over facts."""
        return self._requests[0]

    @property
    def first(self) -> Masks:
        """Of these, the least intrusive request that could settle eligibility: bit mask over facts."""
        return self._requests[1]

    @cached_property
    def assumed(self) -> Masks:
        """The empty cells that were read as no and that these categories read: bit mask over facts."""
        read = frozenset[str]().union(*(facts_read(category.condition) for category in self.categories))
        mask = np.zeros(len(self.facts), dtype=np.uint32)
        for fact in fact_table().facts:
            if fact.name in self._reading.assumed and fact.name in read:
                mask |= np.where(self.facts.empty(fact.name), np.uint32(1 << fact.bit), NOTHING)
        return mask

    @cached_property
    def _proved(self) -> tuple[Levels, Masks]:
        return _prove(self.pack, self._rule, self._reading)

    @cached_property
    def _requests(self) -> tuple[Masks, Masks]:
        open_ = (self.outcome == TO_VERIFY) & ~self.unproved
        if not open_.any():
            nothing = np.full(len(open_), NOTHING)
            return nothing, nothing
        asks = np.stack([self._reading.asks(category.condition) for category in self.categories])
        missing, first = self._rule.requests(self.levels, asks)
        return np.where(open_, missing, NOTHING), np.where(open_, first, NOTHING)


def evaluate(
    facts: Facts,
    pack: RulePack,
    *,
    on: date,
    mode: str | None = None,
    categories: Iterable[str] | None = None,
    assume_no: Iterable[str] = (),
    require_proof: bool = False,
) -> Evaluation:
    """Apply `pack` to everyone of `facts` on the day `on` (take rows first for a part: `facts.take(rows)`, and one
    reading for several packs: `evaluated`).

    `mode` matters only to packs that count criteria. `categories` restricts the pack to some of its codes.
    `assume_no` names columns whose empty cells mean no. With `require_proof`, eligible without proof seen
    becomes to verify. Raises UsageError: mode missing or unknown, unknown category, column not assumable.
    """
    reading = Reading(facts, np.datetime64(_plain(on), "D"), check_assume_no(assume_no))
    return evaluated(reading, pack, on=on, mode=mode, categories=categories, require_proof=require_proof)


def evaluated(
    reading: Reading,
    pack: RulePack,
    *,
    on: date,
    mode: str | None = None,
    categories: Iterable[str] | None = None,
    require_proof: bool = False,
) -> Evaluation:
    """`evaluate` of people already read on the day `on`: what several packs ask is answered once."""
    day = _plain(on)
    rule = _rule(pack, mode, categories)
    levels, outcome, unproved = _decide(pack, rule, reading, require_proof)
    warnings = _warnings(pack, day)
    return Evaluation(pack, rule.categories, rule.mode, day, levels, outcome, unproved, warnings, reading, rule)


def outcomes_on(
    reading: Reading,
    pack: RulePack,
    *,
    mode: str | None = None,
    categories: Iterable[str] | None = None,
    require_proof: bool = False,
) -> Levels:
    """The outcome alone, of people each read on a day of their own (or all on the same one)."""
    _levels, outcome, _unproved = _decide(pack, _rule(pack, mode, categories), reading, require_proof)
    return outcome


def _rule(pack: RulePack, mode: str | None, categories: Iterable[str] | None) -> _Rule:
    return _Rule(choose_categories(pack, categories), pack.counting, _check_mode(pack, mode))


def _decide(
    pack: RulePack, rule: _Rule, reading: Reading, require_proof: bool
) -> tuple[Levels, Levels, NDArray[np.bool_]]:
    """Levels of the categories, outcomes, and who is only to verify for want of proof."""
    levels = np.stack([reading.levels(category.condition) for category in rule.categories])
    outcome = rule.outcome(levels)
    unproved = np.zeros(len(reading.facts), dtype=bool)
    if require_proof:
        unproved = (outcome == ELIGIBLE) & (_prove(pack, rule, reading)[0] != SEEN_PROOF)
        outcome = np.where(unproved, TO_VERIFY, outcome)
    return levels, outcome, unproved


def choose_categories(pack: RulePack, categories: Iterable[str] | None) -> tuple[Category, ...]:
    """The pack's categories, or those named (any case), in the pack's order. None or nothing named: all.

    `categories` may be a list or the text of a cell (`deld|senior`).
    """
    if isinstance(categories, str):
        categories = categories.replace(",", "|").split("|")
    named = {name.strip().casefold(): name for name in categories or () if name.strip()}
    if not named:
        return pack.categories
    unknown = [name for key, name in named.items() if key not in {code.casefold() for code in pack.codes}]
    if unknown:
        raise UsageError(
            _("Catégorie inconnue dans les règles {rules} : {names}.").format(
                rules=pack.id, names=", ".join(unknown)
            ),
            _("Choisir parmi {codes}.").format(codes=", ".join(pack.codes)),
        )
    return tuple(category for category in pack.categories if category.code.casefold() in named)


def check_assume_no(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns of --assume-no, checked: three-valued, lists and pass_iae_until only."""
    if isinstance(columns, str):
        columns = columns.split(",")
    names = tuple(dict.fromkeys(name.strip() for name in columns if name.strip()))
    allowed = fact_table().assumable
    unknown = [name for name in names if name not in allowed]
    if unknown:
        raise UsageError(
            _("--assume-no ne peut pas porter sur : {names}.").format(names=", ".join(unknown)),
            _("Colonnes permises : {columns}.").format(columns=", ".join(allowed)),
        )
    return names


def _plain(on: date) -> date:
    return date(on.year, on.month, on.day)  # a datetime or Timestamp is a date too


def _check_mode(pack: RulePack, mode: str | None) -> str | None:
    if pack.counting is None:
        return mode
    known = {word.upper(): word for word in pack.counting.modes}
    if mode is None or mode.upper() not in known:
        found = (
            _("Les règles {rules} demandent un mode.")
            if mode is None
            else _("Le mode « {mode} » n'est pas prévu par les règles {rules}.")
        )
        raise UsageError(
            found.format(rules=pack.id, mode=mode),
            _("Donner --mode avec {modes}.").format(modes=", ".join(pack.counting.modes)),
        )
    return known[mode.upper()]


def _warnings(pack: RulePack, on: date) -> tuple[str, ...]:
    if pack.in_force(on):
        return ()
    if pack.valid_to is None or on < pack.valid_from:
        when = _("en vigueur à partir du {start}").format(start=pack.valid_from.isoformat())
    else:
        when = _("en vigueur du {start} au {end}").format(
            start=pack.valid_from.isoformat(), end=pack.valid_to.isoformat()
        )
    return (
        _("Règles {rules} appliquées hors de leurs dates ({when}) au {on}.").format(
            rules=pack.name, when=when, on=on.isoformat()
        ),
    )


def _prove(pack: RulePack, rule: _Rule, reading: Reading) -> tuple[Levels, Masks]:
    """The state of proof, and the documents still to bring by those who are eligible (0 for the others).

    Where proof is stale, the documents are those that renew what was seen, not another ground's.
    """
    conditions = [category.condition for category in rule.categories]
    fresh, ever = Proofs(pack, reading, fresh=True), Proofs(pack, reading, fresh=False)
    lacking = [fresh.lacking(node) for node in conditions]
    never_seen = [ever.lacking(node) for node in conditions]
    documents = rule.cheapest(lacking)
    stale = (rule.cheapest(never_seen) == NOTHING) & (documents != NOTHING)
    renewed = rule.cheapest(
        [np.where(unseen == NOTHING, mask, IMPOSSIBLE) for mask, unseen in zip(lacking, never_seen, strict=True)]
    )
    documents = np.where(stale, renewed, documents)
    proof = np.where(documents == NOTHING, SEEN_PROOF, np.where(stale, STALE_PROOF, MISSING_PROOF))
    return proof.astype(np.int8), np.where(documents == IMPOSSIBLE, NOTHING, documents)


class _Rule:
    """How categories make an outcome: one suffices; where criteria count, so do `needed` of level 2."""

    def __init__(self, categories: tuple[Category, ...], counting: Counting | None, mode: str | None) -> None:
        self.categories = categories
        self.mode = mode
        self.needed = 0 if counting is None or mode is None else counting.number(mode)
        self._single = [rank for rank, row in enumerate(categories) if row.level < 2]
        self._counted = [rank for rank, row in enumerate(categories) if row.level == 2]
        place = {row.code: rank for rank, row in enumerate(categories)}
        groups = counting.once if counting else ()
        self._once = [[place[code] for code in group if code in place] for group in groups]

    def outcome(self, levels: Levels) -> Levels:
        """NOT_ELIGIBLE, TO_VERIFY or ELIGIBLE; the levels of categories have the same three numbers."""
        best = np.zeros(levels.shape[1], dtype=np.int8)
        for rank in self._single:
            np.maximum(best, levels[rank], out=best)
        if self._counted:
            known = self._count(levels, YES)
            best = np.where(known >= self.needed, ELIGIBLE, best)
            hoped = known + self._possible(levels == UNKNOWN)
            best = np.where((best == NO) & (hoped >= self.needed), TO_VERIFY, best)
        return best

    def _count(self, levels: Levels, level: np.int8) -> Levels:
        return np.asarray((levels[self._counted] == level).sum(axis=0, dtype=np.int8))

    def _possible(self, undecided: NDArray[np.bool_]) -> Levels:
        """How many level-2 criteria could still be true together, among those marked undecided."""
        count = undecided[self._counted].sum(axis=0, dtype=np.int8)
        for group in self._once:
            if group:
                count -= np.maximum(undecided[group].sum(axis=0, dtype=np.int8) - np.int8(1), np.int8(0))
        return np.asarray(count, dtype=np.int8)

    def requests(self, levels: Levels, asks: Masks) -> tuple[Masks, Masks]:
        """All facts worth asking for, and the least intrusive request that could settle eligibility.

        Facts of a more intrusive tier are left out wherever a request within the milder tiers would do.
        """
        missing = np.full(levels.shape[1], NOTHING)
        first = np.full(levels.shape[1], IMPOSSIBLE)
        lacking = self.needed - self._count(levels, YES) if self._counted else None
        for limit in fact_table().limits():
            mild = asks < np.uint32(limit)
            wanted = reduce(
                np.bitwise_or,
                [np.where(mild[rank], asks[rank], NOTHING) for rank in self._single],
                np.full(levels.shape[1], NOTHING),
            )
            least = reduce(np.minimum, [asks[rank] for rank in self._single], np.full(levels.shape[1], IMPOSSIBLE))
            least = np.where(least < np.uint32(limit), least, IMPOSSIBLE)
            if lacking is not None:
                reached = self._possible(mild) >= lacking
                together = self._union(np.where(mild, asks, NOTHING))
                wanted |= np.where(reached, together, NOTHING)
                least = np.minimum(least, np.where(reached, together, IMPOSSIBLE))
            still = missing == NOTHING
            missing = np.where(still, wanted, missing)
            first = np.where(still, least, first)
        return missing, np.where(first == IMPOSSIBLE, NOTHING, first)

    def _union(self, masks: Masks) -> Masks:
        return reduce(np.bitwise_or, [masks[rank] for rank in self._counted])

    def cheapest(self, masks: list[Masks]) -> Masks:
        """The smallest set of documents that proves enough true categories; IMPOSSIBLE when none is true."""
        best = reduce(np.minimum, [masks[rank] for rank in self._single], np.full(len(masks[0]), IMPOSSIBLE))
        if not self._counted:
            return best
        rows = np.flatnonzero(best != NOTHING)
        counted = np.sort(np.stack([masks[rank][rows] for rank in self._counted]), axis=0)
        if self.needed > len(counted):
            return best
        together = reduce(np.bitwise_or, counted[: self.needed])
        enough = counted[self.needed - 1] != IMPOSSIBLE
        best[rows] = np.minimum(best[rows], np.where(enough, together, IMPOSSIBLE))
        return best
