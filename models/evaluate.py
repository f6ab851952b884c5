"""`clausematch evaluate`: a scorecard measured on what followed, beside simple ways of ranking."""

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
from matcher.fairness.intervals import gini
from matcher.locale import _
from matcher.scoring import Scorecard
from matcher.tables import write_table
from models import ranking
from models.baselines import Baselines, ids_order
from models.calibration import concluded, held_out, reached_interview, reliability
from models.cards import shown
from models.challenger import train_challenger
from models.ranking import interval
from models.signals import INTERVIEWED, Checked, Feedback, Floats, Ints, check_outcomes, read_feedback

DEPTHS = (5, 10, 20)
HIRED = 3
SCORECARD, CHALLENGER = "scorecard", "challenger"


@dataclass(frozen=True)
class Measure:
    """The figures of one evaluation, as `metrics.json` has them, and what they rest on."""

    metrics: Mapping[str, Any]
    checked: Checked
    engine: Engine
    feedback: Feedback


def evaluate(
    outcomes: pd.DataFrame,
    candidates: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    on: date,
    card: Scorecard,
    data_sha256: str = "",
    top: int = 10,
    complete: tuple[str, ...] = (),
    checked: Checked | None = None,
) -> Measure:
    """Rank again the people of each position whose story is known, by the scorecard and by each baseline.

    A person's relevance is how far they got (0 to 4 gates). Intervals are bootstrapped over positions. The exposure
    figures are those of the lists that the scorecard would make today, `top` people a position.
    """
    checked = checked or check_outcomes(outcomes, candidates, positions, on)
    engine = Engine(candidates, positions, Options(on, top=top, complete=complete), card)
    feedback = read_feedback(checked.table, engine)
    judged = feedback.take(feedback.explicit)
    scores = _scores(judged, engine)
    metrics = {
        "scorecard": {"id": card.id, "kind": card.kind, "sha256": card.sha256, "data_sha256": card.data_sha256},
        "learned_from_these_outcomes": bool(card.data_sha256) and card.data_sha256 == data_sha256,
        "rows": {
            "read": checked.read,
            "rejected": len(checked.rejected),
            "usable": len(feedback),
            "judged": len(judged),
            "positions": judged.groups,
            "interviewed": int(reached_interview(judged).sum()),
            "hired": int((judged.passed >= HIRED).sum()),
        },
        "rankings": {name: _ranking(judged, values, engine) for name, values in scores.items()},
        "gains": _gains(judged, scores, engine),
        "calibration": _calibration(feedback, engine, on),
        "lists": exposure(engine),
    }
    return Measure(metrics, checked, engine, feedback)


def _scores(judged: Feedback, engine: Engine) -> dict[str, Floats]:
    """Scores of every judged proposal [n], by the scorecard, each baseline and the challenger (out of fold)."""
    found: dict[str, Floats] = {SCORECARD: engine.card.raw(judged.levels).astype(np.float64)}
    baselines = Baselines(engine)
    for group in range(judged.groups):
        rows = np.flatnonzero(judged.group == group)
        for name, values in baselines.scores(int(judged.position[rows[0]]), judged.person[rows]).items():
            found.setdefault(name, np.zeros(len(judged)))[rows] = values
    challenger = train_challenger(judged) if len(judged) else None
    if challenger is not None:
        found[CHALLENGER] = challenger.held_out
    return found


def _by_position(judged: Feedback, scores: Floats, engine: Engine) -> dict[str, Floats]:
    """Each metric for each position; NaN where it has none."""
    names = [*(f"ndcg@{k}" for k in DEPTHS), "mrr", "recall@5", "recall@10", "hit@5", "hit@10"]
    names += ["expected_hires@5", "expected_hires@10"]
    found = {name: np.full(judged.groups, np.nan) for name in names}
    for group in range(judged.groups):
        rows = np.flatnonzero(judged.group == group)
        order = ranking.order_of(scores[rows], _ties(engine, judged.person[rows]))
        passed = judged.passed[rows]
        met, hired = passed >= INTERVIEWED, passed >= HIRED
        for k in DEPTHS:
            found[f"ndcg@{k}"][group] = ranking.ndcg(passed, order, k)
        found["mrr"][group] = ranking.reciprocal_rank(met, order)
        for k in (5, 10):
            found[f"recall@{k}"][group] = ranking.recall(met, order, k)
            found[f"hit@{k}"][group] = ranking.hit(met, order, k)
            found[f"expected_hires@{k}"][group] = float(hired[order[:k]].sum())
    return found


