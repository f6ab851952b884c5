"""Coordinates for communes: a gazetteer matched by name, and what it lacks completed by neighbours.

The gazetteer (GeoNames) knows no INSEE code and no département, only the region. A place is therefore taken for
a commune on its name, its population and its nearness to the places already accepted around it, never on its
name alone where a homonym exists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from statistics import median

from matcher.reference.distance import EARTH_RADIUS_KM
from matcher.reference.text import normalise_place, without_article

GAZETTEER = "geonames"
BY_POSTAL = "voisins_postal"
BY_EPCI = "voisins_epci"
BY_DEPARTMENT = "departement"

FAR_KM = 30.0  # nobody is called a homonym nearer than this to the middle of the intercommunality
SPREAD = 2.6  # times the median distance of the neighbours to their middle, where that is further
FARTHEST_KM = 200.0  # the widest of départements and intercommunalities, Guyane
NEAR_KM = 12.0  # looser evidence (a shortened name) must be this close
POPULATION_RATIO = 2.5
NAMESAKE_RATIO = 6.0  # its own name, where it should be: towns that grew since the gazetteer's census
SEAT_RATIO = 10.0  # the seat of a new commune keeps its old name and its own population in the gazetteer


@dataclass(frozen=True)
class Town:
    """A commune to locate: the groups it belongs to say which others are its neighbours."""

    code: str
    name: str
    zone: str
    department: str
    epci: str
    postal_codes: tuple[str, ...]
    population: int
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class GazetteerPlace:
    """A named point. ``zone`` is the INSEE region, or the country code overseas, as for :class:`Town`."""

    name: str
    zone: str
    population: int
    latitude: float
    longitude: float
    other_names: tuple[str, ...] = ()


Point = tuple[float, float]


def _similar_population(a: int, b: int, ratio: float = POPULATION_RATIO) -> bool:
    return a == 0 or b == 0 or (a <= ratio * b and b <= ratio * a)


def _centre(points: Sequence[Point]) -> Point:
    return (median(p[0] for p in points), median(p[1] for p in points))


def _km(a: Point, b: Point) -> float:
    phi = radians(b[0] - a[0]) / 2
    lam = radians(b[1] - a[1]) / 2
    h = sin(phi) ** 2 + cos(radians(a[0])) * cos(radians(b[0])) * sin(lam) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(h)))


def _groups(towns: Iterable[Town]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for town in towns:
        for key in _keys(town):
            groups[key].append(town.code)
    return groups


def _keys(town: Town) -> list[str]:
    keys = [f"postal {code}" for code in town.postal_codes]
    if town.epci:
        keys.append(f"epci {town.epci}")
    return [*keys, f"department {town.department}"]


def _expected(town: Town, groups: Mapping[str, list[str]], found: Mapping[str, Point]) -> tuple[Point, float] | None:
    """Where the town should be, from accepted neighbours, and how far from there it may honestly lie (km)."""
    for key in (f"epci {town.epci}", f"department {town.department}"):
        around = [found[code] for code in groups.get(key, ()) if code != town.code and code in found]
        if len(around) >= 2:
            centre = _centre(around)
            if key.startswith("department"):
                return centre, FARTHEST_KM
            spread = median(_km(centre, point) for point in around)
            return centre, min(max(FAR_KM, SPREAD * spread), FARTHEST_KM)
    return None


def _key(name: str) -> str:
    # The gazetteer drops apostrophes without a space ("dUriage"): spaces cannot count.
    return normalise_place(name).replace(" ", "")


def match_gazetteer(towns: Sequence[Town], places: Sequence[GazetteerPlace]) -> dict[str, Point]:
    """Communes found in the gazetteer: INSEE code to (latitude, longitude) in degrees.

    First the names that are unique on both sides with a similar population; outliers from their
    intercommunality are taken back; then homonyms, then other and shortened names, by nearness to those.
    """
    groups = _groups(towns)
    by_name: dict[tuple[str, str], list[GazetteerPlace]] = defaultdict(list)
    by_other: dict[tuple[str, str], list[GazetteerPlace]] = defaultdict(list)
    for place in places:
        by_name[place.zone, _key(place.name)].append(place)
        for other in place.other_names:
            by_other[place.zone, _key(other)].append(place)
    same_name: dict[tuple[str, str], int] = defaultdict(int)
    for town in towns:
        same_name[town.zone, _key(town.name)] += 1

    accepted: dict[str, GazetteerPlace] = {}
    for town in towns:
        key = (town.zone, _key(town.name))
        candidates = by_name.get(key, [])
        alone = len(candidates) == 1 and same_name[key] == 1
        if alone and _similar_population(town.population, candidates[0].population):
            accepted[town.code] = candidates[0]
    _drop_outliers(towns, groups, accepted)
    for names in (_own_names, _all_names, _seat_names, _short_names):
        source = by_name if names is _own_names else _merged(by_name, by_other)
        _match_near(towns, groups, accepted, source, names)
    _drop_outliers(towns, groups, accepted)
    return {code: (place.latitude, place.longitude) for code, place in accepted.items()}


def _merged(
    a: Mapping[tuple[str, str], list[GazetteerPlace]], b: Mapping[tuple[str, str], list[GazetteerPlace]]
) -> dict[tuple[str, str], list[GazetteerPlace]]:
    return {key: [*a.get(key, ()), *b.get(key, ())] for key in {*a, *b}}


def _own_names(town: Town) -> list[str]:
    return [normalise_place(town.name)]


def _all_names(town: Town) -> list[str]:
    name = normalise_place(town.name)
    return [name, without_article(name)]


def _seat_names(town: Town) -> list[str]:
    return [normalise_place(other) for other in town.other_names]


def _short_names(town: Town) -> list[str]:
    words = normalise_place(town.name).split()
    return [" ".join(words[:count]) for count in range(len(words) - 1, 0, -1) if len(words[count - 1]) > 2]


def _points(accepted: Mapping[str, GazetteerPlace]) -> dict[str, Point]:
    return {code: (place.latitude, place.longitude) for code, place in accepted.items()}


def _drop_outliers(
    towns: Sequence[Town], groups: Mapping[str, list[str]], accepted: dict[str, GazetteerPlace]
) -> None:
    found = _points(accepted)
    for town in towns:
        if town.code in accepted:
            expected = _expected(town, groups, found)
            if expected and _km(expected[0], found[town.code]) > expected[1]:
                del accepted[town.code]


def _match_near(
    towns: Sequence[Town],
    groups: Mapping[str, list[str]],
    accepted: dict[str, GazetteerPlace],
    source: Mapping[tuple[str, str], list[GazetteerPlace]],
    names: Callable[[Town], list[str]],
) -> None:
    """Accept, for each town still missing, the nearest free namesake close to where the town should be."""
    taken = {id(place) for place in accepted.values()}
    found = _points(accepted)
    reach_limit = FARTHEST_KM if names is _own_names else 2 * NEAR_KM if names is _seat_names else NEAR_KM
    ratio = POPULATION_RATIO
    if names is _own_names:
        ratio = NAMESAKE_RATIO
    elif names is _seat_names:
        ratio = SEAT_RATIO
    for town in towns:
        expected = None if town.code in accepted else _expected(town, groups, found)
        if expected is None:
            continue
        reach = min(reach_limit, expected[1])
        for name in names(town):
            near = [
                (_km(expected[0], (place.latitude, place.longitude)), place)
                for place in source.get((town.zone, _key(name)), ())
                if id(place) not in taken and _similar_population(town.population, place.population, ratio)
            ]
            near = [item for item in near if item[0] <= reach]
            if near:
                best = min(near, key=lambda item: (item[0], item[1].name))[1]
                accepted[town.code] = best
                taken.add(id(best))
                break


def complete(
    towns: Sequence[Town], known: Mapping[str, tuple[float, float, str]]
) -> dict[str, tuple[float, float, str]]:
    """Every town with coordinates: known ones as they are, others by the mean of located neighbours.

    Neighbours are the communes sharing a postal code, else those of the intercommunality, else those of the
    département. Only known coordinates enter a mean. A town whose département has no located commune is left out.

    ``known`` maps a code to (latitude, longitude, origin); so does the result.
    """
    groups = _groups(towns)
    result = dict(known)
    origins = {"postal": BY_POSTAL, "epci": BY_EPCI, "department": BY_DEPARTMENT}
    for town in towns:
        if town.code in known:
            continue
        for prefix, origin in origins.items():
            keys = [key for key in _keys(town) if key.startswith(prefix)]
            around = sorted({code for key in keys for code in groups[key] if code in known})
            if around:
                latitude = sum(known[code][0] for code in around) / len(around)
                longitude = sum(known[code][1] for code in around) / len(around)
                result[town.code] = (round(latitude, 4), round(longitude, 4), origin)
                break
    return result
