"""Measure job titles to ROME codes and fit the confidence of matcher.titles.

    python scripts/calibrate_titles.py ROME_DIR [--decp FILE.json.gz]

ROME_DIR holds the official files as published. What an index knows of words (matcher.titles.knowledge) is drawn from
the titles that it holds and the official skills of their codes, never from a title that is asked. The sets are drawn
with a fixed seed, so two runs print the same. The constants printed for each index are those of
``matcher/titles/confidence.py``. scripts/measure_titles.py measures other taxonomies.

Sets of a rich index (each: titles, the codes that are right, the index asked)
  held       1 500 appellations kept out of the index
  perturbed  1 500 appellations as people type them: one gender, typos, cut, contract words, places
  short      the short official labels that are no long label, word for word
  cut        the first one or two words of appellations: mostly too little to answer
  labels     1 500 appellations asked to an index that holds one label for each code
Measured too, not fitted: ``held+``, ``perturbed+``, ``cut+``, the same with the everyday titles in the index, and
``trades``, 600 appellations of the codes met in clauses kept out of the index, ``trades+`` with the everyday titles.
Sets of the embedded index: the labels and the everyday titles; the appellations asked are neither, word for word
  clauses    those of the codes met in clauses (matcher/awards/templates.yml, data_samples/trades.yml)
  everyday   those of the other codes that have everyday titles
  outside    those of all the other codes
Half of each set fits the logistic, the other half is what the tables measure; for the embedded index each half is
measured with what the other one fits, and the constants are fitted on both. Measured on the embedded index too, but
not fitted: ``all`` appellations of the codes met in clauses, ``typed`` everyday titles as people type them, and the
sets ``before``, asked to the labels alone with the calibration of a rich index.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from matcher.reference.install import install
from matcher.reference.occupations import occupations
from matcher.titles import (
    RICH,
    SPARSE,
    Calibration,
    TitleIndex,
    everyday_titles,
    forms,
    normalise,
    nothing_known,
    with_everyday,
)
from matcher.titles.confidence import variables
from matcher.titles.knowledge import Knowledge, skills_of

ROOT = Path(__file__).resolve().parent.parent
CLAUSES = (ROOT / "matcher" / "awards" / "templates.yml", ROOT / "data_samples" / "trades.yml")
SIZE = 1500
SEED = 2024
DEPTH = 10
ADVERTS = (
    "{} H/F", "{} CDI", "{} - temps plein", "Urgent {}", "recherche {} (H/F)", "{} débutant accepté",
    "{} Evry", "{} 91", "{} - CDD 6 mois", "{} expérimenté", "poste de {}", "{} F/H - Intérim",
    "{} N3P2", "{} (75)", "{} confirmé",
)  # fmt: skip


@dataclass(frozen=True)
class Set:
    """Titles, the code that is right for each, and the index they are asked to."""

    name: str
    titles: list[str]
    codes: list[str]
    index: TitleIndex


def one_gender(label: str, rng: random.Random) -> str:
    """One side of ``X / Y``, with the words that both share."""
    left, slash, right = label.partition(" / ")
    if not slash or rng.random() < 0.5:
        return right or left
    return " ".join(left.split() + right.split()[len(left.split()) :])


def typo(text: str, rng: random.Random) -> str:
    """One letter lost, doubled, swapped with the next, or replaced."""
    at, kind = rng.randrange(1, max(2, len(text) - 1)), rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at : at + 1] + text[at:]
    if kind == 2:
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    return text[:at] + rng.choice("aeiourstln") + text[at + 1 :]


def typed(label: str, rng: random.Random) -> str:
    """An appellation as someone in a hurry types it."""
    text = re.sub(r"\([^)]*\)", "", one_gender(label, rng)).strip()
    text = rng.choice((text, text.lower(), text.upper()))
    for chance in (0.4, 0.1):
        if rng.random() < chance:
            text = typo(text, rng)
    words = text.split()
    if rng.random() < 0.25 and len(words) > 3:
        text = " ".join(words[: rng.randrange(3, len(words))])
    return rng.choice(ADVERTS).format(text) if rng.random() < 0.5 else text


Skills = dict[str, list[tuple[str, float]]]


def index_of(
    codes: Sequence[str], labels: Sequence[str], skills: Skills | None = None, by: Calibration = RICH
) -> TitleIndex:
    """An index that knows of words what its own labels and the skills of their codes say; letters alone without."""
    return TitleIndex(codes, labels, by, nothing_known() if skills is None else Knowledge(codes, labels, skills))


def official_skills(rome: Path) -> Skills:
    """Those of the official files."""
    with tempfile.TemporaryDirectory() as folder:
        install(rome, Path(folder))
        return skills_of(occupations(Path(folder)))


def build_sets(table: pd.DataFrame, skills: Skills | None) -> list[Set]:
    """The development sets of the module's docstring."""
    labels, codes = table["libelle_appellation_long"].tolist(), table["code_rome"].tolist()
    rng, choose = random.Random(SEED), np.random.default_rng(SEED)

    def draw(among: npt.NDArray[np.int64]) -> list[int]:
        return [int(i) for i in np.sort(choose.choice(among, min(SIZE, len(among)), replace=False))]

    def make(name: str, rows: list[int], how: Callable[[int], str], index: TitleIndex) -> Set:
        return Set(name, [how(i) for i in rows], [codes[i] for i in rows], index)

    every = np.arange(len(labels))
    held = draw(every)
    rest = np.setdiff1d(every, held)
    full = index_of(codes, labels, skills)
    partial = index_of([codes[i] for i in rest], [labels[i] for i in rest], skills)
    main = np.flatnonzero((table["classification"] == "PRINCIPALE").to_numpy())
    single = index_of([codes[i] for i in main], [labels[i] for i in main], skills)
    known = {form for label in labels for form in forms(label)}
    shorts = table["libelle_appellation_court"].tolist()
    unlike = np.array([i for i in every if normalise(shorts[i]) not in known])
    others = np.setdiff1d(every, main)
    return [
        make("held", held, lambda i: labels[i], partial),
        make("perturbed", draw(every), lambda i: typed(labels[i], rng), full),
        make("short", draw(unlike), lambda i: shorts[i], full),
        make("cut", draw(every), lambda i: " ".join(one_gender(labels[i], rng).split()[: rng.choice((1, 2))]), full),
        make("labels", draw(others), lambda i: labels[i], single),
    ]


