"""Lists under a limit per person: respected, whole, never worse than greedy, the best on small tables."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.allocation import LEAST_RESERVE, Ranked, allocate, best
from matcher.engine import Options
from matcher.errors import UsageError
from tests.matching.conftest import Samples
from tests.matching.tables import ON, listed, made, people, positions


def ranked(points: dict[int, int]) -> Ranked:
    """People (row → points), best first."""
    rows = np.array(sorted(points, key=lambda row: (-points[row], row)), np.int64)
    return Ranked(rows, np.array([points[int(row)] for row in rows], np.int64), np.zeros((0, len(rows)), np.int8))


def total(lists: list[Ranked], chosen: list[Any]) -> int:
    """The sum that is made greatest: points, and one for each place filled."""
    return sum(int(one.points[picked].sum()) + len(picked) for one, picked in zip(lists, chosen, strict=True))


def counts(lists: list[Ranked], chosen: list[Any]) -> dict[int, int]:
    rows = [int(row) for one, picked in zip(lists, chosen, strict=True) for row in one.rows[picked]]
    return {row: rows.count(row) for row in rows}


def greedy(lists: list[Ranked], asked: list[int], limit: int) -> int:
    used: dict[int, int] = {}
    worth = 0
    for one, count in zip(lists, asked, strict=True):
        free = [k for k, row in enumerate(one.rows) if used.get(int(row), 0) < limit][:count]
        for k in free:
            used[int(one.rows[k])] = used.get(int(one.rows[k]), 0) + 1
            worth += int(one.points[k]) + 1
    return worth


def brute(lists: list[Ranked], asked: list[int], limit: int) -> int:
    """The best of every possible choice."""
    choices = [
        [c for size in range(min(count, len(one.rows)) + 1) for c in combinations(range(len(one.rows)), size)]
        for one, count in zip(lists, asked, strict=True)
    ]
    worth = 0
    for picked in product(*choices):
        arrays = [np.array(c, np.int64) for c in picked]
        if max(counts(lists, arrays).values(), default=0) <= limit:
            worth = max(worth, total(lists, arrays))
    return worth


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.integers(0, 3), st.integers(0, 9), max_size=4), min_size=1, max_size=3),
    st.lists(st.integers(1, 3), min_size=3, max_size=3),
    st.integers(1, 2),
)
def test_the_total_is_the_greatest_possible(tables: list[dict[int, int]], wanted: list[int], limit: int) -> None:
    lists, asked = [ranked(points) for points in tables], wanted[: len(tables)]
    chosen = allocate(lists, asked, limit)
    assert total(lists, chosen) == brute(lists, asked, limit)
    assert all(value <= limit for value in counts(lists, chosen).values())
    assert all(len(picked) <= count for picked, count in zip(chosen, asked, strict=True))
    assert all((np.diff(picked) > 0).all() for picked in chosen), "each list keeps its order, nobody twice"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_never_worse_than_greedy(seed: int, limit: int) -> None:
    random = np.random.default_rng(seed)
    lists = [ranked({int(r): int(random.integers(0, 50)) for r in random.permutation(30)[:20]}) for _i in range(6)]
    asked = random.integers(1, 9, 6).tolist()
    chosen = allocate(lists, asked, limit)
    assert total(lists, chosen) >= greedy(lists, asked, limit)
    assert max(counts(lists, chosen).values()) <= limit


def test_without_a_limit_the_first_are_listed() -> None:
    lists = [ranked({0: 5, 1: 4}), ranked({})]
    assert [picked.tolist() for picked in allocate(lists, [1, 3], None)] == [[0], []]
    assert [picked.tolist() for picked in allocate([ranked({})], [3], 2)] == [[]]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-30, 30), max_size=30), st.integers(1, 12))
def test_best_is_a_sort(points: list[int], count: int) -> None:
    raw = np.array(points, np.int64)
    ties = np.random.default_rng(len(points)).permutation(len(points)).astype(np.int64)
    wanted = sorted(range(len(points)), key=lambda i: (-points[i], ties[i]))[:count]
    assert best(raw, ties, count).tolist() == wanted


@pytest.mark.parametrize("limit", [1, 2])
def test_the_limit_holds_on_samples(samples: Samples, limit: int) -> None:
    free = made(samples.people, samples.positions)
    result = made(samples.people, samples.positions, max_per_candidate=limit)
    lists = result.shortlists.groupby("candidate_id").size()
    assert lists.max() == limit
    assert free.shortlists.groupby("candidate_id").size().max() > limit
    assert not result.shortlists.duplicated(["position_id", "candidate_id"]).any()
    for _key, part in result.shortlists.groupby("position_id"):
        assert part["rank"].tolist() == list(range(1, len(part) + 1))
        assert part["score"].is_monotonic_decreasing


def test_lists_go_on_beyond_the_people_first_kept() -> None:
    """Three like positions want everybody kept for each of them: the third goes on with the next in line."""
    count = LEAST_RESERVE + 60
    crowd = people(*({"candidate_id": f"{i:04d}"} for i in range(count)))
    jobs = positions(*({"asked": 20} for _i in range(12)))
    result = made(crowd, jobs, max_per_candidate=1)
    assert not len(result.unfilled)
    assert result.shortlists["candidate_id"].is_unique
    short = made(crowd, positions(*({"asked": 20} for _i in range(14))), max_per_candidate=1)
    assert len(short.shortlists) == count
    reasons = set(short.unfilled["reason"])
    assert reasons == {"les autres personnes sont déjà sur le nombre de listes permis"}


def test_no_list_at_all_cannot_be_asked() -> None:
    for options, words in (
        ({"max_per_candidate": 0}, "--max-per-candidate doit être au moins 1. Enlever l'option"),
        ({"top": 0}, "--top doit être au moins 1."),
        ({"complete": ("benefits",)}, "--complete : colonne « benefits » non prévue."),
    ):
        with pytest.raises(UsageError, match=words):
            Options(ON, **options).checked()


def test_asked_wins_over_top() -> None:
    crowd = people(*({} for _i in range(12)))
    result = made(crowd, positions({"asked": 2}, {}), top=5)
    assert [len(listed(result, key)) for key in ("P0", "P1")] == [2, 5]
