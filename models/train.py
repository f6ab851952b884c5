"""`clausematch train`: outcomes in, a scorecard out, with its card, what changed in words, and its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.engine import Engine, Options
from matcher.features import FEATURES
from matcher.locale import _
from matcher.scoring import LEARNED, SEAL, Calibration, Scorecard, content_hash
from matcher.tables import write_table
from models.bounds import contradicted
from models.calibration import calibrate, concluded, reached_interview
from models.cards import card_markdown, diff_markdown
from models.challenger import Challenger, save_challenger, train_challenger
from models.design import Design, indicators
from models.fit import observe
from models.learning import Learned, learn
from models.ranking import interval, ndcg, order_of
from models.selection import comparisons, pair_losses
from models.signals import Checked, Feedback, Floats, check_outcomes, read_feedback

LATEST_SHARE = 0.2
TOO_MANY = 0.5


@dataclass(frozen=True)
class Training:
    """Everything one training run found; `text` is the scorecard file, `parent` the one it starts from."""

    text: str
    parent: Scorecard
    learned: Learned
    checked: Checked
    feedback: Feedback
    metrics: Mapping[str, Any]
    challenger: Challenger | None

    @property
    def card(self) -> Mapping[str, Any]:
        """The scorecard's data."""
        data: Mapping[str, Any] = json.loads(self.text)
        return data


def train(
    outcomes: pd.DataFrame,
    candidates: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    on: date,
    parent: Scorecard,
    parent_text: str,
    data_sha256: str,
    complete: tuple[str, ...] = (),
    checked: Checked | None = None,
) -> Training:
    """Learn from canonical tables. The parent stands, its file unchanged, when there is too little to learn from;
    it keeps its points but may gain a calibration when the gain is not certain.

    `data_sha256` names the outcomes in the scorecard; `parent_text` is the parent's file. The same tables give the
    same bytes, in whatever order their rows are.
    """
    checked = checked or check_outcomes(outcomes, candidates, positions, on)
    engine = Engine(candidates, positions, Options(on, complete=complete), parent)
    feedback = read_feedback(checked.table, engine)
    learned = learn(feedback, parent) if not _distrusted(checked) else _kept(parent, _distrusted(checked))
    if learned.selection is None:
        metrics = {"moved": False, "reason": learned.reason, "rows": _counts(checked, feedback)}
        return Training(parent_text, parent, learned, checked, feedback, metrics, None)
    challenger = train_challenger(feedback)
    metrics = _metrics(checked, feedback, parent, learned, challenger)
    calibration = _calibration(feedback, parent, learned, on)
    text = _card_text(parent, learned, metrics, calibration, data_sha256, on)
    return Training(text, parent, learned, checked, feedback, metrics, challenger)


def _kept(parent: Scorecard, reason: str) -> Learned:
    points = {name: dict(levels) for name, levels in parent.points.items()}
    return Learned(points, False, reason, None, np.zeros(0), {"rows": 0, "used": False})


def _distrusted(checked: Checked) -> str:
    """Why a whole file is not believed; empty when it is."""
    lost = len(checked.rejected)
    if not checked.read or lost <= TOO_MANY * checked.read:
        return ""
    return _(
        "{lost} suites sur {read} sont inutilisables, dont {odd} qui se contredisent : le fichier n'est pas sûr"
    ).format(lost=lost, read=checked.read, odd=checked.contradictory)


def _counts(checked: Checked, feedback: Feedback) -> dict[str, int]:
    return {
        "read": checked.read,
        "rejected": len(checked.rejected),
        "contradictory": checked.contradictory,
        "usable": len(feedback),
        "explicit": int(feedback.explicit.sum()),
        "ranked": int(feedback.ranked.sum()),
        "implicit": int(np.count_nonzero(feedback.picked)),
        "excused": int(feedback.excused.sum()),
        "added": int(feedback.added.sum()),
        "positions": feedback.groups,
    }


def points_vector(points: Mapping[str, Mapping[str, int]]) -> Floats:
    """Points per level [L], in the order of models.design.LEVELS."""
    return np.array([points[name][level] for name, one in FEATURES.items() for level in one.order], np.float64)


def _metrics(
    checked: Checked, feedback: Feedback, parent: Scorecard, learned: Learned, challenger: Challenger | None
) -> dict[str, Any]:
    selection = learned.selection
    assert selection is not None
    held = {"parent": selection.parent_scores, "learned": selection.scores}
    if challenger is not None:
        held["challenger"] = challenger.held_out
    pairs = comparisons(feedback, observe(feedback))
    losses = {name: pair_losses(pairs, scores, feedback.groups) for name, scores in held.items()}
    return {
        "moved": learned.moved,
        "reason": learned.reason,
        "rows": _counts(checked, feedback),
        "shrinkage_points": selection.tau,
        "cross_validation": {
            "positions": selection.positions,
            "pair_loss": {name: _with_interval(found) for name, found in losses.items()},
            "pair_loss_gain": [_rounded(v) for v in (selection.gain, selection.low, selection.high)],
            "pair_loss_by_shrinkage": {str(tau): _rounded(loss) for tau, loss in selection.losses.items()},
            "ndcg10_judged": {name: _with_interval(_judged(feedback, scores)) for name, scores in held.items()},
        },
        "latest_positions": _latest(feedback, parent),
        "implicit": dict(learned.implicit),
        "bounds": contradicted(feedback, Design.of(parent), selection).figures(),
        "challenger_rounds": None if challenger is None else challenger.rounds,
    }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 5)


