"""Rewrite the committed samples and the measured parts of DATASHEET.md: `python -m data_samples.datasheet`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from data_samples.figures import figures
from data_samples.generate import Options, messy_people, write_samples
from data_samples.mess import HEADERS
from data_samples.people import CONTRADICTIONS, GAPS
from data_samples.places import towns
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import read_table

FOLDER = Path(__file__).parent
PATH = FOLDER / "DATASHEET.md"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _proportions(options: Options, people: pd.DataFrame) -> str:
    rows = [
        (f.name, _percent(f.aim), _percent(f.found), f"± {_percent(f.tolerance)}")
        for f in figures(people, options.on)
    ]
    return _table(("proportion (parmi les cases connues)", "visé", "obtenu", "tolérance"), rows)


def _homes(options: Options, people: pd.DataFrame) -> str:
    place = towns(options.departments)
    names = dict(zip(place.codes, place.names, strict=True))
    rural = {code for code, country in zip(place.codes, place.rural, strict=True) if country}
    codes = people["commune"].dropna()
    common = codes.value_counts().sort_index().sort_values(ascending=False, kind="stable").head(10)
    shown = ", ".join(f"{names[str(code)]} ({count})" for code, count in common.items())
    return (
        f"Communes les plus fréquentes (quand le code INSEE est donné) : {shown}. "
        f"Communes rurales ou du sud : {_percent(float(codes.isin(rural).mean()))} des personnes."
    )


def _gaps(people: pd.DataFrame) -> str:
    rows = [(f"`{name}`", _percent(GAPS[name]), _percent(float(people[name].isna().mean()))) for name in sorted(GAPS)]
    return _table(("colonne", "cases vidées", "cases inconnues du fichier"), rows)


def _faults(options: Options) -> str:
    found = messy_people(options)
    rows = [(str(bad.row), f"`{HEADERS.get(bad.column, bad.column)}`", bad.about) for bad in found.bad]
    twice = ", ".join(f"{one} = {other}" for one, other in found.duplicates)
    kinds = " ; ".join(kind for kind in CONTRADICTIONS if kind)
    return "\n\n".join(
        (
            _table(("ligne du fichier", "colonne", "faute voulue"), rows),
            f"Personnes entrées deux fois : {twice}.",
            f"Contradictions semées (5 % des personnes, en parts égales) : {kinds}.",
        )
    )


def blocks(options: Options, directory: Path) -> dict[str, str]:
    """The measured parts, by the name of their markers, for the samples lying in `directory`."""
    people = read_table(CANDIDATES, directory / "candidates.csv", today=options.on).table
    offers = read_table(POSITIONS, directory / "positions.csv", today=options.on).table
    modes = offers["mode"].value_counts().sort_index()
    return {
        "proportions": _proportions(options, people),
        "communes": _homes(options, people),
        "cases-vides": _gaps(people),
        "fautes": _faults(options),
        "postes": f"{len(offers)} postes ; modes : " + ", ".join(f"{m} {n}" for m, n in modes.items()) + ".",
    }


def filled(text: str, measured: dict[str, str]) -> str:
    """The datasheet's text with each block between its markers replaced. Raises ValueError for a lost marker."""
    for name, block in measured.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, opened, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise ValueError(f"{PATH.name}: no marker for {name!r}")
        text = f"{before}{start}{block}\n{end}{after}"
    return text


def main() -> int:
    """Write the samples beside this file, then the datasheet."""
    options = Options()
    with tempfile.TemporaryDirectory() as scratch:
        for path in write_samples(options, Path(scratch)):
            (FOLDER / path.name).write_bytes(path.read_bytes())
            print(FOLDER / path.name)
    text = PATH.read_text(encoding="utf-8")
    PATH.write_text(filled(text, blocks(options, FOLDER)), encoding="utf-8")
    print(PATH)
    return 0


if __name__ == "__main__":
    sys.exit(main())
