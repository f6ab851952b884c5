"""Words of the pages for what the store and the engine name by codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from matcher.locale import N_, _, written_day
from service.clock import here, read

STAGES: Mapping[str, str] = {
    "proposed": N_("proposée"),
    "shortlisted": N_("retenue"),
    "interviewed": N_("reçue en entretien"),
    "hired": N_("embauchée"),
    "kept_3_months": N_("en poste à trois mois"),
    "refused": N_("refusée"),
    "withdrawn": N_("retirée"),
}
OUTCOMES: Mapping[str, str] = {
    "eligible": N_("éligible"),
    "to_verify": N_("à vérifier"),
    "not_eligible": N_("non éligible"),
}
ROLES: Mapping[str, str] = {
    "adviser": N_("conseiller"),
    "facilitator": N_("facilitateur"),
    "contractor": N_("entreprise"),
    "auditor": N_("audit"),
    "admin": N_("administration"),
}
DECIDERS: Mapping[str, str] = {
    "adviser": N_("le conseiller"),
    "facilitator": N_("le facilitateur"),
    "employer": N_("l'entreprise"),
    "person": N_("la personne"),
}
CONTRACTS: Mapping[str, str] = {
    "permanent": N_("durée indéterminée (CDI)"),
    "fixed": N_("durée déterminée (CDD)"),
    "temporary": N_("mission d'intérim"),
}


def stage(name: str) -> str:
    """A proposal's stage."""
    return _(STAGES[name]) if name in STAGES else name


def outcome(name: str) -> str:
    """What the rules say."""
    return _(OUTCOMES[name]) if name in OUTCOMES else name


def role(name: str) -> str:
    """What somebody is there for."""
    return _(ROLES[name]) if name in ROLES else name


def decider(name: str) -> str:
    """Who decided a step."""
    return _(DECIDERS[name]) if name in DECIDERS else name


def contract(name: str) -> str:
    """What somebody was hired for."""
    return _(CONTRACTS[name]) if name in CONTRACTS else name


def day(value: object) -> str:
    """A day as it is written; text that is no day stays as it is, nothing is a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, date):
        return written_day(value)
    try:
        return written_day(_day(str(value)))
    except ValueError:
        return str(value)


def _day(text: str) -> date:
    return here(read(text)).date() if "T" in text else date.fromisoformat(text[:10])


def moment(text: str) -> str:
    """An instant as the store writes it, by the clock of whoever reads: day, hour and minute."""
    instant = here(read(text))
    return _("{day} à {time}").format(day=written_day(instant.date()), time=f"{instant:%H:%M}")
