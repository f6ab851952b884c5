"""The audit of a scorecard: proxies, stability, outcomes by group, and the page that tells them."""

from __future__ import annotations

import importlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.engine import Engine, Options
from matcher.fairness import DIMENSIONS, MIN_GROUP, Groups
from matcher.fairness.merit import evenly
from matcher.features import FEATURES
from models.audit import audit, audit_markdown, save_audit
from models.audit import proxy as proxies
from models.audit.groups import _by_group, _equal_outcome, outcome_figures
from models.audit.pools import Pairs, read_pairs
from models.audit.proxy import clustered_auc, column_aucs, proxy_audit, sample_pairs
from models.audit.stability import BLANK, FILL, disturbed, matching_fields, moved
from models.ranking import auc
from models.signals import Feedback, check_outcomes, read_feedback
from models.simulation import Market

ON = date(2026, 9, 1)


@pytest.fixture(scope="module")
def engine(market: Market) -> Engine:
    return Engine(market.candidates, market.positions.head(24), Options(ON))


@pytest.fixture(scope="module")
def feedback(market: Market) -> Feedback:
    checked = check_outcomes(market.outcomes, market.candidates, market.positions, ON)
    return read_feedback(checked.table, market.engine)


@pytest.fixture(scope="module")
def pairs(engine: Engine) -> Pairs:
    return read_pairs(engine)


# --- proxies ---------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_both_aucs_equal_the_plain_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    positive = np.append(random.random(60) < 0.4, [True, False])
    scores = random.integers(0, 12, 62).astype(float)
    expected = auc(positive, scores)
    assert column_aucs(scores[:, None], positive[:, None])[0] == pytest.approx(expected)
    value, low, high = clustered_auc(positive, scores, np.arange(62))
    assert value == pytest.approx(expected)
    assert low <= value <= high


def test_the_clustered_interval_covers_the_truth_and_a_naive_one_does_not() -> None:
    random = np.random.default_rng(4)
    covered, naive = [], []
    for _turn in range(400):
        member = np.repeat(np.arange(80) < 30, 8)
        scores = np.repeat(random.normal(size=80), 8) + 0.3 * random.normal(size=640)
        for owner, found in ((np.repeat(np.arange(80), 8), covered), (np.arange(640), naive)):
            _value, low, high = clustered_auc(member, scores, owner)
            found.append(low <= 0.5 <= high)
    assert 0.91 < np.mean(covered) < 0.98
    assert np.mean(naive) < 0.7


def test_a_person_has_at_most_so_many_pairs_in_the_sample(pairs: Pairs) -> None:
    sample = sample_pairs(pairs, np.random.default_rng(1))
    counts = np.bincount(sample.person)
    have = np.bincount(pairs.person, minlength=len(counts))
    assert np.array_equal(counts, np.minimum(have[: len(counts)], proxies.EACH))


def test_a_group_drawn_at_random_cannot_be_guessed_and_one_read_in_a_level_can(pairs: Pairs, engine: Engine) -> None:
    random = np.random.default_rng(6)
    count = len(engine.candidates)
    groups = pd.DataFrame({name: random.choice(list(d.groups)[:2], count) for name, d in DIMENSIONS.items()})
    practice = list(FEATURES).index("practice")
    none = np.zeros(count, bool)
    none[pairs.person[pairs.levels[practice] == FEATURES["practice"].number("none")]] = True
    groups["rsa"] = np.where(none, "yes", "no")
    found = proxy_audit(pairs, groups)
    assert found["women"]["pair"][1] <= 0.5 <= found["women"]["pair"][2]
    assert found["women"]["chance"][1] < 0.5 < found["women"]["chance"][2]
    assert found["rsa"]["pair"][0] > 0.95
    assert next(iter(found["rsa"]["features"])) == "practice"
    assert found["rsa"]["features"]["practice"] > 0.3


def test_nothing_is_guessed_of_a_group_too_small(pairs: Pairs, engine: Engine) -> None:
    groups = pd.DataFrame({name: ["no"] * len(engine.candidates) for name in DIMENSIONS})
    assert proxy_audit(pairs, groups)["women"] == {"measured": False}


# --- stability -------------------------------------------------------------------------------------------------


def test_nothing_moves_without_noise_and_a_reversed_pool_moves_as_far_as_can_be() -> None:
    rows, points = np.arange(20), np.arange(20)[::-1]
    assert moved((rows, points), (rows, points)) == {"changed": 0, "set_aside": 0, "moved": 0, "tau": 1}
    back = moved((rows, points), (rows[::-1], points))
    assert back["changed"] == 1
    assert back["set_aside"] == 0
    assert back["moved"] == np.mean([abs(19 - 2 * rank) for rank in range(10)])
    assert back["tau"] == pytest.approx(-1)
    some = moved((rows, points), (rows[5:], points[5:]))
    assert some["changed"] == some["set_aside"] == 0.5
    empty = np.zeros(0, np.int64)
    assert np.isnan(moved((empty, empty), (rows, points))["changed"])


