"""The adviser's people: the list, one person, one pair, corrections, rights, the sheet to hand over."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.page import Page
from service.pages.people import edit, file, listing, one, pair, rights, sheet

_ADVISER = frozenset({Role.ADVISER})
_ONE = "/people/{candidate_id}"

PAGES = (
    Page("GET", "/people", listing.listing, _ADVISER),
    Page("GET", _ONE, one.one, _ADVISER),
    Page("POST", f"{_ONE}/propose", one.propose, _ADVISER),
    Page("GET", f"{_ONE}/edit", edit.edit, _ADVISER),
    Page("POST", f"{_ONE}/edit", edit.save, _ADVISER),
    Page("GET", f"{_ONE}/sheet", sheet.sheet, _ADVISER),
    Page("GET", f"{_ONE}/rights", rights.rights, _ADVISER),
    Page("GET", f"{_ONE}/file", file.page, _ADVISER),
    Page("GET", f"{_ONE}/file/json", file.download, _ADVISER),
    Page("GET", f"{_ONE}/objection", rights.objection, _ADVISER),
    Page("POST", f"{_ONE}/objection", rights.decide_objection, _ADVISER),
    Page("GET", f"{_ONE}/erase", rights.erasing, _ADVISER),
    Page("POST", f"{_ONE}/erase", rights.erase, _ADVISER),
    Page("GET", f"{_ONE}/positions/{{position_id}}", pair.pair, _ADVISER),
)
