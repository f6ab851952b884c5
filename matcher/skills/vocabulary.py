"""Skills held against skills asked: the same, a synonym, near, or nothing to do with it.

Whether two skills match depends on these two alone, never on what other people wrote: one person alone and a whole
file give the same answer. Precision comes first: what a facilitator would not accept at once is *none*.

Near has two sources: the words of the two (what is asked, said more precisely), and the list `narrower` of
synonyms.yml, whose phrases answer a broader skill, one way only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from scipy.sparse import csr_matrix

from matcher.skills.words import normalise_skill, skill_families, words

GENERIC_WEIGHT = 0.3
"""What a word that hardly narrows a skill weighs beside 1 for the others."""
NARROWER = 0.4
"""A held skill that says all that is asked, and more, is near when what is asked is this share of it, the
first word being the same; when the first words differ, two telling words and BROADER are needed."""
BROADER = 0.6
"""A held skill that says less than is asked is near when it is this share of it, and has two telling words."""
TYPO_FROM = 6
"""Shortest word, in letters, in which one letter more, less, or swapped is read as a slip."""


class Grade(IntEnum):
    """How a skill held answers a skill asked; the greater the better."""

    NONE = 0
    NEAR = 1
    SYNONYM = 2
    EXACT = 3


@dataclass(frozen=True)
class SkillMatches:
    """For one skill asked: which held skills answer it, in increasing order, and how well."""

    held: npt.NDArray[np.int32]
    grades: npt.NDArray[np.int8]


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    """Key of every listed skill → the key that names its group."""
    groups: dict[str, str] = {}
    for group in words().synonyms:
        keys = [_bag(text) for text in group]
        name = next((groups[key] for key in keys if key in groups), keys[0])
        for key in keys:
            groups.setdefault(key, name)
    return groups


@lru_cache(maxsize=1)
def _answers() -> dict[str, tuple[str, ...]]:
    """Key of a listed skill → the phrases that answer it: its own group's, and the narrower ones with theirs."""
    groups: dict[str, list[str]] = {}
    for group in words().synonyms:
        groups.setdefault(skill_key(group[0]), []).extend(group)
    answers = {key: list(group) for key, group in groups.items()}
    for broad, phrases in words().narrower.items():
        found = answers.setdefault(skill_key(broad), [broad])
        for phrase in phrases:
            found.extend(groups.get(skill_key(phrase), [phrase]))
    return {key: tuple({skill_families(text): text for text in found}.values()) for key, found in answers.items()}


def _bag(text: str) -> str:
    return " ".join(sorted(skill_families(text)))


@lru_cache(maxsize=400_000)
def skill_key(text: str) -> str:
    """What the same skills and synonyms share: their families in any order, or their group's name."""
    bag = _bag(text)
    return _synonyms().get(bag, bag)


def _weight(found: Sequence[str]) -> float:
    return sum(GENERIC_WEIGHT if word in words().generic else 1.0 for word in found)


def _fixed(word: str) -> bool:
    """A word whose presence on one side alone makes another skill: a level, a letter, a category, sans, hors…"""
    return word in words().turning or len(word) < 3 or any(c.isdigit() for c in word)


def slip(a: str, b: str) -> bool:
    """Whether two words differ by one letter more or less, or two neighbours swapped, after the same first letter.

    Another letter in the place of one is another word (chargement, changement).
    """
    if (
        not (a.isalpha() and b.isalpha())
        or min(len(a), len(b)) < TYPO_FROM
        or a[:1] != b[:1]
        or OSA.distance(a, b, score_cutoff=1) != 1
    ):
        return False
    return len(a) != len(b) or sorted(a) == sorted(b)


def grade(asked: str, held: str) -> Grade:
    """How one held skill answers one asked skill (the plain rule; match_skills does the same for many)."""
    if not asked.strip() or not held.strip():
        return Grade.NONE
    if normalise_skill(asked) == normalise_skill(held):
        return Grade.EXACT
    if skill_key(asked) == skill_key(held):
        return Grade.SYNONYM
    a, h = skill_families(asked), skill_families(held)
    found = {word: next((o for o in h if o == word or slip(word, o)), None) for word in a}
    common = [word for word, other in found.items() if other is not None]
    near = _near(a, h, common, [other for other in found.values() if other is not None])
    return Grade.NEAR if near or any(_answered(p, held) for p in _answers().get(skill_key(asked), ())) else Grade.NONE


