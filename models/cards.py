"""A learned scorecard in words: its card, and what changed from its parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matcher.features import FEATURES
from matcher.locale import _
from matcher.wording import phrase

Points = Mapping[str, Mapping[str, int]]


def weight(levels: Mapping[str, int]) -> int:
    """How much a feature can move a score: from its worst level to its best, an unknown being worth nothing."""
    values = [0, *levels.values()]
    return max(values) - min(values)


def diff_markdown(before: Points, after: Points, bounds: Mapping[str, Any] | None = None) -> str:
    """What changed, the features that moved most first, in sentences and points; then what the outcomes contradict
    (`bounds`, see models.bounds)."""
    lines = ["# " + _("Ce qui a changé dans la grille"), "", *_against(bounds)]
    changed = [name for name in FEATURES if dict(before[name]) != dict(after[name])]
    if not changed:
        return "\n".join([*lines, _("Rien : les points sont ceux de la grille de départ."), ""])
    changed.sort(key=lambda name: -abs(weight(after[name]) - weight(before[name])))
    lines += [_sentence(name, before[name], after[name]) for name in changed]
    kept = [_(feature.title) for name, feature in FEATURES.items() if name not in changed]
    if kept:
        lines += ["", _("Sans changement : {features}.").format(features=", ".join(kept))]
    return "\n".join([*lines, "", *_table(before, after), ""])


def _against(bounds: Mapping[str, Any] | None) -> list[str]:
    """What the signs and the order of levels hold back; nothing when that is not sure."""
    if not bounds or not bounds["sure"]:
        return []
    names = ", ".join(_(FEATURES[name].title) for name in bounds["features"])
    text = _(
        "**Les suites contredisent le sens commun sur : {features}.** Les signes et l'ordre des niveaux ne sont "
        "jamais franchis : ces points s'arrêtent à zéro, ou à égalité. Sans ces bornes, la perte par comparaison "
        "serait plus basse de {gain}. Un critère mal lu, un travers des décisions, ou un marché à part ? En "
        "parler avant d'employer la grille."
    )
    return [text.format(features=names, gain=shown(bounds["pair_loss_gain"])), ""]


def _sentence(name: str, before: Mapping[str, int], after: Mapping[str, int]) -> str:
    old, new = weight(before), weight(after)
    if new > old:
        text = _("- **{feature}** pèse plus qu'avant : {new} points d'écart au lieu de {old}.")
    elif new < old:
        text = _("- **{feature}** pèse moins qu'avant : {new} points d'écart au lieu de {old}.")
    else:
        text = _("- **{feature}** pèse autant ({new} points d'écart), mais ses niveaux ont bougé.")
    return text.format(feature=_(FEATURES[name].title), new=new, old=old)


def _table(before: Points, after: Points) -> Iterator[str]:
    yield f"| {_('critère')} | {_('niveau')} | {_('avant')} | {_('après')} |"
    yield "|---|---|---:|---:|"
    for name, feature in FEATURES.items():
        for level in feature.order:
            old, new = before[name][level], after[name][level]
            mark = f"**{new:+d}**" if new != old else f"{new:+d}"
            yield f"| {_(feature.title)} | {phrase(name, level)} | {old:+d} | {mark} |"


def card_markdown(card: Mapping[str, Any], metrics: Mapping[str, Any], moved: bool) -> str:
    """The card: where the scorecard comes from, what was measured, what it must not be used for."""
    rows = metrics["rows"]
    lines = ["# " + _("Fiche de la grille « {id} »").format(id=card["id"]), "", str(card["title"]), ""]
    if not moved:
        lines += [_("**Les points de départ restent** : {reason}.").format(reason=metrics["reason"]), ""]
    lines += [
        "## " + _("Les données"),
        "",
        _("{read} suites lues, {rejected} mises de côté (voir rejected.csv).").format(**rows),
        _(
            "{explicit} décisions explicites sur {positions} postes ; {excused} fins sans rapport avec la personne."
        ).format(**rows),
        _("{added} personnes ajoutées par un conseiller, jugées entre elles seulement.").format(**rows),
        "",
    ]
    if "cross_validation" in metrics:
        lines += [*_origin(card), *_figures(metrics), *_meaning(card)]
    return "\n".join([*lines, *_limits(), ""])


def _origin(card: Mapping[str, Any]) -> list[str]:
    if "parent" not in card:
        return []
    return [
        _("Grille de départ : {parent}. Empreinte SHA-256 des suites : `{data}`.").format(
            parent=card["parent"], data=card["data_sha256"]
        ),
        "",
    ]


def _figures(metrics: Mapping[str, Any]) -> Iterator[str]:
    validation = metrics["cross_validation"]
    yield "## " + _("Les mesures")
    yield ""
    yield _(
        "Par validation croisée entre postes (jamais entre paires), moyenne et intervalle à 95 % tiré sur les postes."
    )
    yield ""
    yield f"| | {_('perte par comparaison')} | {_('NDCG@10 sur les personnes jugées')} |"
    yield "|---|---|---|"
    names = {"parent": _("grille de départ"), "learned": _("grille apprise"), "challenger": _("concurrent additif")}
    for name, label in names.items():
        if name in validation["pair_loss"]:
            loss, ndcg = validation["pair_loss"][name], validation["ndcg10_judged"][name]
            yield f"| {label} | {shown(loss)} | {shown(ndcg)} |"
    yield ""
    yield _(
        "Gain de perte par comparaison (intervalle à 80 %) : {gain}. Il faut que sa borne basse dépasse zéro."
    ).format(gain=shown(validation["pair_loss_gain"]))
    latest = metrics["latest_positions"]
    yield _("Appris sur le passé, mesuré sur les {count} derniers postes : gain de NDCG@10 {gain}.").format(
        count=latest["positions"], gain=shown(latest["gain"])
    )
    yield _("Retenue vers la grille de départ : {tau} points.").format(tau=f"{metrics['shrinkage_points']:g}")
    yield ""
    yield from _against(metrics.get("bounds"))
    implicit = metrics["implicit"]
    if implicit["rows"]:
        used = _("employés") if implicit["used"] else _("laissés de côté")
        gain = shown([implicit.get(name) for name in ("gain", "low", "high")])
        yield _("Choix que personne n'a écrits : {rows}, {used} (gain de perte par comparaison {gain}).").format(
            rows=implicit["rows"], used=used, gain=gain
        )
    yield ""


def _meaning(card: Mapping[str, Any]) -> list[str]:
    known = card.get("calibration")
    head = ["## " + _("Ce que veut dire le score"), ""]
    if not known:
        return [*head, _("Trop peu d'entretiens pour le dire : le score n'est qu'un nombre de points."), ""]
    text = _("D'après {people} propositions, dont {reached} ont mené à un entretien (courbe {method}) :").format(
        **known
    )
    first, last = known["probability"][0], known["probability"][-1]
    span = _("d'environ {low} à {high} entretiens pour 100 personnes montrées, du plus bas au plus haut score vu.")
    return [*head, text, span.format(low=round(100 * first), high=round(100 * last)), ""]


def _limits() -> list[str]:
    return [
        "## " + _("Les limites"),
        "",
        _("Les personnes jugées sont celles qui ont été montrées : la mesure ne dit rien des autres."),
        _("Apprendre de décisions apprend aussi leurs travers : relire diff.md et le rapport d'équité d'abord."),
        _("Le score range des personnes éligibles ; il n'écarte personne et ne décide de rien."),
    ]


def shown(values: Sequence[float | None]) -> str:
    """`mean [low ; high]`, a dash where nothing could be measured."""
    if values[0] is None:
        return "–"
    mean, low, high = (float("nan") if value is None else value for value in values)
    return f"{mean:.3f} [{low:.3f} ; {high:.3f}]"
