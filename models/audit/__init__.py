"""The audit of a scorecard: groups, merit, proxies, stability, the two forms of titles. Figures, never a verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher.engine import Engine
from matcher.fairness import Groups, eligible_pool
from models.audit.groups import list_figures, outcome_figures
from models.audit.pools import read_pairs
from models.audit.proxy import proxy_audit
from models.audit.stability import stability
from models.audit.titles import swap_audit
from models.audit.words import audit_markdown
from models.signals import Feedback

SEED = 91

__all__ = ["SEED", "audit", "audit_markdown", "save_audit"]


def audit(engine: Engine, feedback: Feedback | None = None, seed: int = SEED) -> dict[str, Any]:
    """All the figures of the engine's scorecard on its people and positions, as audit.json has them.

    Without `feedback` nothing is said of outcomes. The same engine and seed give the same figures.
    """
    on = engine.options.on
    groups = Groups.of(engine.candidates, on)
    pairs = read_pairs(engine)
    return {
        "scorecard": {"id": engine.card.id, "kind": engine.card.kind, "sha256": engine.card.sha256},
        "people": len(engine.candidates),
        "positions": len(engine.positions),
        "pairs": len(pairs),
        "seed": seed,
        "names": {name: {"title": d.title, "groups": dict(d.groups)} for name, d in groups.dimensions.items()},
        "lists": list_figures(engine, groups),
        "outcomes": outcome_figures(engine, groups, feedback, on) if feedback is not None and len(feedback) else None,
        "proxy": proxy_audit(pairs, groups.codes, seed),
        "stability": stability(engine, eligible_pool(engine), seed),
        "titles": swap_audit(engine),
    }


def save_audit(found: Mapping[str, Any], folder: Path) -> list[str]:
    """Write audit.json and audit.md into an existing folder; gives their names."""
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    (folder / "audit.json").write_text(text + "\n", encoding="utf-8")
    (folder / "audit.md").write_text(audit_markdown(found), encoding="utf-8")
    return ["audit.json", "audit.md"]
