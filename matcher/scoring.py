"""The scorecard: whole points per level. Score = base + the sum of the points; the explanation is the sum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from matcher.errors import UnreadableFile
from matcher.features import FEATURES, Levels
from matcher.locale import _
from matcher.resolve.cells import Ints
from matcher.tables.cells import MAX_CELL

MAX_POINTS = 10_000
MAX_KNOTS = 10_000
EXPERT, LEARNED = "expert", "learned"
SEAL = "content_sha256"


@dataclass(frozen=True)
class Calibration:
    """What a raw score meant among `people` proposals, of which `reached` came to an interview.

    `probability` at the raw scores `raw` (both rising), straight lines between them and flat outside.
    """

    raw: tuple[float, ...]
    probability: tuple[float, ...]
    people: int
    reached: int
    method: str

    def at(self, raw: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The probability of an interview for each raw score; it has ties and must order nobody."""
        return np.interp(np.asarray(raw, np.float64), self.raw, self.probability)


@dataclass(frozen=True)
class Scorecard:
    """Base and points per feature and level, whole numbers; `kind` is `expert` or `learned`.

    A learned one names its `parent`, the SHA-256 of the outcomes it learned from, and what was measured;
    `calibration` is there when outcomes were enough to say what a score means.
    """

    id: str
    version: int
    kind: str
    title: str
    base: int
    points: Mapping[str, Mapping[str, int]]
    sha256: str
    parent: str = ""
    data_sha256: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    calibration: Calibration | None = None

    def of(self, feature: str, level: str) -> int:
        """The points of one level; neutral levels are worth nothing."""
        return self.points[feature].get(level, 0)

    @cached_property
    def tables(self) -> tuple[Ints, ...]:
        """For each feature, in the order of FEATURES, its points by level number."""
        return tuple(
            np.array([self.of(name, level) for level in feature.levels], np.int64)
            for name, feature in FEATURES.items()
        )

    @cached_property
    def least(self) -> int:
        """The lowest raw score the scorecard can give."""
        return self.base + sum(int(table.min()) for table in self.tables)

    @cached_property
    def most(self) -> int:
        """The highest raw score the scorecard can give."""
        return self.base + sum(int(table.max()) for table in self.tables)

    def raw(self, levels: Levels) -> Ints:
        """Raw scores of pairs given as an array [features, pairs] of level numbers."""
        total = np.full(levels.shape[1], self.base, np.int64)
        for table, numbers in zip(self.tables, levels, strict=True):
            total += table[numbers]
        return total

    def score(self, raw: Ints) -> np.ndarray[Any, np.dtype[np.float64]]:
        """`round(100 × (raw − min) ÷ (max − min), 1)`, from 0 to 100."""
        return np.round(100 * (raw - self.least) / (self.most - self.least), 1)

    @property
    def nature(self) -> str:
        """What the scores of this scorecard are, in words: bare points, or points whose meaning is known."""
        if self.calibration is not None:
            text = _("score calé sur {people} propositions, dont {reached} ont mené à un entretien")
            return text.format(people=self.calibration.people, reached=self.calibration.reached)
        if self.kind == EXPERT:
            return _("points d'expert, sans valeur de probabilité")
        return _("points appris, sans valeur de probabilité")

    def interviews(self, raw: Ints) -> Ints | None:
        """Of 100 people shown with each raw score, about how many reach an interview; None without calibration."""
        if self.calibration is None:
            return None
        numbers: Ints = np.rint(100 * self.calibration.at(raw)).astype(np.int64)
        return numbers

    def meaning(self, raw: Ints) -> list[str]:
        """For each raw score, in words, how many of 100 people shown with it reach an interview; the `nature` of the
        scorecard where it has no calibration. It has ties and must order nobody.
        """
        values, place = np.unique(np.asarray(raw), return_inverse=True)
        numbers = self.interviews(values)
        if numbers is None:
            return [self.nature] * len(raw)
        sentence = _("sur 100 personnes montrées avec ce score, environ {number} arrivent à un entretien")
        texts = [sentence.format(number=number) for number in numbers.tolist()]
        return [texts[i] for i in place.tolist()]


