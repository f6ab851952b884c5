"""People entered twice, drawn with what makes them hard to recognise, and people who are only alike.

For the measures and tests of duplicates; rates are judgement, on the hard side, not figures of any file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_samples import names

Dice = np.random.Generator
Cells = dict[str, str]
ENTERED_TWICE = 0.10
HOUSEHOLD = 0.03
COLUMNS = (
    "candidate_id",
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "postal_code",
    "city",
    "commune",
    "sex",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STARTS = _words(
    "ba be bo bra ca cha co da de du fa fo ga gui ha ka ke la le lo ma me mo na ni ou pa pe ra ro sa so ta ti va yo"
)
_MIDDLES = _words("ba li ma ri ne do va mi lo ra si tu ki la be no")
_ENDS = _words("rd n t ux lle re ne ko di ni ra ma ssi k ch in ot eau et ier ane")
_HEARD = (
    ("ou", "u"),
    ("y", "i"),
    ("ss", "s"),
    ("mm", "m"),
    ("kh", "k"),
    ("ch", "sh"),
    ("ph", "f"),
    ("c", "k"),
    ("dj", "j"),
)


@dataclass(frozen=True)
class Doubles:
    """`table` in columns of candidates; `person[i]` is who row i is about."""

    table: pd.DataFrame
    person: NDArray[np.int64]


def doubles(people: int, seed: int = 0, twice: float = ENTERED_TWICE) -> Doubles:
    """`people` persons of whom a share `twice` stands in the table a second time, in a shuffled order. Seeded."""
    dice = np.random.default_rng(seed)
    base = _people(people, dice)
    _households(base, dice)
    again = np.flatnonzero(dice.random(people) < twice)
    copies = [_again(base[person], dice) for person in again]
    person = np.concatenate([np.arange(people), again])
    order = dice.permutation(len(person))
    table = pd.DataFrame([*base, *copies]).iloc[order].reset_index(drop=True)
    table["candidate_id"] = [f"P{number:07d}" for number in range(len(table))]
    table = table[list(COLUMNS)].astype("str").replace("", None)
    return Doubles(table, person[order])


def _families(dice: Dice) -> list[str]:
    made = [s + m + e for s in _STARTS for m in _MIDDLES for e in _ENDS]
    return [*names.LAST, *(made[i].capitalize() for i in dice.permutation(len(made))[:8000])]


def _common(count: int, dice: Dice, size: int) -> NDArray[np.int64]:
    """Places among `count` names, some far more common than others."""
    weight = 1 / (np.arange(count) + 12.0)
    return np.asarray(dice.choice(count, size, p=weight / weight.sum()), np.int64)


def _people(people: int, dice: Dice) -> list[Cells]:
    families = _families(dice)
    family, woman = _common(len(families), dice, people), dice.random(people) < 0.5
    given = [
        names.WOMEN[i % len(names.WOMEN)] if w else names.MEN[i % len(names.MEN)]
        for i, w in zip(_common(64, dice, people), woman, strict=True)
    ]
    second = dice.integers(0, 64, people)
    born = np.datetime64("1960-01-01") + dice.integers(0, 365 * 46, people)
    # Foreign papers often know the year alone: the first of January stands for it.
    born = np.where(dice.random(people) < 0.04, born.astype("datetime64[Y]").astype("datetime64[D]"), born)
    place = _common(300, dice, people)
    made = []
    for i in range(people):
        first = given[i]
        if dice.random() < 0.08:
            first += "-" + (names.WOMEN if woman[i] else names.MEN)[second[i]]
        last = families[family[i]]
        made.append(
            {
                "first_name": first,
                "last_name": "Ben " + last if dice.random() < 0.02 else last,
                "birth_date": "" if dice.random() < 0.02 else str(born[i]),
                "email": _unless(
                    0.3, f"{names.plain(first)}.{names.plain(last)}{dice.integers(0, 999)}@example.org", dice
                ),
                "phone": _unless(0.1, _phone(dice), dice),
                "sex": "F" if woman[i] else "M",
                **_place(int(place[i]), dice),
            }
        )
    return made


def _unless(chance: float, text: str, dice: Dice) -> str:
    return "" if dice.random() < chance else text


def _phone(dice: Dice) -> str:
    """Ten digits of a range given to nobody."""
    digits = f"099{dice.integers(0, 10_000_000):07d}"
    forms = (
        digits,
        " ".join(digits[i : i + 2] for i in range(0, 10, 2)),
        ".".join(digits[i : i + 2] for i in range(0, 10, 2)),
        "+33 (0)" + digits[1:],
        "0033" + digits[1:],
    )
    return forms[dice.integers(0, len(forms))]


def _same_phone(phone: str, dice: Dice) -> str:
    digits = "".join(c for c in phone.replace("(0)", "") if c.isdigit())[-9:]
    return f"+33 {digits[0]} {digits[1:5]} {digits[5:]}" if dice.random() < 0.5 else "0" + digits


def _place(number: int, dice: Dice) -> Cells:
    """An invented commune of an invented département, by its code, its postal code and town, or all."""
    department = 60 + number % 8
    how = dice.integers(0, 3)
    return {
        "commune": "" if how == 0 else f"{department}{number:03d}",
        "postal_code": "" if how == 1 else f"{department}{number // 2:02d}0",
        "city": "" if how == 1 else f"Ville-{number:03d}",
    }


def _households(base: list[Cells], dice: Dice) -> None:
    """Some people live with the one before: same name, place, telephone; a few are twins."""
    for i in np.flatnonzero(dice.random(len(base)) < HOUSEHOLD):
        if i == 0:
            continue
        other = base[i - 1]
        shared = ("last_name", "phone", "commune", "postal_code", "city")
        base[i].update({name: other[name] for name in shared})
        if dice.random() < 0.03:
            base[i]["birth_date"] = other["birth_date"]
        if base[i]["first_name"] == other["first_name"]:
            base[i]["first_name"] = "Camille" if other["first_name"] != "Camille" else "Alice"


def _typo(text: str, dice: Dice) -> str:
    at = int(dice.integers(1, max(len(text) - 1, 2)))
    kind = dice.integers(0, 4)
    letter = "abcdefghijklmnopqrstuvwxyz"[dice.integers(0, 26)]
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + letter + text[at:]
    if kind == 2:
        return text[:at] + letter + text[at + 1 :]
    return text[: at - 1] + text[at : at + 1] + text[at - 1 : at] + text[at + 1 :]


def _heard(text: str, dice: Dice) -> str:
    for written, other in (_HEARD[i] for i in dice.permutation(len(_HEARD))):
        if written in text:
            return text.replace(written, other, 1)
    return text


def _again(source: Cells, dice: Dice) -> Cells:
    """A second entry for the same person."""
    cells = dict(source)
    cells["last_name"] = _new_name(cells["last_name"], 0.3 if source["sex"] == "F" else 0.03, dice)
    for name in ("last_name", "first_name"):
        draw = dice.random()
        if draw < 0.07:
            cells[name] = _typo(cells[name], dice)
        elif draw < 0.14:
            cells[name] = _heard(cells[name], dice)
    if "-" in cells["first_name"] and dice.random() < 0.4:
        cells["first_name"] = cells["first_name"].partition("-")[0]
    cells["last_name"] = cells["last_name"].removeprefix("Ben ") if dice.random() < 0.3 else cells["last_name"]
    if dice.random() < 0.03:
        cells["first_name"], cells["last_name"] = cells["last_name"], cells["first_name"]
    if dice.random() < 0.4:
        cells["last_name"] = cells["last_name"].upper()
    cells["birth_date"] = _other_date(cells["birth_date"], dice)
    draw = dice.random()
    if draw < 0.35:
        cells["phone"] = "" if draw < 0.15 else _phone(dice)
    elif cells["phone"]:
        cells["phone"] = _same_phone(cells["phone"], dice)
    draw = dice.random()
    if draw < 0.5:
        cells["email"] = "" if draw < 0.35 else f"contact{dice.integers(0, 10**7)}@example.org"
    else:
        cells["email"] = cells["email"].capitalize()
    if dice.random() < 0.15:
        cells.update(_place(int(dice.integers(0, 300)), dice))
    return cells


def _new_name(last: str, chance: float, dice: Dice) -> str:
    """A married or used name instead of the name of birth, or both."""
    if dice.random() >= chance:
        return last
    new = names.LAST[dice.integers(0, len(names.LAST))]
    return (new, new, f"{last}-{new}", f"{new} née {last}")[dice.integers(0, 4)]


def _other_date(day: str, dice: Dice) -> str:
    draw = dice.random()
    if not day or draw < 0.03:
        return ""
    year, month, number = day.split("-")
    if draw < 0.06 and int(number) <= 12:
        return f"{year}-{number}-{month}"
    if draw < 0.08:
        return f"{int(year) + int(dice.integers(1, 3))}-{month}-{min(int(number), 28):02d}"
    if draw < 0.10:
        return f"{year}-{month}-{1 + (int(number) + int(dice.integers(0, 26))) % 28:02d}"
    return day
