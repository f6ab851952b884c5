"""Certificates as people write them → the codes of the tables (``CACES_R482_A``, ``HABILITATION_B0H0``…)."""

from __future__ import annotations

import re
from functools import lru_cache

from matcher.titles.normalise import LONGEST, plain

_CACES = re.compile(r"(?:caces)? ?r? ?(3[1789]\d|48[2-9]|490)((?: ?[a-g0-9]{1,2}(?![a-z0-9]))*)")
_BETWEEN = re.compile(r"\b(?:et|ou|pemp|nacelles?|chariots?|engins?|categories?|cat|type|groupe)\b")
_ELECTRIC = re.compile(r"(?<![a-z0-9])(?:b[0-2rescp]|h[0-2cep]|bo|ho|b1|b2|bp)(?:[vtlnse]|el|xl)?(?![a-z])")
_LICENCE = re.compile(
    r"(?:permis(?: de conduire)?|licence)"
    r" ?(am|a1|a2|a|b1|be|b96|b|c1e|c1|ce|c|d1e|d1|de|d|ec|eb|ed|pl|spl|vl|poids lourd|super lourd)"
)
_LICENCES = {
    "pl": "C",
    "poids lourd": "C",
    "spl": "CE",
    "super lourd": "CE",
    "vl": "B",
    "ec": "CE",
    "eb": "BE",
    "ed": "DE",
}

# What a certificate is called, in the order tried; the first expression found names it.
_NAMED: tuple[tuple[str, str], ...] = (
    (r"\bmac sst\b|\bsst\b|sauveteur secouriste|secourisme du travail|sauvetage secourisme", "SST"),
    (r"\bpsc ?1\b|premiers secours civiques|prevention et secours civiques|\bpsc\b", "PSC1"),
    (r"\baipr\b|intervention a proximite des reseaux", "AIPR"),
    (r"carte (?:d identification )?(?:professionnelle )?(?:pro )?(?:du )?btp", "CARTE_BTP"),
    (r"carte d identification professionnelle", "CARTE_BTP"),
    (r"carte (?:professionnelle|pro) (?:d )?(?:agent )?(?:de )?(?:securite|aps)|\bcnaps\b", "CARTE_PRO_SECURITE"),
    (r"\bfimo voyageurs?\b", "FIMO_VOYAGEURS"),
    (r"\bfimo\b|formation initiale mini", "FIMO"),
    (r"\bfco\b|formation continue obligatoire", "FCO"),
    (r"\bssiap ?1\b", "SSIAP_1"),
    (r"\bssiap ?2\b", "SSIAP_2"),
    (r"\bssiap ?3\b", "SSIAP_3"),
    (r"\bssiap\b", "SSIAP"),
    (r"\bhaccp\b|hygiene alimentaire", "HACCP"),
    (r"\bcertiphyto\b", "CERTIPHYTO"),
    (r"\badr\b", "ADR"),
    (r"\bbafa\b", "BAFA"),
    (r"amiante sous section 3|\bss3\b", "AMIANTE_SS3"),
    (r"amiante sous section 4|\bss4\b", "AMIANTE_SS4"),
    (r"travail(?:ler)? en hauteur|travaux en hauteur|port du harnais", "TRAVAIL_HAUTEUR"),
    (r"\br ?408\b", "R408"),
    (r"\br ?457\b", "R457"),
)  # fmt: skip


def _spaced(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(text[:LONGEST])).split())


def licence_code(text: str) -> str | None:
    """The licence that a text names (``permis B`` → ``B``, ``permis PL`` → ``C``), None when it names none.

    A licence belongs in the column ``licences``; certificates and licences are asked for apart.
    """
    found = _LICENCE.fullmatch(_spaced(text))
    if found is None:
        return None
    return _LICENCES.get(found.group(1), found.group(1).upper())


def _caces(text: str) -> str | None:
    text = _BETWEEN.sub(" ", text)
    found = _CACES.search(" ".join(text.split()))
    if found is None or ("caces" not in text and not re.search(r"\br ?\d{3}", text)):
        return None
    items = re.findall(r"[a-g][0-9]?|[0-9][ab]?", found.group(2))
    return "_".join(["CACES", f"R{found.group(1)}", *(item.upper() for item in sorted(set(items)))])


def _electric(text: str) -> str | None:
    """Electrical habilitation: its symbols in a fixed order, low voltage first (``B0H0``, ``B0H0V``, ``B1V_BR``)."""
    words = "habilitation" in text or "electri" in text
    symbols = [m.group() for m in _ELECTRIC.finditer(re.sub(r"(?<=[0-2ovtl])(?=[bh][0-2o])", " ", text))]
    if not symbols or not (words or len(symbols) > 1):
        return None
    symbols = [re.sub(r"^([bh])o", r"\g<1>0", symbol) for symbol in symbols]
    ordered = sorted(dict.fromkeys(symbols), key=lambda symbol: (symbol[0], symbol))
    joint = "" if all(symbol[1] == "0" for symbol in ordered) else "_"
    return "HABILITATION_" + joint.join(ordered).upper()


@lru_cache(maxsize=100_000)
def normalise_certificate(text: str) -> str:
    """The code of a certificate; a text that names none known is kept, upper case, with underscores. Idempotent.

    Several categories of one CACES stay in one code, in order (``CACES_R489_1A_3``); see split_certificate.
    """
    words = _spaced(text)
    named = next((code for expression, code in _NAMED if re.search(expression, words)), None)
    return named or _caces(words) or _electric(words) or words.upper().replace(" ", "_")


def split_certificate(code: str) -> tuple[str, ...]:
    """A CACES of several categories as one code each, another code alone: ``CACES_R489_1A_3`` → two codes."""
    parts = code.split("_")
    if len(parts) > 3 and parts[0] == "CACES":
        return tuple("_".join((*parts[:2], category)) for category in parts[2:])
    return (code,)
