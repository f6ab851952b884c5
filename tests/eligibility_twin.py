"""A slow, obvious evaluator, written from the contract's tables and not from the packs, one person at a time.

A person is a dict of plain values: True, False, dates, numbers, tuples of words; a key that is absent is unknown.
Answers are True, False or None (unknown).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pandas as pd

from matcher.rules.vocabulary import fact_table

Person = dict[str, Any]
Answer = bool | None


def table(people: Iterable[Person]) -> pd.DataFrame:
    """The canonical table of these people (lists become text, `none` when empty)."""
    rows = list(people)
    columns: dict[str, Any] = {
        "candidate_id": pd.Series([row.get("candidate_id", f"P{n}") for n, row in enumerate(rows)], dtype="str")
    }
    for fact in fact_table().facts:
        cells = [row.get(fact.name) for row in rows]
        if fact.kind == "tri":
            columns[fact.name] = pd.array(cells, dtype="boolean")
        elif fact.kind == "date":
            columns[fact.name] = pd.Series(cells, dtype="datetime64[s]")
        elif fact.kind == "number":
            columns[fact.name] = pd.Series(cells, dtype="float64")
        else:
            columns[fact.name] = pd.Series([_cell(cell) for cell in cells], dtype="str")
    columns["evidence"] = pd.Series([_cell(row.get("evidence")) for row in rows], dtype="str")
    return pd.DataFrame(columns)


def _cell(value: Any) -> str | None:
    if isinstance(value, tuple):
        return "|".join(value) or "none"
    return value


def plus_months(day: date, months: int) -> date:
    """Month by month on the calendar; a day the month lacks is its last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def both(*answers: Answer) -> Answer:
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def either(*answers: Answer) -> Answer:
    if any(answer is True for answer in answers):
        return True
    return None if any(answer is None for answer in answers) else False


def opposite(answer: Answer) -> Answer:
    return None if answer is None else not answer


