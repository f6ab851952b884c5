"""JSON and Parquet files, and DataFrames: values that already have a type."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.errors import NothingUsable, UnreadableFile
from matcher.schema import CANDIDATES
from matcher.tables import Import, coerce, read_records
from tests.tables.files import TODAY, cell, read, rejected


def read_json(folder: Path, data: Any) -> Import:
    return read(folder, json.dumps(data), "personnes.json")


def read_parquet(folder: Path, columns: dict[str, Any], **options: Any) -> Import:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content, **options)
    return read(folder, content.getvalue(), "personnes.parquet")


def test_json_values(tmp_path: Path) -> None:
    found = read_json(
        tmp_path,
        [
            {"candidate_id": "P1", "qpv": True, "benefits": ["RSA", "ass"], "months_worked_12": 3, "city": None},
            {"candidate_id": 2, "qpv": None, "benefits": [], "months_worked_12": 2.5},
            {"candidate_id": "P3", "qpv": "", "benefits": None, "experience": ["F1703:18", "maçon:6"]},
        ],
    )
    assert found.table["candidate_id"].tolist() == ["P1", "2", "P3"]
    assert [cell(found, "qpv", row) for row in range(3)] == [True, None, None]
    assert [cell(found, "benefits", row) for row in range(3)] == ["RSA|ASS", "none", None]
    assert [cell(found, "months_worked_12", row) for row in range(3)] == [3, 2.5, None]
    assert cell(found, "experience", 2) == "F1703:18|maçon:6"
    assert found.rows.tolist() == [1, 2, 3]


def test_json_under_one_key_and_after_blanks(tmp_path: Path) -> None:
    assert len(read_json(tmp_path, {"candidates": [{"candidate_id": "P1"}]}).table) == 1
    assert len(read(tmp_path, ' \n [{"candidate_id": "P1"}]', "personnes.json").table) == 1
    assert len(read(tmp_path, b'\xef\xbb\xbf[{"candidate_id": "P1"}]', "personnes.json").table) == 1


def test_json_records_that_are_no_row_are_set_aside(tmp_path: Path) -> None:
    found = read_json(
        tmp_path,
        [
            {"candidate_id": "P1", "city": {"nom": "Évry"}},
            "P2",
            {"candidate_id": "P3", "skills": [["a"]]},
            {"candidate_id": "P4", "wage_min": float("inf")},
            {"candidate_id": "P5", "skills": ["a|b"]},
            {"candidate_id": "P6", "inconnue": {"a": [1]}, "wage_min": float("nan")},
            {},
        ],
    )
    assert found.table["candidate_id"].tolist() == ["P6"]
    assert [(row, column, message.split(" ;")[0]) for row, column, _value, message in rejected(found)] == [
        (1, "city", "objet dans une cellule"),
        (2, "", "une fiche doit être un objet { colonne : valeur }"),
        (3, "skills", "liste dans une liste"),
        (4, "wage_min", "nombre hors de toute mesure"),
        (5, "skills", "barre | dans un élément"),
        (7, "candidate_id", "identifiant manquant"),
    ]
    assert found.aside["inconnue"].tolist() == ['{"a": [1]}']


def test_half_characters_are_replaced(tmp_path: Path) -> None:
    found = read(tmp_path, '[{"candidate_id": "P\\ud800", "city": "\\ud83d\\ude00"}]', "personnes.json")
    assert cell(found, "candidate_id") == "P\ufffd"
    assert cell(found, "city") == "😀"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "JSON imbriqué trop profondément|JSON illisible"),
        ("[{'candidate_id': 1}]", "JSON illisible à la ligne 1, colonne 3. Vérifier que le fichier est entier"),
        ('[{"candidate_id": 1},\n', "JSON illisible à la ligne 2"),
        ('{"a": 1, "b": 2}', "n'est pas une liste de fiches"),
        ('{"a": 1}', "n'est pas une liste de fiches"),
        (f'[{{"candidate_id": {"9" * 5000}}}]', "un nombre du JSON est démesuré"),
        (json.dumps([{f"c{i}": 1 for i in range(100_000)}]), "plus de 2000 colonnes"),
    ],
)
def test_bad_json(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(tmp_path, text, "personnes.json")


@pytest.mark.parametrize("text", ["[]", "[1, null]"])
def test_a_list_without_objects_has_nothing_usable(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text, "personnes.json")
    assert found.read == len(json.loads(text))
    with pytest.raises(NothingUsable, match="aucune ligne utilisable"):
        found.usable()


def test_records_in_memory_are_numbered_from_1() -> None:
    found = read_records(CANDIDATES, [{"candidate_id": "P1"}, {"qpv": "oui"}], "candidates", today=TODAY)
    assert rejected(found)[0][:2] == (2, "candidate_id")


def test_parquet_types(tmp_path: Path) -> None:
    paris = pa.timestamp("us", tz="Europe/Paris")
    found = read_parquet(
        tmp_path,
        {
            "candidate_id": pa.array([1, 2], pa.int64()),
            "birth_date": pa.array([date(1990, 5, 1), None], pa.date32()),
            "available_from": pa.array([datetime(2026, 3, 31, 22, 30, tzinfo=UTC), None], paris),
            "left_education": pa.array([np.datetime64("2006-03-31T23:00", "ns"), None], pa.timestamp("ns")),
            "informed_on": pa.array(["2026-01-02", None], pa.large_string()),
            "qpv": pa.array([True, None], pa.bool_()),
            "jobseeker": pa.array([1, 0], pa.int8()),
            "refugee": pa.array([1.0, None], pa.float64()),
            "city": pa.array(["Évry", None]).dictionary_encode(),
            "postal_code": pa.array([1000, 91000], pa.int32()),
            "benefits": pa.array([["RSA", "ASS"], []], pa.list_(pa.string())),
            "skills": pa.array([["a"], None], pa.large_list(pa.string())),
            "wage_min": pa.array([Decimal("12.50"), None], pa.decimal128(6, 2)),
            "max_distance_km": pa.array([30, None], pa.uint8()),
            "qualification_level": pa.array([3, 4], pa.int16()),
            "licences": pa.array(["B", None], pa.string_view()),
            "weekly_hours_min": pa.nulls(2),
        },
    )
    assert found.rejected.empty
    assert found.rows.tolist() == [2, 3]
    row = found.table.iloc[0]
    assert row["candidate_id"] == "1"
    assert [row["birth_date"], row["available_from"], row["left_education"], row["informed_on"]] == [
        pd.Timestamp("1990-05-01"),
        pd.Timestamp("2026-04-01"),  # half past midnight in Paris
        pd.Timestamp("2006-03-31"),
        pd.Timestamp("2026-01-02"),
    ]
    assert [row["qpv"], row["jobseeker"], row["refugee"]] == [True, True, True]
    assert found.table["jobseeker"].tolist() == [True, False]
    assert cell(found, "refugee", 1) is None
    assert row["city"] == "Évry"
    assert found.table["postal_code"].tolist() == ["01000", "91000"]
    assert found.table["benefits"].tolist() == ["RSA|ASS", "none"]
    assert cell(found, "skills", 1) is None
    assert [row["wage_min"], row["max_distance_km"], row["qualification_level"], row["licences"]] == [
        12.5,
        30,
        3,
        "B",
    ]
    assert found.table["weekly_hours_min"].isna().all()
    dtypes = found.table.dtypes.astype(str)
    assert dtypes["city"] == "str"
    assert dtypes["birth_date"] == "datetime64[s]"
    assert dtypes["qpv"] == "boolean"
    assert dtypes["wage_min"] == "float64"


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("city", pa.array([{"a": 1}]), "objet dans une cellule"),
        ("city", pa.array([b"\xff"]), "objet dans une cellule"),
        ("skills", pa.array([[["a"]]]), "liste dans une liste"),
        ("wage_min", pa.array([float("inf")]), "hors de toute mesure"),
        ("wage_min", pa.array([2**60]), "trop grand"),
        ("months_worked_12", pa.array([13], pa.int8()), "attendu au plus 12"),
        ("qualification_level", pa.array([4.5]), "niveau inconnu"),
        ("qualification_level", pa.array([9]), "niveau inconnu"),
        ("birth_date", pa.array([date(1, 1, 1)]), "année avant 1900"),
        ("left_education", pa.array([4_000_000], pa.int32()).cast(pa.date32()), "année"),
        ("pass_iae_until", pa.array([date(1, 1, 2)]), "année avant 1900"),
        ("available_from", pa.array([46112], pa.int32()), "au format Date"),
        ("qpv", pa.array([2], pa.int8()), "ni oui ni non"),
        ("city", pa.array([float("inf")]), "nombre hors de toute mesure"),
    ],
)
def test_parquet_cells_out_of_bounds(tmp_path: Path, column: str, values: pa.Array, words: str) -> None:
    found = read_parquet(tmp_path, {"candidate_id": ["P1"], column: values})
    assert [(row, name) for row, name, _value, _message in rejected(found)] == [(2, column)]
    assert words in rejected(found)[0][3]


def test_parquet_columns_of_strange_types_do_no_harm(tmp_path: Path) -> None:
    found = read_parquet(
        tmp_path,
        {
            "candidate_id": ["P1"],
            "city": pa.array([time(3, 4)], pa.time64("us")),
            "autre": pa.array([4_000_000], pa.int32()).cast(pa.date32()),
            "durée": pa.array([2**62], pa.duration("us")),
            "objet": pa.array([{"a": 1}]),
        },
    )
    assert found.rejected.empty
    assert set(found.aside) == {"autre", "durée", "objet"}


def test_repeated_column_names(tmp_path: Path) -> None:
    content = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays([pa.array(["P1"]), pa.array(["a"]), pa.array(["b"])], ["id", "x", "x"]), content
    )
    found = read(tmp_path, content.getvalue(), "personnes.parquet")
    assert found.aside.to_dict("list") == {"x": ["a"], "x (2)": ["b"]}


def test_data_frames() -> None:
    frame = pd.DataFrame(
        {
            "candidate_id": [1, 2],
            "benefits": [["RSA"], []],
            "qpv": pd.array([True, None], dtype="boolean"),
            "city": pd.Categorical(["Évry", None]),
            "birth_date": [date(1990, 1, 1), None],
            "skills": [{"a": 1}, None],
            "wage_min": np.array([12.5, np.nan], np.float32),
        }
    )
    found = coerce(CANDIDATES, frame)
    assert found.table["candidate_id"].tolist() == ["2"]
    assert rejected(found)[0][:2] == (1, "skills")
    assert cell(found, "benefits") == "none"
    again = coerce(CANDIDATES, found.table)
    pd.testing.assert_frame_equal(again.table, found.table)


def test_a_data_frame_with_repeated_columns() -> None:
    frame = pd.DataFrame([["P1", "a", "b"]], columns=["candidate_id", "city", "city"])
    found = coerce(CANDIDATES, frame)
    assert cell(found, "city") == "a"
    assert found.aside["city"].tolist() == ["b"]


def test_a_text_column_that_is_no_text(tmp_path: Path) -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({"candidate_id": ["Pabcdef"]}), content, use_dictionary=False, compression="NONE")
    with pytest.raises(UnreadableFile, match="fichier Parquet tronqué ou abîmé"):
        read(tmp_path, content.getvalue().replace(b"Pabcdef", b"P\x89bcdef"), "personnes.parquet")
