"""Decisions in words: the contract's columns, each text built once per distinct case and spread over the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.eligibility.evaluate import (
    ELIGIBLE,
    NOT_ELIGIBLE,
    OUTCOMES,
    PROOFS,
    SEEN_PROOF,
    STALE_PROOF,
    Evaluation,
)
from matcher.eligibility.facts import NO, UNKNOWN, YES, Levels
from matcher.locale import _
from matcher.rules.vocabulary import fact_table

EVIDENCE = "evidence"
Keys = NDArray[np.int64]
Said = tuple[NDArray[Any], Sequence[str]]
"""For each row the number of its text, and the distinct texts."""


def describe(
    evaluation: Evaluation, rows: NDArray[Any] | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The decisions of some rows (all when None), as text; empty is "".

    `columns` picks among those of DESCRIBED, in that order (all when None); what is not asked is not worked out.
    For the few rows of a question, `texts` is much quicker.
    """
    picked = np.arange(len(evaluation.facts)) if rows is None else np.arange(len(evaluation.facts))[rows]
    found: dict[str, Any] = {}
    for name in columns or DESCRIBED:
        if name == ID:
            found[name] = evaluation.facts.ids.take(picked).reset_index(drop=True)
        else:
            ranks, words = _SAID[name](evaluation, picked)
            found[name] = pd.array(list(words), dtype="str").take(ranks)
    return pd.DataFrame(found)


def texts(evaluation: Evaluation, rows: NDArray[np.intp], columns: Sequence[str]) -> dict[str, list[str]]:
    """The same as plain texts; any column but `candidate_id`."""
    said = {name: _SAID[name](evaluation, rows) for name in columns}
    return {name: [words[rank] for rank in ranks.tolist()] for name, (ranks, words) in said.items()}


