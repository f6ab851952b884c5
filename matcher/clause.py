"""Which rules a position calls for, and the decisions of everybody under each distinct set of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.eligibility import OUTCOMES, Evaluation, Facts, describe, evaluate
from matcher.resolve.cells import Dates, Ints, cell_items
from matcher.rules import load_rules, rules_for_mode
from matcher.vocabulary import Mode, Outcome, Reserved

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


class Decisions:
    """Everybody's decisions under the rule sets of a run, each evaluated once per day."""

    def __init__(self, facts: Facts, options: DecisionOptions) -> None:
        self._facts = facts
        self._options = options
        self._known: dict[tuple[Rule, date], Evaluation] = {}

    def _evaluate(self, rule: Rule, facts: Facts, on: date) -> Evaluation:
        return evaluate(
            facts,
            load_rules(rule.pack),
            on=on,
            mode=rule.mode,
            categories=rule.categories,
            assume_no=self._options.assume_no,
            require_proof=self._options.require_proof,
        )

    def evaluations(self, rules: RuleSet) -> tuple[Evaluation, ...]:
        """The evaluation of each rule on the run's date."""
        on = self._options.on
        for rule in rules.rules:
            if (rule, on) not in self._known:
                self._known[rule, on] = self._evaluate(rule, self._facts, on)
        return tuple(self._known[rule, on] for rule in rules.rules)

    def outcome(self, rules: RuleSet) -> np.ndarray[Any, Any]:
        """n outcomes on the run's date: the best that any of the rules gives."""
        best: np.ndarray[Any, Any] = np.maximum.reduce([e.outcome for e in self.evaluations(rules)])
        return best

    def at_start(self, rules: RuleSet, rows: Ints, starts: Dates) -> list[str]:
        """For each of `rows` the outcome at the start of its position (NaT: not known), empty where it is that of the
        run's date."""
        now = self.outcome(rules)[rows]
        then = now.copy()
        for start in np.unique(starts[starts > np.datetime64(self._options.on, "D")]):
            where = np.flatnonzero(starts == start)
            facts, day = self._facts.take(rows[where]), start.astype(date)
            then[where] = np.maximum.reduce([self._evaluate(rule, facts, day).outcome for rule in rules.rules])
        return ["" if a == b else OUTCOMES[b] for a, b in zip(now, then, strict=True)]

    def describe(self, rules: RuleSet, rows: Ints) -> pd.DataFrame:
        """The decisions of some rows in words (columns of DECIDED). Where several rules open a position, those that
        give a person's best outcome speak, their lists joined."""
        tables = [describe(evaluation, rows)[list(DECIDED)] for evaluation in self.evaluations(rules)]
        if len(tables) == 1:
            return tables[0]
        return pd.DataFrame(
            [_merged([table.iloc[i] for table in tables]) for i in range(len(rows))], columns=list(DECIDED)
        )

    def packs(self) -> dict[str, str]:
        """The packs used, `id@version` → SHA-256 of the file."""
        found = {evaluation.pack.name: evaluation.pack.path for evaluation in self._known.values()}
        return {name: sha256(Path(path).read_bytes()).hexdigest() for name, path in sorted(found.items())}

    def warnings(self) -> tuple[str, ...]:
        """What the packs used have to say (a pack outside its dates), each once."""
        found = (text for evaluation in self._known.values() for text in evaluation.warnings)
        return tuple(dict.fromkeys(found))


def _merged(decisions: Sequence[pd.Series[Any]]) -> dict[str, str]:
    rank = {outcome.code: int(outcome) for outcome in Outcome}
    best = max(rank[decision["outcome"]] for decision in decisions)
    speaking = [decision for decision in decisions if rank[decision["outcome"]] == best]
    merged = {name: str(speaking[0][name]) for name in DECIDED}
    for name in _JOINED:
        items = [item for decision in speaking for item in str(decision[name]).split("|") if item]
        merged[name] = "|".join(dict.fromkeys(items))
    return merged
