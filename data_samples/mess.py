"""The disorder of real files: each organisation writes in its own way, with typing errors and a few bad rows.

Only the CSV form is disordered; the facts stay those of the clean table, but for the rows listed in `Disorder`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from data_samples.draws import Dice
from data_samples.places import Towns
from data_samples.trades import Trade, trades
from matcher.schema import CANDIDATES, POSITIONS, Kind, TableSpec

Cells = dict[str, str]

# Headers of the CSV sample, as an office would write them; the other columns keep their own name.
HEADERS: Mapping[str, str] = {
    "first_name": "Prénom",
    "last_name": "Nom",
    "birth_date": "Date de naissance",
    "email": "Courriel",
    "phone": "Téléphone",
    "prescriber": "Prescripteur",
    "adviser": "Conseiller",
    "postal_code": "Code postal",
    "city": "Ville",
    "commune": "Code INSEE",
    "sex": "Sexe",
}
# Columns the tool does not know, which real exports always carry.
EXTRA = ("canal_orientation", "commentaire_interne")
CHANNELS = ("forum", "partenaire", "spontané", "")
COMMENTS = ("", "", "", "relancer en début de mois", "rappeler l'après-midi", "CV à mettre à jour", "doublon ?")
DUPLICATES = 0.015
LEVEL_WORDS = (
    ("aucun", "sans diplôme", "0"),
    ("CFG", "niveau 1", "1"),
    ("brevet", "CléA", "2"),
    ("CAP", "BEP", "CAP/BEP"),
    ("bac", "Bac pro", "BAC"),
    ("bac+2", "BTS", "Bac +2"),
    ("licence", "bac+3", "Licence pro"),
    ("master", "bac+5", "7"),
    ("doctorat", "8", "8"),
)
YES_NO = (("yes", "no"), ("oui", "non"), ("O", "N"), ("Vrai", "Faux"))


@dataclass(frozen=True)
class Bad:
    """One row spoilt on purpose: its row in the file (the header is row 1), the column, what is wrong with it."""

    row: int
    column: str
    about: str


@dataclass(frozen=True)
class Disorder:
    """Rows ready to be written, and the known faults among them."""

    rows: list[Cells]
    bad: tuple[Bad, ...]
    duplicates: tuple[tuple[str, str], ...]


def _style(prescriber: str) -> int:
    """How an organisation writes: 0 like the documentation, 1 to 3 each in its French way."""
    return zlib.crc32(prescriber.encode()) % 4 if prescriber else 0


def _number(value: float, style: int) -> str:
    text = str(int(value)) if float(value).is_integer() else repr(round(float(value), 2))
    return text.replace(".", ",") if style in (1, 2) else text


def _day(value: date, style: int) -> str:
    return value.strftime("%d/%m/%Y") if style in (1, 2) else value.isoformat()


def _written(kind: Kind, value: object, style: int, dice: Dice) -> str:
    """A value as an organisation of that style would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES_NO[style][0 if value else 1]
    if isinstance(value, datetime):
        return _day(value.date(), style)
    if isinstance(value, date):
        return _day(value, style)
    if isinstance(value, int | float):
        if kind == Kind.LEVEL and style:
            return dice.pick(LEVEL_WORDS[int(value)])
        return _number(value, style)
    text = str(value)
    if kind == Kind.DATE and text[:4].isdigit():
        return _day(date.fromisoformat(text), style)
    return "aucun" if text == "none" and style else text


def _typo(text: str, dice: Dice) -> str:
    """One letter doubled, dropped, or exchanged with its neighbour."""
    if len(text) < 5:
        return text
    at = dice.whole(1, len(text) - 3)
    kind = dice.whole(0, 2)
    if kind == 0:
        return text[:at] + text[at] + text[at:]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def job_title(trade: Trade, woman: bool, dice: Dice) -> str:
    """A trade in the words of a file: either gender, short forms, (H/F), capitals, a typing error now and then."""
    usual = trade.feminine if woman and dice.chance(0.6) else trade.masculine
    text = dice.pick(trade.said) if dice.chance(0.45) else usual
    if dice.chance(0.12):
        text = _typo(text, dice)
    text += dice.pick(("", "", "", "", " (H/F)", " H/F", " F/H"))
    return dice.pick((text, text, text[0].upper() + text[1:], text.upper()))


def _titled(text: str, woman: bool, dice: Dice) -> str:
    """Codes of a list turned into job titles, each with two chances in three."""
    by_code = {trade.code: trade for trade in trades()}
    items = []
    for item in text.split("|"):
        code, colon, months = item.partition(":")
        titled = code in by_code and dice.chance(0.67)
        items.append((job_title(by_code[code], woman, dice) if titled else code) + colon + months)
    return "|".join(items)


