"""The gender-form swap: maçon ↔ maçonne in every title must leave every score unchanged.

The pairs of words come from the labels of ROME, which name both forms (« Conducteur / Conductrice d'engins »), by
place in the label alone: not from the rules that the search of titles uses, which are what is audited.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.fairness.merit import evenly
from matcher.reference import occupations
from matcher.resolve.words import resolve_occupations

SWAPPED, BOTH, SAME, CODE, UNKNOWN = "swapped", "both_forms", "one_form", "code", "not_known"
ENDINGS = (6, 5, 4, 3)  # letters of a word's end from which the other form is taken, the longest first
LEAST_SEEN, LEAST_SHARE = 3, 0.9
ALIKE = 3  # first letters that both forms share
MOST_LABELS = 2_000
MOST_POSITIONS = 100
ROME_CODE = re.compile(r"[A-N]\d{4}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
# A title's head ends at its first preposition: what follows does not agree with the person.
_AFTER = frozenset(
    {"de", "d", "des", "du", "en", "à", "a", "au", "aux", "et", "ou", "pour", "sur", "sous", "par", "avec", "sans"}
    | {"chez", "dans", "vers", "le", "la", "les", "l", "un", "une"}
)
_MARKED = re.compile(r"/|\(|·|\bH ?[/-] ?F\b|\.e\b|-e\b", re.IGNORECASE)


@dataclass(frozen=True)
class Forms:
    """Words and endings with their other form, in both directions; lower case, accents kept."""

    words: Mapping[str, str]
    endings: Mapping[str, str]


def label_pairs(labels: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(masculine, feminine) words of labels « X / Y… », those at the same place that begin alike."""
    for label in labels:
        sides = [_WORD.findall(side.lower()) for side in label.split(" / ")]
        if len(sides) == 2 and sides[0]:
            for left, right in zip(sides[0], sides[1], strict=False):
                if left != right and left[:ALIKE] == right[:ALIKE]:
                    yield left, right


@lru_cache(maxsize=2)
def _forms(source: str) -> Forms:
    return forms_of(occupations().appellations["label"].tolist())


def forms() -> Forms:
    """The forms of the ROME in use: its labels, or its appellations when they are installed."""
    return _forms(occupations().source)


def forms_of(labels: Iterable[str]) -> Forms:
    """The other form of each word met in both, and of the endings that nearly always change in one way."""
    pairs = Counter(label_pairs(labels))
    words: dict[str, str] = {}
    for (left, right), _count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        words.setdefault(left, right)
        words.setdefault(right, left)
    seen: dict[str, Counter[str]] = {}
    for left, right in pairs:
        for one, other in ((left, right), (right, left)):
            shared = _common(one, other)
            for size in ENDINGS:
                if len(one) > size >= len(one) - shared:
                    seen.setdefault(one[-size:], Counter())[other[len(one) - size :]] += 1
    endings = {}
    for ending, counts in seen.items():
        (best, count), total = counts.most_common(1)[0], sum(counts.values())
        if count >= LEAST_SEEN and count >= LEAST_SHARE * total:
            endings[ending] = best
    return Forms(words, endings)


