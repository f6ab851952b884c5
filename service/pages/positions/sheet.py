"""What the employer of a position reads about the people kept for it, to look at, to print and to keep as a file."""

from __future__ import annotations

from typing import Any

from matcher.locale import N_, _
from service.lists.sheets import CHOSEN, MEDIA
from service.pages.page import Download, Outcome, Shown, Visit
from service.pages.positions.facts import place_of, title_of
from service.problems import Problem

MOST = 200
_RULES = {
    "objection": N_("la personne s'oppose au rapprochement"),
    "right_to_work_until": N_("droit au travail terminé"),
    "validated_on": N_("éligibilité pas encore validée par un facilitateur : noter le jour de la validation"),
    "validated_by": N_("éligibilité validée sans dire par qui : noter le nom"),
    "not_eligible": N_("n'est plus éligible à la clause de ce poste"),
}


def sheet(visit: Visit) -> Outcome:
    """The sheet as the employer sees it; for the facilitator, below and never printed, who is who."""
    position = visit.ask("get_position", path={"position_id": visit.path["position_id"]}).content
    found = _asked(visit, position, "json")
    people = [] if found is None else found["people"]
    data = {
        "position": position,
        "title": title_of(position["position_id"], position["facts"]),
        "place": place_of(position["facts"]),
        "people": people,
        "columns": list(people[0]) if people else [],
        "references": [] if found is None else found["references"],
        "refused": []
        if found is None
        else [{**one, "why": _(_RULES.get(one["rule"], one["rule"]))} for one in found["refused"]],
        "today": visit.today,
    }
    return Shown("positions/sheet.html", data)


def download(visit: Visit) -> Outcome:
    """The same as a file. Raises Problem for another kind of file, and where there is nobody."""
    kind = visit.path["format"]
    if kind not in MEDIA:
        raise Problem("absent", _("Cette fiche se télécharge en XLSX ou en CSV."))
    position = visit.ask("get_position", path={"position_id": visit.path["position_id"]}).content
    content = _asked(visit, position, kind)
    if content is None:
        raise Problem("absent", _("Personne n'est encore retenu pour ce poste : il n'y a pas de fiche."))
    return Download(content, MEDIA[kind], f"fiche-entreprise-{position['position_id']}.{kind}")


def _asked(visit: Visit, position: Any, kind: str) -> Any:
    """What the route gives of those whom the employer may see; None for nobody."""
    path = {"position_id": position["position_id"]}
    query: dict[str, Any] = {"format": kind}
    if position["own"]:  # a facilitator's own sheet would also have those who are only proposed
        found = visit.ask("proposals", query={"position_id": position["position_id"], "limit": MOST}).content
        names = [one["candidate_id"] for one in found["proposals"] if one["stage"] in CHOSEN and one["candidate_id"]]
        if not names:
            return None
        query["candidates"] = "|".join(dict.fromkeys(names))
    return visit.ask("company_sheet", path=path, query=query).content
