"""The end of keeping: who would be erased today, then their erasure once it was confirmed."""

from __future__ import annotations

from matcher.locale import _
from service.pages.page import Go, Outcome, Shown, Visit
from service.people.retention import Due, by_organisation, due, erase_due, log_seen
from service.problems import Problem

SHOWN = 20  # references named for each organisation


def look(visit: Visit) -> Outcome:
    """How many people of each organisation, and the references of some; seeing them is logged, nothing is erased."""
    return _shown(visit, _due(visit))


def erase(visit: Visit) -> Outcome:
    """Erase them, when the box is ticked and they are as many as were shown."""
    found = _due(visit)
    if visit.form.one("sure") != "yes":
        return _shown(visit, found, Problem("usage", _("Cocher la case pour effacer. Rien n'a été effacé.")))
    if visit.form.one("count") != str(len(found)):
        words = _("Ce nombre a changé depuis : {count} personne(s). Rien n'a été effacé ; le relire, puis confirmer.")
        return _shown(visit, found, Problem("conflict", words.format(count=len(found))))
    erase_due(visit.store, visit.today, visit.settings.retention_months, visit.at, visit.principal.actor)
    return Go("/admin/retention?done=retention_applied")


def _due(visit: Visit) -> list[Due]:
    with visit.read() as connection:
        return due(connection, visit.today, visit.settings.retention_months)


def _shown(visit: Visit, found: list[Due], problem: Problem | None = None) -> Shown:
    months = visit.settings.retention_months
    counts = by_organisation(found)
    named = {org_id: [one for one in found if one.org_id == org_id][:SHOWN] for org_id in counts}
    shown: list[Due] = [one for some in named.values() for one in some]
    if shown:
        with visit.write() as change:
            log_seen(change, visit.store.keys, shown)
    data = {"months": months, "count": len(found), "organisations": counts, "named": named, "problem": problem}
    return Shown("admin/retention.html", data, 200 if problem is None else problem.status)