def clause_codes() -> set[str]:
    """The codes met in clauses."""
    return {code for path in CLAUSES for code in re.findall(r"\b[A-N]\d{4}\b", path.read_text("utf-8"))}


def build_enriched(table: pd.DataFrame, sets: list[Set], skills: Skills | None) -> list[Set]:
    """What the everyday titles change in a rich index."""
    labels, codes = table["libelle_appellation_long"].tolist(), table["code_rome"].tolist()
    by_name = {asked.name: asked for asked in sets}
    clauses = clause_codes()
    among = [i for i, code in enumerate(codes) if code in clauses]
    trades = set(random.Random(SEED).sample(among, 600))

    def without(out: set[int]) -> tuple[list[str], list[str]]:
        kept = [i for i in range(len(codes)) if i not in out]
        return [codes[i] for i in kept], [labels[i] for i in kept]

    full, rest = index_of(*with_everyday(codes, labels), skills), without(trades)
    held = set(by_name["held"].titles)
    out = {i for i, label in enumerate(labels) if label in held}
    partial = index_of(*with_everyday(*without(out)), skills)
    asked = [labels[i] for i in sorted(trades)], [codes[i] for i in sorted(trades)]
    return [
        Set("held+", by_name["held"].titles[1::2], by_name["held"].codes[1::2], partial),
        Set("perturbed+", by_name["perturbed"].titles[1::2], by_name["perturbed"].codes[1::2], full),
        Set("cut+", by_name["cut"].titles[1::2], by_name["cut"].codes[1::2], full),
        Set("trades", *asked, index_of(*rest, skills)),
        Set("trades+", *asked, index_of(*with_everyday(*rest), skills)),
    ]


