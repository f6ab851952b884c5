"""Communes of France: codes, names, population, coordinates, and places as people and notices write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.locale import _
from matcher.reference.distance import distance_km
from matcher.reference.places import Place, read_place
from matcher.reference.residence import Column, as_series, clean_code, resolve_residence
from matcher.reference.storage import (
    InstalledPart,
    column,
    combined_sha256,
    embedded_sources,
    embedded_table,
    embedded_version,
    installed_parts,
    installed_table,
)
from matcher.reference.text import normalise_place, without_article

__all__ = ["Communes", "Place", "communes", "distance_km"]

# The three cities with arrondissements: INSEE code of the whole, first and last arrondissement.
CITIES = {"75056": (75101, 75120), "69123": (69381, 69389), "13055": (13201, 13216)}

ObjectArray = npt.NDArray[np.object_]
FloatArray = npt.NDArray[np.float64]


class Communes:
    """The communes in use, municipal arrondissements of Paris, Lyon and Marseille included. Immutable.

    A commune is named inside the program by its index in these arrays (int32, -1 unknown): ``codes`` (sorted
    INSEE codes), ``names``, ``departments``, ``regions`` (text), ``latitude``, ``longitude`` (degrees, never
    NaN), ``population`` (NaN unknown), ``origins`` (where the coordinates come from).
    """

    def __init__(
        self, table: pa.Table, former: pa.Table, territories: pa.Table, installed: InstalledPart | None
    ) -> None:
        self._installed = installed
        self._table = table
        self._former = former
        self._territories = territories
        self.codes: ObjectArray = _objects(table, "code")
        self.names: ObjectArray = _objects(table, "name")
        self.departments: ObjectArray = _objects(table, "department")
        self.regions: ObjectArray = _objects(table, "region")
        self.latitude: FloatArray = _numbers(table, "latitude")
        self.longitude: FloatArray = _numbers(table, "longitude")
        self.population: FloatArray = _numbers(table, "population")

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def installed(self) -> bool:
        """Whether an official file is in use."""
        return self._installed is not None

    @property
    def source(self) -> str:
        """Which communes these are, in words."""
        if self._installed is None:
            return _("communes embarquées ({version})").format(version=embedded_version("communes")["version"])
        return _("communes installées ({version})").format(version=self._installed.version)

    @property
    def sha256(self) -> str:
        """The digest of the data in use."""
        if self._installed is None:
            return embedded_version("communes")["sha256"]
        # Names of territories stay the embedded ones.
        territories = str(embedded_sources()["territoires.csv.gz"]["sha256"])
        return combined_sha256({**self._installed.files, "territoires.csv.gz": territories})

    @cached_property
    def origins(self) -> ObjectArray:
        """Origin of each commune's coordinates: ``geonames``, ``voisins_postal``, ``voisins_epci``, …"""
        return _objects(self._table, "coordinates")

    # --- codes ------------------------------------------------------------------------------------------------

    @cached_property
    def by_code(self) -> Mapping[str, int]:
        """INSEE code to index; the codes of merged communes lead to the present one."""
        present: dict[str, int] = {code: index for index, code in enumerate(self.codes)}
        codes = dict(present)
        for code, parent in zip(column(self._former, "code"), column(self._former, "commune"), strict=True):
            if code not in codes and parent in present:
                codes[code] = present[parent]
        return codes

    @cached_property
    def people(self) -> tuple[float, ...]:
        """Population for ordering, 0 where unknown."""
        return tuple(np.nan_to_num(self.population).tolist())

    @cached_property
    def by_postal(self) -> Mapping[str, tuple[int, ...]]:
        """Postal code to indices, most populated first; an arrondissement stands for its city."""
        groups: dict[str, list[int]] = {}
        for index, codes in enumerate(column(self._table, "postal_codes")):
            for code in codes.split():
                groups.setdefault(code, []).append(index)
        cities = {self.by_code[code] for code in CITIES if code in self.by_code}
        result = {}
        for code, indices in groups.items():
            if len(indices) > 1:
                indices = [i for i in indices if i not in cities] or indices
                indices = sorted(indices, key=lambda i: (-self.people[i], i))
            result[code] = tuple(indices)
        return result

    def index(self, codes: Column) -> npt.NDArray[np.int32]:
        """INSEE codes (old ones and a lost leading zero too) to indices, -1 unknown. One lookup per distinct code."""
        positions, distinct = pd.factorize(as_series(codes))
        found = [self.by_code.get(clean_code(str(code)), -1) for code in distinct]
        return np.array([*found, -1], dtype=np.int32)[positions]

    # --- areas ------------------------------------------------------------------------------------------------

    @cached_property
    def by_department(self) -> Mapping[str, tuple[int, ...]]:
        """Département code to indices."""
        return _grouped(self.departments)

    @cached_property
    def by_region(self) -> Mapping[str, tuple[int, ...]]:
        """INSEE region code to indices."""
        return _grouped(self.regions)

    @cached_property
    def by_arrondissement(self) -> Mapping[str, tuple[int, ...]]:
        """Administrative arrondissement (not municipal) to indices."""
        return _grouped(_objects(self._table, "arrondissement"))

    @cached_property
    def by_epci(self) -> Mapping[str, tuple[int, ...]]:
        """SIREN of the intercommunality to indices."""
        return _grouped(_objects(self._table, "epci"))

    @cached_property
    def territory_names(self) -> Mapping[tuple[str, str], str]:
        """(kind, code) to name, for ``region``, ``departement``, ``arrondissement`` and ``epci``."""
        kinds, codes = column(self._territories, "kind"), column(self._territories, "code")
        return dict(zip(zip(kinds, codes, strict=True), column(self._territories, "name"), strict=True))

    def place(self, code: str | None, kind: str | None = None, name: str | None = None) -> Place:
        """What a place code means: see :func:`matcher.reference.places.read_place`."""
        return read_place(self, code, kind, name)

    def area(self, code: str | None, kind: str | None = None) -> tuple[int, ...]:
        """Indices of the communes of a place code; empty when the place is unknown or abroad."""
        return read_place(self, code, kind).communes

    # --- people -----------------------------------------------------------------------------------------------

    def names_in_department(self, department: str) -> Mapping[str, tuple[int, ...]]:
        """Normalised names (with and without article, former names too) of a département's communes."""
        names = self._department_names.get(department)
        if names is None:
            names = self._names_of(self.by_department.get(department, ()))
            self._department_names[department] = names
        return names

    @cached_property
    def _department_names(self) -> dict[str, Mapping[str, tuple[int, ...]]]:
        return {}

    @cached_property
    def former_names(self) -> Mapping[int, tuple[str, ...]]:
        """Names of the communes that each present commune took in."""
        names: dict[int, list[str]] = {}
        former = zip(column(self._former, "name"), column(self._former, "commune"), strict=True)
        for name, parent in former:
            if name and parent in self.by_code:
                names.setdefault(self.by_code[parent], []).append(name)
        return {index: tuple(values) for index, values in names.items()}

    def spellings(self, index: int) -> tuple[str, ...]:
        """Normalised forms of a commune's name: with and without its article, then its former names."""
        known = self._spellings.get(index)
        if known is None:
            known = self._spellings[index] = self._spell(index)
        return known

    @cached_property
    def _spellings(self) -> dict[int, tuple[str, ...]]:
        return {}

    def _spell(self, index: int) -> tuple[str, ...]:
        own = normalise_place(self.names[index])
        former = [normalise_place(name) for name in self.former_names.get(index, ())]
        return tuple(dict.fromkeys([own, without_article(own), *former]))

    def _names_of(self, indices: Sequence[int]) -> dict[str, tuple[int, ...]]:
        """Spellings to indices; a present commune's own name is not shared with another's former name."""
        own: dict[str, list[int]] = {}
        other: dict[str, list[int]] = {}
        for index in indices:
            first, *rest = self.spellings(index)
            own.setdefault(first, []).append(index)
            for name in rest:
                other.setdefault(name, []).append(index)
        merged = {name: tuple(dict.fromkeys(values)) for name, values in other.items()}
        merged.update({name: tuple(values) for name, values in own.items()})
        return merged

    @cached_property
    def names_in_france(self) -> Mapping[str, tuple[int, ...]]:
        """Normalised names of every commune; built at the first city given without a postal code."""
        return self._names_of(range(len(self)))

    @cached_property
    def sorted_names(self) -> list[str]:
        """The keys of :attr:`names_in_france` in order, to find names by their beginning."""
        return sorted(self.names_in_france)

    def resolve(self, commune: Column, postal_code: Column, city: Column) -> npt.NDArray[np.int32]:
        """Where people live: see :func:`matcher.reference.residence.resolve_residence`."""
        return resolve_residence(self, commune, postal_code, city)


