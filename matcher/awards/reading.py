"""Files of award notices → one table: every record becomes a row, or a rejected row with its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.awards.decp import Notice, given, is_flat_table, notices
from matcher.awards.flat import flat_notices, is_flat_decp
from matcher.awards.frames import array, canonical
from matcher.awards.text import plain, repair
from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.schema import AWARDS, Kind
from matcher.tables import Import, read_records, rejected_table
from matcher.tables.cells import BadCell, parse_date, parse_number
from matcher.tables.formats import decode, gunzip, load_json, parse_raw
from matcher.tables.nir import refuse_nir_header, refuse_nir_values
from matcher.tables.reading import from_raw
from matcher.vocabulary import PLACE_KINDS, SOCIAL_WORDS, fold

Rejection = tuple[str, int, str, str, str]  # file, row, column, value, message
# What a notice also says, beside the contract's columns; a table of one's own has none of them.
EXTRA_COLUMNS = (
    "contractor_names",
    "place_name",
    "framework",
    "modified",
    "place_of_buyer",
    "source",
    "row",
    "notes",
)
FLAG_COLUMNS = ("framework", "modified", "place_of_buyer")
MAX_BYTES = 1 << 30  # of the file as it is; what a gzip holds is bounded by `tables`
_MAX_AMOUNT = 1e18
_MAX_MONTHS = 1200
_YEARS = (1990, 2100)
_FRAMEWORK = re.compile(r"\baccord s?cadre|\bbons? (de )?commandes?\b")


class _Problem(ValueError):
    """Why a record is rejected: the column, the value as written, and the message with its mend."""

    def __init__(self, column: str, value: object, message: str) -> None:
        super().__init__(message)
        self.column, self.value = column, value


def read_awards(path: str | Path) -> pd.DataFrame:
    """The award notices of a file: the columns of `schema.AWARDS` plus `EXTRA_COLUMNS`, one row per accepted record.

    DECP JSON of the 2022 and 2019 decrees, plain or gzipped, their flat tables, or an awards table (CSV, XLSX,
    JSON, Parquet). Rejected records are in `import_awards(path, today=…).rejected`.
    Raises UnreadableFile, NirRefused.
    """
    return import_awards(path).table


def import_awards(path: str | Path, *, today: date | None = None) -> Import:
    """The same with the rejected records, one row each (`row` is the record's place in the file), and the warnings.

    `today` only serves the checks shared with other tables; no award depends on it.
    Raises UnreadableFile, NirRefused.
    """
    path = Path(path)
    return awards_in(_content(path), path.name, today=today or date(_YEARS[1], 1, 1))


def awards_in(content: bytes, name: str, *, today: date) -> Import:
    """The same for the bytes of a file. Raises UnreadableFile, NirRefused."""
    content = _unpacked(content, name)
    start = "" if content[:4] in _BINARY else content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1].decode("latin-1")
    if start == "<":
        raise UnreadableFile(
            _("Le fichier {file} est du XML, qui n'est pas lu.").format(file=name),
            _("Donner la version JSON des mêmes données essentielles."),
        )
    if start and start in "[{":
        return awards_of(load_json(decode(content, name), name), name, today=today)
    raw = parse_raw(content, name)
    if not is_flat_decp(raw.headers):
        return _from_table(from_raw(AWARDS, raw, today=today))
    for header, values in zip(raw.headers, raw.columns, strict=True):
        refuse_nir_header(header, name)
        refuse_nir_values(header, values, name)
    bad = [(name, e.row, e.column, e.value, e.message) for e in raw.bad]
    return _from_notices(flat_notices(raw), name, bad)


def awards_of(document: Any, name: str, *, today: date) -> Import:
    """The same for JSON already read: notices as published, or a list of rows. Raises UnreadableFile, NirRefused."""
    if not is_flat_table(document):
        return _from_notices(notices(document, Path(name)), name, ())
    return _from_table(read_records(AWARDS, document, name, today=today))


_BINARY = (b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFile(
                _("Le fichier {file} dépasse {limit} Mo.").format(file=path.name, limit=MAX_BYTES // 2**20),
                _("Le couper, par exemple par année ou par département."),
            )
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            _("Le fichier {file} ne peut pas être lu ({cause}).").format(
                file=path, cause=error.strerror or type(error).__name__
            ),
            _("Vérifier son chemin et les droits de lecture."),
        ) from None
    return content


def _unpacked(content: bytes, name: str) -> bytes:
    if content[:2] == b"\x1f\x8b":
        content = gunzip(content, name)
    if not content.strip():
        raise UnreadableFile(
            _("Le fichier {file} est vide.").format(file=name),
            _("Le redemander à sa source : il devrait contenir au moins un marché."),
        )
    return content


def _from_notices(found: Iterable[Notice], file: str, bad: Iterable[Rejection]) -> Import:
    rows: list[dict[str, Any]] = []
    rejected = list(bad)
    for notice in found:
        try:
            rows.append(_row(notice))
        except _Problem as problem:
            value = "" if problem.value is None else str(problem.value)[:200]
            rejected.append((file, notice.row, problem.column, value, str(problem)))
    rejected.sort(key=lambda line: line[1])
    _name_lots(rows)
    table = _frame(rows)
    return Import(
        file=file,
        table=table,
        rejected=rejected_table(rejected),
        rows=table["row"].to_numpy(),
        warnings=tuple(_warnings(rows, file)),
        aside=pd.DataFrame(),
    )


def _warnings(rows: list[dict[str, Any]], file: str) -> list[str]:
    silent = sum(1 for row in rows if row["social"] is None)
    if not silent:
        return []
    return [
        _(
            "{file} : {count} notices n'ont pas de champ « considérations sociales » (format 2019 ou tableau "
            "réduit) : elles ne sont retenues qu'avec --social any."
        ).format(file=file, count=silent)
    ]


def _row(notice: Notice) -> dict[str, Any]:
    """The row of one notice. Raises _Problem."""
    if notice.broken:
        raise _Problem("", "", notice.broken)
    values = notice.values
    number, buyer = _identifier(values, "id"), _identifier(values, "buyer")
    title = values.get("object")
    if title is not None and not isinstance(title, str):
        raise _Problem("object", title, _("l'objet du marché n'est pas un texte ; le réécrire entre guillemets"))
    notes: list[str] = []
    return {
        "award_id": f"{buyer}-{number}",
        "buyer_siret": buyer,
        "contractors": "|".join(dict.fromkeys(notice.contractors)) or None,
        "object": _object(title, notes),
        "cpv": _cpv(values.get("cpv"), notes),
        "amount": _amount(values.get("amount")),
        "notified_on": _day(values.get("notified_on")),
        "duration_months": _duration(values.get("duration")),
        "place_code": _code(values.get("place_code")),
        "place_kind": _kind(values.get("place_kind")),
        "social": _social(notice.social),
        "contractor_names": "|".join(dict.fromkeys(notice.names)) or None,
        "place_name": _place_name(values.get("place_name")),
        "framework": _is_framework(notice),
        "modified": notice.modified,
        "place_of_buyer": bool(values.get("place_of_buyer")),
        "source": notice.source,
        "row": notice.row,
        "notes": " ; ".join(notes) or None,
    }


def _identifier(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.0f}"
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    if name == "id":
        raise _Problem("id", value, _("identifiant du marché absent ; compléter « id » dans la notice"))
    raise _Problem("acheteur", value, _("identifiant de l'acheteur absent ; compléter le SIRET de l'acheteur"))


def _object(title: str | None, notes: list[str]) -> str | None:
    if title is None:
        notes.append(_("objet absent"))
        return None
    mended = repair(title)
    if "\ufffd" in mended:
        notes.append(_("lettres perdues à la source dans l'objet"))
    elif mended != " ".join(title.split()):
        notes.append(_("objet réparé (caractères abîmés à la source)"))
    return mended or None


def _cpv(value: Any, notes: list[str]) -> str | None:
    """Eight digits. A number has lost its leading zero; a ninth digit is the check digit."""
    if value is None:
        notes.append(_("code CPV absent"))
        return None
    text = f"{value:.0f}" if isinstance(value, float) else str(value)
    digits = re.search(r"\d{7,9}", text)
    if digits is None:
        notes.append(_("code CPV illisible : {value}").format(value=text[:40]))
        return None
    return digits.group().zfill(8)[:8]


def _amount(value: Any) -> float | None:
    value = given(value)
    if value is None:
        return None
    amount = _number(value, "montant", _("montant illisible ; l'écrire en chiffres, par exemple 125000,50"))
    if amount < 0:
        raise _Problem("montant", value, _("montant négatif ; écrire le montant total du marché en euros hors taxes"))
    if amount > _MAX_AMOUNT:
        raise _Problem("montant", value, _("montant démesuré ; vérifier la saisie"))
    return amount


def _duration(value: Any) -> float | None:
    value = given(value)
    if value is None:
        return None
    months = _number(value, "dureeMois", _("durée illisible ; l'écrire en mois, par exemple 12"))
    if months < 0 or months > _MAX_MONTHS:
        raise _Problem("dureeMois", value, _("durée impossible ; l'écrire en mois, de 0 à 1200"))
    return months or None


def _number(value: Any, column: str, message: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Problem(column, value, message)
    try:
        number = parse_number(value) if isinstance(value, str) else float(value)
    except (BadCell, OverflowError):
        raise _Problem(column, value, message) from None
    if not np.isfinite(number):
        raise _Problem(column, value, message)
    return number


def _day(value: Any) -> date | None:
    value = given(value)
    if value is None:
        return None
    message = _("date illisible ; l'écrire AAAA-MM-JJ ou JJ/MM/AAAA, par exemple 2024-03-31")
    if not isinstance(value, str):
        raise _Problem("dateNotification", value, message)
    try:
        # XML dates carry an offset (2018-11-27+01:00); some are not padded (2019-1-1).
        plain_day = re.sub(r"^(\d{4}-\d{1,2}-\d{1,2})(?:Z|[+-]\d{2}:?\d{2})$", r"\1", value)
        day = parse_date(re.sub(r"-(\d)(?=-|$)", r"-0\1", plain_day))
    except BadCell as error:
        raise _Problem("dateNotification", value, str(error)) from None
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise _Problem(
            "dateNotification",
            value,
            _("date improbable pour un marché ; vérifier l'année, entre {low} et {high}").format(
                low=_YEARS[0], high=_YEARS[1]
            ),
        )
    return day


def _code(value: Any) -> str | None:
    value = given(value)
    if value is None or isinstance(value, dict | list):
        return None
    return f"{value:.0f}" if isinstance(value, float) else str(value).strip()


def _place_name(value: Any) -> str | None:
    return repair(value) or None if isinstance(value, str) else None


def _kind(value: Any) -> str | None:
    value = given(value)
    return PLACE_KINDS.get(fold(value), value) if isinstance(value, str) else None


def _social(words: tuple[str, ...] | None) -> str | None:
    if words is None:
        return None
    return "|".join(dict.fromkeys(SOCIAL_WORDS.get(fold(word), word.replace("|", "/")) for word in words)) or "none"


def _is_framework(notice: Notice) -> bool:
    """An accord-cadre: its amount is a ceiling or an estimate, not an order (R2162-4 of the code)."""
    nature = plain(str(notice.values.get("nature") or ""))
    if "subsequent" in nature:
        return False
    words = " ".join((nature, *(plain(word) for word in notice.techniques)))
    title = plain(str(notice.values.get("object") or ""))
    return bool(_FRAMEWORK.search(words)) or ("accord cadre" in title and "subsequent" not in title)


def _name_lots(rows: list[dict[str, Any]]) -> None:
    """`-2`, `-3`… where buyer and id repeat with another object; identical notices keep the same award_id."""
    taken = Counter(str(row["award_id"]) for row in rows)
    seen: dict[str, dict[str, str]] = {}
    for row in rows:
        base = str(row["award_id"])
        names = seen.setdefault(base, {})
        title = plain(row["object"] or "")
        if title not in names:
            names[title] = base if not names else next(_free(base, len(names) + 1, taken))
            taken[names[title]] += 1
        row["award_id"] = names[title]


def _free(base: str, first: int, taken: Counter[str]) -> Iterator[str]:
    """`base-first`, `base-first+1`… leaving out names another notice bears by itself."""
    number = first
    while True:
        name = f"{base}-{number}"
        if not taken[name]:
            yield name
        number += 1


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows → the canonical columns and types, then the extra ones."""
    columns = canonical(AWARDS, rows)
    for name in EXTRA_COLUMNS:
        values = [row.get(name) for row in rows]
        columns[name] = np.array(values, np.int64) if name == "row" else array(values, _extra_kind(name))
    return pd.DataFrame(columns)


def _extra_kind(name: str) -> Kind:
    return Kind.TRI if name in FLAG_COLUMNS else Kind.TEXT


def _told(aside: pd.DataFrame, name: str, count: int) -> list[Any]:
    """What a table written from notices still tells of them: a column of `EXTRA_COLUMNS` under its own name."""
    if name not in aside or name in ("source", "row"):
        return [None] * count
    texts = [value if isinstance(value, str) and value else None for value in aside[name]]
    return [text in ("yes", "true", "1") for text in texts] if name in FLAG_COLUMNS else texts


def _from_table(found: Import) -> Import:
    """An awards table: lots named as in notices; a row without an identifier is rejected."""
    table, numbers = found.table.reset_index(drop=True), found.rows
    named = table["award_id"].notna().to_numpy()
    message = _("identifiant du marché manquant ; en donner un à chaque ligne, colonne award_id")
    lines = [tuple(line) for line in found.rejected.itertuples(index=False)]
    lines += [(found.file, int(row), "award_id", "", message) for row in numbers[~named]]
    lines.sort(key=lambda line: line[1])
    table, numbers = table[named].reset_index(drop=True), numbers[named]
    titles = [repair(title) if isinstance(title, str) else None for title in table["object"]]
    named_by = zip(table["award_id"], table["buyer_siret"].fillna(""), titles, strict=True)
    rows = [{"award_id": name, "object": f"{buyer} {title or ''}"} for name, buyer, title in named_by]
    _name_lots(rows)
    table["award_id"] = array([row["award_id"] for row in rows], Kind.TEXT)
    table["object"] = array(titles, Kind.TEXT)
    aside = found.aside[named].reset_index(drop=True) if len(found.aside) else found.aside
    for name in EXTRA_COLUMNS:
        table[name] = array(_told(aside, name, len(table)), _extra_kind(name))
    table["source"] = array(["table"] * len(table), Kind.TEXT)
    table["row"] = numbers.astype(np.int64)
    return replace(found, table=table, rejected=rejected_table(lines), rows=numbers)