def _answered(phrase: str, held: str) -> bool:
    """Whether a held skill is a phrase of the list, or says all of a phrase of several words and more."""
    if skill_key(phrase) == skill_key(held):
        return True
    p, h = skill_families(phrase), skill_families(held)
    met = [next((o for o in h if o == word or slip(word, o)), None) for word in p]
    return _covers(p, h, p, [other for other in met if other is not None])


def _covers(phrase: tuple[str, ...], held: tuple[str, ...], common: Sequence[str], met: Sequence[str]) -> bool:
    """A listed phrase is looser than what is asked, so it must open what is held, word for word, and have two words:
    "pose de fenêtres" is in "poser des fenêtres en bois", not in "poser des appuis de fenêtre"."""
    opens = len(met) == len(phrase) and held[: len(phrase)] == tuple(met)
    return opens and len(phrase) > 1 and _near(phrase, held, common, met)


def _near(asked: tuple[str, ...], held: tuple[str, ...], common: Sequence[str], met: Sequence[str]) -> bool:
    """common: the asked words that the held skill has; met: the held words they meet."""
    if not common:
        return False
    if any(_fixed(word) for word in (set(asked) - set(common)) | (set(held) - set(met))):
        # habilitation électrique asked, habilitation électrique B2V held: a level more than asked is no harm.
        only_levels = all(any(c.isdigit() for c in w) or len(w) < 3 for w in set(held) - set(met))
        if len(common) < len(asked) or not only_levels or any(w in words().turning for w in held):
            return False
        return _weight(asked) >= 2
    share = _weight(common)
    if len(common) == len(asked):
        if len(set(met)) == len(held):
            return True
        same_head = held[0] == met[0] and asked[0] == common[0]
        told = share / _weight(held)
        return share >= 1 and (told >= NARROWER if same_head else share >= 2 and told >= BROADER)
    if len(set(met)) == len(held):
        return share >= 1 + GENERIC_WEIGHT and len(common) >= 2 and share / _weight(asked) >= BROADER
    return False


def _slips(asked: Iterable[str], held: Iterable[str]) -> list[tuple[str, str]]:
    """(asked word, held word) pairs that slip() accepts, found by taking letters out rather than by comparing all."""

    def shorter(word: str) -> set[str]:
        return {word[:i] + word[i + 1 :] for i in range(1, len(word))}

    by_trace: dict[str, set[str]] = {}
    for word in {w for w in held if len(w) >= TYPO_FROM}:
        for trace in shorter(word) | {word}:
            by_trace.setdefault(trace, set()).add(word)
    pairs: list[tuple[str, str]] = []
    for word in sorted({w for w in asked if len(w) >= TYPO_FROM}):
        near = {other for trace in shorter(word) | {word} for other in by_trace.get(trace, ())}
        pairs.extend((word, other) for other in sorted(near) if other != word and slip(word, other))
    return pairs


def _incidence(skills: Sequence[tuple[str, ...]], columns: dict[str, list[int]], width: int) -> csr_matrix[Any]:
    """1 where a skill holds a word (or a slip of it), int16, [skills, words asked]."""
    indptr, indices = [0], list[int]()
    for found in skills:
        indices.extend(sorted({column for word in found for column in columns.get(word, ())}))
        indptr.append(len(indices))
    ones = np.ones(len(indices), np.int16)
    return csr_matrix((ones, np.array(indices, np.int32), np.array(indptr, np.int32)), shape=(len(skills), width))


class SkillVocabulary:
    """Every distinct skill of a run, numbered by group: same number, same skill or synonym.

    Numbers follow the order in which groups first appear; use them within one vocabulary only.
    """

    def __init__(self, ids: dict[str, int], size: int) -> None:
        self._ids = ids
        self.size = size

    @classmethod
    def build(cls, skills: Iterable[str]) -> SkillVocabulary:
        """The vocabulary of raw skills (candidates' and positions' together)."""
        groups: dict[str, int] = {}
        ids = {text: groups.setdefault(skill_key(text), len(groups)) for text in dict.fromkeys(skills)}
        return cls(ids, len(groups))

    def ids(self, skills: Sequence[str]) -> npt.NDArray[np.int32]:
        """Group numbers; -1 for a skill that was not given to build."""
        return np.array([self._ids.get(text, -1) for text in skills], dtype=np.int32)