def load_scorecard(path: Path | None = None) -> Scorecard:
    """Read a scorecard file; the expert one by default.

    Raises UnreadableFile when it is damaged, its features or levels are not the code's, or its points break the
    order of levels.
    """
    if path is None:
        text = files("matcher").joinpath("scorecards/expert.json").read_text(encoding="utf-8")
        return parse_scorecard(text, "expert.json")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UnreadableFile(
            _("La grille de score {file} ne peut pas être lue.").format(file=path),
            _("Vérifier le chemin du fichier."),
        ) from None
    return parse_scorecard(text, Path(path).name)


def parse_scorecard(text: str, name: str) -> Scorecard:
    """The same from the file's text."""
    try:
        data = json.loads(text)
        sealed = _sealed(data)
        card = Scorecard(
            id=str(data["id"])[:MAX_CELL],
            version=int(data["version"]),
            kind=str(data["kind"]),
            title=str(data["title"]),
            base=_points(data["base"]),
            points={
                str(feature): {str(level): _points(points) for level, points in levels.items()}
                for feature, levels in data["points"].items()
            },
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            parent=str(data.get("parent", ""))[:MAX_CELL],
            data_sha256=str(data.get("data_sha256", ""))[:MAX_CELL],
            metrics=dict(data.get("metrics", {})),
            calibration=_calibration(data.get("calibration")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableFile(
            _("{file} n'est pas une grille de score ({reason}).").format(file=name, reason=error),
            _("Reprendre le modèle matcher/scorecards/expert.json."),
        ) from None
    if not sealed:
        raise UnreadableFile(
            _("La grille {file} n'est plus celle qui a été apprise : son empreinte ne correspond pas.").format(
                file=name
            ),
            _("Reprendre le fichier d'origine, ou apprendre de nouveau avec clausematch train."),
        )
    problem = _mismatch(card)
    if problem:
        raise UnreadableFile(
            _("La grille {file} ne va pas avec ce programme : {problem}.").format(file=name, problem=problem),
            _("Utiliser une grille faite pour cette version, ou la corriger."),
        )
    return card


def content_hash(data: Mapping[str, Any]) -> str:
    """The SHA-256 of a scorecard's content: its JSON with sorted keys and no blanks, the seal itself left out."""
    content = {key: value for key, value in data.items() if key != SEAL}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _sealed(data: Mapping[str, Any]) -> bool:
    """A learned scorecard carries the hash of its content; one written by hand has none."""
    if data["kind"] == EXPERT and SEAL not in data:
        return True
    return bool(data.get(SEAL) == content_hash(data))


def _calibration(data: Any) -> Calibration | None:
    if data is None:
        return None
    raw, probability = (tuple(float(value) for value in data[name]) for name in ("raw", "probability"))
    rising = list(raw) == sorted(raw) and list(probability) == sorted(probability)
    if (
        not 0 < len(raw) == len(probability) <= MAX_KNOTS
        or not rising
        or not 0 <= probability[0] <= probability[-1] <= 1
    ):
        raise ValueError(_("calibrage illisible"))
    return Calibration(raw, probability, int(data["people"]), int(data["reached"]), str(data["method"]))


def _points(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_POINTS:
        raise ValueError(_("les points sont des nombres entiers"))
    return value


def _mismatch(card: Scorecard) -> str | None:
    """What differs from the code's features, or breaks the order of levels; None when all is well."""
    missing, extra = sorted(set(FEATURES) - set(card.points)), sorted(set(card.points) - set(FEATURES))
    if missing or extra:
        return _("critères absents : {missing} ; en trop : {extra}").format(
            missing=", ".join(missing) or "–", extra=", ".join(extra) or "–"
        )
    for name, feature in FEATURES.items():
        given = card.points[name]
        if set(given) != set(feature.order):
            return _("niveaux de « {feature} » attendus : {levels}").format(
                feature=name, levels=", ".join(feature.order)
            )
        ordered = [given[level] for level in feature.order]
        if ordered != sorted(ordered, reverse=True):
            return _("les points de « {feature} » ne suivent pas l'ordre de ses niveaux").format(feature=name)
    if not any(card.points[name][level] for name in FEATURES for level in FEATURES[name].order):
        return _("tous les points sont nuls")
    return None
