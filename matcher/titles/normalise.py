"""French job titles brought to one form: accents, case, gender, abbreviations, advertisement words, inflection."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from matcher.titles.inflection import stem
from matcher.titles.lexicon import Lexicon, lexicon

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "’": "'", "ʼ": "'", "`": "'", "·": "·"}
)
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_SUFFIX = (
    "e|es|ne|nes|le|les|se|ses|te|tes|ve|ves|fe|fes|he|re|ere|eres|iere|ieres|euse|euses|rice|rices|trice|trices|ice"
    "|esse|sse|ale|ive|enne|ienne|onne|ee|ees"
)
# agent(e), technicien(ne)s, agent·e, agent.e.s, infirmier-ère, employé/e: the ending that only tells the sex goes.
_BRACKETED = re.compile(rf"(?<=[a-z]{{2}}) ?\((?:{_SUFFIX})s?\)(s?)")
_DOTTED = re.compile(rf"(?<=[a-z]{{3}})(?:[·•∙‧./]|-(?!se\b|le\b|les\b|te\b))(?:{_SUFFIX})(?:[·•∙‧.-]?s)?(?![a-z])")
_SEXES = re.compile(
    r"[(\[{]?(?<![a-z])(?:h ?[/-] ?f|f ?[/-] ?h|m ?[/-] ?f|f ?[/-] ?m"
    r"|hommes? ?/ ?femmes?(?! de)|femmes? ?/ ?hommes?(?! de))(?: ?[/-] ?[xnd])?(?![a-z])[)\]}]?"
)
_INITIALS = re.compile(r"(?<![a-z0-9])((?:[a-z]\.){2,}[a-z]?)(?![a-z])")
_AMPERSAND = re.compile(r"(?<![a-z])r ?& ?d(?![a-z])")
_WORD = re.compile(r"[a-z0-9]+")
_POSTAL = re.compile(r"(?<!\d)\d{5}(?!\d)[^/]{0,40}$")
_DEPARTMENT = re.compile(r"\( ?(?:\d{2,3}|2[ab]) ?\)")
_CACES = re.compile(
    r"(?:caces[ _-]*)?(?<![a-z0-9])r[ .]?(3[1789]\d|48[2-9]|490)"
    r"(?:[ _-]*(?:cat(?:egorie)?s?)?[ ._-]*[0-9a-g]{1,2}(?![a-z0-9]))*"
)
_CACES_BARE = re.compile(r"(?<![a-z])caces(?:[ ,/._-]*(?:cat(?:egorie)?s?)?[ .]*[0-9][ab]?(?![a-z0-9]))*")
_LICENCE = re.compile(
    r"(?<![a-z])(?:avec |titulaire )?permis (?:[abcd]1?e?|ce|be|de|ec|eb|pl|spl|vl|poids lourds?)(?![a-z])"
)
_GRADE = re.compile(
    r"(?<![a-z0-9])(?:n[1-4] ?p[1-3]|[0-9]{1,2} ?h(?:eures?)?(?: ?/ ?semaine)?"
    r"|coef(?:ficient)? ?\d+|bac ?\+? ?\d)(?![a-z0-9])"
)
LONGEST = 1000
"""Characters of a title that are read; no title is so long, a damaged file's cell may be."""
_SLASH = re.compile(r"\s*/\s*")
_DEPARTMENTS = frozenset(f"{n:02d}" for n in range(1, 96)) | frozenset(str(n) for n in range(971, 977))


def plain(text: str) -> str:
    """Lower case without accents or ligatures; marks are kept."""
    if text.isascii():
        return text.replace("`", "'").lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_LIGATURES).lower()))
    return bare if bare.isascii() else "".join(c for c in bare if not unicodedata.combining(c))


def _marks(text: str) -> str:
    """Marks that carry a meaning are resolved; what remains may be cut at any mark."""
    text = _AMPERSAND.sub(" recherche developpement ", text)
    text = text.replace("c++", " cplusplus ").replace("c#", " csharp ").replace(".net", " dotnet ")
    text = _INITIALS.sub(lambda m: m.group(1).replace(".", "") + " ", text)
    text = _BRACKETED.sub(r"\1", text)
    text = _DOTTED.sub("", text)
    text = _SEXES.sub(" ", text)
    return _POSTAL.sub(" ", _DEPARTMENT.sub(" ", text))


def _machines(text: str, lex: Lexicon) -> str:
    """``cariste CACES R489 cat 3`` tells a machine, not a word to compare: the machine's name instead."""
    text = _CACES.sub(lambda m: " " + " ".join(lex.caces.get("r" + m.group(1), ())) + " ", text)
    shorter = _GRADE.sub(" ", _LICENCE.sub(" ", _CACES_BARE.sub(" ", text)))
    return shorter if _WORD.search(shorter) else text