def test_noise_fills_only_the_unknown_and_empties_only_the_known(engine: Engine) -> None:
    people = engine.candidates
    fields = matching_fields(people)
    assert "wage_min" in fields
    assert not {"commune", "sex", "benefits", "qpv"} & set(fields)
    filled = disturbed(people, fields, FILL, np.random.default_rng(1))
    emptied = disturbed(people, fields, BLANK, np.random.default_rng(1))
    for name in fields:
        known = people[name].notna()
        assert filled[name].notna().all()
        assert filled[name][known].equals(people[name][known])
        assert set(filled[name]) == set(people[name].dropna())
        assert emptied[name][~known].isna().all()
        assert emptied[name].dropna().isin(people[name].dropna()).all()
        assert filled[name].dtype == emptied[name].dtype == people[name].dtype
    others = [name for name in people.columns if name not in fields]
    assert filled[others].equals(people[others])
    assert emptied[list(fields)].isna().to_numpy().sum() > people[list(fields)].isna().to_numpy().sum()


def test_positions_are_taken_evenly() -> None:
    assert evenly(4, 10).tolist() == [0, 1, 2, 3]
    assert evenly(100, 3).tolist() == [0, 49, 99]


# --- outcomes --------------------------------------------------------------------------------------------------


def test_exposure_at_equal_outcome_is_even_for_groups_drawn_at_random(market: Market, feedback: Feedback) -> None:
    random = np.random.default_rng(9)
    groups = Groups.of(market.candidates, ON)
    judged = feedback.take(feedback.explicit)
    merit = _equal_outcome(judged, market.engine)
    covered = []
    for _turn in range(30):
        codes = groups.codes.assign(sex=random.choice(["F", "M"], len(groups.codes)))
        rows = _by_group(Groups(codes, {"sex": groups.dimensions["sex"]}), judged.person, merit)
        ratio, low, high = next(row["ratio"] for row in rows if row["group"] == "F")
        assert 0.7 < ratio < 1.4
        covered.append(low <= 1 <= high)
    assert np.mean(covered) > 0.85


def test_expected_exposure_sums_to_what_was_given(market: Market, feedback: Feedback) -> None:
    judged = feedback.take(feedback.explicit)
    merit = _equal_outcome(judged, market.engine)
    for gate in np.unique(judged.passed):
        mine = judged.passed == gate
        assert merit.expected[mine].sum() == pytest.approx(merit.observed[mine].sum())
    for group in range(judged.groups):
        assert merit.observed[judged.group == group].mean() == pytest.approx(1)


def test_aims_are_counted_over_different_people(market: Market, feedback: Feedback) -> None:
    found = outcome_figures(market.engine, Groups.of(market.candidates, ON), feedback, ON)["aims"]
    women = market.candidates["sex"] == "F"
    for gate, name in enumerate(("proposed", "accepted", "interviewed", "hired")):
        people = {int(p) for p, passed in zip(feedback.person, feedback.passed, strict=True) if passed >= gate}
        one = found["shares"]["sex:F"][name]
        assert one["people"] == len(people)
        assert one["share"][0] == pytest.approx(sum(women.iloc[p] for p in people) / len(people), abs=1e-4)
        assert one["share"][1] <= one["share"][0] <= one["share"][2]
    assert found["hires"] == (feedback.passed >= 3).sum()
    kept = found["kept_3_months"]
    assert kept["share"][0] == pytest.approx((feedback.passed >= 4).sum() / kept["hired"], abs=1e-4)


def test_a_small_group_is_hidden_with_another_in_what_followed(market: Market, feedback: Feedback) -> None:
    groups = Groups.of(market.candidates, ON)
    sexes = np.where(np.arange(len(groups.codes)) % 2, "F", "M").astype(object)
    sexes[np.unique(feedback.person)[: MIN_GROUP - 1]] = "X"
    found = outcome_figures(market.engine, Groups(groups.codes.assign(sex=sexes), groups.dimensions), feedback, ON)
    for part in ("exposure", "calibration"):
        hidden = {row["group"] for row in found[part] if row["dimension"] == "sex" and row["hidden"]}
        assert "X" in hidden
        assert len(hidden) == 2
        assert all("ratio" not in row and "said" not in row for row in found[part] if row["hidden"])


# --- the whole -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(engine: Engine, market: Market) -> dict[str, object]:
    table = market.outcomes[market.outcomes["position_id"].isin(set(engine.positions["position_id"]))]
    checked = check_outcomes(table, market.candidates, engine.positions, ON)
    with pytest.MonkeyPatch.context() as patch:
        module = importlib.import_module("models.audit.stability")
        patch.setattr(module, "DRAWS", 1)
        patch.setattr(module, "POSITIONS", 4)
        patch.setattr(module, "PEOPLE", 200)
        return audit(engine, read_feedback(checked.table, engine))


def test_the_page_says_what_every_figure_is(found: dict[str, object], tmp_path: Path) -> None:
    assert save_audit(found, tmp_path) == ["audit.json", "audit.md"]
    assert json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["scorecard"]["id"] == "expert-2026"
    text = (tmp_path / "audit.md").read_text(encoding="utf-8")
    for words in (
        "Des chiffres à discuter, jamais un verdict",
        "Groupes de moins de 5 personnes masqués",
        "Exposition à mérite égal",
        "les critères ne disent rien du groupe",
        "**0 score(s) différent(s)**",
        "Emplois tenus trois mois",
        "tau de Kendall",
        "CA Communauté Paris-Saclay",
        "tous les champs à la fois",
    ):
        assert words in text
    assert " nan" not in text


def test_the_audit_names_nobody(found: dict[str, object], market: Market) -> None:
    text = json.dumps(found, ensure_ascii=False)
    assert not [one for one in market.candidates["candidate_id"] if f'"{one}"' in text]


def test_without_outcomes_the_page_says_so(found: dict[str, object]) -> None:
    assert "Pas de suites : rien à mesurer." in audit_markdown({**found, "outcomes": None})
