"""The command that looks for people entered twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from matcher.commands.inputs import beside, read_people, usable
from matcher.duplicates import PEOPLE, pairs, reason
from matcher.errors import UsageError
from matcher.locale import _
from matcher.tables import write_table

Say = Callable[[str], None]
NAMES = {"left": "candidate_id", "right": "other_id"}
COLUMNS = ("candidate_id", "other_id", "probability", "group", "agree", "differ", "unknown", "reason")
DIGITS = 4
MOST = 0.9999
"""No pair is certain before somebody has looked."""


def duplicates(candidates: Path, least: float, strict: bool, output: Path, say: Say) -> None:
    """Write the pairs that may be one person, and the rejected rows beside. Raises UsageError."""
    if not 0 < least <= 1:
        raise UsageError(
            _("--min-probability : {value:g} n'est pas une probabilité.").format(value=least),
            _("Écrire un nombre au-dessus de 0, 1 au plus, par exemple 0.5."),
        )
    people = read_people(candidates)
    usable([people], output.parent, strict=strict)
    found = pairs(people.table, PEOPLE, least=least)
    write_table(_shown(found), output)
    write_table(people.rejected, beside(output))
    for warning in people.warnings:
        say(warning)
    say(
        _(
            "{people} personnes : {pairs} paire(s) à vérifier, en {groups} groupe(s) ; "
            "{rejected} ligne(s) rejetée(s). Écrit : {file}"
        ).format(
            people=len(people.table),
            pairs=len(found),
            groups=found["group"].nunique(),
            rejected=len(people.rejected),
            file=output,
        )
    )
    say(_("Rien n'a été fusionné : une personne décide, paire par paire."))


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    table = found.rename(columns=NAMES)
    table["probability"] = table["probability"].clip(upper=MOST).round(DIGITS)
    table["reason"] = pd.Series([reason(levels, PEOPLE) for levels in found.attrs["levels"]], dtype="str")
    return pd.DataFrame(table[list(COLUMNS)]).replace("", None)
