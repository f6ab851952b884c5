"""Whom the list of a position shows, by group, against whom it could have shown."""

from __future__ import annotations

from matcher.fairness import DIMENSIONS
from matcher.locale import _
from service.lists.access import check_usable
from service.pages.page import Outcome, Shown, Visit
from service.pages.positions.edit import own
from service.pages.positions.facts import title_of
from service.pool import Absent
from service.pool.make_up import OF_THE_LIST
from service.problems import Problem


def page(visit: Visit) -> Outcome:
    """The figures of a position of one's own; nobody is in them."""
    position = own(visit)
    name = position["position_id"]
    now = visit.desk.office.pool.refresh(visit.today)
    check_usable(now, name)
    try:
        found = now.make_up(name)
    except Absent:
        raise Problem("absent", _("Aucun de vos postes ne porte cet identifiant. Le vérifier.")) from None
    splits = [
        (
            _(DIMENSIONS[dimension].title),
            dimension in OF_THE_LIST,
            [(_(DIMENSIONS[dimension].groups[group.name]), group) for group in groups],
        )
        for dimension, groups in found.dimensions.items()
    ]
    title = title_of(name, position["facts"])
    return Shown("positions/fairness.html", {"position": position, "title": title, "found": found, "splits": splits})