def outcome(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The decision of each row: one of OUTCOMES."""
    return evaluation.outcome[rows], OUTCOMES


def categories(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The true categories of each row, in the pack's order."""
    return _listed(evaluation, rows, YES)


def possible(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The undecided categories of each row, in the pack's order."""
    return _listed(evaluation, rows, UNKNOWN)


def missing(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The columns to ask for, the least intrusive first; `evidence` where only proof is lacking."""
    names = [fact.name for fact in fact_table().facts]
    keys = evaluation.missing[rows].astype(np.int64)
    keys[evaluation.unproved[rows]] = 1 << len(names)
    return _per_case(keys, lambda key: "|".join(_named(key, [*names, EVIDENCE])))


def proof(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The state of proof of each row: one of PROOFS."""
    return evaluation.proof[rows], PROOFS


def rules(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The pack applied, `id@version`."""
    return np.zeros(len(rows), np.int8), (evaluation.pack.name,)


def on(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """The day of the decision."""
    return np.zeros(len(rows), np.int8), (evaluation.on.isoformat(),)


def next_step(evaluation: Evaluation, rows: NDArray[np.intp]) -> Said:
    """One sentence per row: what to bring, what to ask, or what remains possible; and the assumptions made."""
    outcome, unproved = evaluation.outcome[rows].astype(np.int64), evaluation.unproved[rows]
    eligible = (outcome == ELIGIBLE) | unproved
    subject = np.where(eligible, evaluation.documents[rows], evaluation.first[rows]).astype(np.int64)
    reminders = _reminders(evaluation, rows).astype(np.int64)
    case = outcome * 6 + evaluation.proof[rows] * 2 + unproved
    step, steps = _cases(subject << 8 | case << 3 | reminders)
    assumed, assumptions = _cases(evaluation.assumed[rows].astype(np.int64))
    phrases = [_sentence(evaluation, int(key)) for key in steps]
    notes = [_hypothesis(int(key)) for key in assumptions]
    both = step.astype(np.int64) * len(notes) + assumed
    return _per_case(both, lambda key: f"{phrases[key // len(notes)]} {notes[key % len(notes)]}".strip())


def _sentence(evaluation: Evaluation, key: int) -> str:
    subject, case, reminders = key >> 8, key >> 3 & 31, key & 7
    outcome, proof, unproved = case // 6, case % 6 // 2, case % 2
    if outcome == ELIGIBLE or unproved:
        return _eligible_sentence(evaluation, subject, proof, bool(unproved))
    doors = [door for rank, door in enumerate(_doors(evaluation)) if reminders >> rank & 1]
    if outcome == NOT_ELIGIBLE:
        if not doors:
            return _("Non éligible à ces règles d'après les faits connus : regarder un autre dispositif.")
        return _("Non éligible d'après les faits connus : {doors}.").format(doors=_("; ").join(map(_, doors)))
    asked = _enumerate([_(label) for label in _named(subject, [fact.label for fact in fact_table().facts])])
    if doors:
        return _("À vérifier : demander {facts} ; ou bien {doors}.").format(
            facts=asked, doors=_("; ").join(map(_, doors))
        )
    return _("À vérifier : demander {facts}.").format(facts=asked)


def _eligible_sentence(evaluation: Evaluation, documents: int, proof: int, unproved: bool) -> str:
    if proof == SEEN_PROOF:
        return _("Éligible : les justificatifs vus suffisent.")
    names = _enumerate([_(label) for label in _named(documents, [row.label for row in evaluation.pack.proofs])])
    if unproved and proof == STALE_PROOF:
        return _("À vérifier : le justificatif vu n'est plus valable, en apporter un récent ({documents}).").format(
            documents=names
        )
    if unproved:
        return _("À vérifier : il manque le justificatif, apporter {documents}.").format(documents=names)
    if proof == STALE_PROOF:
        return _("Éligible : le justificatif vu n'est plus valable, en apporter un récent ({documents}).").format(
            documents=names
        )
    return _("Éligible : apporter {documents}.").format(documents=names)


def _hypothesis(mask: int) -> str:
    if not mask:
        return ""
    labels = _named(mask, [fact.label for fact in fact_table().facts])
    names = _named(mask, [fact.name for fact in fact_table().facts])
    told = _enumerate([f"{_(label)} ({name})" for label, name in zip(labels, names, strict=True)])
    return _("Hypothèse : case vide lue comme « non » pour {facts}.").format(facts=told)


def _doors(evaluation: Evaluation) -> list[str]:
    return [row.reminder for row in evaluation.categories if row.reminder][:3]


def _reminders(evaluation: Evaluation, rows: NDArray[np.intp]) -> Levels:
    """For each row, a bit per door still closed: what a partner may yet do."""
    ranks = [rank for rank, row in enumerate(evaluation.categories) if row.reminder][:3]
    flags = np.zeros(len(rows), dtype=np.int8)
    for bit, rank in enumerate(ranks):
        flags |= (evaluation.levels[rank, rows] == NO).astype(np.int8) << np.int8(bit)
    return flags


def _listed(evaluation: Evaluation, rows: NDArray[np.intp], level: np.int8) -> Said:
    keys = np.zeros(len(rows), dtype=np.int64)
    for rank, levels in enumerate(evaluation.levels):
        keys |= (levels[rows] == level).astype(np.int64) << rank
    codes = evaluation.codes
    return _per_case(keys, lambda key: "|".join(_named(key, codes)))


def _named(mask: int, names: Sequence[str]) -> list[str]:
    return [name for bit, name in enumerate(names) if mask >> bit & 1]


def _enumerate(names: list[str]) -> str:
    """`a`, `a et b`, `a, b et c`."""
    if len(names) < 2:
        return "".join(names)
    return _("{first} et {last}").format(first=", ".join(names[:-1]), last=names[-1])


def _cases(keys: Keys) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    ranks, distinct = pd.factorize(keys)
    return ranks, np.asarray(distinct, dtype=np.int64)


def _per_case(keys: Keys, text: Callable[[int], str]) -> Said:
    ranks, distinct = _cases(keys)
    return ranks, [text(key) for key in distinct.tolist()]


_SAID: Mapping[str, Callable[[Evaluation, NDArray[np.intp]], Said]] = {
    column.__name__: column for column in (outcome, categories, possible, missing, next_step, proof, rules, on)
}
ID = "candidate_id"
DESCRIBED = (ID, *_SAID)
"""Every column of a decision, in the contract's order."""
