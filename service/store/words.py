"""What the database is asked of texts: one fact of a JSON object; words compared without accents or capitals."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import String, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

PLAIN = "clausematch_plain"  # the function that connections to SQLite have
_ACCENTED = "àâäéèêëîïôöùûüçÀÂÄÉÈÊËÎÏÔÖÙÛÜÇ"
_BARE = "".join(unicodedata.normalize("NFD", letter)[0].lower() for letter in _ACCENTED)
_TABLE = str.maketrans(_ACCENTED, _BARE)


class _Fact(FunctionElement[str]):
    name = "fact"
    type = String()
    inherit_cache = True


class _Folded(FunctionElement[str]):
    name = "folded"
    type = String()
    inherit_cache = True


def fact(body: ColumnElement[str], name: str) -> ColumnElement[str]:
    """A text of a JSON object, NULL where it is not known. `name` is one of ours, never somebody's."""
    return _Fact(body, literal_column(f"'{name}'"))


def folded(*texts: ColumnElement[str]) -> ColumnElement[str]:
    """Texts joined by spaces, in small letters without accents; unknown ones are left out."""
    return _Folded(*texts)


def plain(text: str | None) -> str:
    """The same of words to look for."""
    return unicodedata.normalize("NFC", text or "").translate(_TABLE).lower()


def _parts(element: FunctionElement[Any], compiler: Any, options: Any) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses]


@compiles(_Fact, "sqlite")
def _fact_sqlite(element: _Fact, compiler: Any, **options: Any) -> str:
    body, name = _parts(element, compiler, options)
    return f"json_extract({body}, '$.' || {name})"


@compiles(_Fact, "postgresql")
def _fact_postgresql(element: _Fact, compiler: Any, **options: Any) -> str:
    body, name = _parts(element, compiler, options)
    return f"(CAST({body} AS json) ->> {name})"


@compiles(_Folded, "sqlite")
def _folded_sqlite(element: _Folded, compiler: Any, **options: Any) -> str:
    joined = " || ' ' || ".join(f"coalesce({part}, '')" for part in _parts(element, compiler, options))
    return f"{PLAIN}({joined})"


@compiles(_Folded, "postgresql")
def _folded_postgresql(element: _Folded, compiler: Any, **options: Any) -> str:
    joined = ", ".join(_parts(element, compiler, options))
    return f"lower(translate(concat_ws(' ', {joined}), '{_ACCENTED}', '{_BARE}'))"
