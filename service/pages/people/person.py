"""The person that an address of these pages names, as the pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from matcher.locale import _
from service.access.principals import Role
from service.pages.page import Visit
from service.people.find import find
from service.pool.snapshot import Snapshot


@dataclass(frozen=True)
class Shown:
    """One person of the visitor's organisation: facts as the API shows them, and the version they were read at."""

    id: str
    reference: str
    version: str
    last_action_on: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """First and last name; the identifier when neither is known."""
        return full_name(self.facts) or self.id

    @property
    def objects(self) -> bool:
        """Whether the person objects to matching."""
        return self.facts.get("objection") is True


def full_name(facts: Mapping[str, Any]) -> str:
    """First and last name, as far as they are known."""
    return " ".join(str(facts[name]) for name in ("first_name", "last_name") if facts.get(name))


def asked(visit: Visit) -> Shown:
    """The person of the address; the reading is logged. Raises Problem for nobody of the visitor's own."""
    answer = visit.ask("get_candidate", path={"candidate_id": visit.path["candidate_id"]})
    found = answer.content
    return Shown(
        found["candidate_id"], found["reference"], str(answer.version), found["last_action_on"], found["facts"]
    )


def subject_of(visit: Visit, candidate_id: str) -> str:
    """How the store and the pool name one of the visitor's own people. Raises Problem."""
    adviser = replace(visit.principal, roles=visit.principal.roles & {Role.ADVISER})
    with visit.read() as connection:
        return find(connection, visit.store.keys, adviser, candidate_id).subject


def in_pool(visit: Visit, candidate_id: str) -> tuple[Snapshot, str]:
    """The pool of the moment, and how it names one of the visitor's own people; whether it knows them is to be asked.
    Raises Problem."""
    return visit.desk.office.pool.refresh(visit.today), subject_of(visit, candidate_id)


def said(value: Any) -> str:
    """A fact as a page writes it; what is not known says so."""
    if value is None or value == "":
        return _("inconnu")
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, list):
        return ", ".join(value) if value else _("aucun")
    return str(value)
