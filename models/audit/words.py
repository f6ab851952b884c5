"""audit.md: the figures of an audit in words and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matcher.fairness import AIMS
from matcher.features import FEATURES
from matcher.locale import N_, _, current_language
from matcher.schema import CANDIDATES
from models.audit.stability import ALL, BLANK, FILL

Figures = Mapping[str, Any]

TARGET_LABELS = {
    "women": N_("femmes, face aux hommes"),
    "under_26": N_("moins de 26 ans"),
    "50_over": N_("50 ans ou plus"),
    "rsa": N_("bénéficiaires du RSA"),
    "disability": N_("obligation d'emploi (handicap)"),
    "qpv": N_("quartier prioritaire"),
}
GATE_LABELS = {
    "proposed": N_("proposées"),
    "accepted": N_("acceptées"),
    "interviewed": N_("reçues en entretien"),
    "hired": N_("embauchées"),
    "kept_3_months": N_("encore là à trois mois"),
}
LEADING = 3  # features named beside a proxy's AUC


def audit_markdown(found: Figures) -> str:
    """The audit for a reader: what each figure is, the tables, what may be asked of them."""
    lines = ["# " + _("Audit de la grille « {id} »").format(id=found["scorecard"]["id"]), ""]
    text = _("{people} personnes, {positions} postes, {pairs} paires que les filtres laissent passer.")
    lines += [text.format(**{name: found[name] for name in ("people", "positions", "pairs")})]
    lines += [
        _("Des chiffres à discuter, jamais un verdict : chacun a son intervalle à 95 %."),
        _("Groupes de moins de 5 personnes masqués, avec un autre s'il les trahissait. Voir docs/equite.md."),
        "",
        *_lists(found),
        *_outcomes(found),
        *_proxy(found["proxy"]),
        *_titles(found["titles"]),
        *_stability(found["stability"]),
    ]
    return "\n".join([*lines, ""])


def _lists(found: Figures) -> Iterator[str]:
    lists = found["lists"]
    yield "## " + _("Qui serait sur les listes")
    yield ""
    yield _("{listed} personnes listées parmi {pool} éligibles ou à vérifier ; {places} places.").format(**lists)
    yield _(
        "Rapports au reste du vivier : 1 veut dire égaux. À métier égal : entre personnes dont les métiers souhaité "
        "et pratiqué conviennent autant au même poste. À score égal : entre ex æquo d'un même poste."
    )
    yield ""
    head = (_("groupe"), _("vivier"), _("listées"), _("taux"), _("exposition"), _("à métier égal"), _("à score égal"))
    yield "| " + " | ".join(head) + " |"
    yield "|---|---:|---:|---|---|---|---|"
    for row in lists["groups"]:
        label = _label(found, row)
        if row["hidden"]:
            yield f"| {label} | {_('masqué')} | | | | | |"
            continue
        rate = _percents([row["rate"], row["low"], row["high"]])
        ratios = [
            _ratio([row[name], row[f"{name}_low"], row[f"{name}_high"]])
            for name in ("exposure_ratio", "equal_job", "equal_score")
        ]
        yield f"| {label} | {row['eligible']:.0f} | {row['listed']:.0f} | {rate} | " + " | ".join(ratios) + " |"
    yield ""


def _label(found: Figures, row: Figures) -> str:
    names = found["names"][row["dimension"]]
    return f"{_(names['title'])} : {_(names['groups'][row['group']])}"


def _outcomes(found: Figures) -> Iterator[str]:
    outcomes = found["outcomes"]
    yield "## " + _("Ce qui a suivi, groupe par groupe")
    yield ""
    if outcomes is None:
        yield _("Pas de suites : rien à mesurer.")
        yield ""
        return
    yield _(
        "Exposition à mérite égal : la place que la grille donne, comparée entre personnes allées aussi loin. "
        "Calibrage : la chance d'entretien que dit le score, et ce qui est arrivé."
    )
    yield ""
    yield f"| {_('groupe')} | {_('personnes')} | {_('exposition à mérite égal')} | {_('dit')} | {_('arrivé')} |"
    yield "|---|---:|---|---:|---|"
    said = {(row["dimension"], row["group"]): row for row in outcomes["calibration"]}
    for row in outcomes["exposure"]:
        other = said.get((row["dimension"], row["group"]), {"hidden": True})
        if row["hidden"]:
            yield f"| {_label(found, row)} | {_('masqué')} | | | |"
            continue
        both = "– | –" if other["hidden"] else f"{_percent(other['said'])} | {_percents(other['happened'])}"
        yield f"| {_label(found, row)} | {row['people']} | {_ratio(row['ratio'])} | {both} |"
    yield ""
    yield from _aims(outcomes["aims"])


def _aims(aims: Figures) -> Iterator[str]:
    yield "### " + _("Ce que vise la charte")
    yield ""
    labels = {f"{dimension}:{group}": label for dimension, group, label in AIMS}
    yield f"| {_('personnes')} | " + " | ".join(_(label) for label in GATE_LABELS.values()) + " |"
    yield "|---|" + "---|" * len(GATE_LABELS)
    for key, gates in aims["shares"].items():
        cells = [_("masqué") if gates[gate] is None else _percents(gates[gate]["share"]) for gate in GATE_LABELS]
        yield f"| {_(labels[key])} | " + " | ".join(cells) + " |"
    yield ""
    yield _(
        "{people_hired} personnes embauchées, {hires} embauches ; {hours} heures dans leurs postes ; {months} mois "
        "de contrat en moyenne."
    ).format(
        people_hired=aims["people_hired"],
        hires=aims["hires"],
        hours=f"{aims['hours'] or 0:.0f}",
        months=_plain(aims["months"], 1),
    )
    kept = aims["kept_3_months"]
    yield _("Emplois tenus trois mois : {share}, sur {hired} embauches proposées il y a plus de trois mois.").format(
        share=_percents(kept["share"]), hired=kept["hired"]
    )
    yield ""


def _proxy(found: Figures) -> Iterator[str]:
    yield "## " + _("Ce que les critères laissent deviner")
    yield ""
    yield _(
        "Un modèle essaie de deviner le groupe d'une personne d'après les niveaux que voit la grille, et il est jugé "
        "sur d'autres personnes. AUC : 0,5, il devine au hasard, les critères ne disent rien du groupe ; 1, ils le "
        "disent à coup sûr. Deviner n'est pas peser : la colonne « score seul » dit si le groupe est mieux (plus de "
        "0,5) ou moins bien placé."
    )
    yield ""
    head = (
        _("groupe"),
        _("personnes"),
        _("une paire"),
        _("une paire, arbres"),
        _("toutes ses paires"),
        _("score seul"),
        _("au hasard"),
        _("critères qui le portent (AUC perdue sans eux)"),
    )
    yield "| " + " | ".join(head) + " |"
    yield "|---|---:|---|---|---|---|---|---|"
    for name, one in found.items():
        label = _(TARGET_LABELS[name])
        if not one["measured"]:
            yield f"| {label} | {_('trop peu de personnes')} | | | | | | |"
            continue
        leading = [(f, loss) for f, loss in one["features"].items() if loss > 0][:LEADING]
        carriers = ", ".join(f"{_(FEATURES[f].title)} ({_plain(loss, 3)})" for f, loss in leading) or "–"
        cells = [_span(one[key], 2) for key in ("pair", "boosted", "person", "score", "chance")]
        yield f"| {label} | {one['people']} / {one['others']} | " + " | ".join(cells) + f" | {carriers} |"
    yield ""


def _titles(found: Figures) -> Iterator[str]:
    titles, labels = found["titles"], found["labels"]
    yield "## " + _("Maçon ou maçonne : l'autre forme des titres")
    yield ""
    yield _(
        "{swapped} titres mis à l'autre forme ; {both_forms} portent déjà les deux, {one_form} n'en ont qu'une, "
        "{code} sont des codes ; {not_known} laissés, leur autre forme n'étant pas sûre."
    ).format(**titles)
    yield _("**{different_scores} score(s) différent(s)** sur {pairs} paires ({different_levels} niveaux).").format(
        **found
    )
    text = _("Libellés ROME lus dans chaque forme : {compared} comparés, {different} mènent à un autre code.")
    yield text.format(**labels)
    yield ""


def _stability(found: Figures) -> Iterator[str]:
    yield "## " + _("Si l'inconnu était autre")
    yield ""
    yield _(
        "Sur {people} personnes, {positions} postes, {draws} tirages par champ. Places changées : part des dix "
        "premières tenues par quelqu'un d'autre ; écartées : part de ces dix personnes qu'un filtre retire ; rangs : "
        "de combien bougent les autres ; accord : tau de Kendall des deux ordres (1 : le même)."
    ).format(**{name: found[name] for name in ("people", "positions", "draws")})
    yield ""
    heads = {FILL: _("Cases vides remplies au hasard"), BLANK: _("Un cinquième des cases connues vidé")}
    columns = {column.name for column in CANDIDATES.columns}
    for mode, title in heads.items():
        yield f"| {title} | {_('cases')} | {_('places changées')} | {_('écartées')} | {_('rangs')} | {_('accord')} |"
        yield "|---|---:|---|---|---|---|"
        ranked = sorted(found[mode].items(), key=lambda item: (item[0] != ALL, -(item[1]["changed"][0] or 0)))
        for name, one in ranked:
            label = f"`{name}`" if name in columns else _("tous les champs à la fois")
            cells = [_percents(one["changed"]), _percents(one["set_aside"]), _span(one["moved"], 1)]
            yield f"| {label} | {_percent(one['cells'])} | " + " | ".join([*cells, _span(one["tau"], 2)]) + " |"
        yield ""


def _plain(value: float | None, digits: int) -> str:
    """A number with the decimal mark of the current language; a dash where not known."""
    mark = "." if current_language() == "en" else ","
    return "–" if value is None else f"{value:.{digits}f}".replace(".", mark)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{_plain(100 * value, 0)} %"


def _percents(values: Sequence[float | None]) -> str:
    value, low, high = values
    return "–" if value is None else f"{_percent(value)} [{_percent(low)} ; {_percent(high)}]"


def _ratio(values: Sequence[float | None]) -> str:
    return _span(values, 2)


def _span(values: Sequence[float | None], digits: int) -> str:
    value, low, high = values
    return "–" if value is None else f"{_plain(value, digits)} [{_plain(low, digits)} ; {_plain(high, digits)}]"
