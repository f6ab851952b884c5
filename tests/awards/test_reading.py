"""Every published form of a notice, and what cannot be read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.awards import import_awards, read_awards
from matcher.awards.reading import MAX_BYTES
from matcher.awards.text import damaged, repair, tokens
from matcher.errors import NirRefused, UnreadableFile

Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]


def test_a_notice_of_the_2022_decree(notice: Make, decp: Write) -> None:
    award = read_awards(decp(notice())).iloc[0]
    assert award["award_id"] == "21910000000017-2024-01"
    assert award["contractors"] == "11111111100011"
    assert award["social"] == "Clause sociale"
    assert award["amount"] == 1_000_000
    assert award["notified_on"] == pd.Timestamp("2024-02-15")
    assert award["place_kind"] == "postal"
    assert not award["framework"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda r: {"marches": {"marche": [r]}},
        lambda r: {"marches": {"marche": r}},
        lambda r: {"marches": [r]},
        lambda r: [r],
        lambda r: r,
        lambda r: {"marche": [{"marche": r}]},
        lambda r: {"contrats-concessions": [r]},
        lambda r: {"marches": {"contrat-concession": [r]}},
    ],
)
@pytest.mark.parametrize("gzipped", [False, True])
def test_every_wrapping_plain_or_gzipped(notice: Make, tmp_path: Path, wrap: Any, gzipped: bool) -> None:
    content = json.dumps(wrap(notice())).encode()
    path = tmp_path / "notices.dat"  # the name says nothing: the content decides
    path.write_bytes(gzip.compress(content) if gzipped else content)
    assert list(read_awards(path)["award_id"]) == ["21910000000017-2024-01"]


@pytest.mark.parametrize(
    "holders",
    [
        [{"titulaire": {"id": "22222222200022"}}, {"titulaire": {"id": "33333333300033"}}],
        [{"id": "22222222200022", "denominationSociale": "A"}, {"id": "33333333300033"}],
        [[[{"id": "22222222200022"}, {"id": "33333333300033"}]]],
        {"titulaire": [{"id": "22222222200022"}, {"id": 33333333300033}]},
    ],
)
def test_holders_however_wrapped(notice: Make, decp: Write, holders: Any) -> None:
    assert read_awards(decp(notice(titulaires=holders)))["contractors"][0] == "22222222200022|33333333300033"


def test_a_2019_notice_has_no_social_field(notice: Make, decp: Write) -> None:
    result = import_awards(decp(notice(considerationsSociales=None)))
    assert result.table["social"].isna().all()
    assert "--social any" in result.warnings[0]


def test_a_concession_is_read_by_its_own_fields(notice: Make, decp: Write) -> None:
    record = notice(acheteur=None, titulaires=None, montant=None, dateNotification=None, codeCPV=None)
    record |= {
        "autoriteConcedante": {"id": "21910000000025"},
        "concessionnaires": [{"concessionnaire": {"id": "44444444400044"}}],
        "valeurGlobale": "7789456.56",
        "dateSignature": "2018-07-12",
        "dateDebutExecution": "2018-09-01",
        "modifications": [{"modification": {"dateSignatureModification": "2019-01-01", "valeurGlobale": 9e6}}],
    }
    award = read_awards(decp(record)).iloc[0]
    assert award["buyer_siret"] == "21910000000025"
    assert award["contractors"] == "44444444400044"
    assert award["amount"] == 9_000_000
    assert award["notified_on"] == pd.Timestamp("2018-09-01")


def test_the_latest_modification_counts_whatever_its_place(notice: Make, decp: Write) -> None:
    changes = [
        {"modification": {"id": 3, "dateNotificationModification": "2025-03-01", "dureeMois": 30}},
        {"modification": {"id": 2, "dateNotificationModification": "2025-02-01", "montant": 300, "dureeMois": 20}},
        {"modification": {"id": 1, "dateNotificationModification": "2025-01-01", "montant": 200}},
    ]
    award = read_awards(decp(notice(modifications=changes))).iloc[0]
    assert (award["amount"], award["duration_months"]) == (300, 30)
    assert award["modified"]


def test_days_of_modifications_written_the_french_way(notice: Make, decp: Write) -> None:
    changes = [
        {"modification": {"dateNotificationModification": "01/12/2025", "montant": 200}},
        {"modification": {"dateNotificationModification": "2025-11-30", "montant": 300}},
        {"modification": {"dateNotificationModification": "15/11/2025", "montant": 400}},
    ]
    assert read_awards(decp(notice(modifications=changes))).iloc[0]["amount"] == 200


def test_the_same_number_at_two_buyers_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "awards.csv"
    lines = ["award_id;buyer_siret;object", *(f"A;{buyer};Peinture" for buyer in ("1" * 14, "2" * 14, "1" * 14))]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert list(read_awards(path)["award_id"]) == ["A", "A-2", "A"]


def test_lots_under_one_number_and_identical_notices(notice: Make, decp: Write) -> None:
    lots = [notice(objet="Lot 1"), notice(objet="Lot 2"), notice(objet="Lot  1 "), notice(objet="Lot 3")]
    names = list(read_awards(decp(*lots))["award_id"])
    base = "21910000000017-2024-01"
    assert names == [base, f"{base}-2", base, f"{base}-3"]


def test_a_lot_never_takes_the_identifier_of_another_notice(notice: Make, decp: Write) -> None:
    records = [notice(objet="Lot 1"), notice(objet="Lot 2"), notice(id="2024-01-2", objet="Autre")]
    assert read_awards(decp(*records))["award_id"].is_unique


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("45316110-9", "45316110"),
        ("INX 67151000-0", "67151000"),
        ("9310000", "09310000"),
        (45210000, "45210000"),
        ("031210005", "03121000"),
        ("0", None),
    ],
)
def test_cpv_codes_as_they_come(notice: Make, decp: Write, code: Any, read: str | None) -> None:
    found = read_awards(decp(notice(codeCPV=code)))["cpv"][0]
    assert found == read or (read is None and pd.isna(found))


@pytest.mark.parametrize("value", ["NC", "CDL", "MQ", "", "nan", None, float("nan"), 0])
def test_ways_of_writing_nothing(notice: Make, decp: Write, value: Any) -> None:
    result = import_awards(decp(notice() | {"dureeMois": value}))
    assert result.table["duration_months"].isna().all()
    assert len(result.rejected) == 0


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"id": None}, "id", "identifiant du marché absent ; compléter « id »"),
        ({"acheteur": None}, "acheteur", "compléter le SIRET de l'acheteur"),
        ({"montant": "beaucoup"}, "montant", "montant illisible ; l'écrire en chiffres"),
        ({"montant": -5}, "montant", "montant négatif"),
        ({"montant": float("inf")}, "montant", "montant illisible"),
        ({"montant": True}, "montant", "montant illisible"),
        ({"montant": 1e300}, "montant", "montant démesuré"),
        ({"dureeMois": "longtemps"}, "dureeMois", "durée illisible ; l'écrire en mois"),
        ({"dureeMois": -3}, "dureeMois", "durée impossible"),
        ({"dateNotification": "2024-02-31"}, "dateNotification", "n'existe pas au calendrier"),
        ({"dateNotification": "bientôt"}, "dateNotification", "date illisible"),
        ({"dateNotification": "0218-12-26"}, "dateNotification", "année avant 1900"),
        ({"dateNotification": "2999-01-01"}, "dateNotification", "vérifier l'année"),
        ({"objet": 12}, "object", "n'est pas un texte"),
    ],
)
def test_a_bad_record_is_set_aside_with_its_mend(
    notice: Make, decp: Write, changes: dict[str, Any], column: str, words: str
) -> None:
    result = import_awards(decp(notice(), notice(**changes), notice(id="3")))
    assert len(result.table) == 2
    line = result.rejected.iloc[0]
    assert (line["file"], line["row"], line["column"]) == ("decp.json", 2, column)
    assert words in line["message"]


def test_what_is_not_a_record_at_all(notice: Make, decp: Write) -> None:
    result = import_awards(decp(notice(), "texte", 12, None, [], {}))
    assert len(result.table) == 1
    assert list(result.rejected["row"]) == [2, 3, 4, 5, 6]
    assert "n'est pas un marché" in result.rejected["message"][0]


@pytest.mark.parametrize("day", ["2018-11-27+01:00", "2018-11-27", "27/11/2018", "2018-11-27Z"])
def test_dates_as_they_come(notice: Make, decp: Write, day: str) -> None:
    assert read_awards(decp(notice(dateNotification=day)))["notified_on"][0] == pd.Timestamp("2018-11-27")


def test_dates_without_their_zeros(notice: Make, decp: Write) -> None:
    assert read_awards(decp(notice(dateNotification="2019-1-1")))["notified_on"][0] == pd.Timestamp("2019-01-01")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "est vide"),
        (b"  \n ", "est vide"),
        (b"[" * 100_000, "profondément"),
        (b'{"marches": {"marche": [', "JSON"),
        (b'{"a": 1}', "pas un fichier de marchés attribués"),
        (b'{"releases": []}', "OCDS"),
        (b"<marches><marche/></marches>", "XML"),
        (gzip.compress(b'{"marches": []}' * 999, mtime=0)[:40], "gzip"),
        (b"\x1f\x8b\x08\x00rien", "gzip"),
        (b"PK\x03\x04rien du tout", "XLSX"),
        (b"a;b\n1;2\n", "aucune colonne reconnue"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "fichier.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as failure:
        read_awards(path)
    assert words in failure.value.message
    assert failure.value.mend


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="ne peut pas être lu"):
        read_awards(tmp_path / "absent.json")


def test_a_file_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "enorme.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse: takes no room on the disk
    with pytest.raises(UnreadableFile, match="dépasse 1024 Mo"):
        read_awards(path)


def test_no_notice_at_all(decp: Write) -> None:
    assert len(read_awards(decp())) == 0


def test_an_awards_table(tmp_path: Path) -> None:
    path = tmp_path / "attributions.csv"
    path.write_text(
        "award_id;objet;montant;notifié le;durée;considérations sociales;taux d'insertion\n"
        "A1;Nettoyage des locaux;120 000,50;15/02/2024;12;Clause sociale;5 %\n"
        ";Peinture;1000;;;;\n"
        "A2;Peinture;mille;;;;\n",
        encoding="cp1252",
    )
    result = import_awards(path)
    award = result.table.iloc[0]
    assert (award["amount"], award["insertion_rate"], award["social"]) == (120000.5, 0.05, "Clause sociale")
    assert result.read == 3
    assert list(result.rejected["row"]) == [3, 4]
    assert "identifiant du marché manquant" in result.rejected["message"][0]


def test_a_json_list_of_awards(tmp_path: Path) -> None:
    path = tmp_path / "attributions.json"
    path.write_text(
        json.dumps([{"award_id": "A1", "object": "Peinture", "amount": 1000, "social": ["Clause sociale"]}])
    )
    award = read_awards(path).iloc[0]
    assert (award["award_id"], award["social"], award["source"]) == ("A1", "Clause sociale", "table")


FLAT = (
    "titulaire_id_1;titulaire_id_2;id;objet;codeCPV;dureeMois;dateNotification;montant;acheteur.id;"
    "lieuExecution.code;lieuExecution.typeCode;considerationsSociales;techniques;montantModification\n"
    "11111111100011;CDL;24-1;Charpente bois;45210000-2;9;2024-12-12;27364.0;20000000000011;57280;Code postal;"
    "['Clause sociale', 'Critère social'];['Accord-cadre'];MQ\n"
)


def test_a_flat_table_of_notices(tmp_path: Path) -> None:
    path = tmp_path / "decp.csv.gz"
    path.write_bytes(gzip.compress(FLAT.encode("utf-8-sig")))
    award = read_awards(path).iloc[0]
    assert award["award_id"] == "20000000000011-24-1"
    assert award["contractors"] == "11111111100011"
    assert award["social"] == "Clause sociale|Critère social"
    assert award["framework"]
    assert award["row"] == 2


def test_a_flat_table_without_place_takes_the_buyers_department(tmp_path: Path) -> None:
    path = tmp_path / "decp.csv"
    path.write_text("uid,id,codeCPV,acheteur_id,montant,acheteur_departement_code\n1,1,45210000,200,5000,91\n")
    award = read_awards(path).iloc[0]
    assert (award["place_code"], award["place_kind"], award["place_of_buyer"]) == ("91", "departement", True)
    assert pd.isna(award["social"])


def test_a_nir_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "decp.csv"
    path.write_text("id;acheteur_id;montant;NIR\n1;2;3;4\n")
    with pytest.raises(NirRefused, match="NIR"):
        read_awards(path)


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        ("cour de l'école â\x80\x93 lot 2", "cour de l'école – lot 2"),
        ("Ã©cole dâ€™Ã©tÃ©", "école d’été"),
        ("Maîtrise d'\x9cuvre", "Maîtrise d'œuvre"),
        ("LOT 2 et#8211, COUVERTURE det#8217,Ollezy", "LOT 2 – COUVERTURE d’Ollezy"),
        ("&eacute;coles &amp; cr&#232;ches", "écoles & crèches"),
        ("d\\'électricité", "d'électricité"),
        ("a <br />b", "a b"),
        ("BÂTIMENT n° « à »", "BÂTIMENT n° « à »"),
        ("Ma\ufffdtrise", "Ma\ufffdtrise"),
    ],
)
def test_repairs_are_reversible_ones_only(raw: str, mended: str) -> None:
    assert repair(raw) == mended


@given(st.text(alphabet="aàâéèêëîïôöùûüçœ«»n°0’–€ ", max_size=30).filter(lambda text: "â€" not in text))
def test_a_sound_text_is_left_alone_and_its_mojibake_undone(text: str) -> None:
    tidy = " ".join(text.split())
    assert repair(tidy) == tidy
    assert repair(tidy.encode("utf-8").decode("latin-1")) == tidy


def test_lost_letters_are_told() -> None:
    assert damaged("d\ufffdmolition")
    assert damaged("Gros ?uvre")
    assert tokens("Travaux d'entretien des espaces verts") == ["travaux", "entretien", "espaces", "verts"]


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just([]) | st.just({})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "objet",
                    "codeCPV",
                    "montant",
                    "dureeMois",
                    "dateNotification",
                    "lieuExecution",
                    "titulaires",
                    "modifications",
                    "considerationsSociales",
                    "techniques",
                    "acheteur.id",
                ]
            ),
            values,
        ),
        max_size=6,
    )
)
def test_no_record_is_ever_lost(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    path = tmp_path / "n.json"
    path.write_text(json.dumps({"marches": records}))
    result = import_awards(path, today=date(2024, 1, 1))
    assert result.read == len(records)
    assert set(result.rejected["row"]).isdisjoint(set(result.table["row"]))
