"""Awards → what each owes in hours, with every default shown, and the positions they open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher.awards import hours as hours_module
from matcher.awards import templates as templates_module
from matcher.awards.estimate import Estimate, estimate
from matcher.awards.frames import array, canonical, day, flag, number, text
from matcher.awards.hours import Defaults, load_defaults, rounded
from matcher.awards.positions import Contract, Workplace, position_rows
from matcher.awards.reading import EXTRA_COLUMNS, FLAG_COLUMNS
from matcher.awards.selection import (
    DEFAULT_SOCIAL,
    PlaceFilter,
    SocialFilter,
    is_reserved,
    place_filter,
    reserved_kind,
    reserved_mode,
    social_filter,
)
from matcher.awards.templates import Choice, Templates, load_templates
from matcher.awards.timing import Timing, timing
from matcher.errors import UsageError
from matcher.locale import N_, _
from matcher.reference import Communes, communes
from matcher.schema import AWARDS, POSITIONS, Kind
from matcher.tables import Import, coerce
from matcher.vocabulary import Reserved

DUPLICATE = N_("doublon")
OVER = N_("terminé")
TO_GROUP = N_("à regrouper")
UNRECOGNISED = N_("objet non reconnu : ajouter un modèle, ou saisir les postes à la main")
NO_WORK = N_("sans heures : {why}")

# The columns of awards.csv, in order.
AWARD_COLUMNS = (
    "award_id", "selected", "reason", "positions", "hours", "hours_from", "buyer_siret", "contractors",
    "contractor_names", "object", "cpv", "amount", "framework", "notified_on", "duration_months", "contract_end",
    "place_code", "place_kind", "place", "social", "reserved", "estimate", "labour_share", "labour_share_from",
    "insertion_rate", "insertion_rate_from", "hourly_cost", "hourly_cost_from", "template", "template_from",
    "warnings", "file", "row",
)  # fmt: skip
_WORDS = {"selected": Kind.TRI, "framework": Kind.TRI, "estimate": Kind.TRI, "positions": Kind.INTEGER}
_KINDS = {**{column.name: column.kind for column in AWARDS.columns}, **_WORDS, "contract_end": Kind.DATE}

_READERS: Mapping[str, Callable[[Any], Any]] = {
    **{column.name: number for column in AWARDS.columns if column.kind in (Kind.NUMBER, Kind.RATE)},
    **{column.name: day for column in AWARDS.columns if column.kind is Kind.DATE},
    **dict.fromkeys(FLAG_COLUMNS, flag),
}


@dataclass(frozen=True)
class ConversionOptions:
    """How a file of awards is converted. `months` is the target length of a contract; the charter found 2 and aims at
    +50 %. `hourly_cost` and `insertion_rate` replace the defaults of `hours.yml` for awards that state none."""

    on: date
    social: str = DEFAULT_SOCIAL
    place: str | None = None
    weekly_hours: float = 35.0
    months: float = 3.0
    insertion_rate: float | None = None
    hourly_cost: float | None = None
    asked: int | None = None
    templates: Path = templates_module.DEFAULT_FILE
    defaults: Path = hours_module.DEFAULT_FILE

    def checked(self) -> ConversionOptions:
        """Itself. Raises UsageError for a number out of reason."""
        if not 0 < self.weekly_hours <= 48:  # Code du travail, L3121-20: 48 h in one week at most
            raise UsageError(_("Les heures par semaine vont de 1 à 48."), _("Écrire par exemple 35."))
        if not 0 < self.months <= 120:
            raise UsageError(_("La durée visée va de 1 à 120 mois."), _("Écrire par exemple 3."))
        if self.insertion_rate is not None and not 0 < self.insertion_rate <= 1:
            raise UsageError(_("Le taux d'insertion va de 0 à 1."), _("Écrire 0,05 pour 5 %."))
        if self.hourly_cost is not None and not self.hourly_cost > 0:
            raise UsageError(_("Le coût horaire doit être supérieur à 0."), _("L'écrire en euros, par exemple 30."))
        if self.asked is not None and self.asked < 1:
            raise UsageError(_("Le nombre de personnes demandées doit être au moins 1."), _("Écrire par exemple 10."))
        return self


@dataclass(frozen=True)
class Conversion:
    """`awards`: one row per notice kept, AWARD_COLUMNS, hours unrounded; `positions`: canonical; `rejected`."""

    awards: pd.DataFrame
    positions: pd.DataFrame
    rejected: pd.DataFrame
    warnings: tuple[str, ...]

    @property
    def read(self) -> int:
        """Notices read: those of `awards` and those rejected."""
        return len(self.awards) + len(self.rejected)

    def shown_awards(self) -> pd.DataFrame:
        """`awards` with hours rounded half up and euros to the cent, as files show them."""
        return self.awards.assign(
            hours=_rounded(self.awards["hours"]), amount=np.round(self.awards["amount"].to_numpy(np.float64), 2)
        )

    def shown_positions(self) -> pd.DataFrame:
        """`positions` with hours rounded half up."""
        return self.positions.assign(hours=_rounded(self.positions["hours"]))


def _rounded(hours: pd.Series[Any]) -> Any:
    return np.array([rounded(value) for value in hours.to_numpy(np.float64)], np.float64)


def convert(found: Import, options: ConversionOptions) -> Conversion:
    """Every notice of a file with its hours and the reason it does or does not open positions.

    Raises UsageError for options, templates or defaults that cannot be used.
    """
    awards, positions = _convert(found.table, found.file, options)
    taken = int(awards["selected"].sum())
    warnings = list(found.warnings)
    if not taken and len(awards):
        warnings.append(
            _("{file} : aucune notice retenue pour --social « {social} » ; voir la colonne reason.").format(
                file=found.file, social=options.social
            )
        )
    return Conversion(awards, positions, found.rejected, tuple(warnings))


def positions_from_awards(
    awards: pd.DataFrame,
    *,
    on: date,
    social: str = DEFAULT_SOCIAL,
    place: str | None = None,
    weekly_hours: float = 35.0,
    months: float = 3.0,
    insertion_rate: float | None = None,
    hourly_cost: float | None = None,
    asked: int | None = None,
) -> pd.DataFrame:
    """The positions (columns of `schema.POSITIONS`) of a table of awards, as `read_awards` gives or made by hand.

    Selection and formula as the command's; hours unrounded. Raises UsageError for a row that is no award.
    """
    options = ConversionOptions(on, social, place, weekly_hours, months, insertion_rate, hourly_cost, asked)
    return _convert(_accepted(awards), "awards", options)[1]


def _accepted(awards: pd.DataFrame) -> pd.DataFrame:
    if set(AWARDS.names) <= set(awards.columns) and set(EXTRA_COLUMNS) <= set(awards.columns):
        return awards
    result = coerce(AWARDS, awards[[name for name in awards.columns if name in AWARDS.names]])
    if len(result.rejected):
        first = result.rejected.iloc[0]
        raise UsageError(
            _("Attribution {row}, colonne {column} : {message}.").format(
                row=first["row"], column=first["column"], message=first["message"]
            )
        )
    return result.table


def _convert(awards: pd.DataFrame, file: str, options: ConversionOptions) -> tuple[pd.DataFrame, pd.DataFrame]:
    walk = _Walk.start(options.checked())
    lines: list[dict[str, Any]] = []
    positions: list[dict[str, Any]] = []
    seen: set[str] = set()
    for award in _rows(awards):
        line, opened = walk.award(award, duplicate=award["award_id"] in seen)
        seen.add(award["award_id"])
        lines.append({**line, "file": file})
        positions += opened
    shown = {name: array([line.get(name) for line in lines], _KINDS.get(name, Kind.TEXT)) for name in AWARD_COLUMNS}
    shown["row"] = np.array([line["row"] for line in lines], np.int64)
    return pd.DataFrame(shown), pd.DataFrame(canonical(POSITIONS, positions))


def _rows(awards: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Each award as plain Python values, None when unknown."""
    names = [name for name in (*AWARDS.names, *EXTRA_COLUMNS) if name in awards.columns and name != "row"]
    columns = [list(map(_READERS.get(name, text), awards[name].tolist())) for name in names]
    numbers = awards["row"].tolist() if "row" in awards.columns else range(1, len(awards) + 1)
    for place, row in enumerate(numbers):
        award: dict[str, Any] = dict.fromkeys((*AWARDS.names, *EXTRA_COLUMNS))
        award.update({name: values[place] for name, values in zip(names, columns, strict=True)})
        award["award_id"] = award["award_id"] or f"?{place + 1}"
        award["row"] = int(row)
        yield award


