"""Recognising a column of social security numbers (NIR), so that it is refused unread.

Structure: INSEE, « Numéro d'inscription au répertoire » (décret n° 82-103 of 22 January 1982): sex, year, month,
département, commune, order, and a key 97 − (number mod 97), Corsica's 2A and 2B counting as 19 and 18.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from matcher.errors import NirRefused
from matcher.locale import _
from matcher.vocabulary import fold

_HEADER = re.compile(
    r"^(nir|nirs|.*(?<![a-z])nir|nnir|numerosecu.*|nsecu.*|numsecu.*|nosecu.*|.*securitesociale.*|.*numeross|.*numss|nss|ssn"
    r"|.*numerodinscriptionaurepertoire.*)$"
)
_ROUGH = r"^\W*[123478][\s.\-_/]*\d([\s.\-_/]*[\dABab]){3,13}|^\W*[123478]([.,]\d+)?[eE]\+?1[24]\s*$"
_SHORT = re.compile(r"([123478])(\d{2})(\d{2})(\d{2}|2[AB])(\d{3})(\d{3})")
_FLOAT = re.compile(r"[.,]0+$")
_SCIENTIFIC = re.compile(r"([123478])(?:[.,](\d+))?[eE]\+?1[24]")


def _plausible_month(month: str) -> bool:
    """Real months, and INSEE's pseudo-months (20, 30-42, 50-99) for unknown ones."""
    number = int(month)
    return 1 <= number <= 12 or number == 20 or 30 <= number <= 42 or 50 <= number <= 99


def looks_like_nir(text: str) -> bool:
    """True for 13 characters of the right structure, or 15 with a valid key, mangled by a spreadsheet or not."""
    cell = text.strip().strip("'\"")
    scientific = _SCIENTIFIC.fullmatch(cell)
    if scientific:
        digits = scientific[2] or ""
        return len(digits) < 4 or _plausible_month(digits[2:4])
    cell = re.sub(r"[\s\u00a0\u2009\u202f.\-_/]", "", _FLOAT.sub("", cell)).upper()
    if len(cell) not in (13, 15):
        return False
    short = _SHORT.fullmatch(cell[:13])
    if not short or not _plausible_month(short[3]) or short[6] == "000" or short[4] == "00":
        return False
    if len(cell) == 13:
        return True
    number = int(cell[:13].replace("2A", "19").replace("2B", "18"))
    return cell[13:].isdecimal() and int(cell[13:]) == 97 - number % 97


def refuse_nir_header(header: str, file: str) -> None:
    """Raise NirRefused when the column's name announces a NIR."""
    spaced = re.sub(r"[^a-z0-9]+", " ", header.casefold()).split()
    if "nir" in spaced or (_HEADER.match(fold(header)) and fold(header) not in {"souvenir", "avenir"}):
        raise _refusal(header, file)


def refuse_nir_values(header: str, values: pa.ChunkedArray, file: str) -> None:
    """Raise NirRefused when at least half the filled cells have the structure of a NIR."""
    filled = pc.drop_null(values)
    filled = filled.filter(pc.not_equal(pc.utf8_trim_whitespace(filled), ""))
    if len(filled) == 0:
        return
    rough = filled.filter(pc.match_substring_regex(filled, _ROUGH))
    if 2 * len(rough) < len(filled):
        return
    counts = pc.value_counts(rough)
    hits = sum(
        count
        for value, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
        if looks_like_nir(value)
    )
    if 2 * hits >= len(filled):
        raise _refusal(header, file)


def _refusal(header: str, file: str) -> NirRefused:
    return NirRefused(
        _(
            "{file} : la colonne « {column} » contient des numéros de sécurité sociale (NIR). "
            "Le fichier n'a pas été lu plus loin et aucun numéro n'a été conservé."
        ).format(file=file, column=header),
        _("Supprimer cette colonne : le rapprochement n'en a pas besoin et la loi en restreint l'usage."),
    )
