"""The hand-kept list of occupations of the samples (trades.yml), as arrays ready for drawing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Trade:
    """One occupation: its ROME 4.0 code, how it is named, who seeks it, and what it asks."""

    code: str
    sector: str
    masculine: str
    feminine: str
    said: tuple[str, ...]
    men: float
    women: float
    level: int
    jobs: float
    near: tuple[int, ...]
    skills: tuple[str, ...]
    certificates: tuple[tuple[str, int, float], ...]
    demands: tuple[str, ...]
    schedule: tuple[str, ...]
    wage: float
    licence: str


@lru_cache(maxsize=1)
def trades() -> tuple[Trade, ...]:
    """Every trade of trades.yml, in file order; `near` holds positions in this tuple."""
    raw = yaml.safe_load((Path(__file__).parent / "trades.yml").read_text(encoding="utf-8"))
    position = {entry["code"]: i for i, entry in enumerate(raw)}
    return tuple(
        Trade(
            code=entry["code"],
            sector=entry["sector"],
            masculine=entry["m"],
            feminine=entry["f"],
            said=tuple(entry["said"]),
            men=float(entry["men"]),
            women=float(entry["women"]),
            level=int(entry["level"]),
            jobs=float(entry["jobs"]),
            near=tuple(position[code] for code in entry["near"]),
            skills=tuple(entry["skills"]),
            certificates=tuple((name, int(m), float(share)) for name, (m, share) in entry["certs"].items()),
            demands=tuple(entry["demands"]),
            schedule=tuple(entry["schedule"]),
            wage=float(entry["wage"]),
            licence=entry.get("licence", ""),
        )
        for entry in raw
    )
