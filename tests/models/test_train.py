"""From tables to a scorecard file: the prior exactly, what moves it, what may not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.errors import UnreadableFile
from matcher.features import FEATURES
from matcher.scoring import SEAL, content_hash, load_scorecard, parse_scorecard
from models.cards import diff_markdown
from models.simulation import Market
from models.train import Training, save_training, train

ON = date(2026, 9, 1)
SHA = "0123456789abcdef" * 4
EXPERT = Path(__file__).parents[2] / "matcher" / "scorecards" / "expert.json"


def learn(market: Market, outcomes: pd.DataFrame) -> Training:
    return train(
        outcomes,
        market.candidates,
        market.positions,
        on=ON,
        parent=load_scorecard(),
        parent_text=EXPERT.read_text(encoding="utf-8"),
        data_sha256=SHA,
    )


@pytest.fixture(scope="module")
def training(market: Market) -> Training:
    return learn(market, market.outcomes)


def test_no_outcome_gives_the_prior_byte_for_byte(market: Market, tmp_path: Path) -> None:
    found = learn(market, market.outcomes.head(0))
    save_training(found, tmp_path)
    assert (tmp_path / "scorecard.json").read_bytes() == EXPERT.read_bytes()
    assert "0 suite(s) décidée(s) et utilisables ; il en faut 30 au moins" in found.learned.reason
    assert "Les points de départ restent" in (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "Rien : les points sont ceux de la grille de départ." in (tmp_path / "diff.md").read_text(encoding="utf-8")


def test_few_outcomes_leave_the_prior(market: Market) -> None:
    found = learn(market, market.outcomes.head(25))
    assert not found.learned.moved
    assert found.text == EXPERT.read_text(encoding="utf-8")


def test_one_class_only_leaves_the_prior(market: Market) -> None:
    table = market.outcomes.copy()
    table["stage"], table["decision"], table["reason"] = "proposed", "rejected", "person_skills"
    table["human_rank"] = float("nan")
    found = learn(market, table)
    assert "toutes les suites disent la même chose" in found.learned.reason
    assert found.text == EXPERT.read_text(encoding="utf-8")


def test_a_file_that_contradicts_itself_is_not_believed(market: Market) -> None:
    table = market.outcomes.copy()
    table["decision"], table["stage"] = "rejected", "hired"
    table.loc[:200, "stage"] = "proposed"
    found = learn(market, table)
    assert "se contredisent : le fichier n'est pas sûr" in found.learned.reason
    assert found.text == EXPERT.read_text(encoding="utf-8")


def test_unknown_ids_leave_the_prior(market: Market) -> None:
    table = market.outcomes.copy()
    table["candidate_id"] = "X" + table["candidate_id"]
    found = learn(market, table)
    assert "sont inutilisables" in found.learned.reason
    assert found.checked.rejected["message"].str.contains("personne inconnue").all()


def test_learning_moves_within_the_order_of_levels(training: Training) -> None:
    assert training.learned.moved
    card = parse_scorecard(training.text, "scorecard.json")
    assert (card.kind, card.parent, card.data_sha256) == ("learned", "expert-2026@1", SHA)
    assert card.base == load_scorecard().base
    assert card.points != load_scorecard().points
    assert card.metrics["rows"]["read"] == len(training.feedback)
    for name, feature in FEATURES.items():
        assert set(card.points[name]) == set(feature.order)


def test_the_order_of_rows_changes_nothing(market: Market, training: Training) -> None:
    shuffled = train(
        market.outcomes.sample(frac=1, random_state=4).reset_index(drop=True),
        market.candidates.sample(frac=1, random_state=5).reset_index(drop=True),
        market.positions.sample(frac=1, random_state=6).reset_index(drop=True),
        on=ON,
        parent=load_scorecard(),
        parent_text=EXPERT.read_text(encoding="utf-8"),
        data_sha256=SHA,
    )
    assert shuffled.text == training.text


def test_a_refusal_that_is_not_about_the_person_is_as_no_row(market: Market) -> None:
    table = market.outcomes.head(400).copy()
    excused = table["reason"].fillna("").astype(str).str.startswith(("position_", "other_"))
    at_once = excused & (table["stage"] == "proposed")
    assert at_once.sum() > 10
    assert learn(market, table).learned.points == learn(market, table[~at_once]).learned.points


def test_files_of_a_training(training: Training, tmp_path: Path) -> None:
    names = save_training(training, tmp_path)
    assert {"scorecard.json", "card.md", "diff.md", "metrics.json", "challenger.skops"} <= set(names)
    assert load_scorecard(tmp_path / "scorecard.json").kind == "learned"
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "Par validation croisée entre postes (jamais entre paires)" in card
    assert "concurrent additif" in card
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["cross_validation"]["pair_loss_gain"][1] > 0
    assert metrics["latest_positions"]["positions"] == 14


def test_a_tampered_file_is_refused(training: Training) -> None:
    data = json.loads(training.text)
    data["points"]["wish"]["first"] += 1
    with pytest.raises(UnreadableFile, match="son empreinte ne correspond pas"):
        parse_scorecard(json.dumps(data), "scorecard.json")
    del data[SEAL]
    with pytest.raises(UnreadableFile, match="n'est plus celle qui a été apprise"):
        parse_scorecard(json.dumps(data), "scorecard.json")


def test_a_scorecard_of_other_features_is_refused_with_the_difference(training: Training) -> None:
    data = json.loads(training.text)
    data["points"]["charisma"] = data["points"].pop("wish")
    data[SEAL] = content_hash(data)
    with pytest.raises(UnreadableFile, match="critères absents : wish ; en trop : charisma"):
        parse_scorecard(json.dumps(data), "scorecard.json")


@pytest.mark.parametrize("change", [{"raw": [3.0, 1.0]}, {"probability": [0.2, 1.4]}, {"raw": []}])
def test_a_damaged_calibration_is_refused(training: Training, change: dict[str, Any]) -> None:
    data = json.loads(training.text)
    data["calibration"] |= {"raw": [1.0, 3.0], "probability": [0.1, 0.4]} | change
    data[SEAL] = content_hash(data)
    with pytest.raises(UnreadableFile, match="calibrage illisible"):
        parse_scorecard(json.dumps(data), "scorecard.json")


def test_the_score_has_a_meaning_once_outcomes_exist(training: Training) -> None:
    card = parse_scorecard(training.text, "scorecard.json")
    assert card.calibration is not None
    assert card.calibration.people > card.calibration.reached > 10
    low, high = card.meaning(pd.Series([card.least, card.most]).to_numpy())
    assert low.startswith("sur 100 personnes montrées avec ce score, environ ")
    numbers = [int(text.split("environ ")[1].split()[0]) for text in (low, high)]
    assert numbers[0] < numbers[1]
    assert load_scorecard().meaning(pd.Series([40]).to_numpy()) == ["points d'expert, sans valeur de probabilité"]


def test_the_difference_is_said_in_words() -> None:
    before = load_scorecard().points
    after = {name: dict(levels) for name, levels in before.items()}
    after["driving"]["ready"] = 15
    after["wage"]["below"] = -5
    text = diff_markdown(before, after)
    assert "**permis et véhicule** pèse plus qu'avant : 15 points d'écart au lieu de 8." in text
    assert "**salaire** pèse moins qu'avant : 10 points d'écart au lieu de 15." in text
    assert "| permis et véhicule | permis et véhicule exigés | +8 | **+15** |" in text
    assert text.index("permis et véhicule") < text.index("salaire")
