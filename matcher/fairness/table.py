"""fairness.csv: the figures of a run as data, one row per figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from matcher.fairness.merit import EQUAL_JOB, EQUAL_SCORE
from matcher.fairness.rates import EXPOSURE
from matcher.locale import _

if TYPE_CHECKING:
    from matcher.fairness import Fairness

TABLE_COLUMNS = ("dimension", "group", "label", "figure", "value", "low", "high", "hidden")
COUNTS = ("people", "eligible", "listed", "places", "exposure")
WITH_INTERVAL = {
    "rate": ("rate", "low", "high"),
    **{name: (name, f"{name}_low", f"{name}_high") for name in ("ratio", EXPOSURE, EQUAL_SCORE, EQUAL_JOB)},
}
DIGITS = 5
Row = tuple[Any, ...]


def fairness_table(found: Fairness) -> pd.DataFrame:
    """All the figures, columns TABLE_COLUMNS; a hidden group is one row without figures."""
    table = pd.DataFrame([*_all(found), *_groups(found), *_charter(found)], columns=list(TABLE_COLUMNS))
    numbers = ["value", "low", "high"]
    table[numbers] = table[numbers].astype("float64").round(DIGITS)
    return table.astype(dict.fromkeys(("dimension", "group", "label", "figure", "hidden"), "str"))


def _row(dimension: str, group: str, label: str, figure: str, *values: float) -> Row:
    return (dimension, group, label, figure, *values, *[float("nan")] * (3 - len(values)), "no")


def _all(found: Fairness) -> Iterator[Row]:
    exposure = found.exposure
    figures = {
        "eligible": exposure.pool,
        "listed": exposure.listed,
        "places": exposure.places,
        "coverage": exposure.coverage,
        "gini": exposure.gini,
        "most_lists": exposure.most,
        "positions_compared": found.positions_compared,
    }
    for figure, value in figures.items():
        yield _row("all", "all", _("toutes les personnes"), figure, value)


def _groups(found: Fairness) -> Iterator[Row]:
    for row in found.rates.to_dict("records"):
        dimension, group = str(row["dimension"]), str(row["group"])
        label = _(found.dimensions[dimension].groups[group])
        if row["hidden"]:
            yield (dimension, group, label, "", *[float("nan")] * 3, "yes")
            continue
        for figure in COUNTS:
            yield _row(dimension, group, label, figure, row[figure])
        for figure, names in WITH_INTERVAL.items():
            yield _row(dimension, group, label, figure, *(row[name] for name in names))


def _charter(found: Fairness) -> Iterator[Row]:
    for aim in found.aims:
        group = f"{aim.dimension}:{aim.group}"
        yield _row("charter", group, _(aim.label), "share_listed", aim.share_listed, aim.low, aim.high)
        yield _row("charter", group, _(aim.label), "share_eligible", aim.share_pool)
    for one in found.commitments:
        yield _row("charter", "all", _(one.label), one.name, one.value)
