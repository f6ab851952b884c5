"""The challenger is additive and monotone, and its file is believed only when it is the one that was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skops.io as skops
from sklearn.linear_model import LogisticRegression

from matcher.errors import UnreadableFile
from matcher.features import FEATURES
from models.challenger import Challenger, columns, load_challenger, save_challenger, train_challenger
from models.signals import Feedback

Draw = Callable[..., Feedback]


@pytest.fixture(scope="module")
def challenger(draw: Draw) -> Challenger:
    found = train_challenger(draw(2, positions=40, points=1.0))
    assert found is not None
    return found


def test_neutral_levels_are_missing_and_better_is_higher() -> None:
    levels = np.array([[0, len(f.order) - 1, len(f.order)] for f in FEATURES.values()], np.int8)
    table = columns(levels)
    assert (table[0] == [len(f.order) - 1 for f in FEATURES.values()]).all()
    assert (table[1] == 0).all()
    assert np.isnan(table[2]).all()


def test_it_is_exactly_additive(challenger: Challenger) -> None:
    random = np.random.default_rng(1)
    levels = np.stack([random.integers(0, len(f.levels), 200) for f in FEATURES.values()]).astype(np.int8)
    start = levels[:, :1]
    alone = np.zeros(200)
    base = challenger.scores(start)[0]
    for feature in range(len(levels)):
        changed = np.repeat(start, 200, axis=1)
        changed[feature] = levels[feature]
        alone += challenger.scores(changed) - base
    assert challenger.scores(levels) == pytest.approx(base + alone)


def test_a_better_level_never_scores_less(challenger: Challenger) -> None:
    for place, feature in enumerate(FEATURES.values()):
        levels = np.zeros((len(FEATURES), len(feature.order)), np.int8)
        levels[place] = np.arange(len(feature.order))
        assert (np.diff(challenger.scores(levels)) <= 1e-12).all()


def test_it_is_the_same_again(draw: Draw, challenger: Challenger) -> None:
    again = train_challenger(draw(2, positions=40, points=1.0))
    assert again is not None
    assert np.array_equal(again.held_out, challenger.held_out)


def test_one_class_or_one_position_trains_nothing(draw: Draw) -> None:
    feedback = draw(2, positions=3)
    feedback.passed[:], feedback.failed[:] = 0, True
    assert train_challenger(feedback) is None
    assert train_challenger(draw(2, positions=1)) is None


def test_a_stored_challenger_comes_back(challenger: Challenger, tmp_path: Path) -> None:
    path = tmp_path / "challenger.skops"
    digest = save_challenger(challenger, path)
    levels = np.zeros((len(FEATURES), 3), np.int8)
    back = Challenger(load_challenger(path, digest), challenger.rounds, challenger.held_out)
    assert np.array_equal(back.scores(levels), challenger.scores(levels))
    assert save_challenger(back, tmp_path / "again.skops") == digest


def test_another_file_is_refused(challenger: Challenger, tmp_path: Path) -> None:
    path = tmp_path / "challenger.skops"
    digest = save_challenger(challenger, path)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(UnreadableFile, match="son empreinte SHA-256 est autre"):
        load_challenger(path, digest)


def test_a_type_that_is_not_expected_is_refused(tmp_path: Path) -> None:
    from hashlib import sha256

    path = tmp_path / "odd.skops"
    model = LogisticRegression()
    model.surprise = Surprise()
    skops.dump(model, path)
    with pytest.raises(UnreadableFile, match="types qui ne sont pas admis"):
        load_challenger(path, sha256(path.read_bytes()).hexdigest())


class Surprise:
    """Some type of nobody's."""
