"""What the levels of the features say to the person, in plain French (level B1), and what to look at together.

Nothing here speaks of health, and no level is a judgement: what lacks is something to bring, to say or to prepare.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcher.features import UNKNOWN
from matcher.locale import N_, _

REASONS: Mapping[str, Mapping[str, str]] = {
    "wish": {
        "first": N_("C'est le métier que vous voulez faire en premier."),
        "wished": N_("C'est un des métiers que vous voulez faire."),
        "near": N_("C'est un métier proche de celui que vous voulez faire."),
        "related": N_("Ce métier ressemble à celui que vous voulez faire."),
    },
    "practice": {
        "confirmed": N_("Vous avez fait ce métier pendant un an ou plus."),
        "some": N_("Vous avez déjà fait ce métier."),
        "near": N_("Vous avez déjà fait un métier proche."),
        "related": N_("Vous avez déjà fait un métier qui ressemble à celui-ci."),
        "family": N_("Vous avez déjà travaillé dans ce domaine."),
    },
    "experience": {"met": N_("Vous avez l'expérience demandée.")},
    "skills": {
        "all": N_("Vous savez faire tout ce qui est demandé."),
        "most": N_("Vous savez faire presque tout ce qui est demandé."),
        "some": N_("Vous savez faire une partie de ce qui est demandé."),
    },
    "certificates": {"held": N_("Vos certificats sont à jour pour ce poste.")},
    "wished_certificates": {"held": N_("Vous avez un certificat utile pour ce poste.")},
    "driving": {"ready": N_("Vous avez le permis ou le véhicule demandé.")},
    "french": {"met": N_("Votre niveau de français convient.")},
    "qualification": {"met": N_("Vous avez le niveau d'études demandé.")},
    "availability": {
        "at_start": N_("Vous êtes libre le jour où le poste commence."),
        "within_month": N_("Vous êtes libre dans le mois qui suit le début du poste."),
    },
    "distance": {
        "next_door": N_("C'est à moins de 3 km de chez vous."),
        "close": N_("C'est près de chez vous."),
        "middle": N_("C'est à une distance que vous acceptez."),
    },
    "transport": {"easy": N_("Vous pouvez y aller facilement.")},
    "hours": {"within": N_("Le nombre d'heures vous convient.")},
    "schedule": {"accepted": N_("Vous acceptez les horaires et les conditions.")},
    "wage": {"met": N_("Le salaire correspond à votre demande.")},
}
TOGETHER: Mapping[str, Mapping[str, str]] = {
    "wish": {UNKNOWN: N_("Dites si ce métier vous intéresse.")},
    "practice": {UNKNOWN: N_("Parlez de vos emplois passés.")},
    "certificates": {
        UNKNOWN: N_("Apportez vos certificats, si vous en avez."),
        "part": N_("Apportez tous vos certificats."),
        "expiring": N_("Un de vos certificats finit avant la fin du poste. Il faudra le renouveler."),
    },
    "driving": {
        UNKNOWN: N_("Apportez votre permis de conduire, si vous en avez un."),
        "part": N_("Dites si vous avez le permis et un véhicule."),
    },
    "availability": {
        UNKNOWN: N_("Dites à partir de quel jour vous êtes libre."),
        "later": N_("Voyez si vous pouvez commencer plus tôt."),
    },
    "distance": {
        "far": N_("C'est assez loin de chez vous. Préparez le trajet."),
        UNKNOWN: N_("Regardez le trajet ensemble."),
    },
    "transport": {
        "hard": N_("Il n'y a pas de bus connu. Préparez le trajet ensemble."),
        UNKNOWN: N_("Dites comment vous pouvez vous y rendre."),
    },
    "hours": {
        "below": N_("Il y a moins d'heures que vous voulez."),
        "above": N_("Il y a plus d'heures que vous voulez."),
        UNKNOWN: N_("Dites combien d'heures par semaine vous voulez travailler."),
    },
    "schedule": {UNKNOWN: N_("Regardez ensemble les horaires et les conditions.")},
    "wage": {
        "nearly": N_("Le salaire est un peu plus bas que votre demande."),
        "below": N_("Le salaire est plus bas que votre demande."),
    },
    "french": {"one_below": N_("Un cours de français peut aider."), "below": N_("Un cours de français peut aider.")},
}
MOST = 6
# Documents that say nothing of health, of justice nor of resources to whoever sees the paper.
_NAMED: Mapping[str, str] = {
    "avis_situation_ft": N_("votre avis de situation France Travail (moins de 3 mois)"),
    "attestation_structure": N_("une attestation de la structure qui vous suit"),
    "piece_identite": N_("une pièce d'identité"),
    "diplome": N_("vos diplômes"),
    "sortie_scolaire": N_("un papier qui dit quand vous avez quitté l'école"),
    "justificatif_domicile": N_("un justificatif de domicile"),
    "pass_iae": N_("votre PASS IAE"),
}
_OTHER = N_("le document dont vous avez parlé avec votre conseiller")


def reasons(levels: Mapping[str, str]) -> list[str]:
    """Why this position, to the person."""
    return _said(REASONS, levels)


def together(levels: Mapping[str, str]) -> list[str]:
    """What is to be said, brought or prepared."""
    return _said(TOGETHER, levels)


def _said(words: Mapping[str, Mapping[str, str]], levels: Mapping[str, str]) -> list[str]:
    found = [words[name][levels[name]] for name in words if levels.get(name) in words[name]]
    return [_(text) for text in dict.fromkeys(found)][:MOST]


def documents(codes: list[str]) -> list[str]:
    """What to bring, each once; a document that would say something private is not named."""
    wanted = [_NAMED["piece_identite"], *(_NAMED.get(code, _OTHER) for code in codes)]
    return [_(text) for text in dict.fromkeys(wanted)]
