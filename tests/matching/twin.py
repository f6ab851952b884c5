"""A slow, obvious matcher, written from the contract and the features' documentation: one pair at a time.

People and positions are dicts of plain values: None is unknown, lists are tuples (empty: known empty).
What other tests hold (the code of a word, the commune of an address, whether two skills mean the same) is borrowed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from matcher.reference import communes, occupations
from matcher.reference.occupations import Occupations
from matcher.resolve.words import resolve_occupations
from matcher.schema import CANDIDATES, POSITIONS, TableSpec
from matcher.schema.model import Kind
from matcher.skills import grade, normalise_certificate, split_certificate
from tests.eligibility_twin import SUFFICIENT, Twin, outcome

Row = dict[str, Any]
CARD = json.loads(files("matcher").joinpath("scorecards/expert.json").read_text(encoding="utf-8"))
FRENCH = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")
FILTERS = (
    "objection",
    "right_to_work",
    "not_eligible",
    "distance",
    "availability",
    "schedule",
    "licence",
    "certificate",
    "work_limits",
)
BEST = {"not_eligible": 0, "to_verify": 1, "eligible": 2}
# Code de la route, R221-4 and following: what a licence also allows.
ALSO = {
    "A": "A2 A1 AM",
    "A2": "A1 AM",
    "A1": "AM",
    "B1": "AM",
    "B": "B1 AM",
    "BE": "B B1 AM",
    "C1": "B B1 AM",
    "C1E": "C1 BE B B1 AM",
    "C": "C1 B B1 AM",
    "CE": "C C1 C1E BE B B1 AM",
    "D1": "B B1 AM",
    "D1E": "D1 BE B B1 AM",
    "D": "D1 B B1 AM",
    "DE": "D D1 D1E BE B B1 AM",
}


def plain(frame: pd.DataFrame, spec: TableSpec) -> list[Row]:
    """The rows of a canonical table as dicts."""
    columns = {column.name: _cells(frame[column.name], column.kind) for column in spec.columns}
    return [{name: cells[i] for name, cells in columns.items()} for i in range(len(frame))]


def people_of(frame: pd.DataFrame) -> list[Row]:
    return plain(frame, CANDIDATES)


def positions_of(frame: pd.DataFrame) -> list[Row]:
    return plain(frame, POSITIONS)


def _cells(column: pd.Series, kind: Kind) -> list[Any]:
    if kind is Kind.DATE:
        return list(column.to_numpy("datetime64[D]").astype(object))
    values = [None if pd.isna(value) else value for value in column.tolist()]
    if kind in (Kind.LIST, Kind.DATED_LIST, Kind.WEIGHTED_LIST):
        return [None if v is None else () if v == "none" else tuple(v.split("|")) for v in values]
    return values


@cache
def code_of(word: str) -> str | None:
    return resolve_occupations([word], occupations())[word].code


@cache
def near(target: str, code: str) -> str:
    """`same`, `mobility`, `related`, `family` or `other`."""
    reference = occupations()
    if code == target:
        return "same"
    if code in reference.mobilities(target) or target in reference.mobilities(code):
        return "mobility"
    if reference.parent(code) == reference.parent(target):
        return "mobility"
    if share(target, code, reference) >= 0.09:
        return "related"
    return "family" if code[:3] == target[:3] else "other"


@cache
def competences(code: str, reference: Occupations) -> dict[str, float]:
    """The weight of each know-how and knowledge of an occupation, core know-how counted apart a second time."""
    held: dict[str, float] = {}
    for skill in reference.skill_codes(code):
        if reference.skill_kinds[skill] != "savoir-être":
            held[skill] = math.log(len(reference.codes) / bearers(reference)[skill])
            if reference.skill_kinds[skill] == "savoir-faire" and skill in reference.core_skill_codes(code):
                held["core " + skill] = held[skill]
    return held


@cache
def bearers(reference: Occupations) -> Counter[str]:
    """How many occupations have each skill."""
    return Counter(skill for code in reference.codes for skill in reference.skill_codes(code))


def share(one: str, other: str, reference: Occupations) -> float:
    """The weight of what both occupations have over the weight of what either has."""
    a, b = competences(one, reference), competences(other, reference)
    either = sum({**a, **b}.values())
    return sum(a[skill] for skill in a if skill in b) / either if either else 0.0


@cache
def same_skill(asked: str, held: str) -> bool:
    return grade(asked, held) > 0


@cache
def certificates(cell: tuple[str, ...] | None) -> dict[str, date]:
    """Code → end of validity (the last one where it is written twice)."""
    found: dict[str, date] = {}
    for item in cell or ():
        name, _at, day = item.partition("@")
        end = date.fromisoformat(day) if day else date.max
        for code in split_certificate(normalise_certificate(name)):
            found[code] = max(end, found.get(code, end))
    return found


@cache
def commune_of(commune: str | None, postal: str | None, city: str | None) -> int:
    return int(communes().resolve(*(np.array([v], dtype=object) for v in (commune, postal, city)))[0])


def place_of(position: Row) -> tuple[int, ...]:
    return _place(*(position[name] for name in ("commune", "postal_code", "city", "place_code", "place_kind")))


@cache
def _place(
    commune: str | None, postal: str | None, city: str | None, code: str | None, kind: str | None
) -> tuple[int, ...]:
    one = commune_of(commune, postal, city)
    if one >= 0:
        return (one,)
    area = communes().area(code, kind) if code else ()
    return tuple(area or (communes().area(postal, "postal") if postal else ()))


def haversine(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    a, b, c, d = (math.radians(v) for v in (latitude, longitude, other_latitude, other_longitude))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


@cache
def wide(place: tuple[int, ...]) -> bool:
    """Whether the box around an area's communes is more than 10 km across."""
    if len(place) < 2:
        return False
    latitudes = [float(communes().latitude[i]) for i in place]
    longitudes = [float(communes().longitude[i]) for i in place]
    return haversine(min(latitudes), min(longitudes), max(latitudes), max(longitudes)) > 10


