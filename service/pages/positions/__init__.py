"""Positions: the list, the form, the people for one position side by side, the employer's sheet."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.page import Page
from service.pages.positions import edit, fairness, listing, one, pair, sheet

_A, _F, _C = Role.ADVISER, Role.FACILITATOR, Role.CONTRACTOR
_FACILITATOR = frozenset({_F})
_ONE = "/positions/{position_id}"

PAGES = (
    Page("GET", "/positions", listing.listing, frozenset({_A, _F, _C})),
    Page("GET", "/new-position", edit.new, _FACILITATOR),
    Page("POST", "/new-position", edit.create, _FACILITATOR),
    Page("GET", _ONE, one.one, frozenset({_A, _F, _C})),
    Page("GET", f"{_ONE}/edit", edit.edit, _FACILITATOR),
    Page("POST", f"{_ONE}/edit", edit.save, _FACILITATOR),
    Page("POST", f"{_ONE}/closed", edit.close, _FACILITATOR),
    Page("POST", f"{_ONE}/order", one.order, _FACILITATOR),
    Page("POST", f"{_ONE}/propose", one.propose, frozenset({_A})),
    Page("POST", f"{_ONE}/move", one.move, frozenset({_A, _F})),
    Page("GET", f"{_ONE}/fairness", fairness.page, _FACILITATOR),
    Page("GET", f"{_ONE}/company-sheet", sheet.sheet, frozenset({_F, _C})),
    Page("GET", f"{_ONE}/company-sheet/{{format}}", sheet.download, frozenset({_F, _C})),
    Page("GET", f"{_ONE}/candidates/{{candidate_id}}", pair.pair, frozenset({_A, _F})),
)
