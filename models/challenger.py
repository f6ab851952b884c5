"""The additive challenger: boosted trees of one feature each, monotone, to say what the scorecard gives up.

It is never used to rank: it is trained on the same observations, with no parent to lean on, and compared.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import skops.io as skops
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from matcher.errors import UnreadableFile
from matcher.features import FEATURES, Levels
from matcher.locale import _
from models.fit import INTERCEPTS, Observations, observe
from models.selection import Pairs, comparisons, pair_losses
from models.signals import Feedback

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROUNDS = tuple(range(10, 151, 10))
FOLDS = 5
# What a stored challenger may hold beside the types that skops knows to be safe, and nothing else.
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)


def columns(levels: Levels) -> Floats:
    """Level numbers [features, n] → [n, features]: the higher the better, NaN for neutral levels."""
    parts = []
    for feature, numbers in zip(FEATURES.values(), levels, strict=True):
        values = len(feature.order) - 1 - numbers.astype(np.float64)
        parts.append(np.where(numbers < len(feature.order), values, np.nan))
    return np.stack(parts, axis=1)


def _table(levels: Levels, intercept: Ints) -> Floats:
    return np.column_stack([columns(levels), intercept[:, None] == np.arange(INTERCEPTS)])


def _model(rounds: int) -> Any:
    count = len(FEATURES)
    return HistGradientBoostingClassifier(
        learning_rate=0.1,
        max_iter=rounds,
        max_leaf_nodes=8,
        min_samples_leaf=20,
        l2_regularization=1.0,
        monotonic_cst=[1] * count + [0] * INTERCEPTS,
        interaction_cst="no_interactions",
        early_stopping=False,  # "auto" would split rows at random, across positions
        random_state=0,
    )


@dataclass(frozen=True)
class Challenger:
    """A fitted challenger, its number of rounds, and its out-of-fold scores on the proposals it learned from [n]."""

    model: Any
    rounds: int
    held_out: Floats

    def scores(self, levels: Levels) -> Floats:
        """Scores in logits, the higher the better."""
        return _decision(self.model, levels)


def _decision(model: Any, levels: Levels) -> Floats:
    if not levels.shape[1]:
        return np.zeros(0)
    found: Floats = np.asarray(
        model.decision_function(_table(levels, np.zeros(levels.shape[1], np.int64))), np.float64
    )
    return found


def train_challenger(feedback: Feedback) -> Challenger | None:
    """Fit with the number of rounds that GroupKFold over positions finds; None with one class or one position."""
    seen = observe(feedback)
    if feedback.groups < 2 or len(np.unique(seen.answer)) < 2:
        return None
    pairs = comparisons(feedback, seen)
    staged = np.zeros((len(ROUNDS), len(feedback)))
    for training, held in _splits(feedback, seen):
        model = _fitted(feedback, seen, training, ROUNDS[-1])
        if model is not None:
            inputs = _table(feedback.levels[:, held], np.zeros(len(held), np.int64))
            stages = list(model.staged_decision_function(inputs))
            for k, rounds in enumerate(ROUNDS):
                staged[k, held] = np.ravel(stages[rounds - 1])
    best = _best(pairs, staged, feedback.groups)
    model = _fitted(feedback, seen, np.arange(len(seen.row)), ROUNDS[best])
    return None if model is None else Challenger(model, ROUNDS[best], staged[best])


def _splits(feedback: Feedback, seen: Observations) -> Iterator[tuple[Ints, Ints]]:
    """Observations to train on and proposals held out, position by position."""
    folds = GroupKFold(min(FOLDS, feedback.groups))
    for _training, held in folds.split(feedback.group, groups=feedback.group):
        yield np.flatnonzero(~np.isin(seen.row, held)), held


def _fitted(feedback: Feedback, seen: Observations, chosen: Ints, rounds: int) -> Any:
    answers = seen.answer[chosen]
    if len(np.unique(answers)) < 2:
        return None
    model = _model(rounds)
    table = _table(feedback.levels[:, seen.row[chosen]], seen.intercept[chosen])
    table[:, np.isnan(table).all(axis=0)] = 0.0  # a feature nobody's level is known for is of no use, and no fault
    with threadpool_limits(1):  # a few thousand rows: threads would wait for one another longer than they work
        return model.fit(table, answers.astype(int))


def _best(pairs: Pairs, staged: Floats, groups: int) -> int:
    losses = [float(np.nanmean(pair_losses(pairs, line, groups))) if len(pairs.group) else 0.0 for line in staged]
    return int(np.argmin(losses))


def save_challenger(challenger: Challenger, path: Path) -> str:
    """Write the model with skops, the same bytes for the same model; gives the SHA-256 of the file."""
    content = _steady(skops.dumps(challenger.model))
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _steady(content: bytes) -> bytes:
    """The archive with memory addresses numbered in the order they appear, and no dates."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    schema = files.pop("schema.json").decode("utf-8")
    numbers: dict[str, str] = {}
    for address in re.findall(r'"__id__": (\d+)', schema):
        numbers.setdefault(address, str(len(numbers) + 1))
    steady = re.sub(r'("__id__": |")(\d+)(?=[,\s}]|\.npy")', lambda m: m[1] + numbers.get(m[2], m[2]), schema).encode(
        "utf-8"
    )
    named = {numbers.get(name.removesuffix(".npy"), name) + ".npy": data for name, data in files.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in [("schema.json", steady), *sorted(named.items())]:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def load_challenger(path: Path, sha256: str) -> Any:
    """Read a model back. Raises UnreadableFile when the file is not the one of that SHA-256, or holds other types."""
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UnreadableFile(
            _("{file} n'est pas le fichier enregistré : son empreinte SHA-256 est autre.").format(file=path.name),
            _("Le fabriquer de nouveau avec clausematch train."),
        )
    odd = set(skops.get_untrusted_types(data=content)) - set(TRUSTED)
    if odd:
        raise UnreadableFile(
            _("{file} contient des types qui ne sont pas admis : {types}.").format(
                file=path.name, types=", ".join(sorted(odd))
            ),
            _("Le fabriquer de nouveau avec clausematch train."),
        )
    return skops.loads(content, trusted=list(TRUSTED))
