"""The proxy audit: how well what a scorecard sees would tell a person's sex, age, RSA, disability or district.

A model is trained to guess the group from the levels alone, on some people, and judged on others (never the same
person on both sides). AUC: the chance that somebody of the group is guessed above somebody who is not; 0.5 is chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from matcher.fairness import YES
from matcher.fairness.intervals import Z95
from matcher.features import FEATURES, Levels
from models.audit.pools import Bools, Floats, Ints, Pairs

# Each target: the dimension, the group to tell from the others, and the groups compared with.
TARGETS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "women": ("sex", ("F",), ("M",)),
    "under_26": ("age", ("under_26",), ("26_49", "50_over")),
    "50_over": ("age", ("50_over",), ("under_26", "26_49")),
    "rsa": ("rsa", (YES,), ("no",)),
    "disability": ("disability", (YES,), ("no",)),
    "qpv": ("qpv", (YES,), ("no",)),
}
LEAST_EACH = 20  # people on either side under which nothing is said
MOST_PEOPLE, EACH = 3_000, 8
FOLDS, SHUFFLES, REPEATS = 5, 100, 5
RIDGE = 10.0


def proxy_audit(pairs: Pairs, groups: pd.DataFrame, seed: int = 91) -> dict[str, Any]:
    """For each target: AUC with intervals from one pair and from all of a person's pairs sampled, the score's own,
    what chance gives, and which features carry it. `groups` has the group of each of the engine's people."""
    sample = sample_pairs(pairs, np.random.default_rng([seed, 1]))
    # Small tables: several threads would only wait for one another, most of all on a busy machine.
    with threadpool_limits(limits=1):
        return {
            name: _target(
                sample, _labels(groups[dimension], yes, no)[sample.person], np.random.default_rng([seed, 2])
            )
            for name, (dimension, yes, no) in TARGETS.items()
        }


def sample_pairs(pairs: Pairs, draw: np.random.Generator) -> Pairs:
    """At most EACH pairs of each of at most MOST_PEOPLE people, at random."""
    people = np.unique(pairs.person)
    if len(people) > MOST_PEOPLE:
        people = draw.choice(people, MOST_PEOPLE, replace=False)
    order = draw.permutation(np.flatnonzero(np.isin(pairs.person, people)))
    turn = pd.Series(pairs.person[order]).groupby(pairs.person[order]).cumcount().to_numpy()
    return pairs.take(np.sort(order[turn < EACH]))


def _labels(column: pd.Series[Any], yes: tuple[str, ...], no: tuple[str, ...]) -> Ints:
    """1 in the group, 0 in those compared, -1 elsewhere."""
    return np.where(column.isin(yes), 1, np.where(column.isin(no), 0, -1)).astype(np.int64)


def _target(sample: Pairs, label: Ints, draw: np.random.Generator) -> dict[str, Any]:
    known = sample.take(label >= 0)
    positive = label[label >= 0] == 1
    people, person = np.unique(known.person, return_inverse=True)
    member = np.zeros(len(people), bool)
    member[person[positive]] = True
    sizes = {"people": int(member.sum()), "others": int((~member).sum()), "pairs": len(known)}
    if min(sizes["people"], sizes["others"]) < LEAST_EACH:
        return {"measured": False}
    fold = draw.permutation(np.arange(len(people)) % FOLDS)[person]
    table = one_hot(known.levels)
    shuffled = np.stack([member, *(draw.permutation(member) for _ in range(SHUFFLES))], axis=1)
    guesses, parts = _held_out(table, shuffled[person].astype(np.float64), fold)
    chance = column_aucs(guesses[:, 1:], shuffled[person][:, 1:])
    own = guesses[:, 0]
    boosted = _boosted(known.levels, positive, fold)
    return {
        "measured": True,
        **sizes,
        "pair": _rounded(clustered_auc(positive, own, person)),
        "boosted": _rounded(clustered_auc(positive, boosted, person)),
        "person": _rounded(clustered_auc(member, _mean(own, person), np.arange(len(people)))),
        "score": _rounded(clustered_auc(positive, known.place, person)),
        "chance": [round(float(value), 4) for value in (chance.mean(), *np.quantile(chance, [0.025, 0.975]))],
        "features": dict(_carriers(own, parts, positive, draw)),
    }


