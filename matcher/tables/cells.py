"""One parser per kind of column: the text of a cell → its canonical value, or a message with the mend.

A message never repeats the value (it may be personal); the caller reports the value where it may.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from matcher.locale import _
from matcher.schema import Column, Kind
from matcher.vocabulary import QUALIFICATION_WORDS, YES_NO, fold

MAX_CELL = 32_767  # a spreadsheet's own limit, in characters
EMPTY_LIST = "none"
EMPTY_WORDS = frozenset({"none", "aucun", "aucune"})
PERMANENT_WORDS = frozenset({"permanent", "permanente", "definitif", "definitive", "illimite", "sansfin"})
PERMANENT_DAY = date(9999, 12, 31)
NEVER_DAY = date(1, 1, 1)

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+\d{1,2}[:h]\d{2}(?::\d{2})?)?")
_SERIAL_DATE = re.compile(r"\d{5}")
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d*)?")


class BadCell(ValueError):
    """The cell cannot be read; the message says how it should be written."""


def parse_date(text: str) -> date:
    """`YYYY-MM-DD` or `DD/MM/YYYY` (a time is dropped); years 1900 to 9999. Raises BadCell."""
    iso = _ISO_DATE.fullmatch(text)
    french = None if iso else _FRENCH_DATE.fullmatch(text)
    try:
        if iso:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif french:
            day = date(int(french[3]), int(french[2]), int(french[1]))
        elif _SERIAL_DATE.fullmatch(text):
            raise BadCell(_("nombre au lieu d'une date ; mettre la colonne au format Date dans le tableur"))
        else:
            raise BadCell(
                _("date illisible ; l'écrire AAAA-MM-JJ ou JJ/MM/AAAA, par exemple 2026-03-31 ou 31/03/2026")
            )
    except BadCell:
        raise
    except ValueError:
        raise BadCell(_("cette date n'existe pas au calendrier ; vérifier le jour et le mois")) from None
    if day.year < 1900:
        raise BadCell(bad_year())
    return day


def bad_year() -> str:
    """The message for a year that no file of ours can mean."""
    return _("année avant 1900 ; l'écrire avec ses quatre chiffres, par exemple 31/03/2026")


def parse_number(text: str) -> float:
    """Decimal point or comma, optional plain, no-break or thin spaces between thousands. Raises BadCell."""
    if _GROUPED.fullmatch(text):
        text = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(text):
        raise BadCell(_("nombre illisible ; l'écrire en chiffres, par exemple 12,5 ou 12.5, sans unité"))
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise BadCell(_("nombre hors de toute mesure ; vérifier la saisie"))
    return value


def _bounded(value: float, column: Column) -> float:
    if column.low is not None and value < column.low:
        raise BadCell(_("nombre trop petit ; attendu au moins {low:g}").format(low=column.low))
    if column.high is not None and value > column.high:
        raise BadCell(_("nombre trop grand ; attendu au plus {high:g}").format(high=column.high))
    return value


def _number(text: str, column: Column) -> float:
    return _bounded(parse_number(text), column)


def _rate(text: str, column: Column) -> float:
    if text.endswith("%"):
        return _bounded(parse_number(text[:-1].rstrip()) / 100, column)
    value = parse_number(text)
    if value > 1:
        raise BadCell(_("taux supérieur à 1 ; écrire 0,05 ou 5 % pour cinq pour cent"))
    return _bounded(value, column)


def _integer(text: str, column: Column) -> float:
    value = parse_number(text)
    if value != math.floor(value):
        raise BadCell(_("nombre entier attendu, sans décimales"))
    return _bounded(value, column)


def _level(text: str, column: Column) -> float:
    # A number is read as one: without punctuation « -1 » would be 1 and « 4.0 » would be 40.
    level = parse_number(text) if _NUMBER.fullmatch(text) else QUALIFICATION_WORDS.get(fold(text))
    if level is None or level not in range(9):
        raise BadCell(_("niveau inconnu ; écrire un nombre de 0 (sans diplôme) à 8, ou CAP, BEP, bac, bac+2…"))
    return float(level)


def _tri(text: str, column: Column) -> bool:
    try:
        return YES_NO[text.casefold()]
    except KeyError:
        raise BadCell(_("ni oui ni non ; écrire oui ou non, ou laisser vide si ce n'est pas connu")) from None


def _date(text: str, column: Column) -> date:
    word = fold(text)
    if "permanent" in column.special and word in PERMANENT_WORDS:
        return PERMANENT_DAY
    if "none" in column.special and word in EMPTY_WORDS:
        return NEVER_DAY
    return parse_date(text)


def _text(text: str, column: Column) -> str:
    if not column.width:
        return text
    code = text.removesuffix(".0") if text[:-2].isdecimal() else text  # a code that a program took for a number
    if code.isdecimal() and len(code) == column.width - 1:
        return code.zfill(column.width)  # a leading zero lost by a spreadsheet
    return code


def _unknown_word(words: Mapping[str, str]) -> BadCell:
    known = ", ".join(dict.fromkeys(words.values()))
    return BadCell(_("mot inconnu ; mots admis : {words}").format(words=known))


def _choice(text: str, column: Column) -> str:
    words = column.words or {}
    code = words.get(fold(text))
    if code is None and column.closed:
        raise _unknown_word(words)
    return text if code is None else code


def split_items(text: str) -> list[str]:
    """The items of a list cell, trimmed, empty ones left out."""
    return [item for part in text.split("|") if (item := part.strip())]


def _items(text: str, read: Callable[[str], str | None]) -> str:
    """The items in order, each once; `read` gives None for the word that means there is none."""
    values = [read(item) for item in split_items(text)]
    if None not in values:
        return "|".join(dict.fromkeys(filter(None, values)))
    if len(values) == 1:
        return EMPTY_LIST
    raise BadCell(_("« aucun » ne va pas avec d'autres éléments ; garder l'un ou l'autre"))


def _word(item: str, column: Column) -> str:
    words = column.words
    if not words:
        return item
    code = words.get(fold(item))
    if code is not None:
        return code
    if re.search(r"[,;/]", item):
        raise BadCell(_("plusieurs éléments dans un seul ; les séparer par une barre |"))
    if column.closed:
        raise _unknown_word(words)
    return item


def _dated_item(item: str, column: Column) -> str:
    name, at, day = item.rpartition("@")
    if not at:
        return _word(item, column)
    if not name.strip():
        raise BadCell(_("un élément daté s'écrit nom@AAAA-MM-JJ"))
    return f"{_word(name.strip(), column)}@{parse_date(day.strip()).isoformat()}"


def _weighted_item(item: str, column: Column) -> str:
    name, colon, months = item.rpartition(":")
    if not colon:
        return item
    if not name.strip():
        raise BadCell(_("un élément chiffré s'écrit nom:nombre, par exemple F1703:18"))
    value = parse_number(months.strip())
    if value < 0:
        raise BadCell(_("nombre trop petit ; attendu au moins {low:g}").format(low=0))
    return f"{name.strip()}:{plain_number(value)}"


Value = str | float | bool | date
PARSERS: Mapping[Kind, Callable[[str, Column], Value]] = {
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.CHOICE: _choice,
    Kind.DATE: _date,
    Kind.TRI: _tri,
    Kind.NUMBER: _number,
    Kind.RATE: _rate,
    Kind.INTEGER: _integer,
    Kind.LEVEL: _level,
}
ITEM_PARSERS: Mapping[Kind, Callable[[str, Column], str]] = {
    Kind.LIST: _word,
    Kind.DATED_LIST: _dated_item,
    Kind.WEIGHTED_LIST: _weighted_item,
}


def parser(column: Column) -> Callable[[str], Value]:
    """The function that reads one trimmed cell of the column, or raises BadCell."""
    if column.kind not in ITEM_PARSERS:
        parse = PARSERS[column.kind]
        return lambda text: parse(text, column)
    read = item_reader(column)
    return lambda text: _items(text, read)


def item_reader(column: Column) -> Callable[[str], str | None]:
    """The function that reads one item of a list column: None for the word that says there is none.

    It remembers the items it has read, since the same few make up most cells. Raises BadCell.
    """
    parse_item = ITEM_PARSERS[column.kind]
    seen: dict[str, str | None] = {}

    def read(item: str) -> str | None:
        if item not in seen:
            seen[item] = None if fold(item) in EMPTY_WORDS else parse_item(item, column)
        return seen[item]

    return read


def plain_number(value: float) -> str:
    """The shortest text that reads back as the same number, whole numbers without decimals."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e17 else repr(float(value))


def text_of(value: object) -> str | None:
    """The text a person would have typed for a value of a spreadsheet, JSON or Python; None when unknown.

    Raises BadCell for an object or bytes inside a cell.
    """
    if isinstance(value, np.datetime64):
        value = None if np.isnat(value) else str(value.astype("datetime64[D]"))
    elif isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadCell(_("nombre hors de toute mesure ; vérifier la saisie"))
        return plain_number(value)
    if isinstance(value, list | tuple):
        return _joined(value)
    if isinstance(value, dict | bytes | bytearray):
        raise BadCell(_("objet dans une cellule ; y mettre un texte, un nombre ou une liste"))
    if isinstance(value, set | frozenset):
        return _joined(sorted(value, key=str))
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)


def _joined(values: list[object] | tuple[object, ...]) -> str:
    items = []
    for value in values:
        if isinstance(value, list | tuple | dict):
            raise BadCell(_("liste dans une liste ; une seule liste par cellule"))
        text = text_of(value)
        if text is not None and "|" in text:
            raise BadCell(_("barre | dans un élément ; chaque élément de la liste à part"))
        items.append(text or "")
    return "|".join(items) if items else EMPTY_LIST
