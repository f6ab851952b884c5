"""The table of invented people: facts drawn whole, then gaps and contradictions as real files have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_samples import columns as c
from data_samples import names, wishes
from data_samples.draws import Bools, Draws, Ints
from data_samples.places import Towns
from data_samples.rights import Rights, draw_rights, evidence
from data_samples.who import FRENCH, Who, draw_who
from matcher.schema import CANDIDATES

# Share of empty (unknown) cells by column; a column not listed is always filled.
GAPS: Mapping[str, float] = {
    "birth_date": 0.03,
    "email": 0.25,
    "phone": 0.08,
    "prescriber": 0.03,
    "adviser": 0.12,
    "sex": 0.04,
    "qpv": 0.28,
    "jobseeker": 0.06,
    "jobseeker_since": 0.12,
    "months_registered_36": 0.45,
    "months_worked_12": 0.3,
    "last_activity_end": 0.3,
    "left_education": 0.4,
    "ever_worked": 0.2,
    "employed": 0.12,
    "benefits": 0.14,
    "disability": 0.2,
    "disability_until": 0.25,
    "qualification_level": 0.1,
    "programmes": 0.3,
    "pass_iae_until": 0.4,
    "refugee": 0.35,
    "justice": 0.65,
    "single_parent": 0.3,
    "ase_leaver": 0.6,
    "homeless": 0.45,
    "zrr": 0.4,
    "mobility_difficulty": 0.4,
    "right_to_work_until": 0.3,
    "evidence": 0.25,
    "occupations": 0.03,
    "experience": 0.15,
    "skills": 0.25,
    "certificates": 0.35,
    "licences": 0.15,
    "vehicle": 0.2,
    "max_distance_km": 0.25,
    "available_from": 0.2,
    "weekly_hours_min": 0.35,
    "weekly_hours_max": 0.25,
    "accepts": 0.35,
    "work_limits": 0.4,
    "french_level": 0.3,
    "wage_min": 0.5,
    "facts_on": 0.15,
    "informed_on": 0.3,
}
# One person in twenty carries a contradiction, shared between these kinds.
CONTRADICTIONS = (
    "",
    "non inscrit, mais une date d'inscription",
    "en emploi, mais 0 mois travaillé sur 12",
    "n'a jamais travaillé, mais une expérience",
    "suivi en IAE, mais aucun PASS IAE",
)
CONTRADICTION_RATE = 0.05


class _Table:
    """Columns under construction, with the gaps of each."""

    def __init__(self, draws: Draws, gaps: bool) -> None:
        self.draws, self.gaps = draws, gaps
        self.columns: dict[str, pa.Array] = {}
        # Rows whose contradiction must stay visible keep every cell.
        kinds = len(CONTRADICTIONS) - 1
        weights = [1 - CONTRADICTION_RATE, *[CONTRADICTION_RATE / kinds] * kinds]
        self.contradiction = draws.pick("contradiction", weights) * gaps

    def unknown(self, name: str) -> Bools:
        """Which cells of a column are left empty."""
        if not self.gaps:
            return np.zeros(self.draws.n, dtype=np.bool_)
        empty: Bools = self.draws.chance(f"gap {name}", GAPS.get(name, 0.0)) & (self.contradiction == 0)
        return empty

    def add(self, name: str, column: pa.Array) -> None:
        self.columns[name] = column

    def truth(self, name: str, values: Bools) -> None:
        self.add(name, c.three_valued(values, self.unknown(name)))

    def arrow(self) -> pa.Table:
        rows = self.draws.n
        for column in CANDIDATES.names:
            self.columns.setdefault(column, pa.nulls(rows, pa.string()))
        return pa.table({column: self.columns[column] for column in CANDIDATES.names})


def _identity(table: _Table, who: Who, rights: Rights, first_number: int, id_width: int) -> None:
    draws, n = table.draws, table.draws.n
    everyone = np.zeros(n, dtype=np.bool_)
    serial = pa.array(np.arange(first_number, first_number + n)).cast(pa.string())
    table.add("candidate_id", c.glued("P", pc.utf8_lpad(serial, id_width, "0")))
    woman = np.where(who.other_sex, draws.chance("first name", 0.5), who.woman)
    given = np.where(
        woman,
        draws.pick("woman name", [1.0] * len(names.WOMEN)),
        len(names.WOMEN) + draws.pick("man name", [1.0] * len(names.MEN)),
    )
    family = draws.pick("last name", [1.0] * len(names.LAST))
    given_names = [*names.WOMEN, *names.MEN]
    table.add("first_name", c.coded(given_names, given, everyone))
    table.add("last_name", c.coded(names.LAST, family, everyone))
    table.add("birth_date", c.day(who.birth, table.unknown("birth_date")))
    mail = table.unknown("email")
    table.add(
        "email",
        c.glued(
            c.coded([names.plain(name) for name in given_names], given, mail),
            ".",
            c.coded([names.plain(name) for name in names.LAST], family, mail),
            serial,
            "@example.org",
        ),
    )
    # Ranges kept out of service by the regulator (ARCEP) for works of fiction.
    tail = draws.pick("phone", [1.0] * 10_000)
    fixed = draws.chance("fixed phone", 0.12)
    tails = [f"{k // 100:02d} {k % 100:02d}" for k in range(10_000)]
    prefix = c.coded(["06 39 98 ", "01 99 00 "], fixed.astype(np.int64), table.unknown("phone"))
    table.add("phone", c.glued(prefix, c.coded(tails, tail, everyone)))
    _followed_by(table, who, rights)
    sex = np.where(who.other_sex, 2, np.where(who.woman, 0, 1))
    table.add("sex", c.coded(["F", "M", "X"], sex, table.unknown("sex")))


def _followed_by(table: _Table, who: Who, rights: Rights) -> None:
    """The organisation and its contact: by age, by benefit, by disability, else the general ones."""
    draws = table.draws
    offices = names.OFFICES
    groups = (names.YOUTH_OFFICES, names.BENEFIT_OFFICES, names.DISABILITY_OFFICES, names.GENERAL_OFFICES)
    weights = np.array([[float(office in group) for office in offices] for group in groups])
    special = draws.uniform("special office")
    group = np.select(
        [
            (who.age < 26) & (special < 0.8),
            rights.benefits["RSA"] & (special < 0.5),
            rights.disability & (special < 0.5),
        ],
        [0, 1, 2],
        3,
    ).astype(np.int64)
    office = draws.pick_by("office", group, weights)
    table.add("prescriber", c.coded(offices, office, table.unknown("prescriber")))
    # An organisation has three or four advisers of its own.
    person = (office * 3 + draws.pick("adviser", [1.0] * 4)) % len(names.ADVISERS)
    labels = [f"{name}, {names.plain(name.split()[1])}@example.org" for name in names.ADVISERS]
    table.add("adviser", c.coded(labels, person, table.unknown("adviser")))


def _work_history(table: _Table, who: Who) -> None:
    kind = table.contradiction
    seeker = who.jobseeker & (kind != 1)
    since = c.months_before(who.on, who.registered)
    table.truth("jobseeker", seeker)
    table.add("jobseeker_since", c.day(since, table.unknown("jobseeker_since") | ~(seeker | (kind == 1))))
    registered = np.where(seeker, who.registered_36, 0)
    table.add("months_registered_36", c.number(registered, table.unknown("months_registered_36")))
    worked = np.where(kind == 2, 0, who.worked_12)
    table.add("months_worked_12", c.number(worked, table.unknown("months_worked_12")))
    table.add("last_activity_end", c.day(who.last_end, table.unknown("last_activity_end")))
    table.add("left_education", c.day(who.left, table.unknown("left_education")))
    table.truth("ever_worked", who.ever_worked & (kind != 3))
    table.truth("employed", who.employed | (kind == 2))


def _situation(table: _Table, who: Who, rights: Rights) -> None:
    kind = table.contradiction
    table.truth("qpv", who.qpv)
    unknown = table.unknown("benefits")
    table.add("benefits", c.listed(list(rights.benefits.items()), unknown))
    table.truth("disability", rights.disability)
    until = table.unknown("disability_until") | ~rights.disability
    permanent = [("permanent", rights.permanent)]
    table.add("disability_until", c.day_or_word(rights.disability_end, permanent, until))
    table.add("qualification_level", c.number(who.level, table.unknown("qualification_level")))
    programmes = {**rights.programmes, "IAE": rights.programmes["IAE"] | (kind == 4)}
    table.add("programmes", c.listed(list(programmes.items()), table.unknown("programmes")))
    ended = [("none", rights.no_pass | (kind == 4))]
    table.add("pass_iae_until", c.day_or_word(rights.pass_end, ended, table.unknown("pass_iae_until")))
    for name, values in (
        ("refugee", who.refugee),
        ("justice", rights.justice),
        ("single_parent", rights.single_parent),
        ("ase_leaver", rights.ase_leaver),
        ("homeless", rights.homeless),
        ("zrr", np.zeros_like(who.rural)),
        ("mobility_difficulty", rights.mobility_difficulty),
    ):
        table.truth(name, values)
    words = [("permanent", rights.right_permanent), ("none", rights.right_none)]
    table.add("right_to_work_until", c.day_or_word(rights.right_end, words, table.unknown("right_to_work_until")))


def _follow_up(table: _Table, who: Who, rights: Rights) -> None:
    """Opinions, diagnoses, validations, dates of checking, proofs: never after `on`."""
    draws, certain = table.draws, np.zeros(table.draws.n, dtype=np.bool_)
    given = ~np.isnat(rights.opinion_on)
    table.add("adviser_opinion_on", c.day(rights.opinion_on, certain))
    author = draws.pick("opinion author", [1.0] * len(names.ADVISERS))
    unsigned = ~given | draws.chance("unsigned opinion", 0.12)
    table.add("adviser_opinion_by", c.coded(names.ADVISERS, author, unsigned))
    table.add("iae_diagnosis_on", c.day(rights.diagnosis_on, certain))
    validated = draws.chance("validated", 0.24)
    on = who.on - draws.days("validated on", [(0, 0), (0.7, 60), (1, 200)]) * c.DAY
    by = draws.pick("validated by", [1.0] * len(names.FACILITATORS))
    table.add("validated_on", c.day(on, ~validated))
    table.add("validated_by", c.coded(names.FACILITATORS, by, ~validated))
    checked = who.on - draws.days("facts", [(0, 0), (0.6, 60), (0.9, 180), (1, 420)]) * c.DAY
    told = checked - draws.days("informed", [(0, 0), (0.7, 1), (1, 90)]) * c.DAY
    table.add("facts_on", c.day(checked, table.unknown("facts_on")))
    table.add("informed_on", c.day(told, table.unknown("informed_on")))
    table.add("evidence", evidence(draws, who, rights, table.unknown("evidence")))
    objects = draws.chance("objection", 0.01)
    table.add("objection", c.three_valued(objects, ~objects))


def _matching(table: _Table, who: Who, rights: Rights, towns: Towns) -> None:
    draws = table.draws
    wish = wishes.draw_wishes(draws, who)
    nobody = np.zeros(draws.n, dtype=np.bool_)
    table.add("commune", c.coded(towns.codes, who.town, nobody))
    table.add("occupations", wishes.occupations(wish, table.unknown("occupations")))
    table.add("experience", wishes.experience(wish, table.unknown("experience")))
    table.add("skills", wishes.skills(draws, wish, table.unknown("skills")))
    table.add("certificates", wishes.certificates(draws, who, wish, table.unknown("certificates")))
    table.add("licences", wishes.licences(draws, who, wish, table.unknown("licences")))
    table.truth("vehicle", who.vehicle)
    table.add("max_distance_km", c.number(wishes.distance(draws, who), table.unknown("max_distance_km")))
    delay = [(0.0, -60.0), (0.35, 0.0), (0.55, 0.0), (0.85, 45.0), (1.0, 150.0)]
    available = who.on + draws.days("available", delay) * c.DAY
    table.add("available_from", c.day(available, table.unknown("available_from")))
    least, most = _hours(draws, rights)
    table.add("weekly_hours_min", c.number(least, table.unknown("weekly_hours_min")))
    table.add("weekly_hours_max", c.number(most, table.unknown("weekly_hours_max")))
    table.add("accepts", wishes.accepts(draws, who, rights, wish, table.unknown("accepts")))
    table.add("work_limits", wishes.work_limits(draws, who, rights, table.unknown("work_limits")))
    table.add("french_level", c.coded(FRENCH, who.french, table.unknown("french_level")))
    table.add("wage_min", c.number(wishes.wage(draws, who), table.unknown("wage_min")))


def _hours(draws: Draws, rights: Rights) -> tuple[Ints, Ints]:
    """Hours a week, at least and at most; shorter with children alone or a disability."""
    most = np.array([20, 24, 26, 28, 30, 35, 39])
    weights = np.array([[3, 3, 3, 4, 7, 62, 18], [14, 12, 8, 12, 14, 36, 4]], dtype=np.float64)
    short = (rights.single_parent | rights.disability).astype(np.int64)
    ceiling = most[draws.pick_by("hours", short, weights)]
    least = np.array([10, 15, 20, 24, 30, 35])
    floors = np.array([[2, 6, 22, 14, 16, 40], [14, 18, 34, 16, 8, 10]], dtype=np.float64)
    return np.minimum(least[draws.pick_by("least hours", short, floors)], ceiling), ceiling


def people(
    seed: int,
    n: int,
    towns: Towns,
    on: date,
    *,
    gaps: bool = True,
    first_number: int = 1,
    id_width: int = 5,
) -> pa.Table:
    """`n` invented people as they would be known on the day `on`: every column of the table, canonical forms.

    Texts are Arrow strings, dates timestamps, three-valued facts booleans, numbers floats; null is unknown.
    `gaps=False` gives the complete facts, without unknown cells nor contradictions.
    """
    draws = Draws(seed, n)
    who = draw_who(draws, towns, np.datetime64(on, "D"))
    rights = draw_rights(draws, who)
    table = _Table(draws, gaps)
    _identity(table, who, rights, first_number, id_width)
    _work_history(table, who)
    _situation(table, who, rights)
    _follow_up(table, who, rights)
    _matching(table, who, rights, towns)
    return table.arrow()
