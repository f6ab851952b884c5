"""Award notices as published (données essentielles de la commande publique, DECP) → one flat mapping each.

Shapes met in the wild: the 2022 decree (`{"marches": {"marche": [...], "contrat-concession": [...]}}`), the 2019
one (`{"marches": [...]}`), bare lists, `{"contrats-concessions": [...]}`, holders wrapped in `{"titulaire": …}` or in
lists of lists, modifications wrapped or not. Nothing is judged here: values stay as they were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.errors import UnreadableFile
from matcher.locale import _
from matcher.tables.cells import BadCell, parse_date
from matcher.vocabulary import fold

# What a source writes where it has nothing to write (CDL, MQ: "champ de la loi", "manquant").
NOT_GIVEN = frozenset({"", "nc", "cdl", "mq", "nan", "nd", "na", "null", "none", "nonrenseigne", "sansobjet"})
_LISTS = frozenset(
    {"marches", "marche", "contratsconcessions", "contratconcession", "concessions", "concession", "contrats"}
)
_SIGNS = frozenset({"acheteur", "acheteurid", "autoriteconcedante", "objet", "codecpv", "titulaires"})
_MAX_DEPTH = 12


@dataclass(frozen=True)
class Notice:
    """One record: its 1-based place in the file, and what it says, as written; None where it says nothing.

    `social` and `techniques` are None when the format has no such field. `broken` says why it is no record at all.
    """

    row: int
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    contractors: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    social: tuple[str, ...] | None = None
    techniques: tuple[str, ...] = ()
    modified: bool = False
    broken: str = ""


def given(value: Any) -> Any:
    """`value`, or None when it is a way of writing nothing."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        stripped = value.strip()
        return None if len(stripped) <= 16 and fold(stripped) in NOT_GIVEN else stripped
    return value


def is_flat_table(document: Any) -> bool:
    """True for a list of objects that is our own awards table rather than notices as published."""
    rows = [row for row in document[:50] if isinstance(row, dict)] if isinstance(document, list) else []
    keys = {fold(key) for row in rows for key in row}
    return "awardid" in keys or (bool(rows) and not keys & _SIGNS)


def notices(document: Any, path: Path) -> Iterator[Notice]:
    """Every record of a DECP document, in file order. Raises UnreadableFile when it is none."""
    for row, record in enumerate(_records(document, path), 1):
        yield read_notice(record, row)


def _records(document: Any, path: Path) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        keys = {fold(key): value for key, value in document.items()}
        if "releases" in keys or "records" in keys:
            raise UnreadableFile(
                _("Le fichier {file} est au format OCDS, qui n'est pas lu.").format(file=path.name),
                _("Donner le fichier DECP d'origine (arrêtés de 2019 ou de 2022), ou un tableau d'attributions."),
            )
        found = _inside(document, 0)
        if found is not None:
            return found
        if keys.keys() & _SIGNS:
            return [document]
    raise UnreadableFile(
        _("Le fichier {file} est un JSON, mais pas un fichier de marchés attribués.").format(file=path.name),
        _("Attendu : une clé « marches » (DECP 2019 ou 2022), ou une liste d'objets avec au moins « award_id »."),
    )


def _inside(document: Mapping[str, Any], depth: int) -> list[Any] | None:
    """The records under `marches`, `marche`, `contrat-concession`…; None when there is no such key."""
    found: list[Any] | None = None
    for key, value in document.items():
        if fold(key) not in _LISTS or depth > 3:
            continue
        found = found or []
        if isinstance(value, list):
            found.extend(value)
        elif isinstance(value, dict):
            deeper = _inside(value, depth + 1)
            found.extend([value] if deeper is None else deeper)
        elif value is not None:
            found.append(value)
    return found


