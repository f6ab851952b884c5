"""Lists under a limit and a floor: the best by trying everything, one answer among equals, and proofs that hold."""

from __future__ import annotations

from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from matcher.allocation import LEAST_RESERVE, Allocation, Ranked, Worth, allocate, best
from matcher.allocation.flow import flow
from matcher.allocation.graph import Graph, alone
from matcher.allocation.greedy import greedy
from matcher.allocation.linear import solve
from matcher.allocation.prices import prices
from matcher.allocation.reduce import components, useful
from matcher.allocation.ties import canonical
from matcher.engine import Options
from matcher.errors import UsageError
from tests.matching.conftest import Samples
from tests.matching.tables import ON, listed, made, people, positions

Table = dict[int, int]  # row of a person → points
Chosen = list[list[int]]


def ranked(points: Table) -> Ranked:
    """People, best first; equal points by row."""
    rows = np.array(sorted(points, key=lambda row: (-points[row], row)), np.int64)
    return Ranked(rows, np.array([points[int(row)] for row in rows], np.int64), np.zeros((0, len(rows)), np.int8))


def names(lists: list[Ranked], made: Allocation) -> Chosen:
    """The rows listed for each position."""
    return [one.rows[picked].tolist() for one, picked in zip(lists, made.chosen, strict=True)]


def brute(
    lists: list[Ranked], asked: list[int], limit: int, floor: list[int], favoured: list[bool]
) -> tuple[tuple[int, int, int], Chosen]:
    """Every possible choice tried: the best by places, floor places, points, then the fixed order."""
    choices = [
        [c for size in range(min(count, len(one.rows)) + 1) for c in combinations(one.rows.tolist(), size)]
        for one, count in zip(lists, asked, strict=True)
    ]
    points = [dict(zip(one.rows.tolist(), one.points.tolist(), strict=True)) for one in lists]
    found: Any = None
    for picked in product(*choices):
        everybody = [row for rows in picked for row in rows]
        if any(everybody.count(row) > limit for row in everybody):
            continue
        held = sum(min(least, sum(favoured[row] for row in rows)) for rows, least in zip(picked, floor, strict=True))
        worth = (
            len(everybody),
            held,
            sum(own[row] for own, rows in zip(points, picked, strict=True) for row in rows),
        )
        order = [row in rows for one, rows in zip(lists, picked, strict=True) for row in one.rows.tolist()]
        if found is None or (worth, order) > found[0]:
            found = (worth, order), [list(rows) for rows in picked]
    return found[0][0], found[1]


small = st.lists(st.dictionaries(st.integers(0, 4), st.integers(0, 3), max_size=5), min_size=1, max_size=3)
wanted = st.lists(st.integers(1, 3), min_size=3, max_size=3)
flags = st.lists(st.booleans(), min_size=5, max_size=5)


@settings(max_examples=80, deadline=None)
@given(small, wanted, st.integers(1, 2), flags, st.lists(st.integers(0, 3), min_size=3, max_size=3), st.booleans())
def test_the_best_of_all_choices(
    tables: list[Table], asked: list[int], limit: int, favoured: list[bool], floor: list[int], floored: bool
) -> None:
    """Few different points, so that many choices are equal: the very same lists come out, not only the total."""
    lists, asked = [ranked(points) for points in tables], asked[: len(tables)]
    floor = [min(least, count) * floored for least, count in zip(floor, asked, strict=False)]
    worth, chosen = brute(lists, asked, limit, floor, favoured)
    made = allocate(lists, asked, limit, floor, np.array(favoured))
    assert names(lists, made) == chosen
    assert made.total == Worth(*worth)
    assert not made.loss


@pytest.mark.parametrize("limit", [1, 2])
def test_one_answer_from_every_best_total(limit: int) -> None:
    """All points equal: whatever the order of people in memory, the first position has the first people."""
    for order in permutations(range(4)):
        place = np.argsort(order)
        one = np.array(order)  # order[k] is the row of the k-th person
        lists = [Ranked(one, np.zeros(4, np.int64), np.zeros((0, 4), np.int8)) for _i in range(3)]
        chosen = [place[rows].tolist() for rows in names(lists, allocate(lists, [2, 1, 1], limit))]
        assert chosen == ([[0, 1], [2], [3]] if limit == 1 else [[0, 1], [0], [1]])


