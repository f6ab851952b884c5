"""Positions whose rules cannot be applied: set aside like any bad row, with the mend, while the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from matcher.clause import Rule, rule_set
from matcher.errors import UsageError
from matcher.locale import _
from matcher.rules import PACK_IDS, RulePack, load_rules
from matcher.tables import Import, rejected_table

MAX_SHOWN = 200
READ = ("mode", "rules", "categories", "reserved")
Problem = tuple[str, str]


def unusable_rules(positions: pd.DataFrame, default: str | None, *, files: bool = True) -> dict[int, Problem]:
    """Row number (from 0) of a canonical positions table → column and message, for the rows whose rules cannot be
    applied: a pack or a category that is unknown, a pack that needs another mode.

    `default` is the run's own choice (`--rules`); without `files` a row may only name a pack that comes with the
    software. Raises UsageError when the fault lies with `default`.
    """
    seen: dict[tuple[Any, ...], Problem | None] = {}
    found: dict[int, Problem] = {}
    rows: Iterator[Any] = positions[list(READ)].itertuples(index=False)
    for i, row in enumerate(rows):
        key = tuple(cell if isinstance(cell, str) else None for cell in row)
        if key not in seen:
            seen[key] = _problem(row, default, files)
        problem = seen[key]
        if problem:
            found[i] = problem
    return found


def with_usable_rules(jobs: Import, default: str | None, *, files: bool = True) -> Import:
    """The positions of a file, those of `unusable_rules` moved to its rejected rows. Raises UsageError as it does."""
    found = unusable_rules(jobs.table, default, files=files)
    if not found:
        return jobs
    lines = [
        (jobs.file, int(jobs.rows[i]), name, str(jobs.table[name].iloc[i])[:MAX_SHOWN], message)
        for i, (name, message) in found.items()
    ]
    kept = np.ones(len(jobs.table), bool)
    kept[list(found)] = False
    return replace(
        jobs,
        table=jobs.table[kept].reset_index(drop=True),
        rejected=_joined(jobs.rejected, rejected_table(lines)),
        rows=jobs.rows[kept],
        aside=jobs.aside[kept].reset_index(drop=True) if len(jobs.aside) == len(kept) else jobs.aside,
    )


def _joined(first: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    table = pd.concat([first, more], ignore_index=True) if len(first) else more
    return table.sort_values("row", kind="stable", ignore_index=True)


def _problem(row: Any, default: str | None, files: bool) -> Problem | None:
    named = row.rules if isinstance(row.rules, str) else None
    if named is not None:
        unknown = _unknown_pack(named, files)
        if unknown:
            return "rules", unknown
    for rule in rule_set(row, default).rules:
        pack = load_rules(rule.pack)
        if not _mode_fits(rule, pack):
            return _wrong_mode(rule, pack, named)
        odd = [code for code in rule.categories or () if code.casefold() not in map(str.casefold, pack.codes)]
        if odd:
            return "categories", _("catégorie « {name} » inconnue des règles {rules} ; choisir parmi {codes}").format(
                name=odd[0][:MAX_SHOWN], rules=pack.id, codes=", ".join(pack.codes)
            )
    return None


def _unknown_pack(named: str, files: bool) -> str | None:
    """Why a row's own pack cannot be read, None when it can."""
    if named in PACK_IDS:
        return None
    if files and named.lower().endswith((".yml", ".yaml")):
        try:
            load_rules(named)
        except UsageError as error:
            first = error.message.splitlines()[0]
            return _("fichier de règles inutilisable ({reason}) ; le vérifier par clausematch rules check").format(
                reason=first[:MAX_SHOWN]
            )
        return None
    return _("jeu de règles inconnu ; choisir parmi {ids}, ou laisser vide").format(ids=", ".join(PACK_IDS))


def _mode_fits(rule: Rule, pack: RulePack) -> bool:
    return pack.counting is None or (rule.mode or "").upper() in map(str.upper, pack.counting.modes)


def _wrong_mode(rule: Rule, pack: RulePack, named: str | None) -> Problem:
    """The row's fault when it names the pack itself, else the run's: then raises UsageError."""
    modes = ", ".join(pack.counting.modes) if pack.counting else ""
    if named is None:
        raise UsageError(
            _("Le mode « {mode} » n'est pas prévu par les règles {rules}.").format(mode=rule.mode, rules=pack.id),
            _("Écrire un mode ({modes}) dans la colonne mode des postes, ou choisir d'autres règles.").format(
                modes=modes
            ),
        )
    return "rules", _("les règles {rules} ne vont pas avec le mode {mode} ; écrire un mode parmi {modes}").format(
        rules=pack.id, mode=rule.mode, modes=modes
    )
