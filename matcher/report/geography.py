"""The map: where people live, by commune, and where the positions are. Plane coordinates in km around the people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.fairness import MIN_GROUP, hidden
from matcher.locale import _
from matcher.reference.communes import Communes
from matcher.report.formats import whole
from matcher.report.lists import single_places
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.people import Floats
from matcher.shortlist import Result

WIDTH = 720.0
HEIGHTS = (340.0, 780.0)
KM_PER_DEGREE = 111.32  # of latitude, and of longitude at the equator (WGS 84, mean)
MARGIN_KM = 2.5
NEAR_KM = 40.0  # a workplace this close to the people widens the frame; one beyond is only counted
LARGEST = 24.0
SMALLEST = 3.0
MAX_LINES = 60
STRIP = 64.0  # below the map, for its scale and the sizes of circles


@dataclass(frozen=True)
class Mark:
    """A circle of people (`r` > 0; `few` when its number is hidden) or a workplace, at (x, y)."""

    x: float
    y: float
    r: float
    title: str
    few: bool = False


@dataclass(frozen=True)
class Label:
    """A commune's name beside its mark."""

    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True)
class Map:
    """Everything drawn, in pixels, and the same figures as a table (commune, people, positions)."""

    height: float
    people: tuple[Mark, ...]
    workplaces: tuple[Mark, ...]
    labels: tuple[Label, ...]
    large_labels: tuple[Label, ...]
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    grid_km: int
    scale: float
    legend: tuple[tuple[float, float, str], ...]
    strip: float
    lines: tuple[tuple[str, str, str], ...]
    few_communes: int
    more_lines: int
    people_unknown: str
    positions_apart: int
    outside: int
    few_word: str


@dataclass(frozen=True)
class _Frame:
    """Kilometres to pixels."""

    west: float
    north: float
    scale: float
    height: float

    def x(self, km: Floats) -> Floats:
        return np.round((km - self.west) * self.scale, 1)

    def y(self, km: Floats) -> Floats:
        return np.round((self.north - km) * self.scale, 1)

    def holds(self, x: Floats, y: Floats) -> Bools:
        inside: Bools = (x >= 0) & (x <= WIDTH) & (y >= 0) & (y <= self.height)
        return inside


def draw(result: Result) -> Map | None:
    """The map of a run; None when no place is known. Counts under MIN_GROUP, or telling one, are not said."""
    communes = result.engine.communes
    living = result.engine.people.commune[~result.engine.gate.objects]
    places = single_places(result)
    homes, counts = np.unique(living[living >= 0], return_counts=True)
    work, jobs = np.unique(places[places >= 0], return_counts=True)
    if not len(homes) and not len(work):
        return None
    small = hidden(counts.astype(np.int64))
    few_word = (
        _("moins de {n}").format(n=MIN_GROUP) if (counts[small] < MIN_GROUP).all() else _("effectif non affiché")
    )
    plane = _Plane(communes, homes if len(homes) else work, counts if len(homes) else jobs)
    frame = plane.frame(work)
    at_home, at_work = plane.pixels(homes, frame), plane.pixels(work, frame)
    people = _circles(communes, homes, counts, small, at_home, few_word)
    marks = [
        Mark(x, y, 0.0, _("{commune} : {n} poste(s)").format(commune=communes.names[code], n=whole(n)))
        for code, n, x, y in zip(work, jobs, *at_work, strict=True)
    ]
    shown_people, shown_work = frame.holds(*at_home), frame.holds(*at_work)
    shown = np.where(shown_people, counts, 0)
    lines = _lines(communes, homes, counts, small, work, jobs, few_word)
    step = _step(WIDTH / frame.scale)
    most = int(counts[~small].max()) if (~small).any() else 0
    unknown = int(np.count_nonzero(living < 0))
    return Map(
        height=frame.height,
        people=tuple(mark for mark, inside in zip(people, shown_people, strict=True) if inside),
        workplaces=tuple(mark for mark, inside in zip(marks, shown_work, strict=True) if inside),
        labels=_labels(communes, homes, shown, at_home, frame.height, _SMALL),
        large_labels=_labels(communes, homes, shown, at_home, frame.height, _LARGE),
        columns=_grid(frame.west, WIDTH / frame.scale, step, frame.scale, up=True),
        rows=_grid(frame.north - frame.height / frame.scale, frame.height / frame.scale, step, frame.scale, up=False),
        grid_km=step,
        scale=round(step * frame.scale, 1),
        legend=_legend(most),
        strip=STRIP,
        lines=tuple(lines[:MAX_LINES]),
        few_communes=int(np.count_nonzero(small)),
        more_lines=max(0, len(lines) - MAX_LINES),
        people_unknown=whole(unknown),
        positions_apart=int(np.count_nonzero(places < 0)),
        outside=int(np.count_nonzero(~shown_work)) + int(np.count_nonzero(~shown_people)),
        few_word=few_word,
    )


