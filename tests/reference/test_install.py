"""Installing the official files: real ones, partial ones, damaged ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher.errors import EnvironmentFault, NothingUsable, UnreadableFile, UsageError
from matcher.reference import communes, cpv, install, occupations, reference_directory, reference_versions, status
from matcher.reference.storage import data_directory

ROME = "unix_referentiel_code_rome_v460_utf8.csv"
FILES = {
    ROME: (
        '"code_rome","libelle_rome","code_rome_parent"\n'
        '"A1203","Agent / Agente d\'entretien des espaces verts","A1203"\n'
        '"A1208","Jardinier / Jardinière paysagiste","A1203"\n'
        '"F1703","Maçon / Maçonne","F1703"\n'
    ),
    "unix_referentiel_appellation_v460_utf8.csv": (
        "libelle_appellation_long,code_rome,code_rome_parent,classification,peu_usite\n"
        "Maçon / Maçonne,F1703,F1703,PRINCIPALE,N\n"
        "Limousinant / Limousinante,F1703,F1703,SYNONYME,O\n"
        "Jardinier / Jardinière de golf,A1208,F1703,SYNONYME,N\n"
    ),
    "unix_rubrique_mobilite_v460_utf8.csv": (
        "code_rome,code_rome_cible,numero_ordre\nF1703,A1203,10\nF1703,A1208,2\nF1703,Z9999,1\n"
    ),
    "unix_item_v460_utf8.csv": (
        "code_ogr,libelle,code_rubrique\n1,Gâcher du mortier,1\n2,Rigueur,2\n3,Lecture de plan,3\n"
        "4,Travail de nuit,\n5,Poser des briques,1\n"
    ),
    "unix_coherence_item_v460_utf8.csv": (
        "code_rome,code_ogr,coeur_metier\nF1703,1,\nF1703,2,\nF1703,3,Émergente\nF1703,4,\nF1703,5,Principale\n"
    ),
    "communes_de_test.csv": (
        "code_insee,nom,code_departement,code_region,codes_postaux,population,latitude,longitude,epci_siren\n"
        "91228,Évry-Courcouronnes,91,11,91000 91080,66919.0,48.6287,2.4313,200059228\n"
        "91377,Massy,91,11,91300,,48.7268,2.2713,\n"
        "91999,Ville-Neuve,91,11,91300,12,,,\n"
    ),
    "cpv_test.csv": "CODE,FR\n45000000-7,Travaux\n45210000-2,Bâtiments\n",
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def only(*names: str) -> dict[str, str]:
    return {name: FILES[name] for name in names}


def test_small_files_are_compiled_and_used(tmp_path: Path) -> None:
    data = tmp_path / "data"
    report = install(write(tmp_path / "src" / "deep", FILES).parent, data, on=date(2026, 10, 5))
    assert report.absent == ()
    assert report.missing == {"rome": (), "communes": ("communes_anciennes_deleguees.csv",), "cpv": ()}
    assert report.installed["rome"] == {
        "occupations": 3, "parents": 2, "appellations": 3, "mobilities": 2, "skills": 4, "occupation_skills": 4
    }  # fmt: skip

    rome = occupations(data)
    assert rome.installed
    assert rome.source == "ROME 4.0 v460 installé"
    assert rome.codes == ("A1203", "A1208", "F1703")
    assert rome.parent("A1208") == "A1203"
    assert rome.children("A1203") == ("A1203", "A1208")
    assert rome.mobilities("F1703") == ("A1208", "A1203")
    assert rome.skills("F1703") == ("Poser des briques", "Lecture de plan", "Gâcher du mortier", "Rigueur")
    assert rome.core_skill_codes("F1703") == ("5",)
    assert rome.skill_kinds["3"] == "savoir"
    assert rome.skills("A1203") == ()
    titles = rome.appellations
    assert titles[titles["code"] == "F1703"]["label"].tolist() == ["Maçon / Maçonne", "Limousinant / Limousinante"]
    assert titles["main"].tolist() == [False, True, False]
    assert titles["rare"].tolist() == [False, False, True]
    assert titles[titles["parent"] == "F1703"]["code"].tolist() == ["A1208", "F1703", "F1703"]

    places = communes(data)
    assert places.codes.tolist() == ["91228", "91377", "91999"]
    assert not np.isnan(places.latitude).any()
    assert places.origins.tolist() == ["officiel", "officiel", "voisins_postal"]
    assert np.isnan(places.population).tolist() == [False, True, False]
    assert places.resolve(["91182"], [None], [None]).tolist() == [0]
    assert places.by_arrondissement["912"] == (0,)  # from the embedded data

    assert cpv(data).label("45210000") == "Bâtiments"
    assert cpv(data).label("90000000") is None


def test_the_report_and_the_status_are_readable(tmp_path: Path) -> None:
    data = tmp_path / "data"
    lines = install(write(tmp_path / "src", only(ROME)), data).lines()
    assert lines[0] == f"Données de référence installées dans {data / 'reference'} :"
    assert lines[1] == "- métiers (ROME), 4.0 v460 : 3 métiers, 2 codes ROME v3"
    assert lines[2].strip() == ROME
    assert "    absent : unix_rubrique_mobilite_v460_utf8.csv" in lines
    assert lines[-1] == "- codes CPV : aucun fichier officiel trouvé, inchangé"
    shown = status(data).lines()
    assert shown[0].startswith("métiers (ROME) : installé, 4.0 v460, SHA-256 ")
    assert shown[2].startswith("communes : embarqué")


def test_a_partial_rome_has_labels_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    install(write(tmp_path / "src", only(ROME)), data)
    rome = occupations(data)
    assert rome.parent("A1208") == "A1203"
    assert rome.mobilities("F1703") == ()
    assert rome.skills("F1703") == ()
    assert rome.skill_labels == {}
    assert rome.appellations["label"].tolist()[-1] == "Maçon / Maçonne"


def test_parts_add_up_and_a_new_version_replaces_the_old(tmp_path: Path) -> None:
    data = tmp_path / "data"
    install(write(tmp_path / "one", only(ROME)), data, on=date(2026, 1, 2))
    assert reference_versions(data)["communes"]["origin"] == "embedded"
    first = reference_versions(data)["rome"]
    install(write(tmp_path / "two", only("cpv_test.csv")), data)
    assert reference_versions(data)["rome"] == first
    assert status(data).parts[0].on == "2026-01-02"
    newer = FILES[ROME].replace("Maçon / Maçonne", "Maçon")
    source = write(tmp_path / "three", {ROME: FILES[ROME], ROME.replace("460", "461"): newer})
    install(source, data)
    assert occupations(data).label("F1703") == "Maçon"
    assert reference_versions(data)["rome"]["version"] == "4.0 v461"
    folders = {path.name.split("-")[0] for path in (data / "reference").iterdir() if path.is_dir()}
    assert folders == {"rome", "cpv"}
    assert len(list((data / "reference").iterdir())) == 3


def test_installing_twice_changes_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "src", FILES)
    install(source, tmp_path / "data", on=date(2026, 1, 1))
    before = (tmp_path / "data" / "reference" / "manifest.json").read_bytes()
    install(source, tmp_path / "data", on=date(2026, 1, 1))
    assert (tmp_path / "data" / "reference" / "manifest.json").read_bytes() == before


def test_gzipped_and_plain_files_are_the_same_to_it(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", FILES)
    packed = tmp_path / "packed"
    packed.mkdir()
    for name, text in FILES.items():
        (packed / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    install(plain, tmp_path / "a")
    install(packed, tmp_path / "b")
    a, b = reference_versions(tmp_path / "a"), reference_versions(tmp_path / "b")
    assert [a[part]["sha256"] for part in a] == [b[part]["sha256"] for part in b]


DAMAGE = [
    (
        ROME,
        "code_rome,libelle_rome\nA1203,x\n",
        r"n'a pas la colonne code_rome_parent\. Colonnes trouvées : code_rome",
    ),
    (ROME, "", r"n'a pas la colonne code_rome, libelle_rome, code_rome_parent\. Colonnes trouvées : –"),
    (ROME, "code_rome,libelle_rome,code_rome_parent\n", r"ne contient aucune ligne"),
    (ROME, FILES[ROME] + '"F17', r"n'est pas un CSV valide"),
    (ROME, FILES[ROME] + "F1704,Carreleur\n", r"ligne 5, a 2 colonnes au lieu de 3.*tronqué"),
    (ROME, FILES[ROME] + "1703,Maçon,F1703\n", r"ligne 5 : « 1703 » n'est pas un code ROME"),
    (
        "unix_rubrique_mobilite_v460_utf8.csv",
        "code_rome,code_rome_cible,numero_ordre\nF1703,A1203,x\n",
        r"« x » n'est",
    ),
    ("communes_de_test.csv", "code_insee,nom,latitude\n91228,Évry,48\n", r"n'a pas la colonne code_departement"),
    ("communes_de_test.csv", FILES["communes_de_test.csv"].replace("48.7268", "4872.68"), r"latitude : « 4872\.68 »"),
    ("communes_de_test.csv", FILES["communes_de_test.csv"].replace("91377,", "1377,"), r"zéro initial perdu"),
    ("cpv_test.csv", "CODE,EN\n45000000-7,Works\n", r"n'a pas la colonne libelle_fr"),
    ("cpv_test.csv", "CODE,FR\nabc,Travaux\n", r"« abc » n'est pas un code CPV"),
]


@pytest.mark.parametrize(("name", "text", "words"), DAMAGE)
def test_a_damaged_file_installs_nothing(tmp_path: Path, name: str, text: str, words: str) -> None:
    data = tmp_path / "data"
    source = write(tmp_path / "src", {**FILES, name: text})
    with pytest.raises(UnreadableFile, match=words) as caught:
        install(source, data)
    assert name in caught.value.message
    assert caught.value.mend
    assert not data.exists()


def test_truncated_and_false_archives(tmp_path: Path) -> None:
    whole = gzip.compress(FILES[ROME].encode() * 50)
    for content, words in ((whole[:-20], "tronqué"), (whole[:4] + b"\xff" * 40, "illisible")):
        source = tmp_path / words
        source.mkdir()
        (source / f"{ROME}.gz").write_bytes(content)
        with pytest.raises(UnreadableFile, match=rf"{ROME}\.gz est {words}.*Téléchargez-le de nouveau"):
            install(source, tmp_path / "data")


def test_another_encoding_is_told(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / ROME).write_bytes(FILES[ROME].encode("latin-1"))
    with pytest.raises(UnreadableFile, match=r"n'est pas en UTF-8 .*Prenez la version UTF-8"):
        install(source, tmp_path / "data")


def test_a_folder_without_official_files(tmp_path: Path) -> None:
    with pytest.raises(
        NothingUsable, match=r"Aucun fichier de référence officiel .* unix_referentiel_code_rome_v460"
    ):
        install(write(tmp_path / "src", {"autre.csv": "a,b\n1,2\n"}), tmp_path / "data")
    with pytest.raises(UsageError, match=r"n'existe pas\. Indiquez le dossier"):
        install(tmp_path / "nulle-part", tmp_path / "data")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(EnvironmentFault, match=r"Impossible d'écrire dans .*CLAUSEMATCH_DATA_DIR"):
        install(write(tmp_path / "src", only(ROME)), tmp_path / "data")


def test_tampered_or_lost_files_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    install(write(tmp_path / "src", FILES), data)
    target = next((data / "reference").glob("rome-*/occupations.parquet"))
    content = target.read_bytes()
    target.write_bytes(content[:-1] + b"x")
    with pytest.raises(UnreadableFile, match=r"occupations\.parquet a été modifié depuis .* reference install"):
        occupations(data)
    with pytest.raises(UnreadableFile, match="a été modifié"):
        status(data)
    target.unlink()
    with pytest.raises(UnreadableFile, match="manque ou ne peut être lu"):
        occupations(data)
    install(tmp_path / "src", data)  # mends it
    assert occupations(data).known("F1703")


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 9, "parts": {}}', '{"format": 1, "parts": {"rome": 3}}'])
def test_a_damaged_manifest_is_refused_then_mended(tmp_path: Path, text: str) -> None:
    folder = reference_directory(tmp_path)
    folder.mkdir()
    (folder / "manifest.json").write_text(text)
    with pytest.raises(UnreadableFile, match=r"manifeste .* illisible\. Réinstallez-le .* embarquées"):
        occupations(tmp_path)
    install(write(tmp_path / "src", only(ROME)), tmp_path)
    assert occupations(tmp_path).known("F1703")


def test_a_manifest_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    install(write(tmp_path / "src", only("cpv_test.csv")), data)
    path = data / "reference" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["parts"]["cpv"]["folder"] = "../../elsewhere"
    path.write_text(json.dumps(manifest))
    with pytest.raises(UnreadableFile, match=r"reference/elsewhere/cpv\.parquet manque"):
        cpv(data)


def test_the_data_directory_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEMATCH_DATA_DIR", str(tmp_path / "mine"))
    assert data_directory() == tmp_path / "mine"
    install(write(tmp_path / "src", only("cpv_test.csv")))
    assert cpv().label("45210000") == "Bâtiments"
    monkeypatch.delenv("CLAUSEMATCH_DATA_DIR")
    assert data_directory().name == "clausematch"


@pytest.fixture(scope="module")
def official(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("official")
    report = install(shared_data, data, on=date(2026, 10, 5))
    assert report.absent == ()
    assert all(not missing for missing in report.missing.values())
    return data


def test_the_published_rome(official: Path) -> None:
    rome = occupations(official)
    counts = status(official).parts[0].counts
    assert (counts["occupations"], counts["parents"], counts["appellations"]) == (1584, 532, 13120)
    assert counts["mobilities"] == 14912
    assert len({rome.parent(code) for code in rome.codes}) == 532
    assert all(rome.parent(rome.parent(code)) == rome.parent(code) for code in rome.codes)
    assert rome.children("A1203") == ("A1203", "A1208", "A1211")
    assert rome.mobilities("F1703")[:2] == ("F1608", "F1701")
    assert all(len(rome.mobilities(code)) >= 6 for code in rome.codes)
    assert all(rome.skills(code) for code in rome.codes)
    core = rome.core_skill_codes("A1203")
    assert core
    assert rome.skill_codes("A1203")[: len(core)] == core
    assert "Effectuer l'entretien de végétaux" in rome.skills("A1203")
    assert len(rome.appellations) == 13120
    assert rome.appellations["main"].sum() == 1584


def test_the_published_communes_and_cpv(official: Path) -> None:
    places = communes(official)
    assert len(places) == 35014
    assert not np.isnan(places.latitude).any()
    assert (places.origins == "officiel").sum() == 35010
    evry = places.index(["91228"])[0]
    assert (places.latitude[evry], places.longitude[evry]) == (48.6287, 2.4313)
    assert places.area("91025", "Code postal") == places.area("91", "Code département")
    assert places.resolve([None], ["75012"], ["Paris"])[0] == places.index(["75112"])[0]
    assert places.by_epci["200068781"]
    assert places.place("651", "Code arrondissement").known
    assert len(cpv(official).codes) == 9454
    assert cpv(official).nearest_label("45214220-8").startswith("Travaux de construction d'écoles secondaires")
