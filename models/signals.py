"""Outcomes → what each proposal says: how far the person got, and whether they were turned down for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.engine import Engine
from matcher.features import FEATURES, Levels
from matcher.locale import N_, _
from matcher.tables import rejected_table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

GATES = ("accepted", "interviewed", "hired", "kept_3_months")
_PASSED = {"shortlisted": 1, "interviewed": 2, "hired": 3, "kept_3_months": 4}
PERSON = "person_"
NOT_PERSON = ("position_", "other_")
INTERVIEWED = 2

UNKNOWN_PERSON = N_("personne inconnue du fichier des personnes ; vérifier l'identifiant")
UNKNOWN_POSITION = N_("poste inconnu du fichier des postes ; vérifier l'identifiant")
FUTURE = N_("date après le jour du calcul ; vérifier la date, ou donner --on")
BACKWARDS = N_("décidée avant d'être proposée ; vérifier les deux dates")
REFUSED_YET_HIRED = N_("refusée, et pourtant embauchée ; corriger la décision ou l'étape")
TWICE = N_("la même personne, sur le même poste, a deux suites qui se contredisent le même jour ; n'en garder qu'une")
CONTRADICTIONS = (BACKWARDS, REFUSED_YET_HIRED, TWICE)


@dataclass(frozen=True)
class Checked:
    """The outcomes that can be used, in the order of `proposal_id`, and the others with the reason.

    `rejected` has the columns of every table of rejected rows; `contradictory` counts those that contradict
    themselves.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    contradictory: int
    remarks: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Rows given, usable or not."""
        return len(self.table) + len(self.rejected)


def check_outcomes(
    outcomes: pd.DataFrame,
    candidates: pd.DataFrame,
    positions: pd.DataFrame,
    on: date,
    *,
    file: str = "outcomes",
    rows: npt.NDArray[Any] | None = None,
) -> Checked:
    """Set aside what cannot be used: unknown identifiers, dates after `on`, rows that contradict themselves.

    Of several proposals of one person for one position, the latest counts. `rows` gives the number of each line in
    `file`. The result does not depend on the order of the lines.
    """
    numbers = np.arange(2, len(outcomes) + 2) if rows is None else np.asarray(rows)
    problems = dict(_problems(outcomes, candidates, positions, pd.Timestamp(on)))
    outcomes = outcomes.reset_index(drop=True)
    sound = np.ones(len(outcomes), bool)
    sound[list(problems)] = False
    usable = outcomes.loc[sound]
    kept, twice = _latest(usable)
    problems |= dict.fromkeys(twice, ("candidate_id", TWICE))
    lines = [
        (file, int(numbers[place]), column, _shown(outcomes, place, column), _(message))
        for place, (column, message) in sorted(problems.items())
    ]
    table = outcomes.loc[kept].sort_values("proposal_id", kind="stable").reset_index(drop=True)
    contradictory = sum(message in CONTRADICTIONS for _column, message in problems.values())
    return Checked(table, rejected_table(lines), contradictory, tuple(_remarks(table, len(usable) - len(kept))))


def _shown(outcomes: pd.DataFrame, place: int, column: str) -> str:
    """A rejected value, never a person's identifier."""
    value = outcomes[column].iloc[place]
    if column == "candidate_id" or pd.isna(value):
        return ""
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


