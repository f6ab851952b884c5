"""The field's codes and the words people write for them.

Each mapping goes from a folded word (see `fold`) to the canonical code; codes themselves are always accepted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

import numpy as np

# Dates that stand for words, so that comparisons need no special case.
PERMANENT = np.datetime64("9999-12-31", "D")
NEVER = np.datetime64("0001-01-01", "D")


class Outcome(IntEnum):
    """An eligibility decision, ordered so that the better outcome is the greater number."""

    NOT_ELIGIBLE = 0
    TO_VERIFY = 1
    ELIGIBLE = 2

    @property
    def code(self) -> str:
        return self.name.lower()


class Mode(StrEnum):
    """The four ways to fulfil a clause, by the kind of employer."""

    DIRECT = "direct"
    ETTI = "ETTI"
    GEIQ = "GEIQ"
    EI = "EI"
    ACI = "ACI"
    AI = "AI"


class Reserved(StrEnum):
    """To which structures a contract is reserved (Code de la commande publique, L2113-12 to L2113-16)."""

    INSERTION = "insertion"
    HANDICAP = "handicap"
    ESS = "ess"
    UNSPECIFIED = "unspecified"


FRENCH_LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")
BENEFITS = ("RSA", "ASS", "AAH", "ASI", "ADA", "ATA", "AV", "INVALIDITE", "ARE")
PROGRAMMES = ("IAE", "GEIQ", "EPIDE", "E2C", "EA", "EATT", "ESAT", "REGIE", "CEJ", "PACEA", "SMV", "SMA")
LICENCES = ("AM", "A1", "A2", "A", "B1", "B", "BE", "C1", "C1E", "C", "CE", "D1", "D1E", "D", "DE")
# Code de la route, R221-4 and following: these categories are only delivered to holders of B.
IMPLIES_B = ("BE", "C1", "C1E", "C", "CE", "D1", "D1E", "D", "DE")
SCHEDULE = ("night", "weekend", "early", "outdoor", "travel")
WORK_LIMITS = ("heavy_lifting", "heights", "standing", "driving", "noise", "outdoor", "screen")
STAGES = ("proposed", "shortlisted", "interviewed", "hired", "kept_3_months", "withdrawn")
DECP_SOCIAL = (
    "Clause sociale",
    "Critère social",
    "Marché réservé",
    "Concession réservée",
    "Pas de considération sociale",
)


_OTHER = re.compile(r"[^a-z0-9]")


def fold(text: str) -> str:
    """`text` without accents, case, spaces or punctuation: the form in which words and headers are compared."""
    plain = text.replace("+", "plus")
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.replace("œ", "oe").replace("Œ", "OE"))
    return _OTHER.sub("", plain.casefold())


def _words(codes: Iterable[str], **synonyms: str) -> Mapping[str, str]:
    table = {fold(code): code for code in codes}
    for code, words in synonyms.items():
        table.update({fold(word): code for word in words.split("|")})
    return table


YES_NO: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "oui", "o", "true", "vrai", "1"), True),
    **dict.fromkeys(("no", "non", "n", "false", "faux", "0"), False),
}

BENEFIT_WORDS = _words(
    BENEFITS,
    RSA="RSA socle|RSA majoré|RSA jeune actif|revenu de solidarité active|BRSA|bénéficiaire du RSA",
    ASS="allocation de solidarité spécifique|allocation spécifique de solidarité",
    AAH="allocation adulte handicapé|allocation aux adultes handicapés",
    ASI="allocation supplémentaire d'invalidité",
    ADA="allocation pour demandeur d'asile|allocation demandeur d'asile",
    ATA="allocation temporaire d'attente",
    AV="allocation veuvage|assurance veuvage",
    INVALIDITE="pension d'invalidité|pension invalidité|invalidité",
    ARE="allocation d'aide au retour à l'emploi|allocation de retour à l'emploi|chômage|allocation chômage",
)
PROGRAMME_WORDS = _words(
    PROGRAMMES,
    IAE="SIAE|insertion par l'activité économique",
    E2C="école de la deuxième chance|école de la 2e chance|école 2e chance",
    EA="entreprise adaptée",
    EATT="entreprise adaptée de travail temporaire",
    REGIE="régie de quartier|régie de territoire",
    CEJ="contrat d'engagement jeune",
    SMV="service militaire volontaire",
    SMA="service militaire adapté",
)
LICENCE_WORDS = {
    **_words(LICENCES, B="permis voiture|VL|permis VL", C="PL|permis PL|poids lourd", CE="SPL|EC|super lourd"),
    **{fold(f"permis {code}"): code for code in LICENCES},
}
SCHEDULE_WORDS = _words(
    SCHEDULE,
    night="nuit|nuits|travail de nuit|de nuit",
    weekend="week-end|week-ends|fin de semaine|samedi|dimanche",
    early="tôt|matin tôt|tôt le matin|horaires matinaux|matinal",
    outdoor="extérieur|en extérieur|plein air|dehors",
    travel="déplacement|déplacements|grands déplacements",
)
LIMIT_WORDS = _words(
    WORK_LIMITS,
    heavy_lifting="port de charges|port de charges lourdes|charges lourdes|manutention",
    heights="hauteur|hauteurs|travail en hauteur",
    standing="debout|station debout|station debout prolongée",
    driving="conduite",
    noise="bruit",
    outdoor="extérieur|intempéries|travail en extérieur",
    screen="écran|travail sur écran",
)
MODE_WORDS = _words(
    tuple(Mode),
    direct="embauche directe|embauche|recrutement direct|CDD|CDI",
    ETTI="entreprise de travail temporaire d'insertion|intérim d'insertion|interim insertion",
    EI="entreprise d'insertion",
    ACI="chantier d'insertion|atelier et chantier d'insertion",
    AI="association intermédiaire",
)
RESERVED_WORDS = _words(
    tuple(Reserved),
    insertion="SIAE|IAE",
    handicap="EA|ESAT|EA/ESAT",
    unspecified="non précisé|inconnu|à préciser",
)
SEX_WORDS = _words(("F", "M", "X"), F="femme|féminin|Mme|madame", M="homme|masculin|H|M.|monsieur", X="autre")
FRENCH_WORDS = _words(FRENCH_LEVELS, A0="infra A1|A1.1|débutant complet", C2="langue maternelle|natif")
SOCIAL_WORDS = _words(DECP_SOCIAL)

_NO_DIPLOMA = "aucun|none|sans|sans diplôme|non diplômé|infra 3 sans diplôme|VI"
_QUALIFICATIONS: Mapping[int, str] = {
    0: _NO_DIPLOMA,
    1: "savoirs de base|CFG",
    2: "CléA|cléa|brevet|brevet des collèges|DNB|Vbis|V bis|fin de 3e",
    3: "CAP|BEP|CAP/BEP|CAP BEP|BEPA|CAPA|BPA|titre professionnel niveau 3|V",
    4: "bac|bac+1|baccalauréat|bac pro|bac professionnel|bac général|bac techno|bac technologique|BP"
    "|brevet professionnel|DAEU|IV",
    5: "bac+2|BTS|DUT|DEUG|BTSA|III",
    6: "bac+3|bac+4|licence|licence pro|licence professionnelle|BUT|bachelor|maîtrise|II",
    7: "bac+5|master|master 2|DEA|DESS|ingénieur|diplôme d'ingénieur|I",
    8: "bac+8|doctorat|thèse",
}
# National framework of certifications, décret n° 2019-14 of 8 January 2019; roman numerals are the 1969 levels.
QUALIFICATION_WORDS: Mapping[str, int] = {
    **{fold(word): level for level, words in _QUALIFICATIONS.items() for word in words.split("|")},
    **{fold(form.format(level)): level for level in range(9) for form in ("{}", "niveau {}", "niv {}", "N{}")},
    **{fold(f"NV{old}"): level for old, level in ((5, 3), (4, 4), (3, 5), (2, 6), (1, 7))},
    **{
        fold(f"niveau {old}"): level
        for old, level in {"VI": 0, "V bis": 2, "V": 3, "IV": 4, "III": 5, "II": 6, "I": 7}.items()
    },
}

PLACE_KINDS = _words(
    ("commune", "postal", "departement", "region", "pays", "autre"),
    commune="code commune|INSEE|code INSEE|ville",
    postal="code postal|CP",
    departement="département|code département|dept",
    region="région|code région",
    pays="code pays",
    autre="code arrondissement|code canton|canton|arrondissement",
)
EVIDENCE = (
    "avis_situation_ft",
    "attestation_rsa",
    "attestation_ass",
    "attestation_aah",
    "attestation_allocation",
    "attestation_caf",
    "attestation_hebergement",
    "attestation_structure",
    "declaration_honneur",
    "justificatif_domicile",
    "justificatif_justice",
    "evaluation_linguistique",
    "diagnostic_mobilite",
    "avis_motive",
    "attestation_ase",
    "notification_rqth",
    "pass_iae",
    "piece_identite",
    "diplome",
    "sortie_scolaire",
    "titre_pension",
    "titre_sejour",
)
EVIDENCE_WORDS = _words(EVIDENCE)