@dataclass(frozen=True)
class _Walk:
    """What every award is read with."""

    options: ConversionOptions
    communes: Communes
    templates: Templates
    defaults: Defaults
    social: SocialFilter
    place: PlaceFilter

    @staticmethod
    def start(options: ConversionOptions) -> _Walk:
        known = communes()
        return _Walk(
            options,
            known,
            load_templates(options.templates),
            load_defaults(options.defaults),
            social_filter(options.social),
            place_filter(options.place, known),
        )

    def award(self, award: dict[str, Any], *, duplicate: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """(row of awards.csv, rows of positions.csv) of one award."""
        options = self.options
        place = _place(self.communes, award["place_code"], award["place_kind"], award["place_name"])
        reserved = _reserved(award)
        choice = self.templates.choose(award["object"], award["cpv"])
        owed = estimate(
            award, choice, self.defaults, options.insertion_rate, options.hourly_cost, reserved is not None
        )
        when = timing(award["award_id"], award["notified_on"], award["duration_months"], options.on, options.months)
        refused = (
            _(DUPLICATE)
            if duplicate
            else self.social.refusal(award["social"]) or self.place.refusal(place, self.communes)
        )
        reason = refused or _outcome(choice, owed, when)
        opened: list[dict[str, Any]] = []
        if not reason and owed.hours is not None:
            workplace = Workplace(place, award["place_code"], award["place_kind"])
            contract = _contract(award, workplace.columns(self.communes.codes), when, reserved, options)
            opened = position_rows(contract, choice, owed.hours)
        line = {
            **award,
            **owed.columns(),
            "selected": not refused,
            "reason": reason or None,
            "positions": float(len(opened)),
            "framework": bool(award["framework"]),
            "contract_end": when.contract_end,
            "place": f"{place.label} ({place.kind} {place.code})" if place.kind else None,
            "reserved": None if reserved is None else str(reserved),
            "template": "+".join(item.id for item in (choice.template, *choice.others) if item) or None,
            "template_from": choice.evidence or None,
            "warnings": " ; ".join(_warnings(award, owed, when, place.note)) or None,
        }
        return line, opened


@lru_cache(maxsize=50_000)
def _place(known: Communes, code: str | None, kind: str | None, name: str | None) -> Any:
    return known.place(code, kind, name)


def _reserved(award: dict[str, Any]) -> Reserved | None:
    stated = award["reserved"]
    if stated is not None:
        return Reserved(stated)
    return reserved_kind(award["object"]) if is_reserved(award["social"], award["object"]) else None


def _outcome(choice: Choice, owed: Estimate, when: Timing) -> str:
    """Why a selected award opens no position; empty when it does."""
    if when.over:
        return _(OVER)
    if choice.template is not None and choice.template.none:
        return _(NO_WORK).format(why=_(choice.template.none))
    if owed.problem:
        return owed.problem
    if choice.template is None:
        return _(UNRECOGNISED)
    return _(TO_GROUP) if owed.hours is None or owed.hours < hours_module.MINIMUM_HOURS else ""


def _contract(
    award: dict[str, Any],
    workplace: dict[str, str | None],
    when: Timing,
    reserved: Reserved | None,
    options: ConversionOptions,
) -> Contract:
    holders = (award["contractors"] or "").split("|")
    siret = next((holder for holder in holders if len(holder) == 14 and holder.isdecimal()), None)
    names = award["contractor_names"]
    return Contract(
        award_id=award["award_id"],
        employer=names.split("|")[0] if names else None,
        siret=siret,
        workplace=workplace,
        when=when,
        weekly_hours=options.weekly_hours,
        asked=None if options.asked is None else float(options.asked),
        mode=reserved_mode(reserved, award["object"]),
        reserved=reserved,
    )


def _warnings(award: dict[str, Any], owed: Estimate, when: Timing, place_note: str) -> Iterator[str]:
    if award["framework"]:
        yield _("accord-cadre : le montant est un plafond, les heures aussi")
    yield from owed.warnings
    if award["modified"]:
        yield _("montant, durée et titulaires de la dernière modification")
    if award["notified_on"] is None:
        yield _("date de notification absente")
    if award["duration_months"] is None:
        yield _("durée absente")
    if when.guessed and when.over:
        yield _("fin déduite de l'année qui ouvre l'identifiant")
    if when.begun and not when.over:
        yield _("contrat commencé : une part des heures est peut-être déjà réalisée")
    if award["place_of_buyer"]:
        yield _("lieu d'exécution absent : département de l'acheteur")
    if place_note:
        yield place_note
    if award["notes"]:
        yield award["notes"]
