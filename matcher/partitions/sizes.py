"""How much memory a part may take, in words people write (`2G`), and how many people fit in it."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.errors import UsageError
from matcher.locale import _

PART_ROWS = 100_000  # people searched together when no memory is said

# Measured, and rounded up by half (docs/grande-echelle.md): a process with reference data that matches nobody, and
# what each more takes.
BASE_BYTES = 400 << 20
PERSON_BYTES = 3_000
POSITION_BYTES = 20_000
PAIR_BYTES = 400  # a person kept for a position
READ_PERSON_BYTES = 2_500  # a row of a Parquet file
READ_FACTOR = 9  # a byte of a CSV file
LEAST_ROWS = 5_000
MOST_BYTES = 1 << 50

_FORM = re.compile(r"\s*(\d+)(?:[.,](\d+))?\s*([kmgt])?(?:i?[bo])?\s*", re.IGNORECASE)
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


def read_memory(text: str) -> int:
    """Bytes from `2G`, `1,5 Go`, `800M`; units are powers of 1 024. Raises UsageError for anything else."""
    found = _FORM.fullmatch(text)
    if not found:
        raise UsageError(
            _("--memory : « {text} » n'est pas compris.").format(text=text[:40]), _("Écrire par exemple 2G.")
        )
    whole, decimals, unit = found.groups()
    size = float(f"{whole}.{decimals or 0}") * (1 << _UNITS[(unit or "").lower()])
    if size > MOST_BYTES:
        raise UsageError(
            _("--memory : « {text} » dépasse ce qu'une machine a.").format(text=text[:40]),
            _("Écrire par exemple 2G."),
        )
    return int(size)


def check_reading(path: Path, memory: int) -> None:
    """Raises UsageError when reading the largest file of people would take more than `memory` bytes."""
    files = [path] if path.is_file() else [one for one in path.rglob("*.parquet") if one.is_file()]
    needs = {one: BASE_BYTES + _reading(one) for one in files}
    largest = max(needs, key=lambda one: needs[one], default=path)
    if needs.get(largest, 0) > memory:
        raise UsageError(
            _("--memory : lire {file} prendrait environ {need} M.").format(
                file=largest.name, need=-(-needs[largest] // (1 << 20))
            ),
            _("Donner plus de mémoire, ou un dossier de fichiers Parquet plus petits."),
        )


def _reading(path: Path) -> int:
    """Bytes that reading a file of people takes."""
    try:
        with path.open("rb") as stream:
            parquet = stream.read(4) == b"PAR1"
        if not parquet:
            return READ_FACTOR * path.stat().st_size
        return READ_PERSON_BYTES * int(pq.ParquetFile(path).metadata.num_rows)
    except (OSError, pa.ArrowException):
        return 0  # reading says in words what the matter is


def people_that_fit(memory: int, positions: int, pairs: int) -> int:
    """How many people a part may hold for a process to stay under `memory` bytes; `pairs` are the people kept for all
    positions together.

    Raises UsageError when not even a small part fits.
    """
    fixed = BASE_BYTES + POSITION_BYTES * positions + PAIR_BYTES * pairs
    rows = (memory - fixed) // PERSON_BYTES
    if rows < LEAST_ROWS:
        least = -(-(fixed + LEAST_ROWS * PERSON_BYTES) // (1 << 20))
        raise UsageError(
            _("--memory : trop peu ; il faut au moins {least} M pour {positions} postes.").format(
                positions=positions, least=least
            ),
            _("Donner plus de mémoire, ou moins de postes à la fois."),
        )
    return int(rows)
