"""Eligibility: rule packs × people → decisions with their legal grounds, in three-valued logic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from matcher.eligibility.dates import add_months, day_after_months
from matcher.eligibility.describe import describe, texts
from matcher.eligibility.evaluate import (
    ELIGIBLE,
    NOT_ELIGIBLE,
    OUTCOMES,
    PROOFS,
    TO_VERIFY,
    Evaluation,
    check_assume_no,
    choose_categories,
    evaluate,
    evaluated,
    outcomes_on,
)
from matcher.eligibility.facts import Facts, facts
from matcher.rules import RulePack, load_rules, rules_for_mode

DECISION_COLUMNS = (
    "candidate_id",
    "position_id",
    "outcome",
    "categories",
    "possible",
    "missing",
    "at_start",
    "next_step",
    "proof",
    "rules",
    "on",
)

__all__ = [
    "DECISION_COLUMNS",
    "ELIGIBLE",
    "NOT_ELIGIBLE",
    "OUTCOMES",
    "PROOFS",
    "TO_VERIFY",
    "Evaluation",
    "Facts",
    "add_months",
    "check_assume_no",
    "choose_categories",
    "day_after_months",
    "decide",
    "describe",
    "evaluate",
    "evaluated",
    "facts",
    "outcomes_on",
    "texts",
]


def decide(
    candidates: pd.DataFrame,
    rules: str | Path | RulePack | None = None,
    *,
    on: date,
    mode: str | None = None,
    categories: Iterable[str] | None = None,
    assume_no: Iterable[str] = (),
    require_proof: bool = False,
) -> pd.DataFrame:
    """One decision per person, with the contract's columns (`position_id` and `at_start` empty).

    `candidates`: the canonical table, as `read_candidates` gives it. `rules`: a pack, its id or its file; None
    takes the pack that `mode` calls for (`ccag-2021` without a mode). What the pack has to say (dates passed) is in
    `.attrs["warnings"]`. The other arguments are those of
    `evaluate`, whose errors this raises, with those of `load_rules`.
    """
    chosen = rules_for_mode(mode) if rules is None else rules
    pack = chosen if isinstance(chosen, RulePack) else load_rules(chosen)
    if pack.counting is None:
        rules_for_mode(mode)  # no criterion depends on it, but a mode that does not exist is a slip
    evaluation = evaluate(
        facts(candidates),
        pack,
        on=on,
        mode=mode,
        categories=categories,
        assume_no=assume_no,
        require_proof=require_proof,
    )
    decisions = describe(evaluation).assign(position_id="", at_start="")[list(DECISION_COLUMNS)]
    decisions.attrs["warnings"] = list(evaluation.warnings)
    return decisions
