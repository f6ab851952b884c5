"""CPV 2008 labels: divisions and main groups embedded, every code once the official file is installed."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from matcher.locale import _
from matcher.reference.storage import (
    InstalledPart,
    column,
    embedded_table,
    embedded_version,
    installed_parts,
    installed_table,
)

_CODE = re.compile(r"^(\d{2,8})(?:-\d)?$")


def normalise_cpv(code: str) -> str:
    """``"45210000-2"``, ``"4521"`` or ``"45210000"`` become ``"45210000"``; empty when it is no CPV code.

    The check digit is dropped unchecked: real notices often carry a wrong one.
    """
    found = _CODE.match(code.strip().replace(" ", ""))
    return found.group(1).ljust(8, "0") if found else ""


class Cpv:
    """The CPV labels in use. Every method takes a code as notices write it."""

    def __init__(self, table: pa.Table, installed: InstalledPart | None) -> None:
        self._installed = installed
        self._labels = dict(zip(column(table, "code"), column(table, "label"), strict=True))
        self.codes: tuple[str, ...] = tuple(sorted(self._labels))

    @property
    def source(self) -> str:
        """Which table this is, in words."""
        if self._installed is None:
            return _("CPV embarqué (divisions et principaux groupes)")
        return _("CPV {version} installé").format(version=self._installed.version)

    @property
    def sha256(self) -> str:
        """The digest of the data in use."""
        return embedded_version("cpv")["sha256"] if self._installed is None else self._installed.sha256

    def label(self, code: str) -> str | None:
        """The French label of exactly this code, or None."""
        return self._labels.get(normalise_cpv(code))

    @staticmethod
    def division(code: str) -> str:
        """The first two digits, empty when it is no CPV code."""
        return normalise_cpv(code)[:2]

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The code and those above it that have a label, narrowest first: class, group, division."""
        digits = normalise_cpv(code)
        above = dict.fromkeys(digits[:length].ljust(8, "0") for length in range(len(digits), 1, -1))
        return tuple(each for each in above if each in self._labels)

    def nearest_label(self, code: str) -> str:
        """The label of the code or of the nearest one above; empty when even the division is unknown."""
        return next((self._labels[each] for each in self.ancestors(code)), "")

    def family(self, code: str) -> str:
        """The label of the division; empty when unknown."""
        return self._labels.get(self.division(code).ljust(8, "0"), "")


def cpv(data_dir: Path | None = None) -> Cpv:
    """The CPV in use: the installed official file if any, else the embedded divisions and groups. Cached."""
    part = installed_parts(data_dir).get("cpv")
    return _embedded() if part is None else _installed(part.folder, part.sha256, data_dir)


@lru_cache(maxsize=1)
def _embedded() -> Cpv:
    return Cpv(embedded_table("cpv.csv"), None)


@lru_cache(maxsize=4)
def _installed(folder: Path, sha256: str, data_dir: Path | None) -> Cpv:
    part = installed_parts(data_dir)["cpv"]
    return Cpv(installed_table(part, "cpv.parquet"), part)
