"""The hours of one award: each term of the formula with where it comes from, or why there is no number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcher.awards.hours import Defaults, insertion_hours
from matcher.awards.templates import Choice
from matcher.locale import N_, _

GIVEN = N_("donné par la notice")
NO_AMOUNT = N_("montant absent")
TOKEN_AMOUNT = N_("montant symbolique ({amount}) : heures à fixer avec l'acheteur")
UNLIKELY_AMOUNT = N_("montant improbable ({amount}) : à vérifier avec l'acheteur")
_ALL_NINES = 7  # 9 999 999 and the like stand for "no limit"


@dataclass(frozen=True)
class Term:
    """A term of the formula: its value and its origin in words; both empty when it was not used."""

    value: float | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Estimate:
    """The hours (None when there is no honest number, `problem` says why) and the terms they come from."""

    hours: float | None
    origin: str | None
    share: Term
    rate: Term
    cost: Term
    estimated: bool
    problem: str
    warnings: tuple[str, ...]

    def columns(self) -> dict[str, Any]:
        """The columns of awards.csv."""
        return {
            "hours": self.hours,
            "hours_from": self.origin,
            "labour_share": self.share.value,
            "labour_share_from": self.share.origin,
            "insertion_rate": self.rate.value,
            "insertion_rate_from": self.rate.origin,
            "hourly_cost": self.cost.value,
            "hourly_cost_from": self.cost.origin,
            "estimate": self.estimated,
        }


def estimate(
    award: Mapping[str, Any],
    choice: Choice,
    defaults: Defaults,
    insertion_rate: float | None,
    hourly_cost: float | None,
    reserved: bool,
) -> Estimate:
    """Stated hours as they are; else the formula, stated terms first, then the options', then the defaults."""
    stated = award["hours"]
    if stated is not None:
        own = [Term(award[name], _(GIVEN) if award[name] is not None else None) for name in _TERMS]
        return Estimate(stated, _("fixées par le marché"), own[0], own[1], own[2], False, "", _low(own[1], defaults))
    if choice.template is not None and choice.template.none:
        return Estimate(None, None, Term(), Term(), Term(), False, "", ())
    share = _share(award, choice, defaults)
    rate = _term(award["insertion_rate"], insertion_rate, defaults.insertion_rate, _("plancher de la charte"))
    cost = _term(award["hourly_cost"], hourly_cost, defaults.hourly_cost, _("valeur par défaut"))
    problem = _amount_problem(award["amount"], defaults)
    if problem or share.value is None or rate.value is None or cost.value is None:
        return Estimate(None, None, share, rate, cost, False, problem, _low(rate, defaults))
    warnings = list(_low(rate, defaults))
    if reserved:
        warnings.insert(0, _("contrat réservé : aucune heure d'insertion due, volume estimé pour mémoire"))
    return Estimate(
        insertion_hours(award["amount"], share.value, rate.value, cost.value),
        _("estimées (contrat réservé)") if reserved else _("calculées"),
        share,
        rate,
        cost,
        reserved,
        "",
        tuple(warnings),
    )


_TERMS = ("labour_share", "insertion_rate", "hourly_cost")


def _term(stated: float | None, option: float | None, default: float, origin: str) -> Term:
    if stated is not None:
        return Term(stated, _(GIVEN))
    return Term(default, origin) if option is None else Term(option, _("option de la commande"))


def _share(award: Mapping[str, Any], choice: Choice, defaults: Defaults) -> Term:
    """By CPV family; by the template's family when words showed that the code is not of this trade."""
    if award["labour_share"] is not None:
        return Term(award["labour_share"], _(GIVEN))
    cpv, template = award["cpv"] or "", choice.template
    if template is not None and template.family and not any(cpv.startswith(prefix) for prefix in template.cpv):
        share, origin = defaults.labour(template.family)
        return Term(share, _("{origin} (famille du modèle « {name} »)").format(origin=origin, name=_(template.name)))
    share, origin = defaults.labour(cpv)
    return Term(share, origin)


def _amount_problem(amount: float | None, defaults: Defaults) -> str:
    if amount is None:
        return _(NO_AMOUNT)
    shown = f"{amount:,.2f}".replace(",", " ").replace(".", ",").removesuffix(",00") + " €"
    if amount < defaults.amount_floor:
        return _(TOKEN_AMOUNT).format(amount=shown)
    digits = f"{amount:.0f}"
    if amount > defaults.amount_ceiling or (len(digits) >= _ALL_NINES and set(digits) == {"9"}):
        return _(UNLIKELY_AMOUNT).format(amount=shown)
    return ""


def _low(rate: Term, defaults: Defaults) -> tuple[str, ...]:
    """The charter's floor, art. on hours: a lower rate is accepted, and said."""
    if rate.value is None or rate.value >= defaults.insertion_rate:
        return ()
    percent = f"{100 * rate.value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    floor = f"{100 * defaults.insertion_rate:g}".replace(".", ",")
    return (_("taux d'insertion de {rate} % sous le plancher de {floor} %").format(rate=percent, floor=floor),)
