"""From notices to awards.csv and positions.csv."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.awards import Conversion, ConversionOptions, convert, import_awards, positions_from_awards, read_awards
from matcher.errors import UsageError
from matcher.schema import POSITIONS
from matcher.tables import read_table, write_table

Make = Callable[..., dict[str, Any]]
Write = Callable[..., Path]
OPTIONS = ConversionOptions(on=date(2024, 3, 1))
RESERVED = {"considerationSociale": ["Marché réservé"]}


def run(path: Path, **changes: Any) -> Conversion:
    return convert(import_awards(path), replace(OPTIONS, **changes))


def test_a_building_lot_becomes_masons(notice: Make, decp: Write) -> None:
    result = run(decp(notice(codeCPV="45421000")))  # a joinery code: the words win
    award = result.awards.iloc[0]
    assert (award["selected"], award["template"], award["positions"]) == (True, "gros_oeuvre", 3)
    assert "gros oeuvre" in award["template_from"]
    assert award["hours"] == pytest.approx(833.33, abs=0.01)
    assert (award["labour_share"], award["insertion_rate"], award["hourly_cost"]) == (0.5, 0.05, 30)
    assert "valeur par défaut, CPV 4526" in award["labour_share_from"]
    assert award["insertion_rate_from"] == "plancher de la charte"
    positions = result.positions
    assert list(positions.columns) == list(POSITIONS.names)
    assert list(positions["position_id"]) == [f"21910000000017-2024-01-P{n}" for n in (1, 2, 3)]
    assert list(positions["occupation"]) == ["F1703", "F1704", "F1701"]
    assert positions["hours"].sum() == pytest.approx(award["hours"])
    assert set(positions["siret"]) == {"11111111100011"}
    assert set(positions["start_date"]) == {pd.Timestamp("2024-03-01")}
    assert set(positions["end_date"]) == {pd.Timestamp("2024-06-01")}
    assert set(positions["mode"]) == {"direct"}
    assert "calculées" in award["hours_from"]


def test_selection_says_why_not(notice: Make, decp: Write) -> None:
    path = decp(
        notice(id="1"),
        notice(id="1"),
        notice(id="2", considerationsSociales={"considerationSociale": ["Critère social"]}),
        notice(id="3", considerationsSociales=None),
        notice(id="4", lieuExecution={"code": "75", "typeCode": "Code département"}),
        notice(id="5", lieuExecution={"code": "XX", "typeCode": "Code postal"}),
    )
    awards = run(path, place="91").awards
    assert list(awards["selected"]) == [True, False, False, False, False, False]
    assert list(awards["reason"][1:]) == [
        "doublon",
        "considération sociale non demandée",
        "pas de champ « considérations sociales » : ajouter --social any",
        "hors du territoire demandé",
        "lieu inconnu",
    ]
    assert list(run(path, social="any").awards["selected"]) == [True, False, True, True, True, True]
    assert list(run(path, social="clause sociale|CRITERE SOCIAL").awards["selected"])[2]


@pytest.mark.parametrize(
    ("place", "code", "kind", "taken"),
    [
        ("91", "91", "Code département", True),
        ("R11", "91", "Code département", True),
        ("91", "11", "Code région", False),
        ("R11", "11", "Code région", True),
        ("91228", "91228", "Code commune", True),
        ("R24", "91", "Code département", False),
    ],
)
def test_places(notice: Make, decp: Write, place: str, code: str, kind: str, taken: bool) -> None:
    path = decp(notice(lieuExecution={"code": code, "typeCode": kind}))
    assert bool(run(path, place=place).awards["selected"][0]) is taken


def test_an_area_stays_an_area(notice: Make, decp: Write) -> None:
    position = run(decp(notice(lieuExecution={"code": "91", "typeCode": "Code département"}))).positions.iloc[0]
    assert (position["place_code"], position["place_kind"]) == ("91", "departement")
    assert pd.isna(position["commune"])
    commune = run(decp(notice(lieuExecution={"code": "91228", "typeCode": "Code commune"}))).positions.iloc[0]
    assert commune["commune"] == "91228"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"montant": 40000}, "à regrouper"),
        ({"dateNotification": "2022-01-01"}, "terminé"),
        ({"montant": None}, "montant absent"),
        ({"montant": 0}, "montant symbolique (0 €) : heures à fixer avec l'acheteur"),
        ({"montant": 1}, "montant symbolique (1 €) : heures à fixer avec l'acheteur"),
        ({"montant": 1e12}, "montant improbable (1 000 000 000 000 €) : à vérifier avec l'acheteur"),
        ({"montant": 99999999}, "montant improbable (99 999 999 €) : à vérifier avec l'acheteur"),
        ({"objet": "Le marché du siècle", "codeCPV": "12345678"}, "objet non reconnu : ajouter un modèle, ou"),
        ({"objet": "Fourniture de papier", "codeCPV": "30197630"}, "sans heures : fournitures, matériels"),
    ],
)
def test_an_award_without_position_says_why(notice: Make, decp: Write, changes: dict[str, Any], reason: str) -> None:
    result = run(decp(notice() | changes))
    award = result.awards.iloc[0]
    assert award["selected"]
    assert award["reason"].startswith(reason)
    assert (award["positions"], len(result.positions)) == (0, 0)


def test_hours_are_kept_when_they_are_too_few(notice: Make, decp: Write) -> None:
    assert run(decp(notice(montant=40000))).awards["hours"][0] == pytest.approx(33.33, abs=0.01)


def test_a_framework_agreement_is_a_ceiling(notice: Make, decp: Write) -> None:
    award = run(decp(notice(techniques={"technique": ["Accord-cadre"]}))).awards.iloc[0]
    assert award["framework"]
    assert "plafond" in award["warnings"]
    assert not run(decp(notice(nature="Marché subséquent", objet="Marché subséquent de l'accord-cadre"))).awards[
        "framework"
    ][0]


@pytest.mark.parametrize(
    ("title", "kind", "mode"),
    [
        ("Entretien des espaces verts - LOT RÉSERVÉ", "unspecified", "direct"),
        ("Espaces verts, lot réservé aux ESAT et entreprises adaptées", "handicap", "direct"),
        ("Espaces verts réservés, insertion par l'activité économique", "insertion", "EI"),
        ("Espaces verts, chantier d'insertion", "insertion", "ACI"),
        ("Espaces verts réservés aux EA, ESAT et SIAE", "unspecified", "direct"),
        ("Espaces verts, article L2113-13", "insertion", "EI"),
        ("Espaces verts, économie sociale et solidaire", "ess", "direct"),
    ],
)
def test_reserved_contracts(notice: Make, decp: Write, title: str, kind: str, mode: str) -> None:
    result = run(decp(notice(objet=title, considerationsSociales=RESERVED)), social="Marché réservé")
    award = result.awards.iloc[0]
    assert award["reserved"] == kind
    assert award["estimate"]
    assert "aucune heure d'insertion due" in award["warnings"]
    assert set(result.positions["reserved"]) == {kind}
    assert set(result.positions["mode"]) == {mode}


def test_stated_terms_win_and_a_lower_rate_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "award_id;object;cpv;amount;social;labour_share;insertion_rate;hourly_cost;hours\n"
        "A;Peinture;45442100;1000000;Clause sociale;50 %;3 %;30;\n"
        "B;Peinture;45442100;1000000;Clause sociale;;;;1200\n"
        "C;Peinture;45442100;1000000;Clause sociale;;;;\n"
    )
    awards = run(path, hourly_cost=25.0).awards.set_index("award_id")
    assert awards.loc["A", "hours"] == pytest.approx(500)
    assert "taux d'insertion de 3 % sous le plancher de 5 %" in awards.loc["A", "warnings"]
    assert awards.loc["A", "labour_share_from"] == "donné par la notice"
    assert (awards.loc["B", "hours"], awards.loc["B", "hours_from"]) == (1200, "fixées par le marché")
    assert awards.loc["C", "hours"] == pytest.approx(1e6 * 0.7 * 0.05 / 25)
    assert awards.loc["C", "hourly_cost_from"] == "option de la commande"


def test_openings_follow_the_target_length(notice: Make, decp: Write) -> None:
    path = decp(notice(objet="Nettoyage des locaux", codeCPV="90911200", montant=2_000_000))
    hours = 2_000_000 * 0.8 * 0.05 / 30
    for months in (2.0, 3.0, 6.0):
        position = run(path, months=months, asked=15).positions.iloc[0]
        assert position["openings"] == hours // (35 * 52 / 12 * months)
        assert position["asked"] == 15


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"social": "Clause verte"}, "Considération sociale inconnue"),
        ({"social": ""}, "Considération sociale inconnue"),
        ({"place": "Essonne"}, "Territoire non reconnu"),
        ({"place": "R99"}, "Territoire non reconnu"),
        ({"months": 0}, "durée visée"),
        ({"weekly_hours": 60}, "heures par semaine"),
        ({"insertion_rate": 5}, "taux d'insertion"),
        ({"hourly_cost": 0}, "coût horaire"),
        ({"asked": 0}, "au moins 1"),
    ],
)
def test_options_out_of_reason(notice: Make, decp: Write, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run(decp(notice()), **changes)


def test_nothing_selected_is_said(notice: Make, decp: Write) -> None:
    assert "aucune notice retenue" in run(decp(notice(considerationsSociales=None))).warnings[-1]


def test_nothing_read_gives_empty_tables(decp: Write) -> None:
    result = run(decp())
    assert (len(result.awards), len(result.positions), result.read) == (0, 0, 0)


def test_python_callers_get_the_same_positions(notice: Make, decp: Write) -> None:
    path = decp(notice(), notice(id="2", objet="Peinture"))
    from_file = positions_from_awards(read_awards(path), on=OPTIONS.on)
    pd.testing.assert_frame_equal(from_file, run(path).positions)


def test_a_table_made_by_hand() -> None:
    frame = pd.DataFrame(
        {"award_id": ["A"], "object": ["Peinture"], "amount": [1_000_000], "social": ["Clause sociale"]}
    )
    assert list(positions_from_awards(frame, on=OPTIONS.on)["occupation"]) == ["F1606"]
    with pytest.raises(UsageError, match="colonne amount"):
        positions_from_awards(frame.assign(amount="mille"), on=OPTIONS.on)


def test_positions_written_are_read_back(notice: Make, decp: Write, tmp_path: Path) -> None:
    path = decp(
        notice(lieuExecution={"code": "91", "typeCode": "Code département"}), notice(id="2", objet="Peinture")
    )
    shown = run(path).shown_positions()
    write_table(shown, tmp_path / "positions.csv")
    back = read_table(POSITIONS, tmp_path / "positions.csv", today=date(2024, 3, 1))
    assert len(back.rejected) == 0
    pd.testing.assert_frame_equal(back.table, shown, check_dtype=False)


NO_WORK = "sans heures : fournitures, matériels ou outillage : le prix paie des produits, non des heures de travail"
GOLDEN = f"""award_id;selected;reason;positions;hours;template;framework;estimate
21910000000017-1;yes;;3;833;gros_oeuvre;no;no
21910000000017-1;no;doublon;0;833;gros_oeuvre;no;no
21910000000017-1-2;yes;à regrouper;0;14;peinture;no;no
21910000000017-2;yes;{NO_WORK};0;;fournitures;no;no
21910000000017-3;yes;;1;217;espaces_verts;yes;yes
"""


def test_awards_csv_as_written(notice: Make, decp: Write, tmp_path: Path) -> None:
    path = decp(
        notice(id="1"),
        notice(id="1"),
        notice(id="1", objet="Lot 3 : Peinture", montant=12000),
        notice(id="2", objet="Fourniture de vis", codeCPV="44316000"),
        notice(
            id="3",
            objet="Entretien des espaces verts - lot réservé",
            codeCPV="77310000",
            montant=200000,
            techniques={"technique": ["Accord-cadre"]},
            considerationsSociales=RESERVED,
        ),
    )
    shown = run(path, social="Clause sociale|Marché réservé").shown_awards()
    columns = GOLDEN.split("\n", 1)[0].split(";")
    write_table(shown[columns], tmp_path / "awards.csv")
    assert (tmp_path / "awards.csv").read_text(encoding="utf-8-sig").replace("\r\n", "\n") == GOLDEN