class Twin:
    """The contract's words about one person on one day."""

    def __init__(self, person: Person, on: date) -> None:
        self.person = person
        self.on = on

    def get(self, name: str) -> Any:
        return self.person.get(name)

    def when(self, name: str, test: Callable[[Any], bool]) -> Answer:
        value = self.get(name)
        return None if value is None else test(value)

    def more_than_months(self, name: str, months: int) -> Answer:
        return self.when(name, lambda day: self.on > plus_months(day, months))

    def months_at_least(self, name: str, months: int) -> Answer:
        return self.when(name, lambda day: self.on >= plus_months(day, months))

    def under_years(self, years: int) -> Answer:
        return self.when("birth_date", lambda day: self.on < plus_months(day, 12 * years))

    def over_years(self, years: int) -> Answer:
        return self.when("birth_date", lambda day: self.on > plus_months(day, 12 * years))

    def years_or_more(self, years: int) -> Answer:
        return self.when("birth_date", lambda day: self.on >= plus_months(day, 12 * years))

    def number(self, name: str, test: Callable[[float], bool]) -> Answer:
        return self.when(name, test)

    def benefits(self, *words: str) -> Answer:
        return self.when("benefits", lambda held: any(word in held for word in words))

    def programmes(self, *words: str) -> Answer:
        return self.when("programmes", lambda held: any(word in held for word in words))

    def since_activity(self, months: int, *, strict: bool) -> Answer:
        if self.get("employed") is True:
            return False
        if self.get("last_activity_end") is not None:
            name = "last_activity_end"
        elif self.get("ever_worked") is False:
            name = "left_education"
        else:
            return None
        return self.more_than_months(name, months) if strict else self.months_at_least(name, months)

    def boeth(self) -> Answer:
        return either(self.recognised(), self.benefits("AAH", "INVALIDITE"))

    def recognised(self) -> Answer:
        return both(self.get("disability"), self.when("disability_until", lambda day: self.on <= day))

    def pass_iae(self) -> Answer:
        return self.when("pass_iae_until", lambda day: day >= self.on)

    def within(self, day: date | None, months: int) -> bool:
        return day is not None and day <= self.on <= plus_months(day, months)

    def opinion(self) -> Answer:
        if not self.within(self.get("adviser_opinion_on"), 6):
            return False
        return True if self.get("adviser_opinion_by") else None

    def prescriber(self) -> bool:
        return self.within(self.get("iae_diagnosis_on"), 6)

    def charte(self) -> dict[str, Answer]:
        seeker = self.get("jobseeker")
        level = self.get("qualification_level")
        return {
            "deld": both(
                seeker,
                either(
                    self.more_than_months("jobseeker_since", 12),
                    self.number("months_registered_36", lambda months: months > 24),
                ),
            ),
            "minima": self.benefits("RSA", "ASS", "AAH", "ASI", "ADA", "ATA", "AV"),
            "boeth": self.boeth(),
            "low_qualification": None if level is None else level <= 3,
            "never_worked": both(self.under_years(26), opposite(self.get("ever_worked"))),
            "senior": both(self.years_or_more(50), seeker),
            "young_graduate": both(
                self.under_years(30),
                None if level is None else level >= 4,
                seeker,
                self.since_activity(6, strict=False),
            ),
            "opinion": self.opinion(),
        }

    def ccag(self) -> dict[str, Answer]:
        seeker = self.get("jobseeker")
        level = self.get("qualification_level")
        little_work = self.number("months_worked_12", lambda months: months < 6)
        return {
            "structure": either(
                self.programmes("IAE", "GEIQ", "EPIDE", "E2C", "EA", "EATT", "ESAT", "REGIE"), self.pass_iae()
            ),
            "deld": both(seeker, self.more_than_months("jobseeker_since", 12), little_work),
            "minima": either(self.benefits("ASS", "AAH", "ATA", "INVALIDITE"), both(self.benefits("RSA"), seeker)),
            "boeth": both(self.boeth(), seeker),
            "youth_unqualified": both(
                seeker,
                self.under_years(26),
                None if level is None else level <= 2,
                self.months_at_least("left_education", 6),
            ),
            "youth_graduate": both(
                seeker,
                self.under_years(26),
                None if level is None else level >= 3,
                self.since_activity(6, strict=False),
            ),
            "senior": both(self.over_years(50), seeker),
            "qpv": both(self.get("qpv"), seeker, little_work),
            "youth_support": self.programmes("CEJ", "PACEA", "SMV", "SMA"),
            "refugee": self.get("refugee"),
            "opinion": self.opinion(),
        }

    def geiq(self) -> dict[str, Answer]:
        level = self.get("qualification_level")
        return {
            "youth": both(self.under_years(26), None if level is None else level <= 4),
            "minima": self.benefits("RSA", "ASS", "AAH", "ASI", "AV"),
            "away": self.since_activity(12, strict=True),
            "de_45": both(self.get("jobseeker"), self.years_or_more(45)),
            "siae": self.programmes("IAE"),
            "boeth": self.boeth(),
            "PRESCRIBER": self.prescriber(),
            "refugee": self.get("refugee"),
            "qpv": self.get("qpv"),
            "zrr": self.get("zrr"),
            "justice": self.get("justice"),
        }

    def npnru(self) -> dict[str, Answer]:
        return {"qpv": self.get("qpv")}

    def iae(self) -> dict[str, Answer]:
        seeker = self.get("jobseeker")
        return {
            "PASS_IAE": self.pass_iae(),
            "PRESCRIBER": self.prescriber(),
            "RSA": self.benefits("RSA"),
            "ASS": self.benefits("ASS"),
            "AAH": self.benefits("AAH"),
            "DETLD": both(seeker, self.months_at_least("jobseeker_since", 24)),
            "CAP_BEP": self.number("qualification_level", lambda level: level <= 3),
            "SENIOR": self.years_or_more(50),
            "JEUNE": self.under_years(26),
            "ASE": self.get("ase_leaver"),
            "DELD": both(
                seeker,
                self.months_at_least("jobseeker_since", 12),
                self.when("jobseeker_since", lambda day: self.on < plus_months(day, 24)),
            ),
            "TH": self.recognised(),
            "PI": self.get("single_parent"),
            "PSH_PR": self.get("homeless"),
            "REF_DA": self.get("refugee"),
            "ZRR": self.get("zrr"),
            "QPV": self.get("qpv"),
            "DETENTION_MJ": self.get("justice"),
            "FLE": self.when("french_level", lambda level: level == "A0"),
            "PM": self.get("mobility_difficulty"),
        }

    def answers(self, pack: str) -> dict[str, Answer]:
        return {
            "charte-91-2018": self.charte,
            "ccag-2021": self.ccag,
            "geiq": self.geiq,
            "npnru": self.npnru,
            "iae-2021": self.iae,
        }[pack]()


