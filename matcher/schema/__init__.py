"""One column specification per table: type, role, aliases, words, bounds.

It drives the reading of files, the models of the API, the templates and the data dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcher.schema.awards import AWARDS
from matcher.schema.candidates import CANDIDATES
from matcher.schema.model import Column, Kind, Sensitive, TableSpec
from matcher.schema.outcomes import OUTCOMES
from matcher.schema.positions import POSITIONS

TABLES: Mapping[str, TableSpec] = {spec.name: spec for spec in (CANDIDATES, POSITIONS, AWARDS, OUTCOMES)}

__all__ = [
    "AWARDS",
    "CANDIDATES",
    "OUTCOMES",
    "POSITIONS",
    "TABLES",
    "Column",
    "Kind",
    "Sensitive",
    "TableSpec",
]
