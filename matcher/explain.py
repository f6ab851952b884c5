"""One pair in words: eligibility, score, what is unknown, what would change it, or why somebody is not on a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matcher.blocking import FILTER_LABELS, Filter, certificate_lacking, failing
from matcher.clause import Asked, RuleSet, pack_names
from matcher.engine import Engine
from matcher.errors import UsageError
from matcher.features import FEATURES, NOT_ASKED, UNKNOWN, Levels
from matcher.locale import N_, _
from matcher.prices_in_words import crowded_out
from matcher.resolve.jobs import Job
from matcher.scoring import EXPERT
from matcher.shortlist import Result
from matcher.vocabulary import LICENCES, SCHEDULE, WORK_LIMITS
from matcher.wording import LIMIT_LABELS, SCHEDULE_LABELS, flagged, phrase

OUTCOME_LABELS: Mapping[str, str] = {
    "eligible": N_("éligible"),
    "to_verify": N_("à vérifier"),
    "not_eligible": N_("non éligible"),
}


# What nobody can change by a small step once it is known.
SETTLED = ("practice", "experience", "qualification", "distance")


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the score, and the most it could add."""

    feature: str
    level: str
    points: int
    most: int
    side: str

    @property
    def text(self) -> str:
        return phrase(self.feature, self.level)


@dataclass(frozen=True)
class Obstacle:
    """A hard filter that sets the person aside, what is known of it, and what would lift it."""

    filter: Filter
    change: str

    @property
    def label(self) -> str:
        return _(FILTER_LABELS[self.filter])


@dataclass(frozen=True)
class Explanation:
    """Everything about one pair; `rank` is None when the person is not on the list. `str()` gives it in words.

    Who objects to matching is never scored: no contributions, and `raw` and `score` are None.
    """

    candidate_id: str
    position_id: str
    title: str
    decision: Mapping[str, str]
    at_start: str
    obstacles: tuple[Obstacle, ...]
    distance_km: float | None
    distance: str
    base: int
    contributions: tuple[Contribution, ...]
    raw: int | None
    score: float | None
    scorecard: str
    meaning: str
    rank: int | None
    absence: str
    changes: tuple[str, ...]
    by_rules: tuple[tuple[str, str], ...] = ()  # rules and outcome, where several rules may open the position

    def __str__(self) -> str:
        return "\n".join(_lines(self))


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on the list of a position: `rank` from 1, None for who is not on it.

    For these: the raw score of the last person listed (None: nobody is), whether that person goes first at equal
    scores, and why somebody better placed than the last one is not listed.
    """

    rank: int | None
    last: int | None = None
    last_first: bool = False
    crowded: str = ""


def explain(result: Result, candidate_id: str, position_id: str) -> Explanation:
    """The pair's explanation. Raises UsageError when one of the identifiers is not in the tables."""
    engine = result.engine
    row = _place(engine.candidates["candidate_id"], candidate_id, _("personne"))
    i = _place(engine.positions["position_id"], position_id, _("poste"))
    return explained(engine, i, row, _standing(result, i, row))


def explained(engine: Engine, i: int, row: int, standing: Standing) -> Explanation:
    """The explanation of one person for one position, whose place on the list is known."""
    job, rows = engine.jobs[i], np.array([row])
    asked = Asked((engine.rule_sets[i],), np.zeros(1, np.int64))
    decision = {name: words[0] for name, words in engine.decisions.describe(asked, rows).items()}
    numbers = None if engine.gate.objects[row] else engine.levels(i, rows)
    raw = None if numbers is None else int(engine.card.raw(numbers)[0])
    contributions = () if numbers is None else tuple(_contributions(engine, numbers[:, 0]))
    obstacles = tuple(_obstacles(engine, i, row, decision))
    absence, gap = ("", None) if standing.rank is not None else _absence(job, raw, standing, obstacles)
    km = float(engine.distances.to(job.places, rows)[0])
    return Explanation(
        candidate_id=str(engine.candidates["candidate_id"].iloc[row]),
        position_id=job.position_id,
        title=job.title or job.occupation or "",
        decision=decision,
        at_start=engine.decisions.at_start(asked, rows, np.array([job.start]))[0],
        obstacles=obstacles,
        distance_km=None if np.isnan(km) else km,
        distance=_distance(engine, job, row, km),
        base=engine.card.base,
        contributions=contributions,
        raw=raw,
        score=None if raw is None else float(engine.card.score(np.array([raw]))[0]),
        scorecard=f"{engine.card.id} ({_('points d’expert') if engine.card.kind == EXPERT else engine.card.title})",
        meaning="" if raw is None else engine.card.meaning(np.array([raw]))[0],
        rank=standing.rank,
        absence=absence,
        changes=tuple(_changes(decision, obstacles, contributions, gap)),
        by_rules=tuple(_by_rules(engine, engine.rule_sets[i], row)),
    )


