"""Other markets than the usual one, and other ways of writing down what followed: see SIMULATION.md, « Variantes ».

`python -m models.variants -o FILE` measures learning on each, one JSON line per variant and seed; the lines already
there are not run again. The summary (Markdown) is printed at the end.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.experiments import run_market
from models.simulation import Habits, Market, simulate

Written = Callable[[pd.DataFrame], pd.DataFrame]

PEOPLE, TESTS, SIZES = 600, 80, (10, 30, 100, 300)
SAID = ("decision", "decided_by", "reason", "decided_on")


def as_is(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The table as the simulation writes it."""
    return outcomes


def stages_only(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Nobody writes a decision or an order: only the stage reached is known."""
    return _blank(outcomes, *SAID, "human_rank")


def decisions_only(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The adviser's word and nothing after: accepted or rejected. What an employer refused later was accepted."""
    later = outcomes["stage"].isin(["shortlisted", "interviewed", "hired", "kept_3_months", "withdrawn"])
    bare = _blank(outcomes.assign(stage="proposed"), "human_rank")
    return bare.assign(
        decision=bare["decision"].mask(later, "accepted"),
        decided_by=bare["decided_by"].mask(bare["decision"].notna(), "adviser"),
        reason=bare["reason"].mask(later, None),
    ).astype(outcomes.dtypes.to_dict())


def by_employer(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Whoever decided, the file says the employer."""
    return outcomes.assign(
        decided_by=outcomes["decided_by"]
        .mask(outcomes["decision"].notna(), "employer")
        .astype(outcomes["decided_by"].dtype)
    )


def unranked(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The rank and score shown were not kept."""
    return _blank(outcomes, "shown_rank", "shown_score")


def orders_only(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The facilitator's order is all that is known."""
    return _blank(outcomes.assign(stage="proposed").astype(outcomes.dtypes.to_dict()), *SAID)


def picks_only(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Accepted people are marked as shortlisted, and nothing else is said of anybody: implicit choices alone."""
    kept = (outcomes["decision"] == "accepted") | (outcomes["stage"] != "proposed")
    stage = outcomes["stage"].where(~kept, "shortlisted").astype(outcomes["stage"].dtype)
    return _blank(outcomes.assign(stage=stage), *SAID, "human_rank")


def _blank(outcomes: pd.DataFrame, *names: str) -> pd.DataFrame:
    return outcomes.assign(**{name: outcomes[name].mask(np.ones(len(outcomes), bool)) for name in names})


@dataclass(frozen=True)
class Variant:
    """A market's habits, and how what followed is written down."""

    habits: Habits = field(default_factory=Habits)
    written: Written = as_is

    def market(self, seed: int, positions: int) -> Market:
        """The market of a seed under this variant."""
        made = simulate(seed, positions, people=PEOPLE, tests=TESTS, habits=self.habits)
        return Market(made.candidates, made.positions, self.written(made.outcomes), made.engine, made.tests)


_QUIET = dict.fromkeys(("practice", "experience", "skills", "certificates", "wish"), 0.4)

VARIANTS: Mapping[str, Variant] = {
    "usual": Variant(),
    "distance_dominates": Variant(Habits(weights={**_QUIET, "distance": 5.0, "transport": 3.0})),
    "practice_dominates": Variant(Habits(weights={"practice": 3.0, "experience": 3.0, "wish": 0.3, "skills": 0.3})),
    "wish_worthless": Variant(Habits(weights={"wish": 0.0})),
    "by_kilometre": Variant(Habits(weights={"distance": 0.0}, per_km=1.0)),
    "against_practice": Variant(Habits(reversed=("practice", "experience"))),
    "against_french": Variant(Habits(reversed=("french", "qualification", "wage"))),
    "heavy_bias": Variant(Habits(looking=1.0, least_looked=0.05)),
    "few_shown": Variant(Habits(shown=3)),
    "many_shown": Variant(Habits(shown=30)),
    "many_excused": Variant(Habits(excused=0.5)),
    "many_unknown": Variant(Habits(unknown=0.4)),
    "stages_only": Variant(written=stages_only),
    "decisions_only": Variant(written=decisions_only),
    "by_employer": Variant(written=by_employer),
    "orders_only": Variant(written=orders_only),
    "unranked": Variant(written=unranked),
    "picks_only": Variant(written=picks_only),
}


def run(name: str, seed: int, sizes: Sequence[int]) -> dict[str, Any]:
    """What `run_market` measures on one variant and seed."""
    return {
        "variant": name,
        "seed": seed,
        **run_market(VARIANTS[name].market(seed, max(sizes)), sizes, challenged=False),
    }


def summary(results: Sequence[Mapping[str, Any]]) -> str:
    """One line per variant: NDCG@10 of the prior, the learned scorecard at each size, and the best possible."""
    sizes = list(results[0]["sizes"])
    heads = " | ".join(sizes)
    lines = [f"| variante | graines | expert | {heads} | meilleure | sans bornes |"]
    lines.append("|---|---:|" + "---:|" * (len(sizes) + 3))
    for name in VARIANTS:
        mine = [one for one in results if one["variant"] == name]
        if mine:
            learned = [float(np.mean([one["sizes"][size]["learned"] for one in mine])) for size in sizes]
            prior, best, free = (np.mean([one[key] for one in mine]) for key in ("prior", "ceiling", "unbounded"))
            cells = " | ".join(f"{value:.3f}" for value in (prior, *learned, best, free))
            lines.append(f"| `{name}` | {len(mine)} | {cells} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m models.variants", description=__doc__)
    parser.add_argument("--seeds", default="201,202,203", help="graines, séparées par des virgules")
    parser.add_argument("--positions", default=",".join(map(str, SIZES)), help="postes suivis")
    parser.add_argument("--only", help="variantes, séparées par des virgules ; toutes par défaut")
    parser.add_argument("-o", "--output", type=Path, required=True, help="fichier des résultats")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.positions.split(",")]
    names = given.only.split(",") if given.only else list(VARIANTS)
    done = [json.loads(line) for line in given.output.read_text().splitlines()] if given.output.exists() else []
    known = {(one["variant"], one["seed"]) for one in done}
    for seed in (int(seed) for seed in given.seeds.split(",")):
        for name in names:
            if (name, seed) not in known:
                done.append(run(name, seed, sizes))
                with given.output.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(done[-1]) + "\n")
    print(summary(done))


if __name__ == "__main__":
    main()
