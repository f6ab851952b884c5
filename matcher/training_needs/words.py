"""What the rows say, in French sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matcher.locale import N_, _, written_day
from matcher.training_needs.needs import Kind
from matcher.training_needs.shortfalls import PROOF, Needs, State

STATES: Mapping[State, str] = {
    State.STOPPED: N_("arrêtée par ce seul point"),
    State.SHORT: N_("sous la demande du poste à son démarrage"),
    State.UNKNOWN: N_("à vérifier d'abord"),
}


def labels(needs: Needs) -> str:
    """The name of a need, or of two together."""
    return " + ".join(need.label for need in needs)


def remarks(needs: Needs) -> str:
    """What is known beside of each need, with its source."""
    told = [(need.label, need.remark) for need in needs if need.remark]
    return " ; ".join(f"{label} : {text}" if len(needs) > 1 else text for label, text in told)


def sentence(needs: Needs, row: Mapping[str, Any]) -> str:
    """One row in words. A count that is not shown is not said."""
    parts = [_("{label} – {place}.").format(label=_capital(labels(needs)), place=row["place"])]
    parts += [_lacking(needs, row), _gain(needs, row)] if row["rank"] else [_asked(row)]
    parts.append(_ready(row["ready"]))
    if row["to_check"]:
        text = _("À vérifier d'abord : {to_check} personne(s) ne le disent pas et l'ont peut-être.")
        parts.append(text.format(**row))
    if row["wished"]:
        text = _("{wished} personne(s) ne l'ont pas pour des postes qui le souhaitent seulement.")
        parts.append(text.format(**row))
    if not np.isnat(row["needed_by"]):
        text = _("Premier démarrage le {start} : à terminer au plus tard le {day}.")
        parts.append(text.format(start=_day(row["needed_by"] + 1), day=_day(row["needed_by"])))
    return " ".join(parts)


def _lacking(needs: Needs, row: Mapping[str, Any]) -> str:
    who = _("{people} personnes qui cherchent ou ont exercé ce métier ({occupations})").format(**row)
    if needs[0].kind == Kind.FRENCH and len(needs) == 1:
        what = _("sont sous le niveau demandé")
    elif needs == (PROOF,):
        what = _("ont un justificatif trop ancien")
    elif row["stopped"] == 0:
        what = _("ne l'auront plus à jour au démarrage")
    elif len(needs) > 1:
        what = _("sont arrêtées par ces deux points ensemble")
    else:
        what = _("sont arrêtées par ce seul point")
    work = _("{positions} poste(s), {openings} place(s), {hours} h.").format(**row)
    return f"{who} {what} ; {work}"


def _asked(row: Mapping[str, Any]) -> str:
    return _("{positions} poste(s) le demandent ou le souhaitent ({occupations}).").format(**row)


def _gain(needs: Needs, row: Mapping[str, Any]) -> str:
    if not row["gain"]:
        return _("Les lignes au-dessus suffisent déjà à pourvoir ces places.")
    course = any(need.is_course for need in needs)
    text = _("Former {seats} d'entre elles suffirait à pourvoir autant de places")
    text = text if course else _("Le régler pour {seats} d'entre elles suffirait à pourvoir autant de places")
    new = "" if row["gain"] == row["seats"] else _(", dont {gain} que les lignes au-dessus ne pourvoient pas")
    return (text + new).format(**row) + "."


def _ready(count: int | None) -> str:
    """How many people could take these positions as they are: where there are many, a course is less urgent."""
    if count is None:
        return _("Moins de cinq personnes peuvent déjà prendre ces postes.")
    if not count:
        return _("Personne ne peut déjà prendre ces postes.")
    return _("{count} personnes peuvent déjà prendre ces postes.").format(count=count)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(day: Any) -> str:
    return written_day(np.datetime64(day, "D").item())
