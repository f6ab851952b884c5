"""What may go to an employer about people chosen and validated: a whitelist, and only words of our own.

Every cell is a resolved label, a code of a closed vocabulary, a number or a date; no free text of a person's file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from matcher.engine import Engine
from matcher.errors import UsageError
from matcher.locale import N_, _
from matcher.reference import occupations
from matcher.resolve.cells import cell_items
from matcher.resolve.people import Held
from matcher.skills import skill_key
from matcher.skills.words import words
from matcher.vocabulary import PERMANENT, Outcome

# Codes that `normalise_certificate` makes of words it knows; anything else is the person's own text.
KNOWN_CERTIFICATE = re.compile(
    r"CACES_R\d{3}(_[A-G0-9]{1,2})*|HABILITATION(_?[BH][0-2RESCP](EL|XL|[VTLNSE])?)+|SST|PSC1|AIPR|CARTE_BTP|CARTE_PRO_SECURITE|FIMO"
    r"|FIMO_VOYAGEURS|FCO|SSIAP(_[123])?|HACCP|CERTIPHYTO|ADR|BAFA|AMIANTE_SS[34]|TRAVAIL_HAUTEUR|R408|R457"
)
BANDS_KM = (5, 10, 20, 30, 50)


@dataclass(frozen=True)
class Sheet:
    """The employer's table, the reference of each person for the facilitator's eyes, and who was refused and why."""

    table: pd.DataFrame
    references: Mapping[str, str]
    refused: Mapping[str, str]


def company_sheet(engine: Engine, position_id: str, candidate_ids: Sequence[str]) -> Sheet:
    """The sheet of some people for one position, in the order given.

    People who object, who are not eligible, whose right to work has ended or whom no facilitator has validated are
    refused, by the name of the rule. Raises UsageError for identifiers that are not in the tables.
    """
    ids = engine.positions["position_id"].to_numpy(dtype=object)
    if position_id not in ids:
        raise UsageError(
            _("Aucun poste utilisable n'a l'identifiant « {id} ».").format(id=position_id),
            _("Vérifier --position, et rejected.csv si la ligne a été rejetée."),
        )
    i = int(np.flatnonzero(ids == position_id)[0])
    rows = {str(key): row for row, key in enumerate(engine.candidates["candidate_id"])}
    lost = [key for key in candidate_ids if key not in rows]
    if lost:
        raise UsageError(
            _("{count} identifiant(s) de --candidates ne sont pas dans le fichier.").format(count=len(lost)),
            _("Vérifier les identifiants, séparés par |."),
        )
    refused, lines, references = {}, [], {}
    for key in dict.fromkeys(candidate_ids):
        rule = _refusal(engine, i, rows[key])
        if rule:
            refused[key] = rule
            continue
        references[key] = reference(position_id, key)
        lines.append(_line(engine, i, rows[key], references[key]))
    return Sheet(pd.DataFrame(lines, columns=[_(title) for title in CELLS]), references, refused)


def reference(position_id: str, candidate_id: str) -> str:
    """A person's pseudonym for one position: the same on every sheet of it, another elsewhere."""
    digest = blake2b(f"{position_id}\x00{candidate_id}".encode(), digest_size=4, person=b"company-sheet")
    return f"C-{digest.hexdigest().upper()}"


def _refusal(engine: Engine, i: int, row: int) -> str | None:
    """The name of the rule that keeps this person off the sheet, None when there is none."""
    if engine.gate.objects[row]:
        return "objection"
    if engine.gate.no_right_to_work[row]:
        return "right_to_work_until"
    facts = engine.candidates.iloc[row]
    validated = facts["validated_on"]
    if pd.isna(validated) or validated > pd.Timestamp(engine.options.on):
        return "validated_on"
    if pd.isna(facts["validated_by"]):
        return "validated_by"
    if engine.decisions.outcome(engine.rule_sets[i])[row] == int(Outcome.NOT_ELIGIBLE):
        return "not_eligible"
    return None


@dataclass(frozen=True)
class _Person:
    engine: Engine
    i: int
    row: int
    reference: str


def _line(engine: Engine, i: int, row: int, pseudonym: str) -> list[str]:
    person = _Person(engine, i, row, pseudonym)
    return [cell(person) for cell in CELLS.values()]


