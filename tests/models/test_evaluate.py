"""A scorecard measured beside its baselines, and the two commands."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from matcher.errors import NothingUsable
from matcher.scoring import load_scorecard
from matcher.tables import write_table
from models.baselines import Baselines
from models.calibration import calibrate, held_out, reliability
from models.commands import register_evaluate, register_train
from models.evaluate import Measure, evaluate, report_markdown
from models.simulation import Market

ON = date(2026, 9, 1)


@pytest.fixture(scope="module")
def measure(market: Market) -> Measure:
    return evaluate(market.outcomes, market.candidates, market.positions, on=ON, card=load_scorecard())


def test_every_baseline_is_measured_in_the_same_call(measure: Measure) -> None:
    names = {"scorecard", "random", "freshness", "tfidf", "rule_632", "challenger"}
    assert set(measure.metrics["rankings"]) == names
    assert set(measure.metrics["gains"]) == names - {"scorecard"}
    for one in measure.metrics["rankings"].values():
        for key in ("ndcg@5", "ndcg@10", "ndcg@20", "mrr", "recall@10", "hit@5", "expected_hires@5", "auc"):
            mean, low, high = one[key]
            assert low <= mean <= high
    assert measure.metrics["gains"]["random"][0] > 0


def test_lists_are_measured_too(measure: Measure, market: Market) -> None:
    lists = measure.metrics["lists"]
    assert 0 < lists["coverage"] <= 1
    assert 0 <= lists["gini"] < 1
    assert lists["people"] <= len(market.candidates)
    assert lists["most_lists_for_one_person"] >= 1


def test_report_says_what_was_measured(measure: Measure) -> None:
    text = report_markdown(measure.metrics)
    for words in ("NDCG@10", "règle 6/3/2", "hasard", "Score de Brier", "laissés hors du NDCG", "Gini des places"):
        assert words in text
    same = {**measure.metrics, "learned_from_these_outcomes": True}
    assert "ces chiffres la flattent" in report_markdown(same)


def test_positions_with_nobody_kept_are_left_out_and_counted(market: Market) -> None:
    table = market.first(6).copy()
    first = table["position_id"] == table["position_id"].iloc[0]
    table.loc[first, ["decision", "stage", "reason"]] = ["rejected", "proposed", "person_skills"]
    table.loc[first, "human_rank"] = float("nan")
    found = evaluate(table, market.candidates, market.positions, on=ON, card=load_scorecard())
    assert found.metrics["rankings"]["scorecard"]["without_relevant"] >= 1


def test_the_632_rule_by_hand(market: Market) -> None:
    baselines = Baselines(market.engine)
    people = market.candidates
    for i, job in enumerate(market.engine.jobs[:5]):
        rows = np.arange(80)
        scores = baselines.scores(i, rows)["rule_632"]
        for row, score in zip(rows, scores, strict=True):
            wished, practised = ([], [])
            if isinstance(people["occupations"].iloc[row], str) and people["occupations"].iloc[row] != "none":
                wished = people["occupations"].iloc[row].split("|")
            if isinstance(people["experience"].iloc[row], str) and people["experience"].iloc[row] != "none":
                practised = [item.split(":")[0] for item in people["experience"].iloc[row].split("|")]
            near = {code[:3] for code in wished} & {code[:3] for code in practised} & {str(job.occupation)[:3]}
            if job.occupation in wished and job.occupation in practised:
                expected = 6
            else:
                expected = 3 if near else 2 if job.occupation in wished else 0
            assert score == expected


def test_freshness_puts_the_unknown_last_and_random_is_stable(market: Market) -> None:
    baselines = Baselines(market.engine)
    rows = np.arange(60)
    fresh = baselines.scores(0, rows)["freshness"]
    known = market.candidates["facts_on"].iloc[:60].notna().to_numpy()
    assert fresh[~known].max() < fresh[known].min()
    again = Baselines(market.engine).scores(0, rows[::-1])["random"][::-1]
    assert np.array_equal(baselines.scores(0, rows)["random"], again)


def test_calibration_rises_and_needs_ten_of_each() -> None:
    random = np.random.default_rng(3)
    raw = random.normal(50, 20, 600)
    reached = random.random(600) < 1 / (1 + np.exp(-(raw - 60) / 10))
    group = np.repeat(np.arange(60), 10)
    found = calibrate(raw, reached, group)
    assert found is not None
    assert found.people == 600
    assert list(found.probability) == sorted(found.probability)
    assert found.at(np.array([60.0]))[0] == pytest.approx(0.5, abs=0.12)
    assert calibrate(raw, np.arange(600) < 9, group) is None
    said = held_out(raw, reached, group)
    curve = reliability(said, reached)
    assert sum(int(one["people"]) for one in curve) == 600
    assert float(np.mean((said - reached) ** 2)) < float(np.mean((reached.mean() - reached) ** 2))


@pytest.fixture(scope="module")
def files(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_table(market.first(25), folder / "outcomes.csv")
    write_table(market.candidates, folder / "candidates.csv")
    write_table(market.positions, folder / "positions.csv")
    market.outcomes.head(0).to_csv(folder / "empty.csv", sep=";", index=False)
    return folder


def run(*words: str) -> str:
    group = click.Group("clausematch")
    register_train(group)
    register_evaluate(group)
    result = CliRunner().invoke(group, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def arguments(files: Path, outcomes: str, out: Path) -> list[str]:
    return [str(files / outcomes), str(files / "candidates.csv"), str(files / "positions.csv"), "-o", str(out)]


def test_the_commands_write_their_files_and_learn_the_same_bytes(files: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("train", *arguments(files, "outcomes.csv", tmp_path / name), "--on", "2026-09-01")
    for name in ("scorecard.json", "card.md", "diff.md", "metrics.json", "rejected.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    card = str(tmp_path / "a" / "scorecard.json")
    said = run(
        "evaluate",
        *arguments(files, "outcomes.csv", tmp_path / "e"),
        "--on",
        "2026-09-01",
        "--scorecard",
        card,
        "--no-audit",
    )
    assert "NDCG@10 de la grille" in said
    assert {path.name for path in (tmp_path / "e").iterdir()} == {"metrics.json", "report.md", "rejected.csv"}
    assert "audit" not in said
    metrics = json.loads((tmp_path / "e" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["learned_from_these_outcomes"] == bool(load_scorecard(Path(card)).data_sha256)


def test_an_empty_file_of_outcomes_leaves_the_prior_in_place(files: Path, tmp_path: Path) -> None:
    said = run("train", *arguments(files, "empty.csv", tmp_path), "--on", "2026-09-01")
    assert "La grille de départ reste en place : 0 suite(s) décidée(s)" in said
    assert load_scorecard(tmp_path / "scorecard.json").sha256 == load_scorecard().sha256
    with pytest.raises(NothingUsable, match="aucune suite décidée"):
        run("evaluate", *arguments(files, "empty.csv", tmp_path), "--on", "2026-09-01")


def test_dates_after_the_day_are_said(files: Path, tmp_path: Path) -> None:
    said = run("train", *arguments(files, "outcomes.csv", tmp_path), "--on", "2024-01-01")
    assert "suite(s) mise(s) de côté : date après le jour du calcul" in said
    assert "La grille de départ reste en place" in said
    rejected = pd.read_csv(tmp_path / "rejected.csv", sep=";")
    assert len(rejected) > 100
