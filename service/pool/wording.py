"""Pairs of the pool in words: the columns of shortlists.csv, made by the code that makes them for a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.engine import Engine
from matcher.features import FEATURES, Levels
from matcher.resolve.cells import Ints
from matcher.shortlist import Listed as RunPairs
from matcher.shortlist import lines
from service.pool.answers import Listed
from service.pool.crowd import Rows, parted


@dataclass(frozen=True)
class Pairs:
    """Pairs of an engine: numbers of positions (rising), rows of people, levels [features, pairs], raw scores, and
    the rank to give to each."""

    positions: Ints
    rows: Ints
    levels: Levels
    raw: Ints
    ranks: Ints


def worded(people: Rows, engine: Engine, pairs: Pairs) -> Iterator[Listed]:
    """Each pair in words, in order."""
    columns = lines(engine, RunPairs(pairs.positions, pairs.rows, pairs.levels))
    for number, cells in enumerate(zip(*columns.values(), strict=True)):
        line: dict[str, Any] = dict(zip(columns, cells, strict=True))
        row = int(pairs.rows[number])
        candidate_id, org_id = parted(line["candidate_id"])
        yield Listed(
            position_id=line["position_id"],
            rank=int(pairs.ranks[number]),
            subject=str(people.subjects[row]),
            org_id=org_id,
            reference=str(people.references[row]),
            candidate_id=candidate_id,
            raw=int(pairs.raw[number]),
            score=float(line["score"]),
            outcome=line["outcome"],
            at_start=line["at_start"],
            categories=_items(line["categories"]),
            missing=_items(line["missing"]),
            distance_km=None if np.isnan(line["distance_km"]) else float(line["distance_km"]),
            strengths=line["strengths"],
            concerns=line["concerns"],
            rules=line["rules"],
            meaning=line["meaning"],
            levels={
                name: feature.levels[int(level)]
                for (name, feature), level in zip(FEATURES.items(), pairs.levels[:, number], strict=True)
            },
        )


def _items(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