class _Plane:
    """An equirectangular plane around people: x = longitude × cos(their mean latitude), y = latitude, in km."""

    def __init__(self, communes: Communes, homes: Ints, counts: Ints) -> None:
        self._communes = communes
        self._cos = float(np.cos(np.radians(np.average(communes.latitude[homes], weights=counts))))
        self._homes, self._counts = homes, counts

    def km(self, codes: Ints) -> tuple[Floats, Floats]:
        longitude, latitude = self._communes.longitude[codes], self._communes.latitude[codes]
        return longitude * self._cos * KM_PER_DEGREE, latitude * KM_PER_DEGREE

    def frame(self, work: Ints) -> _Frame:
        """A frame around 98 people in a hundred, on each axis, and the workplaces near them."""
        bounds = []
        for home, at in zip(self.km(self._homes), self.km(work), strict=True):
            order = np.argsort(home, kind="stable")
            reached = np.cumsum(self._counts[order]) / self._counts.sum()
            low, high = home[order][np.searchsorted(reached, [0.01, 0.99])]
            near = at[(at > low - NEAR_KM) & (at < high + NEAR_KM)]
            bounds.append(
                (min(low, near.min(initial=low)) - MARGIN_KM, max(high, near.max(initial=high)) + MARGIN_KM)
            )
        (west, east), (south, north) = bounds
        scale = min(WIDTH / (east - west), HEIGHTS[1] / (north - south))
        height = float(np.clip(round((north - south) * scale), *HEIGHTS))
        # What the frame has too much is shared between both sides.
        west -= (WIDTH / scale - (east - west)) / 2
        north += (height / scale - (north - south)) / 2
        return _Frame(float(west), float(north), float(scale), height)

    def pixels(self, codes: Ints, frame: _Frame) -> tuple[Floats, Floats]:
        x, y = self.km(codes)
        return frame.x(x), frame.y(y)


def _radius(count: int, most: int) -> float:
    """The area of a circle follows its number of people."""
    return round(SMALLEST + (LARGEST - SMALLEST) * float(np.sqrt(count / max(most, MIN_GROUP))), 1)


def _circles(
    communes: Communes, homes: Ints, counts: Ints, small: Bools, at: tuple[Floats, Floats], few_word: str
) -> list[Mark]:
    """In the order of `homes`; the page draws them as they come, large ones first within it by its own sort."""
    most = int(counts[~small].max()) if (~small).any() else 0
    text = _("{commune} : {n} personnes")
    return [
        Mark(
            float(x),
            float(y),
            SMALLEST if few else _radius(int(n), most),
            text.format(commune=communes.names[code], n=few_word if few else whole(n)),
            bool(few),
        )
        for code, n, few, x, y in zip(homes, counts, small, *at, strict=True)
    ]


def _lines(
    communes: Communes, homes: Ints, counts: Ints, small: Bools, work: Ints, jobs: Ints, few_word: str
) -> list[tuple[str, str, str]]:
    """(commune, people, positions): communes with a shown number of people or a workplace, the most people first."""
    people = {
        int(code): (0, few_word) if few else (int(n), whole(n))
        for code, n, few in zip(homes, counts, small, strict=True)
    }
    openings = {int(code): int(n) for code, n in zip(work, jobs, strict=True)}
    codes = [code for code in {**people, **openings} if code in openings or people[code][0]]
    codes.sort(key=lambda code: (-people.get(code, (0, ""))[0], str(communes.names[code]), str(communes.codes[code])))
    return [
        (str(communes.names[code]), people.get(code, (0, whole(0)))[1], whole(openings.get(code, 0)))
        for code in codes
    ]


@dataclass(frozen=True)
class _Lettering:
    """How many names, and the width of a letter and height of a line in pixels of the map."""

    count: int
    letter: float
    line: float


_SMALL = _Lettering(18, 6.7, 13.0)
_LARGE = _Lettering(5, 14.0, 26.0)  # for a small screen, on which the map shrinks
_Box = tuple[float, float, float, float]


def _labels(
    communes: Communes, homes: Ints, counts: Ints, at: tuple[Floats, Floats], height: float, size: _Lettering
) -> tuple[Label, ...]:
    """Names of the communes with most people, where they do not cover one another."""
    most = int(counts.max(initial=0))
    boxes: list[_Box] = []
    labels: list[Label] = []
    order: Sequence[Any] = np.lexsort((homes, -counts)).tolist()
    for i in order:
        if len(labels) == size.count or counts[i] < MIN_GROUP:
            break
        mark = float(at[0][i]), float(at[1][i]), _radius(int(counts[i]), most)
        label, box = _placed(str(communes.names[homes[i]]), *mark, size)
        clear = all(box[0] > b[2] or box[2] < b[0] or box[1] > b[3] or box[3] < b[1] for b in boxes)
        if clear and box[0] > 0 and box[1] > 0 and box[3] < height:
            boxes.append(box)
            labels.append(label)
    return tuple(labels)


def _placed(name: str, x: float, y: float, radius: float, size: _Lettering) -> tuple[Label, _Box]:
    """To the right of its circle, or to the left where the map ends; and the box it fills."""
    length = size.letter * len(name)
    right = x + radius + 3 + length < WIDTH
    at = round(x + (radius + 3) * (1 if right else -1), 1)
    box = (at if right else at - length, y - size.line / 2, at + length if right else at, y + size.line / 2)
    return Label(at, round(y + 4, 1), "start" if right else "end", name), box


def _legend(most: int) -> tuple[tuple[float, float, str], ...]:
    """(x, radius, number) of three circles to compare with, from the right of the strip below the map."""
    sizes = sorted({MIN_GROUP, max(most // 4, MIN_GROUP), most}) if most else []
    return tuple((WIDTH - 110.0 * (len(sizes) - i), _radius(n, most), whole(n)) for i, n in enumerate(sizes))


def _step(width_km: float) -> int:
    """The side of a grid square: between four and ten of them in the width."""
    return next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if width_km / step <= 9)


def _grid(start_km: float, length_km: float, step: int, scale: float, *, up: bool) -> tuple[float, ...]:
    """Pixels of the grid lines at whole multiples of `step`; `up` when pixels grow with kilometres."""
    marks = np.arange(np.ceil(start_km / step), np.floor((start_km + length_km) / step) + 1) * step
    offsets = marks - start_km if up else start_km + length_km - marks
    return tuple(np.round(offsets * scale, 1).tolist())
