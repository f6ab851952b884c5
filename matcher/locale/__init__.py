"""French is the source language; English comes from the gettext catalogue beside this file.

`_()` translates at the time of the call, for the language of the current context (one request, one command).
`N_()` marks a constant for extraction and returns it unchanged.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("fr", "en")
_language: ContextVar[str] = ContextVar("language", default="fr")


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("clausematch", Path(__file__).parent, [language], fallback=True)


def _(message: str) -> str:
    """The message in the current language."""
    language = _language.get()
    return message if language == "fr" or not message else _catalogue(language).gettext(message)


def N_(message: str) -> str:
    """The message unchanged, marked for extraction; translate it with `_()` where it is shown."""
    return message


def set_language(language: str) -> None:
    """Choose the language for the rest of the current context; anything but `en` is French."""
    _language.set("en" if language == "en" else "fr")


def current_language() -> str:
    """`fr` or `en`."""
    return _language.get()


def written_day(day: date) -> str:
    """`31/03/2026` in French, `2026-03-31` in English."""
    return day.isoformat() if current_language() == "en" else day.strftime("%d/%m/%Y")


@contextmanager
def language(name: str) -> Iterator[None]:
    """The same for the length of a `with` block."""
    token = _language.set("en" if name == "en" else "fr")
    try:
        yield
    finally:
        _language.reset(token)
