"""The counts of the report: what came in, what is covered, who is set aside and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.blocking import FILTER_LABELS, Filter
from matcher.clause import RuleSet
from matcher.fairness import MIN_GROUP
from matcher.locale import _
from matcher.report.context import ReportContext
from matcher.report.formats import clip, whole
from matcher.report.words import fact_label
from matcher.rules import load_rules
from matcher.shortlist import Result


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart: `share` of the full width, 0 to 1; `value` and `note` are words."""

    label: str
    value: str
    share: float
    note: str = ""


@dataclass(frozen=True)
class Coverage:
    """Hours and openings of the run. `distinct`: openings that the listed people could take, each person once."""

    positions: int
    complete: int
    hours: float
    hours_covered: float
    openings: int
    openings_listed: int
    distinct: int
    places: int
    people: int
    to_verify: int


def coverage(result: Result) -> Coverage:
    """An opening is covered when its position's list has somebody for it; hours in the same proportion."""
    positions = result.engine.positions
    listed = np.array([len(rows) for rows in result.listed], np.float64)
    openings = positions["openings"].fillna(1).to_numpy(np.float64)
    hours = positions["hours"].fillna(0).to_numpy(np.float64)
    filled = np.minimum(listed, openings)
    rows = np.concatenate([np.zeros(0, np.int64), *result.listed])
    return Coverage(
        positions=len(positions),
        complete=len(positions) - len(result.unfilled),
        hours=float(hours.sum()),
        hours_covered=float((hours * filled / openings).sum()),
        openings=int(openings.sum()),
        openings_listed=int(filled.sum()),
        distinct=_distinct(result, filled),
        places=len(rows),
        people=len(np.unique(rows)),
        to_verify=int((result.shortlists["outcome"] == "to_verify").sum()),
    )


