"""Whom the list of a position shows, by group, against whom it could have shown."""

from __future__ import annotations

from service.pages.page import Outcome, Shown, Visit
from service.pages.positions.edit import own
from service.pages.positions.facts import title_of


def page(visit: Visit) -> Outcome:
    """The figures of a position of one's own; nobody is in them."""
    position = own(visit)
    name = position["position_id"]
    found = visit.ask("shortlist_fairness", path={"position_id": name}).content
    title = title_of(name, position["facts"])
    return Shown("positions/fairness.html", {"position": position, "title": title, "found": found})
