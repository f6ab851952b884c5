"""The generator: same bytes for the same arguments, facts that hold together, any date, any département."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_samples.columns import joined, listed
from data_samples.draws import Dice, Draws, cumulative
from data_samples.figures import figures
from data_samples.generate import SLICE, Options, csv_text, main, messy_people, people_table
from data_samples.places import towns
from matcher.errors import UsageError
from matcher.schema import CANDIDATES
from matcher.tables import coerce, read_table


def made(arguments: list[str], directory: Path) -> dict[str, bytes]:
    assert main([*arguments, "-o", str(directory)]) == 0
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_same_arguments_same_bytes(form: str, tmp_path: Path) -> None:
    arguments = ["--people", "80", "--positions", "12", "--format", form, "--seed", "3"]
    first = made(arguments, tmp_path / "a")
    assert set(first) == {f"candidates.{form}", f"positions.{form}", "awards.json"}
    assert made(arguments, tmp_path / "b") == first
    other = made([*arguments[:-1], "4"], tmp_path / "c")
    assert other[f"candidates.{form}"] != first[f"candidates.{form}"]
    assert other[f"positions.{form}"] != first[f"positions.{form}"]


def test_parquet_reads_back_whole(tmp_path: Path) -> None:
    made(["--people", "500", "--positions", "300", "--format", "parquet"], tmp_path)
    people = read_table(CANDIDATES, tmp_path / "candidates.parquet", today=Options().on)
    assert people.rejected.empty
    assert people.table["candidate_id"].is_unique
    assert len(people.table) == 500
    assert pq.read_metadata(tmp_path / "candidates.parquet").num_columns == len(CANDIDATES.names)


def test_slices_number_people_without_a_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SLICE > 100_000
    monkeypatch.setattr("data_samples.generate.SLICE", 40)
    made(["--people", "100", "--format", "parquet"], tmp_path)
    people = pq.read_table(tmp_path / "candidates.parquet").to_pandas()
    assert people["candidate_id"].tolist() == [f"P{number:05d}" for number in range(1, 101)]
    assert people.loc[:39, "last_name"].tolist() != people.loc[40:79, "last_name"].tolist()


def test_every_column_is_filled_for_someone() -> None:
    table = people_table(Options(people=4000)).to_pandas()
    empty = [name for name in CANDIDATES.names if table[name].isna().all()]
    assert empty == ["postal_code", "city"]  # the clean form gives the INSEE code


@pytest.mark.parametrize(
    ("on", "departments"), [(date(2026, 9, 1), ("91",)), (date(2024, 3, 1), ("91", "77", "78", "94"))]
)
def test_proportions_hold_on_many(on: date, departments: tuple[str, ...]) -> None:
    table = coerce(CANDIDATES, people_table(Options(on=on, people=20_000, departments=departments)).to_pandas()).table
    for figure in figures(table, on):
        # The aims are Essonne's; elsewhere the tolerance of a small file applies.
        tolerance = 0.035 if departments == ("91",) else figure.tolerance
        assert figure.found == pytest.approx(figure.aim, abs=tolerance), figure


def complete(seed: int, on: date, count: int = 400) -> pd.DataFrame:
    options = Options(seed=seed, on=on, people=count, gaps=False)
    return coerce(CANDIDATES, people_table(options).to_pandas()).table


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.dates(date(2021, 1, 1), date(2032, 12, 31)))
def test_facts_hold_together(seed: int, on: date) -> None:
    people = complete(seed, on)
    day = pd.Timestamp(on)
    ages = (day - people["birth_date"]).dt.days / 365.25
    assert ages.between(16, 65).all()
    for name in ("jobseeker_since", "left_education", "last_activity_end", "validated_on", "facts_on", "informed_on"):
        assert not (people[name] > day).any(), name
    assert (people["jobseeker_since"].notna() == people["jobseeker"]).all()
    assert not (people["last_activity_end"] < people["left_education"]).any()
    assert (people["last_activity_end"].isna() == people["employed"]).all()
    assert not (people["employed"] & ~people["ever_worked"]).any()
    assert (people.loc[~people["ever_worked"], "months_worked_12"] == 0).all()
    assert (people.loc[~people["ever_worked"], "experience"] == "none").all()
    assert (people["weekly_hours_min"] <= people["weekly_hours_max"]).all()
    assert (people["informed_on"] <= people["facts_on"]).all()
    assert not (people["vehicle"] & ages.lt(17.5) & people["licences"].ne("none")).any()
    assert (people["disability_until"].notna() == people["disability"]).all()
    rsa = people["benefits"].str.split("|").map(lambda items: "RSA" in items)
    assert rsa[ages < 25].mean() < rsa[ages >= 25].mean()


def test_registration_never_exceeds_its_length() -> None:
    on = date(2026, 9, 1)
    people = complete(5, on, 3000)
    months = (pd.Timestamp(on) - people["jobseeker_since"]).dt.days / 30.4375
    registered = people.loc[people["jobseeker"], "months_registered_36"]
    assert registered.between(0, 36).all()
    assert (registered >= np.floor(np.minimum(months.dropna(), 35.9)) - 1).all()
    assert (people.loc[~people["jobseeker"], "months_registered_36"] == 0).all()


def test_rural_people_drive_more() -> None:
    options = Options(people=6000, gaps=False)
    people = complete(options.seed, options.on, 6000)
    place = options.towns()
    country = people["commune"].map(dict(zip(place.codes, place.rural, strict=True)))
    assert people.loc[country, "vehicle"].mean() > people.loc[~country, "vehicle"].mean() + 0.15
    assert 0.08 < country.mean() < 0.35


def test_neighbours_follow_their_population() -> None:
    place = towns(("91", "75", "77", "78", "92", "93", "94", "95"))
    department = pd.Series(place.codes).str[:2]
    share = pd.Series(place.weights).groupby(department.to_numpy()).sum() / place.weights.sum()
    assert set(share.index) == {"91", "75", "77", "78", "92", "93", "94", "95"}
    assert 0.08 < share["91"] < 0.14
    assert share["75"] > share["77"]
    assert "75056" not in place.codes
    assert "75113" in place.codes


def test_home_share_is_kept() -> None:
    people = people_table(Options(people=3000, departments=("91", "75", "94"), home_share=0.7)).to_pandas()
    assert people["commune"].str.startswith("91").mean() == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--departments", "91,999"], "Département inconnu : 999."),
        (["--people", "-1"], "--people : un nombre positif est attendu."),
        (["--broken", "2"], "--broken : une part entre 0 et 1 est attendue."),
        (["--broken", "0.1", "--format", "parquet"], "--broken ne vaut que pour le csv."),
    ],
)
def test_wrong_arguments_say_so(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "-o", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_unknown_department_raises() -> None:
    with pytest.raises(UsageError, match="Département inconnu : 00"):
        towns(("00",))


@pytest.mark.parametrize("people", [0, 1, 2])
def test_tiny_files(people: int, tmp_path: Path) -> None:
    for form in ("csv", "parquet"):
        made(["--people", str(people), "--positions", str(people), "--format", form], tmp_path / form)
    lines = (tmp_path / "csv" / "candidates.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == people + 1
    assert pq.read_table(tmp_path / "parquet" / "candidates.parquet").num_rows == people


def test_broken_rate_is_kept(tmp_path: Path) -> None:
    options = Options(people=200, broken=0.1)
    assert len(messy_people(options).bad) == 20
    clean = messy_people(Options(people=200, broken=0.0))
    assert clean.bad == ()
    path = tmp_path / "candidates.csv"
    path.write_text(csv_text(CANDIDATES, clean.rows), encoding="utf-8")
    assert read_table(CANDIDATES, path, today=options.on).rejected.empty


@given(st.integers(0, 99), st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=4))
def test_pick_by_is_the_slow_draw(seed: int, lines: list[list[int]]) -> None:
    weights = np.array([[w + (i == 0 and not any(line)) for i, w in enumerate(line)] for line in lines], dtype=float)
    draws = Draws(seed, 40)
    group = np.arange(40) % len(lines)
    fast = draws.pick_by("x", group, weights)
    shares = draws.uniform("x")
    for row in range(40):
        limits = cumulative(weights[group[row]])
        slow = next(i for i, limit in enumerate(limits) if shares[row] < limit)
        assert fast[row] == slow
        assert weights[group[row], slow] > 0


def test_streams_do_not_depend_on_one_another() -> None:
    assert Draws(1, 5).uniform("a").tolist() == Draws(1, 9).uniform("a")[:5].tolist()
    assert Draws(1, 5).uniform("a").tolist() != Draws(1, 5).uniform("b").tolist()
    assert [Dice(1, "a").whole(1, 6) for _ in range(3)] == [Dice(1, "a").whole(1, 6) for _ in range(3)]


def test_list_cells() -> None:
    yes, no = np.array([True, False, True]), np.array([False, False, True])
    unknown = np.array([False, False, False])
    assert listed([("RSA", yes), ("ARE", no)], unknown).to_pylist() == ["RSA", "none", "RSA|ARE"]
    hidden = np.array([False, True, False])
    assert listed([("RSA", yes)], hidden).to_pylist() == ["RSA", None, "RSA"]


def test_joined_keeps_rows_without_items() -> None:
    parts = [pa.array(["a", None, None]), pa.array([None, None, "b"])]
    assert joined(parts, np.array([False, False, True])).to_pylist() == ["a", "none", None]
