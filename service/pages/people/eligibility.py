"""What the rules say of one person today: which category opens a pack, how it is known, what to bring or to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matcher.eligibility import OUTCOMES, Evaluation, evaluate, evaluated, texts
from matcher.eligibility.facts import UNKNOWN, YES, Facts
from matcher.eligibility.kleene import Reading
from matcher.eligibility.proof import Proofs
from matcher.locale import N_, _
from matcher.rules import load_rules
from matcher.rules.model import Category
from matcher.rules.vocabulary import fact_table

# The packs that a position may call for, with the mode that counts criteria; the usual one first.
_WAYS: tuple[tuple[str, str | None, str], ...] = (
    ("ccag-2021", None, N_("Embauche directe sur un marché (CCAG 2021)")),
    ("charte-91-2018", None, N_("Charte de l'Essonne (2018)")),
    ("npnru", None, N_("Renouvellement urbain (NPNRU)")),
    ("geiq", "GEIQ", N_("Groupement d'employeurs (GEIQ)")),
    ("iae-2021", "ETTI", N_("Intérim d'insertion ou association intermédiaire (ETTI, AI)")),
    ("iae-2021", "EI", N_("Entreprise ou chantier d'insertion (EI, ACI)")),
)


@dataclass(frozen=True)
class Ground:
    """One category that is met, or may be. `proven`: the documents seen suffice; else `bring` says which to bring.
    For one that may be met, `ask` says what to ask; nobody is asked about health, justice or where they sleep for
    the sake of a list, and such categories are left out of `possible` (`withheld` says there are some)."""

    code: str
    label: str
    proven: bool = False
    bring: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What one pack says of the person; nothing in `next_step` where the categories met say what to bring."""

    title: str
    rules: str
    outcome: str
    met: tuple[Ground, ...]
    possible: tuple[Ground, ...]
    withheld: bool
    next_step: str
    remarks: tuple[str, ...]


def verdicts(said: Facts, on: date) -> tuple[Verdict, ...]:
    """What every pack in force on that day says of one person."""
    reading = Reading(said, np.datetime64(on, "D"))
    ways = ((load_rules(name), mode, title) for name, mode, title in _WAYS)
    return tuple(
        _verdict(_(title), evaluated(reading, pack, on=on, mode=mode))
        for pack, mode, title in ways
        if pack.in_force(on)
    )


def _verdict(title: str, found: Evaluation) -> Verdict:
    reading = found.reading
    proofs = Proofs(found.pack, reading, fresh=True)
    levels = found.levels[:, 0].tolist()
    pairs = list(zip(found.categories, levels, strict=True))
    open_ = [one for one, level in pairs if level == UNKNOWN]
    shown = [one for one in open_ if int(reading.asks(one.condition)[0]) < fact_table().limits()[0]]
    met = tuple(_met(found, proofs, one) for one, level in pairs if level == YES)
    outcome = OUTCOMES[int(found.outcome[0])]
    return Verdict(
        title,
        found.pack.name,
        outcome,
        met,
        tuple(_possible(reading, one) for one in shown),
        len(shown) < len(open_),
        "" if met and outcome == "eligible" else texts(found, np.zeros(1, np.int64), ("next_step",))["next_step"][0],
        found.warnings,
    )


def _met(found: Evaluation, proofs: Proofs, category: Category) -> Ground:
    lacking = int(proofs.lacking(category.condition)[0])
    names = _chosen(lacking, [_(proof.label) for proof in found.pack.proofs])
    return Ground(category.code, _(category.label), not lacking, names)


def _possible(reading: Reading, category: Category) -> Ground:
    asked = int(reading.asks(category.condition)[0])
    return Ground(category.code, _(category.label), ask=_chosen(asked, [_(one.label) for one in fact_table().facts]))


def _chosen(mask: int, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for place, name in enumerate(names) if mask >> place & 1)


def to_bring(said: Facts, on: date) -> list[str]:
    """The codes of the documents that would prove what opens the usual rules; nothing when proved or not met."""
    found = evaluate(said, load_rules(_WAYS[0][0]), on=on)
    codes = [proof.code for proof in found.pack.proofs]
    return list(_chosen(int(found.documents[0]), codes))