def market(seed: int, count: int = 25, crowd: int = 60, keep: int = 30) -> list[Ranked]:
    """Positions that want the same few people most, with few different points."""
    random = np.random.default_rng(seed)
    merit = random.integers(0, 8, crowd)
    return [
        ranked({int(row): int(merit[row] + random.integers(0, 4)) for row in random.permutation(crowd)[:keep]})
        for _i in range(count)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_another_solution_leads_to_the_same_lists(seed: int) -> None:
    """People numbered otherwise in memory, and solved in another order: the lists name the same people."""
    lists = market(seed)
    asked = np.random.default_rng(seed).integers(1, 6, len(lists)).tolist()
    first = names(lists, allocate(lists, asked, 3))
    other = np.random.default_rng(seed + 100).permutation(60)
    renamed = [Ranked(other[one.rows], one.points, one.levels) for one in lists]
    assert names(renamed, allocate(renamed, asked, 3)) == [other[rows].tolist() for rows in first]


@pytest.mark.parametrize("seed", range(4))
def test_the_programme_alone_has_the_same_total(seed: int) -> None:
    """Without leaving anything out beforehand."""
    lists = market(seed)
    graph = Graph.of(lists, [4] * len(lists), 2)
    taken = solve(graph, graph.fill, graph.bonus)
    made = allocate(lists, [4] * len(lists), 2)
    assert Worth(*graph.worth(taken)) == made.total
    assert prices(graph, taken) is not None


@pytest.mark.parametrize("seed", range(4))
def test_prices_prove_the_lists_and_nothing_less(seed: int) -> None:
    lists = market(seed)
    graph = Graph.of(lists, [3] * len(lists), 2)
    taken = solve(graph, graph.fill, graph.bonus)
    proof = prices(graph, taken)
    assert proof is not None
    net = proof.net(graph)
    assert (net[taken] >= 0).all()
    assert (net[~taken] <= 0).all()
    assert (graph.lists(taken)[proof.person > 0] == 2).all(), "only people on all the lists allowed have a price"
    rough = greedy(graph).taken
    if graph.worth(rough) < graph.worth(taken):
        assert prices(graph, rough) is None
    taken[np.flatnonzero(taken)[0]] = False
    assert prices(graph, taken) is None


@pytest.mark.parametrize("seed", range(3))
def test_a_price_is_what_one_more_list_would_bring(seed: int) -> None:
    """Tried: one person is allowed one list more than the others."""
    lists = market(seed, count=8, crowd=20, keep=10)
    graph = Graph.of(lists, [2] * len(lists), 1)
    made = allocate(lists, [2] * len(lists), 1)
    total = made.total.places * made.fill + made.total.points
    for row in range(graph.people):
        assert (
            _programme(graph, np.ones(graph.people) + (np.arange(graph.people) == row)) - total
            == (made.person_price[row])
        )
    assert made.person_price.any()


def _programme(graph: Graph, limits: Any) -> int:
    """The greatest worth with a limit of its own for each person, as written in a book."""
    rows = [graph.owner == i for i in range(graph.positions)] + [graph.person == p for p in range(graph.people)]
    found = linprog(
        -(graph.fill + graph.points).astype(float),
        A_ub=np.array(rows, float),
        b_ub=np.concatenate([graph.asked, limits]),
        bounds=(0, 1),
    )
    return round(-found.fun)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_out_is_never_needed(seed: int) -> None:
    graph = Graph.of(market(seed, crowd=200), [3] * 25, 2)
    kept = graph.part(useful(graph))
    assert len(kept) < len(graph)
    taken, every = solve(kept, graph.fill, 0), solve(graph, graph.fill, 0)
    assert kept.worth(taken) == graph.worth(every)


def test_groups_share_nobody_who_is_contested() -> None:
    lists = [ranked({0: 1, 1: 2}), ranked({0: 3, 2: 1}), ranked({2: 5, 3: 1}), ranked({7: 1})]
    assert len(set(components(Graph.of(lists, [1] * 4, 1)).tolist())) == 2
    assert len(set(components(Graph.of(lists, [1] * 4, 2)).tolist())) == 4


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.booleans())
def test_greedy_keeps_the_limit_and_knows_what_it_loses(seed: int, limit: int, floored: bool) -> None:
    lists = market(seed, count=8, crowd=30, keep=20)
    asked = np.random.default_rng(seed).integers(1, 9, 8).tolist()
    favoured = np.random.default_rng(seed).random(60) < 0.3
    floor = [count // 3 for count in asked] if floored else None
    exact = allocate(lists, asked, limit, floor, favoured)
    rough = allocate(lists, asked, limit, floor, favoured, most_edges=0)
    assert np.bincount(np.concatenate(names(lists, rough)).astype(int), minlength=1).max() <= limit
    best_points = allocate(lists, asked, limit).total.points
    assert rough.total.points + rough.loss >= min(best_points, exact.total.points)
    assert all(len(set(rows)) == len(rows) <= count for rows, count in zip(names(lists, rough), asked, strict=True))
    if not rough.greedy.any():
        assert names(lists, rough) == names(lists, exact)


def test_without_a_limit_the_first_are_listed() -> None:
    lists = [ranked({0: 5, 1: 4}), ranked({})]
    assert names(lists, allocate(lists, [1, 3], None)) == [[0], []]
    assert names([ranked({})], allocate([ranked({})], [3], 2)) == [[]]
    assert allocate([], [], 2).chosen == ()


@pytest.mark.parametrize("seed", range(3))
def test_as_many_lists_as_positions_is_no_limit(seed: int) -> None:
    lists = market(seed)
    asked = [5] * len(lists)
    free = allocate(lists, asked, None)
    assert names(lists, allocate(lists, asked, len(lists))) == names(lists, free)
    assert names(lists, free) == [one.rows[:5].tolist() for one in lists]
    assert not free.person_price.any()


def test_a_place_filled_comes_before_points() -> None:
    """Two positions want the same person; the one that has nobody else gets them, whatever the points."""
    lists = [ranked({0: 90, 1: 1}), ranked({0: 2})]
    made = allocate(lists, [1, 1], 1)
    assert names(lists, made) == [[1], [0]]
    assert made.worth_of(int(made.person_price[0])) == Worth(0, 0, 89)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.one_of(st.none(), st.integers(1, 3)))
