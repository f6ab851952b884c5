"""Recognising a column of social security numbers (NIR), so that it is refused unread.

Structure: INSEE, « Numéro d'inscription au répertoire » (décret n° 82-103 of 22 January 1982): sex, year, month,
département, commune, order, and a key 97 − (number mod 97), Corsica's 2A and 2B counting as 19 and 18.

Thirteen characters carry no key, so other long numbers look alike. Without a key only real months (01 to 12) count,
and a column of valid EAN-13 bar codes is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matcher.errors import NirRefused
from matcher.locale import _
from matcher.vocabulary import fold

_NUMBER = r"(?:numero|num|nbr|no|n|matricule|identifiant|immatriculation|immat|code|id)"
_LINK = r"(?:(?:de|du|d|la|l|a|au) )*"
# Headers as lower-case words: « N° de sécurité sociale » is « n de securite sociale ».
_SPACED = re.compile(
    rf"(?:.* )?(?:n i r|nir|nirs|nirpp|nss|ssn|numss|noss|nnir|numnir)\d*(?: .*)?"
    rf"|(?:.* )?{_NUMBER} {_LINK}(?:secu|securite|sec) ?soc(?:iale)?(?: .*)?"
    rf"|(?:.* )?{_NUMBER} {_LINK}(?:secu|ss|carte vitale|vitale|assure|assuree)(?: .*)?"
    rf"|{_NUMBER} {_LINK}securite"
    r"|(?:secu|ss|securite ?sociale|secu ?sociale|carte vitale)(?: (?:numero|num|no|n))?"
    r"|(?:.* )?numero d inscription au repertoire(?: .*)?|(?:.* )?social security(?: (?:number|no|num|n)(?: .*)?)?"
)
# The same written in one word: « numsecu », « NOSS », « numerosecuritesociale ».
_GLUED = re.compile(
    r"(?:numero|num|no|n)(?:dela|de|d|la|a)?(?:securitesociale.*|secu(?!rit).*|securite|(?:ss|nir)\d*)|.*securitesocialenumero"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
_APART = r"[\s.\-_/\x{a0}\x{2009}\x{202f}]*"
_ROUGH = (
    rf"^=?['\"\s]*[123478]{_APART}(?:\d{_APART}){{4}}[\dABab]{_APART}(?:[\dABab]{_APART}){{7}}"
    rf"(?:\d{_APART}){{0,2}}(?:[.,]0+)?['\"\s]*$|^['\"\s]*[123478](?:[.,]\d+)?[eE]\+?1[24]['\"\s]*$"
)
_SHORT = re.compile(r"([123478])(\d{2})(\d{2})(\d{2}|2[AB])(\d{3})(\d{3})", re.ASCII)
_FLOAT = re.compile(r"[.,]0+$")
_DECIMAL = re.compile(r"\d+[.,]\d+")  # one point is that of a number; a NIR is cut in more than two
_SEPARATORS = re.compile(r"[\s\u00a0\u2009\u202f.\-_/]")
_SCIENTIFIC = re.compile(r"([123478])(?:[.,](\d+))?[eE]\+?(1[24])", re.ASCII)


def _plausible_month(month: str, *, real: bool) -> bool:
    """Real months and, where a key confirms the number, INSEE's pseudo-months (20, 30-42, 50-99) for unknown ones."""
    number = int(month)
    return 1 <= number <= 12 or (not real and (number == 20 or 30 <= number <= 42 or number >= 50))


def looks_like_nir(text: str) -> bool:
    """True for 13 characters of the right structure, or 15 with a valid key, mangled by a spreadsheet or not."""
    cell = text.strip().removeprefix("=").strip("'\"").strip()  # ="…" keeps a spreadsheet from rounding a number
    scientific = _SCIENTIFIC.fullmatch(cell)
    if scientific:
        digits, exponent = scientific[2] or "", int(scientific[3])
        if len(digits) < exponent:
            return len(digits) < 4 or _plausible_month(digits[2:4], real=exponent == 12)
        cell = f"{Decimal(cell.replace(',', '.')):.0f}"
    cell = _FLOAT.sub("", cell)
    if _DECIMAL.fullmatch(cell):
        return False
    cell = _SEPARATORS.sub("", cell).upper()
    short = _SHORT.fullmatch(cell[:13])
    if len(cell) not in (13, 15) or not short:
        return False
    if not _plausible_month(short[3], real=len(cell) == 13) or "000" in (short[5], short[6]) or short[4] == "00":
        return False
    if len(cell) == 13:
        return True
    number = int(cell[:13].replace("2A", "19").replace("2B", "18"))
    return cell[13:].isdecimal() and int(cell[13:]) == 97 - number % 97


def _is_ean(text: str) -> bool:
    """A valid EAN-13 (GS1 General Specifications, check digit: weights 1 and 3)."""
    if len(text) != 13 or not text.isdecimal():
        return False
    digits = [int(digit) for digit in text]
    return (sum(digits[0:12:2]) + 3 * sum(digits[1:12:2]) + digits[12]) % 10 == 0


def names_nir(header: str) -> bool:
    """True when a column's name announces a NIR, however it is written."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", header) if not unicodedata.combining(c))
    whole = " ".join(re.findall(r"[a-z0-9]+", plain.casefold()))
    camel = " ".join(_WORDS.findall(plain)).casefold()
    return bool(_SPACED.fullmatch(whole) or _SPACED.fullmatch(camel) or _GLUED.fullmatch(fold(header)))


def refuse_nir_header(header: str, file: str) -> None:
    """Raise NirRefused when the column's name announces a NIR, or is one (a file without headers)."""
    if names_nir(header) or looks_like_nir(header):
        raise _refusal(header, file)


def refuse_nir_values(header: str, values: pa.ChunkedArray, file: str) -> None:
    """Raise NirRefused when at least half the filled cells have the structure of a NIR."""
    counts = pc.value_counts(pc.drop_null(values))
    refuse_nir_words(header, counts.field("values"), np.asarray(counts.field("counts")), file)


def refuse_nir_words(header: str, words: pa.Array, counts: np.ndarray[Any, Any], file: str) -> None:
    """The same for distinct texts and how many cells hold each."""
    lengths = np.asarray(pc.fill_null(pc.binary_length(words), 0))
    long_enough = np.flatnonzero((lengths >= 5) & (lengths <= 64) & (counts > 0))
    if not len(long_enough):
        return
    some = words.take(pa.array(long_enough))
    rough = long_enough[np.asarray(pc.match_substring_regex(some, _ROUGH))]
    if not len(rough):
        return
    filled = int(counts[np.asarray(pc.not_equal(pc.utf8_trim_whitespace(pc.fill_null(words, "")), ""))].sum())
    if 2 * int(counts[rough].sum()) < filled:
        return
    found = [
        (text, count)
        for text, count in zip(words.take(pa.array(rough)).to_pylist(), counts[rough].tolist(), strict=True)
        if looks_like_nir(text)
    ]
    if len(found) >= 3 and all(_is_ean(text.strip()) for text, _count in found):
        return
    if found and 2 * sum(count for _text, count in found) >= filled:
        raise _refusal(header, file)


def _refusal(header: str, file: str) -> NirRefused:
    shown = "…" if any(character.isdigit() for character in header) and looks_like_nir(header) else header
    return NirRefused(
        _(
            "{file} : la colonne « {column} » contient des numéros de sécurité sociale (NIR). "
            "Le fichier n'a pas été lu plus loin et aucun numéro n'a été conservé."
        ).format(file=file, column=shown[:200]),
        _("Supprimer cette colonne : le rapprochement n'en a pas besoin et la loi en restreint l'usage."),
    )
