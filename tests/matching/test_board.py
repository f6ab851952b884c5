"""One person against every position gives what every position against that person gives."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.blocking import CHECKS
from matcher.board import Board
from matcher.engine import Engine
from matcher.facets import FACETS, classes
from matcher.features import FEATURES
from tests.matching.conftest import Samples
from tests.matching.tables import made


@pytest.fixture(scope="module")
def engine(samples: Samples) -> Engine:
    return made(samples.people, samples.positions).engine


def test_the_same_pairs_pass_with_the_same_scores(engine: Engine) -> None:
    board = Board(engine)
    pairs = {}
    for i, job in enumerate(engine.jobs):
        rows = engine.passing(i).rows if job.places else []
        raw = engine.card.raw(engine.levels(i, np.asarray(rows, np.int64)))
        pairs |= {(int(row), i): int(points) for row, points in zip(rows, raw, strict=True)}
    found = {}
    for row in range(len(engine.people)):
        suited = board.suited(row)
        assert (np.diff(suited.raw) <= 0).all()
        equal = np.diff(suited.raw) == 0
        assert (np.diff(suited.positions)[equal] > 0).all()
        found |= {(row, int(i)): int(raw) for i, raw in zip(suited.positions, suited.raw, strict=True)}
    assert found == pairs
    assert len(pairs) > 1000


def test_facets_hold_each_feature_and_each_filter_once() -> None:
    assert sorted(name for facet in FACETS for name in facet.features) == sorted(FEATURES)
    assert sorted(name for facet in FACETS for name in facet.filters) == sorted(CHECKS)


def test_classes_are_rows_that_agree() -> None:
    numbers = np.array([1.0, np.nan, 1.0, np.nan, 2.0])
    words = np.array([0, 1, 0, 1, 0])
    of, first = classes([numbers, words])
    assert of.tolist() == [0, 1, 0, 1, 2]
    assert first.tolist() == [0, 1, 4]
