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
from matcher.resolve.cells import Bools, Ints
from matcher.resolve.jobs import Job
from matcher.resolve.people import DEFAULT_DISTANCE_KM, Floats, People
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

    def to(self, places: tuple[int, ...]) -> Floats:
        """n distances in km as the crow flies to the nearest commune of `places`; NaN when home is unknown."""
        return self._to(places)[self._of_person]

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


def own_limit(people: People) -> Floats:
    """The farthest each person will travel, in km; the documented default where not said."""
    return np.where(np.isnan(people.max_distance), DEFAULT_DISTANCE_KM, people.max_distance)


@dataclass(frozen=True)
class Blocked:
    """The result for one position: who passes (sorted rows) and, for each filter in order, how many it set aside."""

    passed: Ints
    counts: Mapping[Filter, int]


def certificate_lacking(people: People, code: str, on: np.datetime64) -> Bools:
    """Where the required certificate is known to be missing, or expired before `on`."""
    until, held = people.certificates.until_of(code, len(people))
    lacking: Bools = np.where(held, until < on, people.certificates.complete)
    return lacking


def _checks(
    people: People, gate: Gate, outcome: np.ndarray[Any, Any], job: Job, km: Floats, on: np.datetime64
) -> Mapping[Filter, Callable[[], Bools]]:
    """One test per filter: True sets the person aside."""

    def licence() -> Bools:
        lacking: Bools = people.licences_known & ((people.licences & job.licences) != job.licences)
        if job.vehicle:
            lacking |= people.vehicle == 0
        return lacking

    def certificate() -> Bools:
        lacking = np.zeros(len(people), bool)
        for code in job.certificates:
            lacking |= certificate_lacking(people, code, on)
        return lacking

    return {
        Filter.OBJECTION: lambda: gate.objects,
        Filter.RIGHT_TO_WORK: lambda: gate.no_right_to_work,
        Filter.NOT_ELIGIBLE: lambda: outcome == int(Outcome.NOT_ELIGIBLE),
        Filter.DISTANCE: lambda: km > own_limit(people),
        Filter.AVAILABILITY: lambda: people.available > job.end,
        Filter.SCHEDULE: lambda: people.accepts_known & ((people.accepts & job.schedule) != job.schedule),
        Filter.LICENCE: licence,
        Filter.CERTIFICATE: certificate,
        Filter.WORK_LIMITS: lambda: people.limits_known & ((people.limits & job.demands) != 0),
    }


def failing(
    people: People, gate: Gate, outcome: np.ndarray[Any, Any], job: Job, km: Floats, on: np.datetime64
) -> Mapping[Filter, Bools]:
    """Every filter's own verdict on everybody (n booleans, True sets aside), for explanations."""
    return {name: check() for name, check in _checks(people, gate, outcome, job, km, on).items()}


def block(
    people: People, gate: Gate, outcome: np.ndarray[Any, Any], job: Job, km: Floats, on: np.datetime64
) -> Blocked:
    """Apply the filters one after the other; each person is counted under the first that sets them aside.

    `outcome` holds n eligibility outcomes for this position's rules, `km` n distances, `on` the run's date.
    """
    remaining = np.ones(len(people), bool)
    counts: dict[Filter, int] = {}
    for name, check in _checks(people, gate, outcome, job, km, on).items():
        out = remaining & check()
        counts[name] = int(np.count_nonzero(out))
        remaining &= ~out
    return Blocked(np.flatnonzero(remaining), counts)
