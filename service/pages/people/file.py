"""A person's file as they read it: what is held, where it came from, what became of it, who saw it, their rights.

Whoever reads it has asked for everything about themselves: nothing is left out, private facts included.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from matcher.locale import N_, _
from matcher.reference import communes
from matcher.rules import PACK_IDS, load_rules
from matcher.schema import CANDIDATES
from matcher.schema.model import Kind
from matcher.wording import LIMIT_LABELS
from service.clock import here, read
from service.pages import log_words, words
from service.pages.follow.periods import named
from service.pages.page import Download, Outcome, Shown, Visit
from service.pages.people.edit import GROUPS
from service.pages.people.one import words_of
from service.pages.people.person import full_name
from service.pages.positions.facts import title_of
from service.proposals.moves import REASONS
from service.store import tables as t

DONE: Mapping[str, str] = {
    "hours.put": N_("vos heures de travail ont été notées"),
    "match.run": N_("un logiciel a comparé votre fiche avec des postes"),
    "people.apart": N_("votre fiche et une autre ne sont pas la même personne : c'est noté"),
    "people.create": N_("votre fiche a été créée"),
    "people.merge": N_("deux fiches de vous ont été réunies"),
    "people.unmerge": N_("des fiches réunies par erreur ont été séparées"),
    "people.update": N_("votre fiche a été changée"),
    "position.order": N_("une personne a changé votre place dans une liste"),
    "proposal.change": N_("une étape de votre proposition a été corrigée"),
    "proposal.create": N_("vous avez été proposé pour un poste"),
    "proposal.move": N_("une étape de votre proposition a été notée"),
}
SEEN: Mapping[str, str] = {
    "contact.see": N_("votre nom, votre téléphone, votre courriel"),
    "file.see": N_("ce dossier"),
    "hours.see": N_("vos heures de travail"),
    "outcomes.see": N_("un tableau des réponses, sans votre nom"),
    "pair.see": N_("vos points pour un poste, expliqués"),
    "people.see": N_("votre fiche, ou une liste où vous êtes"),
    "positions.see": N_("les postes qui vous vont le mieux"),
    "proposal.see": N_("votre proposition, avec votre nom et comment vous joindre"),
    "retention.see": N_("le jour où votre fiche doit être effacée"),
    "sheet.see": N_("une fiche pour une entreprise, où vous êtes"),
    "shortlist.see": N_("la liste d'un poste, où vous êtes"),
    "shortlist.see.others": N_("la suite de la liste d'un poste, où vous êtes"),
}
_DAYS: Mapping[str, str] = {"permanent": N_("sans limite"), "none": N_("aucun")}
_WHOLE = ("weekly_hours_min", "weekly_hours_max")  # told apart by what comes after a comma
_SEX: Mapping[str, str] = {"F": N_("femme"), "M": N_("homme"), "X": N_("autre")}


@dataclass(frozen=True)
class Seen:
    """Who saw what on one day, and how many times."""

    day: str
    what: str
    who: str
    times: int


def page(visit: Visit) -> Outcome:
    """The file, to read with the person and to print."""
    found = _asked(visit)
    with visit.read() as connection:
        titles = _titles(connection, found)
    data = {
        "file": found,
        "name": full_name(found["facts"]) or found["candidate_id"],
        "groups": _groups(found["facts"]),
        "unknown": [_label(name) for name in CANDIDATES.names if found["facts"].get(name) is None],
        "sources": [_line(one, titles) for one in found["log"] if one["action"].startswith("people.")],
        "done": [_line(one, titles) for one in found["log"] if not one["action"].startswith("people.")],
        "changes": list(_changes(found)),
        "aside": [_known(one["facts"]) for one in found["history"] if one["since"] is None],
        "titles": titles,
        "reasons": {code: _(text) for code, text in REASONS.items()},
        "seen": _seen(found["seen"]),
        "named": named,
        "adviser": str(found["facts"].get("adviser") or ""),
        "contact": visit.settings.contact,
    }
    return Shown("people/file.html", data)


def download(visit: Visit) -> Outcome:
    """The same for a program: every value and every instant as they are kept."""
    found = _asked(visit)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return Download(text.encode(), "application/json", f"dossier-{found['reference']}.json")


def _asked(visit: Visit) -> Mapping[str, Any]:
    """What the route gives; reading it is logged. Raises Problem."""
    found: Mapping[str, Any] = visit.ask("candidate_file", path={"candidate_id": visit.path["candidate_id"]}).content
    return found


def _titles(connection: Connection, found: Mapping[str, Any]) -> dict[str, str]:
    """Position → how it is called, for those of the file."""
    named = {one["position_id"] for one in (*found["proposals"], *found["orders"])}
    named |= {one["object"].removeprefix("position:") for one in found["log"]}
    positions = t.positions.c
    query = select(positions.position_id, positions.body).where(positions.position_id.in_(sorted(named)))
    return {row[0]: title_of(row[0], json.loads(row[1])) for row in connection.execute(query)}


# --- facts -------------------------------------------------------------------------------------------------------
def _groups(facts: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What is known, under the headings of the form that corrects it; the rest under the last one."""
    named = {name for _heading, names, _open in GROUPS for name in names} | {"candidate_id"}
    rest = (_("Autres informations"), tuple(name for name in CANDIDATES.names if name not in named))
    groups = [*((_(_OWN.get(heading, heading)), names) for heading, names, _open in GROUPS), rest]
    told = [(heading, _known({name: facts.get(name) for name in names})) for heading, names in groups]
    return [(heading, lines) for heading, lines in told if lines]


