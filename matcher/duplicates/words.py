"""Why two records may be one person, in words that repeat no personal value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcher.duplicates.model import Kind, Level, Plan
from matcher.locale import N_, _

SAYING: Mapping[Level, str] = {
    Level.EXACT: N_("identiques : {fields}"),
    Level.CLOSE: N_("presque identiques : {fields}"),
    Level.PARTIAL: N_("l'un fait partie de l'autre : {fields}"),
    Level.NEAR: N_("ressemblants : {fields}"),
    Level.DIFFERENT: N_("différents : {fields}"),
    Level.UNKNOWN: N_("inconnus d'un côté au moins : {fields}"),
}


def reason(levels: Sequence[int], fields: Plan) -> str:
    """A sentence for one pair, from the level of each field."""
    by_level: dict[Level, list[str]] = {}
    exchanged: list[str] = []
    parts: list[str] = []
    for one, level in zip(fields.fields, map(Level, levels), strict=True):
        if level is not Level.SWAPPED:
            by_level.setdefault(level, []).append(_(one.label))
        elif one.kind is Kind.DATE:
            parts.append(_("jour et mois échangés : {fields}").format(fields=_(one.label)))
        else:
            exchanged.append(_(one.label))
    if exchanged:
        parts.insert(0, _("échangés : {fields}").format(fields=", ".join(exchanged)))
    said = {
        level: _(SAYING[level]).format(fields=", ".join(by_level[level])) for level in SAYING if level in by_level
    }
    first = [said.pop(Level.EXACT)] if Level.EXACT in said else []
    sentence = " ; ".join([*first, *parts, *said.values()])
    if _may_be_twins(by_level, fields):
        sentence += " ; " + _("frère ou sœur jumeau possible, à vérifier")
    return sentence[:1].upper() + sentence[1:] + "."


def _may_be_twins(by_level: Mapping[Level, Sequence[str]], fields: Plan) -> bool:
    """Another first name, the same family name and birth date: people of one family look so."""
    labels = {one.name: _(one.label) for one in fields.fields}
    same = by_level.get(Level.EXACT, ())
    return (
        labels.get("first_name") in by_level.get(Level.DIFFERENT, ())
        and labels.get("last_name") in same
        and labels.get("birth_date") in same
    )
