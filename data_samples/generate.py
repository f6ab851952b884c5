"""Make invented people, positions and award notices: `python -m data_samples.generate -o DIR`.

The same arguments give the same bytes. Nothing depends on the clock: every date is relative to `--on`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_samples.mess import Cells, Disorder, disorder, headers, position_rows
from data_samples.notices import notices
from data_samples.people import people
from data_samples.places import HOME, Towns, towns
from data_samples.positions import positions
from matcher.errors import ClausematchError, UsageError
from matcher.locale import _
from matcher.schema import CANDIDATES, POSITIONS, Kind, TableSpec

DEFAULT_ON = date(2026, 9, 1)
DEFAULT_PEOPLE = 600
DEFAULT_POSITIONS = 40
DEFAULT_SEED = 91
DEFAULT_BROKEN = 0.01
# Parquet is written in slices of this size: a million people fit in little memory.
SLICE = 250_000

_ARROW: Mapping[Kind, pa.DataType] = {
    Kind.DATE: pa.timestamp("s"),
    Kind.TRI: pa.bool_(),
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.float64(),
    Kind.LEVEL: pa.float64(),
}


@dataclass(frozen=True)
class Options:
    """What to make; the defaults make the committed samples."""

    on: date = DEFAULT_ON
    people: int = DEFAULT_PEOPLE
    positions: int = DEFAULT_POSITIONS
    seed: int = DEFAULT_SEED
    format: str = "csv"
    departments: tuple[str, ...] = (HOME,)
    home_share: float | None = None
    broken: float = DEFAULT_BROKEN
    gaps: bool = True

    def towns(self) -> Towns:
        """Communes of the people. Raises UsageError for a département without communes."""
        return towns(self.departments, self.home_share)


def people_table(options: Options) -> pa.Table:
    """The clean table of people."""
    return people(options.seed, options.people, options.towns(), options.on, gaps=options.gaps)


def messy_people(options: Options) -> Disorder:
    """The people of the CSV form, with its known faults."""
    records = people_table(options).to_pylist()
    return disorder(records, options.towns(), options.seed, options.broken)


def csv_text(spec: TableSpec, rows: Sequence[Cells]) -> str:
    """CSV with `;` and a header line."""
    titles = headers(spec)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(titles.values())
    writer.writerows([row[name] for name in titles] for row in rows)
    return out.getvalue()


def _typed(spec: TableSpec, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns = {}
    for column in spec.columns:
        values = [row[column.name] for row in rows]
        kind = _ARROW.get(column.kind, pa.string())
        if kind == pa.float64():
            values = [None if value is None else float(value) for value in values]
        if column.kind == Kind.DATE:
            columns[column.name] = pa.array(values, pa.date32()).cast(kind)
        else:
            columns[column.name] = pa.array(values, kind)
    return pa.table(columns)


def _write_text(path: Path, text: str, encoding: str) -> None:
    path.write_bytes(text.encode(encoding))


def _write_people_parquet(path: Path, options: Options) -> None:
    """One slice after the other, each with its own streams: the file depends on the arguments alone."""
    place = options.towns()
    writer: pq.ParquetWriter | None = None
    for start in range(0, max(options.people, 1), SLICE):
        seed = options.seed + 1_000_003 * (start // SLICE)
        count = min(SLICE, options.people - start)
        table = people(
            seed,
            count,
            place,
            options.on,
            gaps=options.gaps,
            first_number=start + 1,
            id_width=7 if options.people > 99_999 else 5,
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def write_samples(options: Options, directory: Path) -> list[Path]:
    """Write candidates, positions and awards into `directory`; gives the paths written."""
    offers = positions(options.seed, options.positions, options.towns(), options.on)
    directory.mkdir(parents=True, exist_ok=True)
    suffix = options.format
    candidates, jobs = directory / f"candidates.{suffix}", directory / f"positions.{suffix}"
    if options.format == "csv":
        _write_text(candidates, csv_text(CANDIDATES, messy_people(options).rows), "utf-8-sig")
        _write_text(jobs, csv_text(POSITIONS, position_rows(offers, options.seed)), "utf-8-sig")
    else:
        _write_people_parquet(candidates, options)
        pq.write_table(_typed(POSITIONS, offers), jobs)
    awards = directory / "awards.json"
    document = notices(options.seed, options.on)
    _write_text(awards, json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return [candidates, jobs, awards]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data_samples.generate",
        description=_("Fabrique des personnes, des postes et des avis d'attribution inventés."),
    )
    add = parser.add_argument
    add("--on", type=date.fromisoformat, default=DEFAULT_ON, metavar="DATE", help=_("date des faits (AAAA-MM-JJ)"))
    add("--people", type=int, default=DEFAULT_PEOPLE, metavar="N", help=_("nombre de personnes"))
    add("--positions", type=int, default=DEFAULT_POSITIONS, metavar="P", help=_("nombre de postes"))
    add("--seed", type=int, default=DEFAULT_SEED, metavar="S", help=_("graine du tirage"))
    add("--format", choices=("csv", "parquet"), default="csv", help=_("csv désordonné ou parquet canonique"))
    add("--departments", default=HOME, metavar="CODES", help=_("départements, séparés par des virgules"))
    add("--home-share", type=float, metavar="PART", help=_("part du premier département (sinon la population)"))
    add("--broken", type=float, metavar="PART", help=_("part de lignes fausses dans le csv (0,01 par défaut)"))
    add("--complete", action="store_true", help=_("sans case vide ni contradiction"))
    add("-o", "--output", type=Path, required=True, metavar="DIR", help=_("dossier d'arrivée"))
    return parser


def _options(arguments: argparse.Namespace) -> Options:
    for name, value in (("people", arguments.people), ("positions", arguments.positions), ("seed", arguments.seed)):
        if value < 0:
            raise UsageError(_("--{name} : un nombre positif est attendu.").format(name=name))
    for name, share in (("broken", arguments.broken), ("home-share", arguments.home_share)):
        if share is not None and not 0 <= share <= 1:
            raise UsageError(_("--{name} : une part entre 0 et 1 est attendue.").format(name=name))
    if arguments.broken and arguments.format == "parquet":
        raise UsageError(_("--broken ne vaut que pour le csv."))
    return Options(
        on=arguments.on,
        people=arguments.people,
        positions=arguments.positions,
        seed=arguments.seed,
        format=arguments.format,
        departments=tuple(dict.fromkeys(code.strip() for code in arguments.departments.split(","))),
        home_share=arguments.home_share,
        broken=DEFAULT_BROKEN if arguments.broken is None else arguments.broken,
        gaps=not arguments.complete,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; gives its exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        for path in write_samples(_options(parsed), parsed.output):
            print(path)
    except ClausematchError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
