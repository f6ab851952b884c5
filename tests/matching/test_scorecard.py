"""Scorecards: what is refused, and with which words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import UnreadableFile
from matcher.features import FEATURES, NOT_ASKED, UNKNOWN
from matcher.scoring import load_scorecard, parse_scorecard
from matcher.wording import PHRASES
from tests.matching.twin import CARD

Card = dict[str, Any]


def changed(change: Callable[[Card], Any]) -> str:
    card: Card = json.loads(json.dumps(CARD))
    change(card)
    return json.dumps(card)


def put(feature: str, level: str, points: Any) -> Callable[[Card], Any]:
    return lambda card: card["points"][feature].__setitem__(level, points)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "carte.json n'est pas une grille de score"),
        ("[]", "carte.json n'est pas une grille de score"),
        ("null", "carte.json n'est pas une grille de score"),
        ("{" * 5000, "carte.json n'est pas une grille de score"),
        ("[" * 100_000, "carte.json n'est pas une grille de score"),
        (changed(lambda card: card.pop("base")), "carte.json n'est pas une grille de score ('base')"),
        (changed(lambda card: card.update(base="40")), "les points sont des nombres entiers"),
        (changed(lambda card: card.update(points=[])), "carte.json n'est pas une grille de score"),
        (changed(lambda card: card.update(version="x")), "carte.json n'est pas une grille de score"),
        (changed(put("wish", "first", 26.5)), "les points sont des nombres entiers"),
        (changed(put("wish", "first", 26.0)), "les points sont des nombres entiers"),
        (changed(put("wish", "first", True)), "les points sont des nombres entiers"),
        (changed(put("wish", "first", 10**9)), "les points sont des nombres entiers"),
        (changed(put("wish", "first", 19)), "les points de « wish » ne suivent pas l'ordre de ses niveaux"),
        (changed(put("practice", "none", 1)), "les points de « practice » ne suivent pas l'ordre"),
        (
            changed(put("wish", "dreamed", 1)),
            "niveaux de « wish » attendus : first, wished, near, related, family, elsewhere",
        ),
        (changed(put("wish", "unknown", 5)), "niveaux de « wish » attendus"),
        (
            changed(lambda card: card["points"]["wage"].pop("met")),
            "niveaux de « wage » attendus : met, nearly, below",
        ),
        (changed(lambda card: card["points"].pop("wage")), "critères absents : wage ; en trop : –"),
        (changed(lambda card: card["points"].update(age={"old": 1})), "critères absents : – ; en trop : age"),
        (
            changed(lambda c: c.update(points={f: dict.fromkeys(levels, 0) for f, levels in c["points"].items()})),
            "tous les points sont nuls",
        ),
    ],
)
def test_a_wrong_card_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        parse_scorecard(text, "carte.json")
    assert words in refusal.value.message
    assert refusal.value.mend
    assert refusal.value.exit_status == 2


@pytest.mark.parametrize("content", [None, b"\xff\xfe{}"])
def test_a_card_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "carte.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"ne peut pas être lue\. Vérifier le chemin"):
        load_scorecard(path)
    with pytest.raises(UnreadableFile, match="ne peut pas être lue"):
        load_scorecard(tmp_path)


def test_the_expert_card_is_whole() -> None:
    card = load_scorecard()
    assert card.kind == "expert"
    assert list(card.points) == list(FEATURES)
    assert (card.least, card.most) == (card.of("wish", "elsewhere") + rest("min"), card.base + top())
    assert card.of("wish", UNKNOWN) == card.of("skills", NOT_ASKED) == 0


def rest(_kind: str) -> int:
    return int(CARD["base"]) + sum(
        min(0, *points.values()) for name, points in CARD["points"].items() if name != "wish"
    )


def top() -> int:
    return sum(max(points.values()) for points in CARD["points"].values())


def test_same_points_in_another_order_of_levels_are_the_same_card() -> None:
    turned = changed(lambda card: card["points"].update(wish=dict(reversed(card["points"]["wish"].items()))))
    assert parse_scorecard(turned, "x").tables[9].tolist() == load_scorecard().tables[9].tolist()
    assert parse_scorecard(turned, "x").sha256 != load_scorecard().sha256


def test_every_level_has_its_words() -> None:
    for name, feature in FEATURES.items():
        assert set(PHRASES[name]) == {*feature.order, UNKNOWN}
        assert feature.read.__doc__
        for level in feature.order:
            assert f"`{level}`" in (feature.read.__doc__ or ""), (name, level)