def test_a_floor_holds_where_it_can(seed: int, limit: int | None) -> None:
    lists = market(seed, count=6, crowd=40)
    asked = np.random.default_rng(seed).integers(1, 6, 6).tolist()
    favoured = np.random.default_rng(seed + 1).random(40) < 0.15
    floor = [-(-3 * count // 10) for count in asked]
    made, free = allocate(lists, asked, limit, floor, favoured), allocate(lists, asked, limit)
    assert made.total.places == free.total.places, "a floor empties no place"
    assert made.total.points <= free.total.points
    graph = Graph.of(lists, asked, limit, floor, favoured)
    if limit is None:
        for rows, one, least in zip(names(lists, made), lists, floor, strict=True):
            assert favoured[rows].sum() >= min(least, favoured[one.rows].sum())
    if made.total.floor == sum(np.minimum(floor, graph.held(alone(graph)))) and limit is None:
        assert names(lists, allocate(lists, asked, limit, [0] * 6, favoured)) == names(lists, free)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-30, 30), max_size=30), st.integers(1, 12))
def test_best_is_a_sort(points: list[int], count: int) -> None:
    raw = np.array(points, np.int64)
    ties = np.random.default_rng(len(points)).permutation(len(points)).astype(np.int64)
    expected = sorted(range(len(points)), key=lambda i: (-points[i], ties[i]))[:count]
    assert best(raw, ties, count).tolist() == expected


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
    """Like positions want everybody kept for each of them: more people are kept until nobody is missing."""
    count = LEAST_RESERVE + 60
    crowd = people(*({"candidate_id": f"{i:04d}"} for i in range(count)))
    jobs = positions(*({"asked": 20} for _i in range(12)))
    result = made(crowd, jobs, max_per_candidate=1)
    assert not len(result.unfilled)
    assert result.shortlists["candidate_id"].is_unique
    assert listed(result, "P0") == [f"{i:04d}" for i in range(20)]
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


def test_another_solver_gives_the_same_lists() -> None:
    """OR-tools, where it is installed: another road to the best total, the same lists in the end."""
    pytest.importorskip("ortools")
    for seed in range(20):
        random = np.random.default_rng(seed)
        lists, favoured = market(seed, count=10, crowd=30, keep=20), random.random(60) < 0.3
        asked = random.integers(1, 6, 10).tolist()
        floor = [count // 2 * (seed % 2) for count in asked]
        graph = Graph.of(lists, asked, 2, floor, favoured)
        answers = []
        for taken in (flow(graph), solve(graph, graph.fill, graph.bonus)):
            proof = prices(graph, taken)
            assert proof is not None
            answers.append(canonical(graph, taken, proof))
        assert (answers[0] == answers[1]).all()
