"""The likelihood and what its maximum keeps: order, signs, neutral levels, the parent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.features import FEATURES
from matcher.scoring import load_scorecard
from models.design import LEVELS, Design, as_points, indicators
from models.fit import IMPLICIT, INTERCEPTS, PAIR_WEIGHT, Posterior, fit, fit_parent, observe, propensity
from models.selection import comparisons, folds, lower_bound, pair_losses, select
from models.signals import Feedback

Draw = Callable[..., Feedback]
DESIGN = Design.of(load_scorecard())


def test_steps_give_back_the_expert_points() -> None:
    sizes = DESIGN.size_of(DESIGN.prior)
    assert (sizes >= 0).all()
    assert np.allclose(DESIGN.steps @ sizes, DESIGN.prior)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 50), min_size=len(LEVELS), max_size=len(LEVELS)))
def test_any_steps_keep_order_and_signs_even_rounded(sizes: list[float]) -> None:
    points = as_points(DESIGN.steps @ np.array(sizes))
    expert = load_scorecard().points
    for name, feature in FEATURES.items():
        line = [points[name][level] for level in feature.order]
        assert line == sorted(line, reverse=True)
        assert set(points[name]) == set(feature.order), "neutral levels have no points"
        for level in feature.order:
            assert points[name][level] * (1 if expert[name][level] > 0 else -1) >= 0


def test_neutral_levels_are_worth_nothing() -> None:
    levels = np.array([[len(f.order)] for f in FEATURES.values()], np.int8)
    assert not indicators(levels).any()


@pytest.mark.parametrize("tau", [0.5, 8.0])
def test_gradient_is_that_of_finite_differences(draw: Draw, tau: float) -> None:
    feedback = draw(3, positions=4, each=7, points=0.5)
    feedback.picked[:4] = [1, -1, 1, -1]
    posterior = Posterior(feedback, observe(feedback, implicit=True), DESIGN)
    vector = np.abs(np.random.default_rng(1).normal(0.3, 0.2, posterior.start + len(LEVELS)))
    _loss, gradient = posterior.at(vector, tau, 0.07)
    _loss, parent_gradient = posterior.at_parent(vector[: posterior.start])
    step = 1e-6
    for place in range(len(vector)):
        up, down = vector.copy(), vector.copy()
        up[place] += step
        down[place] -= step
        slope = (posterior.at(up, tau, 0.07)[0] - posterior.at(down, tau, 0.07)[0]) / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-4)
        if place < posterior.start:
            ends = [posterior.at_parent(one[: posterior.start])[0] for one in (up, down)]
            assert parent_gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-3)


def test_loss_is_its_slow_twin(draw: Draw) -> None:
    feedback = draw(5, positions=3, each=6, points=0.5)
    seen = observe(feedback)
    posterior = Posterior(feedback, seen, DESIGN)
    random = np.random.default_rng(0)
    vector = np.abs(random.normal(0.2, 0.1, posterior.start + len(LEVELS)))
    tau, scale = 3.0, 0.05
    points = 10 * (DESIGN.steps @ vector[posterior.start :])
    score = scale * (indicators(feedback.levels) @ points)
    loss = 0.005 * sum(v * v for v in vector[:INTERCEPTS]) + sum(v * v for v in vector[INTERCEPTS + 1 :][:3]) / 2
    for row, intercept, answer, weight in zip(seen.row, seen.intercept, seen.answer, seen.weight, strict=True):
        logit = vector[intercept] + vector[INTERCEPTS + 1 + feedback.group[row]] + score[row]
        chance = 1 / (1 + np.exp(-logit))
        loss -= weight * np.log(chance if answer else 1 - chance)
    for better, worse, weight in zip(seen.better, seen.worse, seen.pair_weight, strict=True):
        loss += weight * np.log(1 + np.exp(score[worse] - score[better]))
    away = points - vector[INTERCEPTS] / scale * DESIGN.prior
    loss += sum(v * v for v in away) / (2 * tau**2)
    assert posterior.at(vector, tau, scale)[0] == pytest.approx(loss)


def test_gates_say_how_far_each_person_got(draw: Draw) -> None:
    feedback = draw(1, positions=1, each=5)
    feedback.passed[:] = [0, 0, 1, 2, 3]
    feedback.failed[:] = [True, False, False, True, False]
    feedback.added[:] = False
    feedback.human[:] = [np.nan, np.nan, 2, 1, np.nan]
    seen = observe(feedback)
    answers = {(int(r), int(g)): a for r, g, a in zip(seen.row, seen.intercept, seen.answer, strict=True)}
    assert [answers.get((0, g)) for g in range(4)] == [0, 0, 0, 0], "refused at once: a no everywhere"
    assert not any(row == 1 for row, _gate in answers), "nobody said anything of the second"
    assert [answers.get((2, g)) for g in range(4)] == [1, 0, 0, None], "left behind where another went farther"
    assert [answers.get((3, g)) for g in range(4)] == [1, 1, 0, 0]
    assert [answers.get((4, g)) for g in range(4)] == [1, 1, 1, None]
    assert (seen.better.tolist(), seen.worse.tolist(), seen.pair_weight.tolist()) == ([3], [2], [PAIR_WEIGHT])


def test_excused_people_are_never_a_no(draw: Draw) -> None:
    feedback = draw(1, positions=1, each=3)
    feedback.passed[:], feedback.failed[:] = [2, 1, 1], False
    feedback.excused[:] = [False, True, False]
    seen = observe(feedback)
    assert {int(r) for r, a in zip(seen.row, seen.answer, strict=True) if a == 0} == {2}


def test_implicit_choices_weigh_by_a_clipped_propensity(draw: Draw) -> None:
    feedback = draw(1, positions=1, each=3)
    feedback.passed[:], feedback.failed[:], feedback.human[:] = 1, False, np.nan
    feedback.picked[:] = [1, -1, 1]
    feedback.rank[:] = [4, 2, 900]
    assert not (observe(feedback).intercept == IMPLICIT).any()
    seen = observe(feedback, implicit=True)
    assert seen.weight[seen.intercept == IMPLICIT].tolist() == [2.0, 1.0, 5.0]
    assert propensity(np.array([np.nan])).tolist() == [1.0]


@pytest.mark.parametrize("points", [0.0, 1.2])
def test_learned_points_can_always_be_loaded(draw: Draw, points: float) -> None:
    feedback = draw(7, points=points)
    posterior = Posterior(feedback, observe(feedback), DESIGN)
    found, _vector = fit(posterior, 16.0, fit_parent(posterior))
    assert (DESIGN.size_of(found.points) >= -1e-9).all()


def test_a_strong_shrinkage_gives_the_parent_back_exactly(draw: Draw) -> None:
    feedback = draw(7, points=1.0)
    posterior = Posterior(feedback, observe(feedback), DESIGN)
    found, _vector = fit(posterior, 0.05, fit_parent(posterior))
    assert as_points(found.points) == load_scorecard().points


def test_more_shrinkage_moves_less(draw: Draw) -> None:
    feedback = draw(9, points=1.0)
    posterior = Posterior(feedback, observe(feedback), DESIGN)
    parent = fit_parent(posterior)
    moves = [float(np.abs(fit(posterior, tau, parent)[0].points - DESIGN.prior).sum()) for tau in (0.5, 2.0, 8.0)]
    assert moves == sorted(moves)
    assert moves[0] < moves[2] / 3


def test_folds_are_of_positions_and_nearly_equal() -> None:
    assert sorted(np.bincount(folds(23)).tolist()) == [2] * 7 + [3] * 3
    assert np.bincount(folds(103)).tolist() == [21, 21, 21, 20, 20], "five folds where there are many positions"
    assert sorted(np.bincount(folds(2)).tolist()) == [1, 1]


def test_comparisons_stay_within_position_gate_and_origin(draw: Draw) -> None:
    feedback = draw(4, points=0.5)
    seen = observe(feedback)
    pairs = comparisons(feedback, seen)
    assert len(pairs.group)
    assert (feedback.group[pairs.better] == feedback.group[pairs.worse]).all()
    assert (feedback.added[pairs.better] == feedback.added[pairs.worse]).all()
    assert (feedback.passed[pairs.better] > feedback.passed[pairs.worse]).all()
    losses = pair_losses(pairs, np.zeros(len(feedback)), feedback.groups)
    assert losses[~np.isnan(losses)] == pytest.approx(np.log(2))


def test_chance_alone_does_not_move_and_a_clear_signal_does(draw: Draw) -> None:
    moved = [select(draw(seed, positions=15), DESIGN, taus=(1.0, 8.0)).moves for seed in range(11, 19)]
    assert sum(moved) <= 2, "one chance in ten, each time"
    assert select(draw(11, positions=60, points=1.5), DESIGN, taus=(1.0, 8.0)).moves


def test_bounds_hold_the_mean() -> None:
    mean, low, high = lower_bound(np.array([0.1, 0.2, np.nan, 0.3]))
    assert low < mean < high
    assert mean == pytest.approx(0.2)