def _standing(result: Result, i: int, row: int) -> Standing:
    """Where a person stands on a list of the run."""
    engine, rows = result.engine, result.listed[i]
    listed = np.flatnonzero(rows == row)
    if len(listed):
        return Standing(int(listed[0]) + 1)
    if not len(rows) or engine.gate.objects[row]:
        return Standing(None)
    last, raw = (int(one) for one in engine.card.raw(engine.levels(i, np.array([rows[-1], row]))))
    last_first = bool(engine.ties[row] > engine.ties[rows[-1]])
    kept = row in result.shared.rankings[i].best.rows
    better = raw > last or (raw == last and not last_first)
    return Standing(None, last, last_first, crowded_out(engine, result.shared, i, row) if better and kept else "")


def _place(ids: pd.Series[str], wanted: str, what: str) -> int:
    found = np.flatnonzero(ids.to_numpy(dtype=object) == wanted)
    if not len(found):
        raise UsageError(
            _("Aucune ligne utilisable n'a l'identifiant demandé ({what}).").format(what=what),
            _("Vérifier l'identifiant, et rejected.csv si la ligne a été rejetée."),
        )
    return int(found[0])


def _by_rules(engine: Engine, rules: RuleSet, row: int) -> Iterator[tuple[str, str]]:
    """What each rule says of one person, where the facilitator has to choose among several."""
    for rule in rules.rules if len(rules.rules) > 1 else ():
        alone = RuleSet((rule,))
        about = ", ".join((rule.mode or "",) if rule.categories is None else rule.categories)
        yield f"{pack_names(alone)[0]} ({about})", engine.decisions.outcome_of(alone, row).code


def _distance(engine: Engine, job: Job, row: int, km: float) -> str:
    """The distance in words, against the person's own limit or the default one."""
    if np.isnan(km):
        return _("distance inconnue (domicile ou lieu du poste)")
    shown = _("au moins {km:.1f} km (le poste ne nomme qu'un territoire)") if job.area else _("{km:.1f} km")
    limit = _("limite de la personne {limit:g} km")
    if np.isnan(engine.people.max_distance[row]):
        limit = _("limite non dite, {limit:g} km par défaut")
    return f"{shown.format(km=km)} ; {limit.format(limit=float(engine.people.reach_km[row]))}"


def _contributions(engine: Engine, numbers: Levels) -> Iterator[Contribution]:
    for (name, feature), number, table in zip(FEATURES.items(), numbers, engine.card.tables, strict=True):
        yield Contribution(name, feature.levels[int(number)], int(table[int(number)]), int(table.max()), feature.side)


def _obstacles(engine: Engine, i: int, row: int, decision: Mapping[str, str]) -> Iterator[Obstacle]:
    job, rows = engine.jobs[i], np.array([row])
    km = engine.distances.to(job.places, rows)
    outcome = engine.decisions.outcome(engine.rule_sets[i])
    for name, verdict in failing(engine.people, engine.gate, outcome, job, km, engine.day, rows).items():
        if verdict[0]:
            yield Obstacle(name, _lift(engine, job, row, name, float(km[0]), decision))


def _lift(engine: Engine, job: Job, row: int, name: Filter, km: float, decision: Mapping[str, str]) -> str:
    """What would lift one filter for this person."""
    people = engine.people
    if name is Filter.OBJECTION:
        return _("la personne s'est opposée au rapprochement ; elle seule peut revenir sur ce choix")
    if name is Filter.RIGHT_TO_WORK:
        return _("une autorisation de travail en cours de validité")
    if name is Filter.NOT_ELIGIBLE:
        return decision["next_step"]
    if name is Filter.DISTANCE:
        limit = float(people.reach_km[row])
        return _(
            "le poste est à {km:.1f} km et la limite de la personne est {limit:g} km ; accepter {more:.1f} km de plus"
        ).format(km=km, limit=limit, more=np.ceil(10 * (km - limit)) / 10)
    if name is Filter.AVAILABILITY:
        return _("être disponible au plus tard à la fin du poste, le {day}").format(day=job.end)
    if name is Filter.SCHEDULE:
        missing = job.schedule & ~int(people.accepts[row])
        return _("accepter : {words}").format(words=flagged(missing, SCHEDULE, SCHEDULE_LABELS))
    if name is Filter.LICENCE:
        missing = job.licences & ~int(people.licences[row]) if people.licences_known[row] else 0
        needs = [_("le permis {codes}").format(codes=flagged(missing, LICENCES))] if missing else []
        needs += [_("un véhicule")] if job.vehicle and people.vehicle[row] == 0 else []
        return _("obtenir {needs}").format(needs=_(" et ").join(needs))
    if name is Filter.CERTIFICATE:
        lacking = [
            code for code in job.certificates if certificate_lacking(people, code, engine.day, np.array([row]))[0]
        ]
        return _("passer ou renouveler : {codes}").format(codes=", ".join(lacking))
    clash = int(people.limits[row]) & job.demands
    return _("aménagement possible ? le poste demande : {words} ; un conseiller peut remettre la personne").format(
        words=flagged(clash, WORK_LIMITS, LIMIT_LABELS)
    )


