"""People cut by département of residence into canonical Parquet pieces, read and checked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import matcher
from matcher.allocation import recipients
from matcher.errors import EnvironmentFault, UnreadableFile, UsageError
from matcher.export import sha256_of
from matcher.locale import _, current_language
from matcher.partitions.store import Store, digest
from matcher.reference import communes, reference_versions
from matcher.reference.storage import sha256_bytes
from matcher.resolve.cells import Bools, Ints
from matcher.schema import CANDIDATES
from matcher.tables import Import, coerce, rejected_table
from matcher.tables.formats import read_raw
from matcher.tables.reading import REJECTED_COLUMNS, from_raw

NOWHERE = "inconnu"  # the département of people whose commune is not known
MANIFEST = "people.json"
FORMAT = 1
TIES = ("candidate_id", "available_from")


@dataclass(frozen=True)
class Piece:
    """One Parquet file of people: its name in the folder, its rows, its SHA-256."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """Pieces searched together; its people are the rows from `first` on of everybody."""

    pieces: tuple[Piece, ...]
    first: int

    @property
    def rows(self) -> int:
        return sum(piece.rows for piece in self.pieces)


@dataclass(frozen=True)
class Crowd:
    """Everybody, as pieces on disk; people are numbered through the pieces in their order.

    `summary` is what reading the files found, its table without columns; `sources` has the SHA-256 of each file.
    """

    store: Store
    pieces: tuple[Piece, ...]
    summary: Import
    sources: dict[str, str]

    def __len__(self) -> int:
        return sum(piece.rows for piece in self.pieces)

    def parts(self, rows: int) -> tuple[Part, ...]:
        """Consecutive pieces together, as long as they hold at most `rows` people; one at least."""
        made: list[Part] = []
        held: list[Piece] = []
        first = 0
        for piece in self.pieces:
            if held and sum(one.rows for one in held) + piece.rows > rows:
                made.append(Part(tuple(held), first))
                first += made[-1].rows
                held = []
            held.append(piece)
        return (*made, Part(tuple(held), first))

    def content(self, piece: Piece) -> bytes:
        """A piece's bytes, checked. Raises EnvironmentFault when the file changed meanwhile."""
        content = self.store.bytes_of(piece.name)
        if content is None or sha256_bytes(content) != piece.sha256:
            raise EnvironmentFault(
                _("{file} a disparu ou changé pendant le calcul.").format(file=self.store.path(piece.name)),
                _("Relancer la même commande : cette partie sera refaite."),
            )
        return content

    def columns(self, names: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns, piece after piece."""
        for piece in self.pieces:
            yield pq.read_table(BytesIO(self.content(piece)), columns=list(names))

    @cached_property
    def ties(self) -> Ints:
        """Everybody's place when scores are equal, as `allocation.tie_order` gives it."""
        # Arrow compares the bytes of UTF-8, whose order is that of code points, as Python's.
        table = pa.concat_tables([_tie_columns(table) for table in self.columns(TIES)] or [_no_ties()])
        keys = [("available_from", "ascending"), ("candidate_id", "ascending")]
        order = pc.sort_indices(table, sort_keys=keys)  # without a date: last.to_numpy()
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        return place

    def recipients(self) -> Bools:
        """Who counts for a floor."""
        found = [recipients(table.to_pandas()) for table in self.columns(["benefits"])]
        return np.concatenate([np.zeros(0, bool), *found])

    def rows(self, rows: Ints) -> pd.DataFrame:
        """The canonical table of some people (sorted numbers)."""
        found, first = [], 0
        for piece in self.pieces:
            low, high = np.searchsorted(rows, [first, first + piece.rows])
            if low < high:
                found.append(table_of([self.content(piece)]).iloc[rows[low:high] - first])
            first += piece.rows
        return pd.concat(found, ignore_index=True) if found else empty_people()


@lru_cache(maxsize=1)
def _empty() -> pd.DataFrame:
    return coerce(CANDIDATES, pd.DataFrame({name: pd.Series(dtype=str) for name in CANDIDATES.names})).table


def empty_people() -> pd.DataFrame:
    """A canonical table of nobody."""
    nobody: pd.DataFrame = _empty().copy()
    return nobody


def table_of(contents: Iterable[bytes]) -> pd.DataFrame:
    """The canonical table that pieces hold."""
    tables: list[pd.DataFrame] = [pq.read_table(BytesIO(content)).to_pandas() for content in contents]
    kinds = _empty().dtypes
    return pd.concat([_empty(), *(table.astype(kinds) for table in tables)], ignore_index=True)


def split(source: Path, store: Store, rows: int, today: date) -> Crowd:
    """Read a file of people, or every Parquet file of a folder, and write pieces of at most `rows` people by
    département. What is already there, whole and from the same files, is taken as it is.

    Files are read one after the other, so memory holds one at a time. An identifier met in an earlier file is
    rejected. Raises UsageError, UnreadableFile, NirRefused, EnvironmentFault.
    """
    if store.folder.resolve().is_relative_to(source.resolve()):
        raise UsageError(
            _("--work : {folder} est dans le dossier des personnes.").format(folder=store.folder),
            _("Choisir un autre dossier : ses fichiers seraient lus comme des personnes."),
        )
    files = _files(source)
    sources = {name: _sha256(path) for name, path in files.items()}
    asked = [FORMAT, matcher.__version__, reference_versions()["communes"], sources, rows, str(today)]
    inside = store.inside(f"people-{digest(asked, current_language())[:16]}")
    return _again(inside, source.name, sources) or _cut(inside, source.name, files, sources, rows, today)


def _files(source: Path) -> dict[str, Path]:
    """The files to read by the name messages give them, in order."""
    if not source.is_dir():
        return {source.name: source}
    found = {
        path.relative_to(source).as_posix(): path
        for path in sorted(source.rglob("*.parquet"))
        if path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(source).parts)
    }
    if not found:
        raise UnreadableFile(
            _("{folder} est un dossier sans fichier .parquet.").format(folder=source.name),
            _("Donner un fichier de personnes, ou un dossier de fichiers Parquet (un par département, par exemple)."),
        )
    return found


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        read_raw(path)  # says in words what the matter is
        raise


