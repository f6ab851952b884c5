"""Each position with its list, ready for the page. People are known by their reference alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.locale import _
from matcher.reference import occupations
from matcher.report.figures import main_exclusions
from matcher.report.formats import MAX_TEXT, NO_BREAK_SPACE, clip, day, number, whole
from matcher.report.words import MODES, OUTCOMES, RESERVED, category_labels, fact_label, word
from matcher.resolve.cells import Ints, cell_items
from matcher.resolve.jobs import Job
from matcher.shortlist import Result
from matcher.wording import LIMIT_LABELS, SCHEDULE_LABELS

MAX_POSITIONS = 200
MAX_PEOPLE = 50  # lines of one list
MAX_FACTS = 3  # facts to ask for on one line


@dataclass(frozen=True)
class Person:
    """One line of a list; `interviews` says what the score has meant, where outcomes told it."""

    rank: int
    reference: str
    score: str
    interviews: str
    outcome: str
    at_start: str
    categories: str
    missing: str
    distance: str
    strengths: str
    concerns: str


@dataclass(frozen=True)
class Position:
    """One position: its line in the table of positions, and its card. `more` counts the people not shown."""

    id: str
    title: str
    occupation: str
    employer: str
    place: str
    start: str
    hours: str
    openings: int
    asked: int
    listed: int
    to_verify: int
    reason: str
    set_aside: str
    details: tuple[tuple[str, str], ...]
    requirements: tuple[tuple[str, str], ...]
    people: tuple[Person, ...]
    more: int


def positions(result: Result) -> tuple[Position, ...]:
    """The first MAX_POSITIONS positions in the order of the outputs, with the first MAX_PEOPLE of each list."""
    reasons = dict(zip(result.unfilled["position_id"], result.unfilled["reason"], strict=True))
    aside = main_exclusions(result)
    rows: Iterator[Any] = result.engine.positions.head(MAX_POSITIONS).itertuples(index=False)
    starts = np.cumsum([0, *(len(listed) for listed in result.listed)]).tolist()
    found = []
    for i, row in enumerate(rows):
        name = str(row.position_id)
        lines = result.shortlists.iloc[starts[i] : starts[i + 1]]
        people = tuple(_people(result.engine, i, lines.head(MAX_PEOPLE), _met(result, i)))
        filter_name, count = aside.get(name, ("", 0))
        found.append(
            Position(
                id=clip(name),
                title=clip(row.title) or _("poste sans intitulé"),
                occupation=_occupation(result.engine.jobs[i]),
                employer=clip(row.employer),
                place=place_label(result.engine, i),
                start=day(row.start_date),
                hours=whole(row.hours),
                openings=1 if pd.isna(row.openings) else int(row.openings),
                asked=result.engine.asked(i),
                listed=len(lines),
                to_verify=int((lines["outcome"] == "to_verify").sum()),
                reason=clip(reasons.get(name, "")),
                set_aside=_("{filter} : {people}").format(filter=filter_name, people=whole(count)) if count else "",
                details=tuple(_details(row)),
                requirements=tuple(_requirements(row)),
                people=people,
                more=len(lines) - len(people),
            )
        )
    return tuple(found)


def _met(result: Result, i: int) -> Sequence[int | None]:
    card, pairs = result.engine.card, result.pairs
    levels = pairs.levels[:, pairs.of_position(i)]
    numbers = card.interviews(card.raw(levels))
    return [None] * levels.shape[1] if numbers is None else numbers.tolist()


def _occupation(job: Job) -> str:
    if job.occupation is None:
        return ""
    label = occupations().label(job.occupation)
    return clip(f"{label} ({job.occupation})" if label and label != job.occupation else job.occupation)


def place_label(engine: Engine, i: int) -> str:
    """The workplace of position i: a commune, or an area in words."""
    job = engine.jobs[i]
    if not job.places:
        return _("lieu inconnu")
    if not job.area:
        commune = job.places[0]
        return f"{engine.communes.names[commune]} ({engine.communes.codes[commune]})"
    row: Any = engine.positions.iloc[i]
    place = engine.communes.place(row["place_code"], row["place_kind"] if pd.notna(row["place_kind"]) else None)
    return _("{place} (territoire)").format(place=clip(place.label or place.code))


def _people(engine: Engine, i: int, lines: pd.DataFrame, met: Sequence[int | None]) -> Iterator[Person]:
    """`met` has for each person how many of 100 with the same score reach an interview, where that is known."""
    labels = category_labels(engine.rule_sets[i])
    area = engine.jobs[i].area
    rows: Iterator[Any] = lines.itertuples(index=False)
    for row, number_met in zip(rows, met, strict=False):
        yield Person(
            rank=int(row.rank),
            reference=clip(row.candidate_id),
            score=number(row.score),
            interviews="" if number_met is None else _("environ {n} sur 100").format(n=whole(number_met)),
            outcome=str(row.outcome),
            at_start=word(OUTCOMES, row.at_start) if row.at_start else "",
            categories=", ".join(labels.get(code, clip(code)) for code in cell_items(row.categories) if code),
            missing=_asked([fact_label(name) for name in cell_items(row.missing) if name]),
            distance=_distance(row.distance_km, area),
            strengths=_phrases(row.strengths),
            concerns=_phrases(row.concerns),
        )


def _asked(facts: list[str]) -> str:
    """The first facts to ask for: they come with the least intrusive first."""
    if len(facts) <= MAX_FACTS + 1:
        return ", ".join(facts)
    return _("{facts}… ({n} autres)").format(facts=", ".join(facts[:MAX_FACTS]), n=whole(len(facts) - MAX_FACTS))


def _phrases(text: str) -> str:
    """A semicolon stays at the end of its line."""
    return clip(text, most=2 * MAX_TEXT).replace(" ; ", f"{NO_BREAK_SPACE}; ")


def _distance(km: float, area: bool) -> str:
    if np.isnan(km):
        return _("inconnue")
    if km == 0:
        return _("dans le territoire") if area else _("même commune")
    text = _("{km} km").format(km=number(km))
    return _("au moins {distance}").format(distance=text) if area else text


def _details(row: Any) -> Iterator[tuple[str, str]]:
    """(name, value) of what the position is."""
    if pd.notna(row.start_date) or pd.notna(row.end_date):
        yield _("Dates"), _("du {start} au {end}").format(start=day(row.start_date), end=day(row.end_date))
    if pd.notna(row.hours):
        yield _("Heures d'insertion"), _("{n} h").format(n=whole(row.hours))
    if pd.notna(row.weekly_hours):
        yield _("Par semaine"), _("{n} h").format(n=_short(row.weekly_hours))
    if isinstance(row.mode, str):
        yield _("Mode"), word(MODES, row.mode)
    if isinstance(row.reserved, str):
        yield _("Réservé"), word(RESERVED, row.reserved)
    if isinstance(row.award_id, str):
        yield _("Marché"), clip(row.award_id)
    if pd.notna(row.wage):
        yield _("Salaire"), _("{n} € brut de l'heure").format(n=number(row.wage, 2))


def _requirements(row: Any) -> Iterator[tuple[str, str]]:
    """(name, value) of what the position asks for."""
    for title, cell in (
        (_("Certificats exigés"), row.certificates),
        (_("Certificats souhaités"), row.certificates_wished),
        (_("Permis"), row.licences),
        (_("Compétences"), row.skills),
    ):
        if items := _items(cell):
            yield title, ", ".join(clip(item.replace("_", " ")) for item in items)
    if pd.notna(row.vehicle) and row.vehicle:
        yield _("Véhicule"), _("exigé")
    if pd.notna(row.experience_months) and row.experience_months > 0:
        yield _("Expérience"), _("{n} mois").format(n=_short(row.experience_months))
    if pd.notna(row.qualification_min) and row.qualification_min > 0:
        yield _("Qualification"), _("niveau {n} au moins").format(n=_short(row.qualification_min))
    if isinstance(row.french_min, str):
        yield _("Français"), _("{level} au moins").format(level=clip(row.french_min))
    if items := _items(row.demands):
        yield _("Contraintes"), ", ".join(word(LIMIT_LABELS, item) for item in items)
    if items := _items(row.schedule):
        yield _("Conditions"), ", ".join(word(SCHEDULE_LABELS, item) for item in items)


def _items(cell: object) -> list[str]:
    return cell_items(cell) if isinstance(cell, str) else []


def _short(value: float) -> str:
    return whole(value) if float(value).is_integer() else number(value)


def single_places(result: Result) -> Ints:
    """For each position the commune of its workplace; -1 for an area or an unknown place."""
    return np.array([job.places[0] if len(job.places) == 1 else -1 for job in result.engine.jobs], np.int64)
