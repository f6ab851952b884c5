"""Finding one person, for a caller who may know of them. A person of another organisation is nobody."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from matcher.locale import _
from service.access.principals import Principal, Role
from service.problems import Problem
from service.store import tables as t
from service.store.crypto import KeyRing, SubjectKey

_AT_ONCE = 5000
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another on paper


def new_reference() -> str:
    """How a person is named to those who may not know who they are: random, no way back."""
    number = secrets.randbelow(len(_LETTERS) ** 10)
    return "R-" + "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(10))


@dataclass(frozen=True)
class Person:
    """One person of the store, not erased."""

    subject: str
    org_id: str
    candidate_id: str
    reference: str
    version: int
    changed: int
    key: SubjectKey
    body: bytes

    def facts(self) -> dict[str, Any]:
        """Every column of the table of people that is known, as JSON values (column → canonical value)."""
        facts: dict[str, Any] = self.key.open(self.body)
        return facts

    def named(self, principal: Principal) -> str:
        """The identifier this caller knows the person by."""
        return self.candidate_id if is_own(principal, self.org_id) else self.reference


def is_own(principal: Principal, org_id: str) -> bool:
    """True when the caller is an adviser of the person's own organisation."""
    return principal.has(Role.ADVISER) and principal.org_id == org_id


def find(connection: Connection, keys: KeyRing, principal: Principal, name: str) -> Person:
    """The person that `name` means to this caller: an adviser's own identifier, or a reference for a facilitator or
    an administrator. Raises Problem `absent`, the same whether the person is elsewhere or nowhere."""
    people, subjects = t.people, t.subjects
    query = select(people, subjects.c.wrapped_key).join(subjects, subjects.c.subject == people.c.subject)
    row = None
    if principal.has(Role.ADVISER):
        row = connection.execute(
            query.where(people.c.org_id == principal.org_id, people.c.candidate_id == name)
        ).first()
    if row is None and principal.has(Role.FACILITATOR, Role.ADMIN):
        row = connection.execute(query.where(people.c.reference == name)).first()
    if row is None:
        raise absent_person()
    key = keys.unwrap(row.subject, row.wrapped_key)
    return Person(row.subject, row.org_id, row.candidate_id, row.reference, row.version, row.changed, key, row.body)


def facts_of_people(
    connection: Connection, keys: KeyRing, subjects: Iterable[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything held about each of these people, by subject, those erased left out."""
    people, names, wanted = t.people.c, t.subjects.c, sorted(subjects)
    query = select(people.subject, people.body, names.wrapped_key).join(t.subjects, names.subject == people.subject)
    for start in range(0, len(wanted), _AT_ONCE):
        part = people.subject.in_(wanted[start : start + _AT_ONCE])
        for row in connection.execute(query.where(part, people.body.is_not(None))):
            yield row.subject, keys.unwrap(row.subject, row.wrapped_key).open(row.body)


def absent_person() -> Problem:
    """Nobody of that name, as far as this caller may know."""
    return Problem("absent", _("Aucune personne de vos fichiers ne porte cet identifiant. Le vérifier."))
