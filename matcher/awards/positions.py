"""One award and its template → the positions it opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.awards.hours import MINIMUM_HOURS
from matcher.awards.templates import Choice, Job, Template
from matcher.awards.timing import Timing, openings
from matcher.reference import Place
from matcher.vocabulary import Mode, Reserved

_CODED_KINDS = ("postal", "departement", "region", "pays")


@dataclass(frozen=True)
class Workplace:
    """Where: the area understood, and the code and kind as the notice writes them."""

    place: Place
    code: str | None
    kind: str | None

    def columns(self, codes: npt.NDArray[np.object_]) -> dict[str, str | None]:
        """`commune` when it is a single one, else `place_code` and `place_kind`."""
        if len(self.place.communes) == 1:
            return {"commune": str(codes[self.place.communes[0]])}
        if self.place.kind in _CODED_KINDS:
            return {"place_code": self.place.code, "place_kind": self.place.kind}
        return {"place_code": self.code, "place_kind": self.kind}


@dataclass(frozen=True)
class Contract:
    """What the positions of one award have in common."""

    award_id: str
    employer: str | None
    siret: str | None
    workplace: dict[str, str | None]
    when: Timing
    weekly_hours: float
    asked: float | None
    mode: Mode
    reserved: Reserved | None


def share_hours(hours: float, jobs: Sequence[tuple[Template, Job, float]]) -> list[tuple[Template, Job, float]]:
    """(template, job, hours); jobs under MINIMUM_HOURS give theirs to the others, the smallest first.

    The hours given always sum to `hours`.
    """
    kept: dict[str, tuple[Template, Job, float]] = {}
    for template, job, share in jobs:  # one position per occupation, even when two templates name it
        before = kept.get(job.occupation)
        kept[job.occupation] = (template, job, share) if before is None else (*before[:2], before[2] + share)
    rest = list(kept.values())
    while len(rest) > 1:
        total = sum(share for _t, _j, share in rest)
        place = min(range(len(rest)), key=lambda i: (rest[i][2], -i))
        if hours * rest[place][2] / total >= MINIMUM_HOURS:
            break
        del rest[place]
    total = sum(share for _t, _j, share in rest)
    return [(template, job, hours * share / total) for template, job, share in rest]


def position_rows(contract: Contract, choice: Choice, hours: float) -> list[dict[str, Any]]:
    """The rows of `positions`, identifiers `award_id-P1`, `-P2`… in the template's order."""
    shared = share_hours(hours, choice.jobs())
    return [_row(contract, number, *line) for number, line in enumerate(shared, 1)]


def _row(contract: Contract, number: int, template: Template, job: Job, hours: float) -> dict[str, Any]:
    when = contract.when
    return {
        "position_id": f"{contract.award_id}-P{number}",
        "award_id": contract.award_id,
        "employer": contract.employer,
        "siret": contract.siret,
        "title": job.title,
        "occupation": job.occupation,
        "tasks": template.tasks or None,
        **contract.workplace,
        "start_date": when.start,
        "end_date": when.end,
        "hours": hours,
        "weekly_hours": contract.weekly_hours,
        "openings": float(openings(hours, contract.weekly_hours, when.months)),
        "mode": str(contract.mode),
        "reserved": None if contract.reserved is None else str(contract.reserved),
        "skills": _cell(job.skills),
        "certificates": _cell((*template.certificates, *job.certificates)),
        "certificates_wished": _cell(template.certificates_wished),
        "licences": _cell((*template.licences, *job.licences)),
        "qualification_min": template.qualification_min,
        "french_min": template.french_min or None,
        "demands": _cell(template.demands),
        "schedule": _cell(template.schedule),
        "asked": contract.asked,
    }


def _cell(items: Sequence[str]) -> str | None:
    return "|".join(dict.fromkeys(items)) or None
