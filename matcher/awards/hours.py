"""The hours of insertion a contract carries: the charter's formula and the hypotheses it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from matcher.awards.yamlfile import YamlFile, read_yaml
from matcher.errors import UsageError
from matcher.locale import _

DEFAULT_FILE = Path(__file__).with_name("hours.yml")
MINIMUM_HOURS = 35.0  # under a week of work there is nobody to hire: the hours are grouped with other contracts'
FloatArray = npt.NDArray[np.float64]


@overload
def insertion_hours(
    amount: float, labour_share: float, insertion_rate: float | None = None, hourly_cost: float | None = None
) -> float: ...
@overload
def insertion_hours(
    amount: npt.ArrayLike,
    labour_share: npt.ArrayLike,
    insertion_rate: npt.ArrayLike | None = None,
    hourly_cost: npt.ArrayLike | None = None,
) -> FloatArray: ...
def insertion_hours(
    amount: Any, labour_share: Any, insertion_rate: Any = None, hourly_cost: Any = None
) -> float | FloatArray:
    """`amount × labour_share × insertion_rate ÷ hourly_cost`, unrounded; numbers or arrays (NaN stays NaN).

    A rate or a cost that is not given is the hypothesis of `hours.yml`: the charter's floor of 5 %, and 30 €.
    Amounts and costs in euros before tax, shares and rates between 0 and 1, hours out. Source: Charte Achat
    socialement responsable du 91 (2018-2020); 1 000 000 € × 50 % × 5 % ÷ 30 € = 833.33 h.
    Raises UsageError for a negative amount, a share or rate outside 0–1, a cost that is not above 0.
    """
    if insertion_rate is None or hourly_cost is None:
        usual = load_defaults()
        insertion_rate = usual.insertion_rate if insertion_rate is None else insertion_rate
        hourly_cost = usual.hourly_cost if hourly_cost is None else hourly_cost
    terms = (amount, labour_share, insertion_rate, hourly_cost)
    if all(type(term) is float for term in terms) and _reasonable(*terms):
        return float(amount * labour_share * insertion_rate / hourly_cost)
    parts = [np.asarray(part, np.float64) for part in terms]
    if (parts[0] < 0).any() or np.isinf(parts[0]).any():
        raise UsageError(_("Le montant doit être positif."), _("L'écrire en euros hors taxes, par exemple 1000000."))
    if any(((part < 0) | (part > 1)).any() for part in parts[1:3]):
        raise UsageError(
            _("La part de main-d'œuvre et le taux d'insertion vont de 0 à 1."), _("Écrire 0,05 pour 5 %.")
        )
    if (parts[3] <= 0).any():
        raise UsageError(_("Le coût horaire doit être supérieur à 0."), _("L'écrire en euros, par exemple 30."))
    hours = parts[0] * parts[1] * parts[2] / parts[3]
    return float(hours) if hours.ndim == 0 else hours


def _reasonable(amount: float, labour_share: float, insertion_rate: float, hourly_cost: float) -> bool:
    return 0 <= amount < math.inf and 0 <= labour_share <= 1 and 0 <= insertion_rate <= 1 and hourly_cost > 0


def rounded(hours: float) -> float:
    """Whole hours, halves up, as shown in files (NaN stays NaN)."""
    return hours if math.isnan(hours) else math.floor(hours + 0.5)


@dataclass(frozen=True)
class LabourShare:
    """The share of labour in the price of a CPV family, and why."""

    name: str
    cpv: tuple[str, ...]
    share: float
    why: str


@dataclass(frozen=True)
class Defaults:
    """The hypotheses used where a notice says nothing."""

    insertion_rate: float
    hourly_cost: float
    amount_floor: float
    amount_ceiling: float
    default_share: float
    default_why: str
    shares: tuple[LabourShare, ...]

    def labour(self, cpv: str) -> tuple[float, str]:
        """(share, where it comes from) for a CPV code or prefix; the longest known prefix wins."""
        found, length = None, 0
        for family in self.shares:
            for prefix in family.cpv:
                if len(prefix) > length and cpv.startswith(prefix):
                    found, length = family, len(prefix)
        if found is None:
            return self.default_share, _("valeur par défaut générale ({why})").format(why=self.default_why)
        return found.share, _("valeur par défaut, CPV {prefix} {name}").format(prefix=cpv[:length], name=found.name)


@lru_cache(maxsize=8)
def load_defaults(path: Path = DEFAULT_FILE) -> Defaults:
    """The hypotheses of a YAML file laid out like `hours.yml`. Raises UnreadableFile, UsageError."""
    file = read_yaml(path)
    top = file.mapping(file.content, "")
    shares = tuple(_share(file, line, n) for n, line in enumerate(file.sequence(top, "labour_shares"), 1))
    rate, cost = file.number(top, "insertion_rate", high=1), file.number(top, "hourly_cost")
    if cost <= 0:
        raise file.fault(_("hourly_cost doit être supérieur à 0"))
    return Defaults(
        insertion_rate=rate,
        hourly_cost=cost,
        amount_floor=file.number(top, "amount_floor"),
        amount_ceiling=file.number(top, "amount_ceiling"),
        default_share=file.number(top, "default_share", high=1),
        default_why=file.text(top, "default_why"),
        shares=shares,
    )


def _share(file: YamlFile, line: object, number: int) -> LabourShare:
    entry = file.mapping(line, f"labour_shares[{number}]")
    return LabourShare(
        name=file.text(entry, "name"),
        cpv=file.texts(entry, "cpv"),
        share=file.number(entry, "share", high=1),
        why=file.text(entry, "why"),
    )
