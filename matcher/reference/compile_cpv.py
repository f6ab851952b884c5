"""The official CPV 2008 list with French labels, compiled to a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.reference.cpv import normalise_cpv
from matcher.reference.official import Compiled, read_header, read_official

_NAME = re.compile(r"^cpv[^/]*\.csv(\.gz)?$", re.IGNORECASE)
_CODES = ("code_cpv", "CODE", "code8", "code")
_LABELS = ("libelle_fr", "FR", "libelle", "label_fr")


def compile_cpv(files: Iterable[Path]) -> Compiled | None:
    """The first CPV file among the files, or None."""
    found = next((path for path in files if _NAME.match(path.name)), None)
    if found is None:
        return None
    header = [name.strip() for name in read_header(found)]
    code = next((name for name in _CODES if name in header), _CODES[0])
    label = next((name for name in _LABELS if name in header), _LABELS[0])
    table = read_official(found, (code, label))
    labels: dict[str, str] = {}
    for line, (raw, text) in enumerate(zip(table[code], table[label], strict=True), start=2):
        digits = normalise_cpv(raw)
        if not digits or not text:
            raise UnreadableFile(
                _("Le fichier {file}, ligne {line} : « {code} » n'est pas un code CPV avec un libellé.").format(
                    file=found, line=line, code=raw
                ),
                _("Reprenez le fichier tel qu'il est publié."),
            )
        labels[digits] = text
    codes = sorted(labels)
    columns = {"code": pa.array(codes, pa.string()), "label": pa.array([labels[c] for c in codes], pa.string())}
    return Compiled("2008", {"cpv.parquet": pa.table(columns)}, {found.name: table.sha256}, {"codes": len(codes)})
