"""Positions as the scorer sees them, and the requirements of each as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.locale import _
from matcher.reference.communes import Communes
from matcher.reference.distance import distance_km
from matcher.reference.occupations import Occupations
from matcher.resolve.cells import cell_items, flags, no_more
from matcher.resolve.words import certificate_codes, resolve_occupations
from matcher.vocabulary import FRENCH_LEVELS, LICENCES, SCHEDULE, WORK_LIMITS

# The communes of one postal code are neighbours; beyond this an area says little of the way to work.
WIDE_KM = 10.0


@dataclass(frozen=True)
class Job:
    """One position. Unknown is None, NaN or NaT; an empty tuple or 0 bits asks for nothing.

    `area`: several communes; `wide`: they spread over more than WIDE_KM.
    """

    position_id: str
    title: str | None
    asked: int | None
    occupation: str | None
    places: tuple[int, ...]
    area: bool
    wide: bool
    start: np.datetime64
    end: np.datetime64
    weekly_hours: float
    skills: tuple[str, ...]
    certificates: tuple[str, ...]
    wished_certificates: tuple[str, ...]
    licences: int
    vehicle: bool
    experience_months: float
    qualification: float
    french: int
    demands: int
    schedule: int
    wage: float
    bus: bool | None

    @property
    def last_day(self) -> np.datetime64:
        """The end, or the start where no end is known."""
        return self.start if np.isnat(self.end) else self.end


def encode_jobs(
    table: pd.DataFrame, communes: Communes, reference: Occupations
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """A canonical positions table → one Job per row, in order, and remarks for the user."""
    codes, remarks = _occupations(table, reference)
    places = _places(table, communes)
    licences, _known = flags(table["licences"], LICENCES, no_more)
    demands, _known = flags(table["demands"], WORK_LIMITS, no_more)
    schedule, _known = flags(table["schedule"], SCHEDULE, no_more)
    french = pd.Index(FRENCH_LEVELS).get_indexer(pd.Index(table["french_min"]))
    starts, ends = (table[name].to_numpy("datetime64[D]") for name in ("start_date", "end_date"))
    rows: Iterator[Any] = table.itertuples(index=False)
    jobs = tuple(
        Job(
            position_id=str(row.position_id),
            title=row.title if isinstance(row.title, str) else None,
            asked=None if pd.isna(row.asked) else int(row.asked),
            occupation=codes[i],
            places=places[i],
            area=len(places[i]) > 1,
            wide=_width_km(places[i], communes) > WIDE_KM,
            start=starts[i],
            end=ends[i],
            weekly_hours=float(row.weekly_hours),
            skills=_items(row.skills),
            certificates=_certificates(row.certificates),
            wished_certificates=_certificates(row.certificates_wished),
            licences=max(int(licences[i]), 0),
            vehicle=bool(row.vehicle) if pd.notna(row.vehicle) else False,
            experience_months=float(row.experience_months),
            qualification=float(row.qualification_min),
            french=int(french[i]),
            demands=max(int(demands[i]), 0),
            schedule=max(int(schedule[i]), 0),
            wage=float(row.wage),
            bus=None if pd.isna(row.bus_reachable) else bool(row.bus_reachable),
        )
        for i, row in enumerate(rows)
    )
    lost = [job.position_id for job in jobs if not job.places]
    if lost:
        remarks.append(_("lieu inconnu pour {count} poste(s) : {ids}").format(count=len(lost), ids=_few(lost)))
    return jobs, tuple(remarks)


def _items(cell: object) -> tuple[str, ...]:
    return tuple(cell_items(cell)) if isinstance(cell, str) else ()


def _certificates(cell: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for item in _items(cell) for code in certificate_codes(item)))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + ("…" if len(names) > 5 else "")


def _occupations(table: pd.DataFrame, reference: Occupations) -> tuple[list[str | None], list[str]]:
    """The position's own code, else the one of its title."""
    given = table["occupation"].fillna(table["title"])
    found = resolve_occupations(given.dropna().tolist(), reference)
    codes = [found[word].code if isinstance(word, str) else None for word in given]
    remarks = []
    strange = sorted({o.word for o in found.values() if o.code and not o.known})
    if strange:
        remarks.append(_("codes ROME inconnus, gardés tels quels : {codes}").format(codes=_few(strange)))
    unsure = [str(key) for key, code in zip(table["position_id"], codes, strict=True) if code is None]
    if unsure:
        remarks.append(
            _("métier non reconnu pour {count} poste(s) : {ids}").format(count=len(unsure), ids=_few(unsure))
        )
    return codes, remarks


def _width_km(places: tuple[int, ...], communes: Communes) -> float:
    """The diagonal of the box around some communes."""
    if len(places) < 2:
        return 0.0
    latitude, longitude = communes.latitude[list(places)], communes.longitude[list(places)]
    return float(distance_km(latitude.min(), longitude.min(), latitude.max(), longitude.max()))


def _places(table: pd.DataFrame, communes: Communes) -> list[tuple[int, ...]]:
    """Each position's communes: one place, an area (at worst the one its postal code is in), or none when unknown."""
    single = communes.resolve(table["commune"], table["postal_code"], table["city"])
    areas: Any = zip(table["place_code"], table["place_kind"], table["postal_code"], strict=True)
    places: list[tuple[int, ...]] = []
    for commune, (code, kind, postal) in zip(single.tolist(), areas, strict=True):
        members: tuple[int, ...] = (commune,) if commune >= 0 else ()
        if not members and isinstance(code, str):
            members = communes.area(code, kind if isinstance(kind, str) else None)
        if not members and isinstance(postal, str):
            members = communes.area(postal, "postal")
        places.append(members)
    return places
