"""Place names as people write them, brought to one comparable form."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur"}
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})
_CEDEX = re.compile(r"\bc[eé]dex\b.*$", re.IGNORECASE)
_BRACKETS = re.compile(r"\(.*?\)")
_NUMBERED = re.compile(
    r"^(paris|lyon|marseille) (\d{1,2})(?: ?(?:e|er|eme|em|ieme|nd|de))?(?: ?(?:arr|arrdt|arrondissement))?$"
)


@lru_cache(maxsize=200_000)
def normalise_place(name: str) -> str:
    """``"ST-MICHEL S/ ORGE CEDEX 2"`` becomes ``"saint michel sur orge"``.

    Accents, case, hyphens, apostrophes and words in brackets do not count; ``St``/``Ste`` are spelled out and
    what follows CEDEX is dropped.
    """
    text = _CEDEX.sub(" ", _BRACKETS.sub(" ", name.translate(_LIGATURES)))
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    words = re.sub(r"[^a-z0-9]+", " ", text).split()
    return " ".join(_WORDS.get(word, word) for word in words)


def without_article(name: str) -> str:
    """A normalised name without its leading article: ``"les ulis"`` becomes ``"ulis"``."""
    first, _, rest = name.partition(" ")
    return rest if rest and first in {"le", "la", "les", "l"} else name


def numbered_arrondissement(name: str) -> tuple[str, int] | None:
    """``"paris 12eme arrondissement"`` (normalised) becomes ``("paris", 12)``; None for any other name."""
    found = _NUMBERED.match(name)
    return (found.group(1), int(found.group(2))) if found else None