def read_notice(record: Any, row: int) -> Notice:
    """One record, unwrapped and flattened."""
    while isinstance(record, dict) and len(record) == 1 and fold(next(iter(record))) in _LISTS:
        record = next(iter(record.values()))
    if not isinstance(record, dict):
        return Notice(row, "decp", broken=_("cet élément n'est pas un marché mais un texte, un nombre ou une liste"))
    concession = "autoriteConcedante" in record and not _dig(record, "acheteur", "id")
    found = _people(record.get("concessionnaires") if concession else record.get("titulaires"))
    found = found or _people(record.get("titulaires") or record.get("concessionnaires"))
    social = _words(record, "considerationsSociales", "considerationSociale")
    values = {
        "id": given(record.get("id")),
        "buyer": _dig(record, "autoriteConcedante" if concession else "acheteur", "id"),
        "object": given(record.get("objet")),
        "cpv": given(record.get("codeCPV")),
        "amount": _first(record, *(("valeurGlobale", "montant") if concession else ("montant", "valeurGlobale"))),
        "notified_on": _first(record, "dateNotification", "dateDebutExecution", "dateSignature"),
        "duration": given(record.get("dureeMois")),
        "place_code": _dig(record, "lieuExecution", "code"),
        "place_kind": _dig(record, "lieuExecution", "typeCode"),
        "place_name": _dig(record, "lieuExecution", "nom"),
        "nature": given(record.get("nature")),
    }
    modified = _apply_modifications(record.get("modifications"), values)
    people = modified or found
    return Notice(
        row=row,
        source="decp-2022" if social is not None else "decp-2019",
        values=values,
        contractors=tuple(number for number, _name in people),
        names=tuple(name for _number, name in people if name),
        social=social,
        techniques=(_words(record, "techniques", "technique") or ())
        + (_words(record, "modalitesExecution", "modaliteExecution") or ()),
        modified=modified is not None,
    )


def _first(record: Mapping[str, Any], *keys: str) -> Any:
    return next((value for value in (given(record.get(key)) for key in keys) if value is not None), None)


def _dig(record: Mapping[str, Any], outer: str, inner: str) -> Any:
    """`record[outer][inner]`, also when written flat as `outer.inner`."""
    value = record.get(outer)
    if isinstance(value, dict):
        found = given(value.get(inner))
        if found is not None:
            return found
    return _first(record, f"{outer}.{inner}", f"{outer}_{inner}")


def _words(record: Mapping[str, Any], outer: str, inner: str) -> tuple[str, ...] | None:
    """The words of a field such as `considerationsSociales`; None when the record has no such field."""
    value = record.get(outer, record.get(inner))
    if isinstance(value, dict):
        value = value.get(inner, list(value.values()))
    if value is None:
        return None
    return tuple(dict.fromkeys(_strings(value, 0)))


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, list | dict) and depth < _MAX_DEPTH:
        for item in value if isinstance(value, list) else value.values():
            yield from _strings(item, depth + 1)


def _people(value: Any, depth: int = 0) -> list[tuple[str, str]]:
    """(identifier, name) of every holder, however they are wrapped."""
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return list(dict.fromkeys(person for item in value for person in _people(item, depth + 1)))
    if not isinstance(value, dict):
        return []
    number = given(value.get("id"))
    if isinstance(number, str | int) and not isinstance(number, bool):
        return [(str(number).replace(" ", ""), str(given(value.get("denominationSociale")) or ""))]
    return list(dict.fromkeys(person for item in value.values() for person in _people(item, depth + 1)))


def _apply_modifications(value: Any, values: dict[str, Any]) -> list[tuple[str, str]] | None:
    """Put the latest amount and duration in `values`; the latest holders; None when nothing was modified."""
    changes = [change for change in _changes(value, 0) if isinstance(change, dict)]
    if not changes:
        return None
    people: list[tuple[str, str]] = []
    # sorted() is stable: of two modifications of one day, the later in the file counts.
    for change in sorted(changes, key=_when):
        amount = _first(change, "montant", "valeurGlobale")
        duration = given(change.get("dureeMois"))
        values["amount"] = values["amount"] if amount is None else amount
        values["duration"] = values["duration"] if duration is None else duration
        people = _people(change.get("titulaires") or change.get("concessionnaires")) or people
    return people


def _changes(value: Any, depth: int) -> Iterator[Any]:
    if isinstance(value, list) and depth < _MAX_DEPTH:
        for item in value:
            yield from _changes(item, depth + 1)
    elif isinstance(value, dict):
        inner = value.get("modification")
        if isinstance(inner, list | dict):
            yield from _changes(inner, depth + 1)
        elif value:
            yield value


def _when(change: Mapping[str, Any]) -> str:
    """The day as an ISO date, which sorts as text; what is none stays as it is."""
    day = _first(
        change,
        "dateNotificationModification",
        "dateSignatureModification",
        "datePublicationDonneesModification",
    )
    text = str(day or "").strip()[:10]
    try:
        return parse_date(text).isoformat()
    except BadCell:
        return text
