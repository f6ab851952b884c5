"""Everyday titles of the trades met in social clauses, read once from everyday.yml."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from matcher.titles.normalise import forms, normalise
from matcher.yamltext import load_yaml


@lru_cache(maxsize=1)
def everyday_titles() -> tuple[tuple[str, str], ...]:
    """(ROME 4.0 code, title) pairs, in the file's order; no two titles have one normalised form."""
    text = files("matcher.titles").joinpath("everyday.yml").read_text("utf-8")
    raw: dict[str, Any] = load_yaml(text)
    return tuple((str(code), str(title)) for code, titles in raw.items() for title in titles)


def with_everyday(codes: Sequence[str], labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """(codes, labels) of a ROME with the everyday titles added.

    Left out: a title whose code this ROME lacks, and one that is word for word a label, of whatever code: what the
    reference says is not contradicted.
    """
    held = {form for label in labels for form in forms(label)}
    known = frozenset(codes)
    more = [(code, title) for code, title in everyday_titles() if code in known and normalise(title) not in held]
    return [*codes, *(code for code, _title in more)], [*labels, *(title for _code, title in more)]
