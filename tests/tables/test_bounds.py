"""Files that are too large, damaged or no table at all: one French message with the mend, never another error."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.errors import UnreadableFile
from matcher.schema import CANDIDATES
from matcher.tables import formats, raw, read_table
from tests.tables.files import TODAY, cell, read, rejected


def test_a_cell_of_ten_megabytes_costs_its_row_only(tmp_path: Path) -> None:
    found = read(tmp_path, "candidate_id;skills\nP1;" + "x" * 10_000_000 + "\nP2;y\n")
    assert found.table["candidate_id"].tolist() == ["P2"]
    ((row, column, value, message),) = rejected(found)
    assert (row, column, len(value)) == (2, "skills", 200)
    assert message == "cellule de plus de 32767 caractères ; la raccourcir"


def test_a_cell_larger_than_the_reader_takes(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"cellule démesurée"):
        read(tmp_path, "candidate_id;skills\nP1;" + "x" * (70 << 20) + "\nP2;y\n")


def test_a_header_of_ten_megabytes(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"la ligne d'en-têtes est démesurée"):
        read(tmp_path, "candidate_id;" + "x" * 10_000_000 + "\nP1;y\n")


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"a plus de 2000 colonnes. Ne garder que les colonnes utiles"):
        read(tmp_path, ";".join(f"c{i}" for i in range(100_000)) + "\n")


def test_gzip(tmp_path: Path) -> None:
    content = gzip.compress("candidate_id;city\nP1;Évry\n".encode("cp1252"))
    assert cell(read(tmp_path, content, "personnes.csv.gz"), "city") == "Évry"
    assert cell(read(tmp_path, gzip.compress(b'[{"candidate_id": 1}]'), "personnes.json.gz"), "candidate_id") == "1"


@pytest.mark.parametrize("cut", [2, 10, 40, -1])
def test_a_truncated_gzip(tmp_path: Path, cut: int) -> None:
    content = gzip.compress(os.urandom(1000))[:cut]
    with pytest.raises(
        UnreadableFile, match=r"l'archive gzip est tronquée ou abîmée. La télécharger ou la copier à nouveau"
    ):
        read(tmp_path, content, "personnes.csv.gz")


def test_a_gzip_bomb_is_stopped_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "_BOMB_FROM", 16 << 20)
    packer = zlib.compressobj(9, wbits=31)
    part = b"a" * (1 << 20)
    content = b"".join(packer.compress(part) for _ in range(40)) + packer.flush()
    with pytest.raises(UnreadableFile, match=r"est démesuré une fois décompressé"):
        read(tmp_path, content, "personnes.csv.gz")


def test_a_very_regular_table_is_no_bomb(tmp_path: Path) -> None:
    line = "P;" + "oui;" * 300
    text = "candidate_id;" + ";".join(f"c{i}" for i in range(300)) + "\n" + "\n".join([line[:-1]] * 5000)
    assert read(tmp_path, gzip.compress(text.encode()), "personnes.csv.gz").read == 5000


@pytest.mark.parametrize("cut", [4, 8, 100, -1])
def test_a_truncated_parquet(tmp_path: Path, cut: int) -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({"candidate_id": ["P1"]}), content)
    with pytest.raises(UnreadableFile, match=r"fichier Parquet tronqué ou abîmé. Le produire ou le copier à nouveau"):
        read(tmp_path, content.getvalue()[:cut], "personnes.parquet")


def test_a_parquet_of_billions_of_rows_in_a_few_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_ROWS", 10)
    content = io.BytesIO()
    pq.write_table(pa.table({"candidate_id": ["P"] * 11}), content)
    with pytest.raises(UnreadableFile, match=r"a plus de 10 lignes. Le couper en plusieurs fichiers"):
        read(tmp_path, content.getvalue(), "personnes.parquet")


def test_a_huge_text_repeated_is_held_once(tmp_path: Path) -> None:
    content = io.BytesIO()
    pq.write_table(
        pa.table({"candidate_id": [f"P{i}" for i in range(200)], "skills": ["x" * 100_000] * 200}), content
    )
    parsed = formats.parse_raw(content.getvalue(), "personnes.parquet")
    assert parsed.columns[1].nbytes < 1_000_000
    assert len(read(tmp_path, content.getvalue(), "personnes.parquet").rejected) == 200


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "photo.csv"),
        (b"%PDF-1.7\n" + bytes(range(256)), "note.csv"),
        (b"candidate_id;city\nP1;a\n" + b"x" * 70_000 + b"\x00", "tard.csv"),
    ],
)
def test_a_binary_file(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"n'est ni un CSV, ni un XLSX, ni un JSON, ni un Parquet. L'exporter"):
        read(tmp_path, content, name)


def test_a_folder_a_missing_file_and_strange_paths(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "est un dossier. Donner un fichier"),
        (tmp_path / "absent.csv", "absent.csv est introuvable. Vérifier le chemin"),
        (tmp_path / ("x" * 300), r"ne peut pas être ouvert \(nom trop long\)"),
        (tmp_path / "a\x00b", "n'est pas valable"),
    ):
        with pytest.raises(UnreadableFile, match=words):
            read_table(CANDIDATES, path, today=TODAY)
    (tmp_path / "plat").write_text("x")
    with pytest.raises(UnreadableFile, match=r"ne peut pas être ouvert \(un fichier se trouve là"):
        read_table(CANDIDATES, tmp_path / "plat" / "p.csv", today=TODAY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file whatever its rights")
def test_a_file_without_the_right_to_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("candidate_id\nP1\n")
    path.chmod(0)
    with pytest.raises(
        UnreadableFile, match=r"ne peut pas être ouvert \(droits insuffisants\). Vérifier le chemin et"
    ):
        read_table(CANDIDATES, path, today=TODAY)
