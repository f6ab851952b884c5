"""The codes of the tables as words of the report."""

from __future__ import annotations

import re
from collections.abc import Mapping

from matcher.clause import RuleSet
from matcher.locale import N_, _, current_language
from matcher.report import formats
from matcher.report.formats import clip, whole
from matcher.rules import load_rules
from matcher.rules.vocabulary import fact_table
from matcher.schema import CANDIDATES
from matcher.scoring import EXPERT, Scorecard
from matcher.vocabulary import Mode, Reserved

_UNBREAKABLE = re.compile(r" (?=[;:?!»%€])|(?<=«) ")

MODES: Mapping[str, str] = {
    Mode.DIRECT: N_("embauche directe"),
    Mode.ETTI: N_("intérim d'insertion (ETTI)"),
    Mode.GEIQ: N_("groupement d'employeurs (GEIQ)"),
    Mode.EI: N_("entreprise d'insertion (EI)"),
    Mode.ACI: N_("atelier ou chantier d'insertion (ACI)"),
    Mode.AI: N_("association intermédiaire (AI)"),
}
RESERVED: Mapping[str, str] = {
    Reserved.INSERTION: N_("aux structures d'insertion (SIAE)"),
    Reserved.HANDICAP: N_("aux EA et ESAT"),
    Reserved.ESS: N_("à l'économie sociale et solidaire"),
    Reserved.UNSPECIFIED: N_("à des structures que l'avis ne précise pas : à trancher par le facilitateur"),
}
OUTCOMES: Mapping[str, str] = {
    "eligible": N_("éligible"),
    "to_verify": N_("à vérifier"),
    "not_eligible": N_("non éligible"),
}


def said(message: str) -> str:
    """A message of the page in the current language, with the French spaces that a line must not break."""
    text = _(message)
    return _UNBREAKABLE.sub(formats.NO_BREAK_SPACE, text) if current_language() == "fr" else text


def word(labels: Mapping[str, str], code: str) -> str:
    """The label of a code in the current language; the code itself when it has none."""
    return _(labels[code]) if code in labels else clip(code)


def score_name(card: Scorecard) -> str:
    """What the 0–100 score is: expert points until a scorecard is learned from outcomes."""
    return _("Points d'expert") if card.kind == EXPERT else _("Score appris")


def score_meaning(card: Scorecard) -> str:
    """The same in a sentence, and what a score means where outcomes have said it."""
    text = _(
        "Score appris, de 0 à 100 : une grille ajustée sur des suites réelles. "
        "Ce n'est pas une note de la personne, et il se lit dans l'ordre d'une même liste."
    )
    if card.kind == EXPERT:
        text = _(
            "Points d'expert, de 0 à 100 : une grille posée par jugement, avant tout retour d'expérience. "
            "Ce n'est ni une probabilité d'embauche, ni une note de la personne."
        )
    if card.calibration is None:
        return text
    known = _(
        "Sous chaque score, combien de personnes sur 100 montrées avec ce score arrivent à un entretien, d'après "
        "{people} propositions dont {reached} y ont mené ; cette valeur a des ex æquo et ne range personne."
    )
    return text + " " + known.format(people=whole(card.calibration.people), reached=whole(card.calibration.reached))


def category_labels(rules: RuleSet) -> dict[str, str]:
    """Code → label of the categories of the packs that open a position."""
    labels: dict[str, str] = {}
    for rule in rules.rules:
        for category in load_rules(rule.pack).categories:
            labels.setdefault(category.code, _(category.label))
    return labels


def fact_label(name: str) -> str:
    """What a missing fact is called; `evidence` is the proof itself."""
    if name == "evidence":
        return _("le justificatif")
    known = {fact.name: fact.label for fact in fact_table().facts}
    if name in known:
        return _(known[name])
    return _(CANDIDATES.by_name[name].about) if name in CANDIDATES.by_name else clip(name)
