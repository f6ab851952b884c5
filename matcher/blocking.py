"""The hard filters, in the order that people are counted. Unknown never excludes, and no score does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from matcher.locale import N_
from matcher.reference.communes import Communes
from matcher.reference.distance import distance_km
from matcher.resolve.cells import Bools
from matcher.resolve.jobs import Job
from matcher.resolve.people import ALL, Floats, People, Rows
from matcher.vocabulary import Outcome


class Filter(StrEnum):
    """Why somebody is not on a list, in the order of counting."""

    OBJECTION = "objection"
    RIGHT_TO_WORK = "right_to_work"
    NOT_ELIGIBLE = "not_eligible"
    DISTANCE = "distance"
    AVAILABILITY = "availability"
    SCHEDULE = "schedule"
    LICENCE = "licence"
    CERTIFICATE = "certificate"
    WORK_LIMITS = "work_limits"


FILTER_LABELS: Mapping[Filter, str] = {
    Filter.OBJECTION: N_("s'oppose au rapprochement"),
    Filter.RIGHT_TO_WORK: N_("droit de travailler terminé ou absent"),
    Filter.NOT_ELIGIBLE: N_("non éligible"),
    Filter.DISTANCE: N_("au-delà de la distance acceptée"),
    Filter.AVAILABILITY: N_("disponible après la fin du poste"),
    Filter.SCHEDULE: N_("horaires ou conditions non acceptés"),
    Filter.LICENCE: N_("permis ou véhicule exigé"),
    Filter.CERTIFICATE: N_("certificat exigé absent ou périmé"),
    Filter.WORK_LIMITS: N_("aménagement possible ?"),
}


@dataclass(frozen=True)
class Gate:
    """What is known of each person outside matching: who may be scored at all (n booleans each)."""

    objects: Bools
    no_right_to_work: Bools


class Distances:
    """Kilometres from each person to a position's place, computed once per place."""

    def __init__(self, people: People, communes: Communes) -> None:
        self._communes = communes
        self._homes, self._of_person = np.unique(people.commune, return_inverse=True)
        self._to = lru_cache(maxsize=512)(self._from_homes)

    def to(self, places: tuple[int, ...], rows: Rows = ALL) -> Floats:
        """Some people's distances in km as the crow flies to the nearest commune of `places`; NaN when home is
        unknown."""
        return self._to(places)[self._of_person[rows]]

    def _from_homes(self, places: tuple[int, ...]) -> Floats:
        homes = self._homes
        result = np.full(len(homes), np.nan)
        if not places:
            return result
        members = np.array(places)
        inside = np.isin(homes, members)
        result[inside] = 0.0
        outside = np.flatnonzero(~inside & (homes >= 0))
        latitude, longitude = self._communes.latitude, self._communes.longitude
        for chunk in np.array_split(outside, max(1, len(outside) * len(members) // 2_000_000)):
            at = homes[chunk]
            km = distance_km(
                latitude[at][:, None], longitude[at][:, None], latitude[members][None], longitude[members][None]
            )
            result[chunk] = km.min(axis=1)
        return result


@dataclass(frozen=True)
class Sight:
    """Some people seen from one position; `km` are their distances to it, `on` the run's date."""

    people: People
    rows: Rows
    km: Floats
    job: Job
    on: np.datetime64


def certificate_lacking(people: People, code: str, on: np.datetime64, rows: Rows = ALL) -> Bools:
    """Where the required certificate is known to be missing, or expired before `on`."""
    until, held = people.certificates.until_of(code, rows)
    lacking: Bools = np.where(held, until < on, people.certificates.complete[rows])
    return lacking


def _too_far(sight: Sight) -> Bools:
    far: Bools = sight.km > sight.people.reach_km[sight.rows]
    return far


def _too_late(sight: Sight) -> Bools:
    late: Bools = sight.people.available[sight.rows] > sight.job.end
    return late


def _schedule(sight: Sight) -> Bools:
    people, rows, asked = sight.people, sight.rows, sight.job.schedule
    refused: Bools = people.accepts_known[rows] & ((people.accepts[rows] & asked) != asked)
    return refused


def _licence(sight: Sight) -> Bools:
    people, rows, asked = sight.people, sight.rows, sight.job.licences
    lacking: Bools = people.licences_known[rows] & ((people.licences[rows] & asked) != asked)
    return lacking | (people.vehicle[rows] == 0) if sight.job.vehicle else lacking


def _certificate(sight: Sight) -> Bools:
    lacking = np.zeros(len(sight.km), bool)
    for code in sight.job.certificates:
        lacking |= certificate_lacking(sight.people, code, sight.on, sight.rows)
    return lacking


def _work_limits(sight: Sight) -> Bools:
    people, rows = sight.people, sight.rows
    clash: Bools = people.limits_known[rows] & ((people.limits[rows] & sight.job.demands) != 0)
    return clash


# One test per filter that compares a person with a position: True sets the person aside.
CHECKS: Mapping[Filter, Callable[[Sight], Bools]] = {
    Filter.DISTANCE: _too_far,
    Filter.AVAILABILITY: _too_late,
    Filter.SCHEDULE: _schedule,
    Filter.LICENCE: _licence,
    Filter.CERTIFICATE: _certificate,
    Filter.WORK_LIMITS: _work_limits,
}


def gates(gate: Gate, outcome: np.ndarray[Any, Any]) -> Mapping[Filter, Bools]:
    """The filters that come before any position's own demands; `outcome` holds n outcomes under its rules."""
    return {
        Filter.OBJECTION: gate.objects,
        Filter.RIGHT_TO_WORK: gate.no_right_to_work,
        Filter.NOT_ELIGIBLE: outcome == int(Outcome.NOT_ELIGIBLE),
    }


def failing(
    people: People,
    gate: Gate,
    outcome: np.ndarray[Any, Any],
    job: Job,
    km: Floats,
    on: np.datetime64,
    rows: Rows = ALL,
) -> Mapping[Filter, Bools]:
    """Every filter's own verdict on some people (booleans, True sets aside), in the order of counting. `outcome` has
    everybody, `km` the people of `rows`."""
    sight = Sight(people, rows, km, job, on)
    before = {name: verdict[rows] for name, verdict in gates(gate, outcome).items()}
    return {**before, **{name: check(sight) for name, check in CHECKS.items()}}