def build_embedded(table: pd.DataFrame) -> tuple[list[Set], list[Set]]:
    """The sets of the embedded index: those that fit, those that are only measured."""
    labels, codes = table["libelle_appellation_long"].tolist(), table["code_rome"].tolist()
    reference, everyday = occupations(), everyday_titles()
    embedded = [(code, reference.label(code)) for code in reference.codes]
    before = index_of(reference.codes, [label for _code, label in embedded])
    after = index_of(*with_everyday(reference.codes, [label for _code, label in embedded]), by=SPARSE)
    said = {form for _code, label in embedded for form in forms(label)}
    written = {normalise(title) for _code, title in everyday}
    clauses = clause_codes()
    known = {code for code, _title in everyday}
    asked = [(code, label) for code, label in zip(codes, labels, strict=True) if not said & set(forms(label))]
    held = [(code, label) for code, label in asked if not written & set(forms(label))]
    rng = random.Random(SEED)

    def make(name: str, rows: list[tuple[str, str]], index: TitleIndex) -> Set:
        return Set(name, [title for _code, title in rows], [code for code, _title in rows], index)

    parts = {
        "clauses": [row for row in held if row[0] in clauses],
        "everyday": [row for row in held if row[0] in known - clauses],
        "outside": [row for row in held if row[0] not in known | clauses],
    }
    whole = [row for row in asked if row[0] in clauses]
    quick = [(code, typed(title, rng)) for code, title in everyday]
    told = [make(name, rows, after) for name, rows in parts.items()]
    measured = [make("all", whole, after), make("typed", quick, after), make("before all", whole, before)]
    return told, measured + [make(f"before {name}", rows, before) for name, rows in parts.items()]


def seen(asked: Set) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Variables of the first answer [n, 4], whether it is right [n], reciprocal rank of the right code [n]."""
    found, _labels, evidence = asked.index.search_evidence(asked.titles, DEPTH)
    hit = found == np.array(asked.codes, dtype=object)[:, None]
    reciprocal = np.where(hit.any(axis=1), 1.0 / (hit.argmax(axis=1) + 1.0), 0.0)
    return variables(evidence)[:, 0, :], hit[:, 0], reciprocal


def fit(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], weight: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Logistic coefficients, intercept last, no coefficient under 0: more evidence never lowers the confidence."""
    design = np.column_stack([x, np.ones(len(x))])
    sign = np.where(y, 1.0, -1.0)

    def loss(beta: npt.NDArray[np.float64]) -> float:
        return float(weight @ np.logaddexp(0.0, -sign * (design @ beta)) + 0.01 * float(beta[:-1] @ beta[:-1]))

    bounds = [(0.0, None)] * x.shape[1] + [(None, None)]
    return np.asarray(minimize(loss, np.zeros(design.shape[1]), method="L-BFGS-B", bounds=bounds).x, dtype=np.float64)


def read_objects(path: Path) -> list[str]:
    """The distinct objects of a file of award notices."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        text = json.dumps(json.load(stream), ensure_ascii=False)
    return sorted({json.loads(f'"{found}"') for found in re.findall(r'"objet": "((?:[^"\\]|\\.)*)"', text)})


def chance(x: npt.NDArray[np.float64], by: Calibration) -> npt.NDArray[np.float64]:
    """The logistic's answer."""
    beta = np.array([by.score, by.gap, by.coverage, by.filled])
    return np.asarray(1.0 / (1.0 + np.exp(-(x @ beta + by.intercept))), dtype=np.float64)