SUFFICIENT = ("PASS_IAE", "PRESCRIBER", "RSA", "ASS", "AAH", "DETLD")
NEEDED = {"ETTI": 2, "AI": 2, "EI": 3, "ACI": 3, "EITI": 3}


def outcome(answers: dict[str, Answer], mode: str | None = None) -> str:
    """`eligible`, `to_verify` or `not_eligible`, from the answers; counted when there is a mode."""
    if mode is None:
        whole = either(*answers.values())
        return {True: "eligible", None: "to_verify", False: "not_eligible"}[whole]
    single = either(*(answer for code, answer in answers.items() if code in SUFFICIENT))
    others = {code: answer for code, answer in answers.items() if code not in SUFFICIENT}
    known = sum(answer is True for answer in others.values())
    hoped = known + sum(answer is None for answer in others.values())
    if others.get("SENIOR", False) is None and others.get("JEUNE", False) is None:
        hoped -= 1
    if single is True or known >= NEEDED[mode]:
        return "eligible"
    return "to_verify" if single is None or hoped >= NEEDED[mode] else "not_eligible"


def decision(person: Person, pack: str, on: date, mode: str | None = None) -> tuple[str, str, str]:
    """The outcome, the true categories and the undecided ones, as the contract prints them."""
    answers = Twin(person, on).answers(pack)
    true = "|".join(code for code, answer in answers.items() if answer is True)
    undecided = "|".join(code for code, answer in answers.items() if answer is None)
    return outcome(answers, mode if pack == "iae-2021" else None), true, undecided


MONTHS = dict.fromkeys(
    ("avis_situation_ft", "attestation_rsa", "attestation_ass", "attestation_aah", "attestation_allocation"), 3
) | dict.fromkeys(("attestation_structure", "declaration_honneur", "attestation_caf", "attestation_hebergement"), 3)
MONTHS |= dict.fromkeys(
    ("justificatif_domicile", "justificatif_justice", "evaluation_linguistique", "avis_motive"), 6
)
MONTHS |= {"diagnostic_mobilite": 6, "attestation_ase": 12}


def is_seen(person: Person, code: str, on: date, *, fresh: bool) -> bool:
    """Whether a document was seen by `on`, and, when `fresh`, is still good (its own end date is the fact's)."""
    for item in person.get("evidence") or ():
        name, _at, text = item.partition("@")
        if name != code:
            continue
        if not text:
            if code not in MONTHS or not fresh:
                return True
            continue
        day = date.fromisoformat(text)
        if day <= on and (not fresh or code not in MONTHS or on <= plus_months(day, MONTHS[code])):
            return True
    return False


def proof_by_one_document(person: Person, code: str, document: str, pack: str, on: date) -> str:
    """The proof of one category that one document proves."""
    if Twin(person, on).answers(pack)[code] is not True:
        return "missing"
    if is_seen(person, document, on, fresh=True):
        return "seen"
    return "stale" if is_seen(person, document, on, fresh=False) else "missing"
