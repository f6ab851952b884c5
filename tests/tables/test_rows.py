"""Headers, aliases, rejected rows, remarks: what a file's owner is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.errors import NothingUsable, StrictRejection, UnreadableFile
from matcher.locale import language
from matcher.schema import AWARDS, POSITIONS, TABLES
from matcher.tables import read_table
from tests.tables.files import TODAY, cell, one_cell, read, rejected


@pytest.mark.parametrize(
    "header",
    [
        "Date de naissance",
        "DATE DE NAISSANCE",
        "date_de_naissance",
        "  Date-de naissance : ",
        "Né(e) le",
        "NÉE LE",
        "DDN",
    ],
)
def test_aliases_in_any_dress(tmp_path: Path, header: str) -> None:
    assert str(cell(one_cell(tmp_path, header, "01/05/1990"), "birth_date").date()) == "1990-05-01"


def test_every_header_of_every_table_is_found() -> None:
    for spec in TABLES.values():
        for column in spec.columns:
            for header in (column.name, *column.aliases):
                assert spec.headers["".join(c for c in _plain(header) if c.isalnum())] == column.name


def _plain(text: str) -> str:
    import unicodedata

    text = text.replace("œ", "oe").replace("+", "plus")
    return "".join(
        c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c) and c.isascii()
    )


def test_unknown_columns_are_kept_aside_and_reported(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;Couleur;city\nP1;bleu;x\n;rouge;y\nP3;;z\n")
    assert found.warnings == (
        "personnes.csv : colonnes non reconnues, gardées de côté et non utilisées : « Couleur »",
    )
    assert found.aside["Couleur"].tolist() == ["bleu", ""]
    assert len(found.aside) == len(found.table) == 2


def test_repeated_headers_are_reported(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;Ville;city;Ville;x;x\nP1;a;b;c;d;e\n")
    assert cell(found, "city") == "b"
    assert found.aside.to_dict("list") == {"Ville": ["a"], "Ville (2)": ["c"], "x": ["d"], "x (2)": ["e"]}
    assert found.warnings == (
        "personnes.csv : colonnes non reconnues, gardées de côté et non utilisées : « x », « x »",
        "personnes.csv : colonnes en double, gardées de côté et non utilisées : « Ville → city », « Ville → city »",
    )


def test_a_missing_identifier_column_names_it(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableFile,
        match=r"la colonne « candidate_id » \(identifiant.*l'ajouter ou la renommer.*donnees.md".replace(
            "l'aj", "L'aj"
        ),
    ):
        read(tmp_path, "city\nÉvry\n")


def test_a_file_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="aucune colonne reconnue"):
        read(tmp_path, "x;y\n1;2\n", spec=AWARDS)


def test_the_first_of_repeated_identifiers_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;city\nP1;a\n\nP2;b\n P1 ;c\nP1;d\np1;e\n;f\n")
    assert found.table["city"].tolist() == ["a", "b", "e"]
    assert rejected(found) == [
        (5, "candidate_id", "", "identifiant déjà donné à la ligne 2 ; chaque identifiant ne sert qu'une fois"),
        (6, "candidate_id", "", "identifiant déjà donné à la ligne 2 ; chaque identifiant ne sert qu'une fois"),
        (8, "candidate_id", "", "identifiant manquant ; en donner un à chaque ligne"),
    ]


def test_a_position_identifier_is_no_identity(tmp_path: Path) -> None:
    found = read(tmp_path, "position_id\nA\nA\n", spec=POSITIONS)
    assert rejected(found)[0][2] == "A"


def test_an_award_may_repeat_its_number(tmp_path: Path) -> None:
    assert len(read(tmp_path, "award_id;object\nA;lot 1\nA;lot 2\n", spec=AWARDS).table) == 2


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("birth_date", "hier"), ("validated_on", "hier"), ("informed_on", "hier"), ("objection", "peut-être"),
        ("disability", "reconnu"), ("disability_until", "bientôt"), ("work_limits", "lombalgie"),
        ("evidence", "certificat@demain"), ("justice", "sursis"), ("benefits", "AAH, RSA"),
    ],
)  # fmt: skip
def test_identity_health_and_justice_values_are_not_repeated(tmp_path: Path, column: str, text: str) -> None:
    found = one_cell(tmp_path, column, text)
    ((row, name, value, message),) = rejected(found)
    assert (row, name, value) == (2, column, "")
    assert text not in message


@pytest.mark.parametrize(
    ("column", "text"), [("qpv", "peut-être"), ("wage_min", "douze"), ("available_from", "lundi")]
)
def test_other_values_are_shown(tmp_path: Path, column: str, text: str) -> None:
    assert rejected(one_cell(tmp_path, column, text))[0][2] == text


def test_rejected_has_the_columns_of_the_contract(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;qpv;wage_min\nP1;si;cher\n")
    assert list(found.rejected.columns) == ["file", "row", "column", "value", "message"]
    assert found.rejected.iloc[0].tolist()[:4] == ["personnes.csv", 2, "qpv", "si"]
    assert len(found.rejected) == 1  # a row is counted once, by its first problem


def test_a_very_long_value_is_cut_in_the_report(tmp_path: Path) -> None:
    assert len(rejected(one_cell(tmp_path, "qpv", "x" * 5000))[0][2]) == 200


def test_only_a_birth_date_may_not_be_in_the_future(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "candidate_id;birth_date;jobseeker_since;last_activity_end\n"
        "P1;2026-11-01;2030-01-01;2031-01-01\nP2;2026-11-02;;\n",
    )
    assert found.table["candidate_id"].tolist() == ["P1"]
    assert rejected(found)[0][1:] == ("birth_date", "", "date de naissance dans le futur ; vérifier l'année")


def test_an_end_before_the_start_is_told_and_kept(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "position_id;start_date;end_date\nA;2026-02-01;2026-01-31\nB;2026-02-01;2026-02-01\n",
        spec=POSITIONS,
    )
    assert found.rejected.empty
    assert found.table["end_date"].dt.strftime("%d/%m/%Y").tolist() == ["31/01/2026", "01/02/2026"]
    (told,) = found.warnings
    assert "1 ligne(s) se contredisent : fin avant le début (lignes 2) ; chaque fait est pris tel quel" in told


def test_a_row_without_what_a_column_requires_is_set_aside(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "proposal_id;position_id;candidate_id;decided_on\n1;;C;\n2;P; ;\n1;P;C;\n;;;2026-01-01\n1;P;D;\n",
        spec=TABLES["outcomes"],
    )
    assert found.rows.tolist() == [4]  # the first row with 1 is not usable, so the second is the first to use it
    assert [(row, column) for row, column, *_ in rejected(found)] == [
        (2, "position_id"),
        (3, "candidate_id"),
        (5, "proposal_id"),
        (6, "proposal_id"),
    ]
    assert rejected(found)[0][3] == "case vide ; la remplir, cette colonne est nécessaire"


def test_contradictions_are_told_and_each_fact_kept(tmp_path: Path) -> None:
    found = read(
        tmp_path, "candidate_id;jobseeker;jobseeker_since\nP1;non;2024-01-01\nP2;oui;2024-01-01\nP3;;2024-01-01\n"
    )
    assert found.rejected.empty
    assert cell(found, "jobseeker") == False  # noqa: E712
    assert found.warnings == (
        "personnes.csv : 1 ligne(s) se contredisent : non inscrite à France Travail, mais une date d'inscription est "
        "donnée (lignes 2) ; chaque fait est pris tel quel",
    )


def test_unknown_is_never_no(tmp_path: Path) -> None:
    table = read(tmp_path, "candidate_id\nP1\n").table
    assert table.drop(columns="candidate_id").isna().all(axis=None)
    assert list(table.columns) == list(TABLES["candidates"].names)


def test_strict_and_nothing_usable(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;qpv\nP1;si\n")
    with pytest.raises(
        StrictRejection, match=r"1 ligne\(s\) rejetée\(s\) ; la première, ligne 2, colonne qpv : ni oui"
    ) as e:
        found.usable(strict=True)
    assert e.value.exit_status == 2
    with pytest.raises(NothingUsable, match="aucune ligne utilisable") as nothing:
        found.usable()
    assert nothing.value.exit_status == 1


def test_reading_does_not_depend_on_the_day(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("candidate_id;birth_date;available_from\nP1;1990-01-01;2027-01-01\n")
    one, two = (read_table(TABLES["candidates"], path, today=day) for day in (TODAY, date(2040, 1, 1)))
    assert one.table.equals(two.table)


def test_messages_follow_the_language_at_the_time_of_reading(tmp_path: Path) -> None:
    with language("en"):
        found = read(tmp_path, "candidate_id;qpv\nP1;si\n")
    assert rejected(found)[0][3]  # words come from the catalogue; without one they stay French
