"""“How the lists are made”, from what this service runs with; and the statement on accessibility."""

from __future__ import annotations

from typing import Any

from matcher.blocking import FILTER_LABELS, Filter
from matcher.features import FEATURES, NOT_ASKED, UNKNOWN
from matcher.locale import N_, _
from matcher.rules import PACK_IDS, load_rules
from matcher.schema import CANDIDATES
from matcher.scoring import Scorecard, load_scorecard
from matcher.wording import phrase
from service.pages.page import Outcome, Shown, Visit

_SIDES = (
    ("position", N_("Ce que le poste attend de la personne")),
    ("candidate", N_("Ce que la personne attend du poste")),
)


def about(visit: Visit) -> Outcome:
    """What is used to make a list, what is not, who decides, how to contest."""
    card = load_scorecard()
    data = {
        "card": card,
        "sides": scorecard_words(card),
        "filters": [_(FILTER_LABELS[name]) for name in Filter],
        "used": columns("M"),
        "eligibility": columns("E", without="M"),
        "packs": packs(),
        "months": visit.settings.retention_months,
        "contact": visit.settings.contact,
    }
    return Shown("open/about.html", data)


def accessibility(visit: Visit) -> Outcome:
    """The statement that French law asks for: conformity, what was tested and what was not, whom to write to."""
    return Shown("open/accessibility.html", {"contact": visit.settings.contact})


def columns(role: str, without: str = "") -> list[str]:
    """What the columns of people of that role are called."""
    return [_(one.about) for one in CANDIDATES.columns if role in one.roles and not set(without) & set(one.roles)]


def packs() -> list[dict[str, Any]]:
    """The rule packs in force, with their sources and how sure they are."""
    return [
        {
            "pack": pack,
            "references": list(pack.references),
            "to_confirm": pack.status == "to_confirm",
        }
        for pack in map(load_rules, PACK_IDS)
    ]


def scorecard_words(card: Scorecard) -> list[tuple[str, list[dict[str, Any]]]]:
    """For each side, its criteria with the points of each level, in words."""
    return [(_(title), [_criterion(card, name) for name in _of(side)]) for side, title in _SIDES]


def _of(side: str) -> list[str]:
    return [name for name, feature in FEATURES.items() if feature.side == side]


def _criterion(card: Scorecard, name: str) -> dict[str, Any]:
    feature = FEATURES[name]
    levels = [level for level in feature.levels if level != NOT_ASKED]
    return {
        "title": _(feature.title),
        "levels": [(phrase(name, level), card.of(name, level), level == UNKNOWN) for level in levels],
    }
