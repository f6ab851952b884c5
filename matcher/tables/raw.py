"""What a file gives before any column is understood: raw columns, row numbers, the rows that cannot be split."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matcher.errors import UnreadableFile
from matcher.locale import N_, _
from matcher.tables.cells import BadCell, text_of

MAX_COLUMNS = 2_000
_BOMB_FROM = 128 << 20
_BOMB_RATIO = 200  # real tables compress 5 to 30 times, gzip and archives can 1 000
Flaws = Mapping[int, str]  # row index → message
_NO_FLAWS: Mapping[int, Flaws] = {}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class RowError:
    """A row that could not be read: its number (the header is row 1), column, value and message."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True)
class Raw:
    """A file as read: headers in order, one arrow column each, the row number of each row.

    `flaws` holds the cells that are no cell (an object, a list of lists): column index → row index → message.
    `guarded` tells that a leading apostrophe may stand against formula injection (files that spreadsheets open).
    """

    file: str
    headers: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    bad: tuple[RowError, ...] = ()
    warnings: tuple[str, ...] = ()
    flaws: Mapping[int, Flaws] = field(default_factory=lambda: _NO_FLAWS)
    guarded: bool = False


def refuse_bomb(unpacked: int, packed: int, most: int, name: str) -> None:
    """Raise UnreadableFile for what unpacks to over `most` bytes, or to far more than a table of its size does."""
    if unpacked > min(most, max(_BOMB_FROM, _BOMB_RATIO * packed)):
        raise UnreadableFile(
            _("{file} est démesuré une fois décompressé.").format(file=name),
            _("Le décompresser à part pour le vérifier, puis le couper en plusieurs fichiers."),
        )


def strings(values: list[str | None]) -> pa.ChunkedArray:
    """Texts as an arrow column; half characters that no file can hold become U+FFFD."""
    try:
        array = pa.array(values, pa.string())
    except UnicodeEncodeError:
        clean = [None if value is None else _SURROGATE.sub("\ufffd", value) for value in values]
        array = pa.array(clean, pa.string())
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def texts(values: Iterable[object]) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Python values as texts, and the flaws of those that are no cell (kept as JSON)."""
    found: list[str | None] = []
    flaws: dict[int, str] = {}
    for i, value in enumerate(values):
        try:
            found.append(value if type(value) is str else text_of(value))
        except BadCell as error:
            flaws[i] = str(error)
            found.append(json.dumps(value, ensure_ascii=False, default=str))
    return strings(found), flaws


def header_names(cells: list[str], name: str) -> tuple[str, ...]:
    """The headers, trimmed. Raises UnreadableFile when all are empty or they are too many."""
    headers = tuple(cell.strip() for cell in cells)
    if not any(headers):
        raise UnreadableFile(
            _("{file} : la ligne d'en-têtes est vide.").format(file=name),
            _("Mettre le nom des colonnes sur la première ligne."),
        )
    check_width(len(headers), name)
    return headers


def check_width(count: int, name: str) -> None:
    """Raises UnreadableFile for more columns than any table has."""
    if count > MAX_COLUMNS:
        raise UnreadableFile(
            _("{file} a plus de {limit} colonnes.").format(file=name, limit=MAX_COLUMNS),
            _("Ne garder que les colonnes utiles."),
        )


def empty_file(name: str) -> UnreadableFile:
    """The error of a file without anything in it."""
    return UnreadableFile(
        _("{file} est vide.").format(file=name),
        _("Vérifier l'export : le fichier doit avoir une ligne d'en-têtes puis une ligne par fiche."),
    )


def without_blank_rows(raw: Raw) -> Raw:
    """Leave out rows whose cells are all empty, as spreadsheets leave at the end of an export.

    Only for columns of text without flaws, as CSV gives them.
    """
    filled = np.zeros(len(raw.rows), bool)
    for column in raw.columns:
        filled |= np.asarray(pc.not_equal(pc.fill_null(column, ""), ""))
    if filled.all():
        return raw
    columns = tuple(column.filter(pa.array(filled)) for column in raw.columns)
    return Raw(raw.file, raw.headers, columns, raw.rows[filled], raw.bad, raw.warnings, guarded=raw.guarded)


_REASONS: Mapping[int, str] = {
    errno.ENOENT: N_("chemin introuvable"),
    errno.EACCES: N_("droits insuffisants"),
    errno.EPERM: N_("droits insuffisants"),
    errno.EROFS: N_("disque en lecture seule"),
    errno.ENOSPC: N_("plus de place sur le disque"),
    errno.EDQUOT: N_("quota de disque atteint"),
    errno.EFBIG: N_("taille de fichier limitée par le système"),
    errno.ENAMETOOLONG: N_("nom trop long"),
    errno.ENOTDIR: N_("un fichier se trouve là où il faudrait un dossier"),
    errno.EEXIST: N_("un fichier se trouve là où il faudrait un dossier"),
    errno.EISDIR: N_("un dossier porte déjà ce nom"),
    errno.EIO: N_("erreur du disque"),
    errno.EBUSY: N_("fichier occupé"),
    errno.EINVAL: N_("nom refusé par le système"),
    errno.EMFILE: N_("trop de fichiers ouverts"),
    errno.ENFILE: N_("trop de fichiers ouverts"),
    errno.ELOOP: N_("liens symboliques en boucle"),
}


def reason(error: OSError) -> str:
    """Why the system refused, in the user's language where the error is a common one."""
    known = _REASONS.get(error.errno or 0)
    return _(known) if known else str(error.strerror or type(error).__name__)
