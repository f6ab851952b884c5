"""Words → codes shared by people and positions: occupations, skills, certificates, licences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from matcher.reference.occupations import Occupations, occupations
from matcher.skills import normalise_certificate, split_certificate
from matcher.titles import RICH, SPARSE, TitleIndex, nothing_known, resolve_titles, with_everyday
from matcher.vocabulary import IMPLIES_B

# A code alone may be of no known family (it is kept); before a label, « F1703 - Maçonnerie », it must look like one.
_CODE = re.compile(r"([A-Z]) ?(\d{4})|([A-N])(\d{4})(?!\w).*", re.DOTALL)

# Code de la route, R221-4: what a category also allows its holder to drive.
_ALSO: Mapping[str, tuple[str, ...]] = {
    "A": ("A2", "A1", "AM"),
    "A2": ("A1", "AM"),
    "A1": ("AM",),
    "B": ("B1", "AM"),
    "B1": ("AM",),
    "CE": ("C", "C1", "C1E", "BE"),
    "C": ("C1",),
    "C1E": ("C1", "BE"),
    "DE": ("D", "D1", "D1E", "BE"),
    "D": ("D1",),
    "D1E": ("D1", "BE"),
}


def licences_implied(code: str) -> tuple[str, ...]:
    """The other categories that the holder of `code` holds too."""
    direct = _ALSO.get(code, ())
    return (*direct, "B", "B1", "AM") if code in IMPLIES_B else direct


def certificate_codes(text: str) -> tuple[str, ...]:
    """The certificates that a text names, one code for each category of a CACES."""
    return split_certificate(normalise_certificate(text))


@dataclass(frozen=True)
class Occupation:
    """What a word became: a ROME code (known or not), or None when no label was near enough."""

    word: str
    code: str | None
    confidence: float
    known: bool


def resolve_occupations(words: Iterable[str], reference: Occupations) -> Mapping[str, Occupation]:
    """Each distinct word as a ROME code: the code it is or begins with, else by its title."""
    distinct = list(dict.fromkeys(words))
    coded = {word: _CODE.fullmatch(word.upper()) for word in distinct}
    codes = {word: "".join(filter(None, code.groups())) for word, code in coded.items() if code}
    titles = [word for word in distinct if word not in codes]
    found = _by_title(titles) if titles else {}
    result: dict[str, Occupation] = {}
    for word in distinct:
        if word in codes:
            result[word] = Occupation(word, codes[word], 1.0, reference.known(codes[word]))
        else:
            code, confidence = found[word]
            result[word] = Occupation(word, code, confidence, code is not None)
    return result


def _by_title(titles: Sequence[str]) -> dict[str, tuple[str | None, float]]:
    codes, confidences = resolve_titles(titles, title_index())
    return {
        title: (None if code is None else str(code), float(sure))
        for title, code, sure in zip(titles, codes, confidences, strict=True)
    }


@lru_cache(maxsize=2)
def _index(source: str, data_dir: Path | None) -> TitleIndex:
    reference = occupations(data_dir)
    table = reference.appellations
    rich = len(table) > len(reference.codes)  # appellations are installed, not the labels alone
    codes, labels = with_everyday(table["code"].tolist(), table["label"].tolist())
    # Letters alone: where the ROME itself is asked, what it says of words adds a point of accuracy and ten seconds.
    return TitleIndex(codes, labels, RICH if rich else SPARSE, nothing_known())


def title_index(data_dir: Path | None = None) -> TitleIndex:
    """The index of the titles in use, built once: labels or installed appellations, and the everyday titles."""
    return _index(occupations(data_dir).source, data_dir)


def unknown_words(found: Mapping[str, Occupation]) -> tuple[Sequence[str], Sequence[str]]:
    """Codes that are no ROME code, and titles that no label is near enough to."""
    strange = [o.word for o in found.values() if o.code and not o.known]
    unsure = [o.word for o in found.values() if o.code is None]
    return strange, unsure
