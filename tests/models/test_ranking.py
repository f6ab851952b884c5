"""Ranking metrics against slow, obvious twins."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.fairness.intervals import gini
from models import ranking

GRADES = st.lists(st.integers(0, 4), min_size=1, max_size=12)


def slow_ndcg(relevance: list[int], order: list[int], k: int) -> float:
    total = sum((2 ** relevance[order[r]] - 1) / math.log2(r + 2) for r in range(min(k, len(order))))
    ideal = sorted(relevance, reverse=True)
    best = sum((2 ** ideal[r] - 1) / math.log2(r + 2) for r in range(min(k, len(ideal))))
    return total / best if best else float("nan")


@settings(max_examples=150, deadline=None)
@given(GRADES, st.integers(1, 15), st.randoms(use_true_random=False))
def test_ndcg_is_its_slow_twin(relevance: list[int], k: int, random: object) -> None:
    order = list(range(len(relevance)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = ranking.ndcg(np.array(relevance), np.array(order), k)
    assert found == pytest.approx(slow_ndcg(relevance, order, k), nan_ok=True)


def test_nothing_relevant_is_left_out_and_one_row_is_fine() -> None:
    assert math.isnan(ranking.ndcg(np.zeros(3, int), np.arange(3), 10))
    assert ranking.ndcg(np.array([2]), np.array([0]), 10) == 1.0
    mean, low, high = ranking.interval(np.array([1.0, np.nan, 1.0]))
    assert (mean, low, high) == (1.0, 1.0, 1.0)
    assert all(math.isnan(value) for value in ranking.interval(np.array([np.nan])))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=15))
def test_auc_counts_every_pair(rows: list[tuple[bool, int]]) -> None:
    yes = [score for positive, score in rows if positive]
    no = [score for positive, score in rows if not positive]
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(yes, no)]
    expected = sum(pairs) / len(pairs) if pairs else float("nan")
    found = ranking.auc(np.array([p for p, _s in rows]), np.array([s for _p, s in rows], float))
    assert found == pytest.approx(expected, nan_ok=True)


def test_first_relevant_recall_and_hits() -> None:
    relevant = np.array([False, True, False, True])
    order = np.array([0, 2, 1, 3])
    assert ranking.reciprocal_rank(relevant, order) == pytest.approx(1 / 3)
    assert ranking.recall(relevant, order, 3) == 0.5
    assert ranking.hit(relevant, order, 2) == 0.0
    assert math.isnan(ranking.recall(np.zeros(2, bool), np.arange(2), 1))


def test_gini_of_equal_shares_and_of_one_owner() -> None:
    assert gini(np.ones(5)) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    assert math.isnan(gini(np.zeros(3)))


def test_equal_scores_follow_the_ties() -> None:
    assert ranking.order_of(np.array([1.0, 2.0, 1.0]), np.array([1, 0, 0])).tolist() == [1, 2, 0]
