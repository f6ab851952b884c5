"""Which rules a position calls for, and the decisions of everybody under each distinct set of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from matcher.eligibility import OUTCOMES, Evaluation, Facts, check_assume_no, evaluated, outcomes_on, texts
from matcher.eligibility.dates import Days
from matcher.eligibility.kleene import Reading
from matcher.resolve.cells import Dates, Ints, cell_items
from matcher.rules import RulePack, load_rules, rules_for_mode
from matcher.vocabulary import Mode, Outcome, Reserved

Outcomes = np.ndarray[Any, np.dtype[np.int8]]

# Who may enter a contract reserved to SIAE when its notice does not say which kind: an EI asks for the most criteria.
RESERVED_MODE = Mode.EI
IAE = "iae-2021"
BOETH = "boeth"
DECIDED = ("outcome", "categories", "possible", "missing", "next_step", "proof", "rules")
_JOINED = ("categories", "possible", "missing", "rules")


@dataclass(frozen=True)
class Rule:
    """One pack with its mode and, perhaps, a restriction to some of its categories."""

    pack: str
    mode: str | None = None
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True)
class RuleSet:
    """The rules that open a position: any one of them suffices."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Asked:
    """Under which rules each of some pairs is decided: distinct rule sets, and the number of each pair's."""

    sets: tuple[RuleSet, ...]
    which: Ints

    @classmethod
    def of(cls, rule_sets: Sequence[RuleSet], positions: Ints) -> Asked:
        """For pairs of some positions (their numbers), where each position has its rule set."""
        places, of_pair = np.unique(positions, return_inverse=True)
        numbers: dict[RuleSet, int] = {}
        of_place = [numbers.setdefault(rule_sets[place], len(numbers)) for place in places.tolist()]
        return cls(tuple(numbers), np.array(of_place, np.int64)[of_pair])


@dataclass(frozen=True)
class DecisionOptions:
    """How decisions are taken, for a whole run."""

    on: date
    rules: str | None = None
    assume_no: tuple[str, ...] = ()
    require_proof: bool = False


def rule_set(position: Any, default: str | None) -> RuleSet:
    """The rules of one position row: its own pack, else by mode, else `default`, else `ccag-2021`.

    A contract reserved to SIAE takes `iae-2021`, one reserved to EA and ESAT the `boeth` category alone; when the
    notice does not say which, either opens the position.
    """
    mode = position.mode if isinstance(position.mode, str) else str(Mode.DIRECT)
    named = position.rules if isinstance(position.rules, str) else None
    categories = tuple(cell_items(position.categories)) if isinstance(position.categories, str) else None
    pack = named or (rules_for_mode(mode) if mode != Mode.DIRECT else default or rules_for_mode(mode))
    clause = named or default or rules_for_mode(str(Mode.DIRECT))
    usual = Rule(pack, mode, categories or None)
    insertion = Rule(IAE, mode if mode not in (Mode.DIRECT, Mode.GEIQ) else str(RESERVED_MODE))
    handicap = Rule(_with_boeth(clause), mode, (BOETH,))
    reserved = position.reserved if isinstance(position.reserved, str) else None
    by_kind: dict[str, tuple[Rule, ...]] = {
        Reserved.INSERTION: (insertion,),
        Reserved.HANDICAP: (handicap,),
        Reserved.UNSPECIFIED: (insertion, handicap),
    }
    return RuleSet(by_kind.get(reserved or "", (usual,)))


def _with_boeth(pack: str) -> str:
    """The pack itself when it has the category, else the contract's usual one (`npnru` knows of no disability)."""
    return pack if BOETH in load_rules(pack).codes else rules_for_mode(str(Mode.DIRECT))


def pack_names(rules: RuleSet) -> tuple[str, ...]:
    """The packs of a rule set, `id@version` each."""
    return tuple(load_rules(rule.pack).name for rule in rules.rules)


