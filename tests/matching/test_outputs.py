"""Points that add up, the score's formula, and the files of a run: columns, types, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher.errors import EnvironmentFault, UsageError
from matcher.export import OUTPUTS, chosen_outputs, sha256_by_name
from matcher.features import FEATURES
from matcher.scoring import load_scorecard
from matcher.shortlist import SHORTLIST_COLUMNS
from tests.matching.conftest import Samples
from tests.matching.tables import made, people, positions

ALWAYS = {"exclusions.csv", "unfilled.csv", "run.json"}
FILES = {
    "csv": "shortlists.csv",
    "xlsx": "shortlists.xlsx",
    "json": "shortlists.json",
    "contributions": "contributions.parquet",
    "report": "report.html",
}
BESIDE = {"report": {"fairness.csv", "never_listed.csv"}}  # what comes with an output


def test_points_sum_to_the_raw_score_and_make_the_score(samples: Samples) -> None:
    result, card = samples.result, samples.result.engine.card
    raw = result.contributions.groupby(["position_id", "candidate_id"], sort=False)["points"].sum()
    scores = result.shortlists.set_index(["position_id", "candidate_id"])["score"]
    assert raw.index.equals(scores.index)
    for total, score in zip(raw, scores, strict=True):
        assert score == round(100 * (total - card.least) / (card.most - card.least), 1)
    for _key, part in raw.groupby(level=0):
        assert part.is_monotonic_decreasing


def test_every_score_is_rounded_as_the_contract_says() -> None:
    card = load_scorecard()
    for raw in range(card.least, card.most + 1):
        exact = round(100 * (raw - card.least) / (card.most - card.least), 1)
        assert card.score(pd.Series([raw]).to_numpy())[0] == exact
    assert card.score(pd.Series([card.least, card.most]).to_numpy()).tolist() == [0, 100]


def test_contributions_name_every_feature_and_the_base(samples: Samples) -> None:
    table, card = samples.result.contributions, samples.result.engine.card
    pair = table.iloc[: len(FEATURES) + 1]
    assert pair["feature"].tolist() == [*FEATURES, "base"]
    assert pair["side"].tolist() == [*(feature.side for feature in FEATURES.values()), ""]
    assert len(table) == len(samples.result.shortlists) * (len(FEATURES) + 1)
    for row in table.itertuples():
        if row.feature == "base":
            assert (row.points, row.side) == (card.base, "")
        else:
            assert row.points == card.points[row.feature].get(row.level, 0)
            assert row.side in ("position", "candidate")


@pytest.mark.parametrize("empty", [False, True])
def test_parquet_types(samples: Samples, tmp_path: Path, empty: bool) -> None:
    result = made(people({"objection": "yes"}), positions({})) if empty else samples.result
    result.save(tmp_path, ["contributions"])
    schema = pq.read_schema(tmp_path / "contributions.parquet")
    assert schema.names == ["position_id", "candidate_id", "feature", "level", "points", "side"]
    for name in schema.names:
        kind = schema.field(name).type
        wanted = (
            kind == pa.int64() if name == "points" else pa.types.is_string(kind) or pa.types.is_large_string(kind)
        )
        assert wanted, (name, kind)


def test_default_outputs() -> None:
    assert chosen_outputs(None, 200) == OUTPUTS
    assert chosen_outputs(None, 201) == ("csv", "contributions", "report")
    with pytest.raises(UsageError, match="--outputs : « pdf » n'est pas prévu"):
        chosen_outputs(["csv", "pdf"], 1)


@pytest.mark.parametrize("name", OUTPUTS)
def test_only_the_outputs_asked_for(tmp_path: Path, name: str) -> None:
    made(people({}), positions({})).save(tmp_path, [name])
    assert {path.name for path in tmp_path.iterdir()} == {FILES[name], *ALWAYS, *BESIDE.get(name, ())}


def test_files_of_a_run(samples: Samples, tmp_path: Path) -> None:
    written = samples.result.save(tmp_path / "new" / "out")
    assert {path.name for path in written} == {*FILES.values(), *ALWAYS, *BESIDE["report"]}
    assert {path.name for path in (tmp_path / "new" / "out").iterdir()} == {path.name for path in written}
    text = (tmp_path / "new" / "out" / "shortlists.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert tuple(rows[0]) == SHORTLIST_COLUMNS
    keys = [(row["position_id"], int(row["rank"])) for row in rows]
    assert keys == sorted(keys)
    records = json.loads((tmp_path / "new" / "out" / "shortlists.json").read_text(encoding="utf-8"))
    assert [record["candidate_id"] for record in records] == [row["candidate_id"] for row in rows]
    sheet = pd.read_excel(tmp_path / "new" / "out" / "shortlists.xlsx", dtype=str, engine="calamine")
    assert sheet["candidate_id"].tolist() == [row["candidate_id"] for row in rows]


def test_two_runs_write_the_same_bytes(samples: Samples, tmp_path: Path) -> None:
    again = made(samples.people.sample(frac=1, random_state=1), samples.positions.sample(frac=1, random_state=1))
    samples.result.save(tmp_path / "a", ["csv"])
    again.save(tmp_path / "b", ["csv"])
    assert (tmp_path / "a" / "shortlists.csv").read_bytes() == (tmp_path / "b" / "shortlists.csv").read_bytes()


def test_the_record_of_a_run(samples: Samples, tmp_path: Path) -> None:
    samples.result.save(tmp_path, ["csv"])
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["options"]["on"] == "2026-09-01"
    assert record["options"]["top"] == 10
    assert record["default_distance_km"] == 25
    assert set(record["rules"]) >= {"ccag-2021@1.0", "iae-2021@1.0"}
    assert all(len(digest) == 64 for digest in record["rules"].values())
    assert len(record["scorecard"]["sha256"]) == 64
    assert record["counts"]["people"] == len(samples.people)
    assert record["counts"]["listed"] == len(samples.result.shortlists)
    assert record["reference"]
    assert record["clausematch"]


def test_inputs_of_one_name_are_both_recorded(tmp_path: Path) -> None:
    files = [tmp_path / folder / "export.csv" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text(file.parent.name)
    digests = {name: sha256(name.encode()).hexdigest() for name in ("a", "b")}
    assert sha256_by_name(files) == {"export.csv": digests["a"], "export.csv (2)": digests["b"]}


def test_objectors_are_in_no_output(tmp_path: Path) -> None:
    crowd = people({"candidate_id": "VISIBLE1"}, {"candidate_id": "CACHE7391", "objection": "yes"})
    made(crowd, positions({})).save(tmp_path)
    for path in tmp_path.iterdir():
        frame = pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else ""
        if path.suffix == ".xlsx":
            frame = pd.read_excel(path, engine="calamine").to_csv()
        text = frame + path.read_bytes().decode("utf-8", "replace")
        assert "CACHE7391" not in text, path.name
        assert path.name in {"exclusions.csv", "unfilled.csv", "run.json", *BESIDE["report"]} or "VISIBLE1" in text


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mon fichier")
    with pytest.raises(EnvironmentFault, match="n'a pas pu être écrit"):
        made(people({}), positions({})).save(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mon fichier"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(EnvironmentFault, match="Vérifier la place sur le disque et les droits"):
        made(people({}), positions({})).save(tmp_path / "out")
