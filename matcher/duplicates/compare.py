"""How two values of a field compare: levels, taken once per distinct pair of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel, JaroWinkler

from matcher.duplicates import cleaning
from matcher.duplicates.model import Kind, Level, Plan
from matcher.duplicates.records import Column, Ints, Records

LevelArray = NDArray[np.int8]
NAME_CLOSE, NAME_NEAR = 0.92, 0.84
TEXT_CLOSE, TEXT_NEAR = 0.86, 0.66
SOUND_LETTERS = 3
PART_LETTERS = 3


def levels(data: Records, plan: Plan, left: Ints, right: Ints) -> LevelArray:
    """One column of levels per field of the plan, one row per pair of places (`left[i]`, `right[i]`)."""
    made = np.empty((len(left), len(plan.fields)), np.int8)
    for number, one in enumerate(plan.fields):
        if one.kind is Kind.PLACE:
            made[:, number] = _places(data.places[one.name], left, right)
        else:
            column = data.columns[one.name]
            made[:, number] = _values(one.kind, column, column.codes[left], column.codes[right])
    _swaps(data, plan, left, right, made)
    return made


def _values(kind: Kind, column: Column, a: Ints, b: Ints) -> LevelArray:
    made = np.full(len(a), Level.UNKNOWN, np.int8)
    known = (a >= 0) & (b >= 0)
    made[known & (a == b)] = Level.EXACT
    todo = np.flatnonzero(known & (a != b))
    low, high = np.minimum(a[todo], b[todo]), np.maximum(a[todo], b[todo])
    distinct, back = np.unique(low * len(column.texts) + high, return_inverse=True)
    one, other = np.divmod(distinct, max(len(column.texts), 1))
    made[todo] = COMPARED[kind](column.texts[one].tolist(), column.texts[other].tolist())[back]
    return made


def _similar(scorer: Callable[..., float], a: Sequence[str], b: Sequence[str]) -> NDArray[np.float32]:
    return np.asarray(process.cpdist(a, b, scorer=scorer, dtype=np.float32), np.float32)


def _edits(a: Sequence[str], b: Sequence[str]) -> NDArray[np.int32]:
    return np.asarray(process.cpdist(a, b, scorer=OSA.distance, dtype=np.int32), np.int32)


def _per_text(texts: Sequence[str], function: Callable[[str], str]) -> list[str]:
    known: dict[str, str] = {}
    for text in texts:
        if text not in known:
            known[text] = function(text)
    return [known[text] for text in texts]


def names(a: Sequence[str], b: Sequence[str]) -> LevelArray:
    """Jaro–Winkler on the letters; one sound; or a part of a compound name in the other one."""
    one, other = _per_text(a, cleaning.squeezed), _per_text(b, cleaning.squeezed)
    score = _similar(JaroWinkler.similarity, one, other)
    heard, said = _per_text(a, cleaning.sound), _per_text(b, cleaning.sound)
    made = np.where(score >= NAME_NEAR, Level.NEAR, Level.DIFFERENT).astype(np.int8)
    made[_partial(a, b)] = Level.PARTIAL
    alike = np.fromiter((x == y and len(x) >= SOUND_LETTERS for x, y in zip(heard, said, strict=True)), bool, len(a))
    made[(score >= NAME_CLOSE) | alike] = Level.CLOSE
    made[np.fromiter((x == y for x, y in zip(one, other, strict=True)), bool, len(a))] = Level.EXACT
    return made


def _partial(a: Sequence[str], b: Sequence[str]) -> NDArray[np.bool_]:
    """Whether one value's words are all among the other's, or one is the other's initial."""
    return np.fromiter((part_of(x, y) for x, y in zip(a, b, strict=True)), bool, len(a))


def part_of(a: str, b: str) -> bool:
    """``"martin"`` of ``"dupont martin"``, ``"j"`` of ``"jean"``; symmetric."""
    if len(a) == 1 or len(b) == 1:
        return a[0] == b[0]
    if " " not in a and " " not in b:
        return False
    one, other = {*a.split()}, {*b.split()}
    return (one <= other or other <= one) and any(len(word) >= PART_LETTERS for word in one & other)


