"""People in parts: the bytes of a run that holds everybody, whatever the parts; each part done once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.allocation import tie_order
from matcher.engine import Engine, Options
from matcher.errors import EnvironmentFault, NothingUsable, StrictRejection, UnreadableFile, UsageError
from matcher.partitions import PART_ROWS, Crowd, Run, match_in_parts, people_that_fit, read_memory, split
from matcher.partitions.gathered import Tasks, one_by_one
from matcher.partitions.merge import Edges, merged
from matcher.partitions.search import Found
from matcher.partitions.store import Store
from matcher.pipeline import Match, run
from matcher.reference import communes
from matcher.scoring import load_scorecard
from tests.matching.crowds import TABLES, parquet_folder, people_file, people_of, positions_file, positions_of
from tests.matching.tables import ON

ASKED: list[dict[str, Any]] = [
    {},
    {"max_per_candidate": 1},
    {"max_per_candidate": 2, "floor": "rsa:0.5"},
    {"top": 400},
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with people.csv, positions.csv and the same people as a folder of Parquet files."""
    folder = tmp_path_factory.mktemp("crowd")
    people, _jobs = people_file(folder, 320), positions_file(folder, 12)
    parquet_folder(people_of(people), folder / "dataset", 3)
    return folder


def _cut(source: Path, folder: Path, rows: int) -> Crowd:
    return split(source, Store.at(folder), rows, ON)


def _in_parts(crowd: Crowd, jobs: pd.DataFrame, how: Run, **options: Any) -> Match:
    return match_in_parts(crowd, jobs, Options(**{"on": ON, **options}), load_scorecard(), how)


def _same(plain: Match, parts: Match, folder: Path) -> None:
    plain.save(folder / "plain", ["csv", "contributions"])
    parts.save(folder / "parts", ["csv", "contributions"])
    for name in TABLES:
        assert (folder / "parts" / name).read_bytes() == (folder / "plain" / name).read_bytes(), name
    assert sorted(parts.remarks) == sorted(plain.remarks)
    assert parts.shared.floor.equals(plain.shared.floor)


@pytest.mark.parametrize("options", ASKED, ids=str)
def test_the_bytes_of_a_run_that_holds_everybody(source: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    people, jobs = people_of(source / "people.csv"), positions_of(source / "positions.csv")
    plain = run(Engine(people, jobs, Options(**{"on": ON, **options})))
    assert len(plain.shortlists) > 50
    assert len(plain.unfilled)
    for number, (file, cut, rows) in enumerate(
        [("people.csv", 1000, 1000), ("people.csv", 60, 1), ("dataset", 50, 120)]
    ):
        crowd = _cut(source / file, tmp_path / f"work{number}", cut)
        parts = _in_parts(crowd, jobs, Run(crowd.store, rows), **options)
        _same(plain, parts, tmp_path / str(number))


@pytest.mark.parametrize("floor", [None, "rsa:0.4"])
def test_more_people_are_asked_for_where_those_kept_are_too_few(tmp_path: Path, floor: str | None) -> None:
    """Everybody in one commune, all alike: 300 places for 1 list each, where 200 people are kept at first."""
    people = people_of(people_file(tmp_path, 400, homes=["91228"]))
    people = people.assign(max_distance_km=60.0, benefits=["ASS", "RSA|ASS"] * 200, licences="B", occupations="F1703")
    table = tmp_path / "alike"
    people.to_parquet(tmp_path / "alike.parquet", index=False)
    jobs = positions_of(positions_file(tmp_path, 15, asked=("20",))).assign(commune="91228")
    options: dict[str, Any] = {"max_per_candidate": 1, "floor": floor}
    plain = run(Engine(people, jobs, Options(**{"on": ON, **options})))
    rounds: list[int] = []

    def counted(tasks: Tasks) -> Iterator[tuple[int, bytes]]:
        listed = list(tasks)
        rounds.append(len(listed))
        yield from one_by_one(listed)

    crowd = _cut(tmp_path / "alike.parquet", table, 150)
    _same(plain, _in_parts(crowd, jobs, Run(crowd.store, 150, counted), **options), tmp_path)
    assert len(rounds) > (1 if floor is None else 2)


def test_pieces_hold_everybody_by_departement(source: Path, tmp_path: Path) -> None:
    people = people_of(source / "people.csv").sort_values("candidate_id", ignore_index=True)
    crowd = _cut(source / "dataset", tmp_path, 40)
    back = crowd.rows(np.arange(len(crowd)))
    pd.testing.assert_frame_equal(back.sort_values("candidate_id", ignore_index=True), people)
    known = communes()
    for piece in crowd.pieces:
        assert 0 < piece.rows <= 40
        table = pd.read_parquet(crowd.store.path(piece.name))
        at = known.resolve(table["commune"], table["postal_code"], table["city"])
        homes = {"inconnu" if i < 0 else known.departments[i] for i in at.tolist()}
        assert {f"departement={home}" for home in homes} == {piece.name.partition("/")[0]}
    assert crowd.ties.tolist() == tie_order(back["available_from"].to_numpy(), back["candidate_id"]).tolist()
    assert (crowd.store.folder.stat().st_mode & 0o777) == 0o700 or tmp_path.stat().st_mode & 0o077


def test_parts_keep_their_order_and_size(source: Path, tmp_path: Path) -> None:
    crowd = _cut(source / "people.csv", tmp_path, 25)
    for rows in (1, 60, 10_000):
        parts = crowd.parts(rows)
        assert [piece for part in parts for piece in part.pieces] == list(crowd.pieces)
        assert [part.first for part in parts] == np.cumsum([0, *(part.rows for part in parts)])[:-1].tolist()
        assert all(part.rows <= rows or len(part.pieces) == 1 for part in parts)


EDGES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 4)), max_size=40, unique_by=lambda e: e[:2]
)


