"""ROME occupations: codes and labels embedded; appellations, parents, mobilities and skills once installed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd
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

CORE_MAIN = "Principale"
CORE_EMERGING = "Émergente"
KNOW_HOW, KNOWLEDGE, BEHAVIOUR = SKILL_KINDS = ("savoir-faire", "savoir", "savoir-être")


class Occupations:
    """The ROME in use. Immutable; larger tables of an installed ROME are read at their first use.

    The 532 codes of ROME v3 are codes of ROME 4.0 too: ``A1101`` names both today's narrower occupation and the
    older, wider one that is its parent. Only the installed official files say which occupations share a parent.
    """

    def __init__(self, table: pa.Table, installed: InstalledPart | None) -> None:
        self._installed = installed
        self._labels: dict[str, str] = dict(zip(column(table, "code"), column(table, "label"), strict=True))
        self._parents: dict[str, str] = (
            dict(zip(column(table, "code"), column(table, "parent"), strict=True)) if installed else {}
        )
        self.codes: tuple[str, ...] = tuple(sorted(self._labels))

    @property
    def installed(self) -> bool:
        """Whether the official files are in use."""
        return self._installed is not None

    @property
    def source(self) -> str:
        """Which ROME this is, in words."""
        if self._installed is None:
            return _("ROME embarqué ({version})").format(version=embedded_version("rome")["version"])
        return _("ROME {version} installé").format(version=self._installed.version)

    @property
    def sha256(self) -> str:
        """The digest of the data in use."""
        return embedded_version("rome")["sha256"] if self._installed is None else self._installed.sha256

    def known(self, code: str) -> bool:
        """Whether the code is one of the ROME in use (exact, upper case)."""
        return code in self._labels

    def label(self, code: str) -> str:
        """The French label; empty for an unknown code."""
        return self._labels.get(code, "")

    def parent(self, code: str) -> str:
        """The ROME v3 code above; the code itself when it is one, is unknown, or without the installed files."""
        return self._parents.get(code, code)

    def children(self, parent: str) -> tuple[str, ...]:
        """The codes under a ROME v3 code, itself included; ``(parent,)`` without the installed files."""
        return self._children.get(parent, (parent,) if self.known(parent) else ())

    @staticmethod
    def family(code: str) -> str:
        """Professional domain, three characters: ``A11``."""
        return code[:3]

    @staticmethod
    def domain(code: str) -> str:
        """Main domain, one letter: ``A``."""
        return code[:1]

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for code in self.codes:
            children.setdefault(self.parent(code), []).append(code)
        return {parent: tuple(codes) for parent, codes in children.items()}

    @cached_property
    def appellations(self) -> pd.DataFrame:
        """Job titles: ``code``, ``label``, ``parent`` (the ROME v3 code of the title), ``main``, ``rare``.

        With embedded data, the labels alone. A title's own parent may differ from its code's: for an older code,
        take the rows by ``parent``. Ordered by code, the main title first.
        """
        if self._installed and "appellations.parquet" in self._installed.files:
            table = installed_table(self._installed, "appellations.parquet")
            return pd.DataFrame(
                {name: table.column(name).to_pylist() for name in ("code", "label", "parent", "main", "rare")}
            )
        labels = [self._labels[code] for code in self.codes]
        parents = [self.parent(code) for code in self.codes]
        return pd.DataFrame({"code": self.codes, "label": labels, "parent": parents, "main": True, "rare": False})

    @cached_property
    def _mobilities(self) -> Mapping[str, tuple[str, ...]]:
        if not self._installed or "mobilities.parquet" not in self._installed.files:
            return {}
        table = installed_table(self._installed, "mobilities.parquet")
        targets: dict[str, list[str]] = {}
        for code, target in zip(column(table, "code"), column(table, "target"), strict=True):
            targets.setdefault(code, []).append(target)
        return {code: tuple(values) for code, values in targets.items()}

    def mobilities(self, code: str) -> tuple[str, ...]:
        """Occupations one may move to, nearest first (not symmetric); empty when not installed."""
        return self._mobilities.get(code, ())

    def origins(self, code: str) -> tuple[str, ...]:
        """Occupations from which one may move to this one, by code; empty when not installed."""
        return self._origins.get(code, ())

    @cached_property
    def _origins(self) -> Mapping[str, tuple[str, ...]]:
        origins: dict[str, list[str]] = {}
        for code in sorted(self._mobilities):
            for target in self._mobilities[code]:
                origins.setdefault(target, []).append(code)
        return {target: tuple(codes) for target, codes in origins.items()}

    @cached_property
    def _skills(self) -> pa.Table | None:
        if not self._installed or "occupation_skills.parquet" not in self._installed.files:
            return None
        return installed_table(self._installed, "occupation_skills.parquet")

    @cached_property
    def _skill_codes(self) -> tuple[list[str], list[str], list[str]]:
        if self._skills is None:
            return [], [], []
        table = self._skills
        return column(table, "code"), column(table, "skill"), column(table, "core")

    @cached_property
    def skill_labels(self) -> Mapping[str, str]:
        """Label of each skill code (OGR); empty when not installed."""
        return self._skill_table("label")

    @cached_property
    def skill_kinds(self) -> Mapping[str, str]:
        """Kind of each skill code: one of :data:`SKILL_KINDS`."""
        return self._skill_table("kind")

    def _skill_table(self, name: str) -> dict[str, str]:
        if self._installed is None or self._skills is None:
            return {}
        table = installed_table(self._installed, "skills.parquet")
        return dict(zip(column(table, "skill"), column(table, name), strict=True))

    @cached_property
    def skill_links(self) -> pd.DataFrame:
        """Every link of an occupation to a skill: `code`, `skill` (OGR), `kind` (one of :data:`SKILL_KINDS`), `core`.

        Ordered by code, then as :meth:`skill_codes`. Without rows when not installed.
        """
        codes, skills, core = self._skill_codes
        kinds = [self.skill_kinds[skill] for skill in skills]
        return pd.DataFrame({"code": codes, "skill": skills, "kind": kinds, "core": core}, dtype="str")

    def skill_codes(self, code: str) -> tuple[str, ...]:
        """Codes (OGR) of an occupation's skills: core ones first (main, then emerging), then the others.

        Within these, know-how, then knowledge, then behaviour. Empty when not installed.
        """
        codes, skills, _core = self._skill_codes
        return tuple(skills[bisect_left(codes, code) : bisect_right(codes, code)])

    def core_skill_codes(self, code: str) -> tuple[str, ...]:
        """The main core skills alone (``coeur_metier`` = Principale)."""
        codes, skills, core = self._skill_codes
        rows = range(bisect_left(codes, code), bisect_right(codes, code))
        return tuple(skills[row] for row in rows if core[row] == CORE_MAIN)

    def skills(self, code: str) -> tuple[str, ...]:
        """Labels of :meth:`skill_codes`."""
        return tuple(self.skill_labels[skill] for skill in self.skill_codes(code))


def occupations(data_dir: Path | None = None) -> Occupations:
    """The ROME in use: installed official files if any, else the embedded codes and labels. Cached.

    Raises UnreadableFile when installed files were damaged or changed since their installation.
    """
    part = installed_parts(data_dir).get("rome")
    return _embedded() if part is None else _installed(part.folder, part.sha256, data_dir)


@lru_cache(maxsize=1)
def _embedded() -> Occupations:
    return Occupations(embedded_table("rome.csv.gz"), None)


@lru_cache(maxsize=4)
def _installed(folder: Path, sha256: str, data_dir: Path | None) -> Occupations:
    part = installed_parts(data_dir)["rome"]
    return Occupations(installed_table(part, "occupations.parquet"), part)
