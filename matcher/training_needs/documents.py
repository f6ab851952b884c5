"""People whom a paper that ran out keeps away: what the rules would say had it been renewed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.clause import DecisionOptions, Decisions, RuleSet
from matcher.eligibility import facts
from matcher.eligibility.evaluate import ELIGIBLE, SEEN_PROOF, STALE_PROOF
from matcher.engine import Engine
from matcher.resolve.cells import Bools
from matcher.training_needs.needs import DIAGNOSIS, DISABILITY, OPINION, PASS_IAE
from matcher.vocabulary import NEVER, PERMANENT, Outcome

# The column that renewing sets, in the order in which papers are tried: one that a person holds comes before an
# assessment that somebody would have to make again.
RENEWED: Mapping[str, str] = {
    DISABILITY: "disability_until",
    PASS_IAE: "pass_iae_until",
    DIAGNOSIS: "iae_diagnosis_on",
    OPINION: "adviser_opinion_on",
}
NO_PROOF, OLD_PROOF, PROVED = -1, 0, 1


class Papers:
    """What papers say of the people of an engine: what renewing one would change, whose proof is too old."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[RuleSet, Mapping[str, Bools]] = {}
        self._proofs: dict[RuleSet, tuple[Bools, Bools]] = {}

    def opening(self, rules: RuleSet) -> Mapping[str, Bools]:
        """For each paper, the people (n booleans) not eligible under `rules` whom they would no longer refuse if it
        were renewed. Each person is under the first paper that suffices."""
        if rules not in self._known:
            self._known[rules] = self._opening(rules)
        return self._known[rules]

    def evidence(self, rules: RuleSet) -> tuple[Bools, Bools]:
        """Among people who meet `rules`, those whose proof was seen but is too old, and those of whom none was seen
        (n booleans each)."""
        if rules not in self._proofs:
            self._proofs[rules] = _evidence(self._engine, rules)
        return self._proofs[rules]

    def _opening(self, rules: RuleSet) -> Mapping[str, Bools]:
        refused = self._engine.decisions.outcome(rules) == int(Outcome.NOT_ELIGIBLE)
        found: dict[str, Bools] = {}
        for paper, (rows, decisions) in self._renewed.items():
            opened = np.zeros(len(refused), bool)
            opened[rows] = refused[rows] & (decisions.outcome(rules) != int(Outcome.NOT_ELIGIBLE))
            found[paper] = opened
            refused = refused & ~opened
        return found

    @cached_property
    def _renewed(self) -> Mapping[str, tuple[np.ndarray[Any, np.dtype[np.int64]], Decisions]]:
        """For each paper the rows that held one which ran out, and their decisions with it renewed."""
        options = self._engine.options
        chosen = DecisionOptions(options.on, options.rules, options.assume_no, options.require_proof)
        found = {}
        for paper, column in RENEWED.items():
            rows = np.flatnonzero(_ran_out(self._engine.candidates, paper, self._engine.day))
            table = self._engine.candidates.iloc[rows].reset_index(drop=True)
            value = PERMANENT if paper == DISABILITY else self._engine.day
            table = table.assign(**{column: np.full(len(rows), value).astype("datetime64[s]")})
            found[paper] = rows, Decisions(facts(table), chosen)
        return found


def _ran_out(table: pd.DataFrame, paper: str, on: np.datetime64) -> Bools:
    """Where a person held this paper, and its day is past."""
    day = table[RENEWED[paper]].to_numpy("datetime64[D]")
    past: Bools = (day < on) & (day > NEVER)
    if paper == DISABILITY:
        past &= table["disability"].to_numpy(bool, na_value=False)
    if paper == OPINION:
        past &= table["adviser_opinion_by"].notna().to_numpy(bool)
    return past


def _evidence(engine: Engine, rules: RuleSet) -> tuple[Bools, Bools]:
    best = np.full(len(engine.people), NO_PROOF)
    met = np.zeros(len(engine.people), bool)
    for evaluation in engine.decisions.evaluations(rules):
        here = (evaluation.outcome == ELIGIBLE) | evaluation.unproved
        proof = np.select(
            [evaluation.proof == SEEN_PROOF, evaluation.proof == STALE_PROOF], [PROVED, OLD_PROOF], NO_PROOF
        )
        best = np.where(here, np.maximum(best, proof), best)
        met |= here
    return met & (best == OLD_PROOF), met & (best == NO_PROOF)
