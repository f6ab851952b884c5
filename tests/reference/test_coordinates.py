"""Matching a gazetteer that knows neither INSEE codes nor départements."""

from __future__ import annotations

import pytest

from matcher.reference.coordinates import (
    BY_DEPARTMENT,
    BY_EPCI,
    BY_POSTAL,
    GAZETTEER,
    GazetteerPlace,
    Town,
    complete,
    match_gazetteer,
)


def town(code: str, name: str, *, epci: str = "E1", postal: str = "", people: int = 1000, former: str = "") -> Town:
    return Town(code, name, "11", code[:2], epci, (postal,) if postal else (), people, (former,) if former else ())


def point(name: str, lat: float, lon: float, people: int = 1000, other: str = "", zone: str = "11") -> GazetteerPlace:
    return GazetteerPlace(name, zone, people, lat, lon, (other,) if other else ())


AROUND = [town("91001", "Alpha"), town("91002", "Beta"), town("91003", "Gamma")]
AROUND_POINTS = [point("Alpha", 48.60, 2.40), point("Beta", 48.65, 2.45), point("Gamma", 48.70, 2.40)]


def test_a_name_unique_on_both_sides_is_taken() -> None:
    found = match_gazetteer(AROUND, AROUND_POINTS)
    assert found == {"91001": (48.60, 2.40), "91002": (48.65, 2.45), "91003": (48.70, 2.40)}


def test_another_region_is_another_place() -> None:
    assert match_gazetteer([town("91001", "Alpha")], [point("Alpha", 45.0, 5.0, zone="84")]) == {}


def test_a_hamlet_of_the_same_name_is_not_the_town() -> None:
    assert match_gazetteer([town("91001", "Alpha", people=20_000)], [point("Alpha", 48.6, 2.4, people=500)]) == {}


def test_of_two_homonyms_each_takes_the_nearest() -> None:
    far = [town("77001", "Delta", epci="E2"), town("77002", "Epsilon", epci="E2"), town("77003", "Zeta", epci="E2")]
    towns = [*AROUND, *far, town("91009", "Saint-Jean"), town("77009", "St Jean", epci="E2")]
    places = [
        *AROUND_POINTS,
        point("Delta", 48.3, 3.2),
        point("Epsilon", 48.35, 3.25),
        point("Zeta", 48.4, 3.2),
        point("Saint-Jean", 48.36, 3.21),
        point("Saint Jean", 48.66, 2.41),
    ]
    found = match_gazetteer(towns, places)
    assert found["91009"] == (48.66, 2.41)
    assert found["77009"] == (48.36, 3.21)


def test_a_lone_namesake_far_from_its_neighbours_is_refused() -> None:
    found = match_gazetteer([*AROUND, town("91009", "Saint-Jean")], [*AROUND_POINTS, point("Saint-Jean", 48.1, 3.3)])
    assert "91009" not in found


@pytest.mark.parametrize(
    ("name", "former", "place"),
    [
        ("Évry-Courcouronnes", "", point("Évry", 48.63, 2.44)),
        ("Le Malesherbois", "Malesherbes", point("Malesherbes", 48.63, 2.44, people=200)),
        ("Saint-Martin-d'Uriage", "", point("Autre", 48.63, 2.44, other="Saint-Martin-dUriage")),
        ("Les Ulis", "", point("Ulis", 48.63, 2.44)),
    ],
)
def test_shortened_former_and_other_names(name: str, former: str, place: GazetteerPlace) -> None:
    found = match_gazetteer([*AROUND, town("91009", name, former=former)], [*AROUND_POINTS, place])
    assert found["91009"] == (48.63, 2.44)


def test_one_place_is_not_given_twice() -> None:
    towns = [*AROUND, town("91008", "Vert-le-Grand"), town("91009", "Vert-le-Petit")]
    found = match_gazetteer(towns, [*AROUND_POINTS, point("Vert", 48.63, 2.44)])
    assert len({"91008", "91009"} & set(found)) == 1


def test_what_is_missing_is_the_mean_of_the_closest_kind_of_neighbours() -> None:
    towns = [
        town("91001", "A", postal="91100"),
        town("91002", "B", postal="91100"),
        town("91003", "C", postal="91200"),
        town("91004", "by postal", postal="91100"),
        town("91005", "by epci", postal="91300"),
        town("91006", "by department", epci="", postal="91400"),
        town("77001", "alone", epci=""),
    ]
    known = {
        "91001": (48.0, 2.0, GAZETTEER),
        "91002": (49.0, 3.0, GAZETTEER),
        "91003": (50.0, 4.0, GAZETTEER),
    }
    found = complete(towns, known)
    assert found["91001"] == (48.0, 2.0, GAZETTEER)
    assert found["91004"] == (48.5, 2.5, BY_POSTAL)
    assert found["91005"] == (49.0, 3.0, BY_EPCI)
    assert found["91006"] == (49.0, 3.0, BY_DEPARTMENT)
    assert "77001" not in found