def _with_interval(values: Floats) -> list[float | None]:
    return [_rounded(value) for value in interval(values)]


def _judged(feedback: Feedback, scores: Floats) -> Floats:
    """NDCG@10 of each position over the proposals that somebody decided; NaN where nothing is relevant."""
    explicit = feedback.explicit
    found = np.full(feedback.groups, np.nan)
    for group in range(feedback.groups):
        rows = np.flatnonzero((feedback.group == group) & explicit)
        if len(rows):
            found[group] = ndcg(feedback.passed[rows], order_of(scores[rows]), 10)
    return found


def _latest(feedback: Feedback, parent: Scorecard) -> dict[str, Any]:
    """The split by time: learned on the earlier positions, measured on the last fifth."""
    days = feedback.group_days()
    order = np.lexsort((np.arange(len(days)), days))
    last = order[len(order) - max(1, int(LATEST_SHARE * len(order))) :]
    late = np.isin(feedback.group, last)
    earlier, later = feedback.take(~late), feedback.take(late)
    learned = learn(earlier, parent)
    matrix = indicators(later.levels)
    scores = {name: matrix @ points_vector(p) for name, p in (("parent", parent.points), ("learned", learned.points))}
    found = {name: _judged(later, values) for name, values in scores.items()}
    return {
        "positions": later.groups,
        "moved": learned.moved,
        "ndcg10_judged": {name: _with_interval(values) for name, values in found.items()},
        "gain": _with_interval(found["learned"] - found["parent"]),
    }


def _calibration(feedback: Feedback, parent: Scorecard, learned: Learned, on: date) -> Calibration | None:
    """Fitted on out-of-fold scores, in the points of the new scorecard."""
    over = concluded(feedback, on)
    scores = learned.held_out if learned.moved else indicators(feedback.levels) @ points_vector(parent.points)
    if not len(scores) or not over.any():
        return None
    return calibrate(parent.base + scores[over], reached_interview(feedback)[over], feedback.group[over])


def _card_text(
    parent: Scorecard,
    learned: Learned,
    metrics: Mapping[str, Any],
    calibration: Calibration | None,
    data_sha256: str,
    on: date,
) -> str:
    version = parent.version + 1
    data: dict[str, Any] = {
        "id": f"{parent.id.partition('+')[0]}+{on.isoformat()}-{data_sha256[:8]}",
        "version": version,
        "kind": LEARNED if learned.moved else parent.kind,
        "title": _title(parent, learned, metrics),
        "parent": f"{parent.id}@{parent.version}",
        "parent_sha256": parent.sha256,
        "data_sha256": data_sha256,
        "learned_on": on.isoformat(),
        "base": parent.base,
        "points": learned.points,
        "metrics": metrics,
    }
    if calibration is not None:
        data["calibration"] = {
            "event": "interviewed",
            "method": calibration.method,
            "people": calibration.people,
            "reached": calibration.reached,
            "raw": list(calibration.raw),
            "probability": list(calibration.probability),
        }
    data[SEAL] = content_hash(data)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _title(parent: Scorecard, learned: Learned, metrics: Mapping[str, Any]) -> str:
    if not learned.moved:
        return parent.title
    return _("Grille apprise de {rows} décisions sur {positions} postes, à partir de {parent}").format(
        rows=metrics["rows"]["explicit"], positions=metrics["rows"]["positions"], parent=parent.id
    )


def _diff(training: Training) -> str:
    bounds = training.metrics.get("bounds")
    return diff_markdown(training.parent.points, training.learned.points, bounds)


def save_training(training: Training, folder: Path) -> list[str]:
    """Write the files of a training into an existing folder; gives their names."""
    metrics = dict(training.metrics)
    if training.challenger is not None:
        metrics["challenger_sha256"] = save_challenger(training.challenger, folder / "challenger.skops")
    (folder / "scorecard.json").write_bytes(training.text.encode("utf-8"))
    (folder / "metrics.json").write_text(
        json.dumps(metrics, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    (folder / "card.md").write_text(
        card_markdown(training.card, training.metrics, training.learned.moved), encoding="utf-8"
    )
    (folder / "diff.md").write_text(_diff(training), encoding="utf-8")
    write_table(training.checked.rejected, folder / "rejected.csv")
    return sorted(path.name for path in folder.iterdir())