def texts(a: Sequence[str], b: Sequence[str]) -> LevelArray:
    """Share of letters in common, in order."""
    one, other = _per_text(a, cleaning.squeezed), _per_text(b, cleaning.squeezed)
    score = _similar(Indel.normalized_similarity, one, other)
    made = np.where(score >= TEXT_NEAR, Level.NEAR, Level.DIFFERENT).astype(np.int8)
    made[_partial(a, b)] = Level.PARTIAL
    made[score >= TEXT_CLOSE] = Level.CLOSE
    made[score >= 1] = Level.EXACT
    return made


def codes(a: Sequence[str], b: Sequence[str]) -> LevelArray:
    """One keystroke away, or two."""
    edits = _edits(a, b)
    made = np.where(edits <= 2, Level.NEAR, Level.DIFFERENT).astype(np.int8)
    made[edits <= 1] = Level.CLOSE
    return made


def dates(a: Sequence[str], b: Sequence[str]) -> LevelArray:
    """Day and month exchanged; one digit or two neighbours wrong; the year or the day alone wrong."""
    edits = _edits(a, b)
    made = np.full(len(a), Level.DIFFERENT, np.int8)
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if x[:4] == y[:4] and x[4:6] == y[6:] and x[6:] == y[4:6]:
            made[i] = Level.SWAPPED
        elif edits[i] <= 1:
            made[i] = Level.CLOSE
        elif edits[i] <= 2 or x[4:] == y[4:]:
            made[i] = Level.NEAR
    return made


def emails(a: Sequence[str], b: Sequence[str]) -> LevelArray:
    """One letter away, or the same part before the @: NEAR is shown and weighs nothing (`weights.NEUTRAL`): such
    addresses are made of the names, which are already compared."""
    made = np.where(_edits(a, b) <= 1, Level.NEAR, Level.DIFFERENT).astype(np.int8)
    same = (x.rpartition("@")[0] == y.rpartition("@")[0] for x, y in zip(a, b, strict=True))
    made[np.fromiter(same, bool, len(a))] = Level.NEAR
    return made


def _places(columns: tuple[Column, ...], left: Ints, right: Ints) -> LevelArray:
    """The finest known on both sides decides: commune, else postal code, else town; then the same département."""
    *finer, department = (_values(Kind.CODE, column, column.codes[left], column.codes[right]) for column in columns)
    decided = np.full(len(left), Level.UNKNOWN, np.int8)
    for one in finer:
        decided = np.where(decided == Level.UNKNOWN, one, decided)
    apart = np.where(department == Level.EXACT, Level.NEAR, np.minimum(department, 1) * Level.DIFFERENT)
    made = np.where(decided == Level.EXACT, Level.EXACT, apart)
    return np.where((made == Level.UNKNOWN) & (decided > Level.EXACT), Level.DIFFERENT, made).astype(np.int8)


def _swaps(data: Records, plan: Plan, left: Ints, right: Ints, made: LevelArray) -> None:
    """Two fields written each in the other's place, where they do not already agree as they stand."""
    numbers = {one.name: number for number, one in enumerate(plan.fields)}
    for number, one in enumerate(plan.fields):
        if one.swap is None or numbers[one.swap] < number:
            continue
        mine, theirs = data.columns[one.name], data.columns[one.swap]
        other = numbers[one.swap]
        weak = ~np.isin(made[:, [number, other]], (Level.EXACT, Level.CLOSE)).any(axis=1)
        todo = np.flatnonzero(weak)
        if not len(todo):
            continue
        there = _values(one.kind, mine, mine.codes[left[todo]], theirs.codes[right[todo]])
        back = _values(one.kind, mine, theirs.codes[left[todo]], mine.codes[right[todo]])
        alike = np.isin(there, (Level.EXACT, Level.CLOSE)) & np.isin(back, (Level.EXACT, Level.CLOSE))
        made[todo[alike], number] = Level.SWAPPED
        made[todo[alike], other] = Level.SWAPPED


COMPARED: dict[Kind, Callable[[Sequence[str], Sequence[str]], LevelArray]] = {
    Kind.NAME: names,
    Kind.TEXT: texts,
    Kind.CODE: codes,
    Kind.DATE: dates,
    Kind.EMAIL: emails,
}