def overlap(left: Sequence[str], right: Sequence[str]) -> int:
    """How many last words of left are, but for their gender, the first words of right."""
    a, b = [stem(word) for word in left], [stem(word) for word in right]
    for size in range(min(len(a), len(b)), 0, -1):
        if a[-size:] == b[:size]:
            return size
    return 0


def merge_pairs(text: str) -> list[list[str]]:
    """Words of each side of the slashes, ``X / Y`` that are one occupation in two genders made one.

    ``assistant éducateur / assistante éducatrice d'activités`` gives one list, ``valet / femme de chambre`` two.
    """
    sides: list[list[str]] = []
    for part in _SLASH.split(text):
        words = _WORD.findall(part)
        if not words:
            continue
        shared = overlap(sides[-1], words) if sides else 0
        if shared:
            sides[-1] = sides[-1] + words[shared:]
        else:
            sides.append(words)
    return sides


def _replace(words: list[str], table: dict[tuple[str, ...], tuple[str, ...]], longest: dict[str, int]) -> list[str]:
    """`longest`: how many words the longest phrase has that begins with a word."""
    out: list[str] = []
    i = 0
    while i < len(words):
        for size in range(min(longest.get(words[i], 0), len(words) - i), 0, -1):
            found = table.get(tuple(words[i : i + size]))
            if found is not None:
                out.extend(found)
                i += size
                break
        else:
            out.append(words[i])
            i += 1
    return out


@lru_cache(maxsize=1)
def _phrase_table() -> tuple[dict[tuple[str, ...], tuple[str, ...]], dict[str, int]]:
    lex = lexicon()
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for phrases in (lex.noise_phrases, lex.place_phrases):
        table.update(dict.fromkeys(phrases, ()))
    table.update(lex.phrases)
    for phrase, instead in list(table.items()):  # written as words, met again as stems
        table.setdefault(tuple(stem(word) for word in phrase), instead)
    longest: dict[str, int] = {}
    for phrase in table:
        longest[phrase[0]] = max(len(phrase), longest.get(phrase[0], 0))
    return table, longest


def _significant(words: list[str], lex: Lexicon) -> list[str]:
    """Without advertisement words and places, unless nothing else would remain."""
    kept = [w for w in words if w not in lex.noise and w not in lex.places]
    while len(kept) > 1 and kept[0] in lex.noise_first:
        kept = kept[1:]
    while len(kept) > 1 and kept[-1] in _DEPARTMENTS:
        kept = kept[:-1]
    return kept or words


def _turn(words: list[str]) -> list[str]:
    lex = lexicon()
    table, longest = _phrase_table()
    words = _replace(words, table, longest) or words
    words = _significant(words, lex)
    words = [new for word in words for new in lex.words.get(word, (word,))]
    kept = [word for word in words if word not in lex.stop] or words
    return list(dict.fromkeys(stem(word) for word in kept))


def settle(words: Sequence[str]) -> tuple[str, ...]:
    """Words rewritten until nothing changes: this is what makes normalise idempotent."""
    current = list(words)
    for _round in range(8):
        following = _turn(current)
        if following == current:
            break
        current = following
    return tuple(current)


def sides(text: str) -> list[list[str]]:
    """The plain words of each alternative of a title (one list unless a slash separates two occupations)."""
    text = _machines(_marks(plain(text[:LONGEST])), lexicon())
    return merge_pairs(text)


@lru_cache(maxsize=400_000)
def normalise(text: str) -> str:
    """One form for a French job title: plain stems separated by spaces, in the title's order, each once.

    ``normalise(normalise(t)) == normalise(t)``; gender, number, accents, case, H/F marks, contract and place words
    change nothing; abbreviations of the trades are written out. Empty when the text holds no letter or digit.

    >>> normalise("URGENT Maçon(ne) VRD N3P2 (H/F)")
    'macon voiri reseau diver'
    """
    return " ".join(settle([word for side in sides(text) for word in side]))


_BRACKETS = re.compile(r"\([^()]*\)|-[A-Z]{2,6}-")


@lru_cache(maxsize=40_000)
def forms(label: str) -> tuple[str, ...]:
    """The normalised forms under which a taxonomy's label is looked up: whole, without brackets, each alternative."""
    texts = [label]
    bare = _BRACKETS.sub(" ", label)
    if bare != label:
        texts.append(bare)
    found = dict.fromkeys(normalise(text) for text in texts)
    alternatives = sides(bare)
    if len(alternatives) > 1:
        found.update(dict.fromkeys(" ".join(settle(side)) for side in alternatives))
    return tuple(form for form in found if form) or ("",)
