"""Training needs: what would open the most positions to the most people, by place and month.

The charter calls it `ingénierie de formation`: the table that a facilitator takes to a training provider.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from matcher.engine import Engine
from matcher.errors import UsageError
from matcher.locale import _
from matcher.training_needs.groups import Places, gathered, places_of
from matcher.training_needs.needs import COURSES, Kind
from matcher.training_needs.shortfalls import Needs, Shortfalls, shortfalls
from matcher.training_needs.table import COLUMNS, EFFECTS, NEARER, OPENS, needs_table, people_table

__all__ = ["COLUMNS", "EFFECTS", "NEARER", "OPENS", "WEEKS", "TrainingNeeds", "training_needs"]


@dataclass(frozen=True)
class TrainingNeeds:
    """`courses`: the table for a provider (certificates, licences, French, and pairs with one of them); `steps`: what
    is lacking and is no course (a vehicle, a card that an employer asks for, papers and pairs with one); both with
    COLUMNS."""

    courses: pd.DataFrame
    steps: pd.DataFrame
    remarks: tuple[str, ...]
    found: Shortfalls
    _engine: Engine
    _places: Places

    def people(self) -> pd.DataFrame:
        """Who they are, for their advisers alone."""
        return people_table(self._engine, self.found, self._places)


# Time to gather people and open a course: an assumption, not a rule.
WEEKS = 2


def training_needs(engine: Engine, weeks: int = WEEKS) -> TrainingNeeds:
    """The needs of an engine's people and positions, on its date. Groups under five people are never shown.

    `weeks`: positions that start sooner are left out. Raises UsageError when it is negative.
    """
    if weeks < 0:
        raise UsageError(_("--weeks doit être 0 ou plus."), _("Donner un nombre de semaines, par exemple 2."))
    found = shortfalls(engine, weeks)
    places = places_of(engine)
    pairs, hidden = gathered(engine, found, places)
    courses = pairs["need"].isin([i for i, needs in enumerate(found.needs) if _for_provider(needs)])
    return TrainingNeeds(
        needs_table(engine, pairs[courses], found, places),
        needs_table(engine, pairs[~courses], found, places),
        tuple(_remarks(found, hidden, weeks)),
        found,
        engine,
        places,
    )


def _for_provider(needs: Needs) -> bool:
    """Courses, with what may go beside them; never a paper, which may tell of health, benefits or nationality."""
    kinds = {need.kind for need in needs}
    return bool(kinds & set(COURSES)) and Kind.DOCUMENT not in kinds


def _remarks(found: Shortfalls, hidden: int, weeks: int) -> list[str]:
    told = []
    if found.early:
        told.append(
            _("{count} poste(s) démarrés, ou qui démarrent dans les {weeks} semaines, ne comptent pas.").format(
                count=found.early, weeks=weeks
            )
        )
    if hidden:
        told.append(_("{count} besoin(s) de moins de cinq personnes ne sont pas montrés.").format(count=hidden))
    return told
