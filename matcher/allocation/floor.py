"""A soft floor: so many places in ten kept for recipients of the RSA, where that can be. Off unless asked.

It never enters a score, holds back nobody who cannot be replaced, and knows one group: the RSA is a criterion of
social and occupational situation that the clause itself names. Sex, age, disability or place of residence are not
offered: a quota on them would be another decision, with another legal basis. See docs/plancher.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from matcher.errors import UsageError
from matcher.locale import _
from matcher.resolve.cells import Bools, holding

GROUP = "rsa"
BENEFIT = "RSA"
FORM = re.compile(r"\s*(\w+)\s*:\s*(\d+)(?:[.,](\d+)|\s*/\s*(\d+))?\s*(%?)\s*")


@dataclass(frozen=True)
class Floor:
    """The share of each list kept for recipients of the RSA, above 0 and at most 1."""

    share: Fraction

    @classmethod
    def read(cls, text: str) -> Floor:
        """From `rsa:0.3`, `rsa:3/10` or `rsa:30%`. Raises UsageError for another group or share."""
        found = FORM.fullmatch(text)
        if not found:
            raise UsageError(
                _("--floor : « {text} » n'est pas compris.").format(text=text), _("Écrire par exemple rsa:0.3.")
            )
        group, whole, decimals, below, percent = found.groups()
        if group.casefold() != GROUP:
            raise UsageError(
                _("--floor : un plancher n'est prévu que pour le RSA, pas pour « {group} ».").format(group=group),
                _("Écrire par exemple rsa:0.3 ; les autres parts sont mesurées dans le rapport."),
            )
        share = Fraction(f"{whole}.{decimals}" if decimals else whole) / (100 if percent else 1)
        if below:
            share = share / int(below) if int(below) else Fraction(0)
        if not 0 < share <= 1:
            raise UsageError(
                _("--floor : la part doit être au-dessus de 0 et de 1 au plus."), _("Écrire par exemple rsa:0.3.")
            )
        return cls(share)

    def places(self, asked: int) -> int:
        """The places kept on a list of `asked` people: the share, rounded up."""
        return -int(-self.share * asked // 1)


def recipients(candidates: pd.DataFrame) -> Bools:
    """Who is known to receive the RSA; an empty cell is not known, and counts for no floor."""
    receives: Bools = holding(candidates["benefits"], BENEFIT) == 1
    return receives