def _distinct(result: Result, wanted: np.ndarray[Any, np.dtype[np.float64]]) -> int:
    """The most openings that can be filled with one person each: a maximum flow from positions to people."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    lengths = [len(rows) for rows in result.listed]
    if not sum(lengths):
        return 0
    people, person = np.unique(np.concatenate(result.listed), return_inverse=True)
    count = len(lengths)
    source, sink = count + len(people), count + len(people) + 1
    owner = np.repeat(np.arange(count), lengths)
    start = np.concatenate([np.full(count, source), owner, count + np.arange(len(people))])
    end = np.concatenate([np.arange(count), count + person, np.full(len(people), sink)])
    room = np.concatenate([wanted, np.ones(len(owner)), np.ones(len(people))]).astype(np.int32)
    graph = csr_array((room, (start, end)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, source, sink).flow_value)


@dataclass(frozen=True)
class Awards:
    """The award notices in figures; `reasons` has (why no position, notices, hours)."""

    read: int
    rejected: int
    selected: int
    opening: int
    hours_due: float
    hours_planned: float
    hours_grouped: float
    frameworks: int
    hours_frameworks: float
    reasons: tuple[tuple[str, int, float], ...]


def awards(result: Result, context: ReportContext) -> Awards | None:
    """The figures of the notices; None without any."""
    table = context.awards
    if table is None:
        return None
    selected = _is_yes(table["selected"])
    hours = table["hours"].fillna(0).to_numpy(np.float64) if "hours" in table else np.zeros(len(table))
    reason = table["reason"].fillna("").astype("str")
    planned = result.engine.positions
    opening = (
        table["award_id"].isin(planned["award_id"].dropna()).to_numpy(bool) & selected & (reason == "").to_numpy()
    )
    files = set(table["file"].dropna()) if "file" in table else set()
    rejected = 0 if context.rejected is None else int(context.rejected["file"].isin(files).sum())
    ceiling = _is_yes(table["framework"]) & selected if "framework" in table else np.zeros(len(table), bool)
    told = pd.DataFrame({"reason": reason, "hours": np.where(selected, hours, np.nan)})[(reason != "").to_numpy()]
    grouped = told.groupby("reason")["hours"].agg(["size", "sum"]).reset_index()
    lines = sorted(grouped.itertuples(index=False, name=None), key=lambda line: (-line[1], line[0]))
    return Awards(
        read=len(table) + rejected,
        rejected=rejected,
        selected=int(selected.sum()),
        opening=int(opening.sum()),
        hours_due=float(hours[selected].sum()),
        hours_planned=float(planned.loc[planned["award_id"].notna(), "hours"].sum()),
        hours_grouped=float(hours[(reason == _("à regrouper")).to_numpy() & selected].sum()),
        frameworks=int(ceiling.sum()),
        hours_frameworks=float(hours[ceiling].sum()),
        reasons=tuple((clip(words), int(count), float(total)) for words, count, total in lines),
    )


def _is_yes(column: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """A yes of awards.csv, as a word or as a boolean."""
    return column.astype(object).isin([True, "yes", "oui"]).to_numpy(bool)


def exclusions(result: Result) -> tuple[Bar, ...]:
    """Pairs of a person and a position, by the first filter that set them aside; the last bar is those kept."""
    located = sum(1 for job in result.engine.jobs if job.places)
    pairs = located * len(result.engine.candidates)
    if not pairs:
        return ()
    counts = result.exclusions.groupby("filter")["people"].sum()
    bars = [
        Bar(_(FILTER_LABELS[name]), whole(counts[str(name)]), float(counts[str(name)]) / pairs)
        for name in Filter
        if str(name) in counts.index
    ]
    kept = pairs - int(counts.sum())
    return (*bars, Bar(_("passent tous les filtres"), whole(kept), kept / pairs, "kept"))


def main_exclusions(result: Result) -> Mapping[str, tuple[str, int]]:
    """For each position the filter that set most people aside, in words, and how many."""
    order = {str(name): place for place, name in enumerate(Filter)}
    best: dict[str, tuple[str, int]] = {}
    rows = result.exclusions.itertuples(index=False, name=None)
    for position, name, people in sorted(rows, key=lambda row: (-row[2], order[row[1]])):
        best.setdefault(str(position), (_(FILTER_LABELS[Filter(name)]), int(people)))
    return best


@dataclass(frozen=True)
class PackFigures:
    """One set of rules over the file: for how many positions, and the outcomes of everybody."""

    title: str
    positions: int
    eligible: int
    to_verify: int
    not_eligible: int


@dataclass(frozen=True)
class Grounds:
    """One pack over the file: (category, people who meet it) in words."""

    title: str
    categories: tuple[tuple[str, str], ...]


def eligibility(result: Result) -> tuple[PackFigures, ...]:
    """The figures of each set of rules of the run, the most used first. People who object are counted nowhere."""
    engine = result.engine
    used = Counter(engine.rule_sets)
    kept = ~engine.gate.objects
    found = []
    for rules, positions in sorted(used.items(), key=lambda item: -item[1]):
        outcome = engine.decisions.outcome(rules)[kept]
        eligible, verify, refused = (int(np.count_nonzero(outcome == number)) for number in (2, 1, 0))
        found.append(PackFigures(_rules_title(rules), positions, eligible, verify, refused))
    return tuple(found)


def _rules_title(rules: RuleSet) -> str:
    names = []
    for rule in rules.rules:
        some = ", ".join(rule.categories or ())
        mode = rule.mode if rule.mode and rule.pack.startswith("iae") else ""
        extra = " ; ".join(part for part in (mode, some) if part)
        names.append(f"{rule.pack} ({extra})" if extra else rule.pack)
    return _(" ou ").join(names)


def grounds(result: Result) -> tuple[Grounds, ...]:
    """For each pack of the run, how many people of the file meet each category that a position admits."""
    engine = result.engine
    kept = ~engine.gate.objects
    titles: dict[str, str] = {}
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for rules in dict.fromkeys(engine.rule_sets):
        for evaluation in engine.decisions.evaluations(rules):
            pack = evaluation.pack
            titles[pack.id] = _("{title} ({id})").format(title=_(pack.title), id=pack.name)
            counts = (evaluation.truth[:, kept] == 1).sum(axis=1).tolist()
            for category, count in zip(evaluation.categories, counts, strict=True):
                found.setdefault(pack.id, {})[category.code] = (_(category.label), few(count))
    return tuple(
        Grounds(titles[name], tuple(found[name][code] for code in load_rules(name).codes if code in found[name]))
        for name in sorted(found)
    )


def few(count: int) -> str:
    """A number of people; under MIN_GROUP it is not said exactly."""
    return whole(count) if count == 0 or count >= MIN_GROUP else _("moins de {n}").format(n=MIN_GROUP)


def missing_facts(result: Result) -> tuple[Bar, ...]:
    """For people listed as to verify, the facts to ask for and of how many people; the most asked first."""
    verify = result.shortlists[result.shortlists["outcome"] == "to_verify"]
    asked: dict[str, set[str]] = {}
    for person, facts in zip(verify["candidate_id"], verify["missing"], strict=True):
        for name in str(facts).split("|"):
            if name:
                asked.setdefault(name, set()).add(str(person))
    total = max(verify["candidate_id"].nunique(), 1)
    ordered = sorted(asked.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Bar(fact_label(name), whole(len(people)), len(people) / total) for name, people in ordered)


def rejected_rows(context: ReportContext, most: int) -> Sequence[tuple[str, ...]]:
    """(file, row, column, message) of the first rows set aside. The value stays in rejected.csv: a shifted column
    could bring a name here."""
    if context.rejected is None:
        return ()
    columns = ["file", "row", "column", "message"]
    rows = context.rejected.head(most)[columns].itertuples(index=False, name=None)
    return tuple(tuple(clip(cell) for cell in row) for row in rows)