def _absence(
    job: Job, raw: int | None, standing: Standing, obstacles: tuple[Obstacle, ...]
) -> tuple[str, int | None]:
    """Why the person is not on the list, and the points that part them from it (None when points do not matter)."""
    if not job.places:
        return _("le lieu du poste est inconnu : personne n'est listé"), None
    if obstacles:
        return _("mise de côté par un critère : {label}").format(label=obstacles[0].label), None
    last = standing.last
    if raw is None or last is None:
        return _("la liste est vide"), None
    if standing.crowded:
        return standing.crowded, None
    text = _("son score brut est {raw}, celui de la dernière personne listée {last}").format(raw=raw, last=last)
    if raw == last:
        text += _(" ; à égalité, la personne disponible plus tôt passe devant, puis l'ordre des identifiants")
    return text, last - raw + standing.last_first


def _changes(
    decision: Mapping[str, str],
    obstacles: tuple[Obstacle, ...],
    contributions: tuple[Contribution, ...],
    gap: int | None,
) -> Iterator[str]:
    """The smallest changes that would alter the outcome, most decisive first."""
    if len(obstacles) > 1:
        yield _("il faudrait lever les {count} obstacles ci-dessus à la fois").format(count=len(obstacles))
    elif obstacles:
        yield obstacles[0].change
    if decision["outcome"] == "to_verify" and decision["next_step"]:
        yield decision["next_step"]
    if obstacles:
        return
    open_ends = sorted(
        (c for c in contributions if c.level != NOT_ASKED and c.most > c.points and _may_change(c)),
        key=lambda c: (c.level != UNKNOWN, c.points - c.most),
    )
    enough = [c for c in open_ends if gap and c.most - c.points >= gap]
    enough.sort(key=lambda c: (c.level != UNKNOWN, c.most - c.points))  # the least that would do
    if gap and not enough:
        yield _("il manque {gap} points : aucun changement seul ne suffit ; les plus utiles :").format(gap=gap)
    for contribution in (enough or open_ends)[:2]:
        best = FEATURES[contribution.feature].order[0]
        yield _("{title} : passer de « {now} » à « {best} » donnerait jusqu'à {gain} points de plus").format(
            title=_(FEATURES[contribution.feature].title),
            now=contribution.text,
            best=phrase(contribution.feature, best),
            gain=contribution.most - contribution.points,
        )


def _may_change(contribution: Contribution) -> bool:
    """Whether somebody could act on it: a fact to ask for, or something else than one's past or home."""
    return contribution.level == UNKNOWN or contribution.feature not in SETTLED


def _lines(e: Explanation) -> Iterator[str]:
    yield _("Personne {candidate} – poste {position} ({title})").format(
        candidate=e.candidate_id, position=e.position_id, title=e.title
    )
    yield ""
    outcome = _(OUTCOME_LABELS[e.decision["outcome"]])
    yield _("Éligibilité : {outcome} – règles {rules}").format(outcome=outcome, rules=e.decision["rules"])
    for rules, code in e.by_rules:
        yield "  " + _("selon {rules} : {outcome}").format(rules=rules, outcome=_(OUTCOME_LABELS[code]))
    for key, label in (("categories", N_("catégories remplies")), ("possible", N_("catégories encore possibles"))):
        if e.decision[key]:
            yield f"  {_(label)} : {e.decision[key].replace('|', ', ')}"
    if e.decision["missing"]:
        yield "  " + _("à demander : {facts}").format(facts=e.decision["missing"].replace("|", ", "))
    if e.decision["next_step"]:
        yield "  " + e.decision["next_step"]
    if e.at_start:
        yield "  " + _("au démarrage du poste : {outcome}").format(outcome=_(OUTCOME_LABELS[e.at_start]))
    yield ""
    yield (
        _("Sur la liste, au rang {rank}.").format(rank=e.rank)
        if e.rank is not None
        else _("Pas sur la liste : {why}.").format(why=e.absence)
    )
    for obstacle in e.obstacles:
        yield f"  – {obstacle.label} : {obstacle.change}"
    yield _("Distance : {distance}.").format(distance=e.distance)
    yield ""
    if e.score is None:
        yield _("Pas de score : la personne s'oppose au rapprochement.")
    else:
        yield from _score_lines(e)
    unknown = [c.text for c in e.contributions if c.level == UNKNOWN]
    if unknown:
        yield ""
        yield _("Ce qui n'est pas connu (compté zéro) : {list}.").format(list=" ; ".join(unknown))
    if e.changes:
        yield ""
        yield _("Ce qui changerait le résultat :")
        for change in e.changes:
            yield f"  – {change}"


def _score_lines(e: Explanation) -> Iterator[str]:
    yield _("Score {score} sur 100 ({raw} points bruts, grille {card}) :").format(
        score=e.score, raw=e.raw, card=e.scorecard
    )
    yield "  " + _("sens de ce score : {meaning}").format(meaning=e.meaning)
    yield f"  {e.base:+4d}  " + _("base")
    sides = {"position": N_("ce que le poste attend"), "candidate": N_("ce que la personne attend")}
    for side, label in sides.items():
        yield f"  {_(label)}"
        for c in sorted((c for c in e.contributions if c.side == side), key=lambda c: -c.points):
            if c.level != NOT_ASKED:
                yield f"  {c.points:+4d}  {_(FEATURES[c.feature].title)} : {c.text}"
