"""The fairness figures, ready for the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matcher.fairness import Commitment, Fairness
from matcher.locale import _
from matcher.report.formats import bounds, number, percent, whole


@dataclass(frozen=True)
class Group:
    """One group: words for the table; `rate`, `low`, `high` as shares of the chart's width. Hidden: words empty."""

    label: str
    hidden: bool
    people: str = ""
    eligible: str = ""
    listed: str = ""
    percent: str = ""
    interval: str = ""
    ratio: str = ""
    ratio_interval: str = ""
    places: str = ""
    exposure: str = ""
    exposure_interval: str = ""
    equal_score: str = ""
    equal_score_interval: str = ""
    equal_job: str = ""
    equal_job_interval: str = ""
    rate: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Split:
    """One dimension and its groups."""

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Rates:
    """All dimensions; `top` is the rate at the right end of the chart, `overall` the whole pool's place on it."""

    splits: tuple[Split, ...]
    top: float
    overall: float
    aims: tuple[tuple[str, str, str, str, str], ...]
    commitments: tuple[tuple[str, str], ...]
    any_hidden: bool


def rates(found: Fairness) -> Rates:
    """The tables of `found` in words and chart places."""
    highest = float(found.rates["high"].max(skipna=True)) if len(found.rates) else 1.0
    top = next(step for step in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0) if not highest > step)
    coverage = found.exposure.coverage
    return Rates(
        splits=tuple(
            Split(_(dimension.title), tuple(_groups(found, name, top)))
            for name, dimension in found.dimensions.items()
        ),
        top=top,
        overall=coverage / top if coverage == coverage else 0.0,
        aims=tuple(
            (
                _(a.label),
                whole(a.listed),
                percent(a.share_listed, 1),
                bounds(a.low, a.high, percent),
                percent(a.share_pool, 1),
            )
            for a in found.aims
        ),
        commitments=tuple((_(one.label), _value(one)) for one in found.commitments),
        any_hidden=bool(found.rates["hidden"].any()),
    )


def _value(one: Commitment) -> str:
    if one.name.endswith("share"):
        return percent(one.value)
    return number(one.value, 1) if one.name == "months" else whole(one.value)


def _ratios(low: float, high: float) -> str:
    return bounds(low, high, lambda value: number(value, 2))


def _groups(found: Fairness, dimension: str, top: float) -> Iterator[Group]:
    labels = found.dimensions[dimension].groups
    rows: Iterator[Any] = found.rates[found.rates["dimension"] == dimension].itertuples(index=False)
    for row in rows:
        label = _(labels[row.group])
        if row.hidden:
            yield Group(label, True)
            continue
        yield Group(
            label,
            False,
            whole(row.people),
            whole(row.eligible),
            whole(row.listed),
            percent(row.rate),
            bounds(row.low, row.high, percent),
            number(row.ratio, 2),
            _ratios(row.ratio_low, row.ratio_high),
            whole(row.places),
            number(row.exposure_ratio, 2),
            _ratios(row.exposure_ratio_low, row.exposure_ratio_high),
            number(row.equal_score, 2),
            _ratios(row.equal_score_low, row.equal_score_high),
            number(row.equal_job, 2),
            _ratios(row.equal_job_low, row.equal_job_high),
            row.rate / top,
            row.low / top,
            row.high / top,
        )
