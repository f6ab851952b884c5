"""One person for one position: why this score, what stands in the way, what would change it."""

from __future__ import annotations

from matcher.locale import _
from matcher.report.words import fact_label
from service.access.principals import Role
from service.pages.page import Outcome, Shown, Visit
from service.pages.pairs import pair_data


def pair(visit: Visit) -> Outcome:
    """The explanation of a pair, by reference for who does not follow the person."""
    found = visit.ask("pair", path=dict(visit.path)).content
    data = {
        **pair_data(found),
        "asks": [fact_label(name) for name in found["missing"]],
        "link_person": found["own"] and visit.principal.has(Role.ADVISER),
        "who": _("personne {reference}").format(reference=found["candidate_id"]),
    }
    return Shown("positions/pair.html", data)
