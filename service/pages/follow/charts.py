"""Bars over time, as numbers that a template draws in SVG: no style, no script, and nothing that its table lacks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.report.formats import whole

HEIGHT, LEFT, TOP, BOTTOM = 210.0, 62.0, 14.0, 26.0
LABEL = 62.0  # the room that the name of a period takes
Row = tuple[str, Sequence[float | None]]  # name of a period, one number per series, None for one that is hidden


@dataclass(frozen=True)
class Bar:
    """One number. A hidden one stands on the axis with no height of its own."""

    x: float
    y: float
    width: float
    height: float
    series: int
    hidden: bool
    middle: float


@dataclass(frozen=True)
class Chart:
    """`ticks` are (y, text), `labels` (x, text); `most` is the highest number shown, at `peak`."""

    width: float
    height: float
    left: float
    base: float
    bars: list[Bar]
    ticks: list[tuple[float, str]]
    labels: list[tuple[float, str]]
    most: float | None
    peak: str


def bars(rows: Sequence[Row], width: float = 760.0) -> Chart:
    """Bars side by side for each row, the earliest first."""
    numbers = [(value, name) for name, values in rows for value in values if value is not None]
    most, peak = max(numbers, key=lambda one: one[0], default=(None, ""))
    top = _round_top(most or 0.0)
    base, step = HEIGHT - BOTTOM, (width - LEFT) / max(len(rows), 1)
    drawn = []
    for place, (_name, values) in enumerate(rows):
        each = step * 0.8 / max(len(values), 1)
        for series, value in enumerate(values):
            high = (base - TOP) * (value or 0.0) / top
            x = LEFT + step * (place + 0.1) + each * series
            drawn.append(Bar(x, base - high, each * 0.92, high, series, value is None, x + each * 0.46))
    every = max(1, math.ceil(LABEL / step))
    labels = [(LEFT + step * (place + 0.5), rows[place][0]) for place in range(0, len(rows), every)]
    ticks = [(base - (base - TOP) * part, whole(top * part)) for part in (0.0, 0.5, 1.0)]
    return Chart(width, HEIGHT, LEFT, base, drawn, ticks, labels, most, peak)


def _round_top(most: float) -> float:
    """The end of the axis: 2, 4, 6, 10 or 20 times a power of ten, so that its half is a whole number too."""
    if most <= 2:
        return 2.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(part * power for part in (1, 2, 4, 6, 8, 10) if part * power >= most and (part * power) % 2 == 0)
