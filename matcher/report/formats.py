"""Numbers and dates as people read them in the current language; unknown is a dash."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from matcher.locale import _, current_language, written_day
from matcher.vocabulary import NEVER, PERMANENT

DASH = "–"
MAX_TEXT = 300  # a longer title, name or message is cut in the report; the other files have it whole
_NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
_FRENCH_MARKS = {ord(","): _NARROW_SPACE, ord("."): ","}
# Control and direction-changing characters, which could hide or reorder words on a page.
_UNSEEN = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " "),
    **dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)),
    **dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"),
}


def whole(value: Any) -> str:
    """`1 234`, rounded half up."""
    return DASH if _lacking(value) else number(math.floor(float(value) + 0.5), 0)


def number(value: Any, digits: int = 1) -> str:
    """`1 234,5` in French, `1,234.5` in English."""
    if _lacking(value):
        return DASH
    text = f"{float(value):,.{digits}f}"
    return text if current_language() == "en" else text.translate(_FRENCH_MARKS)


def percent(value: Any, digits: int = 0) -> str:
    """0.123 → `12 %`."""
    if _lacking(value):
        return DASH
    sign = "%" if current_language() == "en" else f"{NO_BREAK_SPACE}%"
    return number(100 * float(value), digits) + sign


def bounds(low: Any, high: Any, shown: Any) -> str:
    """`12 % à 24 %` for an interval, each end through `shown`; an infinite end is said in words."""
    if _lacking(low) or _lacking(high):
        return DASH
    if math.isinf(high):
        return _("{low} ou plus").format(low=shown(low))
    return _("{low} à {high}").format(low=shown(low), high=shown(high))


def day(value: Any) -> str:
    """`31/03/2026` in French, `2026-03-31` in English."""
    if value is None or pd.isna(value):
        return DASH
    moment = np.datetime64(value, "D")
    if moment in (PERMANENT, NEVER):
        return DASH
    plain: date = moment.astype(date)
    return written_day(plain)


def seen(text: str) -> str:
    """`text` without characters that cannot be seen."""
    return text if text.isprintable() else text.translate(_UNSEEN)


def clip(value: Any, most: int = MAX_TEXT) -> str:
    """A text cell, cut beyond `most` characters; empty when not known."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    text = " ".join(seen(str(value)).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def plain(value: object) -> str:
    """Any option or version as words."""
    if value is None or value == "" or value == () or value == []:
        return DASH
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, dict):
        return ", ".join(f"{clip(key)} {plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    return clip(value)


def _lacking(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
