"""Nothing of a person's file reaches an employer but what the whitelist names."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from matcher.cli import main
from matcher.company_sheet import CELLS, company_sheet, reference
from matcher.engine import Engine, Options
from matcher.errors import UsageError
from matcher.schema import CANDIDATES
from matcher.schema.model import Kind
from tests.matching.tables import ON, Raw, people, positions

VALID: Raw = {"validated_on": "2026-08-15", "validated_by": "facilitatrice@example.org"}
MARKER = "ZQMARQUE"
BANNED = {"RSA", "ASS", "AAH", "RQTH", "BOETH", "IAE", "PASS", "CEJ", "EPIDE", "QPV", "réfugié", "refugee"}
BANNED |= {"senior", "minima", "deld", "benefits", "handicap", "boeth"}


def engine(*rows: Raw, job: Raw | None = None) -> Engine:
    return Engine(people(*rows), positions(job or {}), Options(ON))


def planted() -> Raw:
    """A person with a marker in every column that takes free words, and a telling value in every other."""
    told: Raw = {}
    for i, column in enumerate(CANDIDATES.columns):
        mark = f"{MARKER}{i}"
        if column.kind in (Kind.TEXT, Kind.CODE):
            told[column.name] = mark
        elif column.kind is Kind.LIST and not column.closed:
            told[column.name] = f"{mark} reconnu handicapé|{mark}b bénéficiaire du RSA"
        elif column.kind is Kind.WEIGHTED_LIST:
            told[column.name] = f"{mark} ouvrier en ESAT:14"
        elif column.kind is Kind.TRI and column.name != "objection":
            told[column.name] = "yes"
    told |= {
        "certificates": f"{MARKER} diplôme|habilitation RQTH|habilitation handi|SST@2027-03-01|CACES R482 A",
        "skills": f"{MARKER} RSA|lire un plan|{MARKER} sortant de prison",
        "occupations": f"F1703|{MARKER} peintre RSA|N9999",
        "experience": f"F1703:18|{MARKER} en ESAT:14",
        "benefits": "RSA|ASS",
        "programmes": "IAE|CEJ",
        "birth_date": "1971-03-09",
        "qualification_level": 2,
        "work_limits": "heavy_lifting|standing",
        "disability_until": "2031-04-05",
        "pass_iae_until": "2029-06-07",
        "jobseeker_since": "2021-02-11",
        "right_to_work_until": "2030-08-09",
        "sex": "F",
        "commune": "91228",
        "city": f"{MARKER}ville",
        "licences": "B",
        "validated_on": "2026-08-15",
        "validated_by": "facilitatrice@example.org",
    }
    return told


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "parquet"])
def test_no_banned_word_or_value(tmp_path: Path, ending: str) -> None:
    row = {**planted(), "candidate_id": "IDENT4711"}
    pd.DataFrame([row]).to_csv(tmp_path / "c.csv", sep=";", index=False)
    job = {"position_id": "P1", "commune": "91228", "occupation": "F1703", "skills": "lecture de plan|coffrage"}
    pd.DataFrame([job]).to_csv(tmp_path / "p.csv", sep=";", index=False)
    out = tmp_path / "sheets" / f"f.{ending}"
    words = ["company-sheet", str(tmp_path / "c.csv"), str(tmp_path / "p.csv"), "--position", "P1"]
    with pytest.raises(SystemExit) as stop:
        main([*words, "--candidates", "IDENT4711", "--on", "2026-09-01", "-o", str(out)])
    assert stop.value.code == 0
    text = everything(out)
    assert "Maçon" in text
    assert "18 mois" in text
    assert "lecture de plan" in text
    assert "CACES R482 A" in text
    assert "SST (jusqu'au 01/03/2027)" in text
    assert "éligible à la clause, validé le 15/08/2026" in text
    assert "facilitatrice@example.org" in text
    dates = ("1971", "2031", "2029-06", "2021-02", "2030-08")
    for banned in (MARKER, "IDENT4711", "91228", "heavy", "charges", "prison", "handi", "RQTH", "N9999", *dates):
        assert banned.casefold() not in text.casefold(), banned
    assert not BANNED & set(text.replace('"', " ").replace(";", " ").replace("<", " ").split())


def everything(path: Path) -> str:
    """All the text a file holds, whatever its format."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv(index=False)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({}, "validated_on"),
        ({"validated_by": "F"}, "validated_on"),
        ({"validated_on": "2026-08-15"}, "validated_by"),
        ({**VALID, "validated_on": "2026-09-02"}, "validated_on"),
        ({**VALID, "objection": "yes"}, "objection"),
        ({**VALID, "right_to_work_until": "none"}, "right_to_work_until"),
        (
            {
                **VALID,
                "benefits": "none",
                "jobseeker": "no",
                "programmes": "none",
                "pass_iae_until": "none",
                "refugee": "no",
            },
            "not_eligible",
        ),
    ],
)
def test_refused_by_the_name_of_the_rule(row: Raw, rule: str) -> None:
    sheet = company_sheet(engine(row, VALID), "P0", ["A0", "A1"])
    assert dict(sheet.refused) == {"A0": rule}
    assert len(sheet.table) == 1
    assert list(sheet.references) == ["A1"]


def test_a_reference_for_each_position() -> None:
    assert reference("P0", "A0") == reference("P0", "A0") != reference("P1", "A0")
    assert reference("P0", "A0") != reference("P0", "A1")
    sheet = company_sheet(engine(VALID, VALID), "P0", ["A1", "A0", "A1"])
    assert sheet.table["référence"].tolist() == [reference("P0", "A1"), reference("P0", "A0")]
    assert list(sheet.table) == list(CELLS)


@pytest.mark.parametrize(
    ("person", "job", "shown"),
    [
        ({}, {}, "moins de 5 km"),
        ({"commune": "91174"}, {}, "moins de 5 km"),
        ({"commune": "91223"}, {}, "moins de 50 km"),
        ({"commune": "13055"}, {}, "plus de 50 km"),
        ({"commune": None}, {}, "à préciser"),
        ({}, {"commune": None, "place_code": "91"}, "à préciser"),
    ],
)
def test_distance_is_a_band(person: Raw, job: Raw, shown: str) -> None:
    sheet = company_sheet(engine({**VALID, **person}, job=job), "P0", ["A0"])
    assert sheet.table["distance du lieu de travail"].tolist() == [shown]


def test_expired_certificates_and_past_days_are_not_shown() -> None:
    row = {**VALID, "certificates": "SST@2026-08-31|AIPR", "available_from": "2026-01-01", "licences": "none"}
    line = company_sheet(engine(row), "P0", ["A0"]).table.iloc[0]
    assert (line["certificats"], line["disponible à partir du"], line["permis"]) == ("AIPR", "01/09/2026", "")


def test_unknown_identifiers() -> None:
    with pytest.raises(UsageError, match="Aucun poste utilisable n'a l'identifiant « X »"):
        company_sheet(engine(VALID), "X", ["A0"])
    with pytest.raises(UsageError, match=r"2 identifiant\(s\) de --candidates ne sont pas dans le fichier"):
        company_sheet(engine(VALID), "P0", ["A0", "Y", "Z"])
