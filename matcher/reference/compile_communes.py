"""The official communes with coordinates, compiled to a table.

What the file lacks (administrative arrondissement, a few coordinates, codes of merged communes) comes from the
embedded data, and failing that from neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.reference.coordinates import Town, complete
from matcher.reference.official import Compiled, OfficialTable, read_header, read_official
from matcher.reference.storage import column, embedded_table

_NAME = re.compile(r"^communes.*\.csv(\.gz)?$", re.IGNORECASE)
_NEEDED = (
    "code_insee", "nom", "code_departement", "code_region", "codes_postaux", "population", "latitude", "longitude",
)  # fmt: skip
_OPTIONAL = ("epci_siren",)
_FORMER = ("code_insee", "nom", "commune_parente")
_INSEE = re.compile(r"^(\d{5}|2[AB]\d{3})$")
OFFICIAL = "officiel"

Points = dict[str, tuple[float, float, str]]


def compile_communes(files: Iterable[Path]) -> Compiled | None:
    """The file of communes with the most rows (extracts of one region exist), or None."""
    named = [(path, {name.strip() for name in read_header(path)}) for path in files if _NAME.match(path.name)]
    complete_files = [path for path, header in named if header >= set(_NEEDED)]
    if not complete_files:
        near = [(path, header) for path, header in named if header & {"latitude", "longitude"}]
        if not near:
            return None
        read_official(near[0][0], _NEEDED)  # says which columns are missing
        return None
    tables = [read_official(path, _NEEDED, _OPTIONAL) for path in complete_files]
    table = max(tables, key=len)
    former = next(
        (
            read_official(path, _FORMER)
            for path, header in named
            if header >= set(_FORMER) and path not in complete_files
        ),
        None,
    )
    rows, completed = _rows(table)
    former_rows = _former(former, {row[0] for row in rows})
    sources = {source.path.name: source.sha256 for source in (table, former) if source is not None}
    counts = {"communes": len(rows), "former": len(former_rows), "without_coordinates": completed}
    names = (
        "code", "name", "department", "region", "arrondissement", "epci", "postal_codes", "population", "latitude",
        "longitude", "coordinates",
    )  # fmt: skip
    parquet = {
        "communes.parquet": _text(names, rows),
        "former.parquet": _text(("code", "name", "commune"), former_rows),
    }
    missing = () if former is not None else ("communes_anciennes_deleguees.csv",)
    return Compiled(table.path.name, parquet, sources, counts, missing)


def _text(names: Iterable[str], rows: list[tuple[str, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)})


def _number(text: str, table: OfficialTable, line: int, name: str, least: float, most: float) -> float:
    """A number in range, NaN when empty."""
    if not text:
        return math.nan
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.inf
    if not least <= value <= most:
        raise UnreadableFile(
            _(
                "Le fichier {file}, ligne {line}, colonne {column} : « {value} » n'est pas une valeur possible."
            ).format(file=table.path, line=line, column=name, value=text),
            _("Reprenez le fichier tel qu'il est publié."),
        )
    return value


def _rows(table: OfficialTable) -> tuple[list[tuple[str, ...]], int]:
    """Rows in code order with coordinates everywhere, and how many coordinates were not the file's own."""
    embedded = embedded_table("communes.csv.gz")
    extra = {
        code: (arrondissement, epci)
        for code, arrondissement, epci in zip(
            *(column(embedded, name) for name in ("code", "arrondissement", "epci")), strict=True
        )
    }
    epci = table.columns.get("epci_siren") or [""] * len(table)
    known: Points = {}
    towns: list[Town] = []
    populations: dict[str, str] = {}
    for row, code in enumerate(table["code_insee"]):
        line = row + 2
        if not _INSEE.match(code) or not table["nom"][row]:
            raise UnreadableFile(
                _("Le fichier {file}, ligne {line} : « {code} » n'est pas un code INSEE avec un nom.").format(
                    file=table.path, line=line, code=code
                ),
                _("Un zéro initial perdu par un tableur ? Reprenez le fichier tel qu'il est publié."),
            )
        latitude = _number(table["latitude"][row], table, line, "latitude", -90, 90)
        longitude = _number(table["longitude"][row], table, line, "longitude", -180, 180)
        population = _number(table["population"][row], table, line, "population", 0, 1e8)
        populations[code] = "" if math.isnan(population) else str(int(population))
        if not math.isnan(latitude + longitude):
            known[code] = (latitude, longitude, OFFICIAL)
        siren = epci[row] or extra.get(code, ("", ""))[1]
        postal = tuple(sorted(re.findall(r"\d{5}", table["codes_postaux"][row])))
        towns.append(Town(
            code, table["nom"][row], table["code_region"][row], table["code_departement"][row], siren, postal, 0
        ))  # fmt: skip
    given = len(known)
    points = _completed(towns, known, embedded)
    located = [town for town in towns if town.code in points]
    rows = [
        _row(town, extra.get(town.code, ("", ""))[0], populations[town.code], points[town.code]) for town in located
    ]
    return sorted(set(rows)), len(located) - given


def _completed(towns: list[Town], known: Points, embedded: pa.Table) -> Points:
    """The file's coordinates, then the embedded gazetteer's, then neighbours'."""
    columns = (column(embedded, name) for name in ("code", "latitude", "longitude", "coordinates"))
    for code, latitude, longitude, origin in zip(*columns, strict=True):
        if code not in known:
            known[code] = (float(latitude), float(longitude), origin)
    wanted: Mapping[str, Town] = {town.code: town for town in towns}
    known = {code: point for code, point in known.items() if code in wanted}
    return complete(towns, known)


def _row(town: Town, arrondissement: str, population: str, point: tuple[float, float, str]) -> tuple[str, ...]:
    return (
        town.code, town.name, town.department, town.zone, arrondissement, town.epci, " ".join(town.postal_codes),
        population, f"{point[0]:.4f}", f"{point[1]:.4f}", point[2],
    )  # fmt: skip


def _former(official: OfficialTable | None, present: set[str]) -> list[tuple[str, ...]]:
    """Former communes of the file and of the embedded data whose present commune exists."""
    embedded = embedded_table("communes_anciennes.csv.gz")
    rows = set(zip(*(column(embedded, name) for name in ("code", "name", "commune")), strict=True))
    if official is not None:
        rows |= set(zip(*(official[name] for name in _FORMER), strict=True))
    return sorted(row for row in rows if row[2] in present)
