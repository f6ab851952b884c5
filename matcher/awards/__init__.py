"""Award notices → insertion hours → positions.

`import_awards` reads every published form of a notice; `convert` says of each what it owes and opens its positions.
"""

from __future__ import annotations

from matcher.awards.convert import (
    AWARD_COLUMNS,
    Conversion,
    ConversionOptions,
    convert,
    positions_from_awards,
)
from matcher.awards.hours import MINIMUM_HOURS, Defaults, insertion_hours, load_defaults, rounded
from matcher.awards.reading import EXTRA_COLUMNS, awards_in, awards_of, import_awards, read_awards
from matcher.awards.templates import Template, Templates, load_templates

__all__ = [
    "AWARD_COLUMNS",
    "EXTRA_COLUMNS",
    "MINIMUM_HOURS",
    "Conversion",
    "ConversionOptions",
    "Defaults",
    "Template",
    "Templates",
    "awards_in",
    "awards_of",
    "convert",
    "import_awards",
    "insertion_hours",
    "load_defaults",
    "load_templates",
    "positions_from_awards",
    "read_awards",
    "rounded",
]
