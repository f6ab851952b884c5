"""Everyday titles of the trades met in social clauses, read once from everyday.yml."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=1)
def everyday_titles() -> tuple[tuple[str, str], ...]:
    """(ROME 4.0 code, title) pairs, in the file's order; no two titles have one normalised form."""
    raw: dict[str, Any] = yaml.safe_load(files("matcher.titles").joinpath("everyday.yml").read_text("utf-8"))
    return tuple((str(code), str(title)) for code, titles in raw.items() for title in titles)