class Decisions:
    """Everybody's decisions under the rule sets of a run: outcomes kept, words made for the rows asked."""

    def __init__(self, facts: Facts, options: DecisionOptions) -> None:
        self._facts = facts
        self._options = options
        self._packs: dict[str, RulePack] = {}
        self._warnings: dict[str, None] = {}
        self._outcomes: dict[Rule, Outcomes] = {}

    def _evaluate(self, rule: Rule, reading: Reading) -> Evaluation:
        """One rule on the run's date."""
        found = evaluated(reading, load_rules(rule.pack), on=self._options.on, **self._how(rule))
        self._packs[found.pack.name] = found.pack
        self._warnings |= dict.fromkeys(found.warnings)
        return found

    def facts_of(self, row: int) -> Facts:
        """What one person says, as these decisions read it."""
        return self._facts.take(np.array([row]))

    def _how(self, rule: Rule) -> dict[str, Any]:
        return {
            "mode": rule.mode,
            "categories": rule.categories,
            "require_proof": self._options.require_proof,
        }

    def _read(self, facts: Facts, on: Days | None = None) -> Reading:
        """The answers of some people, each on a day of their own, else on the run's date."""
        day = np.datetime64(self._options.on, "D") if on is None else on
        return Reading(facts, day, check_assume_no(self._options.assume_no))

    def evaluations(self, rules: RuleSet) -> tuple[Evaluation, ...]:
        """The evaluation of each rule for everybody on the run's date, with its grounds; not kept."""
        return tuple(self._evaluate(rule, self._read(self._facts)) for rule in rules.rules)

    def outcome(self, rules: RuleSet) -> Outcomes:
        """n outcomes on the run's date: the best that any of the rules gives."""
        best: Outcomes = np.maximum.reduce([self._outcomes_of(rule) for rule in rules.rules])
        return best

    def _outcomes_of(self, rule: Rule) -> Outcomes:
        if rule not in self._outcomes:
            self._outcomes[rule] = self._evaluate(rule, self._read(self._facts)).outcome
        return self._outcomes[rule]

    def outcome_of(self, rules: RuleSet, row: int) -> Outcome:
        """The outcome of one person on the run's date."""
        return Outcome(max(int(self._outcomes_of(rule)[row]) for rule in rules.rules))

    def at_start(self, asked: Asked, rows: Ints, starts: Dates) -> list[str]:
        """For each of `rows` the outcome at the start of its position (NaT: not known), empty where it is that of the
        run's date."""
        now = np.empty(len(rows), np.int8)
        for number, rules in enumerate(asked.sets):
            mine = asked.which == number
            now[mine] = self.outcome(rules)[rows[mine]]
        then = now.copy()
        later = np.flatnonzero(starts > np.datetime64(self._options.on, "D"))
        if len(later):
            reading = self._read(self._facts.take(rows[later]), starts[later])
            outcomes = np.stack([self._best(reading, rules) for rules in asked.sets])
            then[later] = outcomes[asked.which[later], np.arange(len(later))]
        return ["" if a == b else OUTCOMES[b] for a, b in zip(now.tolist(), then.tolist(), strict=True)]

    def _best(self, reading: Reading, rules: RuleSet) -> Outcomes:
        best: Outcomes = np.maximum.reduce(
            [outcomes_on(reading, load_rules(rule.pack), **self._how(rule)) for rule in rules.rules]
        )
        return best

    def describe(self, asked: Asked, rows: Ints, columns: Sequence[str] = DECIDED) -> dict[str, list[str]]:
        """The decisions of some rows in words (columns among DECIDED, `outcome` first). Where several rules open a
        position, those that give a person's best outcome speak, their lists joined."""
        people, of_row = np.unique(rows, return_inverse=True)
        reading = self._read(self._facts.take(people))
        found = {name: np.empty(len(rows), object) for name in columns}
        for number, rules in enumerate(asked.sets):
            mine = np.flatnonzero(asked.which == number)
            said = [texts(self._evaluate(rule, reading), of_row[mine], columns) for rule in rules.rules]
            for name, words in (said[0] if len(said) == 1 else _merged(said)).items():
                found[name][mine] = words
        return {name: words.tolist() for name, words in found.items()}

    def packs(self) -> dict[str, str]:
        """The packs used, `id@version` → SHA-256 of the file."""
        return {name: sha256(Path(pack.path).read_bytes()).hexdigest() for name, pack in sorted(self._packs.items())}

    def warnings(self) -> tuple[str, ...]:
        """What the packs used have to say (a pack outside its dates), each once."""
        return tuple(self._warnings)


def _merged(said: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    """People's decisions under several rules: for each those with the best outcome, their lists joined."""
    lines = [[dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)] for table in said]
    merged = [_merged_line(decisions) for decisions in zip(*lines, strict=True)]
    return {name: [line[name] for line in merged] for name in said[0]}


def _merged_line(decisions: Sequence[Mapping[str, str]]) -> dict[str, str]:
    rank = {outcome.code: int(outcome) for outcome in Outcome}
    best = max(rank[decision["outcome"]] for decision in decisions)
    speaking = [decision for decision in decisions if rank[decision["outcome"]] == best]
    merged = dict(speaking[0])
    for name in merged.keys() & set(_JOINED):
        items = [item for decision in speaking for item in decision[name].split("|") if item]
        merged[name] = "|".join(dict.fromkeys(items))
    return merged
