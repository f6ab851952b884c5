"""Installing the official open-data files into the user's data directory, and telling what is in use.

Files are found anywhere below a folder, plain or gzipped, by their published names. Each part (ROME, communes,
CPV) is compiled to Parquet in a temporary folder which is renamed into place; replacing the manifest, in one
step, is what puts the new files into use. A failure before that leaves what was there untouched.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.errors import EnvironmentFault, NothingUsable, UnreadableFile, UsageError
from matcher.locale import N_, _
from matcher.reference.compile_communes import compile_communes
from matcher.reference.compile_cpv import compile_cpv
from matcher.reference.compile_rome import compile_rome
from matcher.reference.official import Compiled, find_files
from matcher.reference.storage import (
    MANIFEST,
    MANIFEST_FORMAT,
    PARTS,
    InstalledPart,
    combined_sha256,
    embedded_version,
    installed_parts,
    installed_table,
    reference_directory,
    sha256_bytes,
)

_TITLES = {"rome": N_("métiers (ROME)"), "communes": N_("communes"), "cpv": N_("codes CPV")}
_COUNTS = {
    "occupations": N_("métiers"),
    "parents": N_("codes ROME v3"),
    "appellations": N_("appellations"),
    "mobilities": N_("mobilités"),
    "skills": N_("compétences et savoirs"),
    "occupation_skills": N_("liens métier-compétence"),
    "communes": N_("communes et arrondissements"),
    "former": N_("anciennes communes"),
    "without_coordinates": N_("coordonnées complétées"),
    "codes": N_("codes"),
}


@dataclass(frozen=True)
class InstallReport:
    """What an installation did: counts per part, official files used, optional files missing, parts absent."""

    folder: Path
    installed: Mapping[str, Mapping[str, int]]
    versions: Mapping[str, str]
    sources: Mapping[str, Mapping[str, str]]
    missing: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...]

    def lines(self) -> list[str]:
        """The report as lines of text."""
        lines = [_("Données de référence installées dans {folder} :").format(folder=self.folder)]
        for part, counts in self.installed.items():
            lines.append(f"- {_(_TITLES[part])}, {self.versions[part]} : {_counts(counts)}")
            lines += [f"    {name}" for name in sorted(self.sources[part])]
            for name in self.missing[part]:
                lines.append("    " + _("absent : {name}").format(name=name))
        for part in self.absent:
            lines.append("- " + _("{part} : aucun fichier officiel trouvé, inchangé").format(part=_(_TITLES[part])))
        return lines


@dataclass(frozen=True)
class PartStatus:
    """What is in use for one part."""

    part: str
    origin: str  # "embedded" or "installed"
    version: str
    sha256: str
    on: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReferenceStatus:
    """What is in use for every part."""

    folder: Path
    parts: tuple[PartStatus, ...]

    def lines(self) -> list[str]:
        """The status as lines of text."""
        lines = []
        for part in self.parts:
            origin = _("embarqué") if part.origin == "embedded" else _("installé")
            lines.append(f"{_(_TITLES[part.part])} : {origin}, {part.version}, SHA-256 {part.sha256[:12]}")
            if part.counts:
                lines.append(f"    {_counts(part.counts)}")
        lines.append(_("Dossier des données installées : {folder}").format(folder=self.folder))
        return lines


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count:,} {_(_COUNTS[name])}".replace(",", "\u202f", count > 999) for name, count in counts.items()
    )


def install(source_dir: Path, data_dir: Path | None = None, *, on: date | None = None) -> InstallReport:
    """Compile the official files found below ``source_dir`` and put them into use.

    ``on`` is written into the manifest. Parts without an official file keep what they had. Raises UsageError
    (no such folder), NothingUsable (no official file in it), UnreadableFile (a file is damaged or lacks columns;
    nothing is installed then), EnvironmentFault (the data directory cannot be written).
    """
    source = Path(source_dir)
    if not source.is_dir():
        raise UsageError(
            _("Le dossier {folder} n'existe pas.").format(folder=source),
            _("Indiquez le dossier qui contient les fichiers officiels téléchargés."),
        )
    files = find_files(source)
    compiled: dict[str, Compiled] = {}
    for part, compiler in (("rome", compile_rome), ("communes", compile_communes), ("cpv", compile_cpv)):
        result = compiler(files)
        if result is not None:
            compiled[part] = result
    if not compiled:
        raise NothingUsable(
            _("Aucun fichier de référence officiel dans {folder}.").format(folder=source),
            _("Attendus : unix_referentiel_code_rome_v460_utf8.csv, communes_france.csv, cpv_2008_fr.csv (ou .gz)."),
        )
    folder = reference_directory(data_dir)
    try:
        _store(folder, compiled, on, data_dir)
    except OSError as error:
        raise EnvironmentFault(
            _("Impossible d'écrire dans {folder} : {error}.").format(folder=folder, error=error.strerror or error),
            _("Vérifiez la place et les droits, ou choisissez un autre dossier avec CLAUSEMATCH_DATA_DIR."),
        ) from error
    return InstallReport(
        folder=folder,
        installed={part: result.counts for part, result in compiled.items()},
        versions={part: result.version for part, result in compiled.items()},
        sources={part: result.sources for part, result in compiled.items()},
        missing={part: result.missing for part, result in compiled.items()},
        absent=tuple(part for part in PARTS if part not in compiled),
    )


def _store(folder: Path, compiled: Mapping[str, Compiled], on: date | None, data_dir: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        parts = {name: _describe(part) for name, part in installed_parts(data_dir).items()}
    except UnreadableFile:  # a damaged manifest is what a new installation mends
        parts = {}
    for part, result in compiled.items():
        files = _write_part(folder, part, result.tables)
        parts[part] = {
            "folder": f"{part}-{combined_sha256(files)[:16]}",
            "version": result.version,
            "on": on.isoformat() if on else "",
            "sources": dict(result.sources),
            "files": files,
            "counts": dict(result.counts),
        }
    manifest = json.dumps({"format": MANIFEST_FORMAT, "parts": parts}, indent=2, ensure_ascii=False, sort_keys=True)
    temporary = folder / f".manifest-{os.getpid()}"
    try:
        temporary.write_text(manifest + "\n", encoding="utf-8")
        temporary.replace(folder / MANIFEST)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    kept = {str(part["folder"]) for part in parts.values()}
    for old in folder.iterdir():
        if old.is_dir() and old.name not in kept and old.name.split("-")[0] in PARTS:
            # A leftover folder is harmless; another process may still be reading it.
            with suppress(OSError):
                shutil.rmtree(old)


def _describe(part: InstalledPart) -> dict[str, object]:
    return {
        "folder": part.folder.name,
        "version": part.version,
        "on": part.on,
        "sources": dict(part.sources),
        "files": dict(part.files),
        "counts": dict(part.counts),
    }


def _write_part(folder: Path, part: str, tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Write the tables into a folder named after their content; return their digests."""
    temporary = folder / f".{part}-{os.getpid()}"
    try:
        temporary.mkdir()
        files = {}
        for name, table in tables.items():
            pq.write_table(table, temporary / name, compression="zstd")
            files[name] = sha256_bytes((temporary / name).read_bytes())
        target = folder / f"{part}-{combined_sha256(files)[:16]}"
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return files


def status(data_dir: Path | None = None) -> ReferenceStatus:
    """What is in use, installed files checked against their digests (UnreadableFile when changed)."""
    installed = installed_parts(data_dir)
    parts = []
    for name in PARTS:
        part = installed.get(name)
        if part is None:
            version = embedded_version(name)
            parts.append(PartStatus(name, version["origin"], version["version"], version["sha256"]))
            continue
        for file in part.files:
            installed_table(part, file)
        parts.append(PartStatus(name, "installed", part.version, part.sha256, part.on, part.counts, part.sources))
    return ReferenceStatus(reference_directory(data_dir), tuple(parts))


def reference_versions(data_dir: Path | None = None) -> dict[str, dict[str, str]]:
    """Origin, version and SHA-256 per part (``rome``, ``communes``, ``cpv``), for run.json."""
    installed = installed_parts(data_dir)
    versions = {}
    for name in PARTS:
        part = installed.get(name)
        versions[name] = (
            embedded_version(name)
            if part is None
            else {"origin": "installed", "version": part.version, "sha256": part.sha256}
        )
    return versions