def _common(left: str, right: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def swap(title: str, known: Forms) -> tuple[str, str]:
    """The title in its other form, and what happened: SWAPPED, BOTH (it names both), SAME (a word with one form,
    as « plaquiste »), CODE, or UNKNOWN."""
    if ROME_CODE.fullmatch(title.strip()):
        return title, CODE
    if _MARKED.search(title):
        return title, BOTH
    pieces, last, first = [], 0, True
    for match in _WORD.finditer(title):
        word = match.group().lower()
        if word in _AFTER:
            break
        other = known.words.get(word) or (_by_ending(word, known) if first else None)
        if other:
            pieces += [title[last : match.start()], _cased(other, match.group())]
            last = match.end()
        elif first and not word.endswith("e"):
            return title, UNKNOWN
        first = False
    if not pieces:
        return title, UNKNOWN if first else SAME
    return "".join([*pieces, title[last:]]), SWAPPED


def _by_ending(word: str, known: Forms) -> str | None:
    for size in ENDINGS:
        if len(word) > size and word[-size:] in known.endings:
            return word[:-size] + known.endings[word[-size:]]
    return None


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() and len(like) > 1 else word.capitalize() if like[0].isupper() else word


def swap_cells(column: pd.Series[Any], known: Forms, *, listed: bool) -> tuple[pd.Series[Any], Counter[str]]:
    """A column of titles (a list of `title` or `title:months` in each cell when `listed`), and what happened to its
    titles."""
    counts: Counter[str] = Counter()
    cells = []
    for cell in column.astype(object):
        if not isinstance(cell, str) or cell == "none":
            cells.append(cell)
            continue
        items = []
        for item in cell.split("|") if listed else [cell]:
            title, mark, months = item.rpartition(":") if listed and item.rpartition(":")[1] else (item, "", "")
            other, what = swap(title, known)
            counts[what] += 1
            items.append(other + mark + months)
        cells.append("|".join(items))
    return pd.Series(cells, index=column.index, dtype=column.dtype), counts


def swap_audit(engine: Engine) -> dict[str, Any]:
    """Both forms of every title compared: those of the engine's tables, and the labels of ROME read in each."""
    return {**swap_tables(engine), "labels": label_audit(occupations().appellations["label"].tolist())}


def swap_tables(engine: Engine) -> dict[str, Any]:
    """What happened to the titles of the engine's tables, and the pairs whose levels or score differ once they are in
    their other form: of all pairs of its people and (at most MOST_POSITIONS) positions."""
    known = forms()
    people, positions = engine.candidates.copy(), engine.positions.iloc[evenly(len(engine.positions), MOST_POSITIONS)]
    positions = positions.reset_index(drop=True)
    counts: Counter[str] = Counter()
    other = positions.copy()
    for table, name, listed in (
        (people, "occupations", True),
        (people, "experience", True),
        (other, "occupation", False),
        (other, "title", False),
    ):
        table[name], found = swap_cells(table[name], known, listed=listed)
        counts += found
    before = Engine(engine.candidates, positions, engine.options, engine.card)
    after = Engine(people, other, engine.options, engine.card)
    rows = np.arange(len(people))
    scores = levels = 0
    for i in range(len(positions)):
        first, second = before.levels(i, rows), after.levels(i, rows)
        levels += int((first != second).any(axis=0).sum())
        scores += int((engine.card.raw(first) != engine.card.raw(second)).sum())
    return {
        "titles": {name: counts[name] for name in (SWAPPED, BOTH, SAME, CODE, UNKNOWN)},
        "pairs": len(rows) * len(positions),
        "different_levels": levels,
        "different_scores": scores,
    }


def label_audit(labels: Sequence[str]) -> dict[str, int]:
    """Labels « X / Y… » of ROME written in one form, then in the other: how many do not lead to the same code."""
    chosen = [labels[i] for i in evenly(len(labels), MOST_LABELS).tolist()]
    both = [pair for label in chosen if (pair := one_form_each(label))]
    found = resolve_occupations([title for pair in both for title in pair], occupations())
    different = sum(found[left].code != found[right].code for left, right in both)
    return {"compared": len(both), "different": different}


def one_form_each(label: str) -> tuple[str, str] | None:
    """« Conducteur / Conductrice d'engins » → its masculine and feminine titles, each whole; None for other labels.

    The words after the slash that answer those before it are counted by place; what follows them belongs to both.
    """
    left, mark, right = label.partition(" / ")
    if not mark or " / " in right:
        return None
    words, answers = _WORD.findall(left), list(_WORD.finditer(right))
    if not words or len(answers) < len(words):
        return None
    alike = all(a.lower()[:ALIKE] == b.group().lower()[:ALIKE] for a, b in zip(words, answers, strict=False))
    return (left + right[answers[len(words) - 1].end() :], right) if alike else None
