"""Correcting what is known of a person: every column, as it would be written in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.locale import N_, _
from matcher.schema import CANDIDATES
from matcher.schema.model import Column, Kind
from matcher.vocabulary import FRENCH_LEVELS
from service.addresses import address
from service.facts import LISTS
from service.pages.forms import in_words
from service.pages.page import Go, Outcome, Shown, Visit
from service.pages.people import person as p
from service.problems import Problem

# Heading, columns, whether the group is open at first.
GROUPS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    (
        N_("Ce que la personne cherche"),
        (
            *("occupations", "available_from", "max_distance_km", "weekly_hours_min", "weekly_hours_max", "wage_min"),
            "accepts",
        ),
        True,
    ),
    (
        N_("Ce qu'elle sait faire"),
        ("experience", "skills", "certificates", "licences", "vehicle", "french_level", "qualification_level"),
        True,
    ),
    (
        N_("Identité et contact"),
        (
            *("first_name", "last_name", "birth_date", "sex", "phone", "email", "postal_code", "city", "commune"),
            *("prescriber", "adviser"),
        ),
        False,
    ),
    (
        N_("Situation"),
        (
            *("jobseeker", "jobseeker_since", "months_registered_36", "months_worked_12", "last_activity_end"),
            *("left_education", "ever_worked", "employed", "programmes", "pass_iae_until", "iae_diagnosis_on"),
            *("adviser_opinion_on", "adviser_opinion_by", "qpv", "zrr", "mobility_difficulty", "single_parent"),
            "right_to_work_until",
        ),
        False,
    ),
    (N_("Justificatifs et dates"), ("evidence", "facts_on", "informed_on"), False),
    (
        N_("À ne demander que si rien d'autre ne suffit"),
        (
            *("benefits", "disability", "disability_until", "work_limits", "ase_leaver", "homeless", "refugee"),
            "justice",
        ),
        False,
    ),
)
EDITED = tuple(name for _heading, names, _open in GROUPS for name in names)
_HINTS: Mapping[Kind, str] = {
    Kind.LIST: N_("Séparer par | ; « aucun » s'il n'y en a pas."),
    Kind.DATED_LIST: N_("Séparer par | ; une date après @ : SST@2027-03-01. « aucun » s'il n'y en a pas."),
    Kind.WEIGHTED_LIST: N_("Métier:mois, séparés par | : maçon:18|D1106:6. « aucun » s'il n'y en a pas."),
}


@dataclass(frozen=True)
class Field:
    """One field of the form: `now` is what is stored when it differs from what was typed."""

    name: str
    label: str
    value: str
    kind: str
    hint: str
    error: str
    now: str | None
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """Some fields under a heading; closed at first unless one of them was refused."""

    heading: str
    fields: tuple[Field, ...]
    open: bool


def edit(visit: Visit) -> Outcome:
    """The form with what is known."""
    person = p.asked(visit)
    return _form(person, _texts(person), None)


def save(visit: Visit) -> Outcome:
    """Store what was changed; the same form again, with what was typed, when it is refused."""
    person = p.asked(visit)
    known = _texts(person)
    typed = {name: visit.form.one(name, known[name]) for name in EDITED}
    facts = {name: text or None for name, text in typed.items() if text != known[name]}
    if facts:
        try:
            path = {"candidate_id": person.id}
            visit.ask("change_candidate", path=path, body={"facts": facts}, if_match=visit.form.one("version"))
        except Problem as problem:
            return _form(person, typed, _for_people(problem))
    return Go(address("people", person.id) + "?done=saved")


def _for_people(problem: Problem) -> Problem:
    if problem.code != "changed":
        return problem
    return Problem(
        "changed",
        _(
            "Quelqu'un a modifié cette fiche pendant votre saisie. Rien n'est perdu : sous chaque champ qui diffère, "
            "ce qui est enregistré maintenant. Relire, puis enregistrer."
        ),
    )


def _texts(person: p.Shown) -> dict[str, str]:
    return {name: written(person.facts.get(name)) for name in EDITED}


def written(value: Any) -> str:
    """A fact as a table has it; nothing when unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ("|".join(value) or _("aucun")) if isinstance(value, list) else str(value)


def _form(person: p.Shown, typed: Mapping[str, str], problem: Problem | None) -> Shown:
    errors = problem.fields if problem else {}
    known = _texts(person)
    groups = [
        Group(_(heading), fields, open_ or any(one.error for one in fields))
        for heading, names, open_ in GROUPS
        for fields in [tuple(_field(name, typed[name], known[name], errors.get(name, "")) for name in names)]
    ]
    labels = {one.name: one.label for group in groups for one in group.fields}
    data = {"person": person, "groups": groups, "problem": problem and in_words(problem, labels)}
    return Shown("people/edit.html", data, 200 if problem is None else problem.status)


def _field(name: str, value: str, known: str, error: str) -> Field:
    column = CANDIDATES.by_name[name]
    label, options = _(column.about), tuple(_options(column, value))
    return Field(
        name,
        label[:1].upper() + label[1:],
        value,
        "date" if column.kind is Kind.DATE and not column.special and _is_day(value) else "text",
        _(_HINTS[column.kind]) if column.kind in LISTS else "",
        error,
        dict(options).get(known, known or _("inconnu")) if known != value else None,
        options,
    )


def _is_day(value: str) -> bool:
    """Whether a date field of the browser can hold it: it would drop anything else that was typed."""
    return not value or (len(value) == 10 and value[4] == value[7] == "-")


def _options(column: Column, value: str) -> Sequence[tuple[str, str]]:
    """What a closed field offers; what was typed stays among it."""
    known: list[tuple[str, str]] = []
    if column.kind is Kind.TRI:
        known = [("yes", _("oui")), ("no", _("non"))]
    elif column.name == "french_level":
        known = [(level, level) for level in FRENCH_LEVELS]
    elif column.name == "sex":
        known = [("F", _("femme")), ("M", _("homme")), ("X", _("autre"))]
    if not known:
        return ()
    odd = [(value, value)] if value and value not in dict(known) else []
    return [("", _("inconnu")), *known, *odd]
