"""The plain words for each level of each feature, in French, and the short lists made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matcher.features import FEATURES, NOT_ASKED, UNKNOWN, Levels
from matcher.locale import N_, _
from matcher.scoring import Scorecard

NEITHER = 1 << 40  # heavier than any sum of points
SHOWN = 4  # strengths or concerns on one line of a shortlist

PHRASES: Mapping[str, Mapping[str, str]] = {
    "practice": {
        "confirmed": N_("a exercé ce métier un an ou plus"),
        "some": N_("a déjà exercé ce métier"),
        "near": N_("a exercé un métier proche"),
        "related": N_("a exercé un métier aux savoir-faire communs"),
        "family": N_("a travaillé dans la même famille de métiers"),
        "elsewhere": N_("expérience dans d'autres métiers"),
        "none": N_("pas encore d'expérience de travail"),
        UNKNOWN: N_("expérience à préciser"),
    },
    "experience": {
        "met": N_("a la durée d'expérience demandée"),
        "half": N_("a la moitié de l'expérience demandée"),
        "short": N_("moins d'expérience que demandé"),
        UNKNOWN: N_("durée d'expérience à vérifier"),
    },
    "skills": {
        "all": N_("toutes les compétences demandées"),
        "most": N_("la plupart des compétences demandées"),
        "some": N_("une partie des compétences demandées"),
        "none": N_("aucune des compétences demandées"),
        UNKNOWN: N_("compétences à vérifier"),
    },
    "certificates": {
        "held": N_("certificats exigés en cours de validité"),
        "expiring": N_("un certificat exigé expire avant la fin du poste"),
        "part": N_("une partie des certificats exigés, les autres à vérifier"),
        UNKNOWN: N_("certificats exigés à vérifier"),
    },
    "wished_certificates": {
        "held": N_("certificats souhaités"),
        "part": N_("une partie des certificats souhaités"),
        "none": N_("aucun des certificats souhaités"),
        UNKNOWN: N_("certificats souhaités à vérifier"),
    },
    "driving": {
        "ready": N_("permis et véhicule exigés"),
        "part": N_("permis ou véhicule à vérifier"),
        UNKNOWN: N_("permis et véhicule à vérifier"),
    },
    "french": {
        "met": N_("niveau de français suffisant"),
        "one_below": N_("français un niveau sous la demande"),
        "below": N_("français en dessous de la demande"),
        UNKNOWN: N_("niveau de français à vérifier"),
    },
    "qualification": {
        "met": N_("niveau de qualification demandé"),
        "one_below": N_("qualification un niveau sous la demande"),
        "below": N_("qualification en dessous de la demande"),
        UNKNOWN: N_("niveau de qualification à vérifier"),
    },
    "availability": {
        "at_start": N_("disponible au démarrage"),
        "within_month": N_("disponible dans le mois qui suit le démarrage"),
        "later": N_("disponible plus d'un mois après le démarrage"),
        UNKNOWN: N_("date de disponibilité à demander"),
    },
    "wish": {
        "first": N_("premier métier souhaité"),
        "wished": N_("métier souhaité"),
        "near": N_("métier proche de ses souhaits"),
        "related": N_("métier aux savoir-faire communs avec ses souhaits"),
        "family": N_("même famille que ses souhaits"),
        "elsewhere": N_("cherche un autre métier"),
        UNKNOWN: N_("métier souhaité à préciser"),
    },
    "distance": {
        "next_door": N_("habite à moins de 3 km"),
        "close": N_("habite près du lieu de travail"),
        "middle": N_("distance acceptable"),
        "far": N_("loin, au regard de sa limite de distance"),
        UNKNOWN: N_("distance à préciser (domicile ou lieu exact)"),
    },
    "transport": {
        "easy": N_("peut s'y rendre facilement"),
        "hard": N_("sans véhicule et lieu non desservi"),
        UNKNOWN: N_("moyen de transport à vérifier"),
    },
    "hours": {
        "within": N_("durée de travail souhaitée"),
        "below": N_("moins d'heures que souhaité"),
        "above": N_("plus d'heures que souhaité"),
        UNKNOWN: N_("durée de travail à demander"),
    },
    "schedule": {
        "accepted": N_("accepte les horaires et conditions"),
        UNKNOWN: N_("horaires et conditions à faire accepter"),
    },
    "wage": {
        "met": N_("salaire au niveau attendu"),
        "nearly": N_("salaire un peu sous l'attente"),
        "below": N_("salaire sous l'attente"),
        UNKNOWN: N_("salaire attendu non dit"),
    },
    "demands": {
        "suited": N_("aucune contre-indication connue au poste"),
        UNKNOWN: N_("limites au poste à demander"),
    },
}


def phrase(feature: str, level: str) -> str:
    """What a level means for the person, in the current language; empty when the position asks for nothing."""
    return "" if level == NOT_ASKED else _(PHRASES[feature][level])


def summaries(levels: Levels, card: Scorecard) -> tuple[list[str], list[str]]:
    """For each pair (column of `levels`) its strengths, and its concerns with what is unknown, most weighty first.

    Each distinct line is worded once.
    """
    points = np.stack([table[line] for table, line in zip(card.tables, levels, strict=True)])
    unknown = levels == np.array([[feature.number(UNKNOWN)] for feature in FEATURES.values()])
    at_stake = np.array([[int(table.max()) - min(0, int(table.min()))] for table in card.tables])
    strengths = np.where(points > 0, -points, NEITHER)
    concerns = np.where(points < 0, points - NEITHER, np.where(unknown, -at_stake, NEITHER))
    return _lines(levels, strengths), _lines(levels, concerns)


def _lines(levels: Levels, weights: np.ndarray[Any, np.dtype[np.int64]]) -> list[str]:
    """For each pair the phrases of the SHOWN features of least weight, those at NEITHER left out."""
    order = np.argsort(weights, axis=0, kind="stable")[:SHOWN]
    shown = np.take_along_axis(weights, order, axis=0) < NEITHER
    cells = np.where(shown, order << 8 | np.take_along_axis(levels, order, axis=0), -1)
    lines, which = np.unique(cells, axis=1, return_inverse=True)
    names = list(FEATURES)
    texts = [
        " ; ".join(
            phrase(names[cell >> 8], FEATURES[names[cell >> 8]].levels[cell & 255]) for cell in line if cell >= 0
        )
        for line in lines.T.tolist()
    ]
    return [texts[i] for i in which.ravel().tolist()]


SCHEDULE_LABELS: Mapping[str, str] = {
    "night": N_("travail de nuit"),
    "weekend": N_("travail le week-end"),
    "early": N_("horaires matinaux"),
    "outdoor": N_("travail en extérieur"),
    "travel": N_("déplacements"),
}
LIMIT_LABELS: Mapping[str, str] = {
    "heavy_lifting": N_("port de charges"),
    "heights": N_("travail en hauteur"),
    "standing": N_("station debout"),
    "driving": N_("conduite"),
    "noise": N_("bruit"),
    "outdoor": N_("travail en extérieur"),
    "screen": N_("travail sur écran"),
}


def flagged(bits: int, words: Sequence[str], labels: Mapping[str, str] | None = None) -> str:
    """The words whose bit is set, in the current language, as one list."""
    chosen = [word for i, word in enumerate(words) if bits >> i & 1]
    return ", ".join(_(labels[word]) if labels else word for word in chosen)
