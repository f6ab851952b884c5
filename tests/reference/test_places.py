"""Place codes as real notices give them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.reference import Communes, communes, distance_km
from matcher.reference.communes import CITIES
from matcher.reference.nuts import nuts_departments
from matcher.reference.places import place_kind


@pytest.fixture(scope="module")
def table() -> Communes:
    return communes()


def codes(table: Communes, code: str | None, kind: str | None = None) -> set[str]:
    return {str(table.codes[index]) for index in table.area(code, kind)}


@pytest.mark.parametrize(
    ("code", "kind", "understood", "expected"),
    [
        ("91228", "Code commune", "commune", {"91228"}),
        ("91000", "Code postal", "postal", {"91228"}),
        ("91228", "Code postal", "commune", {"91228"}),
        ("94480", "Code commune", "postal", {"94001"}),
        ("91240", "CODE POSTAL", "postal", {"91570"}),
        ("FR63100", "Code postal", "postal", {"63113"}),
        ("91182", None, "commune", {"91228"}),
        ("3200", "Code postal", "postal", None),
        ("1053", "Code commune", "commune", {"01053"}),
        ("75001", "Code postal", "postal", {"75101"}),
        ("75116", "Code postal", "postal", {"75116"}),
        ("75056", "Code commune", "commune", {"75056"}),
        ("69383", "Code commune", "commune", {"69383"}),
        ("2a004", "Code commune", "commune", {"2A004"}),
        ("97411.0", "Code commune", "commune", {"97411"}),
        ("97430", "Code postal", "postal", {"97422"}),
        ("975", "Code commune", "departement", {"97501", "97502"}),
        ("200068781", "Code postal", "epci", None),
    ],
)
def test_communes_and_postal_codes(
    table: Communes, code: str, kind: str | None, understood: str, expected: set[str] | None
) -> None:
    place = table.place(code, kind)
    assert place.kind == understood
    assert place.known
    if expected is not None:
        assert codes(table, code, kind) == expected


@pytest.mark.parametrize(
    ("code", "kind", "departments", "note"),
    [
        ("91", "Code département", {"91"}, ""),
        ("1", "Code département", {"01"}, ""),
        ("078", "Code département", {"78"}, ""),
        ("2B", "Code département", {"2B"}, ""),
        ("974", "Code département", {"974"}, ""),
        ("972231", "Code département", {"972"}, ""),
        ("60", "Code postal", {"60"}, "60 n'est pas un code de type « code postal » : lu comme « département »"),
        ("34", "Code région", {"34"}, "34 n'est pas un code de type « région » : lu comme « département »"),
        ("92974", "Code postal", {"92"}, "code 92974 inconnu (CEDEX ?) : pris pour son département"),
        ("91012", None, {"91"}, "code 91012 inconnu (CEDEX ?) : pris pour son département"),
        ("91054 CEDEX", "Code postal", {"91"}, "code 91054 inconnu (CEDEX ?) : pris pour son département"),
        ("20189", "Code postal", {"2A"}, "code 20189 inconnu (CEDEX ?) : pris pour son département"),
        ("97492", "Code postal", {"974"}, "code 97492 inconnu (CEDEX ?) : pris pour son département"),
        ("0902", "Code arrondissement", {"09"}, "canton 0902 : pris pour son département"),
        ("9115", "Code canton", {"91"}, "canton 9115 : pris pour son département"),
        ("11", "Code région", {"75", "77", "78", "91", "92", "93", "94", "95"}, ""),
        ("R11", None, {"75", "77", "78", "91", "92", "93", "94", "95"}, ""),
        ("94", "Code région", {"2A", "2B"}, ""),
        ("4", "Code région", {"974"}, ""),
        ("26", "Code région", {"26"}, "26 n'est pas un code de type « région » : lu comme « département »"),
        ("41", "Code région", {"41"}, "41 n'est pas un code de type « région » : lu comme « département »"),
        ("10", "Code région", {"75", "77", "78", "91", "92", "93", "94", "95"}, "NUTS"),
        ("101", "Code région", {"75"}, "NUTS"),
        ("820", "Code région", {"04", "05", "06", "13", "83", "84"}, "NUTS"),
        ("FRF2", "Code région", {"08", "10", "51", "52"}, "NUTS"),
        ("FRJ23", "Code pays", {"31"}, "NUTS"),
        ("FR615", "Code département", {"64"}, "NUTS"),
        ("651", "Code arrondissement", {"65"}, ""),
        ("11", None, {"11"}, ""),
        ("20", "Code département", {"2A", "2B"}, ""),
    ],
)
def test_wider_areas(table: Communes, code: str, kind: str | None, departments: set[str], note: str) -> None:
    place = table.place(code, kind)
    assert {str(table.departments[index]) for index in place.communes} == departments
    assert note in place.note
    assert bool(note) == bool(place.note)


def test_labels(table: Communes) -> None:
    assert table.place("3200", "Code postal").label == "03200 Vichy"
    assert table.place("200068781", "Code postal").label == "CA Valence Romans Agglo"
    assert table.place("91228").label == "Évry-Courcouronnes"


def test_a_departement_and_a_region_are_whole(table: Communes) -> None:
    essonne = table.place("91", "Code département")
    assert essonne.label == "Essonne"
    assert len(essonne.communes) == 194
    region = table.place("R11")
    assert region.label == "Île-de-France"
    assert len(region.communes) == 1286
    assert table.place("651", "Code arrondissement").label == "Argelès-Gazost"
    assert len(table.area("FR", "Code pays")) == len(table.area("99100", "Code pays")) == len(table)


@pytest.mark.parametrize(
    ("code", "kind", "note"),
    [
        ("99134", "Code pays", "lieu hors de France : 99134"),
        ("BE", "Code pays", "lieu hors de France : BE"),
        ("DEP", "Code commune", "lieu inconnu : DEP"),
        ("00", "Code postal", "lieu inconnu : 00"),
        ("1116", "Code postal", "lieu inconnu : 1116"),
        ("96000", "Code postal", "lieu inconnu : 96000"),
        ("", None, "lieu non renseigné"),
        (None, "Code postal", "lieu non renseigné"),
        ("  ", "", "lieu non renseigné"),
    ],
)
def test_the_unknown_stays_unknown_and_says_so(
    table: Communes, code: str | None, kind: str | None, note: str
) -> None:
    place = table.place(code, kind)
    assert place.communes == ()
    assert not place.known
    assert place.kind == ""
    assert place.note == note


@given(
    st.one_of(st.none(), st.text(max_size=12), st.from_regex(r"[0-9AB]{1,6}", fullmatch=True)),
    st.sampled_from([None, "", "Code postal", "Code commune", "Code département", "Code région", "Code pays", "zzz"]),
)
def test_any_text_is_a_place_or_says_why_not(code: str | None, kind: str | None) -> None:
    place = communes().place(code, kind)
    assert place.known == bool(place.kind)
    assert place.known or place.note
    assert place.communes == communes().area(code, kind)


def test_the_name_beside_a_cedex_code_decides(table: Communes) -> None:
    # 49321 is Cholet's CEDEX and, by chance, the INSEE code of another commune.
    assert table.place("49321", "Code postal").code == "49160"  # merged into Ingrandes-le-Fresne-sur-Loire
    cholet = table.place("49321", "Code postal", "CHOLET CEDEX")
    assert (cholet.code, cholet.label) == ("49099", "Cholet")
    assert cholet.note == "code 49321 inconnu (CEDEX ?) : pris pour Cholet, que l'avis nomme"
    assert table.place("69601", "Code postal", "VILLEURBANNE").code == "69266"
    assert table.place("69601", "Code postal", "MAIRIE DE VILLEURBANNE").code == "69"
    assert table.place("91000", "Code postal", "Massy").code == "91000"
    assert table.place("62041", "Code postal", "ARRAS").note.endswith("lu comme « commune »")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Code postal", "postal"),
        ("CODE POSTAL", "postal"),
        ("Code département", "departement"),
        ("departement", "departement"),
        ("Code région", "region"),
        ("région", "region"),
        ("Code commune", "commune"),
        ("Code pays", "pays"),
        ("Code arrondissement", "arrondissement"),
        ("Code canton", "canton"),
        ("", ""),
        (None, ""),
        ("autre", ""),
    ],
)
def test_kinds(written: str | None, kind: str) -> None:
    assert place_kind(written) == kind


def test_nuts_levels() -> None:
    assert nuts_departments("FR104") == ("91",)
    assert nuts_departments("FR1") == ("75", "77", "78", "91", "92", "93", "94", "95")
    assert nuts_departments("FRM") == ("2A", "2B")
    assert nuts_departments("FRY10") == ("971",)
    assert nuts_departments("FR109") == ()
    assert nuts_departments("FR") == ()
    assert nuts_departments("DE300") == ()


def test_a_postal_code_of_a_city_is_its_arrondissement(table: Communes) -> None:
    cities = {table.by_code[code] for code in CITIES}
    shared = [code for code, indices in table.by_postal.items() if len(indices) > 1 and cities & set(indices)]
    assert shared == []


def _notices(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as stream:
        content = json.load(stream)["marches"]
    return list(content["marche"] if isinstance(content, dict) else content)


@pytest.mark.parametrize(
    ("file", "records", "unknown"),
    [("v2_2022/decp_2022_e-marchespublics_2024.json.gz", 639, 9), ("v1_2019/decp_v1_consolide.json.gz", 5184, 41)],
)
def test_places_of_the_real_notices(
    table: Communes, shared_data: Path, file: str, records: int, unknown: int
) -> None:
    notices = _notices(shared_data / "decp" / file)
    assert len(notices) == records
    left: Counter[str] = Counter()
    for notice in notices:
        stated = notice["lieuExecution"]
        place = table.place(str(stated["code"]), stated.get("typeCode"))
        assert place.known == bool(place.kind)
        if not place.known:
            assert place.note
            left[str(stated["code"])] += 1
    assert left.total() == unknown
    abroad = {"99", *(str(code) for code in range(99110, 99146))}
    assert set(left) <= abroad | {"DEP", "INO", "00", "1116", "1411", "1520", "1639", "6901"}


def test_distance() -> None:
    assert float(distance_km(48.8566, 2.3522, 45.7640, 4.8357)) == pytest.approx(391.5, abs=1.0)  # Paris-Lyon
    assert float(distance_km(10, 20, 10, 20)) == 0.0
    assert float(distance_km(0, 0, 0, 180)) == pytest.approx(np.pi * 6371.0088)
    grid = distance_km(np.zeros((3, 1)), np.zeros((3, 1)), np.zeros((1, 2)), np.array([[0.0, 1.0]]))
    assert grid.shape == (3, 2)
    assert np.isnan(distance_km(np.nan, 0, 0, 0))