@given(
    edges=EDGES,
    cuts=st.lists(st.integers(0, 3), min_size=40, max_size=40),
    counts=st.lists(st.integers(0, 6), min_size=4, max_size=4),
    seed=st.integers(0, 9),
)
def test_merging_merged_parts_gives_the_best_of_all(
    edges: list[tuple[int, int, int]], cuts: list[int], counts: list[int], seed: int
) -> None:
    ties = np.random.default_rng(seed).permutation(31)
    parts = [[edge for edge, cut in zip(edges, cuts, strict=False) if cut == number] for number in range(4)]
    many = [Edges(*(np.array([edge[k] for edge in part], np.int64) for k in range(3))) for part in parts]
    limit = np.array(counts, np.int64)
    obvious = [
        edge
        for owner in range(4)
        for edge in sorted((e for e in edges if e[0] == owner), key=lambda e: (-e[2], ties[e[1]]))[: counts[owner]]
    ]
    inner = merged(many[:2], limit, ties)
    for found in (merged(many, limit, ties), merged([many[3], inner, many[2]], limit, ties)):
        assert list(zip(found.owner, found.row, found.points, strict=True)) == obvious


def test_what_is_finished_is_not_done_again(source: Path, tmp_path: Path) -> None:
    jobs = positions_of(source / "positions.csv")
    done: list[int] = []

    def counted(tasks: Tasks, stop: int = 99) -> Iterator[tuple[int, bytes]]:
        for number, make in tasks:
            if len(done) == stop:
                raise KeyboardInterrupt
            done.append(number)
            yield from one_by_one([(number, make)])

    def again(stop: int = 99, **options: Any) -> int:
        done.clear()
        crowd = _cut(source / "people.csv", tmp_path, 1000)
        how = Run(Store.at(tmp_path / "found"), 1, lambda tasks: counted(tasks, stop))
        _in_parts(crowd, jobs, how, **options)
        return len(done)

    with pytest.raises(KeyboardInterrupt):
        again(stop=3)
    assert len(done) == 3
    parts = len(_cut(source / "people.csv", tmp_path, 1000).pieces)
    assert again() == parts - 3
    assert again() == 0
    assert again(require_proof=True) == parts
    spoilt = sorted((tmp_path / "found").glob("*.npz"))[0]
    spoilt.write_bytes(spoilt.read_bytes()[:-7] + b"spoiled")
    assert again() + again(require_proof=True) == 1
    spoilt.write_bytes(b"")
    assert again() + again(require_proof=True) == 1
    assert not list(tmp_path.rglob(".*"))


def test_a_damaged_piece_is_made_again(source: Path, tmp_path: Path) -> None:
    crowd = _cut(source / "people.csv", tmp_path, 100)
    path = crowd.store.path(crowd.pieces[0].name)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"?")
    with pytest.raises(EnvironmentFault, match="a disparu ou changé pendant le calcul"):
        crowd.content(crowd.pieces[0])
    assert _cut(source / "people.csv", tmp_path, 100).pieces == crowd.pieces
    assert path.read_bytes() == whole
    path.unlink()
    _cut(source / "people.csv", tmp_path, 100)
    assert path.read_bytes() == whole


