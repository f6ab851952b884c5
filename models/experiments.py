"""Learning measured on the simulated market: `python -m models.experiments -o FILE --seeds 20`.

One JSON line per seed goes to `-o FILE` as soon as it is known; seeds already there are not run again. The summary
(Markdown) is printed at the end: paired differences over seeds with 95 % Student intervals.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear
from scipy.stats import t as student

from data_samples.generate import DEFAULT_ON
from matcher.scoring import load_scorecard
from models.baselines import NAMES, Baselines
from models.challenger import train_challenger
from models.design import Design, indicators
from models.fit import Posterior, fit, fit_parent, observe
from models.learning import learn
from models.ranking import ndcg, order_of
from models.selection import select
from models.signals import Feedback, check_outcomes, read_feedback
from models.simulation import PEOPLE, TEST_POSITIONS, Market, Query, simulate

Floats = npt.NDArray[np.float64]

DEPTH = 10
SMALL_POOL = 30  # people; a shorter list says little about an order
LABELS = {
    "learned": "grille apprise",
    "always": "apprise, sans la règle de prudence",
    "challenger": "concurrent additif",
    "prior": "grille d'expert",
    "random": "hasard",
    "freshness": "fraîcheur",
    "tfidf": "TF-IDF",
    "rule_632": "règle 6/3/2",
    "ceiling": "meilleure grille possible",
}


def run_seed(
    seed: int, sizes: Sequence[int], *, gaps: bool = True, people: int = PEOPLE, tests: int = TEST_POSITIONS
) -> dict[str, Any]:
    """NDCG@10 of everything for one seed: {"seed", "prior", "ceiling", baselines…, "sizes": {n: {…}}}."""
    market = simulate(seed, max(sizes), people=people, tests=tests, gaps=gaps)
    return {"seed": seed, **run_market(market, sizes)}


def run_market(market: Market, sizes: Sequence[int], *, challenged: bool = True) -> dict[str, Any]:
    """The same for one market, without the seed, and without the challenger when it is not wanted; "unbounded" is the
    ceiling without order or signs."""
    queries = [query for query in market.tests if len(query.rows) >= SMALL_POOL]
    card = load_scorecard()
    design = Design.of(card)
    result: dict[str, Any] = {
        "queries": len(queries),
        "prior": linear(queries, design.prior),
        "ceiling": linear(queries, _ceiling(queries, design)),
        "unbounded": linear(queries, _ceiling(queries, design, bounded=False)),
        **_baselines(market, queries),
    }
    feedback = {size: feedback_of(market, size) for size in sizes}
    result["sizes"] = {str(size): _one_size(found, queries, design, challenged) for size, found in feedback.items()}
    return result


def feedback_of(market: Market, count: int) -> Feedback:
    """What the first `count` positions with outcomes say."""
    checked = check_outcomes(market.first(count), market.candidates, market.positions, DEFAULT_ON)
    return read_feedback(checked.table, market.engine)


def _one_size(feedback: Feedback, queries: Sequence[Query], design: Design, challenged: bool) -> dict[str, Any]:
    learned = learn(feedback, load_scorecard())
    points = np.array([value for levels in learned.points.values() for value in levels.values()], np.float64)
    selection = learned.selection or select(feedback, design)
    posterior = Posterior(feedback, observe(feedback), design)
    always = np.rint(fit(posterior, selection.tau, fit_parent(posterior))[0].points)
    challenger = train_challenger(feedback) if challenged else None
    scored = None if challenger is None else [challenger.scores(query.levels) for query in queries]
    return {
        "decisions": int(feedback.explicit.sum()),
        "tau": selection.tau,
        "moved": learned.moved,
        "learned": linear(queries, points),
        "always": linear(queries, always),
        "challenger": None if scored is None else _mean(queries, scored),
    }


def _mean(queries: Sequence[Query], scores: Iterable[Floats]) -> float:
    values = [ndcg(q.relevance, order_of(s), DEPTH) for q, s in zip(queries, scores, strict=True)]
    return float(np.nanmean(values))


def linear(queries: Sequence[Query], points: Floats) -> float:
    """Mean NDCG@10 of points [L] over the queries."""
    return _mean(queries, (indicators(query.levels) @ points for query in queries))


def _baselines(market: Market, queries: Sequence[Query]) -> dict[str, float]:
    baselines = Baselines(market.engine)
    scores = [baselines.scores(query.position, query.rows) for query in queries]
    return {name: _mean(queries, [found[name] for found in scores]) for name in NAMES}


def _ceiling(queries: Sequence[Query], design: Design, *, bounded: bool = True) -> Floats:
    """The points nearest to the merit itself on the pools that are measured: about the best that levels allow."""
    tables = [indicators(query.levels) for query in queries]
    inputs = np.concatenate([table - table.mean(axis=0) for table in tables])
    merit = np.concatenate([query.merit - query.merit.mean() for query in queries])
    found: Any = lsq_linear(inputs @ design.steps, merit, bounds=(0 if bounded else -np.inf, np.inf))
    points: Floats = design.steps @ found.x
    return points


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % Student interval."""
    values = np.asarray(differences, np.float64)
    mean = float(values.mean())
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def summary(results: Sequence[Mapping[str, Any]]) -> str:
    """Two tables in Markdown: levels, then paired differences between the learned scorecard and each other."""
    sizes = list(results[0]["sizes"])
    fixed = ["prior", "rule_632", "tfidf", "freshness", "random", "ceiling"]
    lines = [f"NDCG@10, moyenne sur {len(results)} graines.", "", "| postes suivis | " + " | ".join(sizes) + " |"]
    lines.append("|---|" + "---:|" * len(sizes))
    for name in ("learned", "always", "challenger"):
        cells = [f"{_at(results, size, name).mean():.3f}" for size in sizes]
        lines.append(f"| {LABELS[name]} | " + " | ".join(cells) + " |")
    for name in fixed:
        value = f"{np.mean([one[name] for one in results]):.3f}"
        lines.append(f"| {LABELS[name]} | " + " | ".join(value for _size in sizes) + " |")
    moved = [int(sum(one["sizes"][size]["moved"] for one in results)) for size in sizes]
    lines.append("| graines où la grille a changé | " + " | ".join(map(str, moved)) + " |")
    lines += ["", "Écart apparié de la grille apprise, avec son intervalle à 95 % sur les graines.", ""]
    lines += ["| contre | " + " | ".join(sizes) + " |", "|---|" + "---:|" * len(sizes)]
    for name in (*fixed, "challenger"):
        cells = []
        for size in sizes:
            other = _at(results, size, name) if name == "challenger" else np.array([one[name] for one in results])
            mean, low, high = interval((_at(results, size, "learned") - other).tolist())
            cells.append(f"{mean:+.3f} [{low:+.3f} ; {high:+.3f}]")
        lines.append(f"| {LABELS[name]} | " + " | ".join(cells) + " |")
    losing = [int(sum(_at(results, s, "learned") < [one["prior"] for one in results])) for s in sizes]
    lines.append("| graines où elle perd contre l'expert | " + " | ".join(map(str, losing)) + " |")
    return "\n".join(lines)


def _at(results: Sequence[Mapping[str, Any]], size: str, name: str) -> Floats:
    values = [one["sizes"][size][name] for one in results]
    return np.array([np.nan if value is None else value for value in values], np.float64)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m models.experiments", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="nombre de graines, à partir de 1")
    parser.add_argument("--positions", default="10,30,100,300,1000", help="postes suivis, séparés par des virgules")
    parser.add_argument("--complete", action="store_true", help="dossiers sans case vide (variante)")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="fichier des résultats, une ligne par graine"
    )
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.positions.split(",")]
    done = [json.loads(line) for line in given.output.read_text().splitlines()] if given.output.exists() else []
    for seed in sorted(set(range(1, given.seeds + 1)) - {one["seed"] for one in done}):
        done.append(run_seed(seed, sizes, gaps=not given.complete))
        with given.output.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(done[-1]) + "\n")
    print(summary(sorted(done, key=lambda one: int(one["seed"]))))


if __name__ == "__main__":
    main()