# The form speaks of the person, the file speaks to them.
_OWN: Mapping[str, str] = {
    "Ce que la personne cherche": N_("Ce que vous cherchez"),
    "Ce qu'elle sait faire": N_("Ce que vous savez faire"),
    "Identité et contact": N_("Qui vous êtes et comment vous joindre"),
    "Situation": N_("Votre situation"),
    "Justificatifs et dates": N_("Vos papiers vus, et les dates"),
    "À ne demander que si rien d'autre ne suffit": N_("Ce qui est privé"),
}


def _known(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(_label(name), _said(name, value)) for name, value in facts.items() if value is not None]


def _label(name: str) -> str:
    """A column in a few words: what its description says before it explains."""
    text = _(CANDIDATES.by_name[name].about)
    if name not in _WHOLE:
        text = text.partition(",")[0].partition(" : ")[0].partition(": ")[0]
    return text[:1].upper() + text[1:]


def _said(name: str, value: Any) -> str:
    column = CANDIDATES.by_name[name]
    if name == "evidence" and value:
        return ", ".join(_paper(one) for one in value)
    if name == "sex":
        return _(_SEX.get(value, value))
    if name == "work_limits" and value:
        return ", ".join(_(LIMIT_LABELS.get(one, one)) for one in value)
    if name == "commune" and value in communes().by_code:
        return f"{communes().names[communes().by_code[value]]} ({value})"
    if column.kind is Kind.DATE:
        return _(_DAYS[value]) if value in _DAYS else words.day(value)
    return words_of(name, value)


def _paper(item: str) -> str:
    """A document, and the day it is of."""
    code, at, day = item.partition("@")
    labels = {proof.code: proof.label for pack in PACK_IDS for proof in load_rules(pack).proofs}
    label = _(labels[code]) if code in labels else code
    return _("{what} du {day}").format(what=label, day=words.day(day)) if at else label


def _changes(found: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Each day when something changed: what, what it was, what it became."""
    past = [one for one in found["history"] if one["since"] is not None]
    for before, after in pairwise([*past, {"facts": found["facts"]}]):
        lines = [
            (_label(name), _either(name, value), _either(name, after["facts"].get(name)))
            for name, value in before["facts"].items()
            if value != after["facts"].get(name)
        ]
        if lines:
            yield before["until"], lines


def _either(name: str, value: Any) -> str:
    return _("inconnu") if value is None else _said(name, value)


# --- the log -----------------------------------------------------------------------------------------------------
def _line(one: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, str]:
    position = one["object"].removeprefix("position:")
    return {
        "at": one["at"],
        "what": _told(DONE, one["action"]),
        "about": titles.get(position, position) if position != one["object"] else "",
        "who": one["organisation"] or _("le service lui-même"),
    }


def _told(known: Mapping[str, str], name: str) -> str:
    return _(known[name]) if name in known else log_words.action(name)


def _seen(lines: Sequence[Mapping[str, Any]]) -> list[Seen]:
    """Day by day, the last one first: a list looked at ten times in a day is one line."""
    times: dict[tuple[str, str, str], int] = {}
    for one in lines:
        key = (
            here(read(one["at"])).date().isoformat(),
            _told(SEEN, one["action"]),
            one["organisation"] or _("le service lui-même"),
        )
        times[key] = times.get(key, 0) + 1
    return [Seen(*key, count) for key, count in sorted(times.items(), reverse=True)]