def _place(cells: Cells, postal: str, name: str, dice: Dice) -> None:
    """A third of the rows give the post code and the town, with or without the INSEE code."""
    if not postal or not dice.chance(0.34):
        return
    cells["postal_code"] = postal
    shown = dice.pick((name, name, name.upper(), fold_town(name), fold_town(name).replace("-", " ")))
    cells["city"] = shown
    if dice.chance(0.75):
        cells["commune"] = ""


def fold_town(name: str) -> str:
    """A town in capitals without accents, as postal files write it."""
    accents = str.maketrans("ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿ", "AAACEEEEIIOOUUUYAAACEEEEIIOOUUUY")
    return name.translate(accents).upper()


def _duplicate(rows: list[Cells], dice: Dice) -> tuple[tuple[str, str], ...]:
    """Some rows become a second entry for someone already there: another file number, small differences."""
    pairs = []
    for _ in range(round(len(rows) * DUPLICATES)):
        at = dice.whole(len(rows) // 2, len(rows) - 1)
        source = rows[dice.whole(0, len(rows) // 2 - 1)]
        copy = dict(source) | {"candidate_id": rows[at]["candidate_id"], "prescriber": rows[at]["prescriber"]}
        copy["last_name"] = dice.pick(
            (source["last_name"], source["last_name"].upper(), _typo(source["last_name"], dice))
        )
        copy["first_name"] = dice.pick((source["first_name"], _typo(source["first_name"], dice)))
        copy[dice.pick(("email", "phone", "adviser", "skills"))] = ""
        rows[at] = copy
        pairs.append((source["candidate_id"], copy["candidate_id"]))
    return tuple(sorted(set(pairs)))


def _spoil(rows: list[Cells], count: int, dice: Dice) -> list[tuple[int, str, str]]:
    """Spoil `count` rows; gives their indices with the column and the fault."""
    faults: tuple[tuple[str, Callable[[], str], str], ...] = (
        ("birth_date", lambda: "31/02/1988", "date qui n'existe pas"),
        ("jobseeker", lambda: "peut-être", "ni oui ni non"),
        ("candidate_id", lambda: rows[0]["candidate_id"], "identifiant répété"),
        ("weekly_hours_max", lambda: "trente-cinq", "nombre en lettres"),
        ("licences", lambda: "permis bateau", "mot inconnu"),
        ("months_worked_12", lambda: "14", "plus de douze mois sur douze"),
        ("birth_date", lambda: "01/01/2090", "naissance dans le futur"),
        ("candidate_id", lambda: "", "identifiant absent"),
    )
    chosen = dice.some(range(1, len(rows)), count)
    spoilt = []
    for number, at in enumerate(chosen):
        column, value, about = faults[number % len(faults)]
        rows[at][column] = value()
        spoilt.append((at, column, about))
    return spoilt


def disorder(records: Sequence[Mapping[str, object]], towns: Towns, seed: int, broken: float) -> Disorder:
    """People as messy text. `broken` is the share of rows spoilt on purpose (at least one when above 0)."""
    dice = Dice(seed, "disorder")
    places = dict(zip(towns.codes, zip(towns.postal, towns.names, strict=True), strict=True))
    rows = []
    for record in records:
        prescriber = record["prescriber"]
        style = _style(prescriber if isinstance(prescriber, str) else "")
        woman = record["sex"] == "F"
        cells = {col.name: _written(col.kind, record[col.name], style, dice) for col in CANDIDATES.columns}
        for name in ("occupations", "experience"):
            if cells[name] not in ("", "none", "aucun") and dice.chance(0.75 if style else 0.15):
                cells[name] = _titled(cells[name], woman, dice)
        _place(cells, *places[cells["commune"]], dice)
        cells |= {EXTRA[0]: dice.pick(CHANNELS), EXTRA[1]: dice.pick(COMMENTS)}
        rows.append(cells)
    duplicates = _duplicate(rows, dice) if len(rows) >= 50 else ()
    count = max(1, round(len(rows) * broken)) if broken > 0 and len(rows) > 1 else 0
    bad = tuple(Bad(at + 2, column, about) for at, column, about in _spoil(rows, count, dice))
    return Disorder(rows, bad, duplicates)


def position_rows(records: Sequence[Mapping[str, object]], seed: int) -> list[Cells]:
    """Positions as text: a third give the title without its code, dates and numbers in both manners."""
    dice = Dice(seed, "position disorder")
    by_code = {trade.code: trade for trade in trades()}
    rows = []
    for record in records:
        style = dice.pick((0, 0, 1))
        cells = {col.name: _written(col.kind, record[col.name], style, dice) for col in POSITIONS.columns}
        if dice.chance(0.33):
            cells["title"] = job_title(by_code[cells["occupation"]], False, dice)
            cells["occupation"] = ""
        rows.append(cells)
    return rows


def headers(spec: TableSpec) -> dict[str, str]:
    """Column → header of the CSV sample, in the order of the table, unknown columns last."""
    if spec.name == "candidates":
        return {name: HEADERS.get(name, name) for name in (*spec.names, *EXTRA)}
    return {name: name for name in spec.names}
