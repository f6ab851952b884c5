"""One person and one position: why this score, what stands in the way, what would change it."""

from __future__ import annotations

from matcher.report.words import fact_label
from service.pages.page import Outcome, Shown, Visit
from service.pages.pairs import pair_data
from service.pages.people import person as p
from service.proposals.moves import LIVE


def pair(visit: Visit) -> Outcome:
    """The explanation of a pair."""
    person = p.asked(visit)
    path = {"candidate_id": person.id, "position_id": visit.path["position_id"]}
    found = visit.ask("pair", path=path).content
    proposals = visit.ask(
        "proposals", query={"candidate_id": person.id, "position_id": found["position_id"]}
    ).content["proposals"]
    data = {
        "person": person,
        **pair_data(found),
        "asks": [fact_label(name) for name in found["missing"]],
        "proposal": next((one for one in proposals if one["stage"] in LIVE), None),
        "may_write": visit.may("propose"),
    }
    return Shown("people/pair.html", data)