def match_skills(asked: Sequence[str], held: Sequence[str]) -> list[SkillMatches]:
    """For each asked skill, the held ones that answer it, with their grade: what grade() says of every pair.

    Meant for distinct texts (50 000 held × 2 000 asked in seconds): pairs without a common word are never seen.
    """
    exact: dict[str, list[int]] = {}
    group: dict[str, list[int]] = {}
    for i, text in enumerate(held):
        if text.strip():
            exact.setdefault(normalise_skill(text), []).append(i)
            group.setdefault(skill_key(text), []).append(i)
    said = [skill_families(text) for text in held]
    near = _near_pairs([skill_families(text) for text in asked], said, _near)
    listed = _listed_pairs(asked, said, group)
    found: list[SkillMatches] = []
    for i, text in enumerate(asked):
        grades: dict[int, int] = dict.fromkeys(near[i] if text.strip() else (), int(Grade.NEAR))
        if text.strip():
            for phrase in _answers().get(skill_key(text), ()):
                grades.update(dict.fromkeys(listed[phrase], int(Grade.NEAR)))
            grades.update(dict.fromkeys(group.get(skill_key(text), ()), int(Grade.SYNONYM)))
            grades.update(dict.fromkeys(exact.get(normalise_skill(text), ()), int(Grade.EXACT)))
        ordered = sorted(grades)
        found.append(SkillMatches(np.array(ordered, np.int32), np.array([grades[j] for j in ordered], dtype=np.int8)))
    return found


def _listed_pairs(
    asked: Sequence[str], said: list[tuple[str, ...]], group: Mapping[str, Sequence[int]]
) -> dict[str, list[int]]:
    """For each listed phrase that may answer a skill asked, the held skills that give it: what _answered() says."""
    phrases = list(dict.fromkeys(phrase for text in asked for phrase in _answers().get(skill_key(text), ())))
    covered = _near_pairs([skill_families(phrase) for phrase in phrases], said, _covers)
    return {p: [*group.get(skill_key(p), ()), *found] for p, found in zip(phrases, covered, strict=True)}


Rule = Callable[[tuple[str, ...], tuple[str, ...], Sequence[str], Sequence[str]], bool]


def _near_pairs(asked: list[tuple[str, ...]], held: list[tuple[str, ...]], rule: Rule) -> list[list[int]]:
    """For each asked skill the near held ones: a sparse product keeps pairs where one side's words are all met."""
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(word for found in asked for word in found))}
    columns = {word: [i] for word, i in vocabulary.items()}
    slips = _slips(vocabulary, {word for found in held for word in found})
    alike: dict[str, set[str]] = {}
    for word, other in slips:
        alike.setdefault(word, set()).add(other)
        columns.setdefault(other, []).append(vocabulary[word])
    width = max(len(vocabulary), 1)
    left = _incidence(asked, {word: [i] for word, i in vocabulary.items()}, width)
    right = _incidence(held, columns, width)
    asked_size = np.array([len(found) for found in asked], np.int64)
    held_size = np.array([len(found) for found in held], np.int64)
    near: list[list[int]] = [[] for _ in asked]
    product = csr_matrix(left @ csr_matrix(right.T))
    for i in range(len(asked)):
        first, last = product.indptr[i], product.indptr[i + 1]
        others, count = product.indices[first:last], product.data[first:last]
        whole = (count >= asked_size[i]) | (count >= held_size[others])
        for j in np.sort(others[whole]).tolist():
            met = _met(asked[i], held[j], alike)
            if rule(asked[i], held[j], [a for a, _h in met], [h for _a, h in met]):
                near[i].append(int(j))
    return near


def _met(asked: tuple[str, ...], held: tuple[str, ...], alike: dict[str, set[str]]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for word in asked:
        slips = alike.get(word, ())
        other = next((h for h in held if h == word or h in slips), None)
        if other is not None:
            pairs.append((word, other))
    return pairs
