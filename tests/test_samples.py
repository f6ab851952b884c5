"""The committed samples: what they promise in DATASHEET.md, and that the generator makes them again."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data_samples.datasheet import PATH, blocks, filled
from data_samples.figures import figures
from data_samples.generate import Options, messy_people, people_table, write_samples
from data_samples.notices import NOTICES, luhn_siret
from data_samples.trades import trades
from data_samples.wishes import smic
from matcher.reference.communes import communes
from matcher.reference.occupations import occupations
from matcher.schema import CANDIDATES, POSITIONS
from matcher.tables import Import, read_table
from matcher.tables.nir import looks_like_nir
from matcher.vocabulary import fold

SAMPLES = PATH.parent
OPTIONS = Options()


@pytest.fixture(scope="module")
def candidates() -> Import:
    return read_table(CANDIDATES, SAMPLES / "candidates.csv", today=OPTIONS.on)


@pytest.fixture(scope="module")
def positions() -> Import:
    return read_table(POSITIONS, SAMPLES / "positions.csv", today=OPTIONS.on)


def cells(name: str) -> list[str]:
    with (SAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        return [cell for row in csv.reader(file, delimiter=";") for cell in row]


def test_committed_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    for path in write_samples(OPTIONS, tmp_path):
        assert path.read_bytes() == (SAMPLES / path.name).read_bytes(), path.name


def test_datasheet_shows_the_measured_figures() -> None:
    text = PATH.read_text(encoding="utf-8")
    assert filled(text, blocks(OPTIONS, SAMPLES)) == text


def test_datasheet_without_a_marker_is_an_error() -> None:
    with pytest.raises(ValueError, match="no marker for 'fautes'"):
        filled("# Fiche", {"fautes": "x"})


def test_proportions_are_near_their_aims(candidates: Import) -> None:
    found = figures(candidates.table, OPTIONS.on)
    assert len(found) == 10
    assert [f for f in found if abs(f.found - f.aim) > f.tolerance] == []


def test_every_spoilt_row_is_rejected_and_no_other(candidates: Import) -> None:
    wanted = [(bad.row, bad.column) for bad in messy_people(OPTIONS).bad]
    assert len(wanted) == 6
    rejected = candidates.rejected
    assert list(zip(rejected["row"], rejected["column"], strict=True)) == wanted
    assert candidates.read == OPTIONS.people


def test_unknown_columns_and_contradictions_are_there(candidates: Import) -> None:
    assert list(candidates.aside) == ["canal_orientation", "commentaire_interne"]
    text = "\n".join(candidates.warnings)
    assert "une date d'inscription est donnée" in text
    assert "aucun mois d'activité sur douze" in text


def test_disorder_keeps_the_facts(candidates: Import) -> None:
    """Read back, the messy file says what the clean table says, but for its known faults."""
    found = messy_people(OPTIONS)
    clean = people_table(OPTIONS).to_pandas().set_index("candidate_id")
    read = candidates.table.set_index("candidate_id")
    changed = {second for _, second in found.duplicates}
    kept = [name for name in read.index if name not in changed]
    for column in ("jobseeker", "qpv", "disability", "employed"):
        pd.testing.assert_series_equal(
            read.loc[kept, column], clean.loc[kept, column].astype("boolean"), check_names=False
        )
    for column in ("birth_date", "jobseeker_since", "available_from", "qualification_level", "wage_min"):
        expected = clean.loc[kept, column]
        assert (read.loc[kept, column].isna() == expected.isna()).all(), column
        assert (read.loc[kept, column].dropna() == expected.dropna()).all(), column
    for column in ("benefits", "programmes", "licences", "accepts", "work_limits", "certificates", "evidence"):
        assert (read.loc[kept, column].fillna("?") == clean.loc[kept, column].fillna("?")).all(), column


def test_every_home_resolves_to_its_commune(candidates: Import) -> None:
    found = messy_people(OPTIONS)
    clean = people_table(OPTIONS).to_pandas().set_index("candidate_id")["commune"]
    read = candidates.table.set_index("candidate_id").drop(
        index=[two for _, two in found.duplicates], errors="ignore"
    )
    index = communes().resolve(read["commune"], read["postal_code"], read["city"])
    assert read["commune"].isna().mean() > 0.15
    assert [communes().codes[i] for i in index] == clean.loc[read.index].tolist()


def test_duplicates_share_a_birth_date_or_lack_it() -> None:
    found = messy_people(OPTIONS)
    rows = {row["candidate_id"]: row for row in found.rows}
    assert len(found.duplicates) >= 7
    for first, second in found.duplicates:
        assert first != second
        same = rows[first]["birth_date"] == rows[second]["birth_date"]
        assert same or {first, second} & {rows[bad.row - 2]["candidate_id"] for bad in found.bad}


@pytest.mark.parametrize("name", ["candidates.csv", "positions.csv", "awards.json"])
def test_no_number_looks_like_a_nir(name: str) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8-sig")
    # Any run of 13 digits or more, spaces between them or not, must be one of the invented SIRET.
    runs = [re.sub(r"\D", "", run) for run in re.findall(r"\d(?:[ .\u00a0]?\d){12,}", text)]
    assert [run for run in runs if not (len(run) == 14 and run.startswith("000"))] == []
    assert not [cell for cell in (cells(name) if name.endswith("csv") else runs) if looks_like_nir(cell)]


def test_nobody_can_be_reached() -> None:
    table = people_table(Options(people=5000)).to_pandas()
    assert table["email"].dropna().str.fullmatch(r"[a-z]+\.[a-z]+\d+@example\.org").all()
    assert table["phone"].dropna().str.fullmatch(r"(01 99 00|06 39 98) \d\d \d\d").all()
    assert table["adviser"].dropna().str.endswith("@example.org").all()


def test_trades_are_rome_occupations(shared_data: Path) -> None:
    known = occupations()
    assert [trade.code for trade in trades() if not known.known(trade.code)] == []
    path = shared_data / "rome/v4.60/unix_referentiel_code_rome_v460_utf8.csv.gz"
    labels = pd.read_csv(path, dtype=str).set_index("code_rome")["libelle_rome"].str.casefold()
    for trade in trades():
        assert fold(labels[trade.code]).startswith(fold(trade.masculine)[:4]), trade


def test_positions_are_whole_and_lawful(positions: Import) -> None:
    table = positions.table
    assert len(table) == OPTIONS.positions
    assert positions.rejected.empty
    assert (table["end_date"] > table["start_date"]).all()
    assert (table["start_date"] > pd.Timestamp(OPTIONS.on)).all()
    assert (table["wage"] >= smic(OPTIONS.on)).all()
    weeks = (table["end_date"] - table["start_date"]).dt.days / 7
    ratio = table["hours"] / (table["openings"] * table["weekly_hours"] * weeks)
    assert ratio.between(0.9, 1.1).all()
    assert {"direct", "ETTI"} <= set(table["mode"])
    assert (table["occupation"].notna() | table["title"].notna()).all()


def test_awkward_positions(positions: Import) -> None:
    table = positions.table
    assert set(table["reserved"].dropna()) == {"handicap", "insertion", "unspecified"}
    area = table[table["place_code"].notna()]
    assert area["place_kind"].tolist() == ["departement"]
    assert area["place_code"].tolist() == ["91"]
    index = communes().resolve(table["commune"], table["postal_code"], table["city"])
    nowhere = table[(index < 0) & table["place_code"].isna()]
    assert nowhere["city"].tolist() == ["Chantier à préciser"]
    assert table["categories"].dropna().tolist() == ["qpv"]
    far = table[table["commune"] == "59183"]
    assert far["licences"].tolist() == ["CE"]


def test_smic_is_the_amount_of_the_day() -> None:
    assert smic(date(2024, 3, 1)) == 11.65
    assert smic(date(2023, 12, 31)) == 11.52
    assert smic(date(2026, 1, 1)) == 12.02
    assert smic(date(2030, 1, 1)) == 12.02
    assert smic(date(2010, 1, 1)) == 11.52


def test_notices_have_the_shape_of_the_decree(positions: Import) -> None:
    document = json.loads((SAMPLES / "awards.json").read_text(encoding="utf-8"))
    records = document["marches"]["marche"]
    assert len(records) == len(NOTICES) + 1 == 16
    *whole, broken = records
    assert "id" not in broken
    for record in whole:
        assert set(record) >= {"id", "acheteur", "objet", "codeCPV", "montant", "dureeMois", "lieuExecution"}
        assert date.fromisoformat(record["dateNotification"]) < OPTIONS.on
        assert isinstance(record["considerationsSociales"]["considerationSociale"], list)
        assert len(record["codeCPV"]) == 8
    assert whole[7] == whole[4]
    assert whole[0]["id"] == whole[1]["id"]
    assert whole[0]["objet"] != whole[1]["objet"]
    assert [m["modification"]["montant"] for m in whole[6]["modifications"]] == [1_260_000, 1_310_000]
    assert "\ufffd" in whole[3]["objet"]
    known = {f"{record['acheteur']['id']}-{record['id']}" for record in whole}
    named = {award.removesuffix("-2") for award in positions.table["award_id"].dropna()}
    assert named
    assert named <= known


def luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        if place % 2:
            value = sum(int(d) for d in str(2 * value))
        total += value
    return total % 10 == 0


def test_sirets_are_well_formed_and_unassigned(positions: Import) -> None:
    sirets = [*positions.table["siret"], luhn_siret(12), luhn_siret(99_999, 7)]
    for siret in sirets:
        assert re.fullmatch(r"000\d{11}", siret)
        assert luhn(siret)
        assert luhn(siret[:9])
