"""Packs as French text for jurists: `clausematch rules list | show | check`, generated from the data."""

from __future__ import annotations

from pathlib import Path

from matcher.locale import _
from matcher.rules.loader import check_rules, list_rules
from matcher.rules.model import AllOf, AnyOf, Atom, Category, Condition, Named, Not, Proof, RulePack, proofs_named
from matcher.rules.vocabulary import ATOMS, fact_table


def list_text() -> str:
    """One line per embedded pack: id@version, status, validity, title."""
    rows = [(pack.name, _status(pack), _validity(pack), _(pack.title)) for pack in list_rules()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    )


def check_text(path: str | Path) -> tuple[str, bool]:
    """What `rules check FILE` prints, and whether the file is right."""
    mistakes = check_rules(path)
    if not mistakes:
        return _("{file} : règles correctes.").format(file=path), True
    return "\n".join((*mistakes, _("{count} erreur(s) à corriger.").format(count=len(mistakes)))), False


def show_text(pack: RulePack) -> str:
    """The whole pack: source, thresholds with their references, categories in words, documents."""
    lines = [f"# {pack.name} : {_(pack.title)}", ""]
    lines.append(_("Source : {source}").format(source=pack.source))
    lines.append(_("Statut : {status} ; {validity}").format(status=_status(pack), validity=_validity(pack)))
    lines.append(_("Vérifié le {day}").format(day=pack.checked_on.isoformat()))
    lines += ["", _("## Catégories"), ""]
    for category in pack.categories:
        lines += _category_lines(pack, category)
    lines += _counting_lines(pack)
    if pack.parameters:
        lines += [_("## Seuils"), ""]
        for row in pack.parameters:
            lines.append(f"- {row.name} : {_(row.label)} : {row.value} ({_(row.unit)}) [{row.reference}]")
        lines.append("")
    lines += [_("## Justificatifs"), ""]
    lines += [f"- {row.code} : {_(row.label)} ; {_good_for(row)}" for row in pack.proofs]
    lines += ["", _("## Références"), ""]
    for reference in pack.references:
        url = f" <{reference.url}>" if reference.url else ""
        lines.append(f"- [{reference.id}] {reference.text}, {reference.article}, {reference.dated.isoformat()}{url}")
    return "\n".join(lines) + "\n"


def condition_text(condition: Condition) -> str:
    """A condition in French words, nested with brackets."""
    match condition:
        case Atom():
            fact = fact_table().named(condition.fact)
            label = _(fact.label) if fact else condition.fact
            return (
                _(ATOMS[condition.kind].phrase)
                .replace("{fact}", label)
                .replace("{number}", str(condition.number))
                .replace("{items}", _(" ou ").join(condition.items))
            )
        case Not():
            return _("non ({condition})").format(condition=condition_text(condition.child))
        case Named():
            return _(condition.label)
        case AllOf():
            return _("(toutes : {list})").format(list=" ; ".join(map(condition_text, condition.children)))
        case AnyOf():
            return _("(une au moins : {list})").format(list=" ; ".join(map(condition_text, condition.children)))


def _category_lines(pack: RulePack, category: Category) -> list[str]:
    level = ""
    if pack.counting:
        level = _(" (suffit seul)") if category.level == 0 else _(" (niveau {level})").format(level=category.level)
    return [
        f"- {category.code} : {_(category.label)}{level} [{category.reference}]",
        f"  {_(category.explanation)}",
        "  " + _("Condition : {condition}").format(condition=condition_text(category.condition)),
        "  " + _("Justificatifs : {codes}").format(codes=", ".join(proofs_named(category.condition))),
        "",
    ]


def _counting_lines(pack: RulePack) -> list[str]:
    if pack.counting is None:
        return []
    lines = [_("## Nombre de critères de niveau 2 (un critère de niveau 1 suffit)"), ""]
    lines += [f"- {mode} : {number}" for mode, _parameter, number in pack.counting.required]
    return [*lines, ""]


def _status(pack: RulePack) -> str:
    return _("texte officiel") if pack.status == "official" else _("à confirmer")


def _validity(pack: RulePack) -> str:
    if pack.valid_to is None:
        return _("depuis le {start}").format(start=pack.valid_from.isoformat())
    return _("du {start} au {end}").format(start=pack.valid_from.isoformat(), end=pack.valid_to.isoformat())


def _good_for(proof: Proof) -> str:
    if proof.months is not None:
        return _("valable {months} mois").format(months=proof.months)
    if proof.until is not None:
        return _("valable jusqu'à sa propre date de fin ({column})").format(column=proof.until)
    return _("sans limite de durée")