def report(
    name: str, y: npt.NDArray[np.bool_], rr: npt.NDArray[np.float64], p: npt.NDArray[np.float64], bar: float
) -> None:
    """One line of the table: ranking, calibration, and what the bar leaves."""
    said = p >= bar
    right = y[said].mean() if said.any() else float("nan")
    print(
        f"{name:15s} n={len(y):5d} acc@1={y.mean():.3f} MRR={rr.mean():.3f} Brier={np.mean((p - y) ** 2):.3f} "
        f"mean confidence={p.mean():.3f} answered={said.mean():.3f} right when answered={right:.3f}"
    )


@dataclass(frozen=True)
class Seen:
    """What was seen of one set: see :func:`seen`."""

    name: str
    x: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    reciprocal: npt.NDArray[np.float64]

    def half(self, which: int) -> Seen:
        """The rows of even (0) or odd (1) number."""
        return Seen(self.name, self.x[which::2], self.right[which::2], self.reciprocal[which::2])


def fitted(parts: list[Seen], not_sure: float) -> Calibration:
    """The calibration of sets of equal weight."""
    beta = fit(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([np.full(len(part.right), 1.0 / len(part.right)) for part in parts]) * 1000.0,
    )
    score, gap, coverage, filled, intercept = (round(float(value), 2) for value in beta)
    return Calibration(score, gap, coverage, filled, intercept, not_sure)


def show_calibration(parts: list[Seen], chances: list[npt.NDArray[np.float64]], not_sure: float) -> None:
    """One line for each set, and how often each confidence is right."""
    for part, p in zip(parts, chances, strict=True):
        report(part.name, part.right, part.reciprocal, p, not_sure)
    p, y = np.concatenate(chances), np.concatenate([part.right for part in parts])
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (p >= low) & (p < low + 0.1 + (low > 0.85))
        if inside.any():
            print(f"confidence {low:.1f}-{low + 0.1:.1f}: n={inside.sum():5d} right={y[inside].mean():.3f}")


def calibrate_rich(sets: list[Set]) -> Calibration:
    """Fitted on the even rows, shown on the odd ones."""
    parts = [Seen(asked.name, *seen(asked)) for asked in sets]
    found = fitted([part.half(0) for part in parts], RICH.not_sure)
    odd = [part.half(1) for part in parts]
    show_calibration(odd, [chance(part.x, found) for part in odd], RICH.not_sure)
    print(found)
    return found


def calibrate_sparse(sets: list[Set]) -> Calibration:
    """Each half shown with what the other fits; the constants are fitted on both."""
    parts = [Seen(asked.name, *seen(asked)) for asked in sets]
    by = [fitted([part.half(which) for part in parts], SPARSE.not_sure) for which in (1, 0)]
    chances = [np.where(np.arange(len(p.x)) % 2 == 0, chance(p.x, by[0]), chance(p.x, by[1])) for p in parts]
    show_calibration(parts, chances, SPARSE.not_sure)
    found = fitted(parts, SPARSE.not_sure)
    print(found)
    return found


def measure(sets: list[Set], by: Calibration) -> None:
    """One line for each set, as ``before`` was answered where its name says so."""
    for asked in sets:
        x, y, rr = seen(asked)
        then = RICH if asked.name.startswith("before") else by
        report(asked.name, y, rr, chance(x, then), then.not_sure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("rome", type=Path)
    parser.add_argument("--decp", type=Path)
    parser.add_argument("--meaning", action="store_true", help="what the ROME says of words counts too: FOREIGN")
    options = parser.parse_args()
    path = options.rome / "unix_referentiel_appellation_v460_utf8.csv.gz"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    skills = official_skills(options.rome) if options.meaning else None
    sets = build_sets(table, skills)
    print("rich index")
    found = calibrate_rich(sets)
    measure(build_enriched(table, sets, skills), found)
    if options.decp:
        objects = read_objects(options.decp)
        sure = sets[1].index.search_labels(objects, 1).confidence[:, 0]
        print(f"objects of notices: n={len(objects)} answered={np.mean(sure >= RICH.not_sure):.3f}")
    print("\nembedded index")
    held, measured = build_embedded(table)
    measure(measured, calibrate_sparse(held))


if __name__ == "__main__":
    main()
