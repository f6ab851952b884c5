"""What choices that nobody wrote down teach: as they come, weighed by the chance of being looked at, or written down.

`python -m models.picks -o FILE` prints a table in Markdown; one JSON line per seed goes to FILE.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.design import Design
from models.experiments import SMALL_POOL, feedback_of, interval, linear
from models.fit import Posterior, fit, fit_parent, observe
from models.signals import Feedback, Floats
from models.simulation import simulate
from models.variants import PEOPLE, TESTS, picks_only

TAU = 8.0  # points: the same for all three, since choices alone have nothing sure to choose it by
SIZES = (30, 100, 300)
LABELS = {
    "naive": "choix implicites, tels quels",
    "weighted": "choix implicites, poids inverse plafonné",
    "explicit": "décisions écrites",
}


def measure(seed: int, sizes: Sequence[int] = SIZES, *, people: int = PEOPLE, tests: int = TESTS) -> dict[str, Any]:
    """NDCG@10 of the prior and of the three ways for each number of positions, without the rule of caution."""
    market = simulate(seed, max(sizes), people=people, tests=tests)
    picked = replace(market, outcomes=picks_only(market.outcomes))
    queries = [query for query in market.tests if len(query.rows) >= SMALL_POOL]
    design = Design.of(market.engine.card)
    found: dict[str, Any] = {"seed": seed, "prior": linear(queries, design.prior), "sizes": {}}
    for size in sizes:
        told, seen = feedback_of(picked, size), feedback_of(market, size)
        points = {
            "naive": _points(replace(told, rank=np.ones(len(told))), design, implicit=True),
            "weighted": _points(told, design, implicit=True),
            "explicit": _points(seen, design, implicit=False),
        }
        found["sizes"][str(size)] = {name: linear(queries, values) for name, values in points.items()}
    return found


def _points(feedback: Feedback, design: Design, *, implicit: bool) -> Floats:
    posterior = Posterior(feedback, observe(feedback, implicit=implicit), design)
    points: Floats = np.rint(fit(posterior, TAU, fit_parent(posterior))[0].points)
    return points


def summary(results: Sequence[Mapping[str, Any]]) -> str:
    """Gains over the prior, paired by seed, with their 95 % Student intervals."""
    sizes = list(results[0]["sizes"])
    prior = float(np.mean([one["prior"] for one in results]))
    lines = [f"{len(results)} graines, grille d'expert à {prior:.3f}.", ""]
    lines += ["| écart à la grille d'expert | " + " | ".join(sizes) + " |", "|---|" + "---:|" * len(sizes)]
    for name, label in LABELS.items():
        cells = []
        for size in sizes:
            mean, low, high = interval([one["sizes"][size][name] - one["prior"] for one in results])
            cells.append(f"{mean:+.3f} [{low:+.3f} ; {high:+.3f}]")
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m models.picks", description=__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="nombre de graines, à partir de 201")
    parser.add_argument("-o", "--output", type=Path, required=True, help="fichier des résultats")
    given = parser.parse_args(arguments)
    done = [json.loads(line) for line in given.output.read_text().splitlines()] if given.output.exists() else []
    for seed in sorted(set(range(201, 201 + given.seeds)) - {one["seed"] for one in done}):
        done.append(measure(seed))
        with given.output.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(done[-1]) + "\n")
    print(summary(done))


if __name__ == "__main__":
    main()