def _objects(table: pa.Table, name: str) -> ObjectArray:
    values: ObjectArray = table.column(name).to_numpy(zero_copy_only=False)
    if values.dtype != object:
        values = values.astype(object)
    values.flags.writeable = False
    return values


def _numbers(table: pa.Table, name: str) -> FloatArray:
    texts = table.column(name)
    numbers = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts).cast(pa.float64())
    values: FloatArray = np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    values.flags.writeable = False
    return values


def _grouped(values: ObjectArray) -> dict[str, tuple[int, ...]]:
    groups: dict[str, list[int]] = {}
    for index, value in enumerate(values):
        if value:
            groups.setdefault(value, []).append(index)
    return {value: tuple(indices) for value, indices in groups.items()}


def communes(data_dir: Path | None = None) -> Communes:
    """The communes in use: the installed official file if any, else the embedded ones. Cached.

    Raises UnreadableFile when installed files were damaged or changed since their installation.
    """
    part = installed_parts(data_dir).get("communes")
    return _embedded() if part is None else _installed(part.folder, part.sha256, data_dir)


@lru_cache(maxsize=1)
def _embedded() -> Communes:
    return Communes(
        embedded_table("communes.csv.gz"),
        embedded_table("communes_anciennes.csv.gz"),
        embedded_table("territoires.csv.gz"),
        None,
    )


@lru_cache(maxsize=4)
def _installed(folder: Path, sha256: str, data_dir: Path | None) -> Communes:
    part = installed_parts(data_dir)["communes"]
    return Communes(
        installed_table(part, "communes.parquet"),
        installed_table(part, "former.parquet"),
        embedded_table("territoires.csv.gz"),
        part,
    )
