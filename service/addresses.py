"""Identifiers with a slash (`2026/113`), which callers write `%2F` in an address.

The server undoes that before the routes are tried, and the identifier would then look like two parts of an address.
Until a route is found, the slash is held by a character that no identifier has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

HELD = "\x1f"
_SLASH = re.compile(rb"%2f", re.IGNORECASE)
_TAKEN = re.compile(rb"%1f", re.IGNORECASE)


def held(path: str, raw: bytes | None) -> str:
    """The path of an address with its written slashes held; `raw` is the address as it came."""
    if not raw or not _SLASH.search(raw) or _TAKEN.search(raw):
        return path
    return unquote(_SLASH.sub(b"%1F", raw).decode("ascii", errors="replace"))


def released(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a route as callers mean them."""
    return {name: value.replace(HELD, "/") for name, value in parameters.items()}


def address(*parts: str) -> str:
    """The address of a page made of those parts, whatever characters they have: `/people/2026%2F113/edit`."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)