def test_an_identifier_met_in_an_earlier_file_is_rejected(source: Path, tmp_path: Path) -> None:
    people = people_of(source / "people.csv").head(6)
    for name, some in {"a": people.iloc[:4], "b": people.iloc[2:], "c": people.iloc[:0]}.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        some.to_parquet(tmp_path / "in" / name / "0.parquet", index=False)
    crowd = _cut(tmp_path / "in", tmp_path / "work", 100)
    assert sorted(crowd.rows(np.arange(6))["candidate_id"]) == sorted(people["candidate_id"])
    rejected = crowd.summary.rejected
    assert rejected[["file", "row", "column"]].to_numpy().tolist() == [
        ["b/0.parquet", r, "candidate_id"] for r in (2, 3)
    ]
    assert set(rejected["message"]) == {
        "identifiant déjà donné dans un autre fichier du dossier ; chaque identifiant ne sert qu'une fois"
    }
    with pytest.raises(StrictRejection, match="2 ligne"):
        crowd.summary.usable(strict=True)
    again = _cut(tmp_path / "in", tmp_path / "work", 100)
    pd.testing.assert_frame_equal(again.summary.rejected, rejected)
    assert set(crowd.sources) == {"a/0.parquet", "b/0.parquet", "c/0.parquet"}


def test_a_work_folder_among_the_people_is_refused(source: Path) -> None:
    with pytest.raises(UsageError, match=r"--work : .*dataset/work est dans le dossier des personnes"):
        _cut(source / "dataset", source / "dataset" / "work", 100)


def test_folders_that_hold_nobody(source: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match=r"empty est un dossier sans fichier \.parquet"):
        _cut(tmp_path / "empty", tmp_path / "work", 10)
    with pytest.raises(UnreadableFile, match="est introuvable"):
        _cut(tmp_path / "absent.csv", tmp_path / "work", 10)
    people_of(source / "people.csv").head(0).to_parquet(tmp_path / "empty" / "0.parquet", index=False)
    crowd = _cut(tmp_path / "empty", tmp_path / "work", 10)
    with pytest.raises(NothingUsable, match="aucune ligne utilisable"):
        crowd.summary.usable()
    nobody = _in_parts(crowd, positions_of(source / "positions.csv"), Run(crowd.store))
    assert not len(nobody.shortlists)
    assert len(nobody.unfilled) == 12


def test_an_answer_of_another_version_is_refused(source: Path, tmp_path: Path) -> None:
    crowd = _cut(source / "people.csv", tmp_path, 1000)
    jobs = positions_of(source / "positions.csv")

    def elsewhere(tasks: Tasks) -> Iterator[tuple[int, bytes]]:
        for number, content in one_by_one(tasks):
            found = Found.read(content)
            yield number, replace(found, made_with={**found.made_with, "clausematch": "0.0.0"}).content()

    with pytest.raises(EnvironmentFault, match="Un worker n'a pas la même version que ce poste : clausematch"):
        _in_parts(crowd, jobs, Run(Store.at(tmp_path / "found"), 1, elsewhere))
    assert not list((tmp_path / "found").iterdir())


@pytest.mark.parametrize(
    ("text", "size"),
    [("2G", 2 << 30), (" 1,5 Go ", 3 << 29), ("800M", 800 << 20), ("800MiB", 800 << 20), ("1048576", 1 << 20)],
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert read_memory(text) == size


@pytest.mark.parametrize("text", ["", "beaucoup", "-2G", "2X", "G", "1e9", "nan", "2 3G"])
def test_sizes_that_mean_nothing(text: str) -> None:
    with pytest.raises(UsageError, match=r"n'est pas compris\. Écrire par exemple 2G\."):
        read_memory(text)


def test_sizes_out_of_reach() -> None:
    with pytest.raises(UsageError, match="dépasse ce qu'une machine a"):
        read_memory("9" * 30 + "T")
    with pytest.raises(UsageError, match=r"trop peu ; il faut au moins \d+ M pour 100 postes"):
        people_that_fit(300 << 20, 100, 1000)
    assert people_that_fit(2 << 30, 1000, 200_000) > PART_ROWS
