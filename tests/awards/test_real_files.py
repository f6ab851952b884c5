"""The official open data, when it is there: nothing lost, and contracts a facilitator would recognise."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matcher.awards import Conversion, ConversionOptions, convert, import_awards
from matcher.errors import UnreadableFile

FILES = [
    ("v2_2022/decp_2022_e-marchespublics_2024.json.gz", 639, 0),
    ("v2_2022/decp_processing_test_2022.json", 5, 0),
    ("v2_2022/exemple_officiel_marches_avec_modifications.json", 2, 0),
    ("v2_2022/exemple_officiel_marches_concessions.json", 4, 0),
    ("v2_2022/decp_augmente_valides_2022_test.csv", 9, 0),
    ("v2_2022/decp_2024H2_travaux_cpv4521.csv.gz", 8957, 0),
    ("v1_2019/decp_processing_test_2019.json", 2, 0),
    ("v1_2019/decp_v1_consolide.json.gz", 5182, 2),
]


@pytest.mark.parametrize(("name", "read", "rejected"), FILES)
def test_every_record_is_accounted_for(shared_data: Path, name: str, read: int, rejected: int) -> None:
    result = import_awards(shared_data / "decp" / name)
    assert (len(result.table), len(result.rejected)) == (read, rejected)


@pytest.fixture(scope="module")
def social(shared_data: Path) -> Conversion:
    found = import_awards(shared_data / "decp" / "v2_2022" / "decp_2022_e-marchespublics_2024.json.gz")
    return convert(found, ConversionOptions(on=date(2024, 3, 1), social="Clause sociale|Marché réservé"))


def test_the_56_contracts_open_positions_or_say_why(social: Conversion) -> None:
    taken = social.awards[social.awards["selected"]]
    assert (len(social.awards), len(taken)) == (639, 56)
    assert (taken["reason"].notna() == (taken["positions"] == 0)).all()
    opened = taken[taken["positions"] > 0].set_index("award_id")["hours"]
    assert len(opened) == 45
    sums = social.positions.groupby("award_id")["hours"].sum()
    assert sums.to_dict() == pytest.approx(opened.to_dict())


def test_the_siredom_contracts_reserved_in_essonne(social: Conversion) -> None:
    positions = social.positions[social.positions["award_id"].str.startswith("20007783200018")]
    assert list(positions["occupation"]) == ["A1203", "K2303", "K2308"]
    assert set(positions["place_code"]) == {"91"}
    assert set(positions["reserved"]) == {"unspecified"}


def test_a_flat_file_has_one_award_per_contract_and_keeps_every_line(shared_data: Path) -> None:
    found = import_awards(shared_data / "decp" / "v2_2022" / "decp_2024H2_travaux_cpv4521.csv.gz")
    result = convert(found, ConversionOptions(on=date(2024, 9, 1), social="any", place="R11"))
    assert result.read == 8957
    assert result.awards["award_id"].nunique() == 5180
    assert (result.awards["reason"] == "doublon").sum() == 8957 - 5180


def test_xml_is_refused_in_words(shared_data: Path) -> None:
    with pytest.raises(UnreadableFile, match="XML"):
        import_awards(shared_data / "decp" / "v2_2022" / "exemple_officiel_Marche.xml")


def test_the_2019_file_is_recognised(shared_data: Path) -> None:
    path = shared_data / "decp" / "v1_2019" / "decp_v1_consolide.json.gz"
    none = convert(import_awards(path), ConversionOptions(on=date(2018, 7, 1)))
    assert not none.awards["selected"].any()
    result = convert(import_awards(path), ConversionOptions(on=date(2018, 7, 1), social="any"))
    unrecognised = result.awards["template"].isna().sum()
    assert unrecognised < 0.01 * len(result.awards)
