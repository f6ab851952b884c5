"""Reference data: ROME occupations, communes, CPV. Embedded, replaced by the official files once installed."""

from __future__ import annotations

from matcher.reference.communes import Communes, Place, communes
from matcher.reference.cpv import Cpv, cpv, normalise_cpv
from matcher.reference.distance import distance_km
from matcher.reference.install import InstallReport, ReferenceStatus, install, reference_versions, status
from matcher.reference.occupations import Occupations, occupations
from matcher.reference.storage import data_directory, reference_directory

__all__ = [
    "Communes",
    "Cpv",
    "InstallReport",
    "Occupations",
    "Place",
    "ReferenceStatus",
    "communes",
    "cpv",
    "data_directory",
    "distance_km",
    "install",
    "normalise_cpv",
    "occupations",
    "reference_directory",
    "reference_versions",
    "status",
]