def _again(store: Store, name: str, sources: dict[str, str]) -> Crowd | None:
    """What an earlier run of the same files left, when all of it is still whole."""
    known = store.sealed_json(MANIFEST)
    if known is None:
        return None
    pieces = tuple(Piece(**piece) for piece in known["pieces"])
    for piece in pieces:
        content = store.bytes_of(piece.name)
        if content is None or sha256_bytes(content) != piece.sha256:
            return None
    rejected = rejected_table([tuple(line) for line in known["rejected"]])
    summary = _summary(name, sum(piece.rows for piece in pieces), rejected, known["warnings"])
    return Crowd(store, pieces, summary, sources)


def _cut(store: Store, name: str, files: dict[str, Path], sources: dict[str, str], rows: int, today: date) -> Crowd:
    pieces: dict[str, list[Piece]] = {}
    seen = _Seen(store, pieces)
    rejected: list[pd.DataFrame] = []
    warnings: list[str] = []
    for file, path in files.items():
        found = from_raw(CANDIDATES, replace(read_raw(path), file=file), today=today)
        table, repeated = seen.first_time(found)
        rejected += [found.rejected, repeated]
        warnings += found.warnings
        for department, people in _by_department(table):
            done = pieces.setdefault(department, [])
            done += _written(store, department, len(done), people, rows)
    ordered = tuple(piece for department in sorted(pieces) for piece in pieces[department])
    bad = pd.concat([rejected_table([]), *(table for table in rejected if len(table))], ignore_index=True)
    bad = bad.astype(rejected_table([]).dtypes)
    manifest = {
        "pieces": [vars(piece) for piece in ordered],
        "rejected": bad[list(REJECTED_COLUMNS)].to_numpy(object).tolist(),
        "warnings": warnings,
    }
    store.seal_json(MANIFEST, manifest)
    return Crowd(store, ordered, _summary(name, sum(piece.rows for piece in ordered), bad, warnings), sources)


def _summary(name: str, people: int, rejected: pd.DataFrame, warnings: Sequence[str]) -> Import:
    counted = pd.DataFrame(index=pd.RangeIndex(people))
    return Import(name, counted, rejected, np.zeros(0, np.int64), tuple(warnings), pd.DataFrame())


def _by_department(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The people of each département of residence, in order; those of unknown communes apart."""
    known = communes()
    at = known.resolve(table["commune"], table["postal_code"], table["city"])
    names = np.append(np.asarray(known.departments, dtype=object), NOWHERE)[at]  # -1, the last, is nowhere
    for name, places in sorted(pd.Series(range(len(table)), dtype="int64").groupby(names).groups.items()):
        yield str(name), table.iloc[np.asarray(places)]


def _written(store: Store, department: str, number: int, table: pd.DataFrame, rows: int) -> list[Piece]:
    done: list[Piece] = []
    for low in range(0, len(table), rows):
        some = table.iloc[low : low + rows]
        content = BytesIO()
        pq.write_table(pa.Table.from_pandas(some, preserve_index=False), content, compression="zstd")
        name = f"departement={department}/{number + len(done):04}.parquet"
        store.put(name, content.getvalue())
        done.append(Piece(name, len(some), sha256_bytes(content.getvalue())))
    return done


class _Seen:
    """The identifiers met so far, as sorted 64-bit hashes; a hit is looked up in the pieces before it is believed."""

    def __init__(self, store: Store, pieces: dict[str, list[Piece]]) -> None:
        self._store, self._pieces = store, pieces
        self._hashes = np.zeros(0, np.uint64)

    def first_time(self, found: Import) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The people not met in an earlier file, and the rejected rows of the others."""
        ids = found.table["candidate_id"]
        hashes = pd.util.hash_array(ids.to_numpy(object), categorize=False)
        place = np.searchsorted(self._hashes, hashes)
        hit = np.zeros(len(ids), bool)
        if len(self._hashes):
            hit = self._hashes[np.minimum(place, len(self._hashes) - 1)] == hashes
        again = hit & ids.isin(self._met(set(ids[hit])) if hit.any() else set()).to_numpy()
        # Two sorted runs: the stable sort only merges them.
        self._hashes = np.sort(np.concatenate([self._hashes, np.sort(hashes[~again])]), kind="stable")
        told = _("identifiant déjà donné dans un autre fichier du dossier ; chaque identifiant ne sert qu'une fois")
        lines = [
            (found.file, row, "candidate_id", key, told)
            for row, key in zip(found.rows[again].tolist(), ids[again], strict=True)
        ]
        return found.table[~again], rejected_table(lines)

    def _met(self, suspects: set[str]) -> set[str]:
        met: set[str] = set()
        for piece in (piece for pieces in self._pieces.values() for piece in pieces):
            column = pq.read_table(self._store.path(piece.name), columns=["candidate_id"])["candidate_id"]
            met |= suspects.intersection(column.to_pylist())
        return met


def _tie_columns(table: pa.Table) -> pa.Table:
    ids = table["candidate_id"].cast(pa.large_string())
    return pa.table({"candidate_id": ids, "available_from": table["available_from"].cast(pa.timestamp("s"))})


def _no_ties() -> pa.Table:
    kinds = pa.schema([("candidate_id", pa.large_string()), ("available_from", pa.timestamp("s"))])
    return kinds.empty_table()
