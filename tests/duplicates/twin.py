"""The slow way: every pair of rows, one by one, in plain Python."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from typing import Any

import pandas as pd
from rapidfuzz.distance import OSA, JaroWinkler

from matcher.duplicates import PEOPLE, Level, Weights
from matcher.duplicates import cleaning as c

FIELDS = ("last_name", "first_name", "birth_date", "phone", "email", "place")
SHARED = ("last_name", "phone", "email")  # by people of one home
USUAL = {"last_name": 0.004, "first_name": 0.004, "birth_date": 0.0001, "phone": 0.0005, "email": 0.00001}
Person = dict[str, str]
Counts = dict[str, Counter[str]]


def person(row: dict[str, Any]) -> Person:
    """The cleaned values of a row; an empty text is unknown."""
    cells = {name: "" if pd.isna(value) else str(value) for name, value in row.items()}
    made = {name: c.name(cells.get(name, "")) for name in ("last_name", "first_name")}
    places = {name: c.place(cells.get(name, "")) for name in ("commune", "postal_code", "city")}
    return {
        **made,
        **places,
        "birth_date": c.date(cells.get("birth_date", "")),
        "phone": c.phone(cells.get("phone", "")),
        "email": c.email(cells.get("email", "")),
        "department": (places["commune"] or places["postal_code"])[:2],
    }


def name_level(a: str, b: str) -> Level:
    if not a or not b:
        return Level.UNKNOWN
    x, y = a.replace(" ", ""), b.replace(" ", "")
    if x == y:
        return Level.EXACT
    score = JaroWinkler.similarity(x, y)
    if score >= 0.92 or (c.sound(a) == c.sound(b) and len(c.sound(a)) >= 3):
        return Level.CLOSE
    one, other = set(a.split()), set(b.split())
    if min(len(a), len(b)) == 1:
        if a[0] == b[0]:
            return Level.PARTIAL
    elif max(len(one), len(other)) > 1 and (one <= other or other <= one) and any(len(w) > 2 for w in one & other):
        return Level.PARTIAL
    return Level.NEAR if score >= 0.84 else Level.DIFFERENT


def date_level(a: str, b: str) -> Level:
    if not a or not b:
        return Level.UNKNOWN
    if a == b:
        return Level.EXACT
    if a == b[:4] + b[6:] + b[4:6]:
        return Level.SWAPPED
    edits = OSA.distance(a, b)
    if edits == 1:
        return Level.CLOSE
    return Level.NEAR if edits == 2 or a[4:] == b[4:] else Level.DIFFERENT


def phone_level(a: str, b: str) -> Level:
    if not a or not b:
        return Level.UNKNOWN
    return {0: Level.EXACT, 1: Level.CLOSE, 2: Level.NEAR}.get(OSA.distance(a, b), Level.DIFFERENT)


def email_level(a: str, b: str) -> Level:
    if not a or not b:
        return Level.UNKNOWN
    if a == b:
        return Level.EXACT
    return Level.NEAR if OSA.distance(a, b) <= 1 or a.split("@")[0] == b.split("@")[0] else Level.DIFFERENT


def place_level(a: Person, b: Person) -> Level:
    for name in ("commune", "postal_code", "city"):
        if a[name] and b[name]:
            if a[name] == b[name]:
                return Level.EXACT
            return Level.NEAR if a["department"] and a["department"] == b["department"] else Level.DIFFERENT
    if not a["department"] or not b["department"]:
        return Level.UNKNOWN
    return Level.NEAR if a["department"] == b["department"] else Level.DIFFERENT


def pair_levels(a: Person, b: Person) -> list[Level]:
    last, first = name_level(a["last_name"], b["last_name"]), name_level(a["first_name"], b["first_name"])
    strong = (Level.EXACT, Level.CLOSE)
    if last not in strong and first not in strong:
        there, back = name_level(a["last_name"], b["first_name"]), name_level(a["first_name"], b["last_name"])
        if there in strong and back in strong:
            last = first = Level.SWAPPED
    return [
        last,
        first,
        date_level(a["birth_date"], b["birth_date"]),
        phone_level(a["phone"], b["phone"]),
        email_level(a["email"], b["email"]),
        place_level(a, b),
    ]


def all_pairs(table: pd.DataFrame, weights: Weights) -> dict[frozenset[str], float]:
    """The probability of every pair of rows, by their identifiers."""
    people = {str(row["candidate_id"]): person(row) for row in table.to_dict("records")}
    counts = {name: Counter(one[name] for one in people.values() if one[name]) for name in FIELDS[:5]}
    tables = (weights.table(), weights.home_table())
    return {
        frozenset((one, other)): _probability(people[one], people[other], counts, weights, tables)
        for one, other in combinations(people, 2)
    }


def _probability(a: Person, b: Person, counts: Counts, weights: Weights, tables: Any) -> float:
    same, home = math.log2(weights.prior), math.log2(weights.home)
    for number, level in enumerate(pair_levels(a, b)):
        name = FIELDS[number]
        same += tables[0][number][level]
        home += tables[1][number][level]
        if name == "place":
            continue
        if level is Level.EXACT and a[name] == b[name]:
            bits = math.log2(_average(name, counts) / _share(name, counts, a[name]))
            same += bits
            if name in SHARED:
                home += bits
        if level is Level.SWAPPED and name == "last_name":
            same += _exchanged(a, counts)
    apart = math.log2(1 - weights.prior - weights.home)
    return 1 / (1 + 2.0 ** min(max(math.log2(2.0**home + 2.0**apart) - same, -1000), 1000))


def _exchanged(a: Person, counts: Counts) -> float:
    last, first = a["last_name"], a["first_name"]
    straight = _share("last_name", counts, last) * _share("first_name", counts, first)
    crossed = _share("last_name", counts, first) * _share("first_name", counts, last)
    return math.log2(_average("last_name", counts) * _average("first_name", counts) / max(straight, crossed))


def _share(name: str, counts: Counts, text: str) -> float:
    known = sum(counts[name].values())
    return (max(counts[name][text] - 1, 1) + 100 * _average(name, counts)) / (known - 1 + 100)


def _average(name: str, counts: Counts) -> float:
    known = sum(counts[name].values())
    return (sum(n * (n - 1) for n in counts[name].values()) + 1000 * USUAL[name]) / (known * (known - 1) + 1000)


assert tuple(one.name for one in PEOPLE.fields) == FIELDS
