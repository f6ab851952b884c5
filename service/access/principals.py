"""Whoever asks: a key or a signed-in person, of one organisation, in one or more roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller is there for; docs/acces.md says what each may do."""

    ADVISER = "adviser"
    FACILITATOR = "facilitator"
    CONTRACTOR = "contractor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a key may be used for, within its roles."""

    READ = "read"
    WRITE = "write"


EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Principal:
    """`actor` is how the log names them (`key:…`, `member:…`, `command:…`); `siret` a contractor's own."""

    actor: str
    org_id: str
    roles: frozenset[Role]
    scopes: frozenset[Scope] = frozenset(Scope)
    siret: str | None = None

    def has(self, *roles: Role) -> bool:
        """True when one of the roles is theirs."""
        return not self.roles.isdisjoint(roles)


def names(values: frozenset[Role] | frozenset[Scope]) -> str:
    """As stored: sorted names joined by |."""
    return "|".join(sorted(values))
