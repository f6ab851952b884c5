"""The menu of the pages, by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.locale import N_, _
from service.access.principals import Role

if TYPE_CHECKING:
    from service.pages.page import Visit

A, F, C, U, M = Role.ADVISER, Role.FACILITATOR, Role.CONTRACTOR, Role.AUDITOR, Role.ADMIN
_ENTRIES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/", N_("Aujourd'hui"), frozenset(Role)),
    ("/people", N_("Personnes"), frozenset({A})),
    ("/positions", N_("Postes"), frozenset({A, F, C})),
    ("/awards", N_("Contrats"), frozenset({F})),
    ("/proposals", N_("Propositions"), frozenset({A, F})),
    ("/imports", N_("Imports"), frozenset({A, F})),
    ("/indicators", N_("Bilan"), frozenset({F, U, M})),
    ("/log", N_("Journal"), frozenset({U, M})),
    ("/admin", N_("Administration"), frozenset({M})),
)


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    address: str
    label: str
    current: bool


def menu(visit: Visit | None) -> list[Entry]:
    """What the visitor may open."""
    if visit is None or not visit.signed_in:
        return []
    here = visit.address.partition("?")[0]
    return [
        Entry(address, _(label), here == address or (address != "/" and here.startswith(address + "/")))
        for address, label, roles in _ENTRIES
        if visit.principal.has(*roles)
    ]
