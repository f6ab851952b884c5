"""The tables of a run: shortlists, contributions, exclusions, positions not filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from matcher.clause import Asked
from matcher.engine import Engine, Ranking
from matcher.features import FEATURES, UNKNOWN, Levels
from matcher.locale import _
from matcher.resolve.cells import Ints
from matcher.sharing import Shared
from matcher.wording import phrase, summaries

SHORTLIST_COLUMNS = (
    "position_id",
    "rank",
    "candidate_id",
    "score",
    "outcome",
    "at_start",
    "categories",
    "missing",
    "distance_km",
    "strengths",
    "concerns",
    "rules",
    "meaning",
)


DECIDED = ("outcome", "categories", "missing", "rules")
WORDS = (*DECIDED, "at_start", "strengths", "concerns", "meaning")


# Levels at which a person wishes for the work or has done it, or work near to it.
SENSIBLE: Mapping[str, tuple[str, ...]] = {
    "wish": ("first", "wished", "near", "related"),
    "practice": ("confirmed", "some", "near", "related"),
}


@dataclass(frozen=True)
class Listed:
    """Every pair of every list, position after position, best first: the position's number, the person's row, and
    the level numbers [features, pairs]."""

    positions: Ints
    rows: Ints
    levels: Levels

    @classmethod
    def of(cls, rankings: Sequence[Ranking], chosen: Sequence[Ints]) -> Listed:
        """The pairs chosen among the people ranked for each position."""
        sizes = [len(picked) for picked in chosen]
        best = [ranking.best for ranking in rankings]
        return cls(
            np.repeat(np.arange(len(sizes)), sizes),
            np.concatenate([np.zeros(0, np.int64), *(b.rows[c] for b, c in zip(best, chosen, strict=True))]),
            np.concatenate(
                [np.zeros((len(FEATURES), 0), np.int8), *(b.levels[:, c] for b, c in zip(best, chosen, strict=True))],
                axis=1,
            ),
        )

    def of_position(self, i: int) -> slice:
        """Where the pairs of position i stand."""
        low, high = np.searchsorted(self.positions, [i, i + 1])
        return slice(int(low), int(high))

    @property
    def ranks(self) -> Ints:
        """1 for the first of each list."""
        firsts = np.searchsorted(self.positions, self.positions)
        return np.arange(len(self.positions)) - firsts + 1


@dataclass(frozen=True)
class Result:
    """The result of a run. Tables as the contract names them; `pairs` has the pairs of the lists as numbers, `shared`
    how the lists were made together (prices, cost of a floor)."""

    engine: Engine
    pairs: Listed
    shared: Shared
    shortlists: pd.DataFrame
    exclusions: pd.DataFrame
    unfilled: pd.DataFrame
    remarks: tuple[str, ...] = field(default=())

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """`position_id`, `candidate_id`, `feature`, `level`, `points`, `side`: one row per pair and feature, and
        the base; the points of a pair sum to its raw score."""
        return contributions(self.engine, self.pairs)

    @cached_property
    def listed(self) -> tuple[Ints, ...]:
        """For each position the rows of the people listed, best first."""
        return tuple(self.pairs.rows[self.pairs.of_position(i)] for i in range(len(self.engine.jobs)))


def shortlists(engine: Engine, listed: Listed) -> pd.DataFrame:
    """All the lists, in the columns of the contract, sorted by position then rank."""
    table = pd.DataFrame(lines(engine, listed), columns=list(SHORTLIST_COLUMNS))
    return table.astype(dict.fromkeys(("position_id", "candidate_id", *WORDS), "str"))  # also where nobody is listed


def lines(engine: Engine, listed: Listed) -> dict[str, Any]:
    """The columns of the lists, as arrays and lists: one table less to make for the few pairs of a question."""
    strengths, concerns = summaries(listed.levels, engine.card)
    firsts = np.flatnonzero(np.diff(listed.positions, prepend=-1))
    numbers = listed.positions[firsts].tolist()
    jobs = [engine.jobs[i] for i in numbers]
    sizes = np.diff(firsts, append=len(listed.positions))
    groups = zip(jobs, np.split(listed.rows, firsts[1:]), strict=True) if jobs else ()
    km = np.concatenate([np.zeros(0), *(engine.distances.to(job.places, rows) for job, rows in groups)])
    least = np.repeat(np.array([job.area for job in jobs], bool), sizes) & ~np.isnan(km)
    starts = np.repeat(np.array([job.start for job in jobs], "datetime64[D]"), sizes)
    asked = Asked.of(engine.rule_sets, listed.positions)
    raw = engine.card.raw(listed.levels)
    ids = np.array([job.position_id for job in jobs], object)
    return {
        **engine.decisions.describe(asked, listed.rows, DECIDED),
        "position_id": np.repeat(ids, sizes),
        "rank": listed.ranks,
        "candidate_id": engine.candidates["candidate_id"].take(listed.rows).to_numpy(),
        "score": engine.card.score(raw),
        "at_start": engine.decisions.at_start(asked, listed.rows, starts),
        "meaning": engine.card.meaning(raw),
        "distance_km": np.round(km, 1),
        "strengths": strengths,
        "concerns": [_at_least(text) if area else text for text, area in zip(concerns, least, strict=True)],
    }


def _at_least(concerns: str) -> str:
    """The concerns of a pair whose distance is that of the nearest commune of an area."""
    told = _("distance minimale : lieu exact à préciser")
    unknown = phrase("distance", UNKNOWN)
    return concerns.replace(unknown, told) if unknown in concerns else " ; ".join(filter(None, (concerns, told)))


def unsought(engine: Engine, listed: Listed) -> tuple[str, ...]:
    """A remark naming the positions whose list holds nobody who wishes for, or has done, this work or one near it."""
    names = list(FEATURES)
    sought = np.zeros(len(listed.rows), bool)
    for name, levels in SENSIBLE.items():
        sought |= np.isin(listed.levels[names.index(name)], [FEATURES[name].number(level) for level in levels])
    some = np.zeros(len(engine.jobs), bool)
    some[listed.positions[sought]] = True
    filled = np.bincount(listed.positions, minlength=len(engine.jobs)) > 0
    ids = [engine.jobs[i].position_id for i in np.flatnonzero(filled & ~some)]
    if not ids:
        return ()
    text = _("{count} poste(s) dont personne, sur la liste, ne cherche ni ne pratique un métier proche : {ids}")
    return (text.format(count=len(ids), ids=", ".join(ids[:5]) + ("…" if len(ids) > 5 else "")),)


def exclusions(engine: Engine, rankings: Sequence[Ranking]) -> pd.DataFrame:
    """How many people each filter set aside, for each position."""
    lines = [
        (job.position_id, str(name), people)
        for job, ranking in zip(engine.jobs, rankings, strict=True)
        for name, people in ranking.excluded.items()
        if people
    ]
    return pd.DataFrame(lines, columns=["position_id", "filter", "people"])


def unfilled(engine: Engine, asked: Sequence[int], listed: Listed, rankings: Sequence[Ranking]) -> pd.DataFrame:
    """Positions with fewer people than asked, and why."""
    counts = np.bincount(listed.positions, minlength=len(engine.jobs))
    lines = [
        (job.position_id, wanted, int(counts[i]), _shortage(engine, i, rankings[i], int(counts[i])))
        for i, (job, wanted) in enumerate(zip(engine.jobs, asked, strict=True))
        if counts[i] < wanted
    ]
    return pd.DataFrame(lines, columns=["position_id", "asked", "listed", "reason"])


def _shortage(engine: Engine, i: int, ranking: Ranking, listed: int) -> str:
    placed = bool(engine.jobs[i].places)
    return shortage(placed, listed, engine.within_reach(i) if placed else 0, len(ranking.best.rows))


def shortage(placed: bool, listed: int, within_reach: int, kept: int) -> str:
    """Why a list is shorter than asked: is the place known, and how many people are listed, within reach, kept."""
    if not placed:
        return _("lieu inconnu")
    if not listed and not within_reach:
        return _("personne de ce fichier n'habite à portée de ce lieu")
    if kept > listed:
        return _("les autres personnes sont déjà sur le nombre de listes permis")
    if not listed:
        return _("aucune des {count} personnes à portée ne passe les critères ; voir exclusions.csv").format(
            count=within_reach
        )
    return _("moins de personnes que demandé passent les critères ; voir exclusions.csv")


def contributions(engine: Engine, listed: Listed) -> pd.DataFrame:
    """The long table of points for every pair listed."""
    height, count = len(FEATURES) + 1, len(listed.rows)
    names = list(dict.fromkeys(level for feature in FEATURES.values() for level in feature.levels))
    numbers = [np.array([names.index(level) for level in feature.levels]) for feature in FEATURES.values()]
    levels = [table[line] for table, line in zip(numbers, listed.levels, strict=True)]
    points = [table[line] for table, line in zip(engine.card.tables, listed.levels, strict=True)]
    line = np.tile(np.arange(height), count)
    return pd.DataFrame(
        {
            "position_id": _texts(engine.positions["position_id"]).take(np.repeat(listed.positions, height)),
            "candidate_id": _texts(engine.candidates["candidate_id"]).take(np.repeat(listed.rows, height)),
            "feature": _texts([*FEATURES, "base"]).take(line),
            "level": _texts([*names, ""]).take(np.array([*levels, np.full(count, len(names))]).T.ravel()),
            "points": np.array([*points, np.full(count, engine.card.base)]).T.ravel(),
            "side": _texts([*(feature.side for feature in FEATURES.values()), ""]).take(line),
        }
    )


def _texts(words: Sequence[str] | pd.Series[str]) -> Any:
    """Distinct texts to take from by number: quicker than as many Python strings as there are lines."""
    return pd.Series(words, dtype="str").array