def one_hot(levels: Levels) -> Floats:
    """0/1 matrix [n, all levels], the neutral ones too: that a fact is unknown may tell something."""
    columns = [
        numbers[:, None] == np.arange(len(feature.levels))[None]
        for feature, numbers in zip(FEATURES.values(), levels, strict=True)
    ]
    matrix: Floats = np.concatenate(columns, axis=1).astype(np.float64)
    return matrix


def _held_out(table: Floats, targets: Floats, fold: Ints) -> tuple[Floats, Floats]:
    """Guesses for people not trained on [n, targets], and what each feature adds to the first one [features, n]."""
    guesses = np.zeros(targets.shape)
    parts = np.zeros((len(FEATURES), len(table)))
    edges = np.cumsum([0, *(len(feature.levels) for feature in FEATURES.values())])
    for k in range(FOLDS):
        test = fold == k
        found = Ridge(alpha=RIDGE).fit(table[~test], targets[~test])
        weights = found.coef_[0]
        guesses[test] = found.predict(table[test])
        for f, (low, high) in enumerate(pairwise(edges.tolist())):
            parts[f, test] = table[test, low:high] @ weights[low:high]
    return guesses, parts


def _boosted(levels: Levels, positive: Bools, fold: Ints) -> Floats:
    """Guesses of small trees, which see combinations of levels, for people not trained on."""
    guesses = np.zeros(len(positive))
    for k in range(FOLDS):
        test = fold == k
        trees = HistGradientBoostingClassifier(
            max_iter=40, max_leaf_nodes=15, l2_regularization=5.0, early_stopping=False, random_state=0
        )
        guesses[test] = trees.fit(levels.T[~test], positive[~test]).decision_function(levels.T[test])
    return guesses


def _mean(values: Floats, person: Ints) -> Floats:
    means: Floats = np.bincount(person, values) / np.bincount(person)
    return means


def _carriers(own: Floats, parts: Floats, positive: Bools, draw: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Permutation importance: the AUC lost when a feature's levels are shuffled among the pairs."""
    orders = np.stack([draw.permutation(len(own)) for _ in range(REPEATS)], axis=1)
    answers = np.repeat(positive[:, None], REPEATS, axis=1)
    full = column_aucs(own[:, None], positive[:, None])[0]
    losses = {
        name: float(full - column_aucs((own - part)[:, None] + part[orders], answers).mean())
        for name, part in zip(FEATURES, parts, strict=True)
    }
    for name, loss in sorted(losses.items(), key=lambda item: -item[1]):
        yield name, round(loss, 4)


def column_aucs(scores: Floats, positive: Bools) -> Floats:
    """The AUC of each column, ties for half."""
    ranks = rankdata(scores, axis=0)
    yes = positive.sum(axis=0).astype(np.float64)
    no = len(positive) - yes
    found: Floats = ((ranks * positive).sum(axis=0) - yes * (yes + 1) / 2) / (yes * no)
    return found


def clustered_auc(positive: Bools, scores: Floats, person: Ints) -> tuple[float, float, float]:
    """AUC and its 95 % interval when a person has several rows, all of one class.

    Obuchowski (1997, Biometrics 53, 567-578): the variance of the sums of structural components over clusters; the
    interval is made on the logit scale.
    """
    sides = []
    yes, no = np.sort(scores[positive]), np.sort(scores[~positive])
    above = (np.searchsorted(no, scores[positive], "left") + np.searchsorted(no, scores[positive], "right")) / 2
    below = (np.searchsorted(yes, scores[~positive], "left") + np.searchsorted(yes, scores[~positive], "right")) / 2
    value = float(above.sum()) / (len(yes) * len(no))
    for component, owner in ((above / len(no), person[positive]), (1 - below / len(yes), person[~positive])):
        cluster = np.unique(owner, return_inverse=True)[1]
        sums = np.bincount(cluster, component - value)
        count = len(sums)
        sides.append(count / max(count - 1, 1) * float(sums @ sums) / len(owner) ** 2)
    inside = value * (1 - value)
    if inside <= 0:
        return value, value, value
    logit, half = np.log(value / (1 - value)), Z95 * np.sqrt(sum(sides)) / inside
    low, high = (float(1 / (1 + np.exp(-end))) for end in (logit - half, logit + half))
    return value, low, high


def _rounded(values: tuple[float, float, float]) -> list[float]:
    return [round(value, 4) for value in values]