def _labels(codes: Sequence[str]) -> Iterator[str]:
    table = occupations()
    yield from (label for label in (table.label(code) for code in codes) if label)


def _slice(ids: Any, lists: Any, row: int) -> slice:
    cell = int(ids[row])
    return slice(int(lists.starts[cell]), int(lists.starts[cell + 1])) if cell >= 0 else slice(0, 0)


def _wished(person: _Person) -> str:
    people = person.engine.people
    numbers = people.wishes.values[_slice(people.wish_ids, people.wishes, person.row)]
    return " ; ".join(dict.fromkeys(_labels([people.occupation_codes[number] for number in numbers])))


def _experience(person: _Person) -> str:
    people = person.engine.people
    practice = people.practice
    where = _slice(practice.cells, practice.lists, person.row)
    parts: list[str] = []
    for number, months in zip(practice.lists.values[where], practice.months[where], strict=True):
        told = "{label}" if np.isnan(months) else _("{label} ({months:g} mois)")
        parts.extend(told.format(label=label, months=months) for label in _labels([people.occupation_codes[number]]))
    return " ; ".join(parts)


@lru_cache(maxsize=1)
def _skill_labels() -> Mapping[str, str]:
    """Key of each skill of the embedded list → the label that names its group."""
    return {skill_key(group[0]): group[0] for group in reversed(words().synonyms)}


def _skills(person: _Person) -> str:
    """The position's skills that the person has, in the position's words, then those of the embedded list."""
    job = person.engine.jobs[person.i]
    asked = [skill for skill in job.skills if person.engine.context.has_skill(person.row, skill)]
    given = person.engine.candidates["skills"].iloc[person.row]
    keys = [skill_key(item) for item in cell_items(given)] if isinstance(given, str) else []
    covered = {skill_key(skill) for skill in asked}
    listed = [_skill_labels()[key] for key in keys if key in _skill_labels() and key not in covered]
    return " ; ".join(dict.fromkeys([*asked, *listed]))


def _certificates(person: _Person) -> str:
    held: Held = person.engine.people.certificates
    names = {number: name for name, number in held.names.items()}
    where = _slice(held.ids, held.lists, person.row)
    parts: list[str] = []
    for number, until in zip(held.lists.values[where], held.until[where], strict=True):
        if KNOWN_CERTIFICATE.fullmatch(names[int(number)]) and until >= person.engine.day:
            name = names[int(number)].replace("_", " ")
            parts.append(
                name if until == PERMANENT else _("{name} (jusqu'au {day})").format(name=name, day=_day(until))
            )
    return " ; ".join(parts)


def _day(day: Any) -> str:
    """A date as French employers read it."""
    return pd.Timestamp(day).strftime("%d/%m/%Y")


def _licences(person: _Person) -> str:
    """The licences as given, a closed vocabulary; those they imply go without saying."""
    given = person.engine.candidates["licences"].iloc[person.row]
    return ", ".join(cell_items(given)) if isinstance(given, str) else ""


def _available(person: _Person) -> str:
    day = person.engine.people.available[person.row]
    return "" if np.isnat(day) else _day(max(day, person.engine.day))


def _distance(person: _Person) -> str:
    job = person.engine.jobs[person.i]
    km = float(person.engine.distances.to(job.places)[person.row])
    if np.isnan(km) or job.area:
        return _("à préciser")
    for band in BANDS_KM:
        if km <= band:
            return _("moins de {km} km").format(km=band)
    return _("plus de {km} km").format(km=BANDS_KM[-1])


def _validated(person: _Person) -> str:
    day = person.engine.candidates["validated_on"].iloc[person.row]
    return _("éligible à la clause, validé le {day}").format(day=_day(day))


def _contact(person: _Person) -> str:
    return str(person.engine.candidates["validated_by"].iloc[person.row])


# The whitelist: nothing else ever reaches an employer.
CELLS: Mapping[str, Callable[[_Person], str]] = {
    N_("référence"): lambda person: person.reference,
    N_("métier souhaité"): _wished,
    N_("expérience"): _experience,
    N_("compétences"): _skills,
    N_("certificats"): _certificates,
    N_("permis"): _licences,
    N_("disponible à partir du"): _available,
    N_("distance du lieu de travail"): _distance,
    N_("éligibilité"): _validated,
    N_("contact du facilitateur"): _contact,
}
