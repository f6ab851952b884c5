"""What the log keeps of a run of matching, so that it can be run again: which data, which rules, which list came out.

Nothing here names a person or says anything of one but a score beside their log name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import matcher
from matcher.locale import N_
from matcher.reference.install import reference_versions
from matcher.rules import PACK_IDS, load_rules
from matcher.scoring import Scorecard
from service.pool import Listed

# What may differ between then and now, and its name.
VERSIONS: Mapping[str, str] = {
    "clausematch": N_("la version du logiciel"),
    "scorecard": N_("la grille de points"),
    "rules": N_("les règles d'éligibilité"),
    "reference": N_("les données de référence"),
}
Line = tuple[Any, ...]


def versions(card: Scorecard) -> dict[str, str]:
    """The versions of everything that makes a list besides people and positions."""
    return {"clausematch": matcher.__version__, "scorecard": card.sha256, **_digests()}


def differing(card: Scorecard, then: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of VERSIONS that are no longer what an entry says."""
    used = versions(card)
    return tuple(key for key in VERSIONS if used[key] != then.get(key))


@lru_cache(maxsize=1)
def _digests() -> Mapping[str, str]:
    packs = {name: hashlib.sha256(Path(load_rules(name).path).read_bytes()).hexdigest() for name in PACK_IDS}
    return {"rules": content_digest(packs), "reference": content_digest(reference_versions())}


def content_digest(content: Any) -> str:
    """SHA-256 of a value as JSON with sorted keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lines_of(people: Iterable[Listed], names: Mapping[str, str]) -> list[Line]:
    """The lines of a list with log names for people: all that does not depend on the reader's language."""
    return [
        (
            one.position_id,
            one.rank,
            names[one.subject],
            one.score,
            one.outcome,
            one.at_start,
            list(one.categories),
            list(one.missing),
            one.distance_km,
            one.rules,
        )
        for one in people
    ]


def table_lines(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[Line]:
    """The same of the rows of a whole run, as the API answers them (`candidate_id` is a key of `names`)."""
    return [
        (
            row["position_id"],
            row["rank"],
            names[row["candidate_id"]],
            row["score"],
            row["outcome"],
            row["at_start"] or "",
            row["categories"],
            row["missing"],
            row["distance_km"],
            row["rules"],
        )
        for row in rows
    ]


def still_first(before: Sequence[tuple[str, float]], lines: Sequence[Line], known: Container[str]) -> bool:
    """Whether those of a list (log name and score) who are still known stand first, in their order, with their
    scores."""
    left = [(name, score) for name, score in before if name in known]
    return left == [(line[2], line[3]) for line in lines[: len(left)]]


def run_detail(data: int, on: str, people: int, card: Scorecard, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a run: the entry of the log that its data stand at, its day, how many people it looked at, and
    what was asked."""
    return {"data": data, "on": on, "people": people, "asked": dict(asked), "versions": versions(card)}
