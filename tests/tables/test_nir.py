"""Social security numbers are refused, never repeated; other long numbers are not."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import NirRefused
from matcher.schema import CANDIDATES
from matcher.tables import coerce
from matcher.tables.nir import looks_like_nir, names_nir
from tests.tables.files import read


def with_key(body: str) -> str:
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


MAN, WOMAN = with_key("1850578006084"), with_key("2691099352010")
CORSICA, HAUTE_CORSE = with_key("185052A004123"), with_key("285052B033001")


@pytest.mark.parametrize(
    "header",
    [
        "NIR", "nir", "N.I.R.", "n_nir", "Nir du candidat", "nirCandidat", "NIRCandidat", "candidat_nir", "NIR13",
        "N° Sécurité sociale", "Numéro de sécurité sociale", "numéro de sécu", "num_secu", "NumSecu", "No sécu",
        "N°SS", "n° ss", "numero_ss", "NSS", "SSN", "numerosecuritesociale", "Sécurité sociale", "secu", "N°sécu",
        "immatriculation sécurité sociale", "Numéro d'inscription au répertoire", "NIRPP", "N° carte vitale",
        "social security number", "social_security", "N° Sécurité Soc.", "Num. Séc. Soc.", "numéro d'assuré social",
        "immat_ss", "matricule de sécurité sociale", "Numéro de la sécurité sociale du salarié",
    ],
)  # fmt: skip
def test_headers_that_name_it(header: str) -> None:
    assert names_nir(header)


@pytest.mark.parametrize(
    "header",
    [
        "avenir", "souvenir", "à venir", "identifiant", "numéro de dossier", "code INSEE", "formation sécurité",
        "Régime de sécurité sociale", "habilitation sécurité", "agent de sécurité", "tenir", "nos services",
        "numéro de SIRET", "numéro d'agrément sécurité", "business", "N° adresse", "sécurité incendie", "permission",
        "numéro", "N°", "numéro d'assurance", "commission", "unir", "n° séquence", "",
    ],
)  # fmt: skip
def test_headers_that_do_not(header: str) -> None:
    assert not names_nir(header)


def test_no_header_of_ours_names_it() -> None:
    from matcher.schema import TABLES

    for spec in TABLES.values():
        for column in spec.columns:
            assert not any(names_nir(header) for header in (column.name, *column.aliases))


@pytest.mark.parametrize(
    "text",
    [
        MAN, WOMAN, CORSICA, HAUTE_CORSE, MAN[:13], CORSICA[:13], CORSICA.lower(), f" {MAN} ", f"'{MAN}",
        f'"{MAN}"', f'="{MAN}"',
        f"{MAN}.0", f"{MAN},00", f"{MAN[:13]}.0", "1,85058E+14", "1.85058E+14", "1,85058e14", "1.85058E+12",
        f"{MAN[0]}.{MAN[1:]}e+14",
        "1 85 05 78 006 084 " + MAN[13:], "1.85.05.78.006.084." + MAN[13:], "1-85-05-78-006-084-" + MAN[13:],
        "1\u00a085\u202f05\u00a078\u00a0006\u00a0084\u00a0" + MAN[13:],
        with_key("1856278006084"), with_key("7850578006084"),
    ],
)  # fmt: skip
def test_numbers_in_any_dress(text: str) -> None:
    assert looks_like_nir(text)


@pytest.mark.parametrize(
    "text",
    [
        "78467169500087", "18467169500087", "1,84672E+13",  # SIRET
        "0612345678", "+33 6 12 34 56 78", "33612345678", "00336123456789",
        "1704067200000", "1730000000000", "1767225600000",  # milliseconds
        "9782070612758",
        "2024051200001", "2025010100001", "2026110100017", "1000000000001", "1234567890123",
        MAN[:13] + f"{(int(MAN[13:]) % 97) + 1:02d}", "91228", "", "abc", "2026-03-31",
        "1.0105010010019", "1,0105010010019", "1850578006084A",
        "123456789012345", "FR7630006000011234567890189",
    ],
)  # fmt: skip
def test_other_numbers(text: str) -> None:
    assert not looks_like_nir(text)


@given(
    st.sampled_from("1234"),
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from([f"{d:02d}" for d in range(1, 100)] + ["2A", "2B"]),
    st.integers(1, 999),
    st.integers(1, 999),
)
def test_every_well_formed_number_is_known(sex: str, year: int, month: int, dep: str, town: int, order: int) -> None:
    number = with_key(f"{sex}{year:02d}{month:02d}{dep}{town:03d}{order:03d}")
    assert looks_like_nir(number)
    assert looks_like_nir(number[:13])


def _refused(folder: Path, content: bytes | str, name: str = "personnes.csv") -> NirRefused:
    with pytest.raises(NirRefused) as error:
        read(folder, content, name)
    return error.value


@pytest.mark.parametrize("column", ["city", "inconnue", "candidate_id", "phone"])
def test_a_column_of_numbers_is_refused_and_never_repeated(
    tmp_path: Path, column: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "" if column == "candidate_id" else "candidate_id;"
    rows = "".join(f"{'' if not key else f'P{i};'}{number}\n" for i, number in enumerate((MAN, WOMAN, CORSICA)))
    error = _refused(tmp_path, f"{key}{column}\n{rows}")
    out = capsys.readouterr()
    for told in (str(error), repr(error), repr(error.args), caplog.text, out.out, out.err):
        assert not any(number[:10] in told for number in (MAN, WOMAN, CORSICA))
    assert column in str(error)
    assert "Supprimer cette colonne" in str(error)
    assert error.exit_status == 2
    assert error.__cause__ is None


def test_half_of_the_filled_cells_is_enough(tmp_path: Path) -> None:
    _refused(tmp_path, f"candidate_id;x\nP1;{MAN}\nP2;\nP3;abc\nP4;\n")
    found = read(tmp_path, f"candidate_id;x\nP1;{MAN}\nP2;a\nP3;abc\n")
    assert len(found.table) == 3


def test_a_file_without_headers_does_not_betray_its_first_row(tmp_path: Path) -> None:
    error = _refused(tmp_path, f"P1;{MAN}\nP2;{WOMAN}\n")
    assert MAN[:10] not in str(error)
    assert "« … »" in str(error)


def test_a_stray_number_in_another_column_is_not_repeated(tmp_path: Path) -> None:
    found = read(tmp_path, f"candidate_id;wage_min\nP1;{MAN}\nP2;12\nP3;13\n")
    assert found.rejected["value"].tolist() == [""]


def test_numbers_kept_as_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["candidate_id", "x"])
    book.active.append(["P1", int(MAN)])
    content = io.BytesIO()
    book.save(content)
    _refused(tmp_path, content.getvalue(), "p.xlsx")
    _refused(tmp_path, json.dumps([{"candidate_id": "P1", "x": int(MAN)}]), "p.json")
    for kind in (pa.int64(), pa.float64(), pa.string(), pa.large_string()):
        values = pa.array([MAN if pa.types.is_string(kind) or pa.types.is_large_string(kind) else int(MAN)], kind)
        content = io.BytesIO()
        pq.write_table(pa.table({"candidate_id": ["P1"], "x": values}), content)
        _refused(tmp_path, content.getvalue(), "p.parquet")
    with pytest.raises(NirRefused):
        coerce(CANDIDATES, pd.DataFrame({"candidate_id": ["P1"], "x": [int(MAN)]}))
    with pytest.raises(NirRefused):
        coerce(CANDIDATES, pd.DataFrame({"candidate_id": ["P1"], "NIR": [None]}))


def _ean(body: int) -> str:
    digits = [int(d) for d in f"{body:012d}"]
    return f"{body:012d}{-(sum(digits[::2]) + 3 * sum(digits[1::2])) % 10}"


def test_columns_of_other_long_numbers_are_read(tmp_path: Path) -> None:
    lines = [
        f"P{i};{78467169500000 + i};{_ean(325_039_000_000 + 7 * i)};0{612345678 + i};"
        f"{1704067200000 + 86_400_123 * i};{20260000000000 + i};{1_000_000_000_000 + i}"
        for i in range(50)
    ]
    found = read(tmp_path, "candidate_id;siret;ean;tel;ms;dossier;compteur\n" + "\n".join(lines))
    assert len(found.table) == 50