def _ties(engine: Engine, people: Ints) -> Ints:
    return ids_order(engine.candidates["candidate_id"], people)


def _ranking(judged: Feedback, scores: Floats, engine: Engine) -> dict[str, Any]:
    values = _by_position(judged, scores, engine)
    result: dict[str, Any] = {name: _figures(found) for name, found in values.items()}
    result["without_relevant"] = int(np.isnan(values["ndcg@10"]).sum())
    result["auc"] = _auc(judged, scores)
    return result


def _figures(values: Floats) -> list[float | None]:
    """Mean and bootstrap interval over positions, null where nothing was measured."""
    return [_rounded(value) for value in interval(values)]


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 5)


def _auc(judged: Feedback, scores: Floats) -> list[float | None]:
    """AUC of reaching an interview, averaged over positions that have both."""
    met = reached_interview(judged)
    found = np.full(judged.groups, np.nan)
    for group in range(judged.groups):
        rows = judged.group == group
        found[group] = ranking.auc(met[rows], scores[rows])
    return _figures(found)


def _gains(judged: Feedback, scores: Mapping[str, Floats], engine: Engine) -> dict[str, Any]:
    """Paired differences of NDCG@10 by position: the scorecard minus each of the others."""
    own = _by_position(judged, scores[SCORECARD], engine)["ndcg@10"]
    others = {name: _by_position(judged, values, engine)["ndcg@10"] for name, values in scores.items()}
    return {name: _figures(own - values) for name, values in others.items() if name != SCORECARD}


def _calibration(feedback: Feedback, engine: Engine, on: date) -> dict[str, Any] | None:
    """Brier score and reliability of the probability of an interview: the scorecard's own, else one fitted here by
    cross-validation over positions."""
    over = feedback.take(concluded(feedback, on))
    reached = reached_interview(over)
    if len(np.unique(reached)) < 2:
        return None
    raw = engine.card.raw(over.levels).astype(np.float64)
    own = engine.card.calibration
    said = own.at(raw) if own else held_out(raw, reached, over.group)
    errors = (said - reached) ** 2
    by_position = np.bincount(over.group, errors) / np.bincount(over.group)
    return {
        "source": "scorecard" if own else "cross-validated logistic",
        "people": len(over),
        "brier": _figures(by_position),
        "brier_of_the_mean": _rounded(float(np.mean((reached.mean() - reached) ** 2))),
        "reliability": reliability(said, reached),
    }


