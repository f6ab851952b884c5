"""The official ROME 4.0 dump (``unix_*_vNNN_utf8.csv``) compiled to tables.

Published by France Travail as open data. Keys: ``coherence_item`` links an occupation to its skills and knowledge
(``coeur_metier``: Principale, Émergente or nothing); ``rubrique_mobilite`` orders mobilities, 1 the nearest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.reference.occupations import CORE_EMERGING, CORE_MAIN, SKILL_KINDS
from matcher.reference.official import Compiled, OfficialTable, read_official

_NAME = re.compile(r"^unix_(?P<name>[a-z_]+)_v(?P<version>\d+)_utf8\.csv(\.gz)?$", re.IGNORECASE)
_CODE = re.compile(r"^[A-Z]\d{4}$")
_RUBRICS = {"1": SKILL_KINDS[0], "3": SKILL_KINDS[1], "2": SKILL_KINDS[2]}
_CORES = {CORE_MAIN.casefold(): CORE_MAIN, CORE_EMERGING.casefold(): CORE_EMERGING, "emergente": CORE_EMERGING}


def compile_rome(files: Iterable[Path]) -> Compiled | None:
    """The newest ROME among the files, or None. Only the list of occupations is required."""
    versions: dict[int, dict[str, Path]] = {}
    for path in files:
        found = _NAME.match(path.name)
        if found:
            versions.setdefault(int(found["version"]), {}).setdefault(found["name"].lower(), path)
    complete = [version for version, names in versions.items() if "referentiel_code_rome" in names]
    if not complete:
        return None
    version = max(complete)
    names = versions[version]
    occupations = _occupations(names["referentiel_code_rome"])
    used, tables, counts = [occupations], {"occupations.parquet": _occupation_table(occupations)}, {}
    counts["occupations"] = len(occupations)
    counts["parents"] = len(set(occupations["code_rome_parent"]))
    known = set(occupations["code_rome"])
    missing = []
    for name, compiler in (("referentiel_appellation", _appellations), ("rubrique_mobilite", _mobilities)):
        if name not in names:
            missing.append(f"unix_{name}_v{version}_utf8.csv")
            continue
        table, source = compiler(names[name], known)
        used.append(source)
        key = "appellations" if name == "referentiel_appellation" else "mobilities"
        tables[f"{key}.parquet"], counts[key] = table, table.num_rows
    missing += [f"unix_{name}_v{version}_utf8.csv" for name in ("coherence_item", "item") if name not in names]
    if "coherence_item" in names and "item" in names:
        skills, links, sources = _skills(names["item"], names["coherence_item"], known)
        used += sources
        tables["skills.parquet"], tables["occupation_skills.parquet"] = skills, links
        counts["skills"], counts["occupation_skills"] = skills.num_rows, links.num_rows
    digests = {table.path.name: table.sha256 for table in used}
    label = f"{version // 100}.0 v{version}" if version >= 400 else f"v{version}"
    return Compiled(label, tables, digests, counts, tuple(missing))


def _occupations(path: Path) -> OfficialTable:
    table = read_official(path, ("code_rome", "libelle_rome", "code_rome_parent"))
    for row, code in enumerate(table["code_rome"]):
        if not _CODE.match(code) or not table["libelle_rome"][row]:
            raise UnreadableFile(
                _("Le fichier {file}, ligne {line} : « {code} » n'est pas un code ROME avec un libellé.").format(
                    file=path, line=row + 2, code=code
                ),
                _("Reprenez le fichier tel qu'il est publié."),
            )
    return table


def _text_table(columns: Mapping[str, Sequence[str]]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _occupation_table(table: OfficialTable) -> pa.Table:
    """Codes, labels and parents; a parent that is no longer an occupation keeps a line without label of its own."""
    rows = dict(
        zip(table["code_rome"], zip(table["libelle_rome"], table["code_rome_parent"], strict=True), strict=True)
    )
    for parent in table["code_rome_parent"]:
        if _CODE.match(parent):
            rows.setdefault(parent, (parent, parent))
    codes = sorted(rows)
    return _text_table(
        {
            "code": codes,
            "label": [rows[code][0] for code in codes],
            "parent": [rows[code][1] or code for code in codes],
        }
    )


def _appellations(path: Path, known: set[str]) -> tuple[pa.Table, OfficialTable]:
    table = read_official(
        path, ("libelle_appellation_long", "code_rome", "code_rome_parent", "classification"), ("peu_usite",)
    )
    rare = table.columns.get("peu_usite") or [""] * len(table)
    rows = sorted(
        (code, main != "PRINCIPALE", label, parent or code, seldom == "O")
        for code, main, label, parent, seldom in zip(
            table["code_rome"],
            table["classification"],
            table["libelle_appellation_long"],
            table["code_rome_parent"],
            rare,
            strict=True,
        )
        if code in known and label
    )
    columns = _text_table({
        "code": [row[0] for row in rows], "label": [row[2] for row in rows], "parent": [row[3] for row in rows]
    })  # fmt: skip
    flags = {"main": pa.array([not row[1] for row in rows]), "rare": pa.array([row[4] for row in rows])}
    return columns.append_column("main", flags["main"]).append_column("rare", flags["rare"]), table


def _mobilities(path: Path, known: set[str]) -> tuple[pa.Table, OfficialTable]:
    table = read_official(path, ("code_rome", "code_rome_cible", "numero_ordre"))
    rows = []
    for line, (code, target, order) in enumerate(
        zip(table["code_rome"], table["code_rome_cible"], table["numero_ordre"], strict=True), start=2
    ):
        if not order.isdigit():
            raise UnreadableFile(
                _("Le fichier {file}, ligne {line} : « {value} » n'est pas un numéro d'ordre.").format(
                    file=path, line=line, value=order
                ),
                _("Reprenez le fichier tel qu'il est publié."),
            )
        if code in known and target in known:
            rows.append((code, int(order), target))
    rows.sort()
    return _text_table({"code": [row[0] for row in rows], "target": [row[2] for row in rows]}), table


def _skills(items: Path, coherence: Path, known: set[str]) -> tuple[pa.Table, pa.Table, list[OfficialTable]]:
    labels = read_official(items, ("code_ogr", "libelle", "code_rubrique"))
    kinds = {
        code: (label, _RUBRICS[rubric])
        for code, label, rubric in zip(labels["code_ogr"], labels["libelle"], labels["code_rubrique"], strict=True)
        if rubric in _RUBRICS and label
    }
    links = read_official(coherence, ("code_rome", "code_ogr", "coeur_metier"))
    order = {CORE_MAIN: 0, CORE_EMERGING: 1, "": 2}
    rows = sorted(
        {
            (code, order[core], SKILL_KINDS.index(kinds[skill][1]), kinds[skill][0], skill, core)
            for code, skill, core in zip(
                links["code_rome"],
                links["code_ogr"],
                (_CORES.get(value.casefold(), "") for value in links["coeur_metier"]),
                strict=True,
            )
            if code in known and skill in kinds
        }
    )
    used = sorted({row[4] for row in rows})
    skills = _text_table({
        "skill": used, "label": [kinds[skill][0] for skill in used], "kind": [kinds[skill][1] for skill in used]
    })  # fmt: skip
    linked = _text_table({
        "code": [row[0] for row in rows], "skill": [row[4] for row in rows], "core": [row[5] for row in rows]
    })  # fmt: skip
    return skills, linked, [labels, links]