def _problems(
    outcomes: pd.DataFrame, candidates: pd.DataFrame, positions: pd.DataFrame, on: pd.Timestamp
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Line → its column and message; a line with several problems keeps the last."""
    stage, decision = outcomes["stage"], outcomes["decision"]
    hired = stage.isin(["hired", "kept_3_months"])
    checks: tuple[tuple[str, str, Any], ...] = (
        ("decided_on", BACKWARDS, outcomes["decided_on"] < outcomes["proposed_on"]),
        ("decision", REFUSED_YET_HIRED, (decision == "rejected") & hired),
        ("decided_on", FUTURE, outcomes["decided_on"] > on),
        ("proposed_on", FUTURE, outcomes["proposed_on"] > on),
        ("position_id", UNKNOWN_POSITION, ~outcomes["position_id"].isin(set(positions["position_id"]))),
        ("candidate_id", UNKNOWN_PERSON, ~outcomes["candidate_id"].isin(set(candidates["candidate_id"]))),
    )
    for column, message, found in checks:
        for place in np.flatnonzero(found.fillna(False).to_numpy(bool)).tolist():
            yield place, (column, message)


def _latest(usable: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Labels to keep and labels set aside; earlier proposals of a pair are simply replaced by the latest."""
    pairs = ["position_id", "candidate_id"]
    repeated = usable.duplicated(pairs, keep=False)
    kept = usable.index[~repeated].tolist()
    twice: list[int] = []
    days = usable["decided_on"].fillna(usable["proposed_on"])
    for _pair, group in usable[repeated].groupby(pairs, sort=True):
        when = days.loc[group.index]
        last = group if when.isna().all() else group[(when == when.max()).to_numpy()]
        meanings = last[["decision", "stage", "reason"]].fillna("").drop_duplicates()
        if len(meanings) > 1:
            twice += last.index.tolist()
        else:
            kept.append(last.sort_values("proposal_id").index[0])
    return kept, twice


def _remarks(table: pd.DataFrame, replaced: int) -> Iterator[str]:
    reasons = table["reason"].dropna().astype(str)
    odd = sorted({reason for reason in reasons if not reason.startswith((PERSON, *NOT_PERSON))})
    if odd:
        yield _("motif(s) hors liste, comptés comme sans motif : {reasons}").format(reasons=", ".join(odd[:5]))
    if replaced > 0:
        yield _("{count} proposition(s) répétée(s) : la plus récente de chaque paire compte").format(count=replaced)


@dataclass(frozen=True)
class Feedback:
    """n proposals in numbers. `position` and `person` are rows of the engine's tables; `group` numbers the positions.

    `passed` is how many of GATES were passed, 0 to 4; `failed` is True where the next one was refused for a reason
    that is about the person (or none given). `picked` is 1 for a choice nobody wrote down (shortlisted, or farther,
    without a decision, where no refusal of the position is written either), -1 for somebody shown and passed over
    without a word there, 0 elsewhere. `rank` is the rank shown, `human` the rank a person gave (NaN where none).
    `levels` has one column per proposal.
    """

    position: Ints
    person: Ints
    group: Ints
    passed: Ints
    failed: Bools
    excused: Bools
    added: Bools
    picked: Ints
    rank: Floats
    human: Floats
    day: npt.NDArray[np.datetime64]
    levels: Levels = field(repr=False)

    def __len__(self) -> int:
        return len(self.position)

    @property
    def explicit(self) -> Bools:
        """Where somebody decided, or the person got as far as an interview."""
        decided: Bools = ((self.passed > 0) & (self.picked == 0)) | (self.passed >= INTERVIEWED) | self.failed
        return decided

    @property
    def ranked(self) -> Bools:
        """Whom somebody put in an order."""
        return ~np.isnan(self.human)

    @property
    def groups(self) -> int:
        """Number of positions."""
        return int(self.group.max()) + 1 if len(self) else 0

    def take(self, chosen: npt.NDArray[Any]) -> Feedback:
        """Some proposals, positions numbered anew."""
        group = np.unique(self.group[chosen], return_inverse=True)[1].astype(np.int64)
        names = ("position", "person", "passed", "failed", "excused", "added", "picked", "rank", "human", "day")
        return Feedback(
            group=group, levels=self.levels[:, chosen], **{name: getattr(self, name)[chosen] for name in names}
        )

    def group_days(self) -> npt.NDArray[np.datetime64]:
        """For each position the day of its first proposal (NaT last)."""
        days = self.day.astype("datetime64[D]").astype(np.int64)
        first = np.full(self.groups, np.iinfo(np.int64).max)
        np.minimum.at(first, self.group, np.where(np.isnat(self.day), np.iinfo(np.int64).max, days))
        return first.astype("datetime64[D]")


def read_feedback(table: pd.DataFrame, engine: Engine) -> Feedback:
    """Checked outcomes (see `check_outcomes`) as numbers; identifiers must all be in the engine's tables."""
    position = pd.Index(engine.positions["position_id"]).get_indexer(pd.Index(table["position_id"])).astype(np.int64)
    person = pd.Index(engine.candidates["candidate_id"]).get_indexer(pd.Index(table["candidate_id"])).astype(np.int64)
    passed, failed, excused, picked = meaning(table)
    added = table["listed_by"].isin(["adviser", "facilitator"]) & table["shown_rank"].isna()
    return Feedback(
        position=position,
        person=person,
        group=np.unique(position, return_inverse=True)[1].astype(np.int64),
        passed=passed,
        failed=failed,
        excused=excused,
        added=added.to_numpy(bool),
        picked=_picked(picked, failed, position),
        rank=table["shown_rank"].to_numpy(np.float64),
        human=table["human_rank"].to_numpy(np.float64),
        day=table["proposed_on"].to_numpy("datetime64[D]"),
        levels=_levels(engine, position, person),
    )


def meaning(table: pd.DataFrame) -> tuple[Ints, Bools, Bools, Ints]:
    """For each outcome: gates passed, refused for the person, excused, and implicit choice (see Feedback).

    A withdrawal says nothing unless its reason is about the person; `position_…` and `other_…` never count against
    anybody; gates passed before stay passed.
    """
    stage = table["stage"].fillna("proposed").astype(object).to_numpy()
    decision = table["decision"].fillna("").astype(object).to_numpy()
    reason = table["reason"].fillna("").astype(str)
    elsewhere = reason.str.startswith(NOT_PERSON).to_numpy(bool)
    about_person = reason.str.startswith(PERSON).to_numpy(bool)
    passed = np.array([_PASSED.get(str(name), 0) for name in stage], np.int64)
    passed = np.where((passed == 0) & (decision == "accepted"), 1, passed)
    withdrawn = stage == "withdrawn"
    refused = (decision == "rejected") & ~elsewhere & (~withdrawn | about_person)
    failed: Bools = (refused | (withdrawn & about_person)) & (passed < len(GATES))
    passed = np.where(withdrawn & failed, 0, passed)
    unsaid = (decision == "") & table["human_rank"].isna().to_numpy(bool)
    silent = unsaid & (stage == "proposed") & table["shown_rank"].notna().to_numpy(bool) & ~elsewhere
    picked = np.where(unsaid & (passed > 0), 1, np.where(silent, -1, 0)).astype(np.int64)
    excused: Bools = ~failed & (withdrawn | elsewhere)
    return passed, failed, excused, picked


def _picked(picked: Ints, failed: Bools, position: Ints) -> Ints:
    """Being passed over means something only where somebody else was picked without a word, and where no refusal is
    written: where some are, silence is that nobody looked, and being retained is an answer like another."""
    chosen = np.isin(position, position[picked == 1]) & ~np.isin(position, position[failed])
    kept: Ints = np.where(chosen, picked, 0)
    return kept


def _levels(engine: Engine, position: Ints, person: Ints) -> Levels:
    levels: Levels = np.zeros((len(FEATURES), len(position)), np.int8)
    if not len(position):
        return levels
    order = np.argsort(position, kind="stable")
    places, starts = np.unique(position[order], return_index=True)
    for i, chosen in zip(places.tolist(), np.split(order, starts[1:]), strict=True):
        levels[:, chosen] = engine.levels(i, person[chosen])
    return levels