def exposure(engine: Engine) -> dict[str, Any]:
    """Who would be on the lists: share of the people of the pools listed at least once (coverage), Gini of the
    number of lists per person, and congestion (most lists for one person; places taken by the busiest 1 %)."""
    count = len(engine.candidates)
    listed, pool = np.zeros(count), np.zeros(count, bool)
    for i in range(len(engine.jobs)):
        found = engine.rank(i, count).best.rows
        pool[found] = True
        listed[found[: engine.asked(i)]] += 1
    own = listed[pool]
    if not own.sum():
        return {"people": int(pool.sum()), "places": 0}
    busiest = np.sort(own)[::-1][: max(1, len(own) // 100)]
    return {
        "people": int(pool.sum()),
        "places": int(own.sum()),
        "coverage": _rounded(float((own > 0).mean())),
        "gini": _rounded(gini(own)),
        "most_lists_for_one_person": int(own.max()),
        "share_of_busiest_percent": _rounded(float(busiest.sum() / own.sum())),
    }


def save_measure(measure: Measure, folder: Path) -> list[str]:
    """Write metrics.json, report.md and rejected.csv into an existing folder; gives their names."""
    text = json.dumps(measure.metrics, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    (folder / "report.md").write_text(report_markdown(measure.metrics), encoding="utf-8")
    write_table(measure.checked.rejected, folder / "rejected.csv")
    return sorted(path.name for path in folder.iterdir())


def labels() -> dict[str, str]:
    """The rankings in words."""
    return {
        SCORECARD: _("la grille"),
        CHALLENGER: _("concurrent additif (hors de ses postes)"),
        "rule_632": _("règle 6/3/2"),
        "tfidf": _("mots en commun (TF-IDF)"),
        "freshness": _("fiches les plus fraîches"),
        "random": _("hasard"),
    }


def report_markdown(metrics: Mapping[str, Any]) -> str:
    """The figures in words and tables."""
    rows, lists = metrics["rows"], metrics["lists"]
    lines = ["# " + _("Mesure de la grille « {id} »").format(id=metrics["scorecard"]["id"]), ""]
    lines += [_("{judged} propositions jugées sur {positions} postes ; {rejected} mises de côté.").format(**rows)]
    lines += [_("Moyenne par poste et intervalle à 95 %, tiré sur les postes.")]
    if metrics["learned_from_these_outcomes"]:
        lines += ["", _("**Cette grille a été apprise de ces mêmes suites : ces chiffres la flattent.**")]
    lines += ["", f"| | NDCG@5 | NDCG@10 | NDCG@20 | MRR | {_('rappel')}@10 | {_('embauches')}@5 | AUC |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for name, label in labels().items():
        if name in metrics["rankings"]:
            one = metrics["rankings"][name]
            keys = ("ndcg@5", "ndcg@10", "ndcg@20", "mrr", "recall@10", "expected_hires@5", "auc")
            lines.append(f"| {label} | " + " | ".join(shown(one[key]) for key in keys) + " |")
    empty = metrics["rankings"][SCORECARD]["without_relevant"]
    lines += ["", _("{count} poste(s) sans personne retenue, laissés hors du NDCG.").format(count=empty), ""]
    lines += ["## " + _("Écart de NDCG@10 à la grille, poste par poste"), ""]
    lines += [f"- {labels()[name]} : {shown(values)}" for name, values in sorted(metrics["gains"].items())]
    lines += ["", *_calibration_lines(metrics["calibration"]), "## " + _("Qui serait sur les listes"), ""]
    if lists["places"]:
        text = _("{places} places pour {people} personnes possibles ; {coverage} des personnes sont sur une liste ;")
        lines += [text.format(places=lists["places"], people=lists["people"], coverage=f"{lists['coverage']:.0%}")]
        text = _("Gini des places {gini} ; {most} listes au plus pour une personne.")
        lines += [text.format(gini=f"{lists['gini']:.2f}", most=lists["most_lists_for_one_person"])]
    else:
        lines += [_("Personne : aucune liste ne peut être faite de ces fichiers.")]
    return "\n".join([*lines, ""])


def _calibration_lines(found: Mapping[str, Any] | None) -> list[str]:
    head = ["## " + _("Probabilité d'un entretien"), ""]
    if found is None:
        return [*head, _("Rien à mesurer : tous ou aucun n'ont eu d'entretien."), ""]
    text = _("Score de Brier {brier} ({mean} en disant à tous la moyenne), sur {people} propositions.")
    lines = [text.format(brier=shown(found["brier"]), mean=found["brier_of_the_mean"], people=found["people"]), ""]
    lines += [f"| {_('personnes')} | {_('dit')} | {_('arrivé')} |", "|---:|---:|---:|"]
    lines += [f"| {one['people']} | {one['said']:.2f} | {one['happened']:.2f} |" for one in found["reliability"]]
    return [*head, *lines, ""]
