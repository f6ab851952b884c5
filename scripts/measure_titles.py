"""Measure job titles against taxonomies that are not the ROME, with and without what the ROME says of words.

    python -m scripts.measure_titles ROME_DIR

ROME_DIR holds the official files as published, ROME v3 beside them (``arbo_rome_ogr_202107.csv.gz``). No set has a
label that the ROME given as knowledge holds, word for word; a code has several labels, a title several right codes.

  halves      half of each code's appellations, in groups of about five, are the taxonomy; the others are the ROME
  new         appellations that ROME v3 lacks are the taxonomy; v3, its codes and titles, is the ROME
  activities  the 532 labels of ROME v3 ("Conduite d'engins") are the taxonomy; ROME 4.0 is the ROME
  handmade    the everyday titles in groups of four, among other codes' appellations; the rest is the ROME
Titles are 400 of each, drawn with a fixed seed. Weights were chosen on earlier draws of the same files; the odd
titles are shown, with 95 % bootstrap intervals over titles.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.titles import TitleIndex, everyday_titles, forms
from matcher.titles.knowledge import Knowledge
from scripts.calibrate_titles import Skills, official_skills

SIZE, SEED, DEPTH, DRAWS = 400, 2024, 100, 1000
Pairs = list[tuple[str, str]]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """A taxonomy of (code, label), titles with their right codes, and the ROME that may be known."""

    name: str
    taxonomy: Pairs
    asked: list[tuple[str, frozenset[str]]]
    rome: Pairs


def said(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The forms of the labels."""
    return frozenset(form for _code, label in pairs for form in forms(label))


def unsaid(pairs: Pairs, by: frozenset[str]) -> Pairs:
    """Those whose forms are all new."""
    return [pair for pair in pairs if not by & set(forms(pair[1]))]


def grouped(pairs: Pairs, size: int, rng: random.Random) -> tuple[Pairs, dict[str, frozenset[str]]]:
    """Codes of about ``size`` labels, and those that each ROME code became."""
    by: defaultdict[str, list[str]] = defaultdict(list)
    for code, label in pairs:
        by[code].append(label)
    out, became = [], {}
    for code, labels in by.items():
        rng.shuffle(labels)
        parts = max(1, round(len(labels) / size))
        out += [(f"{code}-{i % parts}", label) for i, label in enumerate(labels)]
        became[code] = frozenset(f"{code}-{i}" for i in range(parts))
    return out, became


def task(
    name: str, foreign: Pairs, rome: Pairs, titles: Pairs, size: int, also: Sequence[tuple[str, str]] = ()
) -> Task:
    """``titles`` are asked by their ROME code; ``also`` are further labels of the taxonomy, right for none."""
    rng = random.Random(SEED)
    taxonomy, became = grouped(foreign, size, rng)
    others, _became = grouped(list(also), 5, rng)
    known = [(label, became[code]) for code, label in titles if code in became]
    return Task(name, taxonomy + others, rng.sample(known, min(SIZE, len(known))), rome)


def tasks(rome: Path) -> list[Task]:
    """The sets of the module's docstring."""
    found = {path.name: path for path in rome.rglob("*.csv.gz")}
    table = pd.read_csv(found["unix_referentiel_appellation_v460_utf8.csv.gz"], dtype=str, keep_default_na=False)
    old = pd.read_csv(found["arbo_rome_ogr_202107.csv.gz"], sep=";", dtype=str, keep_default_na=False)
    old = old.apply(lambda column: column.str.strip())
    old["code"] = old["Rome1"] + old["Rome2"] + old["Rome3"]
    titles: Pairs = list(zip(table["code_rome"], table["libelle_appellation_long"], strict=True))
    before = old[old["OGR"] != ""]
    v3: Pairs = list(zip(before["code"], before["Intitule"], strict=True))
    heads = old[(old["OGR"] == "") & (old["Rome3"] != "")]
    rng = random.Random(SEED)

    mixed = rng.sample(titles, len(titles))
    turn: defaultdict[str, int] = defaultdict(int)
    halves: tuple[Pairs, Pairs] = ([], [])
    for code, label in mixed:
        halves[turn[code] % 2].append((code, label))
        turn[code] += 1
    rest = unsaid(halves[0], said(halves[1]))

    now = dict(zip(table["code_ogr"], table["code_rome"], strict=True))
    known = frozenset(before["OGR"])
    added = [pair for pair, ogr in zip(titles, table["code_ogr"], strict=True) if ogr not in known]
    fresh = unsaid(added, said(v3))
    moved = [(now[o], t) for o, t in zip(before["OGR"], before["Intitule"], strict=True) if o in now]

    parents = list(zip(table["code_rome_parent"], table["libelle_appellation_long"], strict=True))
    activities = Task(
        "activities",
        list(zip(heads["code"], heads["Intitule"], strict=True)),
        [(label, frozenset({code})) for code, label in rng.sample(parents, SIZE)],
        titles,
    )

    everyday = list(everyday_titles())
    codes = {code for code, _label in everyday}
    also = rng.sample([pair for pair in titles if pair[0] not in codes], 5500)
    left = unsaid(sorted(set(titles) - set(also)), said([*everyday, *also]))
    return [
        task("halves", halves[1], rest, rest, 5),
        task("new", fresh, v3, moved, 4),
        activities,
        task("handmade", everyday, left, left, 4, also),
    ]


def measures(index: TitleIndex, asked: list[tuple[str, frozenset[str]]]) -> Floats:
    """Right at the first rank, reciprocal rank, average precision over all right codes: [titles, 3]."""
    found, _scores = index.search([title for title, _right in asked], DEPTH)
    out = np.zeros((len(asked), 3))
    for i, (row, (_title, right)) in enumerate(zip(found, asked, strict=True)):
        ranks = [rank for rank, code in enumerate(row, start=1) if code in right]
        if ranks:
            precision = sum(hits / rank for hits, rank in enumerate(ranks, start=1)) / len(right)
            out[i] = float(ranks[0] == 1), 1.0 / ranks[0], precision
    return out


def interval(values: Floats, rng: np.random.Generator) -> str:
    """Means with bootstrap intervals of 95 %."""
    means = values[rng.integers(0, len(values), (DRAWS, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    names = ("acc@1", "MRR", "MAP")
    return "  ".join(
        f"{name} {mean:.3f} [{a:.3f}, {b:.3f}]"
        for name, mean, a, b in zip(names, values.mean(axis=0), low, high, strict=True)
    )


def show(one: Task, skills: Skills) -> None:
    """Three lines: letters alone, the titles of the ROME, its skills too."""
    codes, labels = zip(*one.taxonomy, strict=True)
    rome_codes, rome_labels = zip(*one.rome, strict=True)
    print(f"{one.name}: {len(set(codes))} codes, {len(labels)} labels", flush=True)
    known = {
        "letters": Knowledge([], []),
        "+ titles": Knowledge(rome_codes, rome_labels),
        "+ skills": Knowledge(rome_codes, rome_labels, skills),
    }
    for name, what in known.items():
        values = measures(TitleIndex(codes, labels, known=what), one.asked)[1::2]
        print(f"  {name:9s} {interval(values, np.random.default_rng(SEED))}", flush=True)


def main(folder: Path) -> None:
    skills = official_skills(folder)
    for one in tasks(folder):
        show(one, skills)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rome", type=Path)
    main(parser.parse_args(sys.argv[1:]).rome)
