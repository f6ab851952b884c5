"""`GET /indicators`: the charter's figures by period, buyer, contract or place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcher.locale import N_, _
from service.access.principals import Role
from service.hours.limits import MOST_MONTHS, month_of, months_between
from service.indicators.apart import Asked
from service.indicators.counting import shown
from service.indicators.events import in_view
from service.indicators.view import View
from service.problems import at_field
from service.routing import Answer, Call

MOST_PARTS = 100
FIRST = "2000-01"
ESSONNE = "91"
_EACH: Mapping[str | None, Sequence[str]] = {"buyer": ("buyer",), "award": ("award",), "both": ("buyer", "award")}
# What the 2018-2020 charter of the Essonne set out to reach.
AIMS = {"hours": 2_000_000, "people": 3_500}
AIMS_SOURCE = N_("Charte Achat socialement responsable du département de l'Essonne, 2018-2020")


def indicators(call: Call) -> Answer:
    """The figures of the caller's own contracts, or of all for an auditor or an administrator."""
    query = call.query
    first, last = _months(call)
    everything = call.principal.has(Role.AUDITOR, Role.ADMIN)
    with call.store.read() as connection:
        org_id = None if everything else call.principal.org_id
        # Every month, also those that are not asked for: what can be shown depends on them.
        events = in_view(connection, call.store.keys, org_id, FIRST, max(last, call.today.isoformat()[:7]))
    view = View.of(events, Asked(query.buyer, query.award_id, query.place), first, last)
    periods, gone = view.periods(query.by)
    aimed = (query.place or "").startswith(ESSONNE)
    return Answer(
        {
            "from": first if query.from_ else None,
            "to": last,
            "total": {"period": None, **shown(view.total, gone)},
            "periods": periods,
            "parts": [row for each in _EACH.get(query.each, ()) for row in view.parts(each)[:MOST_PARTS]],
            "aims": {**AIMS, "source": _(AIMS_SOURCE)} if aimed else None,
        }
    )


def _months(call: Call) -> tuple[str, str]:
    """The first and last months asked for. Raises Problem."""
    found = []
    for name, text, usual in (("from", call.query.from_, FIRST), ("to", call.query.to, call.today.isoformat()[:7])):
        month = usual if text is None else month_of(text)
        if month is None:
            raise at_field(f"/{name}", _("mois illisible ; l'écrire AAAA-MM."))
        found.append(month)
    if found[0] > found[1]:
        raise at_field("/from", _("ce mois vient après le dernier. Les échanger."))
    if call.query.from_ is not None and months_between(*found) >= MOST_MONTHS:
        raise at_field("/from", _("plus de {most} mois. Demander moins à la fois.").format(most=MOST_MONTHS))
    return found[0], found[1]
