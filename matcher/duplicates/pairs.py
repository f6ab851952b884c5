"""Pairs that may be one person: the questions a table is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matcher.duplicates.evidence import Evidence, evidence
from matcher.duplicates.keys import candidate_pairs
from matcher.duplicates.linking import exclusive, groups, one_to_one
from matcher.duplicates.model import Level, Plan
from matcher.duplicates.people import PEOPLE
from matcher.duplicates.records import Ints, Records, records
from matcher.duplicates.weights import Weights, learn, posterior
from matcher.errors import UsageError
from matcher.locale import _

LEAST = 0.5
SEPARATOR = "|"
COLUMNS = ("left", "right", "probability", "agree", "differ", "unknown", "group")
LOWEST_ODDS = -12.0
"""Bits under which a pair does not count among the possible partners of a record."""
AGREEING = (Level.EXACT, Level.CLOSE, Level.PARTIAL, Level.SWAPPED)


def learn_weights(table: pd.DataFrame, fields: Plan = PEOPLE, seed: int = 0) -> Weights:
    """Weights learnt from one table, to be kept and given to `pairs` or `against`. Raises UsageError."""
    data = _ready(table, fields)
    found = evidence(data, fields, candidate_pairs(data, fields))
    return learn(data, fields, found, _possible(len(data), None), seed)


def pairs(
    table: pd.DataFrame,
    fields: Plan = PEOPLE,
    *,
    least: float = LEAST,
    weights: Weights | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Pairs of rows that may be one person, most probable first: COLUMNS.

    `left` and `right` are values of the plan's key column; `probability` is the posterior of the model (see
    `weights`); `agree`, `differ` and `unknown` are names of fields joined by `|`; records joined by a chain of pairs
    share `group`. `attrs["levels"]` has the Level of each field, pair by pair, for `words.reason`. The order of the
    rows does not matter. `weights` are learnt from the table unless given. Raises UsageError when the table has fewer
    than two of the columns compared.
    """
    data = _ready(table, fields)
    found = evidence(data, fields, candidate_pairs(data, fields))
    used = weights or learn(data, fields, found, _possible(len(data), None), seed)
    chance = posterior(used.log_odds(found))
    kept = chance >= least
    return _table(table, fields, data, found.at(kept), chance[kept])


def against(
    new: pd.DataFrame,
    known: pd.DataFrame,
    fields: Plan = PEOPLE,
    *,
    least: float = LEAST,
    weights: Weights | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """As `pairs`, across two tables alone: `left` is a key of `new`, `right` one of `known`. A person may appear more
    than once; see `link` where a row has one partner at most."""
    data, side, found, used = _across(new, known, fields, weights, seed)
    chance = posterior(used.log_odds(found))
    kept = chance >= least
    return _table(_both(new, known), fields, data, found.at(kept), chance[kept], side)


def link(
    new: pd.DataFrame,
    known: pd.DataFrame,
    fields: Plan = PEOPLE,
    *,
    least: float = LEAST,
    weights: Weights | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """As `against` where neither table repeats anybody: the assignment of one partner at most that has the greatest
    weight, with probabilities that take the other possible partners into account."""
    data, side, found, used = _across(new, known, fields, weights, seed)
    bits = used.log_odds(found)
    smaller = max(min(int(side.sum()), int((~side).sum())), 1)
    partnered = posterior(bits).sum() / smaller
    found, bits = found.at(bits > LOWEST_ODDS), bits[bits > LOWEST_ODDS]
    turned = side[found.left]
    left, right = np.where(turned, found.right, found.left), np.where(turned, found.left, found.right)
    odds = np.exp2(np.minimum(bits, 60)) / max(1 - partnered, 1 / smaller)
    chance = exclusive(left, right, odds)
    kept = one_to_one(left, right, np.log2(1 + odds)) & (chance >= least)
    return _table(_both(new, known), fields, data, found.at(kept), chance[kept], side)


def _possible(size: int, side: NDArray[np.bool_] | None) -> float:
    return size * (size - 1) / 2 if side is None else float(side.sum()) * float((~side).sum())


def _ready(table: pd.DataFrame, fields: Plan) -> Records:
    if fields.key not in table:
        raise UsageError(
            _("La colonne {column} manque.").format(column=fields.key), _("Ajouter un identifiant par ligne.")
        )
    filled = [name for name in fields.columns[1:] if name in table and table[name].notna().any()]
    if len(filled) < 2:
        raise UsageError(
            _("Rien à comparer : il faut au moins deux de ces colonnes remplies : {columns}.").format(
                columns=", ".join(fields.columns[1:])
            ),
            _("Ajouter au moins le nom, le prénom et la date de naissance."),
        )
    return records(table, fields)


def _both(new: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([new, known], ignore_index=True)


def _across(
    new: pd.DataFrame, known: pd.DataFrame, fields: Plan, weights: Weights | None, seed: int
) -> tuple[Records, NDArray[np.bool_], Evidence, Weights]:
    data = _ready(_both(new, known), fields)
    side = data.rows >= len(new)
    found = evidence(data, fields, candidate_pairs(data, fields, side))
    return data, side, found, weights or learn(data, fields, found, _possible(len(data), side), seed)


def _table(
    table: pd.DataFrame,
    fields: Plan,
    data: Records,
    found: Evidence,
    chance: NDArray[np.float64],
    side: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """The pairs as COLUMNS, with the levels of each pair as `attrs["levels"]` (one row per pair)."""
    keys = np.asarray(table[fields.key].astype(str), object)[data.rows]
    left, right = keys[found.left], keys[found.right]
    turned = right < left if side is None else side[found.left]
    left, right = np.where(turned, right, left), np.where(turned, left, right)
    made = pd.DataFrame({"left": left, "right": right, "probability": chance}).astype({"left": "str", "right": "str"})
    for name, chosen in (
        ("agree", AGREEING),
        ("differ", (Level.NEAR, Level.DIFFERENT)),
        ("unknown", (Level.UNKNOWN,)),
    ):
        made[name] = _listed(fields, np.isin(found.levels, chosen))
    order = np.lexsort((right, left, -chance.round(9)))
    made["group"] = _numbered(groups(len(data), found.left, found.right)[found.left][order], order)
    made = made.iloc[order].reset_index(drop=True)
    made.attrs["levels"] = found.levels[order].tolist()
    return made


def _listed(fields: Plan, chosen: NDArray[np.bool_]) -> pd.Series[str]:
    names = [one.name for one in fields.fields]
    patterns, back = np.unique(chosen, axis=0, return_inverse=True)
    words = [SEPARATOR.join(name for name, yes in zip(names, row, strict=True) if yes) for row in patterns]
    return pd.Series(np.array([*words, ""], object)[back], dtype="str")


def _numbered(group: Ints, order: Ints) -> NDArray[np.int64]:
    """Groups numbered from 1 in the order of the pairs, put back in the order of the evidence."""
    made = np.empty(len(order), np.int64)
    made[order] = pd.factorize(group)[0] + 1
    return made
