"""Values as people write them, brought to one form in which they can be compared. An empty text is unknown."""

from __future__ import annotations

import re

from matcher.reference.text import normalise_place
from matcher.titles.normalise import plain

# Words that come and go before or between the parts of a name, and those that say which name it is.
PARTICLES = frozenset(
    re.findall(
        r"\w+",
        "de du des d le la les l da das do dos di del della van von der den ter ten zu ben bin ibn bint ould ait el"
        " al abu bou epouse ep epse nee ne veuve vve usage dit dite m mme mlle mr",
    )
)
_LETTERS = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "ı": "i", "þ": "th"}
_TRANSLITERATED = str.maketrans(_LETTERS)
_APOSTROPHE = re.compile(r"['’`ʼ]")
_WORDS = re.compile(r"[a-z0-9]+")
_DIGITS = re.compile(r"\d+")
_FIRST_PHONE = re.compile(r"[;/|,]|\bou\b")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_NO_REAL_PHONE = re.compile(r"0?(\d)\1{7,}")


def name(text: str) -> str:
    """Words of a name without accents, case, hyphens or particles: ``"De La Tour-Dupont"`` → ``"tour dupont"``."""
    bare = plain(text.translate(_TRANSLITERATED))
    # d'Angelo is de Angelo; M'Barek is one word.
    bare = re.sub(r"\b([dl])['’`ʼ]", r"\1 ", bare)
    words = _WORDS.findall(_APOSTROPHE.sub("", bare))
    kept = [word for word in words if word not in PARTICLES] or words
    return " ".join(kept)


def words(text: str) -> str:
    """Words of an address or another text, without accents, case or punctuation."""
    return " ".join(_WORDS.findall(plain(text)))


def code(text: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(_WORDS.findall(plain(text)))


def phone(text: str) -> str:
    """A French number as its nine last digits, whatever its form; another country's as its digits; else unknown.

    ``"+33 (0)6 12 34 56 78"``, ``"0033612345678"`` and ``"06.12.34.56.78"`` are one.
    """
    first = next((part for part in _FIRST_PHONE.split(text) if len(_DIGITS.findall(part)) and len(part) > 6), text)
    digits = "".join(_DIGITS.findall(first.replace("(0)", "")))
    digits = digits.removeprefix("00")
    if len(digits) >= 11 and digits.startswith("33"):
        digits = digits[2:]
    if len(digits) == 10 and digits.startswith("0"):
        digits = digits[1:]
    return "" if len(digits) < 8 or _NO_REAL_PHONE.fullmatch(digits) else digits


def email(text: str) -> str:
    """An address in lower case, without what follows a plus sign; without an @ it is unknown."""
    local, at, domain = text.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    return f"{local}@{domain}" if at and local and domain else ""


def date(text: str) -> str:
    """Eight digits, year first; any other writing is unknown."""
    found = _DATE.match(text.strip())
    return "".join(found.groups()) if found else ""


def squeezed(text: str) -> str:
    """A cleaned text without its spaces."""
    return text.replace(" ", "")


_SOUNDS = (
    (re.compile(r"ou|oo|w"), "u"),
    (re.compile(r"sch|tch|ch|sh"), "s"),
    (re.compile(r"kh|gh|ck|qu|q|c(?![iey])"), "k"),
    (re.compile(r"c(?=[iey])"), "s"),
    (re.compile(r"dj|dz|dh"), "j"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"z"), "s"),
    (re.compile(r"v"), "f"),
    (re.compile(r"y"), "i"),
)
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiou]")
_SILENT_H = re.compile(r"^h|(?<=[bdglmnrst])h")


def sound(text: str) -> str:
    """Consonants of a cleaned name after the spellings that transliterations exchange: Mohamed and Muhammad are one.

    A first vowel is kept as ``a``: Oleksandr and Alexander are one. Written for this project; a key, not a proof.
    """
    heard = squeezed(text)
    for pattern, instead in _SOUNDS:
        heard = pattern.sub(instead, heard)
    heard = _SILENT_H.sub("", heard)
    first, rest = heard[:1], heard[1:]
    start = "a" if _VOWELS.match(first) else first
    return _DOUBLED.sub(r"\1", start + _VOWELS.sub("", rest))


def place(text: str) -> str:
    """A code in capitals as the contract writes it, or a town's name in one form."""
    return code(text).upper() if any(map(str.isdigit, text[:2])) else normalise_place(text)