@cache
def kilometres(home: int, place: tuple[int, ...]) -> float | None:
    if home < 0 or not place:
        return None
    if home in place:
        return 0.0
    table = communes()
    at = (table.latitude[home], table.longitude[home])
    return min(haversine(*at, table.latitude[member], table.longitude[member]) for member in place)


@cache
def licences(cell: tuple[str, ...] | None) -> set[str] | None:
    if cell is None:
        return None
    return {code for held in cell for code in (held, *ALSO.get(held, "").split())}


@dataclass
class SlowMatcher:
    """The contract's rules about pairs, for one day and one set of options."""

    on: date
    rules: str | None = None
    complete: tuple[str, ...] = ()
    assume_no: tuple[str, ...] = ()

    def rule_sets(self, position: Row) -> list[tuple[str, str, tuple[str, ...] | None]]:
        """(pack, mode, categories) of each rule that opens the position."""
        mode = position["mode"] or "direct"
        clause = position["rules"] or self.rules or "ccag-2021"
        by_mode = {"direct": clause, "GEIQ": "geiq"}.get(mode, "iae-2021")
        insertion = ("iae-2021", mode if mode in ("ETTI", "EI", "ACI", "AI") else "EI", None)
        handicap = (clause, mode, ("boeth",))
        if position["reserved"] == "insertion":
            return [insertion]
        if position["reserved"] == "handicap":
            return [handicap]
        if position["reserved"] == "unspecified":
            return [insertion, handicap]
        return [(position["rules"] or by_mode, mode, position["categories"] or None)]

    def outcome(self, person: Row, position: Row) -> str:
        return max((self._outcome(person, rule) for rule in self.rule_sets(position)), key=BEST.__getitem__)

    def _outcome(self, person: Row, rule: tuple[str, str, tuple[str, ...] | None]) -> str:
        pack, mode, categories = rule
        facts = dict(person)
        for name in self.assume_no:
            if facts[name] is None:
                facts[name] = {"pass_iae_until": date.min, "benefits": (), "programmes": ()}.get(name, False)
        answers = Twin(facts, self.on).answers(pack)
        if categories:
            wanted = {name.casefold() for name in categories}
            answers = {code: answer for code, answer in answers.items() if code.casefold() in wanted}
        if pack != "iae-2021":
            return outcome(answers)
        if not set(answers) & set(SUFFICIENT):
            answers = {SUFFICIENT[0]: False, **answers}
        return outcome(answers, mode)

    def distance(self, person: Row, position: Row) -> float | None:
        return kilometres(commune_of(person["commune"], person["postal_code"], person["city"]), place_of(position))

    def limit(self, person: Row) -> float:
        return 25 if person["max_distance_km"] is None else person["max_distance_km"]

    def lacking(self, person: Row, code: str) -> bool:
        """Whether a required certificate is known missing or expired."""
        held = certificates(person["certificates"])
        if code in held:
            return held[code] < self.on
        return self.whole(person, "certificates")

    def whole(self, person: Row, column: str) -> bool:
        """Whether the list is known to lack nothing."""
        return person[column] == () or (person[column] is not None and column in self.complete)

    def first_filter(self, person: Row, position: Row) -> str | None:
        """The first hard filter, in the contract's order, that sets the person aside."""
        if person["objection"] is True:
            return "objection"
        if person["right_to_work_until"] is not None and person["right_to_work_until"] < self.on:
            return "right_to_work"
        if self.outcome(person, position) == "not_eligible":
            return "not_eligible"
        km = self.distance(person, position)
        if km is not None and km > self.limit(person):
            return "distance"
        if person["available_from"] and position["end_date"] and person["available_from"] > position["end_date"]:
            return "availability"
        if person["accepts"] is not None and not set(position["schedule"] or ()) <= set(person["accepts"]):
            return "schedule"
        held = licences(person["licences"])
        if held is not None and not set(position["licences"] or ()) <= held:
            return "licence"
        if position["vehicle"] is True and person["vehicle"] is False:
            return "licence"
        if any(self.lacking(person, code) for code in certificates(position["certificates"])):
            return "certificate"
        if set(person["work_limits"] or ()) & set(position["demands"] or ()):
            return "work_limits"
        return None

    def levels(self, person: Row, position: Row) -> dict[str, str]:
        """Feature → level: the method of that name, `travel` for the feature `distance`."""
        methods = {name: "travel" if name == "distance" else name for name in CARD["points"]}
        return {name: getattr(self, method)(person, position) for name, method in methods.items()}

    def raw(self, person: Row, position: Row) -> int:
        levels = self.levels(person, position)
        return CARD["base"] + sum(CARD["points"][name].get(level, 0) for name, level in levels.items())

    def order(self, person: Row, position: Row) -> tuple[int, date, str]:
        """The sort key of a list."""
        return (-self.raw(person, position), person["available_from"] or date.max, person["candidate_id"])

    def ranking(self, people: list[Row], position: Row) -> list[Row]:
        """Everybody who may be listed, best first."""
        if not place_of(position):
            return []
        passed = [person for person in people if self.first_filter(person, position) is None]
        return sorted(passed, key=lambda person: self.order(person, position))

    # The features, one method each.

    def wish(self, person: Row, position: Row) -> str:
        target = self.occupation(position)
        if target is None or not person["occupations"]:
            return "unknown"
        codes = [code_of(word) for word in person["occupations"]]
        seen = [near(target, code) for code in codes if code]
        if codes[0] == target:
            return "first"
        if "same" in seen:
            return "wished"
        if "mobility" in seen:
            return "near"
        if "related" in seen:
            return "related"
        if "family" in seen:
            return "family"
        return "unknown" if None in codes else "elsewhere"

    def occupation(self, position: Row) -> str | None:
        word = position["occupation"] or position["title"]
        return code_of(word) if word else None

    def jobs(self, person: Row) -> list[tuple[str | None, float | None]]:
        """What the person has done: (code or None, months or None)."""
        found = []
        for item in person["experience"]:
            word, colon, months = item.rpartition(":")
            found.append((code_of(word if colon else item), float(months) if colon else None))
        return found

    def months(self, person: Row, target: str) -> tuple[float, bool]:
        """Months said in this or a near occupation, and whether there may be more."""
        total, silent = {}, set()
        more = False
        for code, months in self.jobs(person):
            if code is None:
                more = True
            elif near(target, code) in ("same", "mobility"):
                if months is None:
                    silent.add(code)
                else:
                    total[code] = total.get(code, 0) + months
        return sum(total.values()), more or bool(silent - set(total))

    def practice(self, person: Row, position: Row) -> str:
        target = self.occupation(position)
        if target is None or person["experience"] is None:
            return "unknown"
        if person["experience"] == ():
            return "none"
        codes = [code for code, _months in self.jobs(person)]
        seen = [near(target, code) for code in codes if code]
        if "same" in seen:
            return "confirmed" if self.months(person, target)[0] >= 12 else "some"
        if "mobility" in seen:
            return "near"
        if "related" in seen:
            return "related"
        if "family" in seen:
            return "family"
        return "unknown" if None in codes else "elsewhere"

    def experience(self, person: Row, position: Row) -> str:
        asked = position["experience_months"]
        if not asked:
            return "not_asked"
        target = self.occupation(position)
        if target is None or person["experience"] is None:
            return "unknown"
        done, more = self.months(person, target)
        if done >= asked:
            return "met"
        if done >= asked / 2:
            return "half"
        return "unknown" if more else "short"

    def skills(self, person: Row, position: Row) -> str:
        asked = position["skills"]
        if not asked:
            return "not_asked"
        found = sum(any(same_skill(skill, held) for held in person["skills"] or ()) for skill in asked)
        if found == len(asked):
            return "all"
        if found * 3 >= len(asked) * 2:
            return "most"
        if found:
            return "some"
        return "none" if self.whole(person, "skills") else "unknown"

    def certificates(self, person: Row, position: Row) -> str:
        asked = certificates(position["certificates"])
        if not asked:
            return "not_asked"
        held = certificates(person["certificates"])
        last = position["end_date"] or position["start_date"] or date.min
        found = [held[code] for code in asked if code in held]
        if len(found) == len(asked):
            return "held" if min(found) >= last else "expiring"
        return "part" if found else "unknown"

    def wished_certificates(self, person: Row, position: Row) -> str:
        asked = certificates(position["certificates_wished"])
        if not asked:
            return "not_asked"
        held = certificates(person["certificates"])
        found = [code for code in asked if code in held and held[code] >= (position["start_date"] or date.min)]
        if len(found) == len(asked):
            return "held"
        if found:
            return "part"
        return "none" if self.whole(person, "certificates") else "unknown"

    def driving(self, person: Row, position: Row) -> str:
        wanted = set(position["licences"] or ())
        answers = []
        if wanted:
            held = licences(person["licences"])
            answers.append(held is not None and wanted <= held)
        if position["vehicle"] is True:
            answers.append(person["vehicle"] is True)
        if not answers:
            return "not_asked"
        return "ready" if all(answers) else "part" if any(answers) else "unknown"

    def french(self, person: Row, position: Row) -> str:
        if position["french_min"] is None:
            return "not_asked"
        known = person["french_level"]
        return self._step(known and FRENCH.index(known), FRENCH.index(position["french_min"]))

    def qualification(self, person: Row, position: Row) -> str:
        if position["qualification_min"] is None:
            return "not_asked"
        return self._step(person["qualification_level"], position["qualification_min"])

    def _step(self, known: float | None, asked: float) -> str:
        if known is None:
            return "unknown"
        return "met" if known >= asked else "one_below" if known == asked - 1 else "below"

    def availability(self, person: Row, position: Row) -> str:
        start, day = position["start_date"], person["available_from"]
        if start is None:
            return "not_asked"
        if day is None:
            return "unknown"
        return "at_start" if day <= start else "within_month" if day <= start + timedelta(31) else "later"

    def travel(self, person: Row, position: Row) -> str:
        km, limit = self.distance(person, position), self.limit(person)
        if km is None or wide(place_of(position)):
            return "unknown"
        if km <= 3:
            return "next_door"
        return "close" if 3 * km <= limit else "middle" if 3 * km <= 2 * limit else "far"

    def transport(self, person: Row, position: Row) -> str:
        km, area = self.distance(person, position), wide(place_of(position))
        walks = km is not None and km <= 3 and not area
        if walks or person["vehicle"] is True or position["bus_reachable"] is True:
            return "easy"
        stuck = person["vehicle"] is False and position["bus_reachable"] is False
        return "hard" if stuck and km is not None and km > 3 else "unknown"

    def hours(self, person: Row, position: Row) -> str:
        weekly, least, most = position["weekly_hours"], person["weekly_hours_min"], person["weekly_hours_max"]
        if weekly is None:
            return "not_asked"
        if least is None and most is None:
            return "unknown"
        if most is not None and weekly > most:
            return "above"
        return "below" if least is not None and weekly < least else "within"

    def schedule(self, person: Row, position: Row) -> str:
        if not position["schedule"]:
            return "not_asked"
        return "unknown" if person["accepts"] is None else "accepted"

    def wage(self, person: Row, position: Row) -> str:
        offered, least = position["wage"], person["wage_min"]
        if offered is None:
            return "not_asked"
        if least is None:
            return "unknown"
        return "met" if offered >= least else "nearly" if offered >= 0.95 * least else "below"

    def demands(self, person: Row, position: Row) -> str:
        if not position["demands"]:
            return "not_asked"
        return "unknown" if person["work_limits"] is None else "suited"
