"""The files of a run: shortlists, contributions, exclusions, unfilled, and the record that lets it be replayed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

import matcher
from matcher.errors import UsageError
from matcher.locale import _
from matcher.reference import reference_versions
from matcher.resolve.people import DEFAULT_DISTANCE_KM
from matcher.scoring import Scorecard
from matcher.shortlist import Result
from matcher.tables.writing import write_fault, write_table, write_workbook

OUTPUTS = ("csv", "xlsx", "json", "contributions", "report")
MANY_POSITIONS = 200
FAIRNESS = "fairness.csv"  # the report's fairness figures as data
NEVER_LISTED = "never_listed.csv"  # with the report: people on no list, for their adviser
FLOOR = "floor.csv"  # what a floor asks, misses and costs
RESULT_FILES = frozenset(
    {
        "shortlists.csv",
        "shortlists.xlsx",
        "shortlists.json",
        "contributions.parquet",
        "report.html",
        FAIRNESS,
        NEVER_LISTED,
        FLOOR,
    }
)


def chosen_outputs(outputs: Sequence[str] | None, positions: int) -> tuple[str, ...]:
    """The outputs asked for, or the default: all up to 200 positions, the light ones above. Raises UsageError."""
    if outputs is None:
        return OUTPUTS if positions <= MANY_POSITIONS else ("csv", "contributions", "report")
    odd = [name for name in outputs if name not in OUTPUTS]
    if odd:
        raise UsageError(
            _("--outputs : « {name} » n'est pas prévu.").format(name=odd[0]),
            _("Choisir parmi {names}.").format(names=", ".join(OUTPUTS)),
        )
    return tuple(outputs)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A staging folder whose files move into `folder` at the end, or disappear on an error.

    What an earlier run left there and this one does not write again goes away, so that a folder tells one run.
    Raises EnvironmentFault when the disk or the rights do not allow it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".clausematch-", dir=folder))
    except OSError as error:
        raise write_fault(folder, error) from None
    try:
        yield staging
        written = {path.name for path in staging.iterdir()}
        for name in sorted(written):
            os.replace(staging / name, folder / name)
        if "run.json" in written:
            for name in RESULT_FILES - written:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        if error.errno is None:  # not the disk's doing
            raise
        raise write_fault(folder, error) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_result(result: Result, folder: Path, outputs: Sequence[str]) -> None:
    """Write the tables of a run into an existing folder, by the names of the contract."""
    for ending in ("csv", "json"):
        if ending in outputs:
            write_table(result.shortlists, folder / f"shortlists.{ending}")
    if "xlsx" in outputs:
        write_workbook({"clausematch": result.shortlists, _("à lire"): _about(result)}, folder / "shortlists.xlsx")
    if "contributions" in outputs:
        write_table(result.contributions, folder / "contributions.parquet")
    write_table(result.exclusions, folder / "exclusions.csv")
    write_table(result.unfilled, folder / "unfilled.csv")


@dataclass(frozen=True)
class Origin:
    """Where a run comes from: the command, the SHA-256 of each input file, what else was counted or remarked; the
    options and reference data of the steps before (awards)."""

    command: str = "match"
    inputs: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    reference: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def run_record(result: Result, origin: Origin) -> dict[str, Any]:
    """What a replay needs: versions and SHA-256 of inputs, rules, reference data and model; options; counts."""
    engine = result.engine
    options = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in asdict(engine.options).items()}
    return {
        "command": origin.command,
        "clausematch": matcher.__version__,
        "options": {**options, **origin.options},
        "default_distance_km": DEFAULT_DISTANCE_KM,
        "inputs": dict(origin.inputs),
        "rules": engine.decisions.packs(),
        "reference": {**reference_versions(), **origin.reference},
        "scorecard": _scorecard(engine.card),
        "counts": {**result_counts(result), **origin.counts},
        "remarks": [*origin.remarks, *result.remarks],
    }


def _scorecard(card: Scorecard) -> dict[str, Any]:
    """Which scorecard, and what its scores are: points, or points calibrated on so many proposals."""
    known = card.calibration
    return {
        "id": card.id,
        "version": card.version,
        "sha256": card.sha256,
        "kind": card.kind,
        "parent": card.parent,
        "meaning": card.nature,
        "calibration": known and {"event": "interviewed", "people": known.people, "reached": known.reached},
    }


def _about(result: Result) -> pd.DataFrame:
    """The second sheet of the workbook: what the score is, and how the lists were made."""
    card = result.engine.card
    lines = [
        (_("score"), _("points de la grille, de 0 à 100 ; ils rangent les personnes d'une même liste")),
        (_("sens du score"), card.nature),
        (_("grille"), f"{card.id}, version {card.version}"),
        (_("empreinte SHA-256 de la grille"), card.sha256),
        (_("jour du calcul"), result.engine.options.on.isoformat()),
        (_("personne n'est écarté par un score"), _("un conseiller peut ajouter, retirer ou reclasser quiconque")),
    ]
    return pd.DataFrame(lines, columns=[_("à lire"), _("ce que c'est")])


def write_json(data: Mapping[str, Any], path: Path) -> None:
    """A mapping as indented JSON with sorted keys."""
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def sha256_by_name(paths: Sequence[Path]) -> dict[str, str]:
    """File name → SHA-256; of several files with one name, the later ones get a number."""
    found: dict[str, str] = {}
    for path in paths:
        name, copies = path.name, 2
        while name in found:
            name, copies = f"{path.name} ({copies})", copies + 1
        found[name] = sha256_of(path)
    return found


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def result_counts(result: Result) -> dict[str, int]:
    """The figures of a run: people, positions, places on lists, people listed, positions not filled."""
    return {
        "people": len(result.engine.candidates),
        "positions": len(result.engine.positions),
        "listed": len(result.shortlists),
        "people_listed": int(result.shortlists["candidate_id"].nunique()),
        "to_verify": int((result.shortlists["outcome"] == "to_verify").sum()),
        "unfilled": len(result.unfilled),
    }
