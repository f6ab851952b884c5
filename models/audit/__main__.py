"""The audit of the shipped scorecard: `python -m models.audit -o models/cards/expert-2026-audit.md`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import data_samples
from data_samples.generate import DEFAULT_ON
from matcher.engine import Engine, Options
from matcher.front import read_candidates, read_positions
from models.audit import audit, audit_markdown
from models.signals import check_outcomes, read_feedback
from models.simulation import simulate

SIMULATED_SEED, SIMULATED_POSITIONS = 1, 300
HEAD = """# Audit de la grille `expert-2026`

Fichier produit par `python -m models.audit -o models/cards/expert-2026-audit.md`. Ce que veut dire chaque chiffre :
`docs/equite.md`. Personnes et postes sont **inventés** (`models/SIMULATION.md`, `data_samples/DATASHEET.md`) : ces
tableaux montrent ce que l'audit mesure et ce que la grille fait de ces fichiers-là, non ce qui arrive dans un bureau.
"""
SIMULATED = """
Le marché simulé : graine {seed}, {positions} postes suivis. Sexe, âge, RSA, handicap et quartier n'entrent pas dans
son vrai mérite ; ils n'y sont liés qu'à travers les métiers, l'expérience et les conditions donnés aux personnes.
"""
SAMPLES = """
L'échantillon livré (`data_samples`), celui de `clausematch demo`.
"""


def simulated() -> Mapping[str, Any]:
    """The audit of the expert scorecard on the simulated market, outcomes included."""
    market = simulate(SIMULATED_SEED, SIMULATED_POSITIONS, tests=0)
    engine = Engine(market.candidates, market.positions, Options(DEFAULT_ON))
    checked = check_outcomes(market.outcomes, market.candidates, market.positions, DEFAULT_ON)
    return audit(engine, read_feedback(checked.table, engine))


def sampled() -> Mapping[str, Any]:
    """The audit of the expert scorecard on the samples; nothing is known of what followed."""
    folder = Path(data_samples.__file__).parent
    people, jobs = read_candidates(folder / "candidates.csv"), read_positions(folder / "positions.csv")
    return audit(Engine(people, jobs, Options(DEFAULT_ON)))


def nested(found: Mapping[str, Any], title: str) -> str:
    """The words of an audit as a part of a longer page."""
    body = audit_markdown(found).split("\n", 1)[1]
    lines = ["#" + line if line.startswith("#") else line for line in body.splitlines()]
    return "\n".join([f"## {title}", *lines]).rstrip() + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="python -m models.audit", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="fichier Markdown à écrire")
    given = parser.parse_args(arguments)
    told = SIMULATED.format(seed=SIMULATED_SEED, positions=SIMULATED_POSITIONS)
    parts = [HEAD, told, nested(simulated(), "Marché simulé"), SAMPLES, nested(sampled(), "Échantillon")]
    given.output.write_text("\n".join(part.strip("\n") + "\n" for part in parts), encoding="utf-8")


if __name__ == "__main__":
    main()
